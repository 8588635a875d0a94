"""The models Quoth knows by name: what each is, where it comes from, under which licence.

Pure data: nothing here reads a disk or a network. A hash or a revision stands here only as a
`Pin`, together with the public page it was read from; where there is none, it is resolved when the
model is pulled and written into a lock beside the model.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from quoth.domain.errors import NotInCatalogue

_HEX = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PAGE = re.compile(r"https://[^\s/]+/\S+")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")


class Licence(StrEnum):
    """The licences models come under, by their SPDX names."""

    MIT = "MIT"
    APACHE = "Apache-2.0"
    CC_BY = "CC-BY-4.0"


@dataclass(frozen=True, slots=True)
class Pin:
    """A sha256 (64 digits) or a git revision (40), and the public page it was read from."""

    value: str
    hash_source: str

    def __post_init__(self) -> None:
        if not _HEX.fullmatch(self.value):
            raise ValueError(f"{self.value!r} is neither a sha256 nor a whole git revision")
        if not _PAGE.fullmatch(self.hash_source):
            raise ValueError(f"{self.value} stands here without the page it was read from")


@dataclass(frozen=True, slots=True)
class HubSource:
    """Files in a repository on the Hugging Face hub.

    Args:
        repository: its name there, `owner/name`.
        files: names or patterns; each has to match at least one file.
        optional: names or patterns taken where they match.
        folder: folder inside the model's where they go, the model's own if empty.
        revision: the commit to take; None takes what `main` is when pulling.
        is_gated: whether its conditions have to be accepted on the hub first.
    """

    repository: str
    files: tuple[str, ...]
    optional: tuple[str, ...] = ()
    folder: str = ""
    revision: Pin | None = None
    is_gated: bool = False

    @property
    def page(self) -> str:
        """The page for people."""
        return f"https://huggingface.co/{self.repository}"


@dataclass(frozen=True, slots=True)
class ReleaseSource:
    """One archive (.tar.bz2) of which some files are kept, found in whatever folder inside.

    Args:
        url: where it is.
        sha256: of the archive.
        archive_bytes: its exact size.
        members: names of the files kept.
    """

    url: str
    sha256: Pin
    archive_bytes: int
    members: tuple[str, ...]

    @property
    def page(self) -> str:
        """The address, for people."""
        return self.url


@dataclass(frozen=True, slots=True)
class PackagedSource:
    """Files that are installed together with Quoth, in a package."""

    package: str
    original: str

    @property
    def page(self) -> str:
        """Where the original is described."""
        return self.original


Source: TypeAlias = HubSource | ReleaseSource | PackagedSource


@dataclass(frozen=True, slots=True)
class Model:
    """Weights that can be asked for by name.

    Args:
        name: lower case; also the name of the folder it is installed in.
        engine: `nemo`, `sherpa`, `whisper`, or `diarizer` and `vad` for parts of every engine.
        languages: codes it recognises, sorted; empty where language does not matter.
        installed_bytes: on disk, approximately.
        licence: of the weights.
        attribution: who is to be named, in one sentence.
        sources: where its files come from.
        good_for: what one would take it for.
    """

    name: str
    engine: str
    languages: tuple[str, ...]
    installed_bytes: int
    licence: Licence
    attribution: str
    sources: tuple[Source, ...]
    good_for: str
    aliases: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} cannot name a folder everywhere")

    @property
    def is_packaged(self) -> bool:
        """Whether it comes along with Quoth."""
        return all(isinstance(source, PackagedSource) for source in self.sources)

    @property
    def is_gated(self) -> bool:
        """Whether conditions have to be accepted on the hub before it can be pulled."""
        return any(isinstance(source, HubSource) and source.is_gated for source in self.sources)

    @property
    def archive_bytes(self) -> int:
        """Bytes that are needed beside the installed files while it is pulled."""
        archives = (each for each in self.sources if isinstance(each, ReleaseSource))
        return sum(archive.archive_bytes for archive in archives)


def _codes(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PARAKEET_V2_LANGUAGES = ("en",)
PARAKEET_V3_LANGUAGES = _codes(
    "bg cs da de el en es et fi fr hr hu it lt lv mt nl pl pt ro ru sk sl sv uk"
)
"""The 25 of NVIDIA's model card, https://huggingface.co/nvidia/parakeet-tdt-0.6b-v3."""
WHISPER_LANGUAGES = _codes(
    """af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he
    hi hr ht hu hy id is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl
    nn no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz
    vi yi yo zh"""
)
"""The 99 Whisper was trained for; large-v3 and its descendants know Cantonese (`yue`) besides."""
WHISPER_V3_LANGUAGES = tuple(sorted((*WHISPER_LANGUAGES, "yue")))

