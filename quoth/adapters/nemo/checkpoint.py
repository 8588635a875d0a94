"""What a `.nemo` file says of itself, read and judged before NeMo or torch are loaded.

A `.nemo` is a tar of a configuration, a tokenizer and a torch checkpoint. The configuration names
Python classes that NeMo makes and calls, so it is looked through here first; the checkpoint itself
is loaded by `quoth.adapters.nemo.loading`, as plain tensors alone.
"""

import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml  # type: ignore[import-untyped]

from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.errors import EngineUnavailable

ENGINE = "nemo"
CONFIGURATION = "model_config.yaml"
WEIGHTS = "model_weights.ckpt"
KINDS: Mapping[str, str] = {
    "EncDecRNNTModel": "transducer",
    "EncDecRNNTBPEModel": "transducer",
    "EncDecHybridRNNTCTCModel": "transducer",
    "EncDecHybridRNNTCTCBPEModel": "transducer",
    "EncDecCTCModel": "ctc",
    "EncDecCTCModelBPE": "ctc",
}
"""Model classes of NeMo that turn speech into words frame by frame; TDT is a transducer."""

_LARGEST_CONFIGURATION_BYTES = 16 * 1024**2
_MODELS = "nemo.collections.asr.models."
_PARTS = ("nemo.collections.asr.", "nemo.collections.common.", "nemo.core.")
_CLASS_KEYS = frozenset({"_target_", "target", "cls", "class_path", "_cls_"})
_TOKENIZERS = frozenset({"bpe", "wpe", "agg"})
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""In C: a vocabulary of 8000 tokens takes the other one seconds."""
_FETCH_AGAIN = "Fetch the model again, or set NEMO_MODEL to another one."


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A `.nemo` file whose configuration was found harmless and fitting.

    Args:
        path: the file.
        kind: `transducer` or `ctc`.
        configuration: as NeMo reads it.
    """

    path: Path
    kind: str
    configuration: Mapping[str, Any]

    @property
    def takes_keywords(self) -> bool:
        """Whether words to expect can be put together from its tokens, SentencePiece's."""
        given = self.configuration.get("tokenizer")
        spells = isinstance(given, Mapping) and given.get("type", "bpe") == "bpe"
        is_of_pieces = "BPE" in str(self.configuration.get("target"))
        return self.kind == "transducer" and is_of_pieces and spells

    @property
    def takes_streams(self) -> bool:
        """Whether its decoder can go on from where it left off: a transducer's with an LSTM."""
        decoder, decoding = (self.configuration.get(each) for each in ("decoder", "decoding"))
        if self.kind != "transducer" or not isinstance(decoder, Mapping):
            return False
        is_plain = str(decoder.get("_target_")).endswith(".RNNTDecoder")
        skips = isinstance(decoding, Mapping) and bool(decoding.get("big_blank_durations"))
        return is_plain and decoder.get("blank_as_pad", True) is True and not skips


def read_checkpoint(path: Path) -> Checkpoint:
    """Read what a `.nemo` file is.

    Raises:
        EngineUnavailable: if it is damaged, is of a kind that makes no words, wants another
            sample rate, or names code that a speech recogniser has no use for.
    """
    try:
        configuration = _configuration(path)
    except (tarfile.TarError, EOFError, OSError, ValueError, yaml.YAMLError) as error:
        detail = str(error).partition("\n")[0] or type(error).__name__
        raise EngineUnavailable(ENGINE, f"{path} is damaged ({detail})", _FETCH_AGAIN) from error
    kind = _kind(path, configuration)
    _check_parts(path, configuration)
    rate = configuration.get("sample_rate", SAMPLE_RATE)
    if rate != SAMPLE_RATE:
        raise EngineUnavailable(
            ENGINE, f"{path.name} wants {rate} samples per second, not {SAMPLE_RATE}", _FETCH_AGAIN
        )
    return Checkpoint(path, kind, configuration)


def _configuration(path: Path) -> dict[str, Any]:
    """Return the configuration; the other members are only looked at from outside."""
    with tarfile.open(path) as tar:
        members = {PurePosixPath(member.name).name: member for member in tar if _is_plain(member)}
        if WEIGHTS not in members:
            raise ValueError(f"it has no {WEIGHTS}")
        member = members.get(CONFIGURATION)
        content = tar.extractfile(member) if member else None
        if member is None or content is None:
            raise ValueError(f"it has no {CONFIGURATION}")
        if member.size > _LARGEST_CONFIGURATION_BYTES:
            raise ValueError(f"its {CONFIGURATION} has {member.size} bytes")
        read = yaml.load(content, Loader=_LOADER)  # noqa: S506 - a safe one
    if not isinstance(read, dict):
        raise ValueError(f"its {CONFIGURATION} is no table")  # noqa: TRY004 - it is the file's fault
    return read


def _is_plain(member: tarfile.TarInfo) -> bool:
    """Say whether a member is a file, refusing those that would be written elsewhere."""
    place = PurePosixPath(member.name)
    if place.is_absolute() or ".." in place.parts or not (member.isfile() or member.isdir()):
        raise ValueError(f"its member {member.name!r} is neither a file nor a folder inside it")
    return member.isfile()


def _kind(path: Path, configuration: Mapping[str, Any]) -> str:
    module, _, name = str(configuration.get("target", "")).rpartition(".")
    if f"{module}.".startswith(_MODELS) and name in KINDS:
        return KINDS[name]
    raise EngineUnavailable(
        ENGINE,
        f"{path.name} holds a model of another kind ({name or 'it does not say which'})",
        "Set NEMO_MODEL to a TDT, RNNT or CTC model, such as parakeet-tdt-0.6b-v3.",
    )


def _check_parts(path: Path, configuration: Mapping[str, Any]) -> None:
    """Refuse code from outside NeMo's recognition, and tokenizers that are not in the file."""
    for named in _named_classes(configuration):
        if not str(named).startswith(_PARTS):
            raise EngineUnavailable(
                ENGINE,
                f"{path.name} names {named!r}, code that no speech recogniser needs",
                "It may be malicious. Use a model from a source you trust.",
            )
    tokenizer = configuration.get("tokenizer")
    kind = tokenizer.get("type", "bpe") if isinstance(tokenizer, Mapping) else "bpe"
    if kind not in _TOKENIZERS:
        raise EngineUnavailable(
            ENGINE,
            f"{path.name} has a tokenizer of the kind {kind!r}, not in the file",
            _FETCH_AGAIN,
        )


def _named_classes(node: object) -> Iterator[object]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key in _CLASS_KEYS:
                yield value
            yield from _named_classes(value)
    elif isinstance(node, list):
        for item in node:
            yield from _named_classes(item)
