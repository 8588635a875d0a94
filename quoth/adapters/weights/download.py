"""One file over HTTP, going on where it was cut, and verified before it gets its name.

`huggingface_hub` itself keeps nothing of a download that was cut (2.4 fetches into a file of a
random name and removes it), so its files come this way, too.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from quoth.domain.model_errors import AnotherFile, CorruptDownload, ServerRefused, Unreachable

BLOCK_BYTES = 1 << 20
PARTIAL_CONTENT = 206
RANGE_NOT_SATISFIABLE = 416
BUSY = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses that may be another a little later."""
LONGEST_WAIT = 60.0
"""Seconds between two tries, whatever Retry-After says."""

Count = Callable[[int], None]
"""Called with the bytes of this file that are here or have been read."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file to fetch.

    Args:
        name: below the folder it goes to, with `/`.
        url: where it is.
        size_bytes: exact.
        sha256: its hash, or None where only the other is known.
        git_sha1: its hash as a git blob, for small files on the hub.
        headers: to send along, not to another host.
    """

    name: str
    url: str
    size_bytes: int
    sha256: str | None = None
    git_sha1: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def part(self, folder: Path) -> Path:
        """Return where its bytes gather: a name that says which bytes it is to become."""
        digest = self.sha256 or self.git_sha1 or "unknown"
        target = folder / self.name
        return target.with_name(f"{target.name}.{digest[:16]}.part")


class Refused(Exception):
    """Raised when a server answers that it does not give a file; `code` is the hub's own word."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status)
        self.status = status
        self.code = code
        self.message = message


class _Busy(Exception):
    """The server asks to come back, after some seconds if it says so."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        super().__init__(status)
        self.status = status
        self.retry_after = retry_after


class _CutShort(Exception):
    """The body ended before it was whole."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to try without a single new byte, and how long to wait in between, in seconds."""

    tries: int = 6
    first_wait: float = 1.0


class Downloader:
    """Fetches files.

    Args:
        client: follows redirects; takes proxies from the environment.
        patience: with servers that are busy or gone.
    """

    def __init__(self, client: httpx2.Client, patience: Patience | None = None) -> None:
        self._client = client
        self._patience = patience or Patience()

    def fetch(self, remote: RemoteFile, folder: Path, received: Count, checked: Count) -> str:
        """Bring a file into a folder, whole and verified, and return its sha256.

        Raises:
            Refused: if the server does not give it.
            ServerRefused: if it stays busy.
            Unreachable: if there is no way to it; what came is kept.
            AnotherFile: if the server offers something else; nothing of it is taken.
            CorruptDownload: if it is not what it should be; what came is thrown away.
            OSError: if it cannot be written.
        """
        target, part = folder / remote.name, remote.part(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_file():
            sha256, problem = verify(target, remote, checked)
            if not problem:
                received(remote.size_bytes)
                return sha256
            target.unlink()
        self._complete(remote, part, received)
        sha256, problem = verify(part, remote, checked)
        if problem:
            part.unlink()
            raise CorruptDownload(remote.name, problem)
        part.replace(target)
        return sha256

    def _complete(self, remote: RemoteFile, part: Path, received: Count) -> None:
        """Go on with the part until it is whole, as long as each few tries bring something."""
        fruitless = _Fruitless(part, self._patience.tries)
        transient = (httpx2.RequestError, _Busy, _CutShort)
        try:
            for attempt in Retrying(
                stop=fruitless,
                wait=self._wait,
                retry=retry_if_exception_type(transient),
                reraise=True,
            ):
                with attempt:
                    self._go_on(remote, part, received)
        except _Busy as error:
            raise ServerRefused(remote.url, error.status) from error
        except (httpx2.RequestError, _CutShort) as error:
            reason = str(error) or type(error).__name__
            raise Unreachable(httpx2.URL(remote.url).host, reason) from error

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, _Busy) and error.retry_after is not None:
            return min(error.retry_after, LONGEST_WAIT)
        return wait_exponential(multiplier=self._patience.first_wait, max=LONGEST_WAIT)(state)

    def _go_on(self, remote: RemoteFile, part: Path, received: Count) -> None:
        here = _size(part)
        if here > remote.size_bytes:
            part.unlink()
            here = 0
        received(here)
        if here == remote.size_bytes and part.exists():
            return
        headers = {"Accept-Encoding": "identity", **remote.headers}
        if here:
            headers["Range"] = f"bytes={here}-"
        with self._client.stream("GET", remote.url, headers=headers) as response:
            if response.status_code == RANGE_NOT_SATISFIABLE and here:
                part.unlink()
                raise _CutShort("the server has less than was here already")
            _check_status(response)
            if response.status_code != PARTIAL_CONTENT:
                here = 0
            _check_announced(remote, response, here)
            self._append(remote, part, here, response, received)

    def _append(
        self,
        remote: RemoteFile,
        part: Path,
        here: int,
        response: httpx2.Response,
        received: Count,
    ) -> None:
        with part.open("r+b" if here else "wb") as file:
            file.seek(here)
            for block in response.iter_bytes():  # as they come: a cut loses no block half full
                here += len(block)
                if here > remote.size_bytes:
                    file.close()
                    part.unlink()
                    raise CorruptDownload(remote.name, "it has more bytes than announced")
                file.write(block)
                received(here)
        if here < remote.size_bytes:
            raise _CutShort(f"it was cut after {here} of {remote.size_bytes} bytes")


