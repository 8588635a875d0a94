"""What is kept of known people as bytes: references as samples, voices as JSON."""

import io
import json
from collections.abc import Sequence

import numpy as np

from quoth.domain.references import Clip, KnownVoices, Reference


def references_to_bytes(references: Sequence[Reference]) -> bytes:
    """Return an npz archive: names as JSON, all 16-bit samples, and how many of them are whose."""
    clips = [Clip.of(each.waveform).pcm for each in references]
    names = json.dumps([each.name for each in references]).encode()
    content = io.BytesIO()
    np.savez(
        content,
        names=np.frombuffer(names, np.uint8),
        counts=np.array([len(clip) for clip in clips]),
        samples=np.concatenate(clips),
    )
    return content.getvalue()


def references_from_bytes(content: bytes) -> list[Reference]:
    """Read what `references_to_bytes` wrote."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        names = json.loads(archive["names"].tobytes())
        ends = np.cumsum(archive["counts"])
        clips = np.split(archive["samples"], ends[:-1])
    return [Reference(name, Clip(pcm)) for name, pcm in zip(names, clips, strict=True)]


def voices_to_bytes(known: KnownVoices) -> bytes:
    """Return the voices as JSON."""
    voices = [
        {"name": name, "voice": None if voice is None else voice.tolist()}
        for name, voice in known.voices.items()
    ]
    return json.dumps({"kind": known.kind, "voices": voices}).encode()


def voices_from_bytes(content: bytes) -> KnownVoices:
    """Read what `voices_to_bytes` wrote."""
    found = json.loads(content)
    voices = {
        each["name"]: None if each["voice"] is None else np.array(each["voice"], np.float32)
        for each in found["voices"]
    }
    return KnownVoices(found["kind"], voices)
