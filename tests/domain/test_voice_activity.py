"""When somebody begins and stops speaking."""

from quoth.domain.voice_activity import (
    FRAME_SAMPLES,
    SpeechBegan,
    SpeechEnded,
    TurnDetection,
    VoiceActivity,
)

LOUD, QUIET = 0.9, 0.1
TURNS = TurnDetection(silence_duration_ms=320)


def test_a_turn_begins_with_its_first_loud_frame_and_ends_after_the_silence() -> None:
    found = VoiceActivity().advance([QUIET] * 5 + [LOUD] * 20 + [QUIET] * 12, TURNS)
    ended = SpeechEnded(35 * FRAME_SAMPLES, quiet_from=25 * FRAME_SAMPLES)
    assert found == [SpeechBegan(5 * FRAME_SAMPLES), ended]


def test_a_click_is_no_turn() -> None:
    assert VoiceActivity().advance([QUIET, LOUD, LOUD, QUIET] * 5, TURNS) == []


def test_a_short_pause_ends_no_turn() -> None:
    frames = [LOUD] * 5 + [QUIET] * 9 + [LOUD] * 5
    assert VoiceActivity().advance(frames, TURNS) == [SpeechBegan(0)]


def test_a_pause_is_known_while_it_lasts() -> None:
    activity = VoiceActivity()
    seen = []
    for frames in ([QUIET] * 3, [LOUD] * 5, [QUIET] * 4, [LOUD]):
        activity.advance(frames, TURNS)
        seen.append(activity.quiet_from)
    assert seen == [None, None, 8 * FRAME_SAMPLES, None]


def test_a_frame_between_loud_and_quiet_goes_on_with_what_was() -> None:
    activity = VoiceActivity()
    assert activity.advance([0.4] * 20, TURNS) == []
    activity.advance([LOUD] * 3, TURNS)
    assert activity.advance([0.4] * 20, TURNS) == []


def test_the_same_frames_say_the_same_however_they_come_in() -> None:
    frames = ([QUIET] * 7 + [LOUD] * 9 + [QUIET] * 15) * 3
    whole = VoiceActivity().advance(frames, TURNS)
    one_by_one = VoiceActivity()
    assert [each for frame in frames for each in one_by_one.advance([frame], TURNS)] == whole
    assert len(whole) == 6
