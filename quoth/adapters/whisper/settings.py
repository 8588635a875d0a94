"""How Whisper is run; the defaults are measured in docs/adr/0002-whisper-defaults.md."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WhisperSettings:
    """How Whisper is run.

    Args:
        beam_size: hypotheses the decoder follows side by side.
        longest_window: seconds of a window at most, below the encoder's 30.
        tail: seconds of silence at least that follow a window, so that the model hears it end.
        context_step: seconds; the encoder hears a multiple of it instead of always 30, which
            depends on the window alone, so that its neighbours in a batch change nothing.
        batch_size: windows decoded together.
        batch_seconds: audio that is best sent in one call, for windows of like length to meet.
        language_windows: windows listened to for the language.
    """

    beam_size: int = 3
    longest_window: float = 19.0
    tail: float = 1.0
    context_step: float = 5.0
    batch_size: int = 4
    batch_seconds: float = 160.0
    language_windows: int = 5
