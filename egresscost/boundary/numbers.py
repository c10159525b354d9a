"""Addresses and prefixes as numbers on one line.

Goes in: texts. Comes out: IPv4 as it is, IPv6 by its upper half, which no IPv4 number reaches. Never: raises on an
address of a log; what is none has no number.
"""

from __future__ import annotations

from ipaddress import IPv6Network, ip_address, ip_network

_HALF = 64


def number_of(address: str) -> int | None:
    """An address as a number.

    >>> number_of("0.0.1.2"), number_of("2001:db8::1") == 0x20010DB8 << 32, number_of("-")
    (258, True, None)
    """
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return int(found) if found.version == 4 else int(found) >> _HALF  # noqa: PLR2004


def span_of(prefix: str) -> tuple[int, int] | None:
    """The first number of a prefix and the one after its last.

    >>> span_of("0.0.1.0/24")
    (256, 512)
    """
    try:
        network = ip_network(prefix, strict=False)
    except ValueError:
        return None
    first, last = int(network.network_address), int(network.broadcast_address)
    if isinstance(network, IPv6Network):
        first, last = first >> _HALF, last >> _HALF
    return first, last + 1
