"""Rate cards as a list, and ladder by ladder, for people and for machines.

Goes in: a `CardList`. Comes out: tables, JSON or CSV. Never: judges a card.
"""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any, Final

from egresscost.document.prices import of_prices
from egresscost.reporters import words
from egresscost.reporters.page import Column, Page
from egresscost.reporters.tabular import write_csv

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from egresscost.reporters import Look
    from egresscost.results import CardCheck, CardDifference, CardEntry, CardList, Rate

FORMATS: Final = {"table": (".txt",), "json": (".json",), "csv": (".csv",)}
KEYS: Final = ("charge", "boundary", "direction", "from", "to", "via", "network_tier", "dst_geo", "unit")
_WIDTH = 100


def as_json(answer: CardList | CardCheck | CardDifference) -> bytes:
    """Any of the answers as a document."""
    return (json.dumps(of_prices(answer), indent=1, ensure_ascii=False) + "\n").encode()


def cards(found: CardList, name: str, look: Look) -> bytes:
    """Ladders in one of `FORMATS`: a line each; lines that differ in `to` alone are one in the table for people."""
    if name == "json":
        return as_json(found)
    if name == "csv":
        columns = ("provider", *KEYS, "tiers", "price", "currency", "allowance", "valid_from", "valid_to", "as_of")
        return write_csv(
            (*columns, "age_days", "basis", "confidence", "rate_id", "note"), map(_entry_row, found.entries)
        )
    page = Page(look)
    together = _together(found.entries)
    shown = together[: look.top]
    page.line(f"Rates in force on {found.day}: {len(found.entries):,}", "bold")
    page.line()
    if shown:
        _list(page, shown)
    if len(together) > len(shown):
        page.line(f" … {len(together) - len(shown):,} more lines; --charge and --from choose, --top shows more", "dim")
    page.line()
    page.line(
        " Price: of the first tier, for one unit. Next: egresscost prices show --charge internet --from us-east-1",
        "dim",
    )
    return page.bytes()


def _list(page: Page, shown: Sequence[Sequence[CardEntry]]) -> None:
    first = [same[0] for same in shown]
    clouds = [each.provider for each in first]
    page.table(
        [
            *([Column("Cloud", clouds, right=False)] if len(set(clouds)) > 1 else []),
            Column("Rate", [kind_words(each.keys) for each in first], right=False),
            Column("from", [each.keys["from"] or "any" for each in first], right=False),
            Column("to", [_ends(same) for same in shown], right=False),
            Column("Price", [_first_price(each.rates, each.currency) for each in first]),
            Column("tiers", [str(len(each.rates)) if len(each.rates) > 1 else "" for each in first], drop=2),
            Column("as of", [each.as_of for each in first], right=False, drop=1),
            Column("days", ["" if each.age_days is None else f"{each.age_days:,}" for each in first], drop=3),
            Column("", [_mark(each.basis, each.confidence) for each in first], right=False, style="dim"),
        ]
    )


_ENDS: Final = ("to", "dst_geo")


def _together(entries: Sequence[CardEntry]) -> list[list[CardEntry]]:
    """Ladders that differ in nothing but where they lead."""
    found: dict[tuple[object, ...], list[CardEntry]] = {}
    for each in entries:
        keys = tuple(each.keys[name] for name in KEYS if name not in _ENDS)
        prices = tuple((rate.start, rate.price, rate.as_of) for rate in each.rates)
        has_end = any(each.keys[name] for name in _ENDS)
        found.setdefault((each.provider, keys, prices, each.currency, each.basis, has_end), []).append(each)
    return list(found.values())


def _ends(same: Sequence[CardEntry]) -> str:
    ends = [each.keys["to"] or each.keys["dst_geo"] for each in same]
    return ends[0] if len(ends) == 1 else f"{len(ends)} places"


def kind_words(keys: Mapping[str, str]) -> str:
    """What a ladder is about, without its places: `NAT gateway, hours`."""
    via = keys["via"] if keys["via"] != keys["charge"] else ""
    tier = keys.get("network_tier")
    return words.charged(keys) + (f", by {via}" if via else "") + (f", {tier}" if tier else "")


def _first_price(rates: Sequence[Rate], currency: str) -> str:
    if not rates:
        return "priced apart"
    return words.exact(rates[0].price, currency) if rates[0].price else "free"