SHERPA_FILES = ("encoder.int8.onnx", "decoder.int8.onnx", "joiner.int8.onnx", "tokens.txt")
"""Files of a transducer for sherpa-onnx, directly in its folder."""
_WHISPER_FILES = ("config.json", "model.bin", "tokenizer.json", "vocabulary.*")
_WHISPER_OPTIONAL = ("preprocessor_config.json",)
_RELEASES = "https://github.com/k2-fsa/sherpa-onnx/releases/download/asr-models"
_HASHES_OF_PARAKEET_INT8 = (
    "https://github.com/Quobi-AI/Quobi/blob/"
    "b79a9290159889f71c8393c833b3218500afddff/voice-type/voice_type/download.py"
)
_REVISIONS_OF_WHISPER = (
    "https://github.com/Anas-Hwaity/SubBurn/blob/"
    "5d60cce2d9ad168d41e8989aae147fff73c4de3b/src/subburn/app.py"
)
_NVIDIA = "Parakeet TDT by NVIDIA, CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)"
_NVIDIA_INT8 = f"{_NVIDIA}, converted to ONNX and int8 by k2-fsa (Next-gen Kaldi)"
_OPENAI = "Whisper by OpenAI, MIT, converted to CTranslate2 by SYSTRAN"
_OPENAI_TURBO = "Whisper by OpenAI, MIT, converted to CTranslate2 by Mobius Labs"
_DISTIL = "Distil-Whisper by Hugging Face after OpenAI, MIT, converted to CTranslate2 by SYSTRAN"
_PYANNOTE = "pyannote.audio by Hervé Bredin and CNRS"


def _whisper(repository: str, revision: str | None = None) -> tuple[HubSource, ...]:
    pin = Pin(revision, _REVISIONS_OF_WHISPER) if revision else None
    return (HubSource(repository, _WHISPER_FILES, _WHISPER_OPTIONAL, revision=pin),)


def _sherpa(version: str, sha256: Pin, archive_bytes: int) -> tuple[ReleaseSource, ...]:
    url = f"{_RELEASES}/sherpa-onnx-nemo-parakeet-tdt-0.6b-{version}-int8.tar.bz2"
    return (ReleaseSource(url, sha256, archive_bytes, SHERPA_FILES),)


