"""Every sighting of a trace with its two ends, and which of them are meant by a name.

Goes in: a trace, and what somebody typed. Comes out: rows, with the direction seen from the end that was named first.
Never: matches a part of a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.boundary.apart import as_address

if TYPE_CHECKING:
    import polars as pl

    from egresscost.flows.trace import FlowTrace

NAMES: Final = ("interface", "instance", "resource", "workload")
"""What an end may be called, besides its address and its place."""
SIDES: Final = ("src", "dst")
TO: Final = "to"
FRO: Final = "fro"
_MACHINES: Final = ("machine", "managed")
_TURNED: Final = ("transit", "log", "endpoint", "appliance")
_SEEN: Final = (
    "interface",
    "at",
    "at_resource",
    "at_account",
    "at_zone",
    "at_network",
    "near_side",
    "near_address",
    "way",
    "inferred",
    "side",
    "hop",
    "hop_kind",
    "hop_interface",
    "far",
    "p_service",
    "role",
    "boundary",
    "path",
    "confidence",
    "rule",
)


@dataclass(frozen=True)
class Meant:
    """What somebody typed.

    Attributes:
        text: As typed.
        address: The address that it is; of an own public one the private one that it leads to. None for a name.
        network: The network that is meant, where several use the address; empty: where that is not known.
    """

    text: str
    address: str | None = None
    network: str | None = None

    @property
    def title(self) -> str:
        """For people."""
        if self.network is None:
            return self.text
        return f"{self.text} in {self.network or 'a network that is not known'}"


def meant(text: str, trace: FlowTrace) -> Meant:
    """What a text means in a trace."""
    address = as_address(text)
    return Meant(text) if address is None else Meant(text, trace.aliases.get(str(address), str(address)))


def rows(trace: FlowTrace) -> pl.DataFrame:
    """Each part of the window's bytes once, with both ends, who recorded it, what was decided, and `stage` on the way."""
    import polars as pl  # noqa: PLC0415

    seen = trace.trace.situations.select("row", *_SEEN)
    seen = seen.with_columns(pl.col(pl.Categorical).cast(pl.String))
    whole = trace.parts.join(trace.parties, on=["row", "who"], how="left", nulls_equal=True).join(seen, on="row")
    return whole.with_columns(stage=_stage())


def _stage() -> pl.Expr:
    """The place on the way: the sender first, then devices of its network, others, those of the receiver, the receiver."""
    import polars as pl  # noqa: PLC0415

    at_src = (pl.col("interface") == pl.col("src_interface")).fill_null(value=False)
    at_dst = (pl.col("interface") == pl.col("dst_interface")).fill_null(value=False)
    turned = pl.col("at").is_in(_TURNED)
    enters = (pl.col("near_side") == "dst") != turned
    near_src = (pl.col("at_network") == pl.col("src_network")).fill_null(value=False)
    near_dst = (pl.col("at_network") == pl.col("dst_network")).fill_null(value=False)
    by_network = pl.when(near_src & ~near_dst).then(200).when(near_dst & ~near_src).then(600).otherwise(400)
    sends = pl.col("src_network").is_not_null()
    is_nat, is_log = (pl.col("at") == name for name in ("nat", "log"))
    device = pl.when(is_nat == sends).then(40).otherwise(20) + pl.when(is_log).then(
        pl.when(near_dst).then(-5).otherwise(5)
    ).otherwise(0)
    between = by_network + device + pl.when(enters).then(0).otherwise(1)
    return pl.when(at_src).then(0).when(at_dst).then(900).otherwise(between)


def is_end(side: str, wanted: Meant, trace: FlowTrace) -> pl.Expr:
    """Whether an end is the one that is meant."""
    import polars as pl  # noqa: PLC0415

    if wanted.address is not None:
        found = pl.col(f"{side}_address") == wanted.address
    else:
        numbers = [number for number, place in enumerate(trace.places) if place.name == wanted.text]
        of_place = pl.col(f"{side}_place").is_in(numbers) & pl.col(f"{side}_interface").is_null()
        found = pl.any_horizontal(of_place, *((pl.col(f"{side}_{name}") == wanted.text) for name in NAMES))
    if wanted.network is not None:
        found &= pl.col(f"{side}_network").fill_null("") == wanted.network
    return found.fill_null(value=False)


def is_device(wanted: Meant) -> pl.Expr:
    """Whether what is meant is the device that recorded: it stands between the ends."""
    import polars as pl  # noqa: PLC0415

    named = [pl.col("interface") == wanted.text, pl.col("at_resource") == wanted.text]
    if wanted.address is not None:
        named = [pl.col("near_address") == wanted.address]
    return (~pl.col("at").is_in(_MACHINES) & pl.any_horizontal(named)).fill_null(value=False)


def of_one(talk: pl.DataFrame, one: Meant, trace: FlowTrace) -> pl.DataFrame:
    """What an end sent (`leg` to) and received (fro); or what a device passed on, seen from the end that is one's own."""
    import polars as pl  # noqa: PLC0415

    src, dst = (is_end(side, one, trace) for side in SIDES)
    ends = talk.filter(src | dst)
    if ends.height:
        return ends.with_columns(leg=pl.when(src).then(pl.lit(TO)).otherwise(pl.lit(FRO)))
    own = pl.col("src_network").is_not_null() | pl.col("dst_network").is_null()
    return talk.filter(is_device(one)).with_columns(leg=pl.when(own).then(pl.lit(TO)).otherwise(pl.lit(FRO)))


def of_two(talk: pl.DataFrame, one: Meant, other: Meant, trace: FlowTrace) -> pl.DataFrame:
    """What one said to the other (`leg` to) and back (fro)."""
    src, dst = ((is_end(side, one, trace), is_end(side, other, trace)) for side in SIDES)
    found = _legs(talk, src[0] & dst[1], dst[0] & src[1])
    if found.height or one.network or other.network:
        return found
    device = _legs(talk, is_device(one) & dst[1], is_device(one) & src[1])
    return device if device.height else _legs(talk, src[0] & is_device(other), dst[0] & is_device(other))


def _legs(talk: pl.DataFrame, to: pl.Expr, fro: pl.Expr) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415

    return talk.filter(to | fro).with_columns(leg=pl.when(to).then(pl.lit(TO)).otherwise(pl.lit(FRO)))


def networks(talk: pl.DataFrame, wanted: Meant, trace: FlowTrace) -> tuple[Meant, ...]:
    """The same, once for each network that uses the address; where only one is known it is not told apart."""
    if wanted.address is None:
        return (wanted,)
    found: set[str | None] = set()
    for side in SIDES:
        found |= set(talk.filter(is_end(side, wanted, trace))[f"{side}_network"].unique().to_list())
    if len(found - {None}) < 2:  # noqa: PLR2004  two networks
        return (wanted,)
    return tuple(Meant(wanted.text, wanted.address, name or "") for name in sorted(found, key=lambda each: each or "~"))


def counted(found: pl.DataFrame, by: tuple[str, ...]) -> dict[tuple[object, ...], int]:
    """Bytes counted once by some keys: the most that one stage of the way saw."""
    import polars as pl  # noqa: PLC0415

    stages = found.group_by(*by, "stage").agg(pl.col("bytes").sum())
    most = stages.group_by(by).agg(pl.col("bytes").max())
    return {tuple(row[:-1]): row[-1] for row in most.select(*by, "bytes").iter_rows()}
