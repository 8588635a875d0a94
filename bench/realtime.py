"""Play speech to a server in real time and measure how long after they were spoken words are told.

    python -m bench.realtime http://127.0.0.1:8000 RECORDING... [--language en] [--pause 1.2]

The recordings are played one after the other in one session. A *partial* is whatever is told of an
utterance first, settled or not (`interim`); a *stable* word is one in a delta, which never changes.
When words are spoken is read beside the recordings (`NAME.json`, `words: [[text, start, end]]`), or
taken from the server's own transcript of each where nothing is there. Prints JSON with the load of
the machine.
"""

import argparse
import base64
import json
import os
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from openai import OpenAI
from openai.resources.realtime.realtime import RealtimeConnection
from websockets.exceptions import ConnectionClosed

from bench.live_speech import LEAD_SECONDS, RATE, SAMPLE_BYTES, Part, Spoken, joined, lay_out
from quoth.evaluation.machine import commit, describe_machine, installed_versions
from quoth.evaluation.scoring import ErrorRate, normaliser, word_errors

STEP = 0.1
WARM_SECONDS = 6
NEAR = 0.1
"""Seconds by which a word may begin before the utterance that it is the first of."""
MOST_LATE = 5


@dataclass
class Told:
    """What a session told, each with the seconds after the first sound was sent.

    Args:
        partials: for each utterance, when the first words of it were told.
        settled: for each utterance, when the first words that do not change were told.
        starts: for each utterance, where it begins in the sound.
        deltas: settled text.
        texts: of completed utterances.
        behind: seconds from the end of an utterance to its completion.
    """

    partials: dict[str, float] = field(default_factory=dict[str, float])
    settled: dict[str, float] = field(default_factory=dict[str, float])
    starts: dict[str, float] = field(default_factory=dict[str, float])
    ends: dict[str, float] = field(default_factory=dict[str, float])
    deltas: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    texts: dict[str, str] = field(default_factory=dict[str, str])
    behind: list[float] = field(default_factory=list[float])

    def note(self, event: Any, now: float) -> None:
        """Take note of an event."""
        kind = event.type.removeprefix("conversation.item.input_audio_transcription.")
        if kind == "input_audio_buffer.speech_started":
            self.starts[event.item_id] = event.audio_start_ms / 1000
        elif kind == "input_audio_buffer.speech_stopped":
            self.ends[event.item_id] = event.audio_end_ms / 1000
        elif kind == "error":
            raise RuntimeError(event.error.message)
        elif kind == "delta":
            self.partials.setdefault(event.item_id, now)
            self.settled.setdefault(event.item_id, now)
            self.deltas.append((now, event.delta))
        elif kind.startswith("quoth.") and event.text:
            self.partials.setdefault(event.item_id, now)
        elif kind == "completed":
            self.texts[event.item_id] = event.transcript
            self.behind.append(now - self.ends[event.item_id])

    @property
    def text(self) -> str:
        """All that was said, in the order in which it was."""
        items = sorted(self.starts, key=lambda item: self.starts[item])
        return " ".join(self.texts.get(item, "") for item in items)


def play(connection: RealtimeConnection, pcm: bytes, began: float) -> None:
    size = int(RATE * STEP) * SAMPLE_BYTES
    for index, first in enumerate(range(0, len(pcm), size), start=1):
        time.sleep(max(0.0, began + index * STEP - time.monotonic()))  # it is spoken by then
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
                told.note(event, time.monotonic() - began)
        except ConnectionClosed:
            playing.join()
    return told


def transcript(client: OpenAI, part: Part, language: str | None) -> tuple[str, list[Spoken]]:
    """Return the server's own transcript of a whole recording."""
    given: dict[str, Any] = {"language": language} if language else {}
    answer = client.audio.transcriptions.create(
        file=(f"{part.name}.wav", wave_header(len(part.pcm)) + part.pcm),
        model="whisper-1",
        response_format="verbose_json",
        timestamp_granularities=["word"],
        **given,
    )
    return answer.text, [Spoken(word.word, word.start, word.end) for word in answer.words or []]


def wave_header(size: int) -> bytes:
    fields = np.array([16, 1 | 1 << 16, RATE, RATE * 2, 2 | 16 << 16], "<u4").tobytes()
    total = (size + 36).to_bytes(4, "little")
    return b"RIFF" + total + b"WAVEfmt " + fields + b"data" + size.to_bytes(4, "little")


