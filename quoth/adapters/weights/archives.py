"""Models that come as a tar archive at an address."""

import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from quoth.adapters.weights.downloading import download
from quoth.adapters.weights.hashing import check, record_of
from quoth.adapters.weights.store import FILES
from quoth.domain.catalogue import ArchiveSource, CatalogueModel
from quoth.domain.errors import SourceRefused
from quoth.ports.model_store import ModelLock
from quoth.ports.progress import Progress

_DOWNLOAD_SHARE = 0.9
_MOST_UNPACKED = 4
"""How many times more than expected an archive may hold before it is taken for a bomb."""


@dataclass(frozen=True, slots=True)
class ArchiveFetcher:
    """The `ModelSource` port for archives; `wait` is the first pause between tries, in seconds."""

    wait: float = 1.0

    def space_needed(self, model: CatalogueModel, partial: Path) -> int:
        """Return the bytes that are missing of the archive, and those it unpacks to."""
        source = _source(model)
        archive = partial / "archive"
        have = archive.stat().st_size if archive.exists() else 0
        return max(0, source.size_bytes - have) + source.unpacked_bytes

    def fetch(self, model: CatalogueModel, partial: Path, progress: Progress) -> ModelLock:
        """Fetch the archive, check it, and unpack the files that are needed; see the port."""
        source, archive = _source(model), partial / "archive"
        download(
            source.url,
            archive,
            source.size_bytes,
            lambda fraction: progress(_DOWNLOAD_SHARE * fraction),
            self.wait,
        )
        check(archive, source.sha256)
        files = partial / FILES
        shutil.rmtree(files, ignore_errors=True)
        files.mkdir()
        _unpack(archive, files, source)
        progress(1.0)
        records = {name: record_of(files / name) for name in source.members}
        archive.unlink()
        return ModelLock(model.name, source.url, source.sha256, records)


def _source(model: CatalogueModel) -> ArchiveSource:
    assert isinstance(model.source, ArchiveSource)  # noqa: S101 - the use case chooses by source
    return model.source


def _unpack(archive: Path, files: Path, source: ArchiveSource) -> None:
    """Write the members that are needed, and nothing else, by their base names."""
    left = _MOST_UNPACKED * source.unpacked_bytes
    try:
        with tarfile.open(archive, "r:*") as tar:
            for member in tar:
                name = PurePosixPath(member.name).name
                if name not in source.members or not member.isfile():
                    continue
                left -= member.size
                if left < 0:
                    raise SourceRefused(source.url, "it unpacks to far more than it should")
                member.name = name
                tar.extract(member, files, filter="data")
    except (tarfile.TarError, EOFError) as error:
        raise SourceRefused(source.url, f"it is no archive: {error}") from error
    missing = [name for name in source.members if not (files / name).is_file()]
    if missing:
        raise SourceRefused(source.url, f"{', '.join(missing)} is not in it")
