"""Models on the Hugging Face hub, or on a server that speaks like it (`HF_ENDPOINT`)."""

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from quoth.adapters.weights.hashing import git_blob_of, record_of, sha256_of
from quoth.adapters.weights.store import FILES
from quoth.domain.catalogue import CatalogueModel, HubRepository, HubSource
from quoth.domain.errors import (
    ConditionsNotAccepted,
    CorruptDownload,
    SourceRefused,
    SourceUnreachable,
)
from quoth.ports.model_store import FileRecord, ModelLock
from quoth.ports.progress import Progress

_TRIES = 5


@dataclass(frozen=True, slots=True)
class _RemoteFile:
    """A file at a revision, and what it must be: a SHA-256 where it is large, else a git blob."""

    repository: HubRepository
    revision: str
    path: str
    size_bytes: int
    sha256: str | None
    blob: str | None

    @property
    def local(self) -> str:
        return f"{self.repository.into}/{self.path}" if self.repository.into else self.path


@dataclass(frozen=True, slots=True)
class HubFetcher:
    """The `ModelSource` port for the hub.

    Args:
        endpoint: another server than the hub's own; None for what `HF_ENDPOINT` says.
    """

    endpoint: str | None = None

    def space_needed(self, model: CatalogueModel, partial: Path) -> int:
        """Return the bytes that are missing of the files that are needed."""
        files = self._files(model)
        have = sum(file.size_bytes for file in files if (partial / FILES / file.local).is_file())
        return sum(file.size_bytes for file in files) - have

    def fetch(self, model: CatalogueModel, partial: Path, progress: Progress) -> ModelLock:
        """Fetch the files at the newest revision, each checked as the hub describes it."""
        files = self._files(model)
        total, done = max(1, sum(file.size_bytes for file in files)), 0
        records: dict[str, FileRecord] = {}
        for file in files:
            part = _part(progress, done / total, file.size_bytes / total)
            records[file.local] = self._fetch(file, partial / FILES, part)
            done += file.size_bytes
            progress(min(1.0, done / total))
        revisions = dict.fromkeys(file.revision for file in files)
        _forget_downloads(partial / FILES)
        return ModelLock(model.name, str(model.source), ", ".join(revisions), records)

    def _files(self, model: CatalogueModel) -> list[_RemoteFile]:
        assert isinstance(model.source, HubSource)  # noqa: S101 - chosen by source
        return [file for each in model.source.repositories for file in self._listed(each)]

    def _listed(self, repository: HubRepository) -> Iterator[_RemoteFile]:
        from huggingface_hub import HfApi  # noqa: PLC0415 - half a second

        with _explained(repository.repository):
            info = HfApi(endpoint=self.endpoint).model_info(
                repository.repository, files_metadata=True
            )
        found = 0
        for file in info.siblings or []:
            if any(fnmatch(file.rfilename, pattern) for pattern in repository.files):
                found += 1
                sha256 = file.lfs.sha256 if file.lfs else None
                size, revision = file.size or 0, str(info.sha)
                yield _RemoteFile(repository, revision, file.rfilename, size, sha256, file.blob_id)
        if not found:
            raise SourceRefused(repository.repository, "it has none of the files it should have")

    def _fetch(self, file: _RemoteFile, files: Path, progress: Progress) -> FileRecord:
        """Fetch one file, what was there of it before included, and check it."""
        target = files / file.local
        if target.is_file() and _is_as_described(target, file):
            return record_of(target)
        for attempt in range(1, _TRIES + 1):
            try:
                self._download(file, files, progress)
                break
            except SourceUnreachable:
                if attempt == _TRIES:
                    raise
                logging.getLogger(__name__).info("%s: once more", file.path)
        if not _is_as_described(target, file):
            found = sha256_of(target) if file.sha256 else git_blob_of(target)
            target.unlink()
            raise CorruptDownload(file.path, file.sha256 or str(file.blob), found)
        return record_of(target)

    def _download(self, file: _RemoteFile, files: Path, progress: Progress) -> None:
        from huggingface_hub import hf_hub_download  # noqa: PLC0415

        name = file.repository.repository
        with _explained(name):
            hf_hub_download(
                name,
                file.path,
                revision=file.revision,
                local_dir=files / file.repository.into,
                endpoint=self.endpoint,
                tqdm_class=_reporting(progress),
            )


def _part(progress: Progress, done: float, share: float) -> Progress:
    """Return what the fetching of one file reports to."""
    return lambda fraction: progress(min(1.0, done + share * fraction))


def _is_as_described(target: Path, file: _RemoteFile) -> bool:
    if target.stat().st_size != file.size_bytes:
        return False
    if file.sha256:
        return sha256_of(target) == file.sha256
    return file.blob is None or git_blob_of(target) == file.blob


def _forget_downloads(files: Path) -> None:
    """Remove what the hub's library notes about its downloads among the files."""
    for folder in [*files.glob(".cache"), *files.glob("*/.cache")]:
        shutil.rmtree(folder)


def _reporting(progress: Progress) -> Any:
    """Return a progress bar for the hub's library that shows nothing and tells us."""
    from huggingface_hub.utils.tqdm import tqdm  # noqa: PLC0415

    bar: Any = tqdm  # it has no types

    class Reporting(bar):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            options["disable"] = True
            super().__init__(*arguments, **options)
            self._done = float(options.get("initial") or 0)
            self._all = float(options.get("total") or 0)

        def update(self, n: float | None = 1) -> bool | None:
            self._done += n or 0
            if self._all:
                progress(min(1.0, self._done / self._all))
            return None

    return Reporting


@contextmanager
def _explained(repository: str) -> Iterator[None]:
    """Turn what the hub's library raises into our errors."""
    import httpx2  # noqa: PLC0415
    from huggingface_hub import errors  # noqa: PLC0415

    explain: dict[type[Exception], Callable[[Exception], Exception]] = {
        errors.GatedRepoError: lambda _: ConditionsNotAccepted(repository),
        errors.RepositoryNotFoundError: lambda _: SourceRefused(
            f"hf.co/{repository}", "there is no such repository, or HF_TOKEN may not read it"
        ),
        errors.EntryNotFoundError: lambda error: SourceRefused(repository, _first_line(error)),
        errors.HfHubHTTPError: lambda error: _by_status(repository, error),
        httpx2.TransportError: lambda error: SourceUnreachable("The hub", _first_line(error)),
        OSError: lambda error: SourceUnreachable("The hub", _first_line(error)),
    }
    try:
        yield
    except tuple(explain) as error:
        made = next(make for kind, make in explain.items() if isinstance(error, kind))
        raise made(error) from error


def _by_status(repository: str, error: Any) -> Exception:
    status = getattr(getattr(error, "response", None), "status_code", 0)
    if status in (401, 403):
        return ConditionsNotAccepted(repository)
    if status == 429 or status >= 500 or not status:  # noqa: PLR2004 - what may be better later
        return SourceUnreachable("The hub", _first_line(error))
    return SourceRefused(repository, _first_line(error))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).split("\n")[0]
