"""NeMo models on disk: where they are, whether they are whole, what they know.

Nothing here loads NeMo, and nothing downloads.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from quoth.adapters.nemo import checkpoint
from quoth.adapters.nemo.checkpoint import read_checkpoint
from quoth.adapters.nemo.settings import NemoSettings
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.catalogue import PARAKEET_V3_LANGUAGES
from quoth.domain.errors import EngineUnavailable, UnknownModel
from quoth.ports.transcriber import EngineInfo

ENGINE = checkpoint.ENGINE
PREFERRED = ("parakeet-tdt-0.6b-v3", "parakeet-tdt-0.6b-v2")
"""What is taken when nobody says which, the first that is there."""
PULL = f"Fetch one with: quoth models pull {PREFERRED[0]}"

_SUFFIX = ".nemo"
_MULTILINGUAL_VOCABULARY = 8000
"""Parakeet v3 knows 25 languages and 8192 tokens, v2 English and 1024."""
_LANGUAGE_IN_NAME = re.compile(r"^stt_([a-z]{2})_")


class NemoFiles(NamedTuple):
    """A model on disk: its `.nemo` file, and its name in transcripts."""

    path: Path
    name: str


def find_nemo_model(asked: str | None, folders: Sequence[Path] = ()) -> NemoFiles:
    """Find a model by name or path, without downloading.

    Args:
        asked: a `.nemo` file or a folder with one; a name such as `parakeet-tdt-0.6b-v3`, looked
            for in the folders; an id such as `nvidia/parakeet-tdt-0.6b-v3`, looked for there and
            in the local cache of Hugging Face; or None for the preferred one.
        folders: where models are kept, one folder each.

    Raises:
        UnknownModel: if a name is asked for that is not here.
        EngineUnavailable: if there is none at all, or a path holds none.
    """
    kept = {files.name: files for files in installed_nemo_models(folders)}
    if asked is None:
        return _preferred(kept)
    if Path(asked).exists() and (asked.endswith(_SUFFIX) or Path(asked).is_dir()):
        return _at(Path(asked))
    name = canonical(asked)
    if name in kept:
        return kept[name]
    if asked.endswith(_SUFFIX):
        problem = f"there is no file {asked}"
        raise EngineUnavailable(ENGINE, problem, "Check NEMO_MODEL and the path in it.")
    if (cached := _cached(name if name in PREFERRED else asked)) is not None:
        return NemoFiles(cached, name)
    if name in PREFERRED:
        cure = f"Fetch it with: quoth models pull {name}"
        raise EngineUnavailable(ENGINE, f"the model {name} is not on this machine", cure)
    if "/" in asked:
        cure = f"Fetch it with: hf download {asked} --include '*.nemo'"
        raise EngineUnavailable(ENGINE, f"the model {asked} is not on this machine", cure)
    raise UnknownModel(asked, tuple(kept))


def installed_nemo_models(folders: Sequence[Path] = ()) -> list[NemoFiles]:
    """Return the models kept in the folders (`NAME/*.nemo` or `NAME.nemo`), each name once."""
    models: dict[str, NemoFiles] = {}
    for files in _kept(folders):
        models.setdefault(files.name, files)
    return list(models.values())


def describe_nemo(
    files: NemoFiles, device: str = "cpu", settings: NemoSettings | None = None
) -> EngineInfo:
    """Say what a model can do, from its file alone.

    Raises:
        EngineUnavailable: if the file is damaged, or no model for this engine.
    """
    settings = settings or NemoSettings()
    checkpoint = read_checkpoint(files.path)
    return EngineInfo(
        engine=ENGINE,
        model=files.name,
        languages=_languages(files.name, checkpoint.configuration),
        sample_rate=SAMPLE_RATE,
        longest_window=settings.longest_window,
        batch_seconds=settings.batch_seconds,
        device=device,
        provider=f"nemo-{settings.precision}",
        has_keywords=checkpoint.takes_keywords,
        has_streaming=checkpoint.takes_streams and settings.stream_right > 0,
    )


def canonical(asked: str) -> str:
    """Return the name of a model for all the ways to write it."""
    return asked.rsplit("/", maxsplit=1)[-1].removesuffix(_SUFFIX)


def _preferred(kept: Mapping[str, NemoFiles]) -> NemoFiles:
    for name in PREFERRED:
        if name in kept:
            return kept[name]
        if (cached := _cached(name)) is not None:
            return NemoFiles(cached, name)
    if kept:
        return next(iter(kept.values()))
    raise EngineUnavailable(ENGINE, "no model for it is on this machine", PULL)


def _at(path: Path) -> NemoFiles:
    """Return the model at a path: the file itself, or the only one in a folder."""
    if path.is_file():
        return NemoFiles(path, path.stem)
    found = sorted(path.glob(f"*{_SUFFIX}"))
    if len(found) != 1:
        raise EngineUnavailable(
            ENGINE,
            f"{path} holds {len(found)} {_SUFFIX} files instead of one",
            "Set NEMO_MODEL to the file itself.",
        )
    return NemoFiles(found[0], path.resolve().name)


def _kept(folders: Sequence[Path]) -> Iterator[NemoFiles]:
    for folder in folders:
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                inside = sorted(path.glob(f"*{_SUFFIX}")) if path.is_dir() else []
                if len(inside) == 1:
                    yield NemoFiles(inside[0], path.name)
                elif path.suffix == _SUFFIX and path.is_file():
                    yield NemoFiles(path, path.stem)


def _cached(asked: str) -> Path | None:
    """Return the file of a model in the local cache of Hugging Face, None where there is none."""
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - half a second, rarely needed
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    repository = asked if "/" in asked else f"nvidia/{asked}"
    try:
        snapshot = Path(snapshot_download(repository, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None
    return next(iter(sorted(snapshot.glob(f"*{_SUFFIX}"))), None)


def _languages(name: str, configuration: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a model recognises: a `.nemo` says it by its vocabulary and name, if at all."""
    labels = configuration.get("labels") or ()
    if len(labels) > _MULTILINGUAL_VOCABULARY:
        return PARAKEET_V3_LANGUAGES
    named = _LANGUAGE_IN_NAME.match(name)
    return (named[1],) if named else ("en",)
