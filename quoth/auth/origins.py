"""From where a request comes, and whether it needs a key for that.

Trust comes from the socket: the address at its other end, and the listener it belongs to. What a
request says of itself can only take trust away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from quoth.auth.forwarding import forwarding_header, named_client
from quoth.auth.networks import LAN, TAILSCALE, Network, is_in, peer_address
from quoth.auth.pages import Names, foreign_host, foreign_page
from quoth.domain.addresses import Address


class Verdict(StrEnum):
    """What is asked of a request."""

    BYPASS = "bypass"
    """Nothing: it comes from a network that is trusted."""
    KEY_REQUIRED = "key_required"
    FORBIDDEN = "forbidden"
    """It is turned away, key or not."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom the server trusts.

    Args:
        bypass: networks that need no key.
        is_key_always_required: whether nobody goes without one (`AUTH=required`).
        proxies: networks whose word on who the client is counts.
        stand_ins: addresses that stand for everybody, as a container's gateway does.
        names: what the server is called.
    """

    bypass: tuple[Network, ...] = (*LAN, *TAILSCALE)
    is_key_always_required: bool = False
    proxies: tuple[Network, ...] = ()
    stand_ins: frozenset[Address] = frozenset()
    names: Names = field(default_factory=Names)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a request before its body.

    Args:
        peer: the other end of the connection; None where it has no address.
        headers: as they came, names in any case.
        method: of HTTP.
        is_at_edge: whether it came to the listener that always wants a key.
    """

    peer: str | None
    headers: Sequence[tuple[bytes, bytes]]
    method: str = "GET"
    is_at_edge: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is asked of a request, and why.

    Args:
        verdict: what is asked.
        reason: a sentence.
        client: whom limits and logs are about; None where nobody knows.
    """

    verdict: Verdict
    reason: str
    client: Address | None


def judge(asked: Asked, policy: Policy) -> Judgement:
    """Decide on a request."""
    peer = peer_address(asked.peer)
    client = peer
    if peer is not None and is_in(peer, policy.proxies):
        client = named_client(asked.headers, policy.proxies) or peer
    why_not = _why_not(asked, peer, policy)
    if (refused := _refused(asked, policy, is_trusted=why_not is None)) is not None:
        return Judgement(Verdict.FORBIDDEN, refused, client)
    if why_not is not None:
        return Judgement(Verdict.KEY_REQUIRED, why_not, client)
    return Judgement(Verdict.BYPASS, f"{peer} is in a network that needs no key.", client)


def _why_not(asked: Asked, peer: Address | None, policy: Policy) -> str | None:
    """Say why a request needs a key; None if it needs none."""
    if asked.is_at_edge:
        return "It came to the listener at EDGE_PORT, where everybody needs a key."
    if policy.is_key_always_required:
        return "Everybody needs a key here (AUTH=required)."
    if peer is None:
        return "The other end of the connection has no address."
    return next(_against(asked, peer, policy), None)


def _against(asked: Asked, peer: Address, policy: Policy) -> Iterator[str]:
    """Yield what speaks against trusting an address."""
    if is_in(peer, policy.proxies):
        yield f"{peer} is a proxy (TRUSTED_PROXIES) and stands for everybody behind it."
    if (name := forwarding_header(asked.headers)) is not None:
        yield f"The header {name[:60]!r} says that it was passed on, so {peer} is not who asks."
    if peer in policy.stand_ins:
        yield f"{peer} stands for everybody outside this container."
    if not is_in(peer, policy.bypass):
        yield f"{peer} is in no network of BYPASS_NETWORKS."


def _refused(asked: Asked, policy: Policy, *, is_trusted: bool) -> str | None:
    page = foreign_page(asked.method, asked.headers, policy.names)
    if page is not None:
        return f"{page} may not ask this server; CORS_ORIGINS names the pages that may."
    if is_trusted or policy.names.allowed:
        host = foreign_host(asked.headers, policy.names)
        if host is not None:
            return f"{host} is no name of this server; ALLOWED_HOSTS names those it has."
    return None
