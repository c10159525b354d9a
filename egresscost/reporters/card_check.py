"""What is wrong with rate cards, and what differs between two sets of them, for people and for machines.

Goes in: a `CardCheck` or a `CardDifference`. Comes out: tables, JSON or CSV. Never: judges a card.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from egresscost.reporters import words
from egresscost.reporters.cards import KEYS, as_json, kind_words
from egresscost.reporters.page import Column, Page
from egresscost.reporters.tabular import write_csv

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from egresscost.reporters import Look
    from egresscost.results import CardCheck, CardDifference, Finding, Gap, Rate, RateChange

_PLACES = 6
_STYLES: Final = {"error": "red", "warning": "yellow", "note": ""}


def check(found: CardCheck, name: str, look: Look) -> bytes:
    """What is wrong with cards in one of `FORMATS`."""
    if name == "json":
        return as_json(found)
    if name == "csv":
        return write_csv(("severity", "code", "message", "detail"), _finding_rows(found))
    page = Page(look)
    counted = ", ".join(f"{count:,} {basis}" for basis, count in found.rates.items())
    page.line(f"{sum(found.rates.values()):,} rates ({counted}), looked at for {found.day}", "bold")
    page.line()
    for each in found.findings:
        _finding(page, each)
    if found.gaps:
        page.line()
        _gaps(page, found.gaps)
    errors = sum(each.severity == "error" for each in found.findings)
    page.line(f"{errors} errors" if errors else "no errors", "red" if errors else "green")
    return page.bytes()


def _finding(page: Page, each: Finding) -> None:
    page.line(f" {each.severity}: {each.message}", _STYLES[each.severity])
    shown = each.details if each.severity == "error" else each.details[:3]
    more = f" and {len(each.details) - len(shown):,} more" if len(each.details) > len(shown) else ""
    if shown:
        page.line(f"   {', '.join(shown)}{more}", "dim")


def _gaps(page: Page, gaps: Sequence[Gap]) -> None:
    page.table(
        [
            Column("Regions without a rate", [_gap_kind(each) for each in gaps], right=False),
            Column("cloud", [each.provider for each in gaps], right=False),
            Column("known", [str(each.known) for each in gaps]),
            Column("of these inferred", [str(each.inferred or "") for each in gaps], drop=1),
            Column("missing", [str(len(each.missing) or "") for each in gaps]),
            Column("", [_few(each.missing) for each in gaps], right=False, style="dim", drop=2),
        ]
    )
    page.line()


def _gap_kind(gap: Gap) -> str:
    keys = {"charge": gap.charge, "boundary": gap.boundary, "via": gap.via, "unit": gap.unit}
    keys["network_tier"] = gap.network_tier
    return kind_words(keys)


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_PLACES]) + (" …" if len(names) > _PLACES else "")


def _finding_rows(found: CardCheck) -> Iterator[dict[str, Any]]:
    for each in found.findings:
        for detail in each.details or ("",):
            yield {"severity": each.severity, "code": each.code, "message": each.message, "detail": detail}
    for gap in found.gaps:
        for region in gap.missing:
            yield {"severity": "note", "code": "gap", "message": f"no rate: {_gap_kind(gap)}", "detail": region}


def difference(found: CardDifference, name: str, look: Look) -> bytes:
    """What differs, in one of `FORMATS`."""
    if name == "json":
        return as_json(found)
    if name == "csv":
        columns = ("status", "provider", *KEYS, "tier_start", "price_before", "price_after")
        rows = (row for each in found.changes for row in _change_rows(each))
        return write_csv((*columns, "currency_before", "currency_after"), rows)
    page = Page(look)
    page.line(f"Rate cards, {found.before} → {found.after}", "bold")
    counts = {status: sum(each.status == status for each in found.changes) for status in ("changed", "new", "gone")}
    page.line(f"{', '.join(f'{count:,} {status}' for status, count in counts.items())}, {found.same:,} the same")
    page.line()
    shown = found.changes[: look.top]
    if shown:
        page.table(
            [
                Column("", [each.status for each in shown], right=False),
                Column("Rate", [kind_words(each.keys) for each in shown], right=False),
                Column("from", [each.keys["from"] or "any" for each in shown], right=False),
                Column("to", [each.keys["to"] or each.keys["dst_geo"] for each in shown], right=False),
                Column("Before", [_prices(each.before, each.currency_before) for each in shown]),
                Column("After", [_prices(each.after, each.currency_after) for each in shown]),
                Column(
                    "", ["" if each.relative is None else words.signed_percent(each.relative) for each in shown], drop=1
                ),
            ]
        )
    if len(found.changes) > len(shown):
        page.line(f" … {len(found.changes) - len(shown):,} more; --top shows more, --json has all", "dim")
    return page.bytes()


def _prices(rates: Sequence[Rate], currency: str) -> str:
    return " / ".join(words.exact(rate.price, currency) for rate in rates) or "–"


def _change_rows(each: RateChange) -> Iterator[dict[str, Any]]:
    before: dict[Decimal, Decimal] = {rate.start: rate.price for rate in each.before}
    after: dict[Decimal, Decimal] = {rate.start: rate.price for rate in each.after}
    for start in sorted({*before, *after}):
        yield {
            "status": each.status,
            "provider": each.provider,
            **{name: each.keys[name] for name in KEYS},
            "tier_start": start,
            "price_before": before.get(start),
            "price_after": after.get(start),
            "currency_before": each.currency_before,
            "currency_after": each.currency_after,
        }