MODELS: tuple[Model, ...] = (
    Model(
        "parakeet-tdt-0.6b-v3-int8",
        "sherpa",
        PARAKEET_V3_LANGUAGES,
        670_478_772,
        Licence.CC_BY,
        _NVIDIA_INT8,
        _sherpa(
            "v3",
            Pin(
                "5793d0fd397c5778d2cf2126994d58e9d56b1be7c04d13c7a15bb1b4eafb16bf",
                _HASHES_OF_PARAKEET_INT8,
            ),
            487_170_055,
        ),
        "25 European languages without a GPU",
    ),
    Model(
        "parakeet-tdt-0.6b-v2-int8",
        "sherpa",
        PARAKEET_V2_LANGUAGES,
        661_428_477,
        Licence.CC_BY,
        _NVIDIA_INT8,
        _sherpa(
            "v2",
            Pin(
                "157c157bc51155e03e37d2466522a3a737dd9c72bb25f36eb18912964161e1ad",
                _HASHES_OF_PARAKEET_INT8,
            ),
            482_468_385,
        ),
        "English without a GPU",
    ),
    Model(
        "parakeet-tdt-0.6b-v3",
        "nemo",
        PARAKEET_V3_LANGUAGES,
        2_510_000_000,
        Licence.CC_BY,
        _NVIDIA,
        (HubSource("nvidia/parakeet-tdt-0.6b-v3", ("parakeet-tdt-0.6b-v3.nemo",)),),
        "25 European languages on a CUDA GPU",
    ),
    Model(
        "parakeet-tdt-0.6b-v2",
        "nemo",
        PARAKEET_V2_LANGUAGES,
        2_470_000_000,
        Licence.CC_BY,
        _NVIDIA,
        (HubSource("nvidia/parakeet-tdt-0.6b-v2", ("parakeet-tdt-0.6b-v2.nemo",)),),
        "English on a CUDA GPU",
    ),
    Model(
        "whisper-base",
        "whisper",
        WHISPER_LANGUAGES,
        78_000_000,
        Licence.MIT,
        f"{_OPENAI}, linear layers int8",
        (PackagedSource("quoth-weights", "https://huggingface.co/Systran/faster-whisper-base"),),
        "99 languages offline, right after installing; detects which is spoken",
        aliases=("whisper-base-int8",),
    ),
    Model(
        "whisper-small",
        "whisper",
        WHISPER_LANGUAGES,
        486_214_370,
        Licence.MIT,
        _OPENAI,
        _whisper(
            "Systran/faster-whisper-small",
            "536b0662742c02347bc0e980a01041f333bce120",
        ),
        "99 languages, fewer errors than base at three times the work",
    ),
    Model(
        "whisper-medium",
        "whisper",
        WHISPER_LANGUAGES,
        1_531_000_000,
        Licence.MIT,
        _OPENAI,
        _whisper("Systran/faster-whisper-medium"),
        "99 languages on a fast machine",
    ),
    Model(
        "whisper-large-v3",
        "whisper",
        WHISPER_V3_LANGUAGES,
        3_091_000_000,
        Licence.MIT,
        _OPENAI,
        _whisper("Systran/faster-whisper-large-v3", "edaa852ec7e145841d8ffdb056a99866b5f0a478"),
        "100 languages with the fewest errors, best on a GPU",
    ),
    Model(
        "whisper-large-v3-turbo",
        "whisper",
        WHISPER_V3_LANGUAGES,
        1_621_665_983,
        Licence.MIT,
        _OPENAI_TURBO,
        _whisper(
            "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
            "0c94664816ec82be77b20e824c8e8675995b0029",
        ),
        "100 languages, nearly as exact as large-v3 and several times faster",
        aliases=("whisper-turbo",),
    ),
    Model(
        "distil-whisper-large-v3",
        "whisper",
        ("en",),
        1_516_000_000,
        Licence.MIT,
        _DISTIL,
        _whisper("Systran/faster-distil-whisper-large-v3"),
        "English, faster than large-v3",
    ),
    Model(
        "pyannote-community-1",
        "diarizer",
        (),
        34_000_000,
        Licence.CC_BY,
        f"{_PYANNOTE}, CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)",
        (
            HubSource(
                "pyannote/speaker-diarization-community-1",
                ("config.yaml", "segmentation/*", "embedding/*", "plda/*"),
                is_gated=True,
            ),
        ),
        "telling speakers apart on a GPU, with the nemo engine",
    ),
    Model(
        "pyannote-3.1",
        "diarizer",
        (),
        33_000_000,
        Licence.MIT,
        f"{_PYANNOTE}, MIT; voices by WeSpeaker, CC BY 4.0",
        (
            HubSource("pyannote/speaker-diarization-3.1", ("config.yaml",), is_gated=True),
            HubSource(
                "pyannote/segmentation-3.0",
                ("config.yaml", "pytorch_model.bin"),
                folder="segmentation-3.0",
                is_gated=True,
            ),
            HubSource(
                "pyannote/wespeaker-voxceleb-resnet34-LM",
                ("config.yaml", "pytorch_model.bin"),
                folder="wespeaker-voxceleb-resnet34-LM",
            ),
        ),
        "the pyannote pipeline before community-1",
    ),
    Model(
        "segmentation-3.0",
        "diarizer",
        (),
        5_916_530,
        Licence.MIT,
        f"{_PYANNOTE}, MIT",
        (PackagedSource("quoth-weights", "https://huggingface.co/pyannote/segmentation-3.0"),),
        "hears who speaks at once, in every engine",
    ),
    Model(
        "campplus",
        "diarizer",
        (),
        27_866_430,
        Licence.APACHE,
        "CAM++ by Alibaba's 3D-Speaker, Apache-2.0",
        (
            PackagedSource(
                "quoth-weights",
                "https://modelscope.cn/models/iic/speech_campplus_sv_zh_en_16k-common_advanced",
            ),
        ),
        "knows a voice again, in every engine",
    ),
    Model(
        "silero-vad",
        "vad",
        (),
        1_245_151,
        Licence.MIT,
        "Silero VAD by the Silero Team, MIT",
        (PackagedSource("faster-whisper", "https://github.com/snakers4/silero-vad"),),
        "finds speech, in every engine",
    ),
)

_BY_NAME: Mapping[str, Model] = MappingProxyType(
    {name: model for model in MODELS for name in (model.name, *model.aliases)}
)


def model_named(name: str) -> Model:
    """Return the model of a name.

    Raises:
        NotInCatalogue: if there is none; the message lists the names.
    """
    if name not in _BY_NAME:
        raise NotInCatalogue(name, tuple(model.name for model in MODELS))
    return _BY_NAME[name]


def models_for(engine: str) -> tuple[Model, ...]:
    """Return the models of an engine, the one to try first at the head."""
    return tuple(model for model in MODELS if model.engine == engine)
