"""From where a request comes: the cases that have fooled others, one by one."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.auth.networks import LAN, parse_networks, peer_address
from quoth.auth.origins import Asked, Policy, Verdict, judge
from quoth.auth.pages import Names
from quoth.domain.errors import InvalidParameter

HOST = (b"host", b"localhost:8000")
POLICY = Policy(proxies=(ip_network("10.9.0.0/16"),), names=Names(allowed=frozenset()))


def verdict(peer: str | None, *headers: tuple[bytes, bytes], policy: Policy = POLICY) -> Verdict:
    return judge(Asked(peer, (HOST, *headers)), policy).verdict


def client(peer: str, *headers: tuple[bytes, bytes]) -> str:
    return str(judge(Asked(peer, (HOST, *headers)), POLICY).client)


@pytest.mark.parametrize(
    "peer",
    [
        "240.0.0.1",
        "203.0.113.5",
        "0.0.0.0",  # noqa: S104 - an address that somebody could seem to have
        "169.254.169.254",
        "172.32.0.1",
        "192.169.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "2002:c0a8:101::1",  # 6to4 around 192.168.1.1: elsewhere
        "64:ff9b::c0a8:101",
        "::ffff:203.0.113.5",
        "::c0a8:101",
        "fec0::1",
        "",
        "localhost",
        "/run/quoth.sock",
        "192.168.1.2, 127.0.0.1",
        "0x7f.1",
        "192.168.001.002",
        None,
    ],
)
def test_strangers_and_what_is_no_address_need_a_key(peer: str | None) -> None:
    assert verdict(peer) is Verdict.KEY_REQUIRED


def test_every_unique_local_address_is_at_home() -> None:
    assert verdict("fd7a:115c:a1e1::1") is Verdict.BYPASS


@given(st.sampled_from(LAN), st.data())
def test_every_address_of_a_listed_network_is_at_home(network: object, data: st.DataObject) -> None:
    listed = ip_network(str(network))
    number = data.draw(st.integers(int(listed.network_address), int(listed.broadcast_address)))
    kind = type(listed.network_address)
    assert verdict(str(kind(number))) is Verdict.BYPASS


@given(st.ip_addresses(v=4))
def test_an_address_is_itself_inside_an_ipv6_one(address: object) -> None:
    assert peer_address(f"::ffff:{address}") == ip_address(str(address))
    assert verdict(f"::ffff:{address}") is verdict(str(address))


@pytest.mark.parametrize(
    "name",
    [
        *(b"CF-Connecting-IP", b"cf-ray", b"X-Forwarded-For", b"x-forwarded-host", b"Forwarded"),
        *(b"X-Real-IP", b"True-Client-IP", b"Via", b"CDN-Loop", b"Tailscale-User-Login"),
        *(b"x_forwarded_for", b"X-Forwarded", b"cf-"),
    ],
)
@pytest.mark.parametrize("value", [b"", b"127.0.0.1", b"\xff\x00", b"unknown"])
def test_a_forwarding_header_takes_trust_away_whatever_it_says(name: bytes, value: bytes) -> None:
    assert verdict("127.0.0.1", (name, value)) is Verdict.KEY_REQUIRED


def test_a_trusted_proxy_that_names_nobody_needs_a_key_all_the_same() -> None:
    assert verdict("10.9.0.1") is Verdict.KEY_REQUIRED


def test_a_client_known_from_a_header_never_goes_without_a_key() -> None:
    assert verdict("10.9.0.1", (b"cf-connecting-ip", b"127.0.0.1")) is Verdict.KEY_REQUIRED
    assert client("10.9.0.1", (b"cf-connecting-ip", b"127.0.0.1")) == "127.0.0.1"


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ([(b"cf-connecting-ip", b"203.0.113.9"), (b"x-forwarded-for", b"1.1.1.1")], "203.0.113.9"),
        ([(b"x-forwarded-for", b"6.6.6.6, 203.0.113.9")], "203.0.113.9"),
        ([(b"x-forwarded-for", b"6.6.6.6, 203.0.113.9, 10.9.3.3")], "203.0.113.9"),
        (
            [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"[2001:db8::7]:443")],
            "2001:db8::7",
        ),
        ([(b"x-forwarded-for", b"203.0.113.9:5123")], "203.0.113.9"),
        ([(b"x-forwarded-for", b"6.6.6.6, nonsense")], "10.9.0.1"),
        ([(b"cf-connecting-ip", b"6.6.6.6"), (b"cf-connecting-ip", b"7.7.7.7")], "10.9.0.1"),
        ([(b"cf-connecting-ip", b"6.6.6.6, 7.7.7.7")], "10.9.0.1"),
        ([], "10.9.0.1"),
    ],
)
def test_the_client_is_who_a_trusted_proxy_saw(
    headers: list[tuple[bytes, bytes]], wanted: str
) -> None:
    assert client("10.9.0.1", *headers) == wanted


def test_nobody_else_can_say_who_the_client_is() -> None:
    assert client("203.0.113.5", (b"cf-connecting-ip", b"1.1.1.1")) == "203.0.113.5"


@pytest.mark.parametrize("host", [b"evil.example", b"localhost.evil.example", b"", b"a@localhost"])
def test_a_name_that_a_stranger_points_here_is_refused(host: bytes) -> None:
    asked = Asked("192.168.1.2", ((b"host", host),))
    assert judge(asked, POLICY).verdict is Verdict.FORBIDDEN


@pytest.mark.parametrize(
    "host", [b"192.168.1.5:8000", b"[fd00::1]", b"LOCALHOST.", b"127.0.0.1", b"[::1]:8000"]
)
def test_addresses_and_own_names_are_answered(host: bytes) -> None:
    asked = Asked("192.168.1.2", ((b"host", host),))
    assert judge(asked, POLICY).verdict is Verdict.BYPASS


def test_two_hosts_are_none() -> None:
    assert verdict("127.0.0.1", HOST) is Verdict.FORBIDDEN


def test_with_names_allowed_strangers_have_to_use_them() -> None:
    policy = Policy(names=Names(allowed=frozenset({"quoth.example"})))
    asked = Asked("203.0.113.5", ((b"host", b"other.example"),))
    assert judge(asked, policy).verdict is Verdict.FORBIDDEN
    asked = Asked("203.0.113.5", ((b"host", b"Quoth.example:443"),))
    assert judge(asked, policy).verdict is Verdict.KEY_REQUIRED


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ([(b"sec-fetch-site", b"same-origin")], Verdict.BYPASS),
        ([(b"sec-fetch-site", b"none")], Verdict.BYPASS),
        ([(b"sec-fetch-site", b"same-site")], Verdict.FORBIDDEN),
        ([(b"sec-fetch-site", b"cross-site")], Verdict.FORBIDDEN),
        (
            [(b"sec-fetch-site", b"same-origin"), (b"sec-fetch-site", b"cross-site")],
            Verdict.FORBIDDEN,
        ),
        ([(b"origin", b"http://localhost:8000")], Verdict.BYPASS),
        ([(b"origin", b"http://localhost:3000")], Verdict.FORBIDDEN),
        ([(b"origin", b"null")], Verdict.FORBIDDEN),
        ([(b"origin", b"file://")], Verdict.FORBIDDEN),
        ([(b"origin", b"http://[")], Verdict.FORBIDDEN),
        ([(b"origin", b"http://localhost:8000"), (b"origin", b"http://evil")], Verdict.FORBIDDEN),
    ],
)
def test_only_own_pages_may_ask(headers: list[tuple[bytes, bytes]], wanted: Verdict) -> None:
    assert verdict("127.0.0.1", *headers) is wanted


def test_a_link_on_another_site_may_be_followed_and_not_embedded() -> None:
    visit = [(b"sec-fetch-site", b"cross-site"), (b"sec-fetch-mode", b"navigate")]
    assert verdict("127.0.0.1", *visit, (b"sec-fetch-dest", b"document")) is Verdict.BYPASS
    assert verdict("127.0.0.1", *visit, (b"sec-fetch-dest", b"iframe")) is Verdict.FORBIDDEN
    asked = Asked("127.0.0.1", (HOST, *visit, (b"sec-fetch-dest", b"document")), "POST")
    assert judge(asked, POLICY).verdict is Verdict.FORBIDDEN


def test_networks_can_be_changed_or_emptied() -> None:
    nobody = Policy(bypass=parse_networks("none", "BYPASS_NETWORKS"))
    assert verdict("127.0.0.1", policy=nobody) is Verdict.KEY_REQUIRED
    some = Policy(bypass=parse_networks("loopback, 203.0.113.0/24", "BYPASS_NETWORKS"))
    assert verdict("203.0.113.5", policy=some) is Verdict.BYPASS
    assert verdict("192.168.1.2", policy=some) is Verdict.KEY_REQUIRED
    with pytest.raises(InvalidParameter, match="BYPASS_NETWORKS has 'the-lan'"):
        parse_networks("lan, the-lan", "BYPASS_NETWORKS")
