"""The way of a talk's bytes, record by record.

Goes in: rows of a talk with their legs. Comes out: `Leg`s, their sightings in the order of the way. Never: leaves a
sighting out because nothing is priced there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from egresscost.conversation.charges import laid, reason, with_charges
from egresscost.conversation.talk import FRO, TO, counted
from egresscost.results import Leg, Sighting

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from egresscost.conversation.talk import Meant
    from egresscost.flows.trace import FlowTrace
    from egresscost.results import LaidCharge

_SAME: Final = (
    "leg",
    "stage",
    "interface",
    "at",
    "at_resource",
    "at_account",
    "at_zone",
    "at_network",
    "side",
    "near_side",
    "way",
    "inferred",
    "role",
    "boundary",
    "path",
    "confidence",
    "rule",
    "seen_from",
)
_SUMS: Final = ("bytes", "records", "records_without_bytes")
_DEVICES: Final = ("nat", "balancer")
_LAST: Final = 900


def legs(found: pl.DataFrame, one: Meant, other: Meant, trace: FlowTrace) -> tuple[Leg, ...]:
    """Both directions, each only where bytes were seen."""
    import polars as pl  # noqa: PLC0415

    numbered = found.with_columns(seen_from=_seen_from())
    groups = numbered.group_by(_SAME).agg(pl.col(name).sum() for name in _SUMS)
    groups = groups.sort(_SAME, nulls_last=True).with_row_index("sight")
    marked = numbered.join(groups.select("sight", *_SAME), on=list(_SAME), nulls_equal=True)
    charges = laid(with_charges(marked, trace, "sight"), trace)
    sent = counted(found, ("leg",))
    names = {TO: (one.text, other.text), FRO: (other.text, one.text)}
    return tuple(
        Leg(*names[leg], sent[(leg,)], tuple(_sighting(row, charges, trace) for row in rows))
        for leg in (TO, FRO)
        if (rows := [row for row in groups.iter_rows(named=True) if row["leg"] == leg])
    )


def _seen_from() -> pl.Expr:
    """Whose view a record's direction is in: of a NAT or balancer its own, else that of the near end."""
    import polars as pl  # noqa: PLC0415

    near = [
        pl.when(pl.col("near_side") == "src").then(f"src_{name}").otherwise(f"dst_{name}")
        for name in ("workload", "instance", "interface", "address")
    ]
    device = pl.coalesce("at_resource", "interface")
    return pl.when(pl.col("at").is_in(_DEVICES)).then(device).otherwise(pl.coalesce(*near, "interface"))


def _sighting(row: Mapping[str, Any], charges: Mapping[int, tuple[LaidCharge, ...]], trace: FlowTrace) -> Sighting:
    return Sighting(
        interface=row["interface"],
        at=row["at"],
        stands={0: "sender", _LAST: "receiver"}.get(row["stage"], "between"),
        resource=row["at_resource"],
        account=row["at_account"],
        zone=row["at_zone"],
        network=row["at_network"],
        flow_logs=trace.logs.get(row["interface"], ()),
        seen_from=row["seen_from"],
        direction=row["way"],
        is_inferred=row["inferred"],
        boundary=row["boundary"],
        path=row["path"],
        confidence=row["confidence"],
        role=row["role"],
        bytes=row["bytes"],
        records=row["records"],
        records_without_bytes=row["records_without_bytes"],
        reason=reason(row["rule"], trace),
        charges=charges.get(row["sight"], ()),
    )
