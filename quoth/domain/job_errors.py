"""What can go wrong with jobs: part of the one tree of errors."""

from quoth.domain.errors import InputError, QuothError


class JobNotFound(InputError):
    """Raised for a job that there is not, or that is somebody else's."""

    def __init__(self, job_id: str) -> None:
        super().__init__(
            f"There is no job {job_id[:64]!r}. It may have been deleted; GET /v1/jobs lists those "
            "there are."
        )


class ShareNotFound(InputError):
    """Raised for a share that there is not, or not any more."""

    def __init__(self) -> None:
        super().__init__(
            "There is nothing here: the share was never made, is over, or was taken back. Ask "
            "whoever sent it for a new one."
        )


class WrongJobState(QuothError):
    """Raised when what is asked for does not go with where the job is."""

    def __init__(self, job_id: str, state: str, wanted: str) -> None:
        super().__init__(f"Job {job_id} is {state}, so it cannot be {wanted}.")


class NothingKept(QuothError):
    """Raised when what a job once had is not kept, or it never came so far."""

    def __init__(self, job_id: str, what: str, why: str) -> None:
        super().__init__(f"Job {job_id} has no {what}: {why}.")


class JobLost(QuothError):
    """Raised for a job whose whole server ended again and again while it was at work on it."""

    def __init__(self, times: int) -> None:
        super().__init__(
            f"The server ended {times} times while it was at work on this, so it is not begun once "
            "more by itself. Look into the server's log for why, then try again: what was done so "
            "far is kept."
        )


class IdempotencyConflict(InputError):
    """Raised when a key was used before for another request."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"The Idempotency-Key {key[:64]!r} was used before with another file or other options. "
            "Send a new key for a new request."
        )


class QueueFull(QuothError):
    """Raised when more audio waits than may wait.

    `retry_after` is when there should be room, in seconds.
    """

    def __init__(self, seconds: float, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(
            f"{seconds / 3600:.1f} hours of audio wait already. There should be room in "
            f"{retry_after} s; or raise MAX_QUEUED_AUDIO_SECONDS."
        )


class DatabaseUnavailable(QuothError):
    """Raised when the database with the jobs cannot be used."""

    retry_after = 2
    """Seconds after which it is worth asking again."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"The database with the jobs cannot be used: {detail}. See that DATABASE_URL is right "
            "and the server is up, or leave it unset for a file under QUOTH_DATA."
        )


class NoDatabase(QuothError):
    """Raised where processes are to share jobs and there is nothing that they share."""

    def __init__(self) -> None:
        super().__init__(
            "Several processes share jobs by a Postgres: set DATABASE_URL to the same on all, as "
            "postgresql://user:password@host/name."
        )


class NoWorker(QuothError):
    """Raised for what has to be done at once where nobody is there who could."""

    def __init__(self) -> None:
        super().__init__(
            "No worker is up that could do this now. Start one (`quoth worker`) and send it again; "
            "or make it a job (POST /v1/jobs), which waits for one."
        )


class WrongStore(QuothError):
    """Raised when the jobs of a database lie in another folder than the one at hand."""

    def __init__(self, folder: str, here: str, wanted: str) -> None:
        super().__init__(
            f"The jobs of DATABASE_URL do not lie in {folder}: this is store {here}, they are in "
            f"{wanted}. Mount that one and name it with STORE_URL, or use another database. If "
            f"these are the same files at a new place, write {wanted} into {folder}/.store."
        )


class DataInUse(QuothError):
    """Raised when another server works on the same data folder."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"Another Quoth works with {folder}. Stop it, or set QUOTH_DATA to another folder."
        )
