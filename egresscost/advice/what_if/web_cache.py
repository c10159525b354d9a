"""`--cdn HOST:HITRATIO`: the cloud's own CDN in front of a host, load balancer, bucket or workload.

Goes in: a name and which part of the bytes the caches have. Comes out: one find for each sender and region. Never: puts a
CDN in front of a CDN.

A host is known from access logs, which also tell which part of its sender's bytes is the host's and how large its answers are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost.advice import edges, monthly, web
from egresscost.advice.edges import ELSEWHERE, REQUEST_PRICE, Geographies
from egresscost.advice.ideas import cdn
from egresscost.advice.ideas.cdn import OBJECT
from egresscost.advice.instead import shared
from egresscost.advice.ledger import ATOMS
from egresscost.advice.scenario import Found, Wanted
from egresscost.advice.served import NAME, NO_EDGE, Served, is_same, served
from egresscost.advice.what_if.values import called, pair, share
from egresscost.errors import UsageError
from egresscost.units import gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case

_ORDER: Final = 500
_KB: Final = 1024


@dataclass
class _Behind:
    """Which part of a logged resource's bytes hosts before this one have taken behind the CDN."""

    parts: dict[str, Fraction] = field(default_factory=dict)

    def take(self, resource: str, part: Fraction) -> Fraction:
        """A part of all as a part of what is left."""
        gone = self.parts.get(resource, Fraction(0))
        self.parts[resource] = gone + part
        return min(part / (1 - gone), Fraction(1)) if gone < 1 else Fraction(0)


@dataclass(frozen=True)
class _Sender:
    """What goes behind the CDN.

    Attributes:
        name: What it is called.
        resource: What access logs call it; empty where it is taken whole.
        rows: What it sends to the internet.
        logged: What access logs say of it.
        part: Which part of its bytes.
    """

    name: str
    resource: str
    rows: pl.DataFrame
    logged: Served | None
    part: Fraction = Fraction(1)


def behind_cdn(texts: Sequence[str]) -> list[Wanted]:
    """Put hosts or senders behind the CDN, several hosts of one sender each with its part.

    Args:
        texts: `HOST:HITRATIO` each.

    Raises:
        UsageError: One is no such pair.
    """
    gone = _Behind()
    return [_wanted(text, gone) for text in texts]


def _wanted(text: str, gone: _Behind) -> Wanted:
    name, value = pair("--cdn", text, "HOST:HITRATIO", "www.example.com:0.9")
    meaning = "HITRATIO is the part of the bytes that the caches have: www.example.com:0.9"
    hits = share("--cdn", text, value, meaning)

    def find(case: Case) -> Iterable[Found]:
        hosts = _host(case, name)
        senders = [*_of_host(case, name, hosts)] if hosts is not None else [*_of_name(case, name)]
        if not senders and hosts is not None and (hosts["edge"] != NO_EDGE).any():
            message = f"--cdn {text}: {name} is served by a CDN already"
            raise UsageError(message, hint="`egresscost report` says whether a better hit ratio would pay")
        for sender in senders:
            yield _found(case, sender, hits, gone)

    def names(case: Case) -> Iterable[str]:
        hosts = (
            () if case.http is None else case.http.filter(case.http["edge"] == NO_EDGE)["host"].drop_nulls().to_list()
        )
        return {*hosts, *_internet(case)[NAME].drop_nulls()}

    hint = "name a host of the access logs, or a load balancer, bucket or workload that sends to the internet"
    return Wanted(f"--cdn {text}", name, _ORDER, find, names, hint)


def _internet(case: Case) -> pl.DataFrame:
    """What goes out to the internet in clouds that have a CDN, with `name`; not what machines asked for themselves."""
    import polars as pl  # noqa: PLC0415

    plays = {provider: play for (provider, kind), play in case.plays.items() if kind == cdn.IDEA.kind}
    rows = [web.answers(case.rows.filter(pl.col("provider") == name), play, added=True) for name, play in plays.items()]
    return pl.concat(rows)


def _host(case: Case, name: str) -> pl.DataFrame | None:
    """The access logs' rows of a host; None where there is no such host."""
    import polars as pl  # noqa: PLC0415

    if case.http is None:
        return None
    rows = case.http.filter((pl.col("host").str.to_lowercase() == name.lower()).fill_null(value=False))
    return None if rows.is_empty() else rows


def _of_host(case: Case, host: str, rows: pl.DataFrame) -> Iterable[_Sender]:
    """The senders that a host has, each with the host's part of its bytes."""
    import polars as pl  # noqa: PLC0415

    internet = _internet(case)
    for service, resource in rows.select("service", "resource").unique().sort("service", "resource").iter_rows():
        mine = internet.filter(pl.col("service") == service)
        same = [name for name in called_names(mine) if is_same(resource, [name])]
        named = pl.any_horizontal(pl.col(column).is_in(same) for column in ("workload", "resource"))
        for _, part in sorted(
            mine.filter(named.fill_null(value=False)).group_by("from"), key=lambda each: str(each[0])
        ):
            whole = served(case, part)
            if whole is None:
                continue
            table = whole.table.filter(
                (pl.col("host").str.to_lowercase() == host.lower()) & (pl.col("resource") == resource)
            )
            sent, requests = int(table["bytes_out"].sum()), int(table["requests"].sum())
            if sent and requests:
                yield _Sender(host, resource, part, Served(table, requests, sent), Fraction(sent, whole.bytes))


def called_names(rows: pl.DataFrame) -> list[str]:
    """Workloads and resources of rows."""
    return [str(name) for column in ("workload", "resource") for name in rows[column].drop_nulls().unique()]


def _of_name(case: Case, name: str) -> Iterable[_Sender]:
    """What a load balancer, bucket or workload sends, by region."""
    import polars as pl  # noqa: PLC0415

    rows = _internet(case)
    known = called(rows, name)
    named = pl.any_horizontal(pl.col(column).is_in(known) for column in ("workload", "resource", NAME))
    for _, part in sorted(rows.filter(named.fill_null(value=False)).group_by("from"), key=lambda each: str(each[0])):
        yield _Sender(name, "", part, served(case, part))


def _found(case: Case, sender: _Sender, hits: Fraction, gone: _Behind) -> Found:
    provider, region = str(sender.rows["provider"][0]), str(sender.rows["from"][0])
    play = case.plays[provider, cdn.IDEA.kind]
    places, away = Geographies.of(play), case.share(ELSEWHERE.name)
    mean = sender.logged.mean if sender.logged else Fraction(case.assume(OBJECT.name)) * _KB
    facts = {"service": play.facts["cdn"][0], "resource": f"CDN of {sender.name}", **shared(sender.rows)}
    part = gone.take(f"{sender.resource} {region}", sender.part) if sender.resource else Fraction(1)
    change = edges.behind(sender.rows, places, hits, share=part, elsewhere=away, facts=facts)
    price = case.assumptions[REQUEST_PRICE.name]
    requests = edges.request_fees(sender.rows, places, price, mean, share=sender.part, elsewhere=away)
    fees = (*requests, *(() if edges.is_there(case, provider) else monthly.fees(case, play)))
    amount = gb(int(int(sender.rows[ATOMS].sum()) * part)) or 0
    said = f"{sender.name} in {region}: {amount:,.0f} GB from edges, answers of {float(mean) / _KB:,.0f} KB"
    used = (REQUEST_PRICE.name, ELSEWHERE.name, *(() if sender.logged else (OBJECT.name,)))
    return Found(change, said, fees, used)
