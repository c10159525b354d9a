"""What every command does around its own work: settings under flags, reading with progress, writing in formats.

Goes in: groups of options. Comes out: requests for the pipeline, and written results. Never: formats.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from egresscost.cli import clouds, console
from egresscost.cli.console import Manner
from egresscost.cli.options import Group
from egresscost.errors import PartialSourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from decimal import Decimal

    from egresscost.cli.options import Data, General, Keys, Output, Savings, Seen, Select
    from egresscost.cli.prices_options import FlowRates
    from egresscost.flows import FlowOptions
    from egresscost.formats.bill import BillRead
    from egresscost.frame import View
    from egresscost.pipeline import Inputs, Request, Wish
    from egresscost.pricing.choice import Choice
    from egresscost.reporters import Look, Reporter
    from egresscost.results import Notice, Report
    from egresscost.settings import Loaded
    from egresscost.sources.live import LiveSource


def manner(general: General) -> Manner:
    """How to behave."""
    return Manner(general.quiet, general.verbose, "never" if general.no_color else general.color.value)


@dataclass(frozen=True)
class Call:
    """A command on its way: its settings and its manner."""

    loaded: Loaded
    manner: Manner

    @classmethod
    def begin(cls, general: General) -> Call:
        """Read the settings."""
        from egresscost.settings import load  # noqa: PLC0415

        return cls(load(general.config), manner(general))

    def request(
        self,
        data: Data,
        select: Select,
        group: Keys | None = None,
        *,
        rates: FlowRates | None = None,
        savings: Savings | None = None,
        seen: Seen | None = None,
    ) -> Request:
        """What the pipeline is asked for: flags over settings.

        Raises:
            UsageError: Nothing says what to read.
        """
        from egresscost.formats.reading import Options  # noqa: PLC0415
        from egresscost.periods import parse_window  # noqa: PLC0415
        from egresscost.pipeline import Request, Wish, today  # noqa: PLC0415
        from egresscost.results import Selection  # noqa: PLC0415
        from egresscost.sources.limits import Limits  # noqa: PLC0415

        settings = self.loaded.settings
        selection = Selection(
            window=parse_window(select.since, select.until, today()),
            filters=select.filters,
            group_by=(group.keys if group else ()) or settings.report.group_by,
            sort=(group.sort if isinstance(group, Group) else None) or settings.report.sort,
            top=group.top if group else None,
            cost=select.cost or settings.report.cost,
            relative_to=self._view(seen),
        )
        options = Options(
            on_bad_row=data.on_bad_row or settings.input.on_bad_row,
            same_period=data.same_period or settings.input.same_period,
            input_format=data.input_format or settings.input.format,
            limits=Limits(settings.limits.size, settings.limits.ratio),
        )
        sources = clouds.sources(self.loaded, data, select)
        return Request(
            self.inputs(data, sources),
            selection,
            options,
            settings.accounts,
            settings.report.settling_days,
            self.flows(data, rates),
            self.wish(savings) if savings is not None else Wish(),
            clouds.fetching(self.loaded, data, sources, self.setting_path("cache", "folder")),
        )

    def wish(self, savings: Savings) -> Wish:
        """Whether to look for savings, and with which assumptions.

        Raises:
            UsageError: An assumption is no `NAME=NUMBER`.
        """
        from egresscost.pipeline import Wish  # noqa: PLC0415

        settings = self.loaded.settings.advice
        given = dict(_assumption(text) for text in savings.assume or ())
        wanted = settings.enabled if savings.advice is None else savings.advice
        return Wish(wanted, {**settings.assume, **given})

    def _view(self, seen: Seen | None) -> View | None:
        """The boundary to look from, for commands that have one: the flag, else the setting."""
        from egresscost.frame import View  # noqa: PLC0415

        if seen is None:
            return None
        setting = self.loaded.settings.report.relative_to
        return seen.relative_to or (View(setting) if setting else None)

    def flows(self, data: Data, rates: FlowRates | None = None) -> FlowOptions:
        """How flow logs are read and priced.

        Raises:
            UsageError: The share of records kept is none.
        """
        from egresscost.flows import FlowOptions  # noqa: PLC0415
        from egresscost.flows.sampled import share  # noqa: PLC0415

        settings = self.loaded.settings
        return FlowOptions(
            fields=data.flow_fields or settings.flows.fields,
            sampling=share(data.flow_sampling or settings.flows.sampling),
            inventory=tuple(data.inventory or self._at_home("flows.inventory", settings.flows.inventory)),
            addresses=tuple(self.address_files()),
            prices=self.prices(rates),
        )

    def prices(self, rates: FlowRates | None) -> Choice:
        """Which rates flow logs are priced by: flags over settings.

        Raises:
            UsageError: Two files of own rates are named, or a tier start is no number.
        """
        from egresscost.pricing.choice import Choice, named, starts  # noqa: PLC0415
        from egresscost.pricing.pools import Assumptions  # noqa: PLC0415

        settings = self.loaded.settings.prices
        found = named(rates.prices if rates else None)
        overlay = one_overlay(found.overlay, rates.overlay if rates else None)
        whole, pools = starts((rates.tier_start if rates else None) or settings.tier_start)
        return Choice(
            cards=found.cards,
            overlay=overlay or self.setting_path("prices", "overlay") or "",
            by_bill=((rates.rates if rates else None) or settings.rates) == "bill",
            assumed=Assumptions(day=found.day, tier_start=whole, pool_starts=pools),
        )

    def inputs(self, data: Data, sources: Sequence[LiveSource] = ()) -> list[str]:
        """What to read: the flags, else the settings, whose paths are relative to their file; nothing where clouds are asked.

        Raises:
            UsageError: Neither says it.
        """
        if data.input:
            return data.input
        paths = self.loaded.settings.input.paths
        if not paths and not sources:
            message = "nothing says what to read"
            hint = "name files or folders: --input cur/    or ask a cloud: --provider aws    or put either into egresscost.toml (egresscost init). To just look: egresscost demo"
            raise UsageError(message, hint=hint)
        return self._at_home("input.paths", paths)

    def address_files(self) -> list[str]:
        """The user's own lists of address ranges."""
        return self._at_home("addresses.files", self.loaded.settings.addresses.files)

    def _at_home(self, key: str, paths: Sequence[str]) -> list[str]:
        """Paths in the settings, relative to their file."""
        home = self._home(key)
        as_they_are = ("-", *(path for path in paths if clouds.is_address(path)))
        return [path if path in as_they_are or Path(path).is_absolute() else str(home / path) for path in paths]

    def _home(self, key: str) -> Path:
        """The folder that a path in the settings is relative to."""
        origin = self.loaded.origins.get(key, "")
        file = origin.rpartition(":")[0] or origin
        return Path() if origin.startswith("$") or not file else Path(file).parent

    def setting_path(self, section: str, key: str) -> str | None:
        """A path from the settings, None when there is none."""
        text = getattr(getattr(self.loaded.settings, section), key)
        return str(self._home(f"{section}.{key}") / text) if text else None

    def read(self, request: Request) -> BillRead:
        """Read with progress."""
        from egresscost import pipeline  # noqa: PLC0415

        with console.Progress(self.manner) as progress:
            return pipeline.read(request, progress, console.Fetching(self.manner))

    def read_all(self, request: Request) -> Inputs:
        """Read bills and flow logs with progress."""
        from egresscost import pipeline  # noqa: PLC0415

        with console.Progress(self.manner) as progress:
            return pipeline.read_all(request, progress, console.Fetching(self.manner))

    def report(self, request: Request, *, strict: bool) -> Report:
        """Read and sum up.

        Raises:
            PartialSourceError: With `strict`, when a source was read in part only.
        """
        return self.summed(self.read_all(request), request, strict=strict)

    def summed(self, inputs: Inputs, request: Request, *, strict: bool) -> Report:
        """Sum up what was read.

        Raises:
            PartialSourceError: With `strict`, when a source was read in part only.
        """
        from egresscost import pipeline  # noqa: PLC0415

        report = pipeline.report(inputs, request)
        self.check_whole(report.notices, strict=strict)
        return report

    @staticmethod
    def check_whole(notices: Iterable[Notice], *, strict: bool) -> None:
        """Make sure that nothing is missing.

        Raises:
            PartialSourceError: With `strict`, when a source was read in part only.
        """
        missing = [notice.message for notice in notices if notice.partial]
        if strict and missing:
            message = "a source could only be read in part, and --strict was given"
            raise PartialSourceError(
                message, details=missing, hint="without --strict the report says what is missing and goes on"
            )

    def look(self, group: Keys | None = None) -> Look:
        """How the result shall look on stdout."""
        return console.look(self.manner, (group.top if group else None) or self.loaded.settings.report.top)


