"""Measure one way of running Whisper on conversations with known text; prints JSON.

    python bench/whisper_settings.py FOLDER '{"beam_size": 5, "longest_window": 19}'

FOLDER holds `NAME/NAME.flac` with `NAME/NAME.json`, whose `turns` carry `start` and `text`.
Settings are those of `WhisperSettings`; `limits` inside them go to `WindowLimits`.
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
from faster_whisper.audio import decode_audio
from faster_whisper.utils import get_assets_path
from whisper_normalizer.english import EnglishTextNormalizer

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.onnx.speech_detection import OnnxSpeechDetector
from quoth.adapters.whisper.model_files import find_whisper_model
from quoth.adapters.whisper.settings import WhisperSettings
from quoth.adapters.whisper.transcription import WhisperTranscriber
from quoth.domain.stitching import stitch
from quoth.domain.windowing import WindowLimits, plan_windows
from quoth.ports.progress import unobserved
from quoth.ports.transcriber import TranscriptionOptions, WindowTask

CONVERSATIONS = ("podcast-17min", "panel-5min", "meeting-2spk-short")
WINDOWS_A_CALL = 8


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def recognised(whisper: WhisperTranscriber, sound: Path, limits: WindowLimits) -> str:
    waveform = ArrayWaveform(np.asarray(decode_audio(str(sound)), np.float32))
    detector = OnnxSpeechDetector(Path(get_assets_path()) / "silero_vad_v6.onnx")
    windows = plan_windows(detector.detect_speech(waveform, unobserved), waveform.duration, limits)
    tasks = [WindowTask(waveform, window, TranscriptionOptions("en")) for window in windows]
    words = [
        found
        for first in range(0, len(tasks), WINDOWS_A_CALL)
        for found in whisper.transcribe(tasks[first : first + WINDOWS_A_CALL], unobserved)
    ]
    return " ".join(word.text for word in stitch(windows, words))


def measure(folder: Path, chosen: dict[str, Any]) -> dict[str, Any]:
    limits = chosen.pop("limits", {})
    settings = WhisperSettings(**chosen)
    whisper = WhisperTranscriber(*find_whisper_model("base"), threads=1, settings=settings)
    normalise = EnglishTextNormalizer()
    references, hypotheses, results = [], [], {}
    for name in CONVERSATIONS:
        sound = folder / name / f"{name}.flac"
        cpu, wall = cpu_seconds(), time.monotonic()
        text = recognised(whisper, sound, WindowLimits(settings.longest_window, **limits))
        cpu, wall = cpu_seconds() - cpu, time.monotonic() - wall
        turns = json.loads(sound.with_suffix(".json").read_text())["turns"]
        spoken = " ".join(turn["text"] for turn in sorted(turns, key=lambda t: t["start"]))
        references.append(normalise(spoken))
        hypotheses.append(normalise(text))
        wer = jiwer.wer(references[-1], hypotheses[-1])
        results[name] = {"wer": round(100 * wer, 2), "cpu_s": round(cpu, 1), "wall_s": round(wall)}
    return {
        "settings": repr(settings),
        "limits": limits,
        "pooled_wer": round(100 * jiwer.wer(references, hypotheses), 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        **results,
    }


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), json.loads((sys.argv[2:] or ["{}"])[0]))))
