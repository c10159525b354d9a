"""Options and examples of `egresscost prices`.

Goes in: nothing. Comes out: groups of options for `egresscost.cli.options.spread`. Never: looks a rate up.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer

_ROUTE, _RATES = "What", "Rates"

QUOTE_EPILOG = """
**Examples**

`egresscost prices quote --charge internet --from us-east-1 --gb 157000` — tier by tier, after the free allowance

`egresscost prices quote --charge internet --from us-east-1 --from sa-east-1 --gb 5000` — side by side

`egresscost prices quote --provider all --charge internet --from Frankfurt --to DE --gb 10000` — every cloud there

`egresscost prices quote --charge zone --from eu-west-1 --gb 1000` — both ends, for both are charged

`egresscost prices quote --charge nat --from us-east-1 --gb 1000 --hours 730` — what goes through, and the device

Exit codes: 0 priced, 2 the question names something that no card knows, 5 something has no price.
"""
LIST_EPILOG = """
**Examples**

`egresscost prices list --charge nat` — every region's first tier, with its date

`egresscost prices list -f csv -o rates.csv` — all of them
"""
SHOW_EPILOG = """
**Examples**

`egresscost prices show --charge internet --from eu-central-1`
"""
CHECK_EPILOG = """
**Examples**

`egresscost prices check --older-than 180`

`egresscost prices check --prices my-cards/` — a folder of your own

Exit codes: 0 no errors (warnings and notes are shown), 5 the cards contradict themselves or cannot be read.
"""
DIFF_EPILOG = """
**Examples**

`egresscost prices diff 2024-01-01 2024-03-01` — what came into force between

`egresscost prices diff old-cards/` — another folder, against the cards in use
"""


@dataclass(frozen=True)
class Route:
    """What is looked for."""

    provider: Annotated[
        str | None,
        typer.Option(
            "--provider",
            "-p",
            metavar="NAME",
            help="The cloud; default: the one that knows the region. `all`: every one that knows it, side by side.",
            rich_help_panel=_ROUTE,
        ),
    ] = None
    charge: Annotated[
        str | None,
        typer.Option(
            "--charge",
            metavar="NAME",
            help="A boundary or a charge: internet, region, zone, nat, public_address.",
            rich_help_panel=_ROUTE,
        ),
    ] = None
    places: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="REGION", help="Where it begins. Repeatable.", rich_help_panel=_ROUTE),
    ] = None
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="REGION", help="The other end: a region, a geography.", rich_help_panel=_ROUTE),
    ] = None
    via: Annotated[
        str | None,
        typer.Option(
            "--via",
            metavar="NAME",
            help="The path or kind of device: peering, vpn, network_load_balancer.",
            rich_help_panel=_ROUTE,
        ),
    ] = None


@dataclass(frozen=True)
class Rates:
    """Which rates count."""

    prices: Annotated[
        str | None,
        typer.Option(
            "--prices",
            metavar="DATE|PATH",
            help="The rates in force on a day, another folder of rate cards, or a file of your own rates.",
            rich_help_panel=_RATES,
            show_default="today's",
        ),
    ] = None
    overlay: Annotated[
        str | None,
        typer.Option(
            "--overlay",
            metavar="PATH",
            help="Your negotiated rates, TOML or CSV, over the list.",
            rich_help_panel=_RATES,
        ),
    ] = None


class RatesFrom(StrEnum):
    """What flow logs are priced by, when there is a bill."""

    BILL = "bill"
    LIST = "list"


@dataclass(frozen=True)
class FlowRates:
    """Which rates flow logs are priced by."""

    prices: Annotated[
        str | None,
        typer.Option(
            "--prices",
            metavar="DATE|PATH",
            help="Flow logs: the rates in force on a day, a folder of your own rate cards, or a file of your own rates.",
            rich_help_panel=_RATES,
            show_default="those of each day",
        ),
    ] = None
    overlay: Annotated[
        str | None,
        typer.Option(
            "--overlay",
            metavar="PATH",
            help="Flow logs: your negotiated rates, TOML or CSV, over the list.",
            rich_help_panel=_RATES,
        ),
    ] = None
    rates: Annotated[
        RatesFrom | None,
        typer.Option(
            "--rates",
            help="Flow logs beside a bill: your bill's own rates, or those of the list.",
            rich_help_panel=_RATES,
            show_default="bill",
        ),
    ] = None
    tier_start: Annotated[
        list[str] | None,
        typer.Option(
            "--tier-start",
            metavar="[POOL=]GB",
            help="Flow logs: GB of each month already counted in the tiers, of every pool or of one. Repeatable.",
            rich_help_panel=_RATES,
            show_default="0",
        ),
    ] = None


@dataclass(frozen=True)
class Amount:
    """How much is priced, and what is taken to be so."""

    gb: Annotated[
        str | None,
        typer.Option("--gb", metavar="N", help="Billed GB (2^30 bytes) in one month.", rich_help_panel="Amount"),
    ] = None
    hours: Annotated[
        str | None,
        typer.Option("--hours", metavar="N", help="Hours of the device in one month.", rich_help_panel="Amount"),
    ] = None
    no_allowance: Annotated[
        bool, typer.Option("--no-allowance", help="The free allowance is used up elsewhere.", rich_help_panel="Amount")
    ] = False
    tier_start: Annotated[
        str,
        typer.Option(
            "--tier-start",
            metavar="N",
            help="GB of this month already counted in the tiers; more than 0 leaves no allowance.",
            rich_help_panel="Amount",
        ),
    ] = "0"


Boundary = Annotated[
    str | None,
    typer.Option(
        "--boundary", metavar="NAME", help="For a charge whose rates differ by boundary.", rich_help_panel=_ROUTE
    ),
]
NetworkTier = Annotated[
    str | None,
    typer.Option(
        "--network-tier",
        metavar="NAME",
        help="For a cloud with several: standard, internet_routing; default: the cloud's own default.",
        rich_help_panel=_ROUTE,
    ),
]
Direction = Annotated[
    str | None,
    typer.Option(
        "--direction",
        metavar="NAME",
        help="Only out or in; default: every end that is charged.",
        rich_help_panel=_ROUTE,
    ),
]
Top = Annotated[
    int,
    typer.Option(
        "--top", metavar="N", min=1, help="Lines of the table; other formats hold all.", rich_help_panel="Output"
    ),
]
Cloud = Annotated[
    str | None, typer.Option("--provider", "-p", metavar="NAME", help="Only this cloud.", rich_help_panel=_ROUTE)
]
Age = Annotated[
    int,
    typer.Option(
        "--older-than", metavar="DAYS", min=1, help="From how many days on a rate is old.", rich_help_panel=_ROUTE
    ),
]
Before = Annotated[str, typer.Argument(metavar="BEFORE", help="A day, or a folder of rate cards.", show_default=False)]
After = Annotated[str | None, typer.Argument(metavar="[AFTER]", help="Another one; default: the cards in use, today.")]
