"""The one error tree: its root, and what is wrong with input or with this machine.

Each error says when it is raised and builds its own message. Those of one subject alone are in the
files `*_errors.py` beside this one. The table that maps all to HTTP statuses lives in
`quoth.api.errors`.
"""


class QuothError(Exception):
    """Anything Quoth raises on purpose; its text is meant for the user."""

    def __reduce__(self) -> tuple[object, ...]:
        """Cross to another process with the message as built, not by building it again."""
        return _rebuild, (type(self), self.args, dict(self.__dict__))


def _rebuild(
    kind: type[QuothError], args: tuple[object, ...], state: dict[str, object]
) -> QuothError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class Cancelled(QuothError):
    """Raised at the next progress report of work that was asked to stop."""

    def __init__(self) -> None:
        super().__init__("Cancelled.")


# --- the caller's input ---------------------------------------------------------------------


class InputError(QuothError):
    """The request cannot be served as it is; sending it again unchanged will not help.

    `parameter` names the field at fault, where there is one.
    """

    parameter: str | None = None


class InvalidParameter(InputError):
    """Raised when a field has a value it cannot have."""

    def __init__(self, parameter: str, problem: str) -> None:
        self.parameter = parameter
        super().__init__(f"{parameter} {problem}.")


class InvalidSpeakerHints(InvalidParameter):
    """Raised when speaker counts are impossible or contradict one another."""


class InvalidEvidence(InputError):
    """Raised when kept speaker evidence cannot be read, or was made by another diarizer."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The kept speaker evidence cannot be used ({problem}). Transcribe the file again."
        )


class UnreadableAudio(InputError):
    """Raised when a file holds nothing that can be decoded as sound."""

    parameter = "file"


class NoSuchFile(UnreadableAudio):
    """Raised when a file cannot even be opened."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} cannot be opened ({reason}). Check the path and its permissions.")


class EmptyFile(UnreadableAudio):
    """Raised when a file has no bytes at all."""

    def __init__(self) -> None:
        super().__init__("The file is empty. Check that the upload or the recording finished.")


class NotAudio(UnreadableAudio):
    """Raised when no known container or codec is found in the file, or it is damaged."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"The file could not be read as audio or video ({detail}). If it plays elsewhere, "
            "convert it to WAV, FLAC, MP3, M4A, OGG or WEBM and try again."
        )


class NoSoundTrack(UnreadableAudio):
    """Raised when a file is a valid container without any audio stream."""

    def __init__(self) -> None:
        super().__init__("The file has no sound track. Export it again with its audio.")


class AudioTooLong(InputError):
    """Raised when a file holds more sound than allowed; decoding stops there."""

    parameter = "file"

    def __init__(self, limit: float) -> None:
        super().__init__(
            f"The file holds more than {limit:g} s of sound, the most this server accepts. "
            "Cut it, or raise MAX_AUDIO_SECONDS."
        )


class DecodingTooCostly(InputError):
    """Raised when decoding a file takes more time or memory than any honest file does."""

    parameter = "file"

    def __init__(self, resource: str) -> None:
        super().__init__(
            f"Decoding the file took too much {resource} and was stopped. Convert it to WAV or "
            "FLAC and try again."
        )


class FileTooLarge(InputError):
    """Raised when an upload has more bytes than allowed."""

    parameter = "file"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"The upload is larger than {limit_bytes} bytes, the most this server accepts "
            "(MAX_UPLOAD_BYTES). Send compressed audio instead, or raise the limit."
        )


class BrokenForm(InputError):
    """Raised when the body of a request is not the form that its header says it is."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The form cannot be read ({problem}). Let the client's library or `curl -F` make the "
            "multipart/form-data body, its boundary and its Content-Type header."
        )


class UnsupportedLanguage(InvalidParameter):
    """Raised when the engine does not know the language asked for."""

    def __init__(self, language: str, engine: str, known: tuple[str, ...]) -> None:
        super().__init__(
            "language",
            f"{language!r} is not known to the {engine} engine; it knows {', '.join(known)}",
        )


class CannotTranslate(InputError):
    """Raised when a translation is asked for and no engine here makes any."""

    parameter = "model"

    def __init__(self, engine: str, model: str) -> None:
        super().__init__(
            f"The {engine} engine ({model}) does not translate. Ask for a multilingual Whisper by "
            "name, such as whisper-base, which came along with Quoth."
        )


class NotInFormat(InputError):
    """Raised when text that should be read as a transcript or subtitles is not in that format."""

    def __init__(self, format_name: str, detail: str) -> None:
        super().__init__(f"The text is not {format_name} ({detail}).")