def one_overlay(named: str, overlay: str | None) -> str | None:
    """The one file of own rates that `--prices` or `--overlay` names.

    Raises:
        UsageError: Each of them names one.
    """
    if named and overlay:
        message = f"--prices {named} and --overlay {overlay} both name own rates"
        raise UsageError(message, hint="name one file, with --overlay")
    return named or overlay


def _assumption(text: str) -> tuple[str, Decimal]:
    """A name and its value.

    Raises:
        UsageError: It is none.
    """
    from decimal import Decimal, InvalidOperation  # noqa: PLC0415

    name, _, number = text.partition("=")
    try:
        value = Decimal(number.strip().removesuffix("%")) / (100 if number.strip().endswith("%") else 1)
    except InvalidOperation:
        value = Decimal("NaN")
    if not name.strip() or not value.is_finite():
        message = f"--assume {text!r} is no NAME=NUMBER"
        raise UsageError(message, hint="--assume hit_ratio=0.7")
    return name.strip(), value


def write_report(report: Report, output: Output, look: Look, how: Manner) -> None:
    """The report on stdout, or in every file that was named, each in the format of its ending.

    Raises:
        UsageError: A format does not exist, or an ending chooses none.
    """
    from dataclasses import replace  # noqa: PLC0415

    formats = reporters()
    plain = replace(look, width=None, color=False, unicode=True)
    named = chosen_format(output)
    if not output.output:
        console.emit(_pick(formats, named or "table").render(report, look))
        return
    for path in output.output:
        name = (
            named
            if named and len(output.output) == 1
            else by_suffix(path, {key: each.suffixes for key, each in formats.items()})
        )
        console.save(path, formats[name].render(report, plain), how)


