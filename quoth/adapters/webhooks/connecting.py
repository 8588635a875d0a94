"""Connections to the very addresses that were checked, for a time that is up when it is up.

A name is resolved once, every address it has is checked, and one of those is connected to: between
the check and the connection nobody can point the name elsewhere (DNS rebinding). The name still
goes into Host and into TLS, whose certificate must be the name's.
"""

import socket
from collections.abc import Callable, Iterable, Sequence
from threading import Event, Lock
from typing import Any, TypeAlias

from httpcore2 import ConnectError, ConnectTimeout, NetworkBackend, NetworkStream, SyncBackend

from quoth.domain.addresses import address_of, is_public

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host, in the order to try them; raises OSError if it has none."""


class ForbiddenAddress(Exception):
    """Raised for a host with an address that is not on the public Internet."""


def system_addresses(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def checked_addresses(
    resolve: Resolve, host: str, port: int, *, allow_private: bool
) -> Sequence[str]:
    """Return the addresses of a host if all of them may be sent to.

    Raises:
        ForbiddenAddress: if one may not.
        OSError: if it has none.
    """
    try:
        found = resolve(host, port)
    except UnicodeError as error:  # what the codec for host names says of impossible ones
        raise OSError(str(error)) from error
    if not found:
        raise OSError("it has no address")
    if not allow_private and not all(is_public(address_of(each)) for each in found):
        raise ForbiddenAddress
    return found


class CheckedConnections(NetworkBackend):
    """Connects to addresses that were checked, until it is cut.

    Args:
        resolve: gives the addresses of a host.
        allow_private: whether addresses that are not public will do.
    """

    def __init__(self, resolve: Resolve, *, allow_private: bool) -> None:
        self._resolve = resolve
        self._allow_private = allow_private
        self._system = SyncBackend()
        self._lock = Lock()
        self._handles: list[socket.socket] = []
        self._over = Event()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        """Connect to the first address that answers.

        Raises:
            ForbiddenAddress: if the host has one that may not be sent to.
            ConnectError, ConnectTimeout: if none answers.
        """
        try:
            addresses = checked_addresses(
                self._resolve, host, port, allow_private=self._allow_private
            )
        except OSError as error:
            raise ConnectError(f"{host} cannot be resolved: {error}") from error
        *others, last = addresses
        for address in others:
            try:
                return self._connect(address, port, timeout, local_address, socket_options)
            except (ConnectError, ConnectTimeout):
                continue
        return self._connect(last, port, timeout, local_address, socket_options)

    def _connect(self, address: str, *arguments: Any) -> NetworkStream:
        if self.is_cut:
            raise ConnectError("the time is up")
        stream = self._system.connect_tcp(address, *arguments)
        with self._lock:
            # A handle of its own: TLS takes the socket away from the object it was.
            self._handles.append(stream.get_extra_info("socket").dup())
            if self._over.is_set():
                self._shut()
        return stream

    def cut(self) -> None:
        """End all connections, whatever is waited for on them, and make no more."""
        with self._lock:
            self._over.set()
            self._shut()

    @property
    def is_cut(self) -> bool:
        """Whether the time was up."""
        return self._over.is_set()

    def _shut(self) -> None:
        for handle in self._handles:
            try:
                handle.shutdown(socket.SHUT_RDWR)
            except OSError:  # it is closed already
                continue

    def close(self) -> None:
        """Give the handles back."""
        with self._lock:
            for handle in self._handles:
                handle.close()
            self._handles.clear()
