"""Whether https is spoken, and for which names."""

import pytest

from quoth.bootstrap.tls import home_addresses, host_names, tls_options
from quoth.config import Settings
from quoth.domain.errors import InvalidParameter


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [({"tls_key": "key.pem"}, "TLS_KEY"), ({"tls": True, "tls_cert": "crt.pem"}, "TLS_CERT")],
)
def test_settings_that_contradict_one_another_are_refused(
    settings: dict[str, object], complaint: str
) -> None:
    with pytest.raises(InvalidParameter, match=complaint):
        tls_options(Settings.model_validate(settings))


def test_names_that_are_asked_for_are_in_and_others_refused() -> None:
    assert "nas.fritz.box" in host_names(" NAS.fritz.box,")
    assert host_names("")[-1] == "localhost"
    for bad in ("two words", "a=b", "line\nDNS.9 = evil", "*.org", "ä"):
        with pytest.raises(InvalidParameter, match="TLS_NAMES"):
            host_names(bad)


def test_plain_http_is_what_is_spoken_unless_asked() -> None:
    assert tls_options(Settings()) == {}


def test_addresses_of_this_machine_are_in_and_have_no_scope() -> None:
    addresses = home_addresses()
    assert {"127.0.0.1", "::1"} <= set(addresses)
    assert not any("%" in each for each in addresses)
