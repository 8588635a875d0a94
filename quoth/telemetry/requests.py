"""HTTP requests: how many, how long, how they were answered, and uploads under way."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "other"
"""Where a request asked for what is not there; its path is anybody's text."""


class RequestMeter:
    """What is measured of requests."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.in_progress = Gauge(
            "quoth_http_requests_in_progress",
            "Requests that are not answered to the end.",
            registry=registry,
        )
        self.uploads = Gauge(
            "quoth_uploads_in_progress",
            "Requests whose body is still coming.",
            registry=registry,
        )
        self.received = Counter(
            "quoth_http_received_bytes", "Bytes of the bodies of requests.", registry=registry
        )
        self._seconds = Histogram(
            "quoth_http_request_seconds",
            "From a request's headers to the end of its answer; `_count` is how many there were.",
            ["method", "route", "status"],
            buckets=SECONDS,
            registry=registry,
        )

    def answered(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Take note of a request.

        Args:
            method: of HTTP.
            route: the template of its address, None where there is none.
            status: of the answer; 499 where the client left without one.
            seconds: that it took.
        """
        known = method if method in METHODS else NO_ROUTE
        self._seconds.labels(known, route or NO_ROUTE, str(status)).observe(seconds)
