"""How fast the body of a request comes, on average in a window."""

from dataclasses import dataclass


@dataclass(slots=True)
class BodyPace:
    """Counts the bytes of one body after another.

    Args:
        least: bytes a second.
        seconds: of a window.
    """

    least: int
    seconds: float
    _of: object | None = None
    _since: float = 0.0
    _bytes: int = 0

    def count(self, size_bytes: int) -> None:
        """Count what came."""
        self._bytes += size_bytes

    def is_too_slow(self, body: object | None, now: float) -> bool:
        """Whether less than it should came of a body in the window that ends now.

        Args:
            body: what is waited for; None where nothing is, and the clock stands still.
            now: seconds.
        """
        if body is None or body is not self._of:
            self._begin(body, now)
            return False
        seconds = now - self._since
        if seconds < self.seconds:
            return False
        is_too_slow = self._bytes < self.least * seconds
        self._begin(body, now)
        return is_too_slow

    def _begin(self, body: object | None, now: float) -> None:
        self._of, self._since, self._bytes = body, now, 0
