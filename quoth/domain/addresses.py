"""Which addresses are on the public Internet: everything else may be somebody's own machine.

The networks are listed here. `ipaddress` has words of its own for them (`is_private`, `is_global`),
whose meaning is neither ours nor the same in every version of Python.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

_NOT_PUBLIC_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carriers and Tailscale; a cloud's metadata, too
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host, as its virtual machines see it
        "169.254.0.0/16",  # link-local, with the clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)

_UNICAST_V6 = IPv6Network("2000::/3")
"""All that was ever given out for the Internet. Loopback, link-local, unique local, multicast and
addresses that hold an IPv4 address in obsolete ways lie outside."""

_NOT_PUBLIC_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)

_EMBEDDING = (
    (IPv6Network("::ffff:0:0/96"), 0),  # IPv4-mapped
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64
    (IPv6Network("2002::/16"), 80),  # 6to4
)
"""Networks whose addresses lead to an IPv4 address inside them, and how many bits follow it."""


def unwrapped(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address leads to, else the address itself."""
    if isinstance(address, IPv6Address):
        for network, following in _EMBEDDING:
            if address in network:
                return IPv4Address((int(address) >> following) & 0xFFFF_FFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether an address is on the public Internet, seen through what wraps it."""
    address = unwrapped(address)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    return address in _UNICAST_V6 and not any(address in network for network in _NOT_PUBLIC_V6)


def address_of(text: str) -> Address:
    """Return an address as the system's resolver writes it, perhaps with a zone.

    Raises:
        ValueError: if it is none.
    """
    return ip_address(text.partition("%")[0])
