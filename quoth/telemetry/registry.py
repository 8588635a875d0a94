"""Everything that is measured in one process, and how it is told."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from quoth.telemetry.jobs import JobMeter
from quoth.telemetry.live import LiveMeter
from quoth.telemetry.requests import RequestMeter


class Telemetry:
    """The meters of one process, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.jobs = JobMeter(self._registry)
        self.live = LiveMeter(self._registry)
        self.requests = RequestMeter(self._registry)

    def watch(self, collector: Collector) -> None:
        """Ask something for its numbers, too, whenever they are told."""
        self._registry.register(collector)

    def render(self, accept: str) -> tuple[bytes, str]:
        """Return all numbers as they are now, and their media type.

        Args:
            accept: the header of who asks: Prometheus's text, or OpenMetrics.
        """
        encode: Callable[[CollectorRegistry], bytes]
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type
