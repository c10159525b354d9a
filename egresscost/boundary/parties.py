"""Who stands at both ends of what was recorded, as the packets say, and who that is.

Goes in: how every record was placed. Comes out: for each situation and sender behind a NAT the sending and the receiving
end. Never: takes the device that recorded for an end of the talk, unless nobody behind it is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.boundary.schema import SUMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from egresscost.boundary.classify import Trace

FACTS: Final = ("account", "region", "zone", "network", "instance", "workload")
END: Final = ("address", "place", "interface", "resource", *FACTS)
"""What is known of an end."""


def sums(trace: Trace, parts: pl.DataFrame) -> pl.DataFrame:
    """All bytes once, by situation, hour and sender: `row`, `hour`, `who`, `is_shared` and the sums.

    Args:
        trace: How records were placed.
        parts: `trace.by_sender()`: what is priced. The rest is evidence.
    """
    import polars as pl  # noqa: PLC0415

    evidence = trace.situations.filter(pl.col("role") == "evidence").select("row")
    rest = trace.hourly.join(evidence, on="row", how="semi").with_columns(
        who=pl.lit(None, parts.schema["who"]), is_shared=pl.lit(value=False)
    )
    return pl.concat([parts.select("row", "hour", "who", "is_shared", *SUMS), rest.select(parts.columns)])


def parties(trace: Trace, senders: pl.DataFrame, aliases: Mapping[str, str], names: Mapping[int, str]) -> pl.DataFrame:
    """Both ends of each situation and sender: `row`, `who`, and `END` with `src_` and `dst_` in front, as texts.

    Args:
        trace: How records were placed.
        senders: `row` and `who`, each once.
        aliases: For a public address the own private one that it leads to.
        names: For a place that is a single address that address.
    """
    import polars as pl  # noqa: PLC0415

    rows = trace.situations
    is_self = pl.col("side") != "inner"
    is_at = is_self & (pl.col("near_interface") == pl.col("interface"))
    near = {
        "address": pl.col("near_pkt_address"),
        "place": pl.col("near_pkt_place"),
        "interface": pl.when(is_self).then("near_interface"),
        "resource": pl.coalesce(pl.when(is_self).then("n_pod"), pl.when(is_at).then("at_resource")),
        **{name: pl.when(is_self).then(f"n_{name}") for name in FACTS},
    }
    far = {"address": pl.col("end_address"), "place": pl.col("end_place")}
    far["resource"] = pl.coalesce("f_pod", "f_resource")
    far |= {name: pl.col(f"f_{name}") for name in END if name not in far}
    ends = [_plain(expr, name).alias(f"near_{name}") for name, expr in near.items()]
    ends += [_plain(expr, name).alias(f"far_{name}") for name, expr in far.items()]
    told = senders.with_columns(pl.col("who").cast(pl.String)).join(
        rows.select("row", pl.col("interface").cast(pl.String).alias("nat"), "near_side", *ends), on="row"
    )
    told = _with_senders(told, _behind(trace))
    src_near = pl.col("near_side") == "src"
    sides = [
        pl.when(src_near).then(one).otherwise(other).alias(name)
        for name, one, other in (
            *((f"src_{name}", f"near_{name}", f"far_{name}") for name in END),
            *((f"dst_{name}", f"far_{name}", f"near_{name}") for name in END),
        )
    ]
    found = told.select("row", "who", *sides)
    return found.with_columns(
        pl.coalesce(pl.col(f"{side}_address"), pl.col(f"{side}_place").replace_strict(names or {-1: ""}, default=None))
        .replace(dict(aliases))
        .alias(f"{side}_address")
        for side in ("src", "dst")
    )


def _plain(expr: pl.Expr, name: str) -> pl.Expr:
    import polars as pl  # noqa: PLC0415

    return expr if name == "place" else expr.cast(pl.String)


def _behind(trace: Trace) -> pl.DataFrame:
    """What is known of senders by their NAT and address: `nat`, `who` and the facts."""
    import polars as pl  # noqa: PLC0415

    inner = trace.talks.select(
        "nat",
        pl.col("inside_address").alias("who"),
        pl.col("inside_interface").alias("interface"),
        pl.coalesce("inside_pod", "inside_resource").alias("resource"),
        *(pl.col(f"inside_{name}").alias(name) for name in FACTS),
    )
    own = trace.situations.filter((pl.col("hop") == "nat") & (pl.col("at") != "nat")).select(
        pl.col("hop_interface").alias("nat"),
        pl.coalesce("near_address", "interface").alias("who"),
        pl.col("near_interface").alias("interface"),
        pl.coalesce("n_pod", "at_resource").alias("resource"),
        *(pl.col(f"n_{name}").alias(name) for name in FACTS),
    )
    both = pl.concat([each.with_columns(pl.all().cast(pl.String)) for each in (own, inner)])
    both = both.drop_nulls(["nat", "who"]).sort("nat", "who", "interface", nulls_last=True)
    return both.group_by("nat", "who", maintain_order=True).agg(
        pl.col(name).drop_nulls().first() for name in ("interface", "resource", *FACTS)
    )


def _with_senders(told: pl.DataFrame, behind: pl.DataFrame) -> pl.DataFrame:
    """The near end of what left a NAT: the sender behind it, where one is known."""
    import polars as pl  # noqa: PLC0415

    whole = told.join(behind, on=["nat", "who"], how="left", maintain_order="left")
    is_named = pl.col("who").is_not_null()
    is_address = pl.col("who") != pl.col("interface").fill_null("")
    return whole.with_columns(
        pl.when(is_named & is_address).then("who").when(~is_named).then("near_address").alias("near_address"),
        *(
            pl.when(is_named).then(name).otherwise(f"near_{name}").alias(f"near_{name}")
            for name in ("interface", "resource", *FACTS)
        ),
    )
