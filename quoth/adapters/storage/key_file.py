"""`api-keys.json`: the keys of everybody who has one.

It is read again when it changes, within a fraction of a second, so that a key that was revoked by
any means opens nothing from then on. Where its folder can only be read, so can it.
"""

import fcntl
import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TypeAlias

from quoth.adapters.storage.key_records import keys_of, record_of
from quoth.adapters.storage.whole_files import part_of
from quoth.domain.access_errors import UnusableKeys
from quoth.domain.keys import ApiKey
from quoth.ports.keys import Change

CHECK_SECONDS = 0.25
OWNER_ONLY = 0o600

Stamp: TypeAlias = tuple[int, int, int] | None
"""What tells a file from what it was: time, size, number; None where there is none."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class FileKeyRing:
    """A `KeyRing` on a file.

    Args:
        path: of the file; where there is none, there are no keys.
        clock: seconds, for how often to look.
    """

    path: Path
    clock: Callable[[], float] = time.monotonic
    problem: str | None = None
    _keys: tuple[ApiKey, ...] = ()
    _stamp: Stamp = None
    _looked: float | None = None
    _alone: Lock = field(default_factory=Lock)

    def keys(self) -> Sequence[ApiKey]:
        """Return the keys.

        Where the file has become unusable they are those of before: whoever mends it by hand locks
        nobody out meanwhile, and `problem` and the log say so.
        """
        with self._alone:
            now = self.clock()
            if self._looked is None or now - self._looked >= CHECK_SECONDS:
                self._looked = now
                self._look()
            return self._keys

    def load(self) -> None:
        """Read the file now.

        Raises:
            UnusableKeys: if it is not what it should be.
        """
        with self._alone:
            self._stamp = _stamp(self.path)
            self._keys = _read(self.path)
            self._looked = self.clock()
            self._tell()

    def change(self, act: Change) -> None:
        """Change the keys; see the port."""
        try:
            with self._locked():
                content = {"version": 1, "keys": [record_of(key) for key in act(_read(self.path))]}
                with part_of(self.path) as part:
                    part.touch(OWNER_ONLY)
                    part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise UnusableKeys(str(self.path), error.strerror or str(error)) from error
        self.load()

    def _look(self) -> None:
        stamp = _stamp(self.path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._keys = _read(self.path)
        except UnusableKeys as error:
            self.problem = str(error)
            log.error("%s Until then the keys of before are good.", error)  # noqa: TRY400
        else:
            self._tell()

    def _tell(self) -> None:
        self.problem = None
        if plain := [key.name for key in self._keys if key.is_plain]:
            log.warning(
                "%s has keys in plain text (%s). They work; `quoth keys convert` keeps only their "
                "hashes.",
                self.path,
                ", ".join(plain),
            )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = self.path.with_name(f"{self.path.name}.lock")
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path) -> tuple[ApiKey, ...]:
    try:
        return keys_of(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise UnusableKeys(str(path), error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:
        raise UnusableKeys(str(path), str(error)) from None
