"""`egresscost prices`: the rate cards, and a calculator on them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from egresscost.cli import prices_options as options
from egresscost.cli.options import General, Output, spread
from egresscost.cli.prices_options import Amount, Rates, Route  # noqa: TC001  Typer reads the annotations
from egresscost.cli.run import Call, write_other
from egresscost.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from decimal import Decimal

    from egresscost.pricing.cards import Cards
    from egresscost.pricing.ladders import Prices
    from egresscost.pricing.listing import Side, Wanted
    from egresscost.reporters import Look

_LINES = 40

app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")


def quote(
    *,
    route: Route,
    amount: Amount,
    rates: Rates,
    output: Output,
    general: General,
    boundary: options.Boundary = None,
    direction: options.Direction = None,
    network_tier: options.NetworkTier = None,
) -> None:
    """What an amount costs from one region or several, tier by tier."""
    call = Call.begin(general)
    from egresscost.pricing.pools import Assumptions  # noqa: PLC0415
    from egresscost.pricing.quote import quote as calculate  # noqa: PLC0415
    from egresscost.pricing.routes import Question  # noqa: PLC0415
    from egresscost.reporters import quote as writer  # noqa: PLC0415

    if not route.charge or not route.places:
        message = f"nothing says {'from where' if route.charge else 'what'} to price"
        raise UsageError(
            message, hint="for example: egresscost prices quote --charge internet --from us-east-1 --gb 157000"
        )
    prices, day = _prices(call, rates, over_ours=True)
    question = Question(
        route.charge, route.provider, route.to, route.via, boundary, direction, network_tier, _region_names()
    )
    assumed = Assumptions(allowance=not amount.no_allowance, tier_start=_number("--tier-start", amount.tier_start))
    sheet = calculate(prices, question, route.places, _quantities(amount), day, assumed=assumed)
    _write(lambda name, look: writer.render(sheet, name, look), output, call)
    if any(part.missing for each in sheet.quotes for part in each.parts):
        raise typer.Exit(ExitCode.INCOMPLETE)


def _quantities(amount: Amount) -> dict[str, Decimal]:
    """Amounts by unit.

    Raises:
        UsageError: There is none, or one is no number.
    """
    from egresscost.units import Unit  # noqa: PLC0415

    given = ((Unit.GB, "--gb", amount.gb), (Unit.HOURS, "--hours", amount.hours))
    quantities = {unit.value: _number(option, text) for unit, option, text in given if text is not None}
    if not quantities:
        message = "nothing says how much to price"
        raise UsageError(message, hint="give --gb, --hours or both")
    return quantities


def _number(option: str, text: str) -> Decimal:
    from decimal import Decimal, InvalidOperation  # noqa: PLC0415

    try:
        value = Decimal(text.replace(",", "").replace("_", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        message = f"{option} {text} is no number of 0 or more"
        raise UsageError(message, hint=f"write it plain: {option} 157000")
    return value


def list_(*, route: Route, rates: Rates, output: Output, general: General, top: options.Top = _LINES) -> None:
    """Rates by charge and region: the first tier, its date and its age."""
    call = Call.begin(general)
    from egresscost.pricing.listing import entries  # noqa: PLC0415
    from egresscost.reporters import cards as writer  # noqa: PLC0415

    prices, day = _prices(call, rates)
    found = entries(prices, _wanted(route, prices), day)
    _write(lambda name, look: writer.cards(found, name, replace(look, top=top)), output, call)


def show(*, route: Route, rates: Rates, output: Output, general: General, top: options.Top = 5) -> None:
    """A ladder with all its tiers, sources, confirmations and notes."""
    call = Call.begin(general)
    from egresscost.errors import NoDataError  # noqa: PLC0415
    from egresscost.pricing.listing import entries  # noqa: PLC0415
    from egresscost.reporters import cards as writer  # noqa: PLC0415

    prices, day = _prices(call, rates)
    found = entries(prices, _wanted(route, prices), day)
    if not found.entries:
        message = f"no rate is in force on {day} for that"
        raise NoDataError(message, hint="`egresscost prices list` shows what there is")
    _write(lambda name, look: writer.show(found, name, replace(look, top=top)), output, call)


def check(
    *, output: Output, general: General, rates: Rates, provider: options.Cloud = None, older_than: options.Age = 400
) -> None:
    """Look for conflicts, holes, unknown sources, old rates and gaps."""
    call = Call.begin(general)
    from egresscost.pricing import check as checking  # noqa: PLC0415
    from egresscost.reporters import card_check as writer  # noqa: PLC0415

    _prices(call, rates)  # an overlay that is no overlay is an error here too
    folder, day = _cards(None if (rates.prices or "").lower().endswith((".toml", ".csv")) else rates.prices)
    found = checking.check(folder, day, older_than, provider)
    _write(lambda name, look: writer.check(found, name, look), output, call)
    if any(each.severity == checking.ERROR for each in found.findings):
        raise typer.Exit(ExitCode.INCOMPLETE)


def diff(
    *,
    route: Route,
    output: Output,
    general: General,
    before: options.Before,
    after: options.After = None,
    top: options.Top = _LINES,
) -> None:
    """What differs between two days, or two folders of rate cards."""
    call = Call.begin(general)
    from egresscost.pricing.listing import difference  # noqa: PLC0415
    from egresscost.reporters import card_check as writer  # noqa: PLC0415

    sides = _side(before), _side(after)
    found = difference(*sides, _wanted(route, sides[1].prices))
    _write(lambda name, look: writer.difference(found, name, replace(look, top=top)), output, call)


def _write(render: Callable[[str, Look], bytes], output: Output, call: Call) -> None:
    from egresscost.reporters.cards import FORMATS  # noqa: PLC0415

    write_other(render, FORMATS, output, call.look(), how=call.manner)


def _prices(call: Call, rates: Rates, *, over_ours: bool = False) -> tuple[Prices, date]:
    """The rates that count, those of an overlay over those of the cards, and the day.

    With `over_ours` a folder of cards comes before those of the program; else it is looked at alone.
    """
    from egresscost.cli.run import one_overlay  # noqa: PLC0415
    from egresscost.pricing.choice import Choice, named  # noqa: PLC0415

    found = named(rates.prices)
    cards, day = _cards(None if found.overlay else rates.prices)
    listed = Choice(cards=found.cards).listed() if over_ours else cards
    path = one_overlay(found.overlay, rates.overlay) or call.setting_path("prices", "overlay")
    if path is None:
        return listed, day
    from egresscost.pricing.overlay import Overlaid  # noqa: PLC0415
    from egresscost.pricing.overlay_file import load  # noqa: PLC0415

    return Overlaid(listed, load(path)), day


def _cards(text: str | None) -> tuple[Cards, date]:
    """The cards that `--prices` names: those in use on a day, or those of a folder, today.

    Raises:
        MissingSourceError: It is no day, and no folder of cards.
    """
    from datetime import date  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from egresscost.pipeline import today  # noqa: PLC0415
    from egresscost.pricing import cards  # noqa: PLC0415

    if text is None:
        return cards.default(), today()
    try:
        return cards.default(), date.fromisoformat(text)
    except ValueError:
        return cards.of_folder(Path(text)), today()


def _side(text: str | None) -> Side:
    from egresscost.pricing.listing import Side  # noqa: PLC0415

    cards, day = _cards(text)
    return Side(text or f"the cards in use on {day}", cards, day)


def _wanted(route: Route, prices: Prices) -> Wanted:
    """What to list; a region that no card knows is an error, not an empty list."""
    from egresscost.pricing.listing import Wanted  # noqa: PLC0415
    from egresscost.pricing.routes import ALL, Question, homes  # noqa: PLC0415

    question = Question(route.charge or "", route.provider or ALL, names=_region_names())
    places = tuple(
        name
        for place in route.places or ()
        for name in ([place] if "*" in place else [name for _, name in homes(prices, question, place)])
    )
    provider = None if route.provider == ALL else route.provider
    return Wanted(provider, route.charge, places, route.to, route.via)


def _region_names() -> dict[str, Mapping[str, str]]:
    """What people call the regions of each cloud."""
    from egresscost.sources import registry  # noqa: PLC0415

    return {each.name: each.region_aliases() for each in registry.providers().values()}


def add_to(parent: typer.Typer) -> None:
    """Put the commands on the list."""
    for name, command, epilog in (
        ("quote", quote, options.QUOTE_EPILOG),
        ("list", list_, options.LIST_EPILOG),
        ("show", show, options.SHOW_EPILOG),
        ("check", check, options.CHECK_EPILOG),
        ("diff", diff, options.DIFF_EPILOG),
    ):
        app.command(name, epilog=epilog)(spread(command))
    parent.add_typer(app, name="prices", help="Rate cards: list, show, check and compare them, and a calculator.")
