"""Decoding with words to expect: NeMo's boosting trees, for each window its own.

torch and NeMo are imported when the first window comes that expects words.
"""

import copy
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from quoth.domain.keywords import writable

SCORE = 2.0
"""Natural logarithm by which a token that begins a keyword is likelier among the tokens."""
DEPTH = 2.0
"""How much more so those are that go on with it; what NeMo takes for transducers."""
_BEGINS_A_WORD = "\N{LOWER ONE EIGHTH BLOCK}"
_REMEMBERED = 32
"""Lists of words whose trees are kept: the windows of a recording come in many batches."""


class ExpectingDecoder:
    """Decodes what a transducer encoded, each row with words of its own.

    It shares the weights with the model's own decoder, which is left as it is: windows that expect
    nothing are none of its business. On a GPU it decodes without CUDA graphs.

    Args:
        model: as `load_network` returns it, with a tokenizer of SentencePiece.
    """

    def __init__(self, model: Any) -> None:
        from nemo.collections.asr.parts.submodules.rnnt_decoding import (  # noqa: PLC0415
            RNNTBPEDecoding,
        )
        from omegaconf import open_dict  # noqa: PLC0415

        configuration = copy.deepcopy(model.cfg.decoding)
        with open_dict(configuration):
            configuration.greedy.enable_per_stream_biasing = True
            configuration.greedy.use_cuda_graph_decoder = False
        self.decoding = RNNTBPEDecoding(
            decoding_cfg=configuration,
            decoder=model.decoder,
            joint=model.joint,
            tokenizer=model.tokenizer,
        )
        self._tokenizer = model.tokenizer
        self._letters = {piece for piece in model.tokenizer.vocab if len(piece) == 1}
        self._letters.discard(_BEGINS_A_WORD)
        self._device = next(model.encoder.parameters()).device
        self._tree = lru_cache(_REMEMBERED)(self._grow)

    def spelled(self, keywords: Sequence[str]) -> tuple[str, ...]:
        """Return the words to expect that the tokens of the model can write."""
        return writable(keywords, self._letters)

    def decode(self, encoded: Any, lengths: Any, keywords: Sequence[tuple[str, ...]]) -> list[Any]:
        """Return NeMo's hypotheses for rows.

        Args:
            encoded: by the model.
            lengths: of the rows.
            keywords: some words for each row, as `spelled` returns them.

        Raises:
            RuntimeError: as torch raises it.
        """
        store = self.decoding.decoding.decoding_computer.biasing_multi_model.to(self._device)
        numbers: dict[tuple[str, ...], int] = {}
        try:
            for words in dict.fromkeys(keywords):
                numbers[words] = store.add_model(self._tree(words), 1.0)
            found: list[Any] = self.decoding.rnnt_decoder_predictions_tensor(
                encoder_output=encoded,
                encoded_lengths=lengths,
                return_hypotheses=True,
                partial_hypotheses=[_asking_for(numbers[words]) for words in keywords],
            )
            return found
        finally:
            for number in numbers.values():
                store.remove_model(number)

    def _grow(self, words: tuple[str, ...]) -> Any:
        """Return the tree of some words."""
        from nemo.collections.asr.parts.context_biasing.boosting_graph_batched import (  # noqa: PLC0415
            BoostingTreeModelConfig,
            GPUBoostingTreeModel,
        )

        configuration = BoostingTreeModelConfig(
            key_phrases_list=list(words),
            context_score=SCORE,
            depth_scaling=DEPTH,
            use_triton=False,  # it is only copied from
        )
        return GPUBoostingTreeModel.from_config(configuration, self._tokenizer).to(self._device)


def _asking_for(tree: int) -> Any:
    """Return what asks NeMo to decode a row with one of the trees that its store has."""
    kind, request = _request_classes()
    return kind(score=0.0, y_sequence=[], timestamp=[], biasing_cfg=request(multi_model_id=tree))


@lru_cache(1)
def _request_classes() -> tuple[Any, Any]:
    from nemo.collections.asr.parts.context_biasing.biasing_multi_model import (  # noqa: PLC0415
        BiasingRequestItemConfig,
    )
    from nemo.collections.asr.parts.utils.rnnt_utils import Hypothesis  # noqa: PLC0415

    class Asking(Hypothesis):  # type: ignore[misc]
        """What was decoded before: nothing. It becomes what is decoded, durations included."""

        def merge_(self, other: Any) -> Any:
            """Take everything over; NeMo's own leaves the durations of tokens behind."""
            for name, value in vars(other).items():
                setattr(self, name, value)
            return self

    return Asking, BiasingRequestItemConfig
