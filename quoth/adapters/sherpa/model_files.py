"""Parakeet models for sherpa-onnx on disk: where they are, whether they are whole, what they know.

Nothing here loads sherpa-onnx, and nothing downloads.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from quoth.adapters.sherpa.onnx_metadata import read_metadata
from quoth.adapters.sherpa.settings import SherpaSettings
from quoth.adapters.sherpa.vocabulary import Vocabulary, read_tokens
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.catalogue import PARAKEET_V3_LANGUAGES, models_for
from quoth.domain.errors import EngineUnavailable, UnknownModel
from quoth.ports.transcriber import EngineInfo

ENGINE = "sherpa"
PREFERRED = tuple(model.name for model in models_for(ENGINE))
"""What is taken when nobody says which, the first that is there."""
PULL = f"Fetch one with: quoth models pull {PREFERRED[0]}"

_PREFIX = "sherpa-onnx-nemo-"
_NETWORKS = ("encoder", "decoder", "joiner")
_TOKENS = "tokens.txt"
_BLANK = "<blk>"
_MULTILINGUAL_VOCABULARY = 8000
"""Parakeet v3 knows 25 languages and 8192 tokens, v2 English and 1024."""
_NUMBERS = ("vocab_size", "subsampling_factor", "feat_dim", "pred_rnn_layers", "pred_hidden")


class SherpaFiles(NamedTuple):
    """A model on disk: its folder, and its name in transcripts."""

    path: Path
    name: str

    def network(self, part: str) -> Path | None:
        """Return the file of `encoder`, `decoder` or `joiner`; int8 where there is a choice."""
        names = (f"{part}.int8.onnx", f"{part}.onnx")
        files = [self.path / name for name in names] + sorted(self.path.glob(f"{part}*.onnx"))
        return next((file for file in files if file.is_file()), None)

    @property
    def networks(self) -> tuple[Path, Path, Path]:
        """Encoder, decoder and joiner of a model that is whole."""
        found = [path for part in _NETWORKS if (path := self.network(part))]
        encoder, decoder, joiner = found
        return encoder, decoder, joiner

    @property
    def tokens(self) -> Path:
        """The file with the vocabulary."""
        return self.path / _TOKENS

    @property
    def missing(self) -> list[str]:
        """What the folder lacks."""
        networks = [f"{part}.onnx" for part in _NETWORKS if self.network(part) is None]
        return networks + ([] if self.tokens.is_file() else [_TOKENS])


def find_sherpa_model(asked: str | None, folders: Sequence[Path] = ()) -> SherpaFiles:
    """Find a model by name or path, without downloading.

    Args:
        asked: a folder, a name such as `parakeet-tdt-0.6b-v3-int8`, or None for the preferred one.
        folders: where models are kept, one folder each.

    Raises:
        UnknownModel: if a name is asked for that is not here.
        EngineUnavailable: if there is none at all, or a folder is not whole.
    """
    kept = {files.name: files for files in _kept(folders)}
    if asked is None:
        chosen = [*(name for name in PREFERRED if name in kept), *kept]
        if not chosen:
            raise EngineUnavailable(ENGINE, "no model for it is on this machine", PULL)
        return _whole(kept[chosen[0]])
    if Path(asked).is_dir():
        return _whole(SherpaFiles(Path(asked), canonical(Path(asked).resolve().name)))
    name = canonical(asked)
    if name in kept:
        return _whole(kept[name])
    if name in PREFERRED:
        cure = f"Fetch it with: quoth models pull {name}"
        raise EngineUnavailable(ENGINE, f"the model {name} is not on this machine", cure)
    raise UnknownModel(asked, tuple(kept))


def installed_sherpa_models(folders: Sequence[Path] = ()) -> list[SherpaFiles]:
    """Return the whole models kept in the folders, each name once."""
    models: dict[str, SherpaFiles] = {}
    for files in _kept(folders):
        if not files.missing:
            models.setdefault(files.name, files)
    return list(models.values())


def describe_sherpa(
    files: SherpaFiles, device: str = "cpu", settings: SherpaSettings | None = None
) -> EngineInfo:
    """Say what a model can do, from its files alone.

    Raises:
        EngineUnavailable: if the folder holds no whole model that sherpa-onnx takes.
    """
    settings = settings or SherpaSettings()
    size = check_files(files)
    vocabulary = read_vocabulary(files)
    precision = "int8" if "int8" in str(files.network("encoder")) else "fp32"
    return EngineInfo(
        engine=ENGINE,
        model=files.name,
        languages=PARAKEET_V3_LANGUAGES if size > _MULTILINGUAL_VOCABULARY else ("en",),
        sample_rate=SAMPLE_RATE,
        longest_window=settings.longest_window,
        batch_seconds=settings.batch_seconds,
        device=device,
        provider=f"sherpa-onnx-{precision}",
        has_keywords=vocabulary.can_spell,
    )


def check_files(files: SherpaFiles) -> int:
    """Check what sherpa-onnx would end the process for; return the size of the vocabulary.

    Raises:
        EngineUnavailable: if the folder holds no whole model that sherpa-onnx takes.
    """
    _whole(files)
    encoder = files.networks[0]
    try:
        metadata = read_metadata(encoder)
    except (OSError, ValueError) as error:
        raise damaged(files, f"{encoder.name}: {error}") from error
    if lacking := [name for name in _NUMBERS if not metadata.get(name, "").isdigit()]:
        raise damaged(files, f"{encoder.name} does not say its {', '.join(lacking)}")
    if "RNNT" not in metadata.get("model_type", ""):
        raise damaged(files, f"{encoder.name} is no NeMo transducer")
    size = int(metadata["vocab_size"])
    _check_tokens(files, size)
    return size


def read_vocabulary(files: SherpaFiles) -> Vocabulary:
    """Return the tokens of a model that `check_files` found whole.

    Raises:
        EngineUnavailable: if they cannot be read.
    """
    tokens = _tokens(files)
    return Vocabulary([tokens[number] for number in sorted(tokens)[:-1]])


def damaged(files: SherpaFiles, problem: str) -> EngineUnavailable:
    """Return the error for a model that is not what it should be."""
    cure = "Fetch it again with `quoth models pull`, or name a folder with a NeMo transducer."
    return EngineUnavailable(ENGINE, f"{files.path} is damaged or another model ({problem})", cure)


def canonical(asked: str) -> str:
    """Return the name of a model for all the ways to write it."""
    return asked.rsplit("/", maxsplit=1)[-1].removeprefix(_PREFIX)


def _kept(folders: Sequence[Path]) -> Iterator[SherpaFiles]:
    for folder in folders:
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                files = SherpaFiles(path, canonical(path.name))
                if files.tokens.is_file() and files.network("joiner"):
                    yield files


def _whole(files: SherpaFiles) -> SherpaFiles:
    if missing := files.missing:
        problem = f"{files.path} holds no whole model: {', '.join(missing)} missing"
        raise EngineUnavailable(ENGINE, problem, PULL)
    return files


def _tokens(files: SherpaFiles) -> dict[int, str]:
    try:
        return read_tokens(files.tokens.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise damaged(files, f"{_TOKENS}: {error}") from error


def _check_tokens(files: SherpaFiles, size: int) -> None:
    """Check that each id from 0 to `size` has one token, the last of them the blank."""
    tokens = _tokens(files)
    if set(tokens) != set(range(size + 1)):
        raise damaged(files, f"{_TOKENS} has other tokens than the {size} of the network")
    if tokens[size] != _BLANK:
        raise damaged(files, f"{_TOKENS} does not end with {_BLANK}")
