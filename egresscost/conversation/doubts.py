"""How far the figures of a talk can be trusted, in words.

Goes in: rows of a talk and its charges. Comes out: notices. Never: changes a figure.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from egresscost.results import Notice, Severity
from egresscost.units import gb

if TYPE_CHECKING:
    import polars as pl

_SMALLEST: Final = Decimal("0.001")


def doubts(found: pl.DataFrame, charges: pl.DataFrame, currency: str) -> tuple[Notice, ...]:
    """What was inferred, shared out, not placed or not priced."""
    said = [_inferred(found), _shared(found), _unplaced(found), _unpriced(charges), _foreign(charges, currency)]
    if charges.filter(charges["cost"].is_not_null() & (charges["tier_pool"].fill_null("") != "")).height:
        said.append(_pooled())
    return tuple(notice for notice in said if notice is not None)


def _inferred(found: pl.DataFrame) -> Notice | None:
    """Directions that are no word of the log."""
    guessed = found.filter(found["inferred"])
    unknown = guessed.filter(guessed["way"] == "unknown")
    if guessed.is_empty():
        return None
    records = int(guessed["records"].sum())
    message = f"{records:,} records have no flow-direction (version 2 has none): out or in was inferred from whose the addresses are"
    details = (f"of {int(unknown['records'].sum()):,} not even that tells",) if unknown.height else ()
    return Notice("direction-inferred", Severity.WARNING, message, records, details)


def _shared(found: pl.DataFrame) -> Notice | None:
    """Bytes of a device that passed them on for several."""
    part = found.filter(found["is_shared"])
    if part.is_empty():
        return None
    message = f"{_size(part)} GB at a NAT are this talk's part by proportion: the NAT passed on bytes of several senders to the same place and hour"
    return Notice("shared-by-proportion", Severity.NOTE, message, part.height)


def _size(rows: pl.DataFrame) -> str:
    """The GB of rows, in words."""
    size = gb(int(rows["bytes"].sum())) or Decimal(0)
    return f"{size:,.3f}" if size >= _SMALLEST else f"<{_SMALLEST}"


def _unplaced(found: pl.DataFrame) -> Notice | None:
    import polars as pl  # noqa: PLC0415

    lost = found.filter((pl.col("role") != "evidence") & (pl.col("boundary") == "unknown"))
    if lost.is_empty():
        return None
    message = f"{_size(lost)} GB crossed a boundary that neither the logs nor an inventory tell"
    return Notice("flows-unplaced", Severity.WARNING, message, int(lost["records"].sum()))


def _unpriced(charges: pl.DataFrame) -> Notice | None:
    missing = sorted(charges["missing"].drop_nulls().unique().to_list())
    if not missing:
        return None
    message = f"no rate card has a price for {len(missing)} {'kind' if len(missing) == 1 else 'kinds'} of use, so they have no cost"
    return Notice("unpriced", Severity.WARNING, message, len(missing), tuple(missing[:5]))


def _foreign(charges: pl.DataFrame, currency: str) -> Notice | None:
    others = sorted(set(charges["currency"].drop_nulls().to_list()) - {currency})
    if not others:
        return None
    message = f"charges in {', '.join(others)} are shown and are no part of the total, which is in {currency}"
    return Notice("other-currencies", Severity.WARNING, message, len(others))


def _pooled() -> Notice:
    message = (
        "a cost is this talk's part of the month's price of all traffic in the same tier pool, at its average; without this talk the "
        "bill would fall by the rate of the last tier reached, which may be less or more"
    )
    return Notice("pooled", Severity.NOTE, message)
