"""FOCUS files that egresscost wrote itself, read back as what they were made of.

Goes in: the columns of such a file. Comes out: `Lines`, and the place that the file says. Never: places a line anew, or
takes BilledCost for a list price that was not known.

Such a file has the frame's own columns behind `x_`. A line's place is decided already, so it travels as one text
through the key `family`, which this layout has no other use for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl

from egresscost.errors import UnknownFormatError
from egresscost.formats.focus import Focus
from egresscost.frame import Boundary, Charge, ChargeClass, Confidence, Direction, Evidence
from egresscost.sources.protocols import Lines, Placement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PLACE: Final = (
    "x_Boundary",
    "x_Direction",
    "x_Charge",
    "x_Rule",
    "x_Confidence",
    "x_SourceRegion",
    "x_DestinationRegion",
    "x_Path",
    "x_NetworkTier",
    "x_DestinationGeography",
    "x_Unit",
    "x_Evidence",
    "x_Bytes",
)
"""What a place is made of, in the order of the text that it travels as."""
_AS_WRITTEN: Final = {
    "provider": "x_Provider",
    "account_name": "x_AccountName",
    "account": "x_Account",
    "billing_account": "x_BillingAccount",
    "service": "x_Service",
    "line_type": "x_ChargeClass",
    "usage_type": "x_UsageType",
    "operation": "x_Operation",
    "resource": "x_Resource",
    "sku": "x_Sku",
    "rate_id": "x_RateId",
    "unit": "x_Unit",
}
_NUMBERS: Final = {
    "BilledCost": "cost",
    "x_NetCost": "net_cost",
    "x_ListCost": "list_cost",
    "x_AmortizedCost": "amortized_cost",
}
_QUANTITY: Final = "x_Quantity"


class OwnFocus(Focus):
    """FOCUS files with the frame's own columns."""

    name = "focus-egresscost"
    title = "FOCUS by egresscost"

    def recognizes(self, columns: Sequence[str]) -> bool:
        """By the columns of a place and those of FOCUS."""
        return super().recognizes(columns) and set(_PLACE) <= set(columns)

    def missing(self, columns: Sequence[str]) -> list[str]:
        """Needed columns that are absent."""
        needed = (*_PLACE, *_AS_WRITTEN.values(), *_NUMBERS, _QUANTITY)
        return [*super().missing(columns), *dict.fromkeys(name for name in needed if name not in columns)]

    def charge_class(self, line_type: str | None) -> ChargeClass:
        """As the file says it."""
        known = {member.value: member for member in ChargeClass}
        return known.get(line_type or "", ChargeClass.UNKNOWN)

    def lines(self, columns: Mapping[str, pl.DataType]) -> Lines:
        """The mapping of FOCUS, with the frame's own columns where it has any."""
        found = super().lines(columns)
        own = {key: _text(name) for key, name in _AS_WRITTEN.items()}
        parts = pl.concat_str([_text(name).fill_null("") for name in _PLACE[:-1]], separator="\t")
        counts = pl.when(_text("x_Bytes").is_not_null()).then(pl.lit("bytes")).otherwise(pl.lit("none"))
        own["family"] = pl.concat_str(parts, counts, separator="\t")
        network = _text("x_Boundary") != Boundary.NOT_NETWORK
        used = {*_PLACE, *_AS_WRITTEN.values(), *_NUMBERS, _QUANTITY}
        return replace(
            found,
            texts={**found.texts, **own},
            quantity=_QUANTITY,
            numbers={**dict.fromkeys(_NUMBERS), _QUANTITY: pl.col("network")},
            measures={measure: pl.col(name) for name, measure in _NUMBERS.items()},
            network=network.fill_null(value=True),
            needed=tuple(name for name in columns if name in used or name in found.needed),
        )

    def place(self, keys: Mapping[str, str | None]) -> Placement:
        """The place that the file says.

        Raises:
            UnknownFormatError: It says none that there is, or the row is of flow logs, whose prices are no bill.
        """
        boundary, direction, charge, rule, confidence, source, target, path, tier, geo, unit, evidence, counts = (
            keys.get("family") or "\t" * (len(_PLACE) - 1)
        ).split("\t")
        if evidence == Evidence.FLOW:
            message = "a FOCUS file by egresscost holds flow logs priced by rate cards: no bill says so"
            raise UnknownFormatError(message, hint="give the flow logs themselves")
        try:
            return Placement(
                Boundary(boundary),
                Direction(direction),
                Charge(charge),
                rule,
                Confidence(confidence),
                src_region=source or None,
                dst_region=target or None,
                own_end="dst" if direction == Direction.IN else "src",
                path=path or "unknown",
                network_tier=tier or None,
                dst_geo=geo or None,
                unit=unit or None,
                has_bytes=counts == "bytes",
            )
        except ValueError as error:
            message = f"a row of a FOCUS file by egresscost has a place that is none: {error}"
            raise UnknownFormatError(message, hint="export it again, or leave its columns x_Boundary … out") from error


def _text(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String)
    return pl.when(text != "").then(text)
