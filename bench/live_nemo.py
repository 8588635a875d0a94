"""Live transcription with a NeMo model by streams and by repeated looks; prints JSON.

    python -m bench.live_nemo MODEL.nemo RECORDING... [--device cuda] [--seconds 120] [--threads 2]

Recordings are joined. They are played to a session by a clock that moves on by what each pass took:
nothing waits, and what is told when is as in real time on a machine that has nothing else to do.
`told_s` is from the end of a word to the moment from which it does not change, `seen_s` to the one
at which a word stands in its place for the first time, guess or not. The model of random weights
(bench/random_parakeet.py) tells what passes of full size cost; of its words only the times mean
something, and of looks not even those, as they hardly ever agree.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from faster_whisper.audio import decode_audio
from faster_whisper.utils import get_assets_path

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.nemo.model_files import find_nemo_model
from quoth.adapters.nemo.settings import settings_for
from quoth.adapters.nemo.transcription import NemoTranscriber
from quoth.adapters.onnx.speech_meter import OnnxSpeechMeter
from quoth.domain.audio import SAMPLE_RATE, Interval, Samples
from quoth.domain.live import LiveEvent, TextAdded, TextCompleted, TextGuessed
from quoth.domain.windowing import Window
from quoth.evaluation.machine import commit, describe_machine
from quoth.evaluation.scoring import normaliser, word_errors
from quoth.ports.live import SpeechMeter
from quoth.ports.progress import unobserved
from quoth.ports.transcriber import Transcriber, WindowTask
from quoth.use_cases.live_decoding import MakeDecoder
from quoth.use_cases.live_session import LiveOptions, LiveSession
from quoth.use_cases.live_streams import decoder_for
from quoth.use_cases.local_agreement import LocalAgreement

PIECE = SAMPLE_RATE // 50
WAYS: dict[str, MakeDecoder] = {"streams": decoder_for, "looks": LocalAgreement}


@dataclass
class Play:
    """What a session told of sound, in seconds."""

    passes: list[float] = field(default_factory=list[float])
    told: list[float] = field(default_factory=list[float])
    seen: list[float] = field(default_factory=list[float])
    texts: list[str] = field(default_factory=list[str])
    cpu: float = 0.0
    first_seen: dict[tuple[str, int], float] = field(default_factory=dict[tuple[str, int], float])
    counts: dict[str, int] = field(default_factory=dict[str, int])

    def take(self, events: Sequence[LiveEvent], now: float) -> None:
        """Note what was told at a moment."""
        for event in events:
            if isinstance(event, TextAdded):
                before = self.counts.get(event.item, 0)
                for index, word in enumerate(event.words, before):
                    self.told.append(now - word.end)
                    seen = self.first_seen.setdefault((event.item, index), now)
                    self.seen.append(seen - word.end)
                self.counts[event.item] = before + len(event.words)
            elif isinstance(event, TextGuessed):
                settled = self.counts.get(event.item, 0)
                for index in range(settled, settled + len(event.text.split())):
                    self.first_seen.setdefault((event.item, index), now)
            elif isinstance(event, TextCompleted):
                self.texts.append(event.text)


def play(
    transcriber: Transcriber, meter: SpeechMeter, samples: Samples, make_decoder: MakeDecoder
) -> Play:
    """Let a session hear sound as if it came in real time."""
    played = Play()
    options = LiveOptions(has_guesses=True)
    told = played.passes.append
    session = LiveSession(
        transcriber, meter, options, time.monotonic, told=told, make_decoder=make_decoder
    )
    there, now = 0, 0.0
    while there < len(samples) or not session.is_done:
        if session.is_due:
            began, used = time.monotonic(), time.process_time()
            session.recognise(unobserved)
            now += time.monotonic() - began
            played.cpu += time.process_time() - used
            played.take(session.take_events(), now)
        else:
            now = max(now, (there + PIECE) / SAMPLE_RATE)
        heard = round(now * SAMPLE_RATE) // PIECE * PIECE
        if there < len(samples) and there < heard:
            session.hear(samples[there:heard])
            there = heard
            if there >= len(samples):
                session.finish()
    played.take(session.take_events(), now)
    return played


def report(played: Play, samples: Samples, reference: str) -> dict[str, object]:
    """Return the numbers of a way."""
    seconds = len(samples) / SAMPLE_RATE
    errors = word_errors(reference, " ".join(played.texts), normaliser("en"))
    return {
        "passes": len(played.passes),
        "pass_s": _spread(played.passes),
        "cpu_s_per_s": round(played.cpu / seconds, 3),
        "told_s": _spread(played.told),
        "seen_s": _spread(played.seen),
        "words": len(played.told),
        "wer_to_whole_percent": round(errors.percent or 0.0, 1),
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    median, high = np.quantile(values, [0.5, 0.95])
    return {"median": round(float(median), 2), "p95": round(float(high), 2)}


def whole(transcriber: NemoTranscriber, samples: Samples) -> str:
    """Return the text of the sound in windows as long as may be."""
    size = int(transcriber.info.longest_window * SAMPLE_RATE)
    pieces = [ArrayWaveform(samples[at : at + size]) for at in range(0, len(samples), size)]
    tasks = [WindowTask(piece, Window(Interval(0.0, piece.duration))) for piece in pieces]
    words = transcriber.transcribe(tasks, unobserved)
    return " ".join(word.text for each in words for word in each)


def main() -> None:
    """Measure both ways, each so many times, in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("recordings", type=Path, nargs="+")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--left", type=float)
    parser.add_argument("--right", type=float)
    arguments = parser.parse_args()
    settings = settings_for(arguments.device)
    for name in ("left", "right"):
        if (seconds := getattr(arguments, name)) is not None:
            settings = replace(settings, **{f"stream_{name}": seconds})
    load = partial(NemoTranscriber, device=arguments.device, threads=arguments.threads)
    transcriber = load(find_nemo_model(arguments.model), settings=settings)
    joined = np.concatenate([decode_audio(str(path)) for path in arguments.recordings])
    samples = np.asarray(joined, np.float32)[: int(arguments.seconds * SAMPLE_RATE)]
    reference = whole(transcriber, samples)
    meter = OnnxSpeechMeter(Path(get_assets_path()) / "silero_vad_v6.onnx")
    print(
        json.dumps(
            {
                "commit": commit(),
                "machine": asdict(describe_machine()),
                "model": transcriber.info.model,
                "provider": transcriber.info.provider,
                "device": arguments.device,
                "threads": arguments.threads,
                "seconds": round(len(samples) / SAMPLE_RATE, 1),
                "stream_left_s": settings.stream_left,
                "stream_right_s": settings.stream_right,
                "rounds": [
                    {
                        name: report(play(transcriber, meter, samples, way), samples, reference)
                        for name, way in WAYS.items()
                    }
                    for _ in range(arguments.rounds)
                ],
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
