"""A transcription of eleven seconds whose words are known: the whole way, as a user's goes."""

import difflib
import re
import time
from dataclasses import dataclass
from importlib.resources import as_file, files

from quoth.bootstrap.recognisers import Installation
from quoth.ports.transcriber import TranscriptionOptions
from quoth.use_cases.requests import TranscriptionRequest

WORDS = (
    "welcome back to the garden hour i'm alice fields with me today is martin baker who looks "
    "after bees on the roof of a school in london hello alice"
)
"""What is said in self-test.ogg, the beginning of examples/podcast.mp3: synthetic voices."""
ENOUGH = 0.75
"""Share of the words from which the way works; how well is what `quoth bench` measures."""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What came of it.

    Args:
        right: share of the known words that were recognised, in order.
        text: what was recognised.
        speakers: how many were found; two speak.
        seconds: of audio.
        wall: seconds it took, with loading.
    """

    right: float
    text: str
    speakers: int
    seconds: float
    wall: float

    @property
    def is_passed(self) -> bool:
        """Whether enough was recognised."""
        return self.right >= ENOUGH


def run_self_test(installation: Installation) -> SelfTest:
    """Transcribe the recording that comes along.

    Raises:
        QuothError: if that cannot be done.
    """
    started = time.monotonic()
    with (
        as_file(files("quoth.bootstrap") / "self-test.ogg") as recording,
        installation.workspaces.make() as workspace,
    ):
        request = TranscriptionRequest(recording, TranscriptionOptions(language="en"))
        transcript = installation.transcribe()(request, workspace).transcript
    return SelfTest(
        _share(_words(transcript.text)),
        transcript.text,
        len(transcript.speakers),
        transcript.duration,
        time.monotonic() - started,
    )


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def _share(found: list[str]) -> float:
    known = WORDS.split()
    blocks = difflib.SequenceMatcher(None, known, found, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(known)
