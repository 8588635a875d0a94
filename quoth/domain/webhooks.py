"""What whoever asked for it is told when a job ends: where to, and in which words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from quoth.domain.errors import InvalidParameter
from quoth.domain.jobs import Job, JobStatus

PARAMETER = "webhook_url"
LONGEST_URL = 2048
PORTS: Mapping[str, int] = {"http": 80, "https": 443}
"""Schemes that are spoken, and where they are spoken usually."""
EVENTS: Mapping[JobStatus, str] = {
    JobStatus.COMPLETED: "job.completed",
    JobStatus.FAILED: "job.failed",
    JobStatus.CANCELLED: "job.cancelled",
}

_VISIBLE = re.compile(r"[!-\[\]-~]+")
"""ASCII without spaces and backslashes, which programs read differently."""
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]*:[0-9a-f:.]*")


@dataclass(frozen=True, slots=True)
class WebhookUrl:
    """Where to send a webhook.

    Args:
        scheme: `http` or `https`.
        host: a name or an address, in small letters, without brackets.
        port: always given.
        target: path and query, as asked for in the request's first line.
    """

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def parse(cls, text: str) -> "WebhookUrl":
        """Take a URL apart.

        Raises:
            InvalidParameter: if nothing can be sent there.
        """
        if len(text) > LONGEST_URL:
            raise InvalidParameter(PARAMETER, f"is longer than {LONGEST_URL} characters")
        if not _VISIBLE.fullmatch(text):
            problem = "is no URL: encode spaces, backslashes and letters beyond ASCII"
            raise InvalidParameter(PARAMETER, problem)
        try:
            parts = urlsplit(text)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise InvalidParameter(PARAMETER, "is no URL: its host or port cannot be") from None
        if parts.scheme not in PORTS:
            raise InvalidParameter(PARAMETER, "starts with neither http:// nor https://")
        if "@" in parts.netloc:
            problem = "holds a user name or password; leave them out and verify the signature"
            raise InvalidParameter(PARAMETER, problem)
        if not _HOST.fullmatch(host) or port == 0:
            raise InvalidParameter(PARAMETER, "is no URL: its host or port cannot be")
        query = f"?{parts.query}" if parts.query else ""
        return cls(parts.scheme, host, port or PORTS[parts.scheme], f"{parts.path or '/'}{query}")

    @property
    def authority(self) -> str:
        """What the request's Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """What is told.

    Args:
        id: the same for everything that is sent about one ending, so that it can be counted once.
        content: values of JSON.
    """

    id: str
    content: Mapping[str, Any]


def message_of(job: Job) -> WebhookMessage:
    """Return what is told of a job that ended: facts of its row, nothing that was said in it."""
    ended = datetime.fromtimestamp(job.finished or job.created, UTC)
    failure = job.failure
    data = {
        "id": job.id,
        "name": job.name,
        "status": job.status.value,
        "attempt": job.attempt,
        "duration": job.seconds,
        "created": job.created,
        "started": job.started,
        "finished": job.finished,
        "failure": {"message": failure.message, "code": failure.code} if failure else None,
    }
    timestamp = ended.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    content = {"type": EVENTS[job.status], "timestamp": timestamp, "data": data}
    return WebhookMessage(job.run, content)
