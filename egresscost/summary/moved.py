"""Bytes that moved, each counted once.

Goes in: network rows of the frame. Comes out: for each row the bytes that it counts. Never: counts what a charge is laid on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.frame import Boundary, C, Charge, Direction, Evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

_ENDS = (C.CURRENCY, C.PROVIDER, C.BOUNDARY, C.SRC_REGION, C.DST_REGION)


def moved(net: pd.DataFrame) -> pd.Series:
    """The bytes of each row that no other row counts; missing for charges that are laid on bytes.

    Flow logs know which row is the other end of another. In a bill, of traffic with an end at each side, the fuller side
    counts. Rows that do not tell which end they are (`is_either`) count as they are.
    """
    if (net[C.EVIDENCE] == Evidence.FLOW).all():
        return net[C.MOVED_BYTES]
    counts = net[C.BYTES].where(net[C.CHARGE] == Charge.TRANSFER)
    arriving = (net[C.DIRECTION] == Direction.IN) & net[C.BOUNDARY].isin([Boundary.ZONE, Boundary.REGION])
    leaving = (net[C.DIRECTION] != Direction.IN) & ~is_either(net)
    keys = _text(net, _ENDS)
    sent, received = (keys.map(counts[side].groupby(keys[side]).sum()).fillna(0) for side in (leaving, arriving))
    lesser = (leaving & (sent < received)) | (arriving & (received <= sent))
    return counts.mask(lesser & counts.notna(), 0)


def is_either(net: pd.DataFrame) -> pd.Series:
    """Traffic between zones that may be either end of the same bytes."""
    is_zone = (net[C.CHARGE] == Charge.TRANSFER) & (net[C.BOUNDARY] == Boundary.ZONE)
    return is_zone & ~net[C.DIRECTION].isin([Direction.IN, Direction.OUT])


def _text(net: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """Several columns as one text."""
    parts = [net[name].astype(object).where(net[name].notna(), "").astype(str) for name in names]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + "/" + part
    return joined
