"""Diarization with pyannote.audio in two steps, so that clustering needs the audio no more."""

from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quoth.adapters.pyannote.evidence import Findings, keep, recall
from quoth.adapters.pyannote.loading import LoadedPipeline
from quoth.adapters.pyannote.model_files import DIARIZER
from quoth.adapters.pytorch.errors import is_out_of_memory, is_poisoned
from quoth.domain.audio import SAMPLE_RATE, Waveform
from quoth.domain.diarization import Diarization, SpeakerEvidence, SpeakerHints, SpeakerTurn
from quoth.domain.errors import EngineFailed, EngineLost, EngineOutOfMemory
from quoth.domain.transcript import speaker_ids
from quoth.ports.diarizer import DiarizerInfo
from quoth.ports.progress import Progress, unobserved

_SEGMENTATION_SHARE = 0.25
_WINDOW_BYTES = 300 * 1024**2
"""What a window of 10 s takes of a GPU in the embedding network, at most (pyannote #1963)."""
_MOST_WINDOWS = 32


class PyannoteDiarizer:
    """Who spoke when, by pyannote's own pipeline (Bredin, Interspeech 2023; Plaquet, 2023).

    Args:
        loaded: as `quoth.adapters.pyannote.loading` makes it.
        name: of its weights.
        device: where it computes.
    """

    needs_no_turn = frozenset({"cluster"})

    def __init__(self, loaded: LoadedPipeline, name: str, device: str = "cpu") -> None:
        self._pipeline, segmentation, embedding = loaded
        self._dimension = int(embedding.dimension)
        self._receptive_field = segmentation.receptive_field
        window_samples = round(segmentation.specifications.duration * SAMPLE_RATE)
        self._frames = int(segmentation.num_frames(window_samples))
        self._info = DiarizerInfo(DIARIZER, name, device)
        self._kind = f"pyannote-1 {name}"
        self._resize(batch_size(device))

    @property
    def info(self) -> DiarizerInfo:
        """What it is."""
        return self._info

    def analyse(self, waveform: Waveform, progress: Progress) -> SpeakerEvidence:
        """Listen to the audio, which is in memory as a whole meanwhile, and keep what is heard.

        Where memory does not suffice, batches are halved down to one window.

        Raises:
            ValueError: if the waveform is not at 16 kHz.
            EngineOutOfMemory: if not even one window at a time fits.
            EngineLost: if the GPU can never be used again by this process.
            EngineFailed: if pyannote could not do it.
            Cancelled: if `progress` raised it.
        """
        if waveform.sample_rate != SAMPLE_RATE:
            raise ValueError(f"diarization wants {SAMPLE_RATE} Hz, not {waveform.sample_rate}")
        report = _rising(progress)
        while True:
            try:
                return keep(self._listen(waveform, report), self._kind, waveform.duration)
            except RuntimeError as error:
                detail = str(error).partition("\n")[0]
                if is_poisoned(error):
                    raise EngineLost(DIARIZER, detail) from error
                if not is_out_of_memory(error):
                    raise EngineFailed(DIARIZER, detail) from error
            size = self._pipeline.segmentation_batch_size
            if size == 1:
                raise EngineOutOfMemory(DIARIZER, waveform.duration, detail)
            self._resize(size // 2)

    def cluster(
        self, evidence: SpeakerEvidence, hints: SpeakerHints, progress: Progress = unobserved
    ) -> Diarization:
        """Decide whose voice is whose.

        Raises:
            Cancelled: if `progress` raised it.
            InvalidEvidence: if another pipeline made the evidence, or it is damaged.
        """
        progress(0.0)
        findings = recall(evidence, self._kind, self._frames, self._dimension)
        if not findings.activity.any():
            return Diarization()
        slots = self._on_windows(findings)
        owners, centres = self._owners(findings, slots, hints)
        count = self._pipeline.speaker_count(slots, self._receptive_field, warm_up=(0.0, 0.0))
        most = hints.most or inf
        turns, exclusive = (
            self._turns(slots, owners, count, min(limit, most), evidence.duration)
            for limit in (inf, 1)
        )
        order = list(dict.fromkeys(who for _, _, who in turns))
        names = dict(zip(order, speaker_ids(len(order)), strict=True))
        return Diarization(
            tuple(SpeakerTurn(start, end, names[who]) for start, end, who in turns),
            tuple(SpeakerTurn(start, end, names[who]) for start, end, who in exclusive),
            {name: _unit(centres[who]) for who, name in names.items() if who < len(centres)},
        )

    def _listen(self, waveform: Waveform, progress: Progress) -> Findings:
        import torch  # noqa: PLC0415 - loaded already, with the pipeline

        samples = waveform.samples(0, waveform.sample_count)
        padded = np.pad(samples, (0, max(0, SAMPLE_RATE - len(samples))))
        sound = torch.from_numpy(padded)[None]
        file = {"waveform": sound, "sample_rate": SAMPLE_RATE, "uri": "recording"}
        pipeline, share = self._pipeline, _SEGMENTATION_SHARE
        slots = pipeline.get_segmentations(file, hook=_hook(progress, 0.0, share))
        activity = np.nan_to_num(slots.data) > 0.0
        shape = (*activity.shape[::2], self._dimension)
        embeddings = np.full(shape, np.nan, np.float32)
        if activity.any():
            embeddings = pipeline.get_embeddings(
                file, slots, exclude_overlap=True, hook=_hook(progress, share, 1.0 - share)
            )
        window = slots.sliding_window
        return Findings(activity, embeddings, float(window.duration), float(window.step))

    def _on_windows(self, findings: Findings) -> Any:
        from pyannote.core import SlidingWindow, SlidingWindowFeature  # noqa: PLC0415

        window = SlidingWindow(start=0.0, duration=findings.window, step=findings.step)
        return SlidingWindowFeature(findings.activity.astype(np.float32), window)

    def _owners(
        self, findings: Findings, slots: Any, hints: SpeakerHints
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Return the speaker of each slot, -2 for nobody, and the voice of each speaker."""
        owners, _, centres = self._pipeline.clustering(
            embeddings=findings.embeddings,
            segmentations=slots,
            num_clusters=hints.exact,
            min_clusters=hints.fewest,
            max_clusters=hints.most or inf,
        )
        owners[~findings.activity.any(axis=1)] = -2
        return owners, centres

    def _turns(
        self, slots: Any, owners: NDArray[np.intp], count: Any, most: float, duration: float
    ) -> list[tuple[float, float, int]]:
        """Return start, end and speaker of each turn, with at most so many at once, in order."""
        from pyannote.core import SlidingWindowFeature  # noqa: PLC0415

        capped = np.minimum(count.data, most).astype(np.int8)
        limited = SlidingWindowFeature(capped, count.sliding_window)
        active = self._pipeline.reconstruct(slots, owners, limited)
        spoken = self._pipeline.to_annotation(active, min_duration_on=0.0, min_duration_off=0.0)
        turns = [
            (max(0.0, segment.start), min(segment.end, duration), int(label))
            for segment, _, label in spoken.itertracks(yield_label=True)
        ]
        return sorted(turn for turn in turns if turn[0] < turn[1])

    def _resize(self, size: int) -> None:
        self._pipeline.segmentation_batch_size = size
        self._pipeline.embedding_batch_size = size


def batch_size(device: str) -> int:
    """Return how many windows are computed together: what fits into half of the free memory."""
    if not device.startswith("cuda"):
        return _MOST_WINDOWS // 4
    import torch  # noqa: PLC0415 - loaded already, with the pipeline

    free, _ = torch.cuda.mem_get_info(torch.device(device))
    return int(min(_MOST_WINDOWS, max(1, free // 2 // _WINDOW_BYTES)))


def _hook(progress: Progress, start: float, share: float) -> Callable[..., None]:
    """Return what pyannote calls after each batch."""

    def hook(*_: object, completed: int = 0, total: int = 0, **_more: object) -> None:
        if total:
            progress(start + share * min(1.0, completed / total))

    return hook


def _rising(progress: Progress) -> Progress:
    """Return a progress that may start over without telling anybody."""
    told = 0.0

    def rising(fraction: float) -> None:
        nonlocal told
        told = max(told, fraction)
        progress(told)

    return rising


def _unit(voice: NDArray[np.float32]) -> NDArray[np.float32]:
    length = float(np.linalg.norm(voice)) or 1.0
    return np.asarray(voice / length, np.float32)
