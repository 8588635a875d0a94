"""The certificate that is made here: whom it speaks for, when it is made anew, who may read it."""

import shutil
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from quoth.adapters.tls import self_made
from quoth.adapters.tls.openssl import facts, openssl
from quoth.adapters.tls.self_made import DAY, DAYS, RENEWED_DAYS, SelfMadeCertificate
from quoth.adapters.tls.serving import ServedCertificate
from quoth.domain.errors import MissingTool, UnusableCertificate, UnusableFolder
from tests.conftest import missing

ADDRESSES = ("127.0.0.1", "192.168.1.20", "::1", "fd00::5", "fe80::1")


@pytest.fixture(autouse=True)
def _openssl() -> None:
    if shutil.which("openssl") is None:
        missing("openssl", "sudo apt install openssl")


@pytest.fixture
def certificate(tmp_path: Path) -> SelfMadeCertificate:
    made = SelfMadeCertificate(tmp_path / "data" / "tls", ("attic", "localhost"), ADDRESSES)
    assert made.renew(time.time())
    return made


def believes(authority: Path, served: ServedCertificate, name: str) -> dict[str, object]:
    """Shake hands as a strict client that trusts the authority and asks for a name."""
    client = ssl.create_default_context(cafile=authority)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        accepting(listening, served.context),
        socket.create_connection(listening.getsockname(), timeout=10) as plain,
        client.wrap_socket(plain, server_hostname=name) as secure,
    ):
        return dict(secure.getpeercert() or {})


@contextmanager
def accepting(listening: socket.socket, context: ssl.SSLContext) -> Iterator[None]:
    def accept() -> None:
        plain, _ = listening.accept()
        with plain:
            try:
                with context.wrap_socket(plain, server_side=True) as secure:
                    secure.recv(1)
            except OSError:
                return  # the client hung up, which is what some of these tests are about

    thread = threading.Thread(target=accept)
    thread.start()
    yield
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize("name", ["attic", "localhost", *ADDRESSES])
def test_strict_client_believes_every_name_and_address(
    certificate: SelfMadeCertificate, name: str
) -> None:
    assert believes(certificate.authority, ServedCertificate(certificate.server, None), name)


@pytest.mark.parametrize("name", ["example.org", "192.168.1.21"])
def test_no_client_believes_another_name(certificate: SelfMadeCertificate, name: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=r"mismatch|not valid for"):
        believes(certificate.authority, ServedCertificate(certificate.server, None), name)


@pytest.mark.parametrize(("host", "address"), [("example.org", "127.0.0.1"), ("attic", "8.8.8.8")])
def test_stolen_authority_vouches_for_nothing_outside_the_home(
    certificate: SelfMadeCertificate, tmp_path: Path, host: str, address: str
) -> None:
    shutil.copytree(certificate.folder, tmp_path / "stolen")
    thief = SelfMadeCertificate(tmp_path / "stolen", (host,), (address,))
    thief._make_server()
    asked = host if host == "example.org" else address
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        believes(certificate.authority, ServedCertificate(thief.server, None), asked)


def test_nobody_else_may_read_any_file(certificate: SelfMadeCertificate) -> None:
    assert certificate.folder.stat().st_mode & 0o777 == 0o700
    modes = {path.name: path.stat().st_mode & 0o777 for path in certificate.folder.iterdir()}
    assert modes == {"authority.pem": 0o600, "authority.crt": 0o600, "server.pem": 0o600}


def test_what_devices_are_given_has_no_key(certificate: SelfMadeCertificate) -> None:
    assert "PRIVATE" not in certificate.authority.read_text()


def test_good_certificate_is_left_alone(certificate: SelfMadeCertificate) -> None:
    before = certificate.server.read_bytes()
    assert not certificate.renew(time.time())
    assert certificate.server.read_bytes() == before


def test_certificate_is_renewed_before_it_ends_and_the_trusted_authority_stays(
    certificate: SelfMadeCertificate,
) -> None:
    authority, server = certificate.authority.read_bytes(), certificate.server.read_bytes()
    assert not certificate.renew(time.time() + (DAYS - RENEWED_DAYS - 1) * DAY)
    assert certificate.renew(time.time() + (DAYS - RENEWED_DAYS + 1) * DAY)
    assert certificate.server.read_bytes() != server
    assert certificate.authority.read_bytes() == authority


