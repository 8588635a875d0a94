"""Live sessions: how many, how they end, how much they hear, how long a look takes."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

ENDINGS = ("finished", "left", "idle", "too_long", "slow", "refused", "failed")
SECONDS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30)


class LiveMeter:
    """What is measured of live sessions."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.open = Gauge("quoth_live_sessions", "Live sessions that are open.", registry=registry)
        self.audio = Counter(
            "quoth_live_audio_seconds", "Seconds of audio that came in live.", registry=registry
        )
        self.looks = Histogram(
            "quoth_live_look_seconds",
            "Of each look at what is being said, waiting for the engine included.",
            buckets=SECONDS,
            registry=registry,
        )
        self._ended = Counter(
            "quoth_live_sessions_ended", "Live sessions that ended.", ["why"], registry=registry
        )
        for why in ENDINGS:
            self._ended.labels(why)

    def ended(self, why: str) -> None:
        """Take note of an ending."""
        self._ended.labels(why).inc()
