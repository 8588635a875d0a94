"""The product: words, the segments they are shown in, and who spoke them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from quoth.domain.diarization import SpeakerTurn

UNSPACED_LANGUAGES = frozenset({"zh", "yue", "ja", "th", "lo", "my", "km", "bo"})
"""Languages written without spaces between words (ISO 639-1, as engines name them)."""
_UNSPACED_SCRIPTS = (
    ("\u0e00", "\u0eff"),  # Thai, Lao
    ("\u0f00", "\u0fff"),  # Tibetan
    ("\u1000", "\u109f"),  # Myanmar
    ("\u1780", "\u17ff"),  # Khmer
    ("\u3001", "\u30ff"),  # punctuation of Chinese and Japanese, kana
    ("\u31f0", "\u31ff"),
    ("\u3400", "\u9fff"),  # Chinese characters
    ("\uf900", "\ufaff"),
    ("\uff01", "\uff60"),  # full width
    ("\U00020000", "\U0003ffff"),
)
"""First and last character of their blocks (Unicode 16). Korean has spaces."""


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word with its punctuation and no surrounding space.

    Args:
        text: what was said, not empty, no white space at its ends.
        start: seconds from the start of the audio (or of a window, inside an engine).
        end: seconds; not before `start`.
        confidence: probability in [0, 1], or None where the engine has none.
        speaker: id of the speaker, or None where unknown.

    Raises:
        ValueError: if text, times or confidence are not as above.
    """

    text: str
    start: float
    end: float
    confidence: float | None = None
    speaker: str | None = None

    def __post_init__(self) -> None:
        if not self.text or self.text != self.text.strip():
            raise ValueError(f"not a word: {self.text!r}")
        if not (isfinite(self.start) and isfinite(self.end) and 0 <= self.start <= self.end):
            raise ValueError(f"word {self.text!r} has impossible times {self.start}-{self.end}")
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise ValueError(f"word {self.text!r} has confidence {self.confidence}")


@dataclass(frozen=True, slots=True)
class Segment:
    """Consecutive words of one speaker, shown as one line or subtitle.

    Raises:
        ValueError: if it has no words, or words of another speaker than its own.
    """

    id: int
    speaker: str | None
    words: tuple[Word, ...]
    text: str

    def __post_init__(self) -> None:
        if not self.words:
            raise ValueError("a segment has at least one word")
        if any(word.speaker != self.speaker for word in self.words):
            raise ValueError(f"segment {self.id} mixes speakers")

    @property
    def start(self) -> float:
        """Seconds at which its first word starts."""
        return self.words[0].start

    @property
    def end(self) -> float:
        """Seconds at which its last word to fall silent ends."""
        return max(word.end for word in self.words)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who speaks: a stable id (`A`, `B`, ...), a name to show, seconds of speech."""

    id: str
    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """Who said what, when.

    Args:
        language: ISO 639-1 code, or None where nothing was said.
        duration: seconds of audio.
        engine: what recognised the words, as the user picks it.
        model: the weights by name.
        segments: in order of time; their words are all the words.
        speakers: in order of first appearance; empty without diarization.
        turns: who spoke when, overlaps included, in order of start.
        warnings: what the reader should know, in whole sentences.
    """

    language: str | None
    duration: float
    engine: str
    model: str
    segments: tuple[Segment, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    turns: tuple[SpeakerTurn, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[Word, ...]:
        """All words in order."""
        return tuple(word for segment in self.segments for word in segment.words)

    @property
    def text(self) -> str:
        """The words of all segments as running text."""
        return join_words(self.words, self.language)

    @property
    def searchable(self) -> str:
        """What it is found by: the names of its speakers and its words."""
        names = " ".join(speaker.name for speaker in self.speakers)
        return f"{names}\n{self.text}"

    def speaker_name(self, speaker: str | None) -> str | None:
        """Return the name to show for a speaker id, None for None."""
        return next((known.name for known in self.speakers if known.id == speaker), speaker)


def join_words(words: Iterable[Word], language: str | None) -> str:
    """Join words as the language writes them: with spaces, or without them where it uses none.

    In unspaced languages two Latin words or numbers side by side still get a space.
    """
    return "".join(spaced(words, language))


def spaced(
    words: Iterable[Word], language: str | None, before: Word | None = None
) -> Iterator[str]:
    """Yield the text of each word with the space before it, if there is one.

    Args:
        words: in order.
        language: ISO 639-1 code, which says whether words are joined with spaces.
        before: the word that these follow, None at the beginning.
    """
    for word in words:
        if before is None:
            yield word.text
        else:
            yield f" {word.text}" if _are_apart(before.text, word.text, language) else word.text
        before = word


def speaker_ids(count: int) -> Sequence[str]:
    """Return the first `count` speaker ids: A to Z, then AA, AB, ..."""
    ids = []
    for index in range(count):
        name, rest = "", index + 1
        while rest:
            rest, digit = divmod(rest - 1, 26)
            name = chr(ord("A") + digit) + name
        ids.append(name)
    return ids


def _are_apart(before: str, after: str, language: str | None) -> bool:
    """Return whether a space is written between two words.

    In a language without spaces only between words in Latin letters; where the language is not
    known, between all but those in a script that has none.
    """
    if language is None:
        return not (_is_unspaced(before[-1]) or _is_unspaced(after[0]))
    if language not in UNSPACED_LANGUAGES:
        return True
    return _is_latin(before[-1]) and _is_latin(after[0])


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _is_unspaced(character: str) -> bool:
    """Return whether a character is of a script that is written without spaces."""
    return any(first <= character <= last for first, last in _UNSPACED_SCRIPTS)
