"""Play speech to a server in real time and measure how long after they were spoken words are told.

    python bench/realtime.py http://127.0.0.1:8000 RECORDING [--seconds 120] [--reference TEXT]

A partial is whatever is told of a word first, settled or not (`interim`); a stable word is one in a
delta. When words are spoken is taken from the server's own transcript of the whole recording, whose
words are matched with those told live. Prints JSON with the load of the machine.
"""

import argparse
import base64
import json
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from openai import OpenAI
from openai.resources.realtime.realtime import RealtimeConnection
from websockets.exceptions import ConnectionClosed

from quoth.evaluation.machine import commit, describe_machine, installed_versions
from quoth.evaluation.scoring import normaliser, word_errors

RATE = 24_000
STEP = 0.1
SPEAKER_PREFIX = ": "


@dataclass
class Told:
    """What a session told, each with the seconds after the first sound was sent.

    Args:
        partials: for each utterance, when the first words of it were told.
        starts: for each utterance, where it begins in the recording.
        deltas: settled text.
        texts: of completed utterances.
        behind: seconds from the end of an utterance to its completion.
    """

    partials: dict[str, float] = field(default_factory=dict[str, float])
    starts: dict[str, float] = field(default_factory=dict[str, float])
    ends: dict[str, float] = field(default_factory=dict[str, float])
    deltas: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    texts: list[str] = field(default_factory=list[str])
    behind: list[float] = field(default_factory=list[float])


def sound(recording: Path, seconds: float) -> bytes:
    command = ["ffmpeg", "-v", "error", "-i", str(recording), "-t", str(seconds)]
    command += ["-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def play(connection: RealtimeConnection, pcm: bytes, began: float) -> None:
    size = int(RATE * STEP) * 2
    for index, first in enumerate(range(0, len(pcm), size)):
        time.sleep(max(0.0, began + index * STEP - time.monotonic()))
        audio = base64.b64encode(pcm[first : first + size]).decode()
        connection.input_audio_buffer.append(audio=audio)
    finish: Any = {"type": "quoth.session.finish"}
    connection.send(finish)


def listen(client: OpenAI, pcm: bytes, language: str | None) -> Told:
    told = Told()
    with client.realtime.connect(extra_query={"intent": "transcription"}) as connection:
        transcription = {"language": language} if language else {}
        session: Any = {
            "type": "transcription",
            "audio": {"input": {"transcription": transcription}},
            "quoth": {"interim": True},
        }
        connection.session.update(session=session)
        while connection.recv().type != "session.updated":
            pass
        began = time.monotonic()
        playing = threading.Thread(target=play, args=(connection, pcm, began))
        playing.start()
        try:
            while True:
                event: Any = connection.recv()
                note(told, event, time.monotonic() - began)
        except ConnectionClosed:
            playing.join()
    return told


def note(told: Told, event: Any, now: float) -> None:
    kind = event.type.removeprefix("conversation.item.input_audio_transcription.")
    if kind == "input_audio_buffer.speech_started":
        told.starts[event.item_id] = event.audio_start_ms / 1000
    elif kind == "input_audio_buffer.speech_stopped":
        told.ends[event.item_id] = event.audio_end_ms / 1000
    elif kind == "error":
        raise RuntimeError(event.error.message)
    elif kind == "delta":
        told.partials.setdefault(event.item_id, now)
        told.deltas.append((now, event.delta))
    elif kind.startswith("quoth.") and event.text:
        told.partials.setdefault(event.item_id, now)
    elif kind == "completed":
        told.texts.append(event.transcript)
        told.behind.append(now - told.ends[event.item_id])


def spoken(client: OpenAI, recording: Path, pcm: bytes, language: str | None) -> list[Any]:
    """Return the words of the whole recording with their times."""
    wave = b"".join((wave_header(len(pcm)), pcm))
    given: dict[str, Any] = {"language": language} if language else {}
    answer = client.audio.transcriptions.create(
        file=(recording.stem + ".wav", wave),
        model="whisper-1",
        response_format="verbose_json",
        timestamp_granularities=["word"],
        **given,
    )
    return list(answer.words or [])


def wave_header(size: int) -> bytes:
    fields = np.array([16, 1 | 1 << 16, RATE, RATE * 2, 2 | 16 << 16], "<u4").tobytes()
    total = (size + 36).to_bytes(4, "little")
    return b"RIFF" + total + b"WAVEfmt " + fields + b"data" + size.to_bytes(4, "little")


def latencies(told: Told, words: Sequence[Any]) -> tuple[list[float], list[float]]:
    """Return how long after its end the first word of each utterance and each stable word came."""
    first = []
    for item, start in told.starts.items():
        said = next((word for word in words if word.start >= start - 0.2), None)
        if said is not None and item in told.partials:
            first.append(told.partials[item] - said.end)
    live = [(now, word) for now, text in told.deltas for word in text.split()]
    plain = [[plain_word(word) for _, word in live], [plain_word(word.word) for word in words]]
    matcher = SequenceMatcher(None, plain[0], plain[1], autojunk=False)
    stable = [
        live[block.a + offset][0] - words[block.b + offset].end
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    ]
    return first, stable


def plain_word(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {"count": 0}
    values = {f"p{p}": float(np.percentile(seconds, p)) for p in (50, 90, 95, 99)}
    found = {"count": len(seconds), **values, "max": max(seconds)}
    return {name: round(value, 3) for name, value in found.items()}


def errors(reference: str | None, text: str, language: str | None) -> float | None:
    if reference is None:
        return None
    rate = word_errors(reference, text, normaliser(language)).percent
    return None if rate is None else round(rate, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("recording", type=Path)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--language")
    parser.add_argument("--reference", type=Path, help="Lines `speaker: text`, of all of it.")
    given = parser.parse_args()
    pcm = sound(given.recording, given.seconds)
    client = OpenAI(base_url=f"{given.url}/v1", api_key="none", max_retries=0)
    listen(client, pcm[: 6 * RATE * 2], given.language)  # the models are loaded then
    load = os.getloadavg()
    told = listen(client, pcm, given.language)
    load_after = os.getloadavg()
    words = spoken(client, given.recording, pcm, given.language)
    first, stable = latencies(told, words)
    reference = None
    if given.reference is not None:
        lines = given.reference.read_text(encoding="utf-8").splitlines()
        reference = " ".join(line.partition(SPEAKER_PREFIX)[2] for line in lines)
    models = httpx.get(f"{given.url}/v1/models").json()["data"]
    figures = {
        "what": "live transcription, one session",
        "recording": given.recording.name,
        "seconds": len(pcm) / RATE / 2,
        "model": models[0]["id"],
        "load_before": load,
        "load_after": load_after,
        "first_partial_seconds": percentiles(first),
        "stable_word_seconds": percentiles(stable),
        "completed_after_end_seconds": percentiles(told.behind),
        "utterances": len(told.texts),
        "wer_live": errors(reference, " ".join(told.texts), given.language),
        "wer_whole": errors(reference, " ".join(word.word for word in words), given.language),
        "machine": asdict(describe_machine()),
        "commit": commit(),
        "versions": installed_versions(),
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
