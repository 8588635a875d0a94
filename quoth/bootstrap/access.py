"""Who may do what, from the settings."""

import time
from urllib.parse import urlsplit

from quoth.adapters.rate_limits.counting import LocalRateLimits, RedisRateLimits
from quoth.adapters.storage.key_file import FileKeyRing
from quoth.api.connections import ConnectionLimits, Connections
from quoth.auth.access import Access
from quoth.auth.limits import MINUTE, Limits
from quoth.auth.networks import is_in, parse_networks
from quoth.auth.origins import Policy
from quoth.auth.pages import Names
from quoth.bootstrap.surroundings import is_container, own_names, stand_ins
from quoth.config import Settings
from quoth.domain.errors import InvalidParameter
from quoth.domain.keys import Scope
from quoth.ports.rate_limits import RateLimits, RateRule
from quoth.use_cases.manage_keys import ManageKeys
from quoth.use_cases.quotas import HourlyAudio

HOUR = 3600


def build_access(settings: Settings) -> Access:
    """Return who may do what.

    Raises:
        InvalidParameter: if a setting cannot be what it is.
        UnusableKeys: if the file of keys cannot be read.
    """
    ring = key_ring(settings)
    ring.load()
    return Access(ring, time.time, policy_of(settings), is_lan_admin=settings.lan_admin)


def build_limits(settings: Settings) -> Limits:
    """Return how much whoever needs a key may ask for.

    Raises:
        InvalidParameter: if REDIS_URL cannot be used.
    """
    return Limits(
        _counts(settings),
        RateRule("requests", settings.requests_per_minute, MINUTE),
        RateRule("keys that are not good", settings.failed_logins_per_minute, MINUTE),
    )


def build_hourly_audio(settings: Settings) -> HourlyAudio:
    """Return how much audio each key may send in.

    Raises:
        InvalidParameter: if REDIS_URL cannot be used.
    """
    rule = RateRule("seconds of audio", settings.audio_seconds_per_hour, HOUR)
    return HourlyAudio(_counts(settings), rule)


def _counts(settings: Settings) -> RateLimits:
    url = settings.redis_url
    return LocalRateLimits() if url is None else RedisRateLimits(url.get_secret_value())


def build_connections(settings: Settings) -> Connections:
    """Return what holds connections to limits.

    Raises:
        InvalidParameter: if a setting cannot be what it is.
    """
    policy = policy_of(settings)
    passed_on = (*policy.bypass, *policy.proxies)
    return Connections(
        ConnectionLimits(
            settings.max_connections,
            settings.max_connections_per_address,
            settings.header_seconds,
            settings.min_body_bytes_per_second,
        ),
        lambda address: address is None or not is_in(address, passed_on),
        settings.edge_port,
    )


def key_ring(settings: Settings) -> FileKeyRing:
    """Return the keys of an installation, not yet read."""
    return FileKeyRing(settings.api_keys_file or settings.quoth_data / "api-keys.json")


def first_key(settings: Settings) -> str | None:
    """Make a key for admins where nobody could ask for anything without; None where it is not so.

    It is so in a container, as nobody is in its own network, and where no network goes without
    a key (`AUTH=required`, `BYPASS_NETWORKS=none`), until there is one.

    Raises:
        UnusableKeys: if it cannot be written down.
    """
    policy = policy_of(settings)
    is_closed = is_container() or policy.is_key_always_required or not policy.bypass
    if not is_closed:
        return None
    ring = key_ring(settings)
    ring.load()
    if ring.keys():
        return None
    return ManageKeys(ring, time.time).create("first", frozenset(Scope)).secret


def manage_keys(settings: Settings) -> ManageKeys:
    """Return the use case of keys."""
    return ManageKeys(key_ring(settings), time.time)


def policy_of(settings: Settings) -> Policy:
    """Return whom the server trusts.

    Raises:
        InvalidParameter: if a setting cannot be what it is.
    """
    return Policy(
        bypass=parse_networks(settings.bypass_networks, "BYPASS_NETWORKS"),
        is_key_always_required=settings.auth == "required",
        proxies=parse_networks(settings.trusted_proxies, "TRUSTED_PROXIES"),
        stand_ins=stand_ins(),
        names=Names(
            own=own_names(),
            allowed=frozenset(each.lower() for each in _listed(settings.allowed_hosts)),
            origins=frozenset(_origin(each) for each in _listed(settings.cors_origins)),
        ),
    )


def _listed(text: str) -> list[str]:
    return [word for each in text.split(",") if (word := each.strip())]


def _origin(text: str) -> str:
    """Check an origin, which is never any: every page would be one of ours then."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or text != _bare(text):
        problem = f"has {text!r}: an origin is as `https://example.org`, without a path"
        raise InvalidParameter("CORS_ORIGINS", problem)
    return text


def _bare(text: str) -> str:
    parts = urlsplit(text)
    return f"{parts.scheme}://{parts.netloc}".lower()
