"""Keeping the traffic of two workloads that talk a lot in one zone.

Goes in: bytes between zones whose two ends are known. Comes out: one proposal for each pair, and one for the small pairs
together. Never: proposes what crosses zones for free, such as the replication of managed databases.

Both ends of a crossing are charged: the sender's row and the receiver's row of the same bytes go together.

What can be kept local: calls that pick one of k zones at random cross with k - 1 of k of their bytes. The rows have only
what crossed, so `local_share` is a part of that. Where both workloads stand in both zones, a balancer that prefers its own zone
could keep all of it but for what spills over when a zone has too few targets; that is why the default is below 1. Where one of
them stands in one zone only, routing cannot help: the other has to move there, or a copy has to come. Such a pair is a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost.advice.assumed import MIN_SAVING
from egresscost.advice.case import Proposal, Unjudged
from egresscost.advice.curves import curve
from egresscost.advice.ledger import ADDED, ATOMS, Add, Change
from egresscost.advice.unseen import lacking
from egresscost.frame import Boundary, Charge, PeerKind
from egresscost.results import Assumption

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.results import Fee

LOCAL_SHARE: Final = Assumption(
    name="local_share",
    value=Decimal("0.67"),
    unit="of what crosses between two workloads",
    low=Decimal(0),
    high=Decimal(1),
    meaning="which part of the bytes that cross zones stays in a zone when routing prefers its own zone",
    source="a choice: all of it but for what spills over when a zone has too few targets; measure it on one pair first",
)
SMALL: Final = "smaller-pairs"
ELSEWHERE: Final = "elsewhere"
"""The play's fact: hops of which other ideas speak, or that are free between zones."""
_MOST: Final = 20
"""So many pairs get a proposal each."""
_CURVE: Final = tuple(map(Decimal, ("0.25", "0.5", "0.75", "1")))
_ONE_ZONE: Final = "one of the two stands in a single zone: it is a guess which part can follow it"
_KEPT: Final = ["charge", "direction", "from", "to", "unit"]
_ENDS: Final = [
    "account",
    "service",
    "workload",
    "resource",
    "peer",
    "peer_kind",
    "src_region",
    "dst_region",
    "evidence",
]
_PAIR: Final = ["provider", "from", "one", "other"]


@dataclass(frozen=True)
class ZoneAffinity:
    """The idea."""

    kind: str = "zone-affinity"
    order: int = 300
    assumptions: Sequence[Assumption] = (LOCAL_SHARE,)

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each pair that saves enough, one for the others."""
        for provider in sorted(set(case.rows["provider"])):
            play = case.play(provider)
            if play is not None:
                rows = _crossing(case.rows, provider, play.facts[ELSEWHERE])
                known = _paired(rows)
                yield from _proposals(case, known)
                yield from _unknown(case, provider, rows.join(known, on="row", how="anti"))


def _crossing(rows: pl.DataFrame, provider: str, elsewhere: Sequence[str]) -> pl.DataFrame:
    """Bytes between zones by no hop that is spoken of elsewhere."""
    import polars as pl  # noqa: PLC0415

    hops = pl.concat_str("path", "via", separator=">", ignore_nulls=True).str.split(">")
    return rows.filter(
        pl.col("provider") == provider,
        pl.col("charge") == Charge.TRANSFER,
        pl.col("boundary") == Boundary.ZONE,
        ~hops.list.eval(pl.element().is_in(list(elsewhere))).list.any(),
    )


def _paired(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows whose two ends are known by name, with `one` and `other` in the order of the alphabet, whoever sends."""
    import polars as pl  # noqa: PLC0415

    own = pl.coalesce("workload", "resource")
    named = rows.filter(own.is_not_null(), pl.col("peer_kind") == PeerKind.WORKLOAD, own != pl.col("peer"))
    return named.with_columns(one=pl.min_horizontal(own, "peer"), other=pl.max_horizontal(own, "peer"))


