"""The reference pages, made from the code they describe.

    python tools/reference.py            writes docs/reference/
    python tools/reference.py --check    ends with 1 when a page differs from the code

Goes in: the program itself. Comes out: Markdown, and a JSON file for each schema. Never: a sentence that the program
does not hold itself; what needs explaining is explained in docs/guides and docs/concepts.
"""

from __future__ import annotations

import argparse
import difflib
import inspect
import json
import re
import sys
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from egresscost import document, money
from egresscost.access.columns import COLUMNS as HTTP_COLUMNS
from egresscost.advice import assumed, installed
from egresscost.cli import topics
from egresscost.cli.app import app
from egresscost.cli.schema import makers
from egresscost.document import prices
from egresscost.errors import EXIT_CODE_MEANING, EgressCostError
from egresscost.frame import COLUMNS, Kind
from egresscost.frame import vocabulary as words
from egresscost.pricing import cards
from egresscost.pricing.gaps import gaps
from egresscost.providers.aws import usage_types
from egresscost.providers.azure import meters
from egresscost.providers.gcp import skus
from egresscost.settings import PREFIX, documented, is_named
from egresscost.sources import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from egresscost.advice import Idea
    from egresscost.pricing.groups import Member
    from egresscost.results import Assumption
    from egresscost.sources.networks import Network
    from egresscost.sources.protocols import Placement, Rule

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
SCHEMAS = {what.value: maker for what, maker in makers().items()}
MADE = "<!-- Made by tools/reference.py from the code: change the code, then run `make docs`. -->"


def main() -> int:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 when a page is stale")
    check = parser.parse_args().check
    pages = made()
    stale = [name for name, text in pages.items() if _there(name) != text]
    if check:
        for name in stale:
            difference = difflib.unified_diff(
                _there(name).splitlines(), pages[name].splitlines(), name, "made from the code", lineterm="", n=0
            )
            print("\n".join([*difference][:20]))
        print(f"{len(stale)} of {len(pages)} reference pages are stale" + ("; run `make docs`" if stale else ""))
        return 1 if stale else 0
    for name in stale:
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages[name], encoding="utf-8")
    print(f"{len(stale)} of {len(pages)} reference pages written")
    return 0


def _there(name: str) -> str:
    path = FOLDER / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def made() -> dict[str, str]:
    """Every generated file by its name below docs/reference."""
    pages: dict[str, Callable[[], Iterator[str]]] = {
        "cli.md": cli,
        "exit-codes.md": exit_codes,
        "settings.md": settings,
        "frame.md": frame,
        "http.md": http,
        "advice.md": advice_ideas,
        "json.md": json_documents,
        "aws-rules.md": aws_rules,
        "azure-rules.md": azure_rules,
        "flow-rules.md": flow_rules,
        "gcp-rules.md": gcp_rules,
        "rate-cards.md": rate_cards,
    }
    schemas = {
        f"schema/{what}.json": json.dumps(maker(), indent=2, ensure_ascii=False) + "\n"
        for what, maker in SCHEMAS.items()
    }
    return {name: "\n".join([MADE, "", *page()]).rstrip() + "\n" for name, page in pages.items()} | schemas


def cli() -> Iterator[str]:
    """Every command with its options."""
    yield "# Commands"
    yield ""
    yield "Options stand anywhere after the command. `-h` or `--help` prints the same."
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    yield ""
    whole = dict(_commands(commands))
    yield from _table(
        ("command", "does"), [(f"[{name}](#{name.replace(' ', '-')})", each.help) for name, each in whole.items()]
    )
    for name, command in whole.items():
        yield ""
        yield f"## {name}"
        yield ""
        yield command.help
        arguments = [each for each in command.params if each.param_type_name == "argument"]
        options = [each for each in command.params if each.param_type_name == "option"]
        usage = " ".join(_argument(each) for each in arguments)
        yield ""
        what = "COMMAND" if hasattr(command, "commands") else usage
        yield f"```text\negresscost {name} {what + ' ' if what else ''}[OPTIONS]\n```"
        if arguments:
            yield ""
            yield from _table(("argument", "means"), [(f"`{_argument(each)}`", each.help) for each in arguments])
        yield from _options(options)
        if command.epilog:
            yield ""
            yield command.epilog.strip()


