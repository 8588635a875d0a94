"""Whisper models on disk: where they are, whether they are whole, what they can do.

Nothing here loads CTranslate2, and nothing downloads.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import quoth_weights

from quoth.adapters.whisper.settings import WhisperSettings
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.catalogue import models_for
from quoth.domain.errors import EngineUnavailable, UnknownModel
from quoth.ports.transcriber import EngineInfo

ENGINE = "whisper"
PACKAGED = "whisper-base"
_LAST_ENGLISH_ONLY_VOCABULARY = 51864
_LANGUAGE_TOKEN = re.compile(r"<\|([a-z]{2,3})\|>")
_ORGANISATIONS = {
    "whisper-large-v3-turbo": "mobiuslabsgmbh",
    "distil-whisper-large-v3": "Systran",
}
_NEVER_TRANSLATE = ("turbo", "distil")
"""Models that were trained without translations: asked for one they write what was said."""
_SIZES = ("tiny", "base", "small", "medium", "large-v1", "large-v2", "large-v3")


class WhisperFiles(NamedTuple):
    """A model on disk: its folder, and its name in transcripts."""

    path: Path
    name: str


def find_whisper_model(asked: str, folders: Sequence[Path] = ()) -> WhisperFiles:
    """Find a model by name or path, without downloading.

    Args:
        asked: `base` for the packaged one; a folder; or a name such as `small`,
            `whisper-small`, `large-v3-turbo` or `Systran/faster-whisper-small`, looked for in the
            folders and then in the local cache of Hugging Face.
        folders: where models are kept, one folder each.

    Raises:
        UnknownModel: if no such model is known or installed; says how to fetch it.
        EngineUnavailable: if its folder is there but not whole.
    """
    name = _canonical(asked)
    if name == PACKAGED:
        return _whole(quoth_weights.directory("whisper-base-int8"), PACKAGED)
    if Path(asked).is_dir():
        return _whole(Path(asked), _canonical(Path(asked).resolve().name))
    for found in _kept(folders):
        if found.name == name:
            return _whole(*found)
    if cached := _cached(name, asked):
        return _whole(cached, name)
    raise _unknown(asked, name, folders)


def installed_whisper_models(folders: Sequence[Path] = ()) -> list[WhisperFiles]:
    """Return the packaged model and the whole ones kept in the folders, each name once."""
    packaged = WhisperFiles(quoth_weights.directory("whisper-base-int8"), PACKAGED)
    models = {packaged.name: packaged}
    for found in _kept(folders):
        if not _missing_files(found.path):
            models.setdefault(found.name, found)
    return list(models.values())


def describe_whisper(
    model: Path,
    name: str,
    device: str = "cpu",
    compute_type: str = "int8",
    settings: WhisperSettings | None = None,
) -> EngineInfo:
    """Say what a model can do, from its files alone.

    Raises:
        EngineUnavailable: if the folder holds no whole model.
    """
    settings = settings or WhisperSettings()
    languages = _languages(_whole(model, name).path)
    return EngineInfo(
        engine=ENGINE,
        model=name,
        languages=languages,
        sample_rate=SAMPLE_RATE,
        longest_window=settings.longest_window,
        batch_seconds=settings.batch_seconds,
        device=device,
        provider=f"ctranslate2-{compute_type}",
        has_language_detection=len(languages) > 1,
        has_keywords=True,
        has_prompt=True,
        has_translation=len(languages) > 1 and not any(each in name for each in _NEVER_TRANSLATE),
    )


def _canonical(asked: str) -> str:
    """Return `whisper-SIZE` for all the ways to name a model."""
    name = asked.rsplit("/", maxsplit=1)[-1].removeprefix("faster-")
    name = name.removesuffix("-ct2")
    if name == "turbo":
        name = "large-v3-turbo"
    if name.startswith(("whisper-", "distil-whisper-")):
        return name
    return "distil-whisper-" + name[7:] if name.startswith("distil-") else "whisper-" + name


def _kept(folders: Sequence[Path]) -> Iterator[WhisperFiles]:
    for folder in folders:
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if (path / "model.bin").is_file():
                    yield WhisperFiles(path, _canonical(path.name))


def _repository(name: str, asked: str) -> str:
    if "/" in asked:
        return asked
    return f"{_ORGANISATIONS.get(name, 'Systran')}/faster-{name}"


def _cached(name: str, asked: str) -> Path | None:
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - half a second, rarely needed
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    try:
        return Path(snapshot_download(_repository(name, asked), local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None


def _unknown(asked: str, name: str, folders: Sequence[Path]) -> Exception:
    installed = tuple(found.name for found in installed_whisper_models(folders))
    size = name.removeprefix("distil-").removeprefix("whisper-").removesuffix(".en")
    known = size in _SIZES or size.startswith(("large-v3-turbo", "large-v3.", "medium", "small"))
    if not known and "/" not in asked:
        return UnknownModel(asked, installed)
    repository = _repository(name, asked)
    target = (folders[0] if folders else Path("models")) / repository.rsplit("/", maxsplit=1)[-1]
    is_listed = "/" not in asked and any(model.name == name for model in models_for(ENGINE))
    fetch = f"hf download {repository} --local-dir {target}"
    cure = f"Fetch it with: {f'quoth models pull {name}' if is_listed else fetch}"
    return EngineUnavailable(ENGINE, f"the model {asked!r} is not on this machine", cure)


def _missing_files(folder: Path) -> list[str]:
    missing = [
        name
        for name in ("model.bin", "config.json", "tokenizer.json")
        if not (folder / name).is_file()
    ]
    if _vocabulary(folder) is None:
        missing.append("vocabulary.txt or vocabulary.json")
    return missing


def _whole(folder: Path, name: str) -> WhisperFiles:
    if missing := _missing_files(folder):
        raise EngineUnavailable(
            ENGINE,
            f"{folder} holds no whole model: {', '.join(missing)} missing",
            "Fetch a model converted for CTranslate2, such as Systran/faster-whisper-small.",
        )
    return WhisperFiles(folder, name)


def _vocabulary(folder: Path) -> Path | None:
    names = (folder / "vocabulary.json", folder / "vocabulary.txt")
    return next((path for path in names if path.is_file()), None)


def _languages(folder: Path) -> tuple[str, ...]:
    """Return the languages of a model: all it has tokens for, or English for a `.en` model."""
    vocabulary = _vocabulary(folder)
    try:
        text = vocabulary.read_text(encoding="utf-8") if vocabulary else ""
        json_listed = vocabulary is not None and vocabulary.suffix == ".json"
        size = len(json.loads(text)) if json_listed else text.count("\n")
        tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
        tokens = [str(token["content"]) for token in tokenizer["added_tokens"]]
    except (ValueError, KeyError, TypeError) as error:
        raise EngineUnavailable(
            ENGINE, f"{folder} is damaged ({error})", "Fetch the model again."
        ) from error
    if size <= _LAST_ENGLISH_ONLY_VOCABULARY:
        return ("en",)
    found = (_LANGUAGE_TOKEN.fullmatch(token) for token in tokens)
    return tuple(sorted(match[1] for match in found if match))
