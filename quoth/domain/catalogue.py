"""The models Quoth knows by name: what they are good for, whose they are, where they come from.

A hash or a revision stands here only with the public source it was read from (`hash_source`).
Without one, `quoth models pull` takes what the hub says at that moment, and writes it down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from quoth.domain.errors import UnknownModel

PARAKEET_V3_LANGUAGES = (
    *("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "hr", "hu", "it"),
    *("lt", "lv", "mt", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "uk"),
)
"""What Parakeet TDT 0.6B v3 recognises (ISO 639-1), as NVIDIA's card of it says."""

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class HubRepository:
    """A repository on the Hugging Face hub.

    Args:
        repository: `organisation/name`.
        files: patterns of what is needed of it.
        into: folder within the model's for its files; empty for the model's own.
    """

    repository: str
    files: tuple[str, ...]
    into: str = ""


@dataclass(frozen=True, slots=True)
class HubSource:
    """Repositories on the hub; a gated one wants conditions accepted and a token."""

    repositories: tuple[HubRepository, ...]
    is_gated: bool = False

    def __str__(self) -> str:
        """Name them."""
        return ", ".join(f"hf.co/{each.repository}" for each in self.repositories)


@dataclass(frozen=True, slots=True)
class ArchiveSource:
    """A tar archive at an address, pinned by its hash.

    Args:
        url: where it is.
        size_bytes: of the archive.
        sha256: of the archive, hexadecimal.
        hash_source: where that hash can be read in public.
        members: the files needed of it, by base name.
        unpacked_bytes: about how much they take together.
    """

    url: str
    size_bytes: int
    sha256: str
    hash_source: str
    members: tuple[str, ...]
    unpacked_bytes: int

    def __str__(self) -> str:
        """Return the address."""
        return self.url


@dataclass(frozen=True, slots=True)
class PackagedSource:
    """What an installed package carries: its name, and the weights or the file in it."""

    package: str
    item: str

    def __str__(self) -> str:
        """Name the package."""
        return f"in the package {self.package}"


Source: TypeAlias = HubSource | ArchiveSource | PackagedSource


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """A model as one chooses it.

    Args:
        name: what it is called everywhere.
        engine: what runs it: `nemo`, `sherpa`, `whisper`, `pyannote`, `onnx`.
        languages: in words for people.
        size_bytes: of the download; for models on the hub about so much.
        licence: by its SPDX name.
        attribution: whom to credit.
        source: where it comes from.
        good_for: in a few words.
    """

    name: str
    engine: str
    languages: str
    size_bytes: int
    licence: str
    attribution: str
    source: Source
    good_for: str

    @property
    def is_packaged(self) -> bool:
        """Whether it is there right after installing."""
        return isinstance(self.source, PackagedSource)


_SHERPA = "https://github.com/k2-fsa/sherpa-onnx/releases/download/asr-models/sherpa-onnx-nemo-"
_ASSETS = "https://api.github.com/repos/k2-fsa/sherpa-onnx/releases/assets"
_TRANSDUCER = ("encoder.int8.onnx", "decoder.int8.onnx", "joiner.int8.onnx", "tokens.txt")
_WHISPER_FILES = ("model.bin", "config.json", "tokenizer.json", "vocabulary.*", "*processor*.json")
_NVIDIA = "NVIDIA, Parakeet TDT 0.6B"
_25 = "25 European languages"


def _parakeet(version: str, languages: str, megabytes: int, good_for: str) -> CatalogueModel:
    name = f"parakeet-tdt-0.6b-{version}"
    repository = HubRepository(f"nvidia/{name}", ("*.nemo",))
    source = HubSource((repository,))
    size = megabytes * MB
    return CatalogueModel(name, "nemo", languages, size, "CC-BY-4.0", _NVIDIA, source, good_for)


def _parakeet_int8(
    version: str, languages: str, archive: tuple[int, str, int], good_for: str
) -> CatalogueModel:
    name = f"parakeet-tdt-0.6b-{version}-int8"
    size, sha256, asset = archive
    source = ArchiveSource(
        f"{_SHERPA}{name}.tar.bz2",
        size,
        sha256,
        f"{_ASSETS}/{asset}, the digest of the release's asset",
        _TRANSDUCER,
        680 * MB,
    )
    credit = f"{_NVIDIA}, converted by the k2-fsa project"
    return CatalogueModel(name, "sherpa", languages, size, "CC-BY-4.0", credit, source, good_for)