def _commands(commands: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Commands by name, those of a group after it."""
    for name, command in commands.items():
        yield name, command
        for inner, each in getattr(command, "commands", {}).items():
            yield f"{name} {inner}", each


def _argument(argument: Any) -> str:  # noqa: ANN401  Typer gives its parameters no public type
    text = argument.metavar or argument.name.upper()
    text = text.strip("[]")
    return text if argument.required else f"[{text}]"


def _options(options: Sequence[Any]) -> Iterator[str]:
    panels: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for option in options:
        choices = option.type_descriptor.choices
        value = "" if option.is_flag or option.count else (option.metavar or _choices(choices) or "TEXT")
        names = ", ".join(f"`{name}`" for name in option.opts)
        default = option.show_default if isinstance(option.show_default, str) else option.default
        shown = "" if default is None or default is False or option.count else f"`{getattr(default, 'value', default)}`"
        panels[option.rich_help_panel or "Other"].append((f"{names} {_code(value)}".strip(), shown, option.help))
    for panel, rows in panels.items():
        yield ""
        yield from _table((panel, "default", "means"), rows)


def _choices(choices: Iterable[Any] | None) -> str:
    return "|".join(str(getattr(choice, "value", choice)) for choice in choices or ())


def exit_codes() -> Iterator[str]:
    """Exit codes and errors."""
    yield "# Exit codes and errors"
    yield ""
    rows = [(f"{code.value}", meaning, action) for code, (meaning, action) in EXIT_CODE_MEANING.items()]
    yield from _table(("code", "means", "CI should"), rows)
    yield ""
    yield "A closed pipe (`| head`) ends quietly with 0. Data that is missing (4, 5) never looks like a bill that is too high (3)."
    yield ""
    yield "## Errors"
    yield ""
    yield "Every message ends with its code in brackets, and most with a hint."
    yield ""
    errors = sorted(_leaves(EgressCostError), key=lambda each: each.code)
    rows = [(f"`{each.code}`", f"{each.exit_code.value}", inspect.cleandoc(each.__doc__ or "")) for each in errors]
    yield from _table(("code", "exit code", "means"), rows)


def _leaves(kind: type[EgressCostError]) -> Iterator[type[EgressCostError]]:
    """The kinds of errors that users meet; what a cloud's room refines for itself has the code of its parent."""
    for each in kind.__subclasses__():
        if each.__module__ == kind.__module__:
            yield each
            yield from _leaves(each)


def settings() -> Iterator[str]:
    """Settings and variables."""
    yield "# Settings"
    yield ""
    yield "egresscost looks for `egresscost.toml` in the current folder and above it, up to the root of the repository, and then"
    yield "for `egresscost/config.toml` in the user's configuration folder (`$XDG_CONFIG_HOME`, or `~/.config`). Flags win over"
    yield "variables, variables over the project's file, that over the user's. `egresscost doctor` shows every value that is no"
    yield "default, and the line it came from. An unknown key is an error. No setting is a secret."
    sections: dict[str, list[tuple[str, str, str, str]]] = defaultdict(list)
    for key, kind, default, meaning in documented():
        section, _, name = key.rpartition(".")
        variable = "" if is_named(key) else f"`{PREFIX}{key.replace('.', '_').upper()}`"
        sections[section].append((f"`{name}`", f"{_code(kind)}, default {_code(default)}", variable, meaning))
    for section, rows in sections.items():
        yield ""
        yield f"## [{section}]"
        yield ""
        yield from _table(("key", "value", "variable", "means"), rows)
    yield ""
    yield "## Other variables"
    yield ""
    yield from _table(("variable", "means"), [(f"`{name}`", meaning) for name, meaning in topics.OTHER_VARIABLES])


def frame() -> Iterator[str]:
    """The columns of the frame."""
    yield "# The normalized frame"
    yield ""
    yield f"`Report.bill` and `egresscost export` have these {len(COLUMNS)} columns, in this order. A row is an amount of bytes that crossed"
    yield "one boundary in one direction on one day, or a cost laid on the network; what is not network is folded to account, service"
    yield "and kind of line, so that the frame adds up to the invoice. Times are UTC, and a charge belongs to the day that its period"
    yield "begins on. Money is exact decimals of 38 digits. A value that is not known is missing; a category has a member for it."
    groups: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for column in COLUMNS:
        kind = (
            f"[{column.members.__name__}](#{column.members.__name__.lower()})" if column.members else _kind(column.kind)
        )
        missing = "may be missing" if column.nullable else ""
        unit = column.unit and f", in {column.unit}"
        groups[column.group].append((f"`{column.name}`", f"{kind}{unit}", missing, column.meaning, column.focus))
    for group, rows in groups.items():
        yield ""
        yield f"## {group[0].upper()}{group[1:]}"
        yield ""
        yield from _table(("column", "type", "", "says", "FOCUS 1.2"), rows)
    yield ""
    yield "## Categories"
    for members in dict.fromkeys(column.members for column in COLUMNS if column.members):
        yield ""
        yield f"### {members.__name__}"
        yield ""
        yield inspect.cleandoc(members.__doc__ or "")
        yield ""
        yield " · ".join(f"`{member.value}`" for member in members)
    yield ""
    yield "As JSON Schema: `egresscost schema frame`, or [schema/frame.json](schema/frame.json)."


def http() -> Iterator[str]:
    """The columns of HTTP evidence."""
    yield "# HTTP evidence"
    yield ""
    yield f"`egresscost export --table http` writes these {len(HTTP_COLUMNS)} columns, in this order: what [access logs](../guides/access-logs.md) say was"
    yield "served. A row is a group of records. It has no money: bytes of access logs are evidence beside a bill, and are never added to it."
    groups: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for column in HTTP_COLUMNS:
        kind = f"[{column.members.__name__}](#{column.members.__name__.lower()})" if column.members else column.kind
        missing = "may be missing" if column.nullable else ""
        unit = column.unit and f", in {column.unit}"
        groups[column.group].append((f"`{column.name}`", f"{kind}{unit}", missing, column.meaning))
    for group, rows in groups.items():
        yield ""
        yield f"## {group[0].upper()}{group[1:]}"
        yield ""
        yield from _table(("column", "type", "", "says"), rows)
    yield ""
    yield "## Categories"
    for members in dict.fromkeys(column.members for column in HTTP_COLUMNS if column.members):
        yield ""
        yield f"### {members.__name__}"
        yield ""
        yield inspect.cleandoc(members.__doc__ or "")
        yield ""
        yield " · ".join(f"`{member.value}`" for member in members)


def advice_ideas() -> Iterator[str]:
    """What advice looks for: every idea with its evidence, what it takes to be so and where that was read."""
    ideas = sorted(installed(), key=lambda each: (each.order, each.kind))
    yield "# Advice: every idea"
    yield ""
    yield f"`egresscost report` looks for {len(ideas)} kinds of change, in this order: what one has taken is gone before the next one looks. How savings are"
    yield "computed, and what the columns mean, is in the [guide](../guides/advice.md). `egresscost explain KIND` shows all that was found of one kind."
    yield ""
    yield from _table(
        ("kind", "what it is", "assumptions"),
        ((f"[`{each.kind}`](#{each.kind})", _says(each)[0], len(each.assumptions) or "") for each in ideas),
    )
    for each in ideas:
        yield ""
        yield from _idea(each)
    yield ""
    yield "## For all of them"
    yield ""
    yield from _table(_ASSUMED, map(_assumption, assumed.ALL))


_ASSUMED = ("assumption", "taken", "may be", "meaning", "source")


def _idea(idea: Idea) -> Iterator[str]:
    """One idea: its evidence, and how each cloud carries it out."""
    first, needs = _says(idea)
    yield f"## {idea.kind}"
    yield ""
    yield first
    yield ""
    yield f"Evidence: {needs}"
    for name, provider in sorted(registry.providers().items()):
        play = provider.plays().get(idea.kind)
        if play is not None:
            yield ""
            risk = _plain(play.risk)
            yield (
                f"On {provider.title} (`{name}`) the risk is: {risk}"
                if risk != "…"
                else f"On {provider.title} (`{name}`)."
            )
            if play.missing:
                missing = _plain(play.missing.replace("{where}", ""))
                yield f"Without the evidence it says: {missing}. To get it: {_plain(play.evidence_cost)}."
            yield f"Read in: {_plain(play.source)}."
    if idea.assumptions:
        yield ""
        yield from _table(_ASSUMED, map(_assumption, idea.assumptions))


def _plain(text: str) -> str:
    """A play's text without its places, which a report fills in."""
    return re.sub(r"\{\w+\}", "…", text).replace("<", "&lt;")


def _says(idea: Idea) -> tuple[str, str]:
    """What the module of an idea says of itself: its first sentence, and what goes in."""
    text = " ".join((inspect.getdoc(sys.modules[type(idea).__module__]) or "").split())
    first, _, rest = text.partition(" Goes in: ")
    return first, rest.partition(" Comes out: ")[0]


def _assumption(each: Assumption) -> tuple[str, ...]:
    bounds = [_number(value) for value in (each.low, each.high)]
    return f"`{each.name}`", f"{_number(each.value)} {each.unit}", " to ".join(bounds), each.meaning, each.source


def _number(value: Decimal | None) -> str:
    return "…" if value is None else money.plain(value) or ""


def _kind(kind: Kind) -> str:
    return {
        Kind.TIME: "time (UTC)",
        Kind.TEXT: "text",
        Kind.COUNT: "64-bit integer",
        Kind.DECIMAL: "exact decimal",
    }.get(kind, str(kind))


def json_documents() -> Iterator[str]:
    """What `--json` prints."""
    yield "# JSON documents"
    yield ""
    yield "Money and quantities are decimal *texts*, bytes whole numbers, times UTC in ISO 8601. `null` says that a value is not known;"
    yield "it is never 0. Within a major version (the number at the end of `schema`) keys are only added, never renamed or removed,"
    yield "and `compare` and `--baseline` go on reading older ones. The table for people is no interface."
    titles = {
        "report": ("report --json", document.REPORT_SCHEMA),
        "gate": ("gate --json", document.GATE_SCHEMA),
        "compare": ("compare --json", document.DIFFERENCE_SCHEMA),
        "explain": ("explain --json", document.EXPLANATION_SCHEMA),
        "conversation": ("explain END [OTHER] --json", document.CONVERSATION_SCHEMA),
        "simulate": ("simulate --json", document.SIMULATION_SCHEMA),
        "prices-quote": ("prices quote --json", prices.QUOTE_SCHEMA),
        "prices-list": ("prices list --json", prices.CARDS_SCHEMA),
        "prices-check": ("prices check --json", prices.CHECK_SCHEMA),
        "prices-diff": ("prices diff --json", prices.CARD_DIFFERENCE_SCHEMA),
    }
    for what, (call, name) in titles.items():
        schema: dict[str, Any] = SCHEMAS[what]()
        yield ""
        yield f"## {what}"
        yield ""
        yield f"`egresscost {call}`, schema `{name}`: `egresscost schema {what}`, or [schema/{what}.json](schema/{what}.json)."
        yield ""
        yield from _table(("key", "holds"), [(f"`{key}`", _holds(each)) for key, each in schema["properties"].items()])
        for title, each in schema["$defs"].items():
            yield ""
            yield f"**{title}**: " + " · ".join(f"`{key}` {_holds(inner)}" for key, inner in each["properties"].items())


def _holds(schema: dict[str, Any]) -> str:  # noqa: PLR0911  one answer a kind
    if "const" in schema:
        return f"`{schema['const']}`"
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "anyOf" in schema:
        return f"{_holds(schema['anyOf'][0])} or null"
    if "enum" in schema:
        return "one of " + ", ".join(f"`{each}`" for each in schema["enum"])
    if schema["type"] == "array":
        return f"list of {_holds(schema['items'])}"
    if schema["type"] == "object":
        inner = schema.get("additionalProperties")
        return (
            f"object of {_holds(inner)}"
            if isinstance(inner, dict)
            else "object with " + ", ".join(schema["properties"])
        )
    is_decimal = "pattern" in schema
    return (
        "decimal text"
        if is_decimal
        else {"date": "day", "date-time": "time"}.get(schema.get("format", ""), schema["type"])
    )


def aws_rules() -> Iterator[str]:
    """How AWS lines are placed."""
    yield "# How AWS lines are placed"
    yield ""
    yield "The first pattern that fits a usage type (with its product and operation) places the line; where a bill has no usage type, as in"
    yield "some FOCUS files, the first pattern that fits the description. `{R}` is a region's prefix, `{G}` a CloudFront geography. What says"
    yield "“Bytes” and is no transfer is `not_network`. What looks like transfer and fits nothing is `unknown`, and shown."
    entries = (*usage_types.grammar(), *usage_types.descriptions())
    yield from _rules(usage_types.rules(), [entry.placement for entry in entries])


def gcp_rules() -> Iterator[str]:
    """How Google Cloud lines are placed."""
    yield "# How Google Cloud lines are placed"
    yield ""
    yield f"{len(skus.wordings()):,} SKUs are known by their id, whatever their description is called by now and in whatever language: such a line is"
    yield "placed by the SKU's present English wording. A line with another id is placed by its own description. The first pattern that"
    yield "fits decides, whatever the letters' case, under any service. `src` and `dst` are places that the text names; the billed side is"
    yield "where the bill says. What looks like transfer and fits nothing is `unknown`, and shown."
    yield from _rules(skus.rules(), [entry.placement for entry in skus.descriptions()])


def azure_rules() -> Iterator[str]:
    """How Azure lines are placed."""
    yield "# How Azure lines are placed"
    yield ""
    yield f"A meter whose id is one of {len(meters.known_ids())} known ones is read in Microsoft's English words, whatever the language of its row; any other by its own. The"
    yield "first pattern that fits `category | subcategory | category - meter | product` places the line, whatever the case of its letters; where a"
    yield "FOCUS file has no meter, its description is all there is. What looks like transfer and fits nothing is `unknown`, and shown."
    yield from _rules(meters.rules(), [entry.placement for entry in meters.grammar()])


def _rules(in_words: Mapping[str, Rule], placements: Iterable[Placement]) -> Iterator[str]:
    written: dict[str, list[str]] = defaultdict(list)
    placed: dict[str, str] = {}
    for where in placements:
        placed.setdefault(
            where.rule, f"boundary `{where.boundary}`, direction `{where.direction}`, charge `{where.charge}`"
        )
    for rule in in_words.values():
        written[rule.id] += [text for text in (rule.pattern, rule.text_pattern) if text]
    for rule in in_words.values():
        yield ""
        yield f"## {rule.id}"
        yield ""
        yield f"**{rule.title[:1].upper()}{rule.title[1:]}**" + (f": {placed[rule.id]}." if rule.id in placed else ".")
        yield ""
        yield rule.why
        for text in written[rule.id]:
            yield ""
            yield "```text"
            yield from text.split(" | ")
            yield "```"
        if rule.source:
            yield ""
            yield f"Source: {rule.source}"


ROLES = {
    "vantage": ("priced here", "the account of the near end"),
    "step": ("priced here, up to the next hop", "the account of the near end"),
    "charge": ("the device's charge only", "the account of the near end, else of the device"),
    "evidence": ("evidence, priced elsewhere", "nobody here"),
}
"""What a rule's role means for a record, and who pays for it."""
ASKED = {
    "at": "what recorded: `machine`, `managed` (a database and the like), `nat`, `transit`, `log` (a transit gateway's own), `endpoint`, `appliance`, `balancer`",
    "side": "of a NAT gateway: towards its network (`inner`) or towards the outside (`outer`)",
    "family": "IPv4 or IPv6",
    "direction": "from the near end: `out`, `in`, `unknown`",
    "far": "what the other end is: `own`, `own_public` (by a public address), `private` (of nobody known), `machine`, `service`, `cdn`, `accelerator` (the provider's own), `endpoint`, `outside`, `reserved`, `undirected`",
    "relation": "how both ends stand to each other: `same_zone`, `other_zone`, `same_region`, `other_region`, `other_partition`, `anywhere`, `unknown`",
    "network": "whether both ends are in one VPC: `same`, `other`, `unknown`",
    "hop": "the next hop on the way: `local`, `internet_gateway`, `nat`, `transit`, `peering` and so on",
    "kind": "the kind of a balancer that recorded, else of the hop",
    "facing": "whether a balancer faces its clients",
    "step": "how the next hop stands to the near end",
    "covered": "whether the device on the way keeps a log that has the same bytes",
    "echoed": "whether the other end's record has the same bytes",
    "forwarded": "whether the machine only passes packets on",
    "path": "the path, for charges",
}
"""What the rules of flow logs ask, in words."""


def flow_rules() -> Iterator[str]:
    """How flow records are placed."""
    yield "# How flow records are placed"
    yield ""
    yield "Each record of a flow log is asked about both of its ends and its way. The first rule that fits decides whether it is priced, at which"
    yield "boundary, and how sure that is; [which record is priced](../concepts/vantage.md) says why. Afterwards the first charge that fits is laid on"
    yield "the same bytes. The id of the rule stands in the column `rule` of the frame."
    yield ""
    yield from _table(("what is asked", "means"), [(f"`{name}`", meaning) for name, meaning in ASKED.items()])
    for provider in registry.providers().values():
        if provider.network is not None:
            yield ""
            yield f"## {provider.title}"
            yield from _rules_of(provider.network())


def _rules_of(network: Network) -> Iterator[str]:
    """The rules of a provider in their order, then its charges."""
    rows: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for rule in network.rules:
        does, pays = ROLES[rule.role]
        boundary = f"`{rule.boundary}`" if rule.boundary else "by `relation`"
        rows[rule.rule].append((_asked(rule.when), does, boundary, pays, rule.confidence.value))
    for charge in network.charges:
        device = {"at": "what recorded", "hop": "the next hop"}.get(charge.device, f"the {charge.device}")
        way = "both ways" if charge.way == "both" else f"{charge.way} only"
        rows[charge.rule].append(
            (
                _asked(charge.when),
                f"charge of {device}, {way}",
                "as of the bytes",
                ROLES["charge"][1],
                "as of the bytes",
            )
        )
    for name, entries in rows.items():
        in_words = network.words[name]
        yield ""
        yield f"### {name}"
        yield ""
        yield f"**{in_words.title[:1].upper()}{in_words.title[1:]}.** {in_words.why}"
        yield ""
        yield from _table(("when", "the record is", "boundary", "who pays", "confidence"), entries)
        yield ""
        yield f"Source: {in_words.source}"


def _asked(when: Mapping[str, frozenset[str]]) -> str:
    """What a rule asks for, or that it fits whatever is left."""
    return "; ".join(f"{name}: {' or '.join(sorted(values))}" for name, values in when.items()) or "nothing else fits"


def rate_cards() -> Iterator[str]:
    """What the rate cards cover."""
    yield "# Rate cards: what they cover"
    yield ""
    yield "Public list prices before tax and discounts, as rows of `pricing/`; its README says what each column means. Your own bill wins: egresscost"
    yield "shows these beside it, and never instead of it. An empty cell: no card, so a transfer of that kind has no price there and is said to"
    yield "have none. *(inferred)*: never observed; the row says how it was got."
    for provider in cards.providers():
        found = cards.ladders(provider)
        rates = [rate for each in found for rate in each.rates]
        counts = Counter(rate.basis for rate in rates)
        yield ""
        yield f"## {provider}"
        yield ""
        summed = ", ".join(f"{count:,} {basis}" for basis, count in sorted(counts.items()))
        yield f"{len(rates):,} rates ({summed}); the newest source is of {cards.newest(provider)}."
        kinds = sorted({_charge(each.keys) for each in found})
        table: dict[str, dict[str, list[cards.Ladder]]] = defaultdict(lambda: defaultdict(list))
        for each in found:
            table[each.keys["from"] or "any"][_charge(each.keys)].append(each)
        yield ""
        rows = [(start, *(_cell(table[start][kind]) for kind in kinds)) for start in sorted(table)]
        yield from _table(("from", *kinds), rows)
        yield from _unknown(provider, found)
        yield from _groups(found)
        yield ""
        yield f"### Sources of {provider}"
        yield ""
        sources = sorted(
            {source.id: source for rate in rates for source in (rate.source, *rate.confirmed_by)}.values(),
            key=lambda each: each.id,
        )
        yield from _table(("id", "kind", "date", "title"), [(f"`{s.id}`", s.kind, s.date, s.title) for s in sources])


def _unknown(provider: str, found: Sequence[cards.Ladder]) -> Iterator[str]:
    """What the cards of a cloud lack, and say that they lack."""
    lacking = [each for each in gaps(found, provider, date.max) if each.missing]
    yield ""
    yield f"### Gaps of {provider}"
    yield ""
    yield "Regions that have no rate, by kind of charge:"
    yield ""
    yield from _table(
        ("charge", "boundary", "via", "network tier", "unit", "known", "missing"),
        [(g.charge, g.boundary, g.via, g.network_tier, g.unit, g.known, ", ".join(g.missing)) for g in lacking],
    )
    apart = [each for each in found if not each.rates]
    ends = [each for each in found if each.rates and each.rates[-1].end is not None]
    yield ""
    yield "Without a price, and why; and ladders whose upper tiers are not known:"
    yield ""
    yield from _table(
        ("rate", "priced up to", "why"),
        [
            *((_code(each.id), "", each.note) for each in apart),
            *((_code(each.id), f"{each.rates[-1].end:,} {each.keys['unit']}", "") for each in ends),
        ],
    )


def _groups(found: Sequence[cards.Ladder]) -> Iterator[str]:
    """The groups of places that rates are for."""
    groups = {each.keys[name]: group for each in found for name, group in each.members.items()}
    if not groups:
        return
    yield ""
    yield "### Groups of places"
    yield ""
    yield "*(doubtful)*: sources do not agree, or only one says so; a rate that holds by it is of low confidence."
    yield ""
    yield from _table(
        ("group", "places"), [(name, ", ".join(map(_member, groups[name].values()))) for name in sorted(groups)]
    )


def _member(each: Member) -> str:
    return each.place + (" *(doubtful)*" if each.confidence == "low" else "")


def _charge(keys: Any) -> str:  # noqa: ANN401  a mapping of texts
    charge, boundary = keys["charge"], keys["boundary"]
    return boundary if charge == words.Charge.TRANSFER else charge


def _cell(found: Sequence[cards.Ladder]) -> str:
    if not found:
        return ""
    mark = " *(inferred)*" if all(each.is_inferred for each in found) else ""
    return f"{len(found)}{mark}"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(str(cell or "").replace("|", "\\|").replace("\n", " ") for cell in row) + " |"


if __name__ == "__main__":
    sys.exit(main())
