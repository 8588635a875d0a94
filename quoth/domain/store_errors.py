"""What can be wrong with the store of recordings and transcripts."""

from quoth.domain.errors import QuothError


class StoreUnavailable(QuothError):
    """Raised when the store cannot be reached for now, or refuses; nothing was lost."""

    retry_after = 10
    """Seconds after which it is worth asking again."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"The store of recordings and transcripts cannot be used: {detail}. See that "
            "STORE_URL and its credentials are right and the server is up; `quoth doctor` tells "
            "more. Nothing is lost: jobs go on when it is back."
        )


class UnusableStore(QuothError):
    """Raised when STORE_URL names no store that could be used here."""

    def __init__(self, problem: str, cure: str) -> None:
        super().__init__(f"STORE_URL: {problem}. {cure}")
