"""Talking to one's own machines by their private addresses instead of the public ones.

Goes in: bytes between own machines of one region over public addresses. Comes out: one proposal for each pair of workloads.
Never: counts what crosses zones anyway, or somebody else's machines.

By public addresses bytes are charged at both ends as if they crossed zones, even inside one zone. By private addresses they
are free there. Through a NAT gateway they are charged by that as well, and private addresses spare it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.advice.case import Proposal, largest_first
from egresscost.advice.instead import same_bytes
from egresscost.advice.ledger import ADDED, Change
from egresscost.advice.unseen import unseen
from egresscost.frame import Boundary, Charge, Evidence, PeerKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case, Unjudged
    from egresscost.results import Assumption

PUBLIC: Final = "public_ip"


@dataclass(frozen=True)
class PublicAddressing:
    """The idea."""

    kind: str = "public-addressing"
    order: int = 205
    assumptions: Sequence[Assumption] = ()

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each pair of workloads."""
        import polars as pl  # noqa: PLC0415

        own = (pl.col("boundary") == Boundary.ZONE) & (pl.col("peer_kind") == PeerKind.WORKLOAD)
        public = pl.col("path").str.ends_with(PUBLIC)
        rows = case.rows.filter(case.playable() & own & public & (pl.col("evidence") == Evidence.FLOW) & ~pl.col(ADDED))
        me = pl.coalesce("workload", "resource")
        rows = rows.with_columns(one=pl.min_horizontal(me, "peer"), other=pl.max_horizontal(me, "peer"))
        groups = rows.group_by("provider", "from", "one", "other")
        for (_, region, one, other), part in largest_first(groups):
            change = _change(case, part)
            if change.takes:
                yield _proposal(case, change, part, (str(region), str(one), str(other)))
        yield from unseen(case, Charge.TRANSFER, "public addresses in the own region", PUBLIC)


def _change(case: Case, part: pl.DataFrame) -> Change:
    """Bytes that stay in a zone become free; a NAT gateway on the way no longer charges any."""
    import polars as pl  # noqa: PLC0415

    direct = part.filter((pl.col("charge") == Charge.TRANSFER) & (pl.col("path") == PUBLIC))
    at_home = direct.filter(pl.col("src_zone") == pl.col("dst_zone"))
    through = part.filter(pl.col("charge") != Charge.TRANSFER)
    change = Change()
    if len(at_home):
        region = str(at_home["from"][0])
        adds = same_bytes(at_home, {"charge": "transfer", "boundary": Boundary.NONE, "to": region})
        change += case.taking(at_home) + Change(adds=adds)
    return change + case.taking(through) if len(through) else change


def _proposal(case: Case, change: Change, part: pl.DataFrame, which: tuple[str, str, str]) -> Proposal:
    region, one, other = which
    networks = {str(each) for name in ("src_network", "dst_network") for each in part[name].drop_nulls()}
    between = f"; their networks {' and '.join(sorted(networks))} need a way between them" if len(networks) > 1 else ""
    return Proposal(
        subject=f"{one}:{other}",
        change=change,
        words={"region": region, "one": one, "other": other, "between": between},
        seen=case.seen(case.taken(change), ("charge", "workload", "peer", "src_zone", "dst_zone", "direction")),
    )


IDEA: Final = PublicAddressing()
