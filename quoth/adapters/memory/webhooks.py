"""A `WebhookQueue` that keeps nothing: each webhook is tried once, in a thread."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from quoth.domain.jobs import Job
from quoth.ports.webhooks import Delivery


class FakeWebhookQueue:
    """Sends webhooks as they come.

    Args:
        deliver: tries once: id of the job, number of the attempt.
    """

    def __init__(self, deliver: Callable[[str, int], Delivery]) -> None:
        self._deliver = deliver
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="webhook")
        self._lock = Lock()
        self.told: set[str] = set()
        """Attempts whose ending came in."""

    def tell(self, job: Job) -> None:
        """Send the webhook of an attempt that ended; again is no harm."""
        with self._lock:
            if job.run in self.told:
                return
            self.told.add(job.run)
        self._threads.submit(self._deliver, job.id, job.attempt)
