"""How a live session is configured: OpenAI's object, with what is ours under `quoth`."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from quoth.api.forms import language_code
from quoth.api.job_forms import Hinted
from quoth.api.openai_models import OPENAI_MODELS
from quoth.domain.errors import InvalidParameter
from quoth.domain.jobs import JobOptions
from quoth.domain.voice_activity import TurnDetection
from quoth.ports.transcriber import TranscriptionOptions
from quoth.use_cases.live_session import LiveOptions

LOGPROBS = "item.input_audio_transcription.logprobs"
LIVE_MODELS = OPENAI_MODELS | {"gpt-live-transcribe", "gpt-realtime-whisper"}
"""Names that mean the configured model."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Format(_Part):
    """PCM, 16 bits, little-endian, mono."""

    type: Literal["audio/pcm"] = "audio/pcm"
    rate: Literal[24000, 16000] = 24000


class Transcription(_Part):
    """How words are recognised."""

    model: str | None = None
    language: Annotated[str | None, BeforeValidator(language_code)] = None
    languages: list[Annotated[str, BeforeValidator(language_code)]] = Field(
        default_factory=list[str], max_length=100
    )
    prompt: str | None = Field(default=None, max_length=10_000)
    keywords: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        default_factory=list[str], max_length=100
    )


class ServerVad(_Part):
    """When a turn begins and ends."""

    type: Literal["server_vad"] = "server_vad"
    threshold: float = Field(default=0.5, ge=0.0, le=1.0)
    prefix_padding_ms: int = Field(default=300, ge=0, le=5000)
    silence_duration_ms: int = Field(default=500, ge=32, le=10_000)


class AudioInput(_Part):
    """What comes in."""

    format: Format = Field(default_factory=Format)
    noise_reduction: None = None
    transcription: Transcription = Field(default_factory=Transcription)
    turn_detection: ServerVad | None = Field(default_factory=ServerVad)


class Audio(_Part):
    """What comes in; nothing goes out."""

    input: AudioInput = Field(default_factory=AudioInput)


class Ours(Hinted):
    """What OpenAI's sessions have not."""

    keep: bool = Field(default=False, description="Make a job of the recording at the end.")
    name: str | None = Field(default=None, max_length=255, description="What to call that job.")
    diarize: bool = Field(default=True, description="Tell speakers apart in that job.")
    interim: bool = Field(default=False, description="Send words that may still change, too.")


class Configuration(_Part):
    """The whole of it, as it is in force."""

    type: Literal["transcription"]
    audio: Audio = Field(default_factory=Audio)
    include: list[Literal["item.input_audio_transcription.logprobs"]] = Field(
        default_factory=list[Literal["item.input_audio_transcription.logprobs"]]
    )
    quoth: Ours = Field(default_factory=Ours)

    @property
    def model(self) -> str | None:
        """The model asked for; None for the configured one."""
        name = self.audio.input.transcription.model
        return None if name in LIVE_MODELS else name

    @property
    def live(self) -> LiveOptions:
        """How the session hears."""
        asked, turns = self.audio.input.transcription, self.audio.input.turn_detection
        languages = tuple(dict.fromkeys(asked.languages))
        language = asked.language or (languages[0] if len(languages) == 1 else None)
        return LiveOptions(
            TranscriptionOptions(
                language=language,
                prompt=asked.prompt or None,
                candidates=() if language else languages,
                keywords=tuple(asked.keywords),
            ),
            None
            if turns is None
            else TurnDetection(turns.threshold, turns.prefix_padding_ms, turns.silence_duration_ms),
            has_guesses=self.quoth.interim,
        )

    @property
    def job(self) -> JobOptions:
        """How the recording is transcribed when the session has ended.

        Raises:
            InvalidSpeakerHints: if the number of speakers is impossible.
        """
        recognition = self.live.recognition
        return JobOptions(
            model=self.model,
            language=recognition.language,
            candidates=recognition.candidates,
            keywords=recognition.keywords,
            prompt=recognition.prompt,
            diarize=self.quoth.diarize,
            hints=self.quoth.hints,
            names=tuple(self.quoth.speaker_names),
        )


def changed(now: Configuration, update: Mapping[str, Any]) -> Configuration:
    """Return a configuration with what an update names, and the rest as it was.

    `noise_reduction` is taken and left off, as what is in force says.

    Raises:
        InputError: for a value that a field cannot have.
    """
    if update.get("type") != "transcription":
        raise InvalidParameter("session.type", "has to be transcription here")
    merged = _merged(now.model_dump(), update)
    try:
        merged["audio"]["input"]["noise_reduction"] = None
    except (KeyError, TypeError):
        raise InvalidParameter("session.audio.input", "has to be an object") from None
    for path in ("transcription", "format"):
        if merged["audio"]["input"].get(path) is None:
            raise InvalidParameter(f"session.audio.input.{path}", "cannot be turned off here")
    try:
        found = Configuration.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(("session", *map(str, first["loc"])))
        problem = f"is not valid: {first['msg'][:1].lower()}{first['msg'][1:]}"
        raise InvalidParameter(where, problem) from None
    found.job  # noqa: B018 - its hints are checked
    return found


def _merged(now: Mapping[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(now)
    for name, value in update.items():
        before = merged.get(name)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            merged[name] = _merged(before, value)
        else:
            merged[name] = value
    return merged
