"""Diarization without torch: local segmentation, voice embeddings, clustering, reconstruction."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from quoth.adapters.onnx.clustering import Labels, Points, centroids, find_speakers
from quoth.adapters.onnx.embedding import VoiceEmbedder, Voices
from quoth.adapters.onnx.evidence import keep, recall
from quoth.adapters.onnx.reconstruction import make_turns, most_voted, name_speakers, named, vote
from quoth.adapters.onnx.segmentation import (
    SLOTS,
    WINDOW_FRAMES,
    Segmentation,
    WindowGrid,
    segment,
)
from quoth.adapters.onnx.sessions import CPU, Network, Provider
from quoth.domain.audio import SAMPLE_RATE, Waveform
from quoth.domain.diarization import Diarization, SpeakerEvidence, SpeakerHints
from quoth.ports.diarizer import DiarizerInfo
from quoth.ports.progress import Progress, unobserved

_SEGMENTATION_SHARE = 0.55
_MORE_CLUSTERS = 4
_BLOCK_VOICES = 4096


@dataclass(frozen=True, slots=True)
class OnnxDiarizerSettings:
    """How speakers are told apart.

    Args:
        threshold: distance of two voices' centroids (0 to 2) below which they are one speaker.
        step: seconds between the starts of two windows of 10 s, rounded to multiples of 0.54 s;
            it is part of the evidence.
        min_cluster_size: windows of a 1 s step in which a voice must be heard to be a speaker,
            or a tenth of all voices where that is less.
        min_clean: share of a window that a slot must have alone to take part in the clustering.
        correction: by how much a stretch of a slot must be nearer to another speaker than to
            that of the slot to be taken from it (difference of cosines).
        shortest_stretch: seconds; shorter stretches always go with their slot. It is part of the
            evidence.
        plain_limit: number of voices above which they are grouped before they are clustered.
    """

    threshold: float = 0.8
    step: float = 1.62
    min_cluster_size: int = 12
    min_clean: float = 0.2
    correction: float = 0.15
    shortest_stretch: float = 1.0
    plain_limit: int = 2000


class OnnxDiarizer:
    """Who spoke when, from pyannote segmentation-3.0 and CAM++ on ONNX Runtime.

    The recipe is that of pyannote.audio's `SpeakerDiarization` (Bredin, "pyannote.audio 2.1
    speaker diarization pipeline", Interspeech 2023), with embeddings pooled from one pass over
    the speech, and with slots corrected where the segmentation took two voices for one.

    Args:
        segmentation_model: the ONNX file of pyannote segmentation-3.0.
        embedding_model: the ONNX file of CAM++ up to its pooling; `pooling.onnx`, the rest,
            lies beside it.
        settings: thresholds.
        threads: threads of each session.
        providers: ONNX Runtime's execution providers, the wanted one first.

    Raises:
        EngineUnavailable: if a file is no such model.
    """

    needs_no_turn = frozenset({"cluster"})

    def __init__(
        self,
        segmentation_model: Path,
        embedding_model: Path,
        settings: OnnxDiarizerSettings | None = None,
        threads: int = 1,
        providers: Sequence[Provider] = CPU,
    ) -> None:
        self._settings = settings or OnnxDiarizerSettings()
        self._segmentation = Network(segmentation_model, threads, providers)
        pooling = embedding_model.with_name("pooling.onnx")
        self._embedder = VoiceEmbedder(
            Network(embedding_model, threads, providers),
            Network(pooling, threads, providers, inputs=2),
            self._settings.shortest_stretch,
        )

    @property
    def info(self) -> DiarizerInfo:
        """What it is."""
        return DiarizerInfo("onnx", "segmentation-3.0 + campplus", self._segmentation.device)

    def analyse(self, waveform: Waveform, progress: Progress) -> SpeakerEvidence:
        """Listen to the audio, a piece at a time, and keep what clustering needs.

        Raises:
            ValueError: if the waveform is not at 16 kHz.
            EngineFailed: if ONNX Runtime could not do it.
            Cancelled: if `progress` raised it.
        """
        if waveform.sample_rate != SAMPLE_RATE:
            raise ValueError(f"diarization wants {SAMPLE_RATE} Hz, not {waveform.sample_rate}")
        grid = WindowGrid.over(waveform.sample_count, self._settings.step)
        share = _SEGMENTATION_SHARE
        segmentation = segment(
            self._segmentation, waveform, grid, lambda done: progress(share * done)
        )
        voices = self._embedder.embed(
            waveform, segmentation, lambda done: progress(share + (1 - share) * done)
        )
        return keep(segmentation, voices, waveform.duration)

    def cluster(
        self, evidence: SpeakerEvidence, hints: SpeakerHints, progress: Progress = unobserved
    ) -> Diarization:
        """Decide whose voice is whose.

        A cluster can lose all its windows to others; where that leaves fewer speakers than asked
        for, a few more clusters are tried.

        Raises:
            Cancelled: if `progress` raised it.
            InvalidEvidence: if another kind of diarizer made the evidence, or it is damaged.
        """
        progress(0.0)
        segmentation, voices = recall(evidence)
        if not len(voices.slots):
            return Diarization()
        most = hints.most or len(voices.slots)
        best = self._cluster(segmentation, voices, evidence.duration, hints)
        for more in range(1, _MORE_CLUSTERS + 1):
            if len(best.speakers) >= hints.fewest:
                break
            progress(more / (_MORE_CLUSTERS + 1))
            wanted = SpeakerHints(exact=hints.fewest + more)
            found = self._cluster(segmentation, voices, evidence.duration, wanted)
            if len(best.speakers) < len(found.speakers) <= most:
                best = found
        return best

    def _cluster(
        self, segmentation: Segmentation, voices: Voices, duration: float, hints: SpeakerHints
    ) -> Diarization:
        centres = self._centres(voices, segmentation.grid, hints)
        owners = assign_slots(_nearness(voices.embeddings, centres), voices.slots)
        corrections = self._corrections(voices, centres, owners)
        slots = np.full(segmentation.grid.count * SLOTS, -1, np.intp)
        slots[voices.slots] = owners
        votes = vote(segmentation, slots.reshape(-1, SLOTS), corrections, len(centres))
        return _diarization(votes, segmentation, centres, duration)

    def _centres(self, voices: Voices, grid: WindowGrid, hints: SpeakerHints) -> Points:
        """Return the voice of each speaker, unit length, shape (speakers, 192)."""
        settings = self._settings
        is_clean = voices.clean_frames >= settings.min_clean * WINDOW_FRAMES
        if is_clean.sum() < max(2, hints.fewest):
            is_clean[:] = True
        chosen = _unit(voices.embeddings[is_clean])
        smallest = min(round(settings.min_cluster_size / grid.step), round(len(chosen) / 10))
        labels = find_speakers(
            chosen, hints, settings.threshold, max(1, smallest), settings.plain_limit
        )
        return _unit(centroids(chosen, labels)[0])

    def _corrections(self, voices: Voices, centres: Points, owners: Labels) -> NDArray[np.intp]:
        """Return the stretches that belong to another speaker than their slot."""
        nearness = _nearness(voices.stretch_embeddings, centres)
        rows = np.arange(len(nearness))
        own = owners[np.searchsorted(voices.slots, voices.stretches[:, 0])]
        best = nearness.argmax(axis=1)
        is_other = nearness[rows, best] - nearness[rows, own] > self._settings.correction
        return np.asarray(np.column_stack([voices.stretches, best])[is_other], np.intp)


def assign_slots(nearness: NDArray[np.float32], slots: NDArray[np.int32]) -> Labels:
    """Return the speaker of each voice; two voices of one window are two speakers if they can be.

    Args:
        nearness: cosine of each voice with each speaker, shape (n, speakers).
        slots: window x 3 + slot of each voice, in order, shape (n,).
    """
    owners: Labels = nearness.argmax(axis=1)
    starts = np.flatnonzero(np.diff(slots // SLOTS, prepend=-1))
    for first, last in zip(starts, [*starts[1:], len(slots)], strict=True):
        if last - first > 1:
            voices, speakers = linear_sum_assignment(-nearness[first:last])
            owners[first + voices] = speakers
    return owners


def _nearness(embeddings: NDArray[np.float16], centres: Points) -> NDArray[np.float32]:
    """Return the cosine of each voice with each speaker, a block at a time: (n, speakers)."""
    nearness = np.empty((len(embeddings), len(centres)), np.float32)
    for first in range(0, len(embeddings), _BLOCK_VOICES):
        block = slice(first, first + _BLOCK_VOICES)
        nearness[block] = _unit(embeddings[block]) @ centres.T
    return nearness


def _unit(embeddings: NDArray[np.float16] | NDArray[np.float32]) -> Points:
    vectors = embeddings.astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def _diarization(
    votes: NDArray[np.uint8], segmentation: Segmentation, centres: Points, duration: float
) -> Diarization:
    count = segmentation.speaker_count
    turns = make_turns(most_voted(votes, count), duration)
    exclusive = make_turns(most_voted(votes, np.minimum(count, 1)), duration)
    names = name_speakers(turns)
    embeddings = {name: centres[speaker] for speaker, name in names.items()}
    return Diarization(named(turns, names), named(exclusive, names), embeddings)
