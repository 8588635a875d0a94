"""A certificate for the machine itself, signed by an authority of its own.

The authority is what people tell their devices to trust, once and for ten years; the certificate
below it follows the machine's addresses and is renewed without anybody noticing. Whoever gets hold
of the authority can vouch for this machine's names and for addresses of home networks, and for
nothing else: that is written into it (name constraints, RFC 5280, 4.2.1.10).
"""

import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from quoth.adapters.tls.openssl import CertificateFacts, facts, openssl
from quoth.domain.errors import UnusableCertificate, UnusableFolder

FOLDER = "tls"
DAY = 86_400.0
DAYS = 397
"""Browsers refuse certificates that are good for longer."""
AUTHORITY_DAYS = 3650
RENEWED_DAYS = 30
"""Days before its end when a certificate is made anew."""
NETWORKS = (
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
)
"""What the authority can vouch for: addresses of this machine, of home networks, of Tailscale."""
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-sha256")


@dataclass(frozen=True, slots=True)
class SelfMadeCertificate:
    """The files of a certificate in a folder.

    Args:
        folder: where they are kept.
        hosts: names of the machine; they go into configuration files of openssl, so the caller
            has made sure that they are names.
        addresses: its addresses, all of them in `NETWORKS`.
    """

    folder: Path
    hosts: tuple[str, ...]
    addresses: tuple[str, ...]

    @property
    def server(self) -> Path:
        """The certificate, that of its authority and its key."""
        return self.folder / "server.pem"

    @property
    def authority(self) -> Path:
        """The authority's certificate, for the devices that are to trust it."""
        return self.folder / "authority.crt"

    @property
    def _signer(self) -> Path:
        return self.folder / "authority.pem"

    def renew(self, now: float) -> bool:
        """Make what is missing, ends soon or has other names; say whether anything was made.

        Raises:
            MissingTool: if openssl is not installed.
            UnusableCertificate: if it fails.
            UnusableFolder: if the files cannot be kept.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            made_authority = not self._vouches(now)
            if made_authority:
                self._make_authority()
            if not made_authority and self._is_good(now):
                return False
            self._make_server()
        except OSError as error:
            raise UnusableFolder(str(self.folder), error.strerror or str(error)) from error
        return True

    def _vouches(self, now: float) -> bool:
        """Whether the authority will outlive the next certificate and covers all names."""
        known = _facts(self._signer)
        if known is None or not _ends_with(self._signer, self.authority):
            return False
        return known.end > now + (DAYS + RENEWED_DAYS) * DAY and set(self.hosts) <= known.names

    def _is_good(self, now: float) -> bool:
        known = _facts(self.server)
        if known is None or known.end < now + RENEWED_DAYS * DAY:
            return False
        if not _ends_with(self.server, self.authority):  # signed by the one before
            return False
        return known.names == {*self.hosts, *self.addresses}

    def _make_authority(self) -> None:
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            key, certificate, text = (Path(scratch) / each for each in ("key", "crt", "cnf"))
            text.write_text(_authority_text(self.hosts), encoding="ascii")
            openssl(
                *("req", "-x509", "-new", *_KEY, "-days", str(AUTHORITY_DAYS)),
                *("-set_serial", _serial(), "-config", text, "-keyout", key, "-out", certificate),
            )
            _keep(self._signer, key, certificate)
            _keep(self.authority, certificate)

    def _make_server(self) -> None:
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            key, asked, certificate, text = (
                Path(scratch) / each for each in ("key", "csr", "crt", "cnf")
            )
            text.write_text(_server_text(self.hosts, self.addresses), encoding="ascii")
            openssl("req", "-new", *_KEY, "-config", text, "-keyout", key, "-out", asked)
            openssl(
                *("x509", "-req", "-in", asked, "-CA", self._signer, "-CAkey", self._signer),
                *("-set_serial", _serial(), "-days", str(DAYS), "-sha256"),
                *("-extfile", text, "-extensions", "extensions", "-out", certificate),
            )
            _keep(self.server, key, certificate, self.authority)


def _facts(certificate: Path) -> CertificateFacts | None:
    """Return what a certificate says; None where there is none, or none that can be read."""
    try:
        return facts(certificate) if certificate.exists() else None
    except UnusableCertificate:
        return None


def _ends_with(path: Path, ending: Path) -> bool:
    """Whether a file ends with all of another, which is there and not empty."""
    wanted = ending.read_bytes() if ending.exists() else b""
    return bool(wanted) and path.read_bytes().endswith(wanted)


def _keep(path: Path, *parts: Path) -> None:
    """Put files together under one name: whole or not at all, and for nobody else to read."""
    whole = parts[0].with_name(f"{path.name}.part")
    whole.touch(mode=0o600)
    whole.write_bytes(b"".join(part.read_bytes() for part in parts))
    whole.replace(path)


def _serial() -> str:
    return f"0x{secrets.randbits(127) | 1 << 126:x}"


def _authority_text(hosts: Sequence[str]) -> str:
    networks = [ip_network(each) for each in NETWORKS]
    permitted = [f"permitted;DNS.{n} = {host}" for n, host in enumerate(hosts)] + [
        f"permitted;IP.{n} = {each.network_address.exploded}/{each.netmask.exploded}"
        for n, each in enumerate(networks)
    ]
    return "\n".join(
        (
            *_request(f"Quoth on {hosts[0]}", "x509_extensions = extensions"),
            "[extensions]",
            "basicConstraints = critical, CA:TRUE, pathlen:0",
            "keyUsage = critical, keyCertSign, cRLSign",
            "subjectKeyIdentifier = hash",
            "nameConstraints = critical, @permitted",
            "[permitted]",
            *permitted,
            "",
        )
    )


def _server_text(hosts: Sequence[str], addresses: Sequence[str]) -> str:
    names = [f"DNS.{n} = {host}" for n, host in enumerate(hosts)]
    names += [f"IP.{n} = {address}" for n, address in enumerate(addresses)]
    return "\n".join(
        (
            *_request(hosts[0]),
            "[extensions]",
            "basicConstraints = critical, CA:FALSE",
            "keyUsage = critical, digitalSignature",
            "extendedKeyUsage = serverAuth",
            "subjectKeyIdentifier = hash",
            "authorityKeyIdentifier = keyid",
            "subjectAltName = @names",
            "[names]",
            *names,
            "",
        )
    )


def _request(name: str, *further: str) -> tuple[str, ...]:
    """Return the part of a configuration that says whose certificate it is: 64 letters at most."""
    head = ("[req]", "prompt = no", "distinguished_name = whose", *further)
    return (*head, "[whose]", f"CN = {name[:64]}")
