"""What goes wrong with live sessions."""

from quoth.domain.errors import InputError, QuothError


class TooManyLiveSessions(QuothError):
    """Raised when as many live sessions are open as are allowed at once."""

    def __init__(self, limit: int, retry_after: int = 30) -> None:
        self.retry_after = retry_after
        super().__init__(
            f"{limit} live sessions are open already (MAX_LIVE_SESSIONS). "
            f"Try again in {retry_after} seconds."
        )


class TooManyOwnLiveSessions(QuothError):
    """Raised when a key has as many live sessions open as one may at once."""

    def __init__(self, limit: int, retry_after: int = 30) -> None:
        self.retry_after = retry_after
        super().__init__(
            f"This key has {limit} live sessions open already (MAX_LIVE_SESSIONS_PER_KEY). "
            "End one of them first."
        )


class LiveUnavailable(QuothError):
    """Raised where no engine is beside the API that could hear anybody live."""

    def __init__(self) -> None:
        super().__init__(
            "This server has no engine of its own (ENGINE=none), and live sessions need one beside "
            "the API. Connect to a server that has one; or record first and make it a job "
            "(POST /v1/jobs), which a worker does."
        )


class UpgradeNeeded(QuothError):
    """Raised for a plain request where a WebSocket is wanted, if one could be opened."""

    def __init__(self) -> None:
        super().__init__(
            "A live session could be opened here, but this came without the handshake of a "
            "WebSocket. If it was sent with one, what is between does not let WebSockets through."
        )


class NothingToCommit(InputError):
    """Raised when an audio buffer is committed that holds next to nothing."""

    def __init__(self, seconds: float, least: float) -> None:
        super().__init__(
            f"The audio buffer holds {seconds * 1000:.0f} ms: at least {least * 1000:.0f} ms are "
            "needed. Append audio before you commit it."
        )


class BadEvent(InputError):
    """Raised when what a live client sent is no event."""

    def __init__(self, problem: str, parameter: str | None = None) -> None:
        self.parameter = parameter
        super().__init__(problem)


class LiveSessionOver(QuothError):
    """Raised when a live session ends for a reason that its client should know."""


class LiveSessionIdle(LiveSessionOver):
    """Raised when a live client has sent nothing for long."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"Nothing came for {seconds:g} seconds (LIVE_IDLE_SECONDS), so the session ends. "
            "Connect again when there is something to hear; silence counts, if it is sent."
        )


class LiveSessionTooLong(LiveSessionOver):
    """Raised when a live session has lasted as long as one may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The session has lasted {seconds:g} seconds (MAX_LIVE_SECONDS), so it ends. "
            "Connect again to go on."
        )
