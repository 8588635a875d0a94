"""Telling whoever asked for it that a job ended, without losing one ending or telling old ones.

The row that ends a job and the note that somebody is to be told are one transaction. The note goes
when the webhook is in the queue, which is durable itself. Whatever dies in between leaves the note,
and the next ending or start makes up for it; an ending that was queued has no note any more.
"""

import logging
from dataclasses import dataclass

from quoth.domain.jobs import Job
from quoth.domain.webhooks import message_of
from quoth.ports.jobs import JobStore
from quoth.ports.webhooks import Delivery, EndingStore, Outcome, WebhookQueue, WebhookSender

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TellEndings:
    """Moves endings from the notes to the queue.

    Args:
        endings: the notes.
        queue: sends what it is given.
        sender: knows what can be sent to.
    """

    endings: EndingStore
    queue: WebhookQueue
    sender: WebhookSender

    def check(self, url: str) -> None:
        """Refuse a URL that nothing can be sent to; see the port."""
        self.sender.check(url)

    def job_ended(self, job: Job) -> None:
        """Tell of a job that ended; see the port."""
        if job.options.webhook_url is None:
            return
        try:
            self.catch_up()
        except Exception:  # the job is done whether or not the queue can be reached now
            log.exception("webhook of job %s: to be made up for", job.run)

    def catch_up(self) -> None:
        """Tell of what ended and could not be told; see the port."""
        for job in self.endings.untold():
            self.queue.tell(job)
            self.endings.told(job)


@dataclass(frozen=True, slots=True)
class SendWebhook:
    """One try to tell of an ending.

    Args:
        store: the rows; what is told is what they say at that moment.
        sender: sends it.
    """

    store: JobStore
    sender: WebhookSender

    def __call__(self, job_id: str, attempt: int) -> Delivery:
        """Send, unless the job is gone or was tried again since: its next ending is told then."""
        job = self.store.get(job_id)
        if job is None or job.options.webhook_url is None:
            return Delivery(Outcome.STOPPED, "the job was deleted")
        if job.attempt != attempt or not job.status.is_final:
            return Delivery(Outcome.STOPPED, "the job was tried again")
        found = self.sender.send(job.options.webhook_url, message_of(job))
        level = logging.WARNING if found.outcome is Outcome.FAILED else logging.INFO
        log.log(level, "webhook of job %s: %s (%s)", job.run, found.outcome.value, found.detail)
        return found