def first_words(told: Told, words: Sequence[Spoken]) -> dict[str, Spoken]:
    """Return the first word of each utterance; none where it begins with no whole word."""
    found = {}
    starts = sorted(told.starts.items(), key=lambda item: item[1])
    for (item, start), end in zip(starts, [*(at for _, at in starts[1:]), np.inf], strict=True):
        inside = (word for word in words if start - NEAR <= word.start < end)
        if (word := next(inside, None)) is not None:
            found[item] = word
    return found


def delays(told: dict[str, float], first: dict[str, Spoken]) -> dict[str, dict[str, float]]:
    """Return how long after its first word began, and ended, something of an utterance was told."""
    both = [(told[item], word) for item, word in first.items() if item in told]
    return {
        "from_start_of_first_word": percentiles([now - word.start for now, word in both]),
        "from_end_of_first_word": percentiles([now - word.end for now, word in both]),
    }


def latest(told: dict[str, float], first: dict[str, Spoken]) -> list[dict[str, Any]]:
    """Return the utterances that were waited for longest, to be listened to."""
    waited = [(told[item] - word.start, word) for item, word in first.items() if item in told]
    waited.sort(key=lambda one: -one[0])
    return [
        {"seconds": round(seconds, 2), "at": round(word.start, 2), "word": word.text}
        for seconds, word in waited[:MOST_LATE]
    ]


def stable_delays(told: Told, words: Sequence[Spoken]) -> list[float]:
    """Return how long after its end each word was told that never changes."""
    live = [(now, word) for now, text in told.deltas for word in text.split()]
    plain = [[plain_word(word) for _, word in live], [plain_word(word.text) for word in words]]
    matcher = SequenceMatcher(None, plain[0], plain[1], autojunk=False)
    return [
        live[block.a + offset][0] - words[block.b + offset].end
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    ]


def plain_word(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {"count": 0}
    values = {f"p{p}": float(np.percentile(seconds, p)) for p in (50, 90, 95, 99)}
    found = {"count": len(seconds), **values, "max": max(seconds)}
    return {name: round(value, 3) for name, value in found.items()}


def errors(pairs: Iterable[tuple[str, str]], language: str | None) -> float | None:
    """Return the word error rate of texts, each after its reference."""
    normalise = normaliser(language)
    rates = [word_errors(reference, text, normalise) for reference, text in pairs]
    rate = sum(rates, ErrorRate(0, 0)).percent
    return None if rate is None else round(rate, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("recordings", nargs="+", type=Path)
    parser.add_argument("--pause", type=float, default=1.2, help="Seconds between recordings.")
    parser.add_argument("--seconds", type=float, help="Of each recording at most.")
    parser.add_argument("--language")
    given = parser.parse_args()
    parts = lay_out(given.recordings, given.pause, given.seconds)
    pcm = joined(parts)
    client = OpenAI(base_url=f"{given.url}/v1", api_key="none", max_retries=0)
    lead = int(LEAD_SECONDS * RATE) * SAMPLE_BYTES
    listen(client, pcm[lead : lead + WARM_SECONDS * RATE * SAMPLE_BYTES], given.language)
    load = os.getloadavg()
    told = listen(client, pcm, given.language)  # with its models loaded
    load_after = os.getloadavg()
    wholes = [transcript(client, part, given.language) for part in parts]
    words = [
        Spoken(word.text, word.start + part.start, word.end + part.start)
        for part, (_, heard) in zip(parts, wholes, strict=True)
        for word in part.words or heard
    ]
    texts = [part.text for part in parts if part.text is not None]
    is_known = len(texts) == len(parts)
    first = first_words(told, words)
    figures = {
        "what": "live transcription, one session",
        "recordings": [part.name for part in parts],
        "seconds": len(pcm) / RATE / SAMPLE_BYTES,
        "language": given.language,
        "words_timed_by": "reference" if all(part.words for part in parts) else "server",
        "model": httpx.get(f"{given.url}/v1/models").json()["data"][0]["id"],
        "load_before": load,
        "load_after": load_after,
        "utterances": len(told.texts),
        "first_partial_seconds": delays(told.partials, first),
        "latest_partials": latest(told.partials, first),
        "first_settled_seconds": delays(told.settled, first),
        "stable_word_seconds": percentiles(stable_delays(told, words)),
        "completed_after_end_seconds": percentiles(told.behind),
        "wer_live": errors([(" ".join(texts), told.text)], given.language) if is_known else None,
        "wer_whole": errors(zip(texts, (text for text, _ in wholes), strict=True), given.language)
        if is_known
        else None,
        "machine": asdict(describe_machine()),
        "commit": commit(),
        "versions": installed_versions(),
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