def test_authority_is_renewed_before_a_certificate_would_outlive_it(
    certificate: SelfMadeCertificate,
) -> None:
    before = certificate.authority.read_bytes()
    certificate.renew(time.time() + (self_made.AUTHORITY_DAYS - DAYS) * DAY)
    assert certificate.authority.read_bytes() != before


def test_new_address_gets_a_new_certificate_under_the_same_authority(
    certificate: SelfMadeCertificate,
) -> None:
    moved = SelfMadeCertificate(certificate.folder, certificate.hosts, ("10.0.0.7",))
    authority = certificate.authority.read_bytes()
    assert moved.renew(time.time())
    assert facts(moved.server).names == {"attic", "localhost", "10.0.0.7"}
    assert moved.authority.read_bytes() == authority


def test_new_name_gets_an_authority_that_covers_it(certificate: SelfMadeCertificate) -> None:
    renamed = SelfMadeCertificate(certificate.folder, ("cellar", "localhost"), ADDRESSES)
    assert renamed.renew(time.time())
    assert believes(renamed.authority, ServedCertificate(renamed.server, None), "cellar")


@pytest.mark.parametrize("name", ["server.pem", "authority.pem", "authority.crt"])
@pytest.mark.parametrize("damage", [None, b"", b"no certificate"])
def test_file_that_is_lost_or_damaged_is_made_anew(
    certificate: SelfMadeCertificate, name: str, damage: bytes | None
) -> None:
    path = certificate.folder / name
    path.unlink() if damage is None else path.write_bytes(damage)
    assert certificate.renew(time.time())
    assert believes(certificate.authority, ServedCertificate(certificate.server, None), "attic")


def test_certificate_of_an_authority_that_was_replaced_is_made_anew(
    certificate: SelfMadeCertificate,
) -> None:
    certificate._make_authority()  # and then the power went
    assert certificate.renew(time.time())
    assert believes(certificate.authority, ServedCertificate(certificate.server, None), "attic")


def test_connection_after_a_renewal_sees_the_new_certificate(
    certificate: SelfMadeCertificate,
) -> None:
    served = ServedCertificate(certificate.server, None)
    before = believes(certificate.authority, served, "attic")
    assert certificate.renew(time.time() + DAYS * DAY)
    after = believes(certificate.authority, served, "attic")
    assert before["serialNumber"] != after["serialNumber"]


def test_certificate_that_is_broken_while_serving_leaves_the_old_one(
    certificate: SelfMadeCertificate,
) -> None:
    served = ServedCertificate(certificate.server, None)
    before = believes(certificate.authority, served, "attic")
    certificate.server.write_bytes(b"half a fi")
    assert believes(certificate.authority, served, "attic") == before
    certificate.server.unlink()
    assert believes(certificate.authority, served, "attic") == before


def test_own_files_are_told_apart_from_none(certificate: SelfMadeCertificate) -> None:
    with pytest.raises(UnusableCertificate, match="gone"):
        ServedCertificate(certificate.folder / "gone.pem", None)
    with pytest.raises(UnusableCertificate, match=r"authority\.crt"):
        ServedCertificate(certificate.authority, None)


def test_locked_key_is_refused_and_nobody_is_asked(certificate: SelfMadeCertificate) -> None:
    locked = certificate.folder / "locked.pem"
    openssl("ec", "-in", certificate.server, "-aes128", "-passout", "pass:secret", "-out", locked)
    with pytest.raises(UnusableCertificate, match="password"):
        ServedCertificate(certificate.server, locked)


def test_machine_without_openssl_is_told_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingTool, match="--tls-cert"):
        SelfMadeCertificate(tmp_path, ("attic",), ()).renew(time.time())


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "tls").touch()
    with pytest.raises(UnusableFolder, match="tls"):
        SelfMadeCertificate(tmp_path / "tls", ("attic",), ()).renew(time.time())
