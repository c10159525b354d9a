"""The public addresses of a cloud, as it hands them over.

Goes in: nothing. Comes out: values. Never: behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class AddressRange:
    """A range of public addresses.

    Attributes:
        prefix: In CIDR notation.
        region: In the cloud's words; empty where it names none.
        service: In the cloud's words, as in `Network.services`; empty for any.
        country: ISO 3166, two letters; empty where it is not known.
    """

    prefix: str
    region: str = ""
    service: str = ""
    country: str = ""


@dataclass(frozen=True)
class AddressList:
    """All public addresses of a cloud.

    Attributes:
        ranges: Its ranges; the longest one that holds an address counts.
        date: When the list was made, ISO 8601; empty where nobody says.
        source: Who published it.
        licence: Of the data.
    """

    ranges: Sequence[AddressRange]
    date: str = ""
    source: str = ""
    licence: str = ""
