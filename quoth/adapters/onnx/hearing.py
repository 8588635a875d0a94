"""What CAM++ hears in speech: a vector for each 20 ms, the expensive part of an embedding.

CAM++: Wang et al., "CAM++: a fast and efficient network for speaker verification using
context-aware masking", Interspeech 2023. Cut off before its statistics pooling it hears every
second of speech once, ten seconds at a time; any set of its frames can then be pooled to a voice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quoth.adapters.onnx.features import FRAME_SAMPLES as FEATURE_SAMPLES
from quoth.adapters.onnx.features import HOP_SAMPLES, log_mel
from quoth.adapters.onnx.segmentation import FRAME_SAMPLES as SPEECH_FRAME_SAMPLES
from quoth.adapters.onnx.sessions import Network
from quoth.domain.audio import Waveform
from quoth.ports.progress import Progress

CHANNELS = 512
HEARING_SAMPLES = 2 * HOP_SAMPLES
CHUNK_FRAMES = 500
_CHUNK_FEATURES = 2 * CHUNK_FRAMES
_FEWEST_FEATURES = 20


@dataclass(frozen=True, slots=True, eq=False)
class Hearing:
    """Twenty seconds of what the network heard.

    Args:
        start: index of the first 20 ms frame in the whole; may be negative.
        frames: float32 (1000, 512), zero where nobody speaks.
        is_heard: whether the network was run there, (1000,).
    """

    start: int
    frames: NDArray[np.float32]
    is_heard: NDArray[np.bool_]


def hear(
    trunk: Network,
    waveform: Waveform,
    speaker_count: NDArray[np.uint8],
    progress: Progress,
) -> Iterator[Hearing]:
    """Run the network over all speech; yield each two neighbouring chunks of ten seconds.

    The first yield is silence and the first chunk, the last is the last chunk and silence.
    """
    chunks = -(-waveform.sample_count // (CHUNK_FRAMES * HEARING_SAMPLES))
    before = _silence()
    for chunk in range(chunks + 1):
        here = _hear_chunk(trunk, waveform, speaker_count, chunk) if chunk < chunks else _silence()
        yield Hearing(
            (chunk - 1) * CHUNK_FRAMES,
            np.concatenate([before[0], here[0]]),
            np.concatenate([before[1], here[1]]),
        )
        before = here
        progress((chunk + 1) / (chunks + 1))


def _silence() -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    return np.zeros((CHUNK_FRAMES, CHANNELS), np.float32), np.zeros(CHUNK_FRAMES, bool)


def _hear_chunk(
    trunk: Network, waveform: Waveform, speaker_count: NDArray[np.uint8], chunk: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Join the speech of a chunk, normalise its channel, run the network, put frames back.

    A frame of the network stands for two features; where a pause was cut out these may belong to
    two frames of time, of which the second takes the value if nothing else claims it.
    """
    frames, is_heard = _silence()
    first = chunk * _CHUNK_FEATURES
    samples = waveform.samples(
        first * HOP_SAMPLES,
        (first + _CHUNK_FEATURES) * HOP_SAMPLES + FEATURE_SAMPLES - HOP_SAMPLES,
    )
    features = log_mel(samples)
    position = (first + np.arange(len(features))) * HOP_SAMPLES // SPEECH_FRAME_SAMPLES
    position = np.minimum(position, len(speaker_count) - 1)
    speech = np.flatnonzero(speaker_count[position])
    if len(speech) < _FEWEST_FEATURES:
        return frames, is_heard
    spoken = features[speech]
    heard = trunk((spoken - spoken.mean(axis=0))[None])[0].T
    for half in (speech[1::2] // 2, speech[::2] // 2):
        frames[half] = heard[: len(half)]
        is_heard[half] = True
    return frames, is_heard