def _mark(basis: str, confidence: str) -> str:
    return ", ".join(
        text for text in (basis if basis != "observed" else "", confidence and f"{confidence} confidence") if text
    )


def _entry_row(each: CardEntry) -> dict[str, Any]:
    return {
        "provider": each.provider,
        **{name: each.keys[name] for name in KEYS},
        "tiers": len(each.rates),
        "price": each.rates[0].price if each.rates else None,
        "currency": each.currency,
        "allowance": each.allowance.quantity if each.allowance else None,
        "valid_from": each.valid_from,
        "valid_to": each.valid_to,
        "as_of": each.as_of,
        "age_days": each.age_days,
        "basis": each.basis,
        "confidence": each.confidence,
        "rate_id": each.id,
        "note": each.note,
    }


def show(found: CardList, name: str, look: Look) -> bytes:
    """Ladders with every tier, source and note."""
    if name == "json":
        return as_json(found)
    if name == "csv":
        columns = ("provider", *KEYS, "tier_start", "tier_end", "price", "currency", "as_of", "basis", "confidence")
        rows = (_tier_row(each, rate) for each in found.entries for rate in each.rates)
        return write_csv((*columns, "source", "confirmed_by", "rate_id", "note"), rows)
    page = Page(look)
    for each in found.entries[: look.top]:
        _ladder(page, each, look)
    if len(found.entries) > look.top:
        page.line(f" … {len(found.entries) - look.top:,} more; --from, --to and --via choose, --top shows more", "dim")
    return page.bytes()


def _tier_row(each: CardEntry, rate: Rate) -> dict[str, Any]:
    row = _entry_row(each) | {"tier_start": rate.start, "tier_end": rate.end, "price": rate.price}
    told = {"as_of": rate.as_of, "basis": rate.basis, "confidence": rate.confidence, "note": rate.note}
    return row | told | {"source": rate.source.id, "confirmed_by": "|".join(source.id for source in rate.confirmed_by)}


def _ladder(page: Page, each: CardEntry, look: Look) -> None:
    rates = each.rates
    via = each.keys["via"]
    page.line(words.route(each.keys) + (f", by {via}" if via else ""), "bold")
    for fact in _facts(each):
        page.line(f"  {fact}", "dim")
    if rates:
        page.table(
            [
                Column("  Tier", [f"  {_tier(rate)}" for rate in rates], right=False),
                Column("Price", [words.exact(rate.price, each.currency) if rate.price else "free" for rate in rates]),
                Column("as of", [rate.as_of or "undated" for rate in rates], right=False),
                Column("", [_mark(rate.basis, rate.confidence) for rate in rates], right=False, style="dim"),
                Column("source", [rate.source.id for rate in rates], right=False, drop=2),
                Column("confirmed by", [_confirmed(rate) for rate in rates], right=False, drop=1, style="dim"),
            ]
        )
    width = min(look.width or _WIDTH, _WIDTH) - 2
    sources = {source.id: source for rate in rates for source in (rate.source, *rate.confirmed_by)}
    groups = [f"{each.keys[name]}: {', '.join(places)}" for name, places in each.groups.items()]
    notes = [f"note: {note}" for note in dict.fromkeys([each.note, *(rate.note for rate in rates)]) if note]
    texts = [*groups, *notes, *(f"{source.id}: {source.title} ({source.kind})" for source in sources.values())]
    for text in texts:
        for line in textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False):
            page.line(f"  {line}", "dim")
    page.line()


def _facts(each: CardEntry) -> Iterator[str]:
    yield f"{each.id}: prices for one {each.keys['unit']}"
    if each.valid_from or each.valid_to:
        yield f"in force from {each.valid_from or 'an unknown day'} until {each.valid_to or 'further notice'}"
    if each.tier_pool:
        yield f"tiers add up what is in the pool {each.tier_pool}, each month"
    if each.allowance:
        free = each.allowance
        yield f"the first {words.number(free.quantity)} {free.unit} are free, once per {free.scope}"
    if not each.rates:
        yield "priced apart, and no card knows at what price"


def _tier(rate: Rate) -> str:
    if rate.end is None:
        return f"from {words.number(rate.start)} on" if rate.start else "all"
    return f"from {words.number(rate.start)} to {words.number(rate.end)}"


def _confirmed(rate: Rate) -> str:
    return ", ".join(source.id for source in rate.confirmed_by)
