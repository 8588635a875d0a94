"""The engines of this version: which models each finds here, and how it would load them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from quoth.adapters.nemo import model_files as nemo
from quoth.adapters.nemo import settings as nemo_settings
from quoth.adapters.sherpa import model_files as sherpa
from quoth.adapters.sherpa import settings as sherpa_settings
from quoth.adapters.whisper import model_files as whisper
from quoth.adapters.whisper.settings import settings_for
from quoth.bootstrap.machine import Cores, choose_device
from quoth.bootstrap.plans import NemoPlan, SherpaPlan, TranscriberPlan, WhisperPlan
from quoth.config import Settings
from quoth.domain.errors import EngineUnavailable
from quoth.ports.transcriber import EngineInfo

COMPUTE_TYPES = {"cpu": "int8", "cuda": "int8_float16"}


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model that is here: what it can do and how to load it."""

    info: EngineInfo
    plan: TranscriberPlan

    @property
    def name(self) -> str:
        """What it is called in transcripts and requests."""
        return self.info.model


class Engine(Protocol):
    """One way to recognise words."""

    def configured(self) -> FoundModel:
        """Return the model the settings name.

        Raises:
            EngineUnavailable, UnknownModel: if it is not here, or its device is not.
        """

    def best(self) -> FoundModel:
        """Return the model that `auto` would take.

        Raises:
            EngineUnavailable, UnknownModel: if it would take none; says why.
        """

    def installed(self) -> Sequence[FoundModel]:
        """Return every model of this engine that can be asked for by name."""


@dataclass(frozen=True, slots=True)
class WhisperEngine:
    """Whisper on CTranslate2; the packaged one is always here."""

    settings: Settings
    cores: Cores

    def configured(self) -> FoundModel:
        """Return the model that `WHISPER_MODEL` names; see the protocol."""
        files = whisper.find_whisper_model(self.settings.whisper_model, [_folder(self.settings)])
        return self._found(files, choose_device(self.settings.asr_provider, whisper.ENGINE))

    def best(self) -> FoundModel:
        """Return the configured model, wherever it runs."""
        return self.configured()

    def installed(self) -> list[FoundModel]:
        """Return the packaged model and those that were fetched."""
        device = choose_device(self.settings.asr_provider, whisper.ENGINE)
        models = whisper.installed_whisper_models([_folder(self.settings)])
        return [self._found(files, device) for files in models]

    def packaged(self) -> WhisperPlan:
        """Return how to load the packaged model beside another engine, wherever it can run."""
        files = whisper.find_whisper_model("base")
        return self._plan(files, choose_device(None, whisper.ENGINE))

    def _found(self, files: whisper.WhisperFiles, device: str) -> FoundModel:
        plan = self._plan(files, device)
        return FoundModel(describe(plan), plan)

    def _plan(self, files: whisper.WhisperFiles, device: str) -> WhisperPlan:
        return WhisperPlan(
            files.path,
            files.name,
            device,
            COMPUTE_TYPES[device.partition(":")[0]],
            threads=self.cores.transcription_threads,
            workers=self.cores.transcription_workers,
            settings=settings_for(
                is_packaged=files.name == whisper.PACKAGED,
                device=device,
                beam_size=self.settings.whisper_beam_size,
            ),
        )


@dataclass(frozen=True, slots=True)
class SherpaEngine:
    """Parakeet and its kin on sherpa-onnx."""

    settings: Settings
    cores: Cores

    def configured(self) -> FoundModel:
        """Return the model that `SHERPA_MODEL` names, else the preferred one; see the protocol."""
        folders = [_folder(self.settings)]
        return self._found(sherpa.find_sherpa_model(self.settings.sherpa_model, folders))

    def best(self) -> FoundModel:
        """Return the configured model, wherever it runs."""
        return self.configured()

    def installed(self) -> list[FoundModel]:
        """Return the models that were fetched and are what they should be."""
        found = []
        for files in sherpa.installed_sherpa_models([_folder(self.settings)]):
            with suppress(EngineUnavailable):  # a damaged model hides no other
                found.append(self._found(files))
        return found

    def _found(self, files: sherpa.SherpaFiles) -> FoundModel:
        device = choose_device(self.settings.asr_provider, sherpa.ENGINE)
        settings = sherpa_settings.settings_for(device)
        plan = SherpaPlan(
            files,
            device,
            threads=self.cores.transcription_threads,
            workers=self.cores.transcription_workers,
            settings=settings,
        )
        return FoundModel(sherpa.describe_sherpa(files, device, settings), plan)


@dataclass(frozen=True, slots=True)
class NemoEngine:
    """Parakeet and other models of NVIDIA NeMo, on torch."""

    settings: Settings
    cores: Cores

    def configured(self) -> FoundModel:
        """Return the model that `NEMO_MODEL` names, else the preferred one; see the protocol."""
        if find_spec("nemo") is None:
            cure = "Install it with ./start.sh install nemo, or pip install 'quoth[nemo]'."
            raise EngineUnavailable(nemo.ENGINE, "NeMo is not installed", cure)
        folders = [_folder(self.settings)]
        return self._found(nemo.find_nemo_model(self.settings.nemo_model, folders))

    def best(self) -> FoundModel:
        """Return the configured model where a GPU computes it: on a processor others are better."""
        if not choose_device(self.settings.asr_provider, nemo.ENGINE).startswith("cuda"):
            cure = "ENGINE=nemo takes it all the same, slowly."
            raise EngineUnavailable(nemo.ENGINE, "it wants a CUDA GPU", cure)
        return self.configured()

    def installed(self) -> list[FoundModel]:
        """Return the models that were fetched and are what they should be."""
        found: list[FoundModel] = []
        if find_spec("nemo") is None:
            return found
        for files in nemo.installed_nemo_models([_folder(self.settings)]):
            with suppress(EngineUnavailable):  # a damaged model hides no other
                found.append(self._found(files))
        return found

    def _found(self, files: nemo.NemoFiles) -> FoundModel:
        device = choose_device(self.settings.asr_provider, nemo.ENGINE)
        settings = nemo_settings.settings_for(
            device, self.settings.nemo_precision, self.settings.nemo_stream_right
        )
        plan = NemoPlan(
            files,
            device,
            threads=self.cores.transcription_threads * self.cores.transcription_workers,
            settings=settings,
        )
        return FoundModel(nemo.describe_nemo(files, device, settings), plan)


def describe(plan: WhisperPlan) -> EngineInfo:
    """Say what a Whisper can do before it is loaded."""
    return whisper.describe_whisper(
        plan.model, plan.name, plan.device, plan.compute_type, plan.settings
    )


def engines(settings: Settings, cores: Cores) -> Mapping[str, Engine]:
    """Return the engines by name, the one `auto` likes best first."""
    return {
        nemo.ENGINE: NemoEngine(settings, cores),
        sherpa.ENGINE: SherpaEngine(settings, cores),
        whisper.ENGINE: WhisperEngine(settings, cores),
    }


def _folder(settings: Settings) -> Path:
    return settings.quoth_data / "models"
