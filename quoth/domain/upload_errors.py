"""What goes wrong with uploads that come in pieces."""

from quoth.domain.errors import InputError, QuothError


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
