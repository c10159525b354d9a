"""How a figure of a bill came to be: rows, rule, direction, rates, credits.

Goes in: a request and what is to be explained. Comes out: an `Explanation` for each currency. Never: explains a row
that the report does not count.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from egresscost import money, pipeline
from egresscost.errors import NoDataError, UnknownNameError
from egresscost.formats.bill import read_bill
from egresscost.formats.rows import Wanted, dearest
from egresscost.frame import Boundary, C, ChargeClass, Confidence
from egresscost.pricing import cards
from egresscost.results import BillRow, Explanation, ListPrice, Meter, OtherRows, RuleUse
from egresscost.sources import registry
from egresscost.summary import select
from egresscost.summary.keys import column as key_column
from egresscost.summary.lines import breakdown, lines
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from egresscost.formats.bill import BillRead
    from egresscost.formats.reading import Progress
    from egresscost.money import CostKind
    from egresscost.periods import Window
    from egresscost.results import Line, Report, Selection
    from egresscost.sources.protocols import Placement, Rule
    from egresscost.sources.storage import Blob, Workspace

_ROWS = 5
_PLACE = "boundary or charge"
_KEYS = (
    _PLACE,
    *(key.value for key in (C.USAGE_TYPE, C.RULE, C.SERVICE, C.ACCOUNT, C.ACCOUNT_NAME, C.RESOURCE)),
    "region_pair",
    "region",
)
_ALIASES = {"inter_zone": "zone", "inter_region": "region", "cdn": "edge", "nat_gateway": "nat"}
_OF_ROWS = {"unplaced": select.unplaced, "no-provider": select.unanswered, "no-meter": select.unanswered}
"""Notices that are only about some rows, and which."""
_METER_KEYS = (C.USAGE_TYPE.value, C.RATE_ID.value, C.DIRECTION.value)


@dataclass(frozen=True)
class Subject:
    """What is explained.

    Attributes:
        key: The key that it is a value of; empty for everything.
        value: The value.
        title: For people.
    """

    key: str
    value: str
    title: str


def explain_in(
    workspace: Workspace,
    blobs: Sequence[Blob],
    request: pipeline.Request,
    what: str | None,
    progress: Progress | None = None,
) -> tuple[Explanation, ...]:
    """Explain a figure: a boundary, a charge, a usage type, a rule, a service, an account, a resource or a region pair.

    Args:
        workspace: Holds unpacked files, which are read again for the dearest rows.
        blobs: The bill's files.
        request: How to read and which rows count.
        what: The figure's name; None for all that the request selects.
        progress: Told how far the reading is.

    Raises:
        UnknownNameError: Nothing in the bill has that name.
        NoDataError: Nothing is left to explain.
    """
    bill = read_bill(blobs, workspace, request.options, progress)
    report = pipeline.summarize(bill, request)
    rows = report.bill
    rows = rows[(rows[C.BOUNDARY] != Boundary.NOT_NETWORK)]
    if rows.empty and not report.bill.empty:
        raise _no_network(report)
    subject = _subject(what, rows, request.selection)
    if subject.key:
        rows = rows[(_values(rows, subject.key) == subject.value).fillna(value=False).astype(bool)]
    if rows.empty:
        message = f"there is nothing to explain about {subject.title}"
        raise NoDataError(message, hint="`egresscost report` lists what there is")
    shown = _dearest_rows(bill, rows, subject, request, report.window)
    return tuple(
        _explain(rows[rows[C.CURRENCY] == currency], currency, subject, report, shown.get(currency, ()))
        for currency in sorted(rows[C.CURRENCY].unique())
    )


def _no_network(report: Report) -> NoDataError:
    """What a bill has that has no data transfer: its rows, what they cost, and the services that cost most."""
    details = []
    for totals in report.totals:
        rows = report.bill[report.bill[C.CURRENCY] == totals.currency]
        found = lines(rows, [C.PROVIDER, C.SERVICE], report.selection.cost)
        most = sorted(found, key=lambda line: (-(line.cost or Decimal(0)), line.keys[C.SERVICE] or ""))[:_ROWS]
        named = ", ".join(f"{line.keys[C.SERVICE] or 'no service'} {_amount(line.cost)}" for line in most)
        more = f" and {len(found) - _ROWS:,} more" if len(found) > _ROWS else ""
        count = int(rows[C.RECORDS].sum())
        whole = f"{count:,} row{'s' if count != 1 else ''}, {_amount(totals.bill)} {totals.currency}"
        details.append(f"it has {whole} {report.selection.cost.words}: {named}{more}")
    details.append("no meter of them is data transfer, or charged on what devices pass on")
    return NoDataError(
        "there is nothing to explain about all data transfer: what was read has none",
        details=details,
        hint="`egresscost report` shows the whole; flow logs (-i) are explained by address, interface or workload",
    )


def _amount(cost: Decimal | None) -> str:
    return "of unknown cost" if cost is None else str(money.plain(cost))


def _subject(what: str | None, rows: pd.DataFrame, selection: Selection) -> Subject:
    """What a name means: the first kind of thing that has it."""
    if what is None:
        given = ", ".join(text for texts in selection.filters.values() for text in texts)
        return Subject("", "", given or "all data transfer")
    wanted = what.lower().replace("-", "_")
    wanted = _ALIASES.get(wanted, wanted)
    for key in _KEYS:
        for value in sorted({str(value) for value in _values(rows, key).dropna().unique()}):
            if value.lower() in {wanted, what.lower()}:
                return Subject(key, value, value if key == _PLACE else f"{key.replace('_', ' ')} {value}")
    raise _unknown(what, rows)


def _values(rows: pd.DataFrame, key: str) -> pd.Series:
    return select.places(rows) if key == _PLACE else key_column(rows, key)


def _unknown(what: str, rows: pd.DataFrame) -> UnknownNameError:
    known = [
        *(str(value) for value in select.places(rows).unique()),
        *(str(value) for key in (C.SERVICE, C.USAGE_TYPE, C.RULE) for value in rows[key].dropna().unique()),
    ]
    near = difflib.get_close_matches(what, known, 3, 0.5)
    message = f"nothing in the bill is called {what!r}"
    details = (
        [f"near: {', '.join(near)}"]
        if near
        else [f"boundaries and charges in it: {', '.join(dict.fromkeys(known[:12]))}"]
    )
    return UnknownNameError(
        message,
        details=details,
        hint="name a boundary, a charge, a usage type, a rule, a service, an account or a resource",
    )


def _explain(
    rows: pd.DataFrame, currency: str, subject: Subject, report: Report, shown: tuple[BillRow, ...]
) -> Explanation:
    cost = report.selection.cost
    whole = lines(rows, [], cost)[0]
    return Explanation(
        title=subject.title,
        window=report.window,
        currency=currency,
        cost=cost,
        amounts=whole.amounts,
        total=whole.cost,
        bytes=whole.bytes,
        records=whole.records,
        rules=_rules(rows, cost),
        meters=_meters(rows, cost),
        others=_others(rows, cost),
        list_prices=_list_prices(rows, report),
        shown_by=tuple(
            breakdown(f"by_{key}", f"By {key.replace('_', ' ')}", rows, [key], cost, totals={currency: whole.cost})
            for key in (C.SERVICE.value, C.ACCOUNT.value, C.USAGE_TYPE.value)
        ),
        rows=shown,
        notices=tuple(each for each in report.notices if each.code not in _OF_ROWS or _OF_ROWS[each.code](rows).any()),
        account_names=report.account_names,
    )


def _rules(rows: pd.DataFrame, cost: CostKind) -> tuple[RuleUse, ...]:
    """The rules that placed the rows, each direction apart, the dearest first."""
    known = {name: provider.rules() for name, provider in registry.providers().items()}
    found = []
    for line in lines(rows, [C.PROVIDER, C.RULE, C.BOUNDARY, C.DIRECTION, C.CHARGE], cost):
        rule: Rule | None = known.get(line.keys[C.PROVIDER] or "", {}).get(line.keys[C.RULE] or "")
        found.append(
            RuleUse(
                id=line.keys[C.RULE] or "",
                title=rule.title if rule else "no provider is installed for this vendor",
                pattern=_pattern(rule, rows),
                why=rule.why
                if rule
                else "The rows are kept as they are: nobody here can say whether they are transfer.",
                source=rule.source if rule else "",
                boundary=line.keys[C.BOUNDARY] or "",
                direction=line.keys[C.DIRECTION] or "",
                charge=line.keys[C.CHARGE] or "",
                cost=line.cost,
                bytes=line.bytes,
                records=line.records,
            )
        )
    return tuple(sorted(found, key=lambda use: (-(use.cost or Decimal(0)), -(use.bytes or 0), use.id)))


def _pattern(rule: Rule | None, rows: pd.DataFrame) -> str:
    """How the rule is written, for usage types or for descriptions: whichever placed these rows."""
    if rule is None:
        return ""
    mine = rows[rows[C.RULE] == rule.id]
    by_meter = mine[C.USAGE_TYPE].notna() & (mine[C.CONFIDENCE] != Confidence.MEDIUM)
    patterns = (rule.pattern, rule.text_pattern) if by_meter.any() else (rule.text_pattern, rule.pattern)
    return patterns[0] or patterns[1]


def _meters(rows: pd.DataFrame, cost: CostKind) -> tuple[Meter, ...]:
    """List against billed rate, tier by tier where the bill has one row for each tier; usage only."""
    usage = rows[rows[C.CHARGE_CLASS] == ChargeClass.USAGE]
    meters = []
    for line in lines(usage, _METER_KEYS, cost):
        quantity = line.quantity
        meters.append(
            Meter(
                usage_type=line.keys[C.USAGE_TYPE],
                rate_id=line.keys[C.RATE_ID],
                direction=line.keys[C.DIRECTION] or "",
                quantity=quantity,
                unit=line.unit,
                list_rate=_rate(line.amounts.list_cost, quantity),
                billed_rate=_rate(line.amounts.billed_cost, quantity),
                list_cost=line.amounts.list_cost,
                cost=line.cost,
                records=line.records,
            )
        )
    return tuple(
        sorted(
            meters,
            key=lambda meter: (-(meter.cost or Decimal(0)), -(meter.quantity or Decimal(0)), meter.usage_type or ""),
        )
    )


def _others(rows: pd.DataFrame, cost: CostKind) -> tuple[OtherRows, ...]:
    """What is no usage: whatever class a row is of, it is shown, so that the parts add up to the whole."""
    rest = rows[rows[C.CHARGE_CLASS] != ChargeClass.USAGE]
    others = [
        OtherRows(
            charge_class=line.keys[C.CHARGE_CLASS] or "",
            usage_type=line.keys[C.USAGE_TYPE],
            rate_id=line.keys[C.RATE_ID],
            cost=line.cost,
            credit=line.amounts.credit,
            records=line.records,
        )
        for line in lines(rest, [C.CHARGE_CLASS, C.USAGE_TYPE, C.RATE_ID], cost)
    ]

    def size(other: OtherRows) -> Decimal:
        return abs(other.cost or Decimal(0)) + abs(other.credit or Decimal(0))

    return tuple(sorted(others, key=lambda other: (-size(other), other.charge_class, other.usage_type or "")))


def _rate(cost: Decimal | None, quantity: Decimal | None) -> Decimal | None:
    if cost is None or not quantity:
        return None
    return money.rounded(money.EXACT.divide(cost, quantity), 10)


_CARD_COLUMNS = {
    "charge": C.CHARGE,
    "boundary": C.BOUNDARY,
    "direction": C.DIRECTION,
    "from": C.SRC_REGION,
    "to": C.DST_REGION,
    "via": C.PATH,
    "network_tier": C.NETWORK_TIER,
    "dst_geo": C.DST_GEO,
    "unit": C.UNIT,
}
"""Keys of a rate card, and where the frame has them."""


def _list_prices(rows: pd.DataFrame, report: Report) -> tuple[ListPrice, ...]:
    """What the rate cards say of the usage, one for each ladder of rates; what no card knows stays apart."""
    usage = rows[(rows[C.CHARGE_CLASS] == ChargeClass.USAGE) & rows[C.UNIT].isin(list(Unit))]
    day = report.covered.last
    found: dict[tuple[object, ...], list[tuple[Line, cards.Ladder | None]]] = {}
    for line in lines(usage, [C.PROVIDER, *_CARD_COLUMNS.values()], report.selection.cost):
        keys = {name: line.keys[column] for name, column in _CARD_COLUMNS.items()}
        card = cards.ladder(line.keys[C.PROVIDER] or "", keys, day)
        same = tuple(card.keys.items()) if card else tuple(keys.items())
        found.setdefault((line.keys[C.PROVIDER], card is not None, same), []).append((line, card))
    prices = [_list_price(alike, day) for alike in found.values()]
    return tuple(sorted(prices, key=lambda price: (-(price.billed or Decimal(0)), -(price.quantity or Decimal(0)))))


def _list_price(alike: Sequence[tuple[Line, cards.Ladder | None]], day: date) -> ListPrice:
    line, card = alike[0]
    provider = line.keys[C.PROVIDER] or ""
    return ListPrice(
        provider=provider,
        keys=card.keys if card else {name: line.keys[column] for name, column in _CARD_COLUMNS.items()},
        quantity=money.total(each.quantity for each, _ in alike),
        unit=line.unit or "",
        billed=money.total(each.amounts.billed_cost for each, _ in alike),
        rates=card.rates if card else (),
        currency=card.currency if card else line.currency,
        tier_pool=card.tier_pool if card else "",
        allowance=cards.allowance(provider, card.allowance_pool, day) if card else None,
    )


def _dearest_rows(
    bill: BillRead, rows: pd.DataFrame, subject: Subject, request: pipeline.Request, window: Window
) -> dict[str, tuple[BillRow, ...]]:
    """The dearest single rows behind the explained ones, by currency.

    They are found again in the files by rule, service, meter and ends.
    """
    columns = [C.RULE, C.SERVICE, C.USAGE_TYPE, C.DIRECTION, C.SRC_REGION, C.DST_REGION]
    named = rows[columns].astype(object)
    meant = {
        tuple(None if pd.isna(value) else value for value in row)
        for row in named.drop_duplicates().itertuples(index=False)
    }
    providers = registry.providers()

    def kind(keys: Mapping[str, str | None], placement: Placement) -> bool:
        provider, service = providers.get(keys["provider"] or ""), keys["service"]
        code = provider.service_code(service) if provider and service else service
        return (
            placement.rule,
            code,
            keys["usage_type"],
            placement.direction,
            placement.src_region,
            placement.dst_region,
        ) in meant

    only: dict[str, list[str]] = {}
    if rows[C.ACCOUNT].notna().all():
        only["account"] = sorted(rows[C.ACCOUNT].unique())
    if subject.key == C.RESOURCE:
        only["resource"] = [subject.value]
    return dearest(bill.parts, Wanted(kind, window, only), request.options.limits, _ROWS)
