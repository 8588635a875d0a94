"""Which web pages may talk to a server that asks its own network for no key.

Any page a person visits can send requests to their own machine and network. Three checks keep it
out: the `Origin` a browser states must be the server itself, so must what `Sec-Fetch-Site` says,
and the `Host` must be a name of this machine, or a name that a stranger points at it (DNS
rebinding) would pass for the server itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from quoth.auth.forwarding import values_of

LOOPBACK_NAMES = frozenset({"localhost"})
_HOST = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([^\s:@/\[\]]+))(?::\d{1,5})?")
_OWN_SITES = frozenset({"same-origin", "none"})


@dataclass(frozen=True, slots=True)
class Names:
    """What the server is called.

    Args:
        own: names of this machine, in lower case.
        allowed: names it answers to besides (`ALLOWED_HOSTS`); `*` for any.
        origins: of pages on other sites that may ask (`CORS_ORIGINS`).
    """

    own: frozenset[str] = LOOPBACK_NAMES
    allowed: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()


def foreign_page(method: str, headers: Sequence[tuple[bytes, bytes]], names: Names) -> str | None:
    """Return the page of another site that a request comes from, as it is to be named."""
    origins, hosts = values_of(headers, "origin"), values_of(headers, "host")
    if origins:
        if len(origins) == 1 and _is_own(origins[0], hosts, names):
            return None
        return origins[0][:200] or "a page that does not say where it is from"
    sites = values_of(headers, "sec-fetch-site")
    if all(site in _OWN_SITES for site in sites) or _is_visit(method, headers):
        return None
    return f"a page of another site ({sites[0][:40]})"


def is_same_origin(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether a request comes from no page but the server's own, links followed included."""
    origins, hosts = values_of(headers, "origin"), values_of(headers, "host")
    sites = values_of(headers, "sec-fetch-site")
    is_own = all(_is_own(origin, hosts, Names()) for origin in origins)
    return is_own and all(site in _OWN_SITES for site in sites)


def _is_own(origin: str, hosts: Sequence[str], names: Names) -> bool:
    if origin in names.origins:
        return True
    try:
        parts = urlsplit(origin)
        name = (parts.hostname or "").lower()
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not name:
        return False
    return parts.netloc.lower() in {host.lower() for host in hosts} or name in names.allowed


def _is_visit(method: str, headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether a person follows a link, which shows them a page and tells the other site nothing."""
    mode, kind = values_of(headers, "sec-fetch-mode"), values_of(headers, "sec-fetch-dest")
    return method in {"GET", "HEAD"} and mode == ["navigate"] and kind == ["document"]


def foreign_host(headers: Sequence[tuple[bytes, bytes]], names: Names) -> str | None:
    """Return the name that a request asks for if it is none of the server's.

    An address is no name: nobody can point it elsewhere.
    """
    hosts = values_of(headers, "host")
    if len(hosts) != 1 or (parts := _HOST.fullmatch(hosts[0])) is None:
        return (hosts[0][:200] if hosts else "") or "a client that does not say whom it asks"
    name = (parts[1] or parts[2]).lower().removesuffix(".")
    if name in names.own or name in names.allowed or "*" in names.allowed or _is_literal(name):
        return None
    return hosts[0][:200]


def _is_literal(name: str) -> bool:
    try:
        return not ip_address(name).is_unspecified
    except ValueError:
        return False
