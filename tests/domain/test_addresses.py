"""What is public, from examples and over all addresses there are."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.domain.addresses import address_of, is_public, unwrapped

PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "172.15.255.255", "172.32.0.0", "100.63.255.255"]
PUBLIC += ["100.128.0.0", "223.255.255.255", "192.0.1.0", "198.17.255.255", "198.20.0.0"]
NOT_PUBLIC = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254"),  # noqa: S104
    *("172.16.0.1", "172.31.255.255", "192.168.1.2", "100.64.0.1", "100.100.100.200"),
    *("192.0.0.192", "192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.5"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
]
PUBLIC_V6 = ["2606:4700:4700::1111", "2001:4860:4860::8888", "2a00::1", "2001:200::1"]
NOT_PUBLIC_V6 = [
    *("::", "::1", "::7f00:1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254"),
    *("fd7a:115c:a1e0::1", "ff02::1", "2001:db8::1", "3fff::1", "2001::1", "2001:0:4136:e378::"),
    *("64:ff9b:1::1", "100::1", "5f00::1", "4000::1"),
]
WRAPPERS = ["::ffff:0:0", "64:ff9b::"]


@pytest.mark.parametrize("text", PUBLIC + PUBLIC_V6)
def test_addresses_of_the_internet_are_public(text: str) -> None:
    assert is_public(address_of(text))


@pytest.mark.parametrize("text", NOT_PUBLIC + NOT_PUBLIC_V6)
def test_addresses_of_machines_and_networks_of_ones_own_are_not(text: str) -> None:
    assert not is_public(address_of(text))


@pytest.mark.parametrize("network", WRAPPERS)
@given(value=st.integers(0, 2**32 - 1))
def test_an_ipv4_address_in_ipv6_clothes_is_what_it_is_without(network: str, value: int) -> None:
    plain = IPv4Address(value)
    dressed = IPv6Address(int(IPv6Address(network)) | value)
    assert unwrapped(dressed) == plain
    assert is_public(dressed) == is_public(plain)


@given(value=st.integers(0, 2**32 - 1), rest=st.integers(0, 2**80 - 1))
def test_6to4_is_as_public_as_the_address_it_leads_to(value: int, rest: int) -> None:
    dressed = IPv6Address((0x2002 << 112) | (value << 80) | rest)
    assert is_public(dressed) == is_public(IPv4Address(value))


@given(value=st.integers(0, 2**32 - 1))
def test_no_ipv4_address_is_public_that_the_registry_calls_special(value: int) -> None:
    address = IPv4Address(value)
    special = address.is_private or address.is_multicast or address.is_reserved
    assert not (is_public(address) and (special or address.is_link_local or address.is_loopback))


@given(st.integers(0, 2**128 - 1) | st.integers(0, 2**125 - 1).map(lambda rest: (1 << 125) | rest))
def test_no_ipv6_address_is_public_outside_of_global_unicast(value: int) -> None:
    address = IPv6Address(value)
    if is_public(address) and isinstance(unwrapped(address), IPv6Address):
        assert value >> 125 == 1
        assert not address.is_private


@pytest.mark.parametrize(
    "network", ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "240.0.0.0/4"]
)
@given(data=st.data())
def test_nothing_of_a_private_network_is_public_in_any_clothes(
    network: str, data: st.DataObject
) -> None:
    value = int(data.draw(st.ip_addresses(v=4, network=network)))
    assert not is_public(IPv4Address(value))
    for wrapper in WRAPPERS:
        assert not is_public(IPv6Address(int(IPv6Address(wrapper)) | value))
    assert not is_public(IPv6Address((0x2002 << 112) | (value << 80)))
