"""How much whoever needs a key may ask for: by key, else by address."""

from dataclasses import dataclass
from ipaddress import IPv6Network

from quoth.auth.access import Caller
from quoth.auth.origins import Verdict
from quoth.domain.access_errors import RateLimited
from quoth.domain.addresses import Address
from quoth.ports.rate_limits import RateLimits, RateRule, Standing

MINUTE = 60
HOME_BITS = 64
"""What one home has of IPv6 addresses: whoever has one has them all."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The rules, and what counts.

    Args:
        counts: counts.
        requests: for each key, and each address without one.
        failed_logins: for each address.
    """

    counts: RateLimits
    requests: RateRule
    failed_logins: RateRule

    def is_about(self, caller: Caller) -> bool:
        """Whether a caller's requests are counted: not of whoever is trusted and shows no key."""
        return caller.key is not None or caller.judgement.verdict is not Verdict.BYPASS

    def request(self, caller: Caller) -> Standing:
        """Count a request.

        Raises:
            RateLimited: if it is one too many.
        """
        if caller.key is not None:
            return self._hit(self.requests, f"key {caller.key.id}")
        return self._hit(self.requests, f"address {home_of(caller.judgement.client)}")

    def failed_login(self, client: Address | None) -> None:
        """Count a key that is not good.

        Raises:
            RateLimited: if it is one too many.
        """
        self._hit(self.failed_logins, f"address {home_of(client)}")

    def _hit(self, rule: RateRule, who: str) -> Standing:
        standing = self.counts.hit(rule, who)
        if not standing.is_allowed:
            raise RateLimited(rule.what, str(rule), standing.reset_seconds)
        return standing


def home_of(client: Address | None) -> str:
    """Return what is counted as one place."""
    if client is None:
        return "unknown"
    if client.version == 4:  # noqa: PLR2004
        return str(client)
    return str(IPv6Network((int(client), HOME_BITS), strict=False))


def standing_headers(standing: Standing) -> dict[str, str]:
    """Return how OpenAI's clients are told where they are."""
    return {
        "x-ratelimit-limit-requests": str(standing.amount),
        "x-ratelimit-remaining-requests": str(standing.remaining),
        "x-ratelimit-reset-requests": f"{standing.reset_seconds}s",
    }
