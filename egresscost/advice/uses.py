"""What is paid for, from a bill and from flow logs, each byte once.

Goes in: normalized frames. Comes out: uses with all that is known of them. Never: adds flow logs to a bill.

Where both speak of the same charge of the same account, the bill says how much it is and the flow logs say who and
where to: flow rows are cut down to what the bill has, and what the bill has beyond them stays as rows of the bill.
What is free between zones or to a service is never cut: a bill lists little of it. Hours that were only estimated from
flow logs count where the bill has nothing of the account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.advice.ledger import ATOMS
from egresscost.frame import Basis, Boundary, C, Charge, ChargeClass, Evidence
from egresscost.money import DIGITS
from egresscost.pricing.pools import PLACES
from egresscost.pricing.rows import KEYS
from egresscost.summary import select
from egresscost.units import BYTES_PER_GB, Unit

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

FACTS: Final = tuple(
    name.value
    for name in (
        C.ACCOUNT,
        C.SERVICE,
        C.RESOURCE,
        C.WORKLOAD,
        C.SRC_REGION,
        C.SRC_ZONE,
        C.SRC_NETWORK,
        C.DST_REGION,
        C.DST_ZONE,
        C.DST_NETWORK,
        C.DST_ACCOUNT,
        C.PEER,
        C.PEER_KIND,
        C.PEER_COUNTRY,
        C.PATH,
        C.RULE,
        C.USAGE_TYPE,
        C.OPERATION,
        C.CONFIDENCE,
        C.BASIS,
        C.EVIDENCE,
    )
)
"""What ideas may ask of a row, beside what decides its price."""
AGREED: Final = "agreed"
FREE: Final = "free"
"""Whether a row between zones, or to a service of the cloud, costs nothing: some ways there do."""
_NEAR: Final = (Boundary.ZONE.value, Boundary.PROVIDER_SERVICE.value)
_NO_DEVICE: Final = ("", "direct", "unknown")
_CLOSE: Final = 20
"""Bill and flow logs agree when they differ by no more than a twentieth."""
_OF_CHARGE: Final = (
    "provider",
    "account",
    "charge",
    "unit",
    "month",
    "crossed",
    "way",
    "start",
    "stop",
    "kind",
    "device",
    FREE,
)


def uses(frame: pd.DataFrame) -> pl.DataFrame:
    """Every row of a frame that has a quantity: what decides its price, `atoms`, `FACTS` and `free`, summed by month.

    Rows that are no usage of the network, or count nothing, are left out.
    """
    import polars as pl  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    kept = frame[select.network(frame) & (frame[C.CHARGE_CLASS] == ChargeClass.USAGE) & frame[C.UNIT].isin(list(Unit))]
    columns = [
        *dict.fromkeys(
            [*FACTS, C.PROVIDER, C.CHARGE, C.BOUNDARY, C.DIRECTION, C.VIA, C.NETWORK_TIER, C.DST_GEO, C.UNIT]
        )
    ]
    amounts = [C.PERIOD_START, C.BYTES, C.QUANTITY, C.BILLED_COST, C.LIST_COST]
    table = pl.DataFrame(
        pl.from_arrow(pa.Table.from_pandas(kept[[*columns, *amounts]], preserve_index=False))
    ).with_columns(pl.col(columns).cast(pl.String))
    is_transfer = pl.col(C.CHARGE) == Charge.TRANSFER
    own = (
        pl.when(pl.col(C.DIRECTION) == "in")
        .then(pl.coalesce(C.DST_REGION, C.SRC_REGION))
        .otherwise(pl.coalesce(C.SRC_REGION, C.DST_REGION))
    )
    whole = table.with_columns(
        pl.when(is_transfer).then(C.SRC_REGION).otherwise(own).alias("from"),
        pl.when(is_transfer | (pl.col(C.EVIDENCE) == Evidence.BILL)).then(C.DST_REGION).alias("to"),
        pl.coalesce(C.VIA, pl.when(pl.col(C.EVIDENCE) == Evidence.BILL).then(C.PATH)).alias("via"),
        pl.col(C.NETWORK_TIER).fill_null(""),
        pl.col(C.DST_GEO).fill_null(""),
        _atoms().alias(ATOMS),
        _is_free().alias(FREE),
        month=pl.col(C.PERIOD_START).dt.truncate("1mo").dt.date(),
    ).drop_nulls(ATOMS)
    keys = [*dict.fromkeys(["provider", *KEYS, "month", *FACTS, FREE])]
    return whole.group_by(keys).agg(pl.col(ATOMS).sum()).sort(keys, nulls_last=True)


def _is_free() -> pl.Expr:
    """Whether a transfer between zones or to a service costs nothing: billed where there is a bill, else by its rate."""
    import polars as pl  # noqa: PLC0415

    is_near = (pl.col(C.CHARGE) == Charge.TRANSFER) & pl.col(C.BOUNDARY).is_in(_NEAR)
    return (is_near & (pl.coalesce(C.BILLED_COST, C.LIST_COST) == 0)).fill_null(value=False)


def _atoms() -> pl.Expr:
    """The quantity in whole atoms: bytes where the unit is GB, else ten-billionths of the unit.

    A surcharge on bytes that another row counts has no bytes of its own, and is charged by its GB all the same.
    """
    import polars as pl  # noqa: PLC0415

    other = pl.col(C.QUANTITY).cast(pl.Decimal(DIGITS, PLACES)).to_physical().cast(pl.Int128)
    billed = (other * BYTES_PER_GB + 10**PLACES // 2) // 10**PLACES
    own = pl.coalesce(pl.col(C.BYTES).cast(pl.Int128), billed)
    return pl.when(pl.col(C.UNIT) == Unit.GB).then(own).otherwise(other)


def together(bill: pl.DataFrame, flows: pl.DataFrame) -> pl.DataFrame:
    """Uses of a bill and of flow logs as one, each charge with the bill's amount where the bill has it.

    Returns:
        Rows of both with `agreed`: whether both are close on that charge.
    """
    import polars as pl  # noqa: PLC0415

    marked = _by_device(*(_of_charge(each) for each in (bill, _without_guesses(flows, bill))))
    billed, seen = (
        each.group_by(_OF_CHARGE).agg(pl.col(ATOMS).sum().alias(name))
        for each, name in zip(marked, ("billed", "seen"), strict=True)
    )
    both = billed.join(seen, on=_OF_CHARGE, how="full", coalesce=True, nulls_equal=True).with_columns(
        is_close=(pl.col("billed") - pl.col("seen")).abs() * _CLOSE <= pl.col("billed")
    )
    cut = _cut(marked[1], both, pl.col("billed"), pl.col("seen"))
    rest = pl.col("billed") - pl.min_horizontal("billed", "seen")
    beyond = _cut(_beyond(*marked), both, rest, pl.col("left"))
    names = [*bill.columns, AGREED]
    return pl.concat([cut.select(names), beyond.select(names)]).filter(pl.col(ATOMS) > 0)


def _without_guesses(flows: pl.DataFrame, bill: pl.DataFrame) -> pl.DataFrame:
    """Flow logs without the hours that they only let guess: a bill has every hour that its accounts pay."""
    import polars as pl  # noqa: PLC0415

    is_guess = (pl.col("unit") == Unit.HOURS) & (pl.col("basis") == Basis.ESTIMATED)
    accounts = bill.select("provider", "account").unique()
    guesses = flows.filter(is_guess.fill_null(value=False))
    kept = guesses.join(accounts, on=["provider", "account"], how="anti")
    return pl.concat([flows.filter(~is_guess.fill_null(value=False)), kept])


def _of_charge(rows: pl.DataFrame) -> pl.DataFrame:
    """Add what both kinds of evidence call a charge: boundary and way of a transfer; else the device.

    Between zones both ends are charged, and a bill sees a service's bytes from the service: these have no way.
    """
    import polars as pl  # noqa: PLC0415

    is_transfer = pl.col("charge") == Charge.TRANSFER
    return rows.with_columns(
        crossed=pl.when(is_transfer).then("boundary"),
        way=pl.when(is_transfer & ~pl.col("boundary").is_in(_NEAR)).then("direction"),
        start=pl.col("from"),
        stop=pl.when(is_transfer).then("to"),
        kind=pl.when(~is_transfer & ~pl.col("via").is_in(_NO_DEVICE)).then("via"),
        device=pl.when(~is_transfer).then(device_name()),
    )


def _by_device(bill: pl.DataFrame, flows: pl.DataFrame) -> list[pl.DataFrame]:
    """Both with `device` kept where both name it: one device's bytes must not stand for another's."""
    import polars as pl  # noqa: PLC0415

    both = bill["device"].drop_nulls().unique()
    both = both.filter(both.is_in(flows["device"].drop_nulls().unique().implode()))
    known = pl.when(pl.col("device").is_in(both.implode())).then("device")
    return [each.with_columns(device=known) for each in (bill, flows)]


def device_name() -> pl.Expr:
    """What a resource is called, without the path before it: bills write a longer name than flow logs."""
    import polars as pl  # noqa: PLC0415

    return pl.col("resource").str.split("/").list.last()


def _beyond(bill: pl.DataFrame, flows: pl.DataFrame) -> pl.DataFrame:
    """The bill's rows, less what flow logs have of the same charge and service."""
    import polars as pl  # noqa: PLC0415

    keys = [*_OF_CHARGE, "service"]
    mine = bill.group_by(keys).agg(pl.col(ATOMS).sum().alias("all"))
    theirs = flows.group_by(keys).agg(pl.col(ATOMS).sum().alias("covered"))
    both = mine.join(theirs, on=keys, how="left", nulls_equal=True).with_columns(pl.col("covered").fill_null(0))
    rest = bill.join(both, on=keys, how="left", nulls_equal=True)
    left = pl.max_horizontal(pl.col("all") - pl.col("covered"), 0)
    return rest.with_columns(_part(left, pl.col("all")).alias(ATOMS)).drop("all", "covered")


def _cut(rows: pl.DataFrame, both: pl.DataFrame, to: pl.Expr, of: pl.Expr) -> pl.DataFrame:
    """Rows brought down to an amount of their charge, where they come to more than that."""
    import polars as pl  # noqa: PLC0415

    keys = list(_OF_CHARGE)
    joined = rows.join(both, on=keys, how="left", nulls_equal=True).with_columns(left=pl.col(ATOMS).sum().over(keys))
    both_say = pl.col("billed").is_not_null() & pl.col("seen").is_not_null()
    is_bill = pl.col("evidence") == Evidence.BILL
    shrinks = (both_say & (of > to) & (is_bill | ~pl.col(FREE))).fill_null(value=False)
    part = pl.when(shrinks).then(_part(to, of)).otherwise(ATOMS)
    return joined.with_columns(part.alias(ATOMS), pl.col("is_close").fill_null(value=False).alias(AGREED))


def _part(to: pl.Expr, of: pl.Expr) -> pl.Expr:
    """A row's part of an amount, cut to whole atoms: never more than there is."""
    import polars as pl  # noqa: PLC0415

    return pl.col(ATOMS) * to // pl.max_horizontal(of, pl.lit(1, pl.Int128))
