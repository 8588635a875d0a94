"""What can go wrong with who is asking: part of the one tree of errors."""

from quoth.domain.errors import InvalidParameter, QuothError


class KeyRequired(QuothError):
    """Raised for whoever needs a key and shows none that is good; the same for every reason."""

    def __init__(self) -> None:
        super().__init__(
            "This needs a key: send the header `Authorization: Bearer KEY`. The key is missing, "
            "unknown, revoked or expired. GET /v1/whoami says why one is asked for; `quoth keys "
            "create` makes one."
        )


class ScopeMissing(QuothError):
    """Raised for a key that is good, but not for this."""

    def __init__(self, missing: str) -> None:
        super().__init__(
            f"This key may not do that: it lacks the scope {missing}. Ask for a key that has it; "
            "`quoth keys create --scope` gives it."
        )


class AdminOnly(QuothError):
    """Raised for a caller of the own network who asks for what only admins may do."""

    def __init__(self) -> None:
        super().__init__(
            "Only admins may do that: send a key with the scope admin, or set LAN_ADMIN=true if "
            "everybody in your network may."
        )


class RateLimited(QuothError):
    """Raised for more than a limit allows. `retry_after` is when there is room, in seconds."""

    def __init__(self, what: str, limit: str, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(
            f"Too many {what}: {limit} are allowed. Try again in {retry_after} seconds."
        )


class QuotaExceeded(RateLimited):
    """Raised for more than a key may use."""


class KeyNotFound(InvalidParameter):
    """Raised for a key that there is not."""

    def __init__(self, key_id: str) -> None:
        super().__init__("key", f"{key_id[:64]!r} is none: `quoth keys list` shows those there are")


class UnusableKeys(QuothError):
    """Raised when the file of keys can be neither read nor written as it should be."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(
            f"The keys in {path} cannot be used: {problem}. Mend the file, or set API_KEYS_FILE to "
            "another."
        )
