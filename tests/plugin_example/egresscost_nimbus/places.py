"""Where Nimbus is: its regions, what people call them, and its public addresses.

Goes in: nothing. Comes out: tables. Never: behaviour.
"""

from __future__ import annotations

from egresscost.sources.address_lists import AddressList, AddressRange

REGIONS = frozenset({"sky-1", "sky-2"})
ALIASES = {"low clouds": "sky-1", "high clouds": "sky-2"}

ADDRESSES = AddressList(
    ranges=(
        AddressRange("192.0.33.0/24", region="sky-1", country="CH"),
        AddressRange("192.0.34.0/24", region="sky-2", country="IS"),
    ),
    date="2026-10-01",
    source="made up; the ranges are the IANA's own",
)
"""A record to one of these is no internet egress: the other end is Nimbus, too."""