def _whisper(size: str, organisation: str, megabytes: int, good_for: str) -> CatalogueModel:
    repository = HubRepository(f"{organisation}/faster-whisper-{size}", _WHISPER_FILES)
    return CatalogueModel(
        f"whisper-{size}",
        "whisper",
        "99 languages",
        megabytes * MB,
        "MIT",
        f"OpenAI, Whisper, converted by {organisation}",
        HubSource((repository,)),
        good_for,
    )


def _pyannote(name: str, licence: str, *repositories: HubRepository) -> CatalogueModel:
    source = HubSource(repositories, is_gated=True)
    good_for = "telling speakers apart beside NeMo on a GPU"
    credit = "pyannoteAI and CNRS, pyannote.audio"
    return CatalogueModel(name, "pyannote", "any", 35 * MB, licence, credit, source, good_for)


_EVERYTHING = ("*.yaml", "*.bin", "*.npz", "*.ckpt", "*.safetensors", "*/*")

_MODELS = (
    _parakeet_int8(
        "v3",
        _25,
        (
            487_170_055,
            "5793d0fd397c5778d2cf2126994d58e9d56b1be7c04d13c7a15bb1b4eafb16bf",
            283097583,
        ),
        "exact transcripts without a GPU",
    ),
    _parakeet_int8(
        "v2",
        "English",
        (
            482_468_385,
            "157c157bc51155e03e37d2466522a3a737dd9c72bb25f36eb18912964161e1ad",
            283097678,
        ),
        "English without a GPU",
    ),
    _parakeet("v3", _25, 2510, "fast, exact transcripts on a GPU"),
    _parakeet("v2", "English", 2470, "English on a GPU"),
    _whisper("small", "Systran", 486, "languages Parakeet lacks, better than base"),
    _whisper("medium", "Systran", 1530, "the same, better still, slow without a GPU"),
    _whisper("large-v3", "Systran", 3090, "the most languages, on a GPU"),
    _whisper("large-v3-turbo", "mobiuslabsgmbh", 1620, "nearly that, several times faster"),
    _pyannote(
        "pyannote-community-1",
        "CC-BY-4.0",
        HubRepository("pyannote/speaker-diarization-community-1", _EVERYTHING),
    ),
    _pyannote(
        "pyannote-3.1",
        "MIT",
        HubRepository("pyannote/speaker-diarization-3.1", _EVERYTHING),
        HubRepository("pyannote/segmentation-3.0", _EVERYTHING, "segmentation-3.0"),
        HubRepository("pyannote/wespeaker-voxceleb-resnet34-LM", _EVERYTHING, "wespeaker"),
    ),
    CatalogueModel(
        "whisper-base",
        "whisper",
        "99 languages",
        75 * MB,
        "MIT",
        "OpenAI, Whisper, converted by Systran",
        PackagedSource("quoth-weights", "whisper-base-int8"),
        "any language, right after installing",
    ),
    CatalogueModel(
        "segmentation-3.0",
        "onnx",
        "any",
        6 * MB,
        "MIT",
        "CNRS, pyannote segmentation-3.0",
        PackagedSource("quoth-weights", "segmentation-3.0"),
        "telling speakers apart: who is active when",
    ),
    CatalogueModel(
        "campplus",
        "onnx",
        "any",
        28 * MB,
        "Apache-2.0",
        "Alibaba, 3D-Speaker CAM++",
        PackagedSource("quoth-weights", "campplus"),
        "telling speakers apart: whose voice it is",
    ),
    CatalogueModel(
        "silero-vad",
        "onnx",
        "any",
        1 * MB,
        "MIT",
        "Silero Team, silero-vad",
        PackagedSource("faster-whisper", "silero_vad_v6.onnx"),
        "telling speech from everything else",
    ),
)

CATALOGUE: Mapping[str, CatalogueModel] = {model.name: model for model in _MODELS}
"""By name, the best for its machine first."""


def catalogue_model(name: str) -> CatalogueModel:
    """Return a model.

    Raises:
        UnknownModel: if none is called that; the message lists those there are.
    """
    try:
        return CATALOGUE[name]
    except KeyError:
        known = ", ".join(CATALOGUE)
        raise UnknownModel(name, cure=f"Known: {known}.") from None
