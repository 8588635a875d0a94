"""What proxies write into requests: a sign of them, and the client they name."""

from collections.abc import Iterable, Sequence

from quoth.auth.networks import Network, is_in, peer_address
from quoth.domain.addresses import Address

RawHeaders = Iterable[tuple[bytes, bytes]]

PREFIXES = ("cf-", "x-forwarded", "tailscale-")
NAMES = frozenset(
    {
        "forwarded",
        "via",
        "cdn-loop",
        "x-real-ip",
        "true-client-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-original-forwarded-for",
        "fastly-client-ip",
        "fly-client-ip",
    }
)
CLOUDFLARE = "cf-connecting-ip"
FORWARDED_FOR = "x-forwarded-for"


def values_of(headers: RawHeaders, name: str) -> list[str]:
    """Return every value of a header, in order."""
    wanted = name.encode("ascii")
    return [value.decode("latin-1") for key, value in headers if key.lower() == wanted]


def forwarding_header(headers: RawHeaders) -> str | None:
    """Return a header that only something in between writes; None if there is none.

    An underscore counts as a hyphen, as it does for much that passes requests on.
    """
    for key, _ in headers:
        name = key.lower().replace(b"_", b"-").decode("latin-1").strip()
        if name in NAMES or name.startswith(PREFIXES):
            return name
    return None


def named_client(headers: RawHeaders, trusted: Sequence[Network]) -> Address | None:
    """Return the client that a trusted proxy names; None where it names nobody, or is unclear.

    Cloudflare's word comes first; else the rightmost hop that is no trusted proxy. What stands
    further left was written by whoever sent the request.
    """
    headers = list(headers)
    match values_of(headers, CLOUDFLARE):
        case [one] if (address := _hop(one)) is not None:
            return address
    hops = [hop for value in values_of(headers, FORWARDED_FOR) for hop in value.split(",")]
    for hop in reversed(hops):
        address = _hop(hop)
        if address is None or not is_in(address, trusted):
            return address
    return None


def _hop(text: str) -> Address | None:
    """Read an address, which some proxies write with a port."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    return peer_address(text)
