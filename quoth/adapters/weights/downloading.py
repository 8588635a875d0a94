"""One file over HTTP that goes on where it stopped, in this run or the next."""

import os
from collections.abc import Callable
from pathlib import Path

import httpx2
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from quoth.domain.errors import SourceRefused, SourceUnreachable
from quoth.ports.progress import Progress

TRIES_WITHOUT_A_BYTE = 5
TIMEOUT = httpx2.Timeout(30.0, connect=15.0)
_TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504})
_PARTIAL, _DONE_ALREADY = 206, 416


class _Interrupted(Exception):
    """Raised when a transfer stopped before its end."""


def download(
    url: str, target: Path, size_bytes: int, progress: Progress, wait: float = 1.0
) -> None:
    """Fetch a file, or what is missing of it, into `target`.

    A server that says that the file has changed since, or that knows no ranges, sends it whole.
    Proxies are taken from the environment. A transfer that stops is tried again, and again as
    long as each try brings something.

    Args:
        url: where it is.
        target: grows as bytes come; `target` with `.etag` keeps which version they are of.
        size_bytes: how many there should be.
        progress: told the fraction of bytes that are there.
        wait: seconds before the second try; later waits are longer.

    Raises:
        SourceUnreachable: if several tries in a row brought nothing.
        SourceRefused: if the server says no.
        Cancelled: if `progress` raised it.
    """
    with httpx2.Client(follow_redirects=True, timeout=TIMEOUT) as client:
        tries = Retrying(
            retry=retry_if_exception_type((_Interrupted, httpx2.TransportError)),
            wait=wait_exponential(multiplier=wait, max=30),
            stop=_Fruitless(target),
            retry_error_callback=_give_up(url),
        )
        tries(_transfer, client, url, target, size_bytes, progress)


class _Fruitless:
    """Ends the tries when several in a row have brought nothing."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._size = _size(target)
        self._tries = 0

    def __call__(self, _state: RetryCallState) -> bool:
        size = _size(self._target)
        self._tries = 1 if size > self._size else self._tries + 1
        self._size = size
        return self._tries >= TRIES_WITHOUT_A_BYTE


def _give_up(url: str) -> Callable[[RetryCallState], None]:
    def give_up(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        detail = str(error) or type(error).__name__
        raise SourceUnreachable(httpx2.URL(url).host, detail) from error

    return give_up


def _transfer(
    client: httpx2.Client, url: str, target: Path, size_bytes: int, progress: Progress
) -> None:
    """Fetch what is missing in one go."""
    etag_file = target.with_suffix(f"{target.suffix}.etag")
    have = _size(target)
    if have >= size_bytes:
        return
    headers = {"accept-encoding": "identity"}
    if have and etag_file.exists():
        headers |= {"range": f"bytes={have}-", "if-range": etag_file.read_text()}
    with client.stream("GET", url, headers=headers) as response:
        _check(response, url)
        is_rest = response.status_code == _PARTIAL
        if etag := response.headers.get("etag"):
            etag_file.write_text(etag)
        with target.open("ab" if is_rest else "wb") as file:
            for piece in response.iter_bytes():
                file.write(piece)
                progress(min(1.0, file.tell() / size_bytes))
            file.flush()
            os.fsync(file.fileno())
    if _size(target) < size_bytes:
        raise _Interrupted(f"the transfer stopped after {_size(target)} of {size_bytes} bytes")


def _check(response: httpx2.Response, url: str) -> None:
    if response.is_success:
        return
    told = f"status {response.status_code}"
    if response.status_code in _TEMPORARY:
        raise _Interrupted(told)
    raise SourceRefused(url, told)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
