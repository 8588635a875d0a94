"""How much each key may use, and what it used."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil

from quoth.domain.access_errors import QuotaExceeded, RateLimited
from quoth.domain.job_errors import DatabaseUnavailable
from quoth.domain.jobs import JobStatus
from quoth.domain.keys import ApiKey, Quotas, Used
from quoth.ports.jobs import JobFilter, JobStore
from quoth.ports.keys import KeyRing
from quoth.ports.rate_limits import RateLimits, RateRule
from quoth.ports.usage import UsageStore

DAY_SECONDS = 86_400
BUSY_SECONDS = 60
"""After which to look again whether one of one's own jobs is done."""
NOTE_SECONDS = 60.0
"""Between two notes of a key's use: its last use is right to a minute."""

log = logging.getLogger(__name__)

UNDER_WAY = JobFilter((JobStatus.QUEUED, JobStatus.RUNNING))


@dataclass(frozen=True, slots=True)
class HourlyAudio:
    """How many seconds of audio each key may send in within an hour, in all processes together.

    Args:
        counts: counts.
        rule: the limit.
    """

    counts: RateLimits
    rule: RateRule

    def count(self, key_id: str, seconds: float) -> None:
        """Count a recording; one of no seconds asks whether there is room for any.

        Raises:
            RateLimited: if there is none.
        """
        standing = self.counts.hit(self.rule, f"key {key_id}", ceil(seconds))
        if not standing.is_allowed:
            raise RateLimited(self.rule.what, f"{self.rule} with a key", standing.reset_seconds)


@dataclass(frozen=True, slots=True)
class KeyQuotas:
    """Quotas of keys; whoever has no key has none.

    Args:
        ring: the keys.
        usage: what was used.
        jobs: the jobs' rows.
        now: seconds since the epoch.
        hourly: limits audio in time; None for any.
    """

    ring: KeyRing
    usage: UsageStore
    jobs: JobStore
    now: Callable[[], float]
    hourly: HourlyAudio | None = None
    _noted: dict[str, float] = field(default_factory=dict[str, float])

    def check(self, owner: str) -> None:
        """Check that an owner may begin another job, before anything of it is taken in.

        Raises:
            QuotaExceeded: if as many are under way as may be, or the day's share is used up.
            RateLimited: if there was too much audio in the last hour.
        """
        quotas = self._quotas(owner)
        if quotas is None:
            return
        most = quotas.concurrent_jobs
        if most is not None and self.jobs.count(owner, UNDER_WAY) >= most:
            raise QuotaExceeded("jobs under way", f"{most} at once with this key", BUSY_SECONDS)
        self._charge(owner, quotas, 0.0, 0)

    def is_counted(self, owner: str) -> bool:
        """Whether what an owner sends in is counted: whether it is a key's."""
        return self._quotas(owner) is not None

    def charge(self, owner: str, seconds: float, size_bytes: int) -> None:
        """Count a recording.

        Raises:
            QuotaExceeded: if it is more than is left of the day's share; nothing is counted then.
            RateLimited: if there was too much audio in the last hour.
        """
        quotas = self._quotas(owner)
        if quotas is not None:
            self._charge(owner, quotas, seconds, size_bytes)

    def note_use(self, key: ApiKey) -> None:
        """Note that a key was used, now and then."""
        now = self.now()
        if now - self._noted.get(key.id, 0.0) >= NOTE_SECONDS:
            self._noted[key.id] = now
            try:
                self.usage.note_use(key.id, now)
            except DatabaseUnavailable as error:  # what was asked for may need none
                log.warning("the use of a key is not noted: %s", error)

    def last_uses(self) -> Mapping[str, float]:
        """Return when each key was used last, right to a minute."""
        return self.usage.last_uses()

    def used_today(self) -> Mapping[str, Used]:
        """Return what was sent in with each key since midnight, UTC; who did is in it."""
        return self.usage.of_day(int(self.now()) // DAY_SECONDS)

    def _charge(self, owner: str, quotas: Quotas, seconds: float, size_bytes: int) -> None:
        if self.hourly is not None:
            self.hourly.count(owner, seconds)
        day, into = divmod(int(self.now()), DAY_SECONDS)
        if not self.usage.charge(owner, day, seconds, size_bytes, quotas):
            allowed = [
                f"{amount:g} {unit}"
                for amount, unit in (
                    (quotas.audio_seconds_per_day, "seconds of audio"),
                    (quotas.bytes_per_day, "bytes"),
                )
                if amount is not None
            ]
            a_day = f"{' and '.join(allowed)} a day with this key"
            raise QuotaExceeded("recordings", a_day, DAY_SECONDS - into)

    def _quotas(self, owner: str) -> Quotas | None:
        keys = self.ring.keys()
        return next((key.quotas for key in keys if key.id == owner), None)