class _Fruitless:
    """Counts tries after which nothing more was there than before."""

    def __init__(self, part: Path, most: int) -> None:
        self._part = part
        self._most = most
        self._size = _size(part)
        self._count = 0

    def __call__(self, _state: RetryCallState) -> bool:
        size = _size(self._part)
        self._count = 0 if size > self._size else self._count + 1
        self._size = size
        return self._count >= self._most


def verify(file: Path, remote: RemoteFile, checked: Count) -> tuple[str, str]:
    """Read a file; return its sha256 and what is wrong with it, nothing if it is as it should be.

    The bytes are read from the disk again, so that what was written is what is verified.
    """
    size = file.stat().st_size
    sha256 = hashlib.sha256()
    blob = hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    done = 0
    with file.open("rb") as content:
        while block := content.read(BLOCK_BYTES):
            sha256.update(block)
            blob.update(block)
            done += len(block)
            checked(done)
    found = sha256.hexdigest()
    if size != remote.size_bytes:
        return found, f"it has {size} bytes instead of {remote.size_bytes}"
    if remote.sha256 and found != remote.sha256:
        return found, f"its sha256 is {found} instead of {remote.sha256}"
    if remote.git_sha1 and not remote.sha256 and blob.hexdigest() != remote.git_sha1:
        return found, f"its git hash is {blob.hexdigest()} instead of {remote.git_sha1}"
    return found, ""


def _check_status(response: httpx2.Response) -> None:
    if response.status_code in BUSY:
        seconds = response.headers.get("Retry-After", "")
        raise _Busy(response.status_code, float(seconds) if seconds.isdigit() else None)
    if not response.is_success:
        code = response.headers.get("X-Error-Code", "")
        raise Refused(response.status_code, code, response.headers.get("X-Error-Message", ""))


def _check_announced(remote: RemoteFile, response: httpx2.Response, here: int) -> None:
    """Refuse another file before its bytes are fetched."""
    start, total = _announced(response)
    if start != here:
        raise AnotherFile(remote.name, f"the server goes on at {start} instead of {here}")
    if total is not None and total != remote.size_bytes:
        raise AnotherFile(
            remote.name, f"the server has {total} bytes instead of {remote.size_bytes}"
        )


def _announced(response: httpx2.Response) -> tuple[int, int | None]:
    """Return where the body starts in the file, and the file's size if that is said."""
    if response.status_code == PARTIAL_CONTENT:
        span, _, total = (
            response.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
        )
        start = span.partition("-")[0]
        return int(start) if start.isdigit() else -1, int(total) if total.isdigit() else None
    length = response.headers.get("Content-Length", "")
    is_plain = "Content-Encoding" not in response.headers
    return 0, int(length) if is_plain and length.isdigit() else None


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
