"""What can go wrong with backups: part of the one tree of errors."""

from quoth.domain.errors import InputError, QuothError


class UnusableBackup(InputError):
    """Raised when a backup is damaged, or is none; nothing of it was put in place."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(
            f"{name} cannot be restored ({problem}), so nothing was changed. Take another backup; "
            "if it was copied from elsewhere, copy it once more: `quoth backup --verify` says "
            "whether it is whole."
        )


class NewerBackup(InputError):
    """Raised when a newer Quoth made a backup, in a way that this one does not know."""

    def __init__(self, name: str, version: str) -> None:
        super().__init__(
            f"{name} was made by a newer Quoth ({version[:32]}). Update this one, then restore it; "
            "nothing was changed."
        )


class AnotherDatabase(InputError):
    """Raised when a backup's rows are kept in another kind of database than those here."""

    def __init__(self, name: str, *, is_outside: bool) -> None:
        cure = (
            "it has recordings and transcripts, and their rows are in Postgres. Set DATABASE_URL, "
            "and restore the dump that belongs to it with pg_restore first"
            if is_outside
            else "its rows are in a file, and DATABASE_URL names a server. Unset it to restore"
        )
        super().__init__(f"{name} does not fit these settings: {cure}. Nothing was changed.")


class JobsInTheWay(InputError):
    """Raised when a backup is to be restored where there are jobs."""

    def __init__(self, folder: str, count: int) -> None:
        super().__init__(
            f"{folder} has {count} jobs. With --replace they are moved aside, into a folder beside "
            "the new ones, and nothing is deleted."
        )


class BackupFailed(QuothError):
    """Raised when a backup cannot be written; a file that had its name before is as it was."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"The backup was not made: {problem}.")
