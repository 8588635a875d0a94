"""The one error tree. Each error says when it is raised and builds its own message.

The table that maps these to HTTP statuses lives in `quoth.api.errors`.
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


# --- uploads in pieces ----------------------------------------------------------------------


class UploadNotFound(InputError):
    """Raised when an upload is asked for that was never begun, was used already, or was removed."""

    def __init__(self, upload_id: str) -> None:
        super().__init__(
            f"There is no upload {upload_id[:64]!r}. It was used or removed, or has expired: begin "
            "a new one with POST /v1/uploads."
        )


class UploadExpired(UploadNotFound):
    """Raised when nothing came for an upload for so long that it is about to be removed."""

    def __init__(self, upload_id: str) -> None:
        InputError.__init__(
            self,
            f"The upload {upload_id!r} has expired. Begin a new one with POST /v1/uploads; "
            "UPLOAD_EXPIRY_HOURS says how long one is kept after its last byte.",
        )


class UploadUnfinished(InputError):
    """Raised when an upload is to be used before all of it is here."""

    def __init__(self, upload_id: str, offset_bytes: int, size_bytes: int) -> None:
        super().__init__(
            f"The upload {upload_id!r} has {offset_bytes} of {size_bytes} bytes. Send the rest "
            "first: HEAD tells where to go on."
        )


class WrongOffset(InputError):
    """Raised when bytes are sent for another place than where the upload stands."""

    parameter = "Upload-Offset"

    def __init__(self, offset_bytes: int, sent: int) -> None:
        super().__init__(
            f"The upload stands at byte {offset_bytes}, not at {sent}. Ask with HEAD for its "
            "Upload-Offset and go on from there."
        )


class LongerThanStated(InputError):
    """Raised when more bytes come than were stated at the beginning; they are not kept."""

    parameter = "Upload-Length"

    def __init__(self, size_bytes: int) -> None:
        super().__init__(
            f"The upload was to have {size_bytes} bytes, and more were sent. Begin a new one with "
            "the true Upload-Length; a file that still grows has to be finished first."
        )


class WrongChecksum(InputError):
    """Raised when an upload is not what its sender hashed; it is removed before."""

    parameter = "sha256"

    def __init__(self, stated: str, received: str) -> None:
        super().__init__(
            f"The upload was removed: its SHA-256 should be {stated} and is {received}. The file "
            "changed while it was sent, or something in between changed it. Begin a new upload."
        )


class UploadBusy(QuothError):
    """Raised when another request is at work on the same upload and does not let go of it."""

    def __init__(self, upload_id: str) -> None:
        super().__init__(
            f"Another request is at work on the upload {upload_id!r}. Ask with HEAD in a few "
            "seconds and go on from its Upload-Offset."
        )


class TooManyUploads(QuothError):
    """Raised when as many uploads are kept, finished or not, as may be."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"{limit} uploads are kept already, the most this server keeps. Use or remove (DELETE) "
            "some of them; those that nobody goes on with are removed after UPLOAD_EXPIRY_HOURS."
        )


class TooManyUnfinishedUploads(QuothError):
    """Raised when one owner has begun as many uploads as one may, and finished none of them."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"{limit} of your uploads are unfinished, the most that one may have. Go on with them "
            "or remove (DELETE) some; those that nobody goes on with are removed after "
            "UPLOAD_EXPIRY_HOURS."
        )


class UnsupportedProtocol(InputError):
    """Raised when a request is not made by the version of tus that this server speaks."""

    parameter = "Tus-Resumable"

    def __init__(self, version: str) -> None:
        super().__init__(
            f"This server speaks tus {version}: send the header Tus-Resumable: {version}. For a "
            "plain upload use POST /v1/audio/transcriptions."
        )


class WrongContentType(InputError):
    """Raised when bytes of an upload are sent as something else."""

    parameter = "Content-Type"

    def __init__(self, expected: str) -> None:
        super().__init__(f"Bytes of an upload are sent with the header Content-Type: {expected}.")


# --- edits ----------------------------------------------------------------------------------


class EditError(InputError):
    """An edit does not fit the transcript as it is; the transcript and its log stay as they are."""


class UnknownSpeaker(EditError):
    """Raised when an edit names a speaker who is not in the transcript, or no longer."""

    parameter = "speaker"

    def __init__(self, speaker: str, known: tuple[str, ...]) -> None:
        there = f"it has {', '.join(known)}" if known else "it has none"
        super().__init__(
            f"There is no speaker {speaker!r} in the transcript: {there}. Look at it again; "
            "the speaker may have been merged, or all that was theirs given to others."
        )


class SpeakerNotFoundAgain(EditError):
    """Raised when speakers were told apart anew and nobody clearly is who an edit speaks of."""

    parameter = "speaker"

    def __init__(self, speaker: str, detail: str) -> None:
        super().__init__(
            f"The edit is about speaker {speaker!r} of an earlier telling apart of the speakers, "
            f"and {detail}. It is kept and holds again where that is clear; if it is wanted "
            "now, make it again."
        )


class NoWordsThere(EditError):
    """Raised when an edit is about a time at which nothing, or nothing of the speaker, is said."""

    parameter = "interval"

    def __init__(self, start: float, end: float, speaker: str | None = None) -> None:
        whose = "" if speaker is None else f" of speaker {speaker!r}"
        super().__init__(
            f"There are no words{whose} between {start:.3f} and {end:.3f} s. A word is where its "
            "middle is: take the start of the first and the end of the last that are meant."
        )


class OtherWordsThere(EditError):
    """Raised when a correction is of other words than those which are there."""

    parameter = "was"

    def __init__(self, there: str, was: str) -> None:
        super().__init__(
            f"The words there are {_shortened(there)!r}, not {_shortened(was)!r}. Load the "
            "transcript again and correct what it has now."
        )


class TooMuchToCorrect(EditError):
    """Raised when one correction is of more words than can be compared in reasonable time."""

    parameter = "text"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"The correction is of more than {most} words. Correct one paragraph at a time."
        )


class NothingToUndo(EditError):
    """Raised when no edit holds that could be undone."""

    def __init__(self) -> None:
        super().__init__("There is nothing to undo: the transcript is as the machine made it.")


class NothingToRedo(EditError):
    """Raised when the last thing done was no undo."""

    def __init__(self) -> None:
        super().__init__(
            "There is nothing to redo: nothing was undone, or something was edited since then."
        )


class StaleVersion(EditError):
    """Raised when somebody else edited since the version that an edit was made on."""

    parameter = "if-match"

    def __init__(self) -> None:
        super().__init__(
            "The transcript was edited elsewhere since it was loaded, so this edit was not made. "
            "Load it again, look whether the edit is still wanted, and make it on the new version."
        )


class TranscriptGone(EditError):
    """Raised when a transcript was deleted while it was being edited."""

    def __init__(self) -> None:
        super().__init__("The transcript was deleted, so the edit was not kept.")


class DamagedEditLog(QuothError):
    """Raised when the file with the edits of a transcript cannot be read; it is left as it is."""

    def __init__(self, path: str, line: int, problem: str) -> None:
        super().__init__(
            f"The edits in {path} cannot be read from line {line} on ({problem}). The machine's "
            "transcript is not affected. If a newer Quoth wrote them, use that; else put the file "
            "back from a backup, or remove that line and all after it to keep the edits before."
        )


_MOST_QUOTED = 80


def _shortened(text: str) -> str:
    return text if len(text) <= _MOST_QUOTED else f"{text[:_MOST_QUOTED]}..."


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


# --- fetching models ------------------------------------------------------------------------


class ModelError(QuothError):
    """A model could not be fetched, checked or removed."""


class Unreachable(ModelError):
    """Raised when a server gives no sensible answer, or stops in the middle and does not go on."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            f"{host} cannot be reached ({reason}). Check the network; where a proxy is needed set "
            "HTTPS_PROXY, and HF_ENDPOINT for a mirror of the Hugging Face hub. What has come so "
            "far is kept: the same command goes on from there."
        )


