"""What flow logs leave out by design: records that were not sampled, and the headers of packets.

Goes in: what the scan saw, what a cloud says of its logs, perhaps the rate that records are kept at. Comes out: bytes scaled up
by that rate, and what the true figure may be. Never: scales without being told the rate, or adds headers to a figure.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost.errors import UsageError
from egresscost.results import Notice, Severity
from egresscost.units import gb

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from egresscost.scan.sightings import Sightings
    from egresscost.sources.inventories import Snapshot
    from egresscost.sources.networks import Network

SAMPLED: Final = "sampled"
"""How bytes came to be that were scaled up."""
_SENT: Final = "out"
_SHARE: Final = re.compile(r"\d{0,3}(?:\.\d{1,9})?")


def share(text: str | None) -> Fraction | None:
    """A share as somebody writes it.

    Raises:
        UsageError: It is no number above 0 and up to 1.

    >>> share("0.5"), share("")
    (Fraction(1, 2), None)
    """
    if not text:
        return None
    found = Fraction(text) if _SHARE.fullmatch(text) else None
    if found is None or not 0 < found <= 1:
        message = f"{text!r} is no share of records"
        raise UsageError(message, hint="a number above 0 and up to 1, as the subnet's flow_sampling: 0.5")
    return found


def scaled(sightings: Sightings, rate: Fraction | None, network: Network) -> Sightings:
    """Bytes and packets divided by the rate at which records are kept; each sum is rounded to the nearest whole one."""
    if rate is None or not network.samples:
        return sightings
    import polars as pl  # noqa: PLC0415

    table = sightings.table
    over, under = pl.lit(rate.denominator, pl.Int128), pl.lit(rate.numerator, pl.Int128)
    for name in ("bytes", "packets"):
        column = pl.Series(name, table.column(name)).to_frame()
        grown = (pl.col(name).cast(pl.Int128) * over * 2 + under) // (under * 2)
        found = column.select(grown.cast(pl.Int64)).to_series().to_arrow()
        table = table.set_column(table.column_names.index(name), name, found)
    return replace(sightings, table=table)


def marked(uses: pl.DataFrame, rate: Fraction | None, network: Network) -> pl.DataFrame:
    """Uses whose bytes were scaled up, so that they are called estimated."""
    import polars as pl  # noqa: PLC0415

    if rate is None or not network.samples:
        return uses
    return uses.with_columns(how=pl.lit(SAMPLED).cast(uses.schema["how"]))


def notices(
    sightings: Sightings, rate: Fraction | None, network: Network, snapshots: Iterable[Snapshot] = ()
) -> list[Notice]:
    """How far bytes may be from what the cloud bills.

    Args:
        sightings: As they were scaled.
        rate: At which records are kept.
        network: Says what its logs leave out.
        snapshots: Inventories, which may know what subnets keep.
    """
    sent, packets = _sent(sightings)
    found = []
    if network.headers is not None and packets:
        least, most = (gb(packets * each) for each in network.headers)
        message = (
            f"flow logs of {network.provider} count payload: {gb(sent):,.3f} GB were sent in {packets:,} packets, whose headers add "
            f"{least:,.3f} to {most:,.3f} GB to what is billed (estimate; not in any figure)"
        )
        found.append(Notice("payload-bytes", Severity.NOTE, message))
    if network.samples:
        found.append(_of_samples(network.provider, sent, rate, _listed(snapshots)))
    return found


def _listed(snapshots: Iterable[Snapshot]) -> str:
    """Which shares of records the subnets of inventories keep, in words; empty where none says so."""
    newest = {subnet.id: subnet for each in sorted(snapshots, key=lambda one: one.taken) for subnet in each.subnets}
    count = Counter(each.sampling for each in newest.values() if each.sampling is not None)
    shares = [
        f"{float(rate):g} in {number:,} subnet{'s' if number > 1 else ''}" for rate, number in sorted(count.items())
    ]
    return f". By the inventory the share is {', '.join(shares)}" if shares else ""


def _of_samples(provider: str, sent: int, rate: Fraction | None, listed: str) -> Notice:
    """What sampling means for the bytes, with its bound."""
    if rate is None:
        message = (
            f"flow logs of {provider} hold a sample of the traffic, with bytes as the cloud extrapolates them: small flows may be missing. "
            "Where it does not extrapolate for the share of records kept, give that share: --flow-sampling 0.5"
            f"{listed}"
        )
        return Notice("sampled-logs", Severity.NOTE, message)
    least = round(sent * rate)
    message = (
        f"bytes of {provider} are scaled up by 1/{float(rate):g}, the share of records kept: {gb(sent):,.3f} GB sent. Where the cloud has "
        f"extrapolated them already, it is {gb(least):,.3f} GB; the truth lies between the two but for flows that were "
        f"never sampled{listed}"
    )
    return Notice("sampled-logs", Severity.WARNING, message)


def _sent(sightings: Sightings) -> tuple[int, int]:
    """Bytes and packets of records that somebody sent."""
    import polars as pl  # noqa: PLC0415

    table = sightings.table.select(["direction", "bytes", "packets"])
    sums = (
        pl.DataFrame(pl.from_arrow(table))
        .filter(pl.col("direction").cast(pl.String) == _SENT)
        .select(pl.col("bytes").sum(), pl.col("packets").sum())
    )
    return int(sums["bytes"][0]), int(sums["packets"][0])
