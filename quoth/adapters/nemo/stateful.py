"""Decoding with a transducer that goes on from where it left off.

The decoder of a transducer reads the encoder's frames in order, and all it knows of those before
is the state of its prediction network: two vectors a layer. NeMo takes that state back
(`speech_to_text_streaming_infer_rnnt.py` in its examples); here it travels as arrays.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from quoth.adapters.nemo.hypotheses import Emission
from quoth.domain.audio import Samples

DecoderState: TypeAlias = Mapping[str, NDArray[np.generic]]
"""The state of a decoder; empty before the first frame."""


class Step(NamedTuple):
    """Sound that is encoded at once, and what of it is decoded.

    Args:
        samples: float32, shape (n,).
        left: frames that are there to be heard before the others, and were decoded before.
        chunk: frames after those to decode now, the others being guessed at; None for all.
        state: of the decoder after the frames on the left.
    """

    samples: Samples
    left: int
    chunk: int | None
    state: DecoderState


class Stepped(NamedTuple):
    """What was decoded, and what is guessed; frames are counted from the first after the left.

    `state` is the decoder's after the frames that were decoded.
    """

    emissions: list[Emission]
    guess: list[Emission]
    state: DecoderState


class _Part(NamedTuple):
    """Frames of one row: `[first, last)`, and the decoder's state before them."""

    row: int
    first: int
    last: int
    state: Any


class StatefulDecoder:
    """Decodes rows of a transducer's encoder, each from its own state.

    Args:
        torch: the module.
        model: as `load_network` returns it.
    """

    def __init__(self, torch: Any, model: Any) -> None:
        from nemo.collections.asr.parts.submodules.transducer_decoding.label_looping_base import (  # noqa: PLC0415
            LabelLoopingStateItem,
        )

        self._torch = torch
        self._item = LabelLoopingStateItem
        self._computer = model.decoding.decoding.decoding_computer
        weights = next(model.decoder.parameters())
        self._device, self._type = weights.device, weights.dtype

    def decode(self, encoded: Any, lengths: Sequence[int], steps: Sequence[Step]) -> list[Stepped]:
        """Decode what is to be decoded, then guess at the rest.

        Args:
            encoded: shape (rows, width, frames).
            lengths: frames of each row.
            steps: what the rows are.

        Raises:
            RuntimeError: as torch raises it.
        """
        frames = encoded.transpose(1, 2)
        states = [self._restored(step.state) for step in steps]
        parts, rests = [], []
        for row, (step, length) in enumerate(zip(steps, lengths, strict=True)):
            end = length if step.chunk is None else min(step.left + step.chunk, length)
            parts.append(_Part(row, min(step.left, end), end, states[row]))
        decoded = self._decode(frames, parts)
        for part, length, (_, state) in zip(parts, lengths, decoded, strict=True):
            rests.append(_Part(part.row, part.last, length, state))
        guessed = self._decode(frames, rests)
        found = []
        for part, (emissions, state), (guess, _) in zip(parts, decoded, guessed, strict=True):
            shift = part.last - part.first
            later = [each._replace(start=each.start + shift) for each in guess]
            found.append(Stepped(emissions, later, _kept(state)))
        return found

    def _decode(self, frames: Any, parts: Sequence[_Part]) -> list[tuple[list[Emission], Any]]:
        """Return what each part emits, counted from its first frame, and the state after it."""
        found: list[tuple[list[Emission], Any]] = [([], part.state) for part in parts]
        places = [place for place, part in enumerate(parts) if part.last > part.first]
        if not places:
            return found
        chosen = [parts[place] for place in places]
        pieces = [frames[part.row, part.first : part.last] for part in chosen]
        counts = [len(piece) for piece in pieces]
        before = [part.state for part in chosen]
        hypotheses, after = self._computer(
            x=self._torch.nn.utils.rnn.pad_sequence(pieces, batch_first=True),
            out_len=self._torch.tensor(counts, device=self._device),
            prev_batched_state=self._computer.merge_to_batched_state(before)
            if any(before)
            else None,
        )
        items = self._computer.split_batched_state(after)  # padded rows at the end may be there
        rows = _emissions(hypotheses, len(chosen))
        for place, emissions, item in zip(places, rows, items, strict=False):
            found[place] = emissions, item
        return found

    def _restored(self, state: DecoderState) -> Any:
        """Return NeMo's state of one row, counting frames from here; None at the beginning."""
        if not state:
            return None
        numbers = {"label", "jump"}
        tensors = {
            name: self._torch.tensor(array).to(
                device=self._device, dtype=self._torch.long if name in numbers else self._type
            )
            for name, array in state.items()
        }
        return self._item(
            predictor_state=(tensors["hidden"], tensors["cell"]),
            predictor_output=tensors["output"],
            label=tensors["label"],
            decoded_length=self._torch.zeros_like(tensors["label"]),
            time_jump=tensors.get("jump"),
        )


def without_jump(state: DecoderState) -> DecoderState:
    """Return a state that leaves out none of the frames that come next, as a token may have it."""
    return {**state, "jump": np.zeros((), np.int64)} if "jump" in state else state


def _kept(item: Any) -> DecoderState:
    if item is None:
        return {}
    hidden, cell = item.predictor_state
    state = {
        "hidden": hidden.float().cpu().numpy(),
        "cell": cell.float().cpu().numpy(),
        "output": item.predictor_output.float().cpu().numpy(),
        "label": item.label.cpu().numpy(),
    }
    return state if item.time_jump is None else state | {"jump": item.time_jump.cpu().numpy()}


def _emissions(hypotheses: Any, rows: int) -> list[list[Emission]]:
    lengths, *columns = hypotheses.get_data_without_blank()
    counts = lengths.tolist()
    ids, starts, frames, sure = ([] if each is None else each.tolist() for each in columns)
    return [
        [
            Emission(
                ids[row][at],
                starts[row][at],
                frames[row][at] if frames else None,
                sure[row][at] if sure else None,
            )
            for at in range(counts[row])
        ]
        for row in range(rows)
    ]
