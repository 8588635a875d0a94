"""Whether this is a container, and which addresses stand for everybody outside it."""

import socket
import struct
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import psutil

from quoth.auth.networks import LOOPBACK, is_in, peer_address
from quoth.domain.addresses import Address

MARKS = ("/.dockerenv", "/run/.containerenv")
CGROUPS = ("docker", "containerd", "kubepods", "libpod", "/lxc/", "crio-")
HOME_DOMAINS = ("local", "lan", "home.arpa", "internal", "localdomain")
"""Under which routers name machines, and nobody on the Internet can have a name."""
GATEWAY_FLAG = 0x2
NO_PREFIX = 0


def is_container(root: Path = Path("/")) -> bool:
    """Whether this process runs in a container.

    Args:
        root: of the file system.
    """
    if any((root / mark.lstrip("/")).exists() for mark in MARKS):
        return True
    groups = _lines(root / "proc/self/cgroup")
    return any(mark in line for line in groups for mark in CGROUPS)


def stand_ins(root: Path = Path("/")) -> frozenset[Address]:
    """Return the addresses that stand for everybody; none outside a container.

    These are its default gateways and its own addresses: from them come the connections that the
    container's engine passes in, whoever made them.
    """
    if not is_container(root):
        return frozenset()
    return frozenset(default_gateways(root) | own_addresses())


def default_gateways(root: Path = Path("/")) -> set[Address]:
    """Return where packets go that belong to no network here."""
    found: set[Address] = set()
    for line in _lines(root / "proc/net/route")[1:]:
        _, destination, gateway, flags, _, _, _, mask, *_ = line.split()
        if int(destination, 16) == int(mask, 16) == 0 and int(flags, 16) & GATEWAY_FLAG:
            found.add(IPv4Address(struct.pack("<I", int(gateway, 16))))
    for line in _lines(root / "proc/net/ipv6_route"):
        destination, prefix, _, _, gateway, _, _, _, flags, _ = line.split()
        is_default = int(destination, 16) == 0 and int(prefix, 16) == NO_PREFIX
        if is_default and int(flags, 16) & GATEWAY_FLAG:
            found.add(IPv6Address(int(gateway, 16)))
    return found


def own_addresses() -> set[Address]:
    """Return the addresses of this machine, but for loopback."""
    texts = [
        each.address
        for addresses in psutil.net_if_addrs().values()
        for each in addresses
        if each.family in {socket.AF_INET, socket.AF_INET6}
    ]
    found = {address for text in texts if (address := peer_address(text)) is not None}
    return {address for address in found if not is_in(address, LOOPBACK)}


def own_names() -> frozenset[str]:
    """Return what this machine is called in its network, as far as that can be known."""
    name = socket.gethostname().lower().removesuffix(".")
    short = name.partition(".")[0]
    if not short:
        return frozenset({"localhost"})
    return frozenset({"localhost", name, short, *(f"{short}.{domain}" for domain in HOME_DOMAINS)})


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []
