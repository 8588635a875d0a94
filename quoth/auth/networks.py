"""The networks whose machines may need no key, written out one by one.

`ipaddress` has words of its own (`is_private`), which are true of 240.0.0.1, 203.0.113.5 and
169.254.169.254: none of these is anybody's home.
"""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TypeAlias

from quoth.domain.addresses import Address, address_of
from quoth.domain.errors import InvalidParameter

Network: TypeAlias = IPv4Network | IPv6Network

LOOPBACK: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
LAN: tuple[Network, ...] = (
    *LOOPBACK,
    IPv4Network("192.168.0.0/16"),
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv6Network("fc00::/7"),  # unique local
    IPv6Network("fe80::/10"),  # link-local
)
TAILSCALE: tuple[Network, ...] = (
    IPv4Network("100.64.0.0/10"),
    IPv6Network("fd7a:115c:a1e0::/48"),
)
NAMED: Mapping[str, tuple[Network, ...]] = {
    "loopback": LOOPBACK,
    "lan": LAN,
    "tailscale": TAILSCALE,
    "none": (),
}


def peer_address(text: str | None) -> Address | None:
    """Return the address at the other end of a connection; None for what is none.

    An IPv4 address that a dual-stack socket shows inside an IPv6 one is itself. Addresses that
    only lead to an IPv4 one, as those of 6to4 and NAT64 do, stay what they are: whoever holds them
    is elsewhere.
    """
    try:
        address = address_of(text or "")
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_in(address: Address, networks: Iterable[Network]) -> bool:
    """Whether an address lies in one of some networks."""
    return any(address in network for network in networks)


def parse_networks(text: str, setting: str) -> tuple[Network, ...]:
    """Read networks as a setting has them: `lan, tailscale, 203.0.113.0/24`, or `none`.

    Raises:
        InvalidParameter: if one is neither a name of ours nor a network.
    """
    found: list[Network] = []
    for word in (each.strip().lower() for each in text.split(",")):
        if word in NAMED:
            found += NAMED[word]
        elif word:
            try:
                found.append(ip_network(word))
            except ValueError as error:
                names = ", ".join(NAMED)
                problem = f"has {word!r}, which is no network ({error}), nor one of {names}"
                raise InvalidParameter(setting, problem) from None
    return tuple(found)
