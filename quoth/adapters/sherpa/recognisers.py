"""sherpa-onnx's recognisers of one model: the plain one, and one that expects given words."""

import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sherpa_onnx

from quoth.adapters.sherpa.model_files import ENGINE, SherpaFiles, read_vocabulary
from quoth.adapters.sherpa.settings import SherpaSettings
from quoth.domain.audio import SAMPLE_RATE, Samples
from quoth.domain.errors import EngineFailed, EngineUnavailable


class Recognisers:
    """Turns sounds into results of sherpa-onnx, several in one batch.

    Words to expect need another way of decoding, which a recogniser is told when it is made. So
    there is a second one, made when somebody first expects words: who expects none is served as if
    there were no such thing, and has no second copy of the model in memory.

    Args:
        files: a model that was checked.
        device: `cpu` or `cuda`.
        threads: threads of one call.
        settings: how it is run.

    Raises:
        EngineUnavailable: if the device cannot compute it.
    """

    def __init__(
        self, files: SherpaFiles, device: str, threads: int, settings: SherpaSettings
    ) -> None:
        self._files = files
        self._device = device
        self._threads = max(1, threads)
        self._settings = settings
        self._vocabulary = read_vocabulary(files)
        self._lock = threading.Lock()
        self._expecting: Any = None
        try:
            self._plain = self._load()
        except (RuntimeError, ValueError) as error:
            cure = "Fetch the model again with `quoth models pull`, or leave ASR_PROVIDER unset."
            raise EngineUnavailable(ENGINE, str(error), cure) from error

    def hear(self, sounds: Sequence[Samples], keywords: Sequence[Sequence[str]]) -> list[Any]:
        """Return sherpa-onnx's result for each sound, given the words expected in each.

        Raises:
            EngineFailed: if sherpa-onnx could not do it.
        """
        hotwords = [self._vocabulary.hotwords(each) for each in keywords]
        try:
            streams = [self._stream(*each) for each in zip(sounds, hotwords, strict=True)]
            plain = [stream for stream, words in zip(streams, hotwords, strict=True) if not words]
            biased = [stream for stream, words in zip(streams, hotwords, strict=True) if words]
            if plain:
                self._plain.decode_streams(plain)
            if biased:
                self._expecting_words().decode_streams(biased)
            return [stream.result for stream in streams]
        except (RuntimeError, ValueError) as error:
            raise EngineFailed(ENGINE, str(error)) from error

    def _stream(self, samples: Samples, hotwords: str) -> Any:
        settings = self._settings
        wanted = round(settings.shortest * SAMPLE_RATE)
        tail = max(round(settings.tail * SAMPLE_RATE), wanted - len(samples))
        if hotwords:
            stream = self._expecting_words().create_stream(hotwords=hotwords)
        else:
            stream = self._plain.create_stream()
        stream.accept_waveform(SAMPLE_RATE, np.pad(samples, (0, tail)))
        return stream

    def _expecting_words(self) -> Any:
        """Return the recogniser that expects words.

        It follows one path, which without words is what the plain one does; with more of them
        sherpa-onnx counts the bias of a token twice when it compares paths, and makes words up.
        """
        with self._lock:
            if self._expecting is None:
                with tempfile.TemporaryDirectory(prefix="quoth-") as folder:
                    scores = Path(folder) / "bpe.vocab"
                    self._vocabulary.write_scores(scores)
                    self._expecting = self._load(
                        decoding_method="modified_beam_search",
                        max_active_paths=1,
                        modeling_unit="bpe",
                        bpe_vocab=str(scores),
                        hotwords_score=self._settings.keyword_score,
                    )
            return self._expecting

    def _load(self, **decoding: str | float) -> Any:
        return sherpa_onnx.OfflineRecognizer.from_transducer(
            *(str(network) for network in self._files.networks),
            str(self._files.tokens),
            num_threads=self._threads,
            provider=self._device,
            model_type="nemo_transducer",
            **decoding,
        )
