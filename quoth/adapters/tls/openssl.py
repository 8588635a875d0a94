"""The program `openssl`, as far as certificates take it: the one of any OpenSSL or LibreSSL."""

import re
import ssl
import subprocess
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from quoth.domain.errors import MissingTool, UnusableCertificate

PATIENCE_SECONDS = 30
CURE = (
    "It makes the certificate for --tls. Install it (on Debian: sudo apt install openssl), or give "
    "a certificate of your own with --tls-cert and --tls-key."
)
_NAME = re.compile(r"(?:DNS|IP Address):([^,\s]+)")
_END = re.compile(r"^notAfter=(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a certificate says: the names and addresses in it, and its end in seconds since 1970."""

    names: frozenset[str]
    end: float


def openssl(*arguments: str | Path) -> str:
    """Run openssl and return what it prints.

    Raises:
        MissingTool: if it is not installed.
        UnusableCertificate: if it fails.
    """
    try:
        done = subprocess.run(
            ["openssl", *map(str, arguments)],  # noqa: S607 - the one on the PATH, as with ffmpeg
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise MissingTool("openssl", CURE) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnusableCertificate("a self-made certificate", str(error)) from error
    if done.returncode:
        told = done.stderr.strip().splitlines() or [f"openssl ended with {done.returncode}"]
        raise UnusableCertificate("a self-made certificate", told[-1])
    return done.stdout


def facts(certificate: Path) -> CertificateFacts:
    """Read the first certificate of a PEM file.

    Raises:
        MissingTool, UnusableCertificate: if that cannot be done.
    """
    text = openssl("x509", "-in", certificate, "-noout", "-text", "-enddate")
    if (end := _END.search(text)) is None:
        raise UnusableCertificate(str(certificate), "it does not say when it ends")
    names = frozenset(_plain(found) for found in _NAME.findall(text))
    return CertificateFacts(names, ssl.cert_time_to_seconds(end[1].strip()))


def _plain(name: str) -> str:
    """Return a name as Python writes it: OpenSSL has IPv6 addresses in capitals and in full."""
    try:
        return str(ip_address(name))
    except ValueError:
        return name