class UnknownModel(InputError):
    """Raised when a model is asked for by a name that is not installed."""

    parameter = "model"

    def __init__(self, model: str, installed: tuple[str, ...] = ()) -> None:
        known = f" Installed: {', '.join(installed)}." if installed else ""
        super().__init__(f"The model {model!r} does not exist or is not installed.{known}")


class NotInCatalogue(InvalidParameter):
    """Raised when a model is asked for by a name that the catalogue does not have."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__("NAME", f"{name!r} is no model of the catalogue: {', '.join(known)}")


# --- this machine ---------------------------------------------------------------------------


class EngineError(QuothError):
    """An engine failed through no fault of the caller."""


class EngineUnavailable(EngineError):
    """Raised when an engine cannot be built here: a package, weights or a device is missing."""

    def __init__(self, engine: str, problem: str, cure: str) -> None:
        super().__init__(f"The {engine} engine cannot start: {problem}. {cure}")


class EngineFailed(EngineError):
    """Raised when an engine raised an error in the middle of its work."""

    def __init__(self, engine: str, detail: str) -> None:
        super().__init__(f"The {engine} engine failed: {detail}")


class EngineOutOfMemory(EngineError):
    """Raised when not even one window at a time fits into memory."""

    def __init__(self, engine: str, seconds: float, detail: str) -> None:
        super().__init__(
            f"The {engine} engine has too little memory for {seconds:.0f} s of audio at a time "
            f"({detail}). Try again when other programs have ended; if it happens often, choose "
            "lower precision, a smaller model or another device."
        )


class EngineLost(EngineError):
    """Raised when an engine can never work again in its process, which ends for it.

    A GPU keeps an illegal access or a failed assertion until the process that caused it is gone.
    """

    def __init__(self, engine: str, detail: str) -> None:
        super().__init__(
            f"The {engine} engine lost the GPU ({detail}). Its process is replaced by a fresh one: "
            "send the request again. If it happens again with the same file, check the driver."
        )


class EngineDied(EngineError):
    """Raised for the work that was under way when the inference process died."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"The inference process died in the middle of this work ({cause}). Nothing else is "
            "affected and the next request starts a fresh one. If it happens again with the same "
            "file, check the free memory."
        )


class ForbiddenOrigin(QuothError):
    """Raised when a web page of another site, or a name that is not ours, reaches the service."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"This request is refused: {reason}")


class TooBusy(QuothError):
    """Raised when as many requests are under way as are allowed at once."""

    def __init__(self, limit: int, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(
            f"{limit} transcriptions are already under way (MAX_CONCURRENT). "
            f"Try again in {retry_after} seconds."
        )


class MissingTool(QuothError):
    """Raised when a program that Quoth starts is not on this machine."""

    def __init__(self, tool: str, cure: str) -> None:
        super().__init__(f"{tool} was not found. {cure}")


class OutOfDisk(QuothError):
    """Raised when the disk is too full to work on a recording."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"There is no space left in {folder}. Free some, or move QUOTH_DATA elsewhere."
        )


class LowOnDisk(OutOfDisk):
    """Raised before a disk is full: what is to come would leave less than is to stay free."""

    def __init__(self, folder: str, needed_bytes: int, free_bytes: int, kept_bytes: int) -> None:
        QuothError.__init__(
            self,
            f"There is too little space left in {folder}: {needed_bytes} bytes are needed, "
            f"{free_bytes} are free or not yet promised to other uploads, and {kept_bytes} stay "
            "free (MIN_FREE_DISK_BYTES). Free some, remove uploads that nobody will finish, or "
            "move QUOTH_DATA elsewhere.",
        )


class UnusableFolder(QuothError):
    """Raised when the folder for Quoth's data cannot be written to."""

    def __init__(self, folder: str, reason: str) -> None:
        super().__init__(
            f"{folder} cannot be used ({reason}). Set QUOTH_DATA to a folder you can write to."
        )


class UnusableCertificate(QuothError):
    """Raised when the certificate that the server is to show cannot be made or read."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(
            f"The certificate {path} cannot be used ({problem}). TLS_CERT and TLS_KEY name PEM "
            "files, the second without a password; --tls makes both. docs/https.md says how."
        )


class UnusableConfiguration(QuothError):
    """Raised when the file with settings cannot be read, or says what is no setting."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(
            f"The configuration {path} cannot be used ({problem}). `quoth config --toml` prints "
            "one that can."
        )
