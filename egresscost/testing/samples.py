"""What the author of a provider says of files of their own.

Goes in: nothing. Comes out: values. Never: reads a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from decimal import Decimal
    from os import PathLike
    from pathlib import Path


@dataclass(frozen=True)
class BillSample:
    """A file of a bill, small: every check reads it several times.

    Attributes:
        path: The file. One whose rows all differ, with network rows and others.
        format: The name of its layout.
        rows: How many rows it has.
        totals: What all of them come to with credits taken off, by currency; added up by hand, or by other means than the
            provider's.
        reader: Instead of `rows` and `totals`: an independent simple reader, from the file to both.
    """

    path: str | PathLike[str]
    format: str
    rows: int | None = None
    totals: Mapping[str, Decimal | str] = field(default_factory=dict)
    reader: Callable[[Path], tuple[int, Mapping[str, Decimal]]] | None = None


@dataclass(frozen=True)
class FlowSample:
    """A file of flow logs, small.

    Attributes:
        path: The file.
        records: How many records it has, counted or not.
        bytes: What those that count add up to.
        header: How many lines come before the first record, where each line is a record; None where records are no lines.
        fields: The fields of a file without a header, as users give them.
        inventory: Files of the inventory that belongs to it.
    """

    path: str | PathLike[str]
    records: int
    bytes: int
    header: int | None = 0
    fields: str = ""
    inventory: tuple[str | PathLike[str], ...] = ()


@dataclass(frozen=True)
class InventorySample:
    """A file of an inventory.

    Attributes:
        path: The file.
        interfaces, subnets, devices: How many it lists.
    """

    path: str | PathLike[str]
    interfaces: int = 0
    subnets: int = 0
    devices: int = 0


@dataclass(frozen=True)
class Samples:
    """All of them.

    Attributes:
        bills: At least one for each layout that the provider has.
        flows: At least one where it has flow logs.
        inventories: At least one where it reads inventories.
        unpriced: What the rate cards know no price of, and why: `nat`, or `transfer private_line out`. What is named and
            has a price is an error, too.
        day: The day whose rates count; None for today.
    """

    bills: tuple[BillSample, ...] = ()
    flows: tuple[FlowSample, ...] = ()
    inventories: tuple[InventorySample, ...] = ()
    unpriced: Mapping[str, str] = field(default_factory=dict)
    day: date | None = None