def _proposals(case: Case, rows: pl.DataFrame) -> Iterable[Proposal]:
    import polars as pl  # noqa: PLC0415

    if rows.is_empty():
        return
    sizes = rows.group_by(_PAIR).agg(pl.col("atoms").sum()).sort("atoms", *_PAIR, descending=[True] + [False] * 4)
    share = case.share(LOCAL_SHARE.name)
    least = case.assume(MIN_SAVING.name) * case.months
    small = []
    for number, key in enumerate(sizes.select(_PAIR).iter_rows()):
        part = rows.filter(pl.all_horizontal(pl.col(name) == value for name, value in zip(_PAIR, key, strict=True)))
        net = case.net(_local(case, part, share)) if number < _MOST else None
        if net is not None and net >= least:
            yield _proposal(case, part, f"{key[1]}:{key[2]}:{key[3]}", f"{key[2]} ↔ {key[3]}")
        elif number >= _MOST or net:
            small.append(part)
    if small:
        count = f"{len(small)} smaller pair{'s' * (len(small) > 1)}"
        yield _proposal(case, pl.concat(small), f"{small[0]['provider'][0]}:{SMALL}", count)


def _local(case: Case, rows: pl.DataFrame, share: Fraction) -> Change:
    """A part of the bytes stays inside a zone: free, and still there for whoever thinks of moving one of the two."""
    import polars as pl  # noqa: PLC0415

    same = ["provider", "month", *_KEPT, *_ENDS]
    sums = rows.group_by(same).agg(pl.col(ATOMS).sum()).sort(same, nulls_last=True)
    adds = []
    for provider, month, *values, atoms in sums.iter_rows():
        known = {name: value for name, value in zip([*_KEPT, *_ENDS], values, strict=True) if value}
        keys = {name: known[name] for name in _KEPT if name in known} | {"boundary": Boundary.NONE.value}
        facts = {name: known[name] for name in _ENDS if name in known}
        adds.append(Add(provider, month, keys, int(atoms * share), facts))
    return case.taking(rows, share) + Change(adds=tuple(adds))


def _proposal(case: Case, rows: pl.DataFrame, subject: str, pair: str) -> Proposal:
    def made(value: Decimal) -> tuple[Change, tuple[Fee, ...]]:
        return _local(case, rows, Fraction(value)), ()

    return Proposal(
        subject=subject,
        change=_local(case, rows, case.share(LOCAL_SHARE.name)),
        words={"pair": pair, "region": str(rows["from"][0]), **({} if subject.endswith(SMALL) else _ends(rows))},
        seen=case.seen(rows, ("workload", "peer", "src_zone", "dst_zone", "direction")),
        assumptions=(LOCAL_SHARE.name,),
        proxy="" if _is_spread(rows) else _ONE_ZONE,
        curve=curve(case, LOCAL_SHARE.name, _CURVE, made),
    )


def _ends(rows: pl.DataFrame) -> dict[str, str]:
    return {name: str(rows[name][0]) for name in ("one", "other")}


def _is_spread(rows: pl.DataFrame) -> bool:
    """Whether each workload of a pair was seen in more than one zone."""
    import polars as pl  # noqa: PLC0415

    near, far = (
        pl.when(pl.col("direction") == "in").then(then).otherwise(other)
        for then, other in (("dst_zone", "src_zone"), ("src_zone", "dst_zone"))
    )
    own = pl.coalesce("workload", "resource")
    ends = [rows.select(*_PAIR, who=who, zone=zone) for who, zone in ((own, near), (pl.col("peer"), far))]
    zones = pl.concat(ends).group_by(*_PAIR, "who").agg(pl.col("zone").drop_nulls().n_unique())
    return bool((zones["zone"] > 1).all())


def _unknown(case: Case, provider: str, rows: pl.DataFrame) -> Iterable[Unjudged]:
    """What crosses zones between ends that have no name."""
    import polars as pl  # noqa: PLC0415

    play, rows = case.play(provider), rows.filter(~pl.col(ADDED))
    amount, currency = case.cost(rows)
    if play is not None and amount and amount >= case.least:
        by = ("resource", "workload", "peer", "service", "operation")
        missing = lacking(play, "in", rows["from"].unique().sort() if case.has_flows else ())
        yield Unjudged("between zones", missing, amount, currency, play.evidence_cost, case.seen(rows, by)[:10])


IDEA: Final = ZoneAffinity()
