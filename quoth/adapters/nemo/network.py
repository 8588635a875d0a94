"""One pass through a NeMo network: from samples to tokens with times."""

from collections.abc import Sequence
from functools import cached_property
from math import ceil
from typing import Any, NamedTuple

import numpy as np

from quoth.adapters.nemo.checkpoint import Checkpoint
from quoth.adapters.nemo.expecting import ExpectingDecoder
from quoth.adapters.nemo.hypotheses import (
    Emission,
    Vocabulary,
    ctc_emissions,
    tokens_of,
    transducer_emissions,
)
from quoth.adapters.nemo.stateful import StatefulDecoder, Step, Stepped
from quoth.domain.audio import SAMPLE_RATE, Samples
from quoth.domain.tokens import Token

_SHORTEST = SAMPLE_RATE
"""Samples; a shorter sound is followed by silence up to that, for the model to hear it end."""


class Sound(NamedTuple):
    """Samples, with words to expect in them."""

    samples: Samples
    keywords: tuple[str, ...] = ()


class Network:
    """A loaded NeMo model, called in batches.

    Its preprocessor, encoder and decoder are called one by one instead of `transcribe`, which
    writes a manifest, makes a data loader for each call and pads short sounds on both sides.

    Args:
        torch: the module.
        model: as `load_network` returns it.
        checkpoint: what it was loaded from.
        length_step: seconds; batches are padded to a multiple of it, 0 for no more than needed.
    """

    def __init__(
        self, torch: Any, model: Any, checkpoint: Checkpoint, length_step: float = 0.0
    ) -> None:
        self._torch = torch
        self._model = model
        self._is_ctc = checkpoint.kind == "ctc"
        self._takes_keywords = checkpoint.takes_keywords
        self._length_step = round(length_step * SAMPLE_RATE)
        self._device = next(model.encoder.parameters()).device
        self._type = next(model.encoder.parameters()).dtype
        if self._device.type == "cuda":
            torch.backends.cudnn.benchmark = True
        else:
            _keep_own_durations(model.decoding)
        self._frame = self._measure_frame()

    def hear(self, sounds: Sequence[Sound]) -> list[list[Token]]:
        """Return the tokens heard in each sound, times in seconds from its beginning.

        All are encoded together; those that expect words are decoded by themselves.

        Raises:
            RuntimeError: as torch raises it.
        """
        with self._torch.inference_mode():
            encoded, lengths = self._encode(*self._features([each.samples for each in sounds]))
            keywords = [self._spelled(each.keywords) for each in sounds]
            emissions = self._decode(encoded, lengths, keywords)
        vocabulary = self._model.decoding
        return [tokens_of(each, vocabulary, self._frame) for each in emissions]

    def advance(self, steps: Sequence[Step]) -> list[Stepped]:
        """Go on with streams of sound; see `StatefulDecoder`.

        Raises:
            RuntimeError: as torch raises it.
        """
        with self._torch.inference_mode():
            encoded, lengths = self._encode(*self._features([step.samples for step in steps]))
            return self._stateful.decode(encoded, lengths.tolist(), steps)

    @property
    def vocabulary(self) -> Vocabulary:
        """What its tokens are."""
        vocabulary: Vocabulary = self._model.decoding
        return vocabulary

    @property
    def frame_samples(self) -> int:
        """Samples from one output of the encoder to the next."""
        return round(self._frame * SAMPLE_RATE)

    @cached_property
    def _stateful(self) -> StatefulDecoder:
        return StatefulDecoder(self._torch, self._model)

    @cached_property
    def _expecting(self) -> ExpectingDecoder:
        decoder = ExpectingDecoder(self._model)
        _keep_own_durations(decoder.decoding)
        return decoder

    def _spelled(self, keywords: tuple[str, ...]) -> tuple[str, ...]:
        """Return the words to expect that the model can write; none where it expects none."""
        wanted = keywords and self._takes_keywords
        return self._expecting.spelled(keywords) if wanted else ()

    def prepare(self, rows: int, seconds: float) -> None:
        """Decode a batch of the largest size there will be, so that no later one is larger.

        On a GPU the decoder is recorded as a CUDA graph for the largest batch it has met; doing
        so again later would take a second each time, and could disturb others who compute.
        """
        with self._torch.inference_mode():
            sound = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
            encoded, lengths = self._encode(*self._features([sound]))
            self._emissions(encoded.expand(rows, -1, -1).contiguous(), lengths.expand(rows))

    def _decode(
        self, encoded: Any, lengths: Any, keywords: Sequence[tuple[str, ...]]
    ) -> list[list[Emission]]:
        """Decode rows, those with words to expect by themselves."""
        if not any(keywords):
            return self._emissions(encoded, lengths)
        plain = [row for row, words in enumerate(keywords) if not words]
        biased = [row for row, words in enumerate(keywords) if words]
        found = self._expecting.decode(
            encoded[biased], lengths[biased], [keywords[row] for row in biased]
        )
        emissions = dict(zip(biased, map(transducer_emissions, found), strict=True))
        if plain:
            others = self._emissions(encoded[plain], lengths[plain])
            emissions |= zip(plain, others, strict=True)
        return [emissions[row] for row in range(len(keywords))]

    def _emissions(self, encoded: Any, lengths: Any) -> list[list[Emission]]:
        if self._is_ctc:
            scores, labels = self._model.decoder(encoder_output=encoded).float().max(dim=-1)
            blank = self._model.decoder.num_classes_with_blank - 1
            rows = zip(labels.tolist(), scores.exp().tolist(), lengths.tolist(), strict=True)
            return [ctc_emissions(row[:length], sure[:length], blank) for row, sure, length in rows]
        found = self._model.decoding.rnnt_decoder_predictions_tensor(
            encoder_output=encoded, encoded_lengths=lengths, return_hypotheses=True
        )
        return [transducer_emissions(hypothesis) for hypothesis in found]

    def _features(self, sounds: Sequence[Samples]) -> tuple[Any, Any]:
        lengths = [max(len(samples), _SHORTEST) for samples in sounds]
        longest = max(lengths)
        if self._length_step:
            longest = ceil(longest / self._length_step) * self._length_step
        padded = np.zeros((len(sounds), longest), np.float32)
        for row, samples in zip(padded, sounds, strict=True):
            row[: len(samples)] = samples
        features, frames = self._model.preprocessor(
            input_signal=self._torch.from_numpy(padded).to(self._device),
            length=self._torch.tensor(lengths, device=self._device),
        )
        return features.to(self._type), frames

    def _encode(self, features: Any, frames: Any) -> tuple[Any, Any]:
        encoded = self._model.encoder(audio_signal=features, length=frames)
        return encoded[0], encoded[1]

    def _measure_frame(self) -> float:
        """Measure the seconds from one output of the encoder to the next."""
        with self._torch.inference_mode():
            features, frames = self._features([np.zeros(8 * SAMPLE_RATE, np.float32)])
            _, outputs = self._encode(features, frames)
        stride = float(self._model.cfg.preprocessor.get("window_stride", 0.01))
        return stride * round(int(frames[0]) / int(outputs[0]))


def _keep_own_durations(decoding: Any) -> None:
    """Give each row of a batch the durations of its own tokens where no CUDA graph decodes.

    NeMo 3.0.0 decodes TDT batches twice over: `torch_impl` overwrites the durations of all rows
    whenever one row looks for its next token, so that words end at the wrong time; the state for
    CUDA graphs, which also runs without graphs and on a CPU, overwrites only that row's.
    """
    computer = getattr(decoding.decoding, "decoding_computer", None)
    if computer is not None and hasattr(computer, "durations"):
        computer.force_cuda_graphs_mode(computer.CudaGraphsMode.NO_GRAPHS)
        computer.torch_impl = computer.cuda_graphs_impl
