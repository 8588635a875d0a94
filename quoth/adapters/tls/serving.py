"""The TLS side of a server: a certificate that is read anew when its files change."""

import logging
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from quoth.domain.errors import UnusableCertificate

log = logging.getLogger(__name__)

Stamp = tuple[tuple[int, int], ...]
"""Time of change (ns) and size of each file."""


@dataclass(slots=True)
class ServedCertificate:
    """A certificate and its key, as connections get them.

    Args:
        certificate: a PEM file with the certificate and those it was signed by.
        key: a PEM file with its key; None if that is in the same file.
    """

    certificate: Path
    key: Path | None
    context: ssl.SSLContext = field(init=False)
    """What a server listens with; each handshake gets the certificate of its time."""
    _current: ssl.SSLContext = field(init=False)
    _stamp: Stamp = field(init=False)

    def __post_init__(self) -> None:
        """Read the files.

        Raises:
            UnusableCertificate: if they are no certificate and its key.
        """
        self._stamp = self._look()
        self.context = self._current = self._read()
        self.context.sni_callback = self._choose

    def _choose(
        self, connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _: ssl.SSLContext
    ) -> None:
        """Give a connection the certificate as it is now, or the last one that could be read."""
        try:
            stamp = self._look()
            if stamp != self._stamp:
                self._stamp = stamp
                self._current = self._read()
                log.info("The certificate %s has changed and was read anew", self.certificate)
        except UnusableCertificate as error:
            log.warning("%s The one from before is shown on.", error)
        connection.context = self._current

    def _files(self) -> list[Path]:
        return [self.certificate] if self.key is None else [self.certificate, self.key]

    def _look(self) -> Stamp:
        try:
            states = [path.stat() for path in self._files()]
        except OSError as error:
            raise UnusableCertificate(str(error.filename), error.strerror or str(error)) from error
        return tuple((state.st_mtime_ns, state.st_size) for state in states)

    def _read(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            context.load_cert_chain(self.certificate, self.key, _no_password)
        except OSError as error:  # ssl.SSLError is one
            problem = error.strerror or str(error)
            raise UnusableCertificate(str(self.certificate), problem) from error
        except ValueError as error:
            raise UnusableCertificate(str(self.certificate), str(error)) from error
        return context


def _no_password() -> str:
    """Answer for keys that are locked: asking on a terminal would hold the server up."""
    raise ValueError("its key is locked with a password, and a server has nobody to ask")
