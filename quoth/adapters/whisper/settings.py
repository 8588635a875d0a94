"""How Whisper is run; the defaults are measured in docs/adr/0002-whisper-defaults.md."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class WhisperSettings:
    """How Whisper is run.

    Args:
        beam_size: hypotheses the decoder follows side by side.
        longest_window: seconds of a window at most, below the encoder's 30.
        tail: seconds of silence at least that follow a window, so that the model hears it end.
        shortest_context: seconds the encoder hears at least; below 20 the decoder falls into loops.
        context_step: seconds; above it the encoder hears a multiple of this instead of always
            30. It depends on the window alone, so its neighbours in a batch change nothing.
        draft_window: seconds of a draft up to which the encoder hears `draft_context` seconds.
        draft_context: seconds; what is heard wrongly then is corrected by the next look.
        batch_size: windows decoded together.
        batch_seconds: audio that is best sent in one call, for windows of like length to meet.
        language_windows: windows listened to for the language.
    """

    beam_size: int = 5
    longest_window: float = 19.0
    tail: float = 1.0
    shortest_context: float = 20.0
    context_step: float = 5.0
    draft_window: float = 1.2
    draft_context: float = 10.0
    batch_size: int = 2
    batch_seconds: float = 150.0
    language_windows: int = 5


def settings_for(*, is_packaged: bool, device: str, beam_size: int) -> WhisperSettings:
    """Return how to run a model: as measured for the packaged one, else as it was trained.

    A shorter context than the 30 s of training was proved on Whisper base alone. A GPU wants
    larger batches than a processor.
    """
    measured = WhisperSettings(beam_size=beam_size)
    if not is_packaged:
        measured = replace(measured, longest_window=29.0, shortest_context=30.0, draft_window=0.0)
    if device.startswith("cuda"):
        measured = replace(measured, batch_size=16, batch_seconds=32 * measured.longest_window)
    return measured
