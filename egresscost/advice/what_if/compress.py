"""`--compress TYPE:RATIO`: a kind of content, or all that somebody sends, gets smaller.

Goes in: a content family (`json`), a media type (`image/jpeg`) or a name, and what is left of it. Comes out: one find for each
sender. Never: takes amounts from access logs, which cover some days: only shares.

Kinds of content are known from access logs only. Text that these show compressed stays as it is; where they do not tell,
the part of the text counts that is served uncompressed on the web at large (`uncompressed_share`). Media count whole: a
smaller picture is another picture. By name everything counts that a workload, resource or service sends, with what its
partners and the devices on the way pay for the same bytes.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from egresscost.access.columns import Encoded
from egresscost.advice import moving, web
from egresscost.advice.case import fee
from egresscost.advice.compressing import CPU, SMALLEST, UNCOMPRESSED, families, shrink
from egresscost.advice.ideas import compression
from egresscost.advice.ledger import ATOMS, FIRST
from egresscost.advice.scenario import Found, Wanted
from egresscost.advice.served import served
from egresscost.advice.what_if.values import called, names, pair, share
from egresscost.frame import Boundary, Direction, PeerKind
from egresscost.units import Unit, gb

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.advice.served import Served
    from egresscost.results import Fee

_TYPES, _NAMES = 400, 401
"""Kinds of content first: their shares are those of all that was sent."""


def compress(text: str) -> Wanted:
    """Make something smaller.

    Args:
        text: `TYPE:RATIO`; the ratio is what is left, from 0 to 1.

    Raises:
        UsageError: It is no such pair.
    """
    name, value = pair("--compress", text, "TYPE:RATIO", "json:0.2")
    left = share("--compress", text, value, "RATIO is what is left of the bytes: json:0.2 keeps a fifth of them")
    known = {each.name for each in families()}
    is_type = name.lower() in known or "/" in name.removeprefix("arn:")

    def find(case: Case) -> Iterable[Found]:
        yield from _of_type(case, name.lower(), left) if is_type else _of_name(case, name, left)

    def all_names(case: Case) -> Iterable[str]:
        seen = [] if case.http is None else case.http["content_type"].drop_nulls().unique().to_list()
        return {*(known if seen else ()), *seen} if is_type else {*known, *names(case.rows)}

    hint = (
        "content is known from access logs: give them with --input; without them name a workload or resource"
        if is_type
        else f"name a kind of content ({', '.join(sorted(known))}), a media type, a workload or a resource"
    )
    return Wanted(f"--compress {text}", name, _TYPES if is_type else _NAMES, find, all_names, hint)


def _of_type(case: Case, kind: str, left: Fraction) -> Iterable[Found]:
    """One find for each sender whose logs have such content that is not compressed yet."""
    import polars as pl  # noqa: PLC0415

    for provider in sorted(case.rows["provider"].unique()):
        play = case.plays.get((provider, compression.IDEA.kind))
        if play is None:
            continue
        mine = case.rows.filter(pl.col("provider") == provider)
        rows = pl.concat([web.charged(mine, each, added=True) for each in (Boundary.EDGE, Boundary.INTERNET)])
        rows = rows.filter(pl.col("service").is_in([*play.facts["edges"], *play.facts[web.SERVING]]))
        is_edge = pl.col("boundary") == Boundary.EDGE
        # One sender may leave by edges of several geographies.
        rows = rows.with_columns(pl.when(is_edge).then(pl.lit("")).otherwise("from").alias("from"))
        for _, name, part in web.senders(rows, Decimal(0)):
            logged = served(case, part)
            packed, used = _packed(case, logged, kind) if logged else (Fraction(0), ())
            if packed and left < 1:
                fees = _fees(case, part, packed, play.facts["compresses"])
                said = f"{name}: {kind} that can shrink is {float(packed):.1%} of its bytes by its access logs"
                change = shrink(part, _of_what_is_left(part, packed * (1 - left)))
                yield Found(change, said, fees, (*used, *((CPU.name,) if fees else ())))


def _packed(case: Case, logged: Served, kind: str) -> tuple[Fraction, tuple[str, ...]]:
    """Which share of a sender's bytes is such content and not compressed, and the assumption that it stands on."""
    import polars as pl  # noqa: PLC0415

    family = next((each for each in families() if each.name == kind), None)
    matching = pl.col("content_type").str.contains(family.pattern) if family else pl.col("content_type") == kind
    rows = logged.table.filter(matching.fill_null(value=False))
    if family:
        rows = rows.filter(pl.col("bytes_out") >= SMALLEST * pl.col("requests"))
    sums = dict(rows.group_by("encoded").agg(pl.col("bytes_out").sum()).iter_rows())
    plain, unknown, media = (
        Fraction(int(sums.get(each.value, 0)), logged.bytes) for each in (Encoded.NO, Encoded.UNKNOWN, Encoded.ALREADY)
    )
    is_text = any(not rows.filter(pl.col("content_type").str.contains(each.pattern)).is_empty() for each in families())
    if not is_text:
        return plain + unknown + media, ()
    if not unknown:
        return plain, ()
    return plain + unknown * case.share(UNCOMPRESSED.name), (UNCOMPRESSED.name,)


def _of_what_is_left(rows: pl.DataFrame, saved: Fraction) -> Fraction:
    """A share of all that was sent as a share of what earlier compression left of it."""
    return min(saved * Fraction(int(rows[FIRST].sum()), int(rows[ATOMS].sum())), Fraction(1))


def _fees(case: Case, rows: pl.DataFrame, packed: Fraction, compresses: Iterable[str]) -> tuple[Fee, ...]:
    """The processor, where compressing is not part of the service."""
    import polars as pl  # noqa: PLC0415

    own = rows.filter(~pl.col("service").is_in(list(compresses)))
    amount = gb(int(int(own[FIRST].sum()) * packed)) or Decimal(0)
    return (fee("Processor time", amount, "GB", case.assumptions[CPU.name]),) if amount else ()


def _of_name(case: Case, text: str, left: Fraction) -> Iterable[Found]:
    """All that somebody sends, at every place where it is charged."""
    import polars as pl  # noqa: PLC0415

    known = called(case.rows, text)
    sends = pl.any_horizontal(pl.col(each).is_in(known) for each in ("workload", "resource", "service"))
    sent = sends.fill_null(value=False) & (pl.col("direction") == Direction.OUT)
    peer = pl.col("peer").is_in(known) & (pl.col("peer_kind") == PeerKind.WORKLOAD)
    got = peer.fill_null(value=False) & (pl.col("direction") == Direction.IN)
    rows = case.rows.filter((pl.col("unit") == Unit.GB) & (sent | got))
    if rows.is_empty() or left == 1:
        return
    sizes = rows.filter(sent).group_by("charge").agg(pl.col(ATOMS).sum())[ATOMS].to_list()
    amount = gb(max(sizes, default=0)) or Decimal(0)
    fees = (fee("Processor time", amount, "GB", case.assumptions[CPU.name]),) if amount else ()
    senders = ", ".join(
        sorted(rows.filter(sent).select(moving.name_of()).to_series().drop_nulls().unique().to_list())[:3]
    )
    said = f"{senders or text}: all of {amount:,.0f} GB that it sends"
    yield Found(shrink(rows, 1 - left), said, fees, (CPU.name,) if fees else ())