class ServerRefused(ModelError):
    """Raised when a server answers, again and again, that it will not serve a file."""

    def __init__(self, address: str, status: int) -> None:
        super().__init__(
            f"{address} is not served: the server answers with status {status}. Try again later; "
            "what has come so far is kept."
        )


class NotOnServer(ModelError):
    """Raised when a server does not have what the catalogue says it has."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} is not there. It was moved or taken back, or HF_ENDPOINT names a mirror that "
            "does not have it. Look for a newer version of Quoth."
        )


class GatedModel(ModelError):
    """Raised when the hub asks who one is, and that one has accepted the model's conditions."""

    def __init__(self, name: str, page: str, *, has_token: bool) -> None:
        missing = (
            "HF_TOKEN is set, but its account has not accepted them"
            if has_token
            else "and no token was found"
        )
        super().__init__(
            f"{name} is given only to those who have accepted its conditions ({missing}). "
            f"1. Log in and accept them at {page} "
            "2. Make a token at https://huggingface.co/settings/tokens (reading is enough) and run "
            f"`hf auth login`, or set HF_TOKEN. Then: quoth models pull {name}"
        )


class TokenRefused(ModelError):
    """Raised when the hub does not know the token it was given."""

    def __init__(self) -> None:
        super().__init__(
            "The Hugging Face hub refuses the token. Make a new one at "
            "https://huggingface.co/settings/tokens and run `hf auth login`, or set HF_TOKEN; most "
            "models need none, so unsetting it may do."
        )


class CorruptDownload(ModelError):
    """Raised when what came is not what was asked for; it is thrown away before."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(
            f"What came for {name} is not what it should be ({problem}) and was thrown away. Try "
            "again; if it happens again, something between here and the server changes it."
        )


class AnotherFile(ModelError):
    """Raised when a server offers something else than was asked for; nothing of it is taken."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(
            f"What is offered for {name} is something else ({problem}), so nothing of it was "
            "taken. Something between here and the server answers in its place, such as the login "
            "page of a network; what came before is kept, and the same command goes on from there."
        )


class NotEnoughDisk(ModelError):
    """Raised before a download that would not fit, and when the disk fills up in its middle."""

    def __init__(self, name: str, folder: str, missing_bytes: int | None = None) -> None:
        megabytes = -(-(missing_bytes or 0) // 1_000_000)
        much = f"about {megabytes} MB are missing" if missing_bytes else "it is full"
        super().__init__(
            f"There is not enough space in {folder} for {name}: {much}. Free some, or move "
            "QUOTH_DATA elsewhere; what has come so far is kept."
        )


class AlreadyPulling(ModelError):
    """Raised when another process is at work on the same model."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Another process is at work on {name}. Wait until it is done, or end it: what it has "
            "fetched is kept."
        )


class NotInstalledByQuoth(ModelError):
    """Raised when a folder has the name of a model, but no lock: somebody else put it there."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"{folder} was not made by `quoth models pull`, so it is left alone. Move it away if "
            "you want that model from the catalogue."
        )


class DamagedLock(ModelError):
    """Raised when the file beside a model that says what it consists of cannot be read."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(
            f"{path} cannot be read ({problem}), so nobody knows what belongs to that model. "
            "Move its folder away and pull the model again."
        )