def chosen_format(output: Output) -> str | None:
    """The format that `--format` or `--json` names.

    Raises:
        UsageError: They disagree.
    """
    if output.json and output.format not in {None, "json"}:
        message = f"--json and --format {output.format} do not go together"
        raise UsageError(message)
    return "json" if output.json else output.format


def by_suffix(path: str, suffixes: Mapping[str, tuple[str, ...]]) -> str:
    """The format that a file's ending chooses.

    Raises:
        UsageError: It chooses none.
    """
    for name, endings in suffixes.items():
        if path.lower().endswith(endings):
            return name
    message = f"the ending of {path} chooses no format"
    known = ", ".join(f"{ending} ({name})" for name, endings in suffixes.items() for ending in endings)
    raise UsageError(message, details=[f"known: {known}"], hint="or name it: --format NAME")


def reporters() -> dict[str, Reporter]:
    """Every format of the report that imports, by name."""
    from egresscost.sources import registry  # noqa: PLC0415

    found: dict[str, Reporter] = {}
    for name in registry.names(registry.REPORTERS):
        if name not in registry.broken(registry.REPORTERS):
            reporter: Reporter = registry.load(registry.REPORTERS, name)  # type: ignore[assignment]
            found[name] = reporter
    return found


def _pick(formats: dict[str, Reporter], name: str) -> Reporter:
    if name not in formats:
        message = f"there is no format {name!r}"
        raise UsageError(
            message, details=[f"known: {', '.join(formats)}"], hint="`egresscost help formats` explains each"
        )
    return formats[name]


def write_other(
    render: Callable[[str, Look], bytes],
    formats: Mapping[str, tuple[str, ...]],
    output: Output,
    look: Look,
    *,
    how: Manner,
    default: str = "table",
) -> None:
    """Write what is no report in the asked-for formats.

    Args:
        render: Makes the content of a format.
        formats: The formats there are, and the file endings that choose them.
        output: What was asked for.
        look: How it shall look on stdout.
        how: For what is said on stderr.
        default: The format on stdout when none is named.

    Raises:
        UsageError: A format does not exist, or an ending chooses none.
    """
    from dataclasses import replace  # noqa: PLC0415

    named = chosen_format(output)
    if named is not None and named not in formats:
        message = f"there is no format {named!r} here"
        raise UsageError(
            message, details=[f"known: {', '.join(formats)}"], hint="`egresscost help formats` explains each"
        )
    for path in output.output or ():
        alone = named is not None and formats[named] and len(output.output or ()) == 1
        name = named if named is not None and alone else by_suffix(path, formats)
        console.save(path, render(name, replace(look, width=None, color=False, unicode=True)), how)
    if not output.output or (named is not None and not formats[named]):
        console.emit(render(named or default, look))
