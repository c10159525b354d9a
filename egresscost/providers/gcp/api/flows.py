"""Where flow logs go, and what of them to fetch.

Goes in: what a source says of its flow logs. Comes out: addresses of objects, day by day, and errands for BigQuery and Cloud Logging.
Never: the same log by two ways, so that its bytes would count twice.

`auto` follows each project's own sinks: one to a bucket is read before one to BigQuery, and Cloud Logging itself where no sink takes
flow logs along.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from egresscost.errors import SourceError, UsageError
from egresscost.providers.gcp.api import entries
from egresscost.providers.gcp.api.bill import WORD, selected
from egresscost.providers.gcp.api.folders import folders
from egresscost.providers.gcp.api.queries import Rows, Table, Warehouse, fee
from egresscost.providers.gcp.api.rest import Rest
from egresscost.providers.gcp.flow_records import ENTRY
from egresscost.sources.live import AUTO, NONE, Errand, Missed, TransientError, What

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    import polars as pl

    from egresscost.periods import Window
    from egresscost.providers.gcp.api.cloud import Cloud
    from egresscost.sources.live import Ask

LOGGING: Final = "logging:projects/"
SINKS: Final = "logging.sinks.list"
_BUCKET: Final = "storage.googleapis.com/"
_DATASET: Final = "bigquery.googleapis.com/"
_TABLES: Final = tuple(each.replace(".", "_").replace("/", "_") for each in entries.LOGS)
"""What a sink calls its tables in BigQuery; tables of one day end in `_YYYYMMDD`."""
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_TURN_ON: Final = (
    "turn them on: gcloud compute networks subnets update SUBNET --region REGION --enable-flow-logs; where a sink of a folder "
    'or organization takes them, name its place: flows = ["gs://BUCKET"]'
)


@dataclass(frozen=True)
class Sink:
    """A way that flow logs go.

    Attributes:
        name: The sink's own.
        setting: What to write into the source's `flows` to read it.
    """

    name: str
    setting: str


def plan(cloud: Cloud, ask: Ask) -> Iterator[Errand | Missed | str]:
    """What to fetch of the flow logs."""
    for named in cloud.source.flows:
        if named == NONE:
            continue
        if named == AUTO:
            for project in cloud.projects(ask.accounts):
                yield from _guarded(project, _found(project, cloud, ask))
        else:
            yield from _guarded(named, _of(named, cloud, ask))


def _guarded(name: str, steps: Iterator[Errand | Missed | str]) -> Iterator[Errand | Missed | str]:
    """The same; what fails is missing by name."""
    try:
        yield from steps
    except SourceError as error:
        yield Missed(What.FLOWS, name, error.message, error.hint or "")
    except TransientError as error:
        yield Missed(What.FLOWS, name, str(error), "try again later")


def _found(project: str, cloud: Cloud, ask: Ask) -> Iterator[Errand | Missed | str]:
    """What a project's own settings lead to."""
    try:
        known = sinks(project, cloud)
    except SourceError as error:
        yield Missed(What.FLOWS, f"sinks of {project}", error.message, error.hint or "")
        known = []
    if known:
        for other in known[1:]:
            reason = f"{known[0].name} is read, and both may hold the same flow logs"
            yield Missed(
                What.FLOWS, f"sink {other.name}", reason, f"name what shall be read: flows = [{other.setting!r}]"
            )
        yield from _of(known[0].setting, cloud, ask)
    elif entries.has_any(project, cloud, ask.window):
        yield from entries.errands(project, cloud, ask.window, ask.now)
    else:
        reason = f"no sink of its own takes flow logs along, and Cloud Logging has none of {ask.window}"
        yield Missed(What.FLOWS, project, reason, _TURN_ON)


def sinks(project: str, cloud: Cloud) -> list[Sink]:
    """Sinks that take flow logs along, buckets first.

    Raises:
        SourceError: They cannot be listed.
    """
    found: list[Sink] = []
    rest = Rest(cloud, "logging")
    path, about = f"v2/projects/{project}/sinks", f"sinks of {project}"
    for page in rest.pages("GET", path, about=about, permission=SINKS):
        for each in page.get("sinks", ()):
            setting = _setting(str(each.get("destination", "")))
            words = str(each.get("filter", ""))
            if setting and not each.get("disabled") and (not words or "flows" in words):
                found.append(Sink(str(each.get("name", "")), setting))
    return sorted(found, key=lambda sink: (not sink.setting.startswith("gs://"), sink.name))


def _setting(destination: str) -> str:
    """A sink's destination as a source names it; empty for what cannot be read.

    >>> _setting("storage.googleapis.com/logs"), _setting("bigquery.googleapis.com/projects/p/datasets/d")
    ('gs://logs', 'bigquery:p.d')
    """
    if destination.startswith(_BUCKET):
        return f"gs://{destination.removeprefix(_BUCKET)}"
    parts = destination.removeprefix(_DATASET).split("/")
    if destination.startswith(_DATASET) and parts[::2] == ["projects", "datasets"]:
        return f"{WORD}{parts[1]}.{parts[3]}"
    return ""


def _of(named: str, cloud: Cloud, ask: Ask) -> Iterator[Errand | Missed | str]:
    if named.startswith("gs://"):
        return _in_bucket(named, cloud, ask)
    if named.startswith(LOGGING) and named != LOGGING:
        return entries.errands(named.removeprefix(LOGGING), cloud, ask.window, ask.now)
    text = named.removeprefix(WORD)
    if named.startswith(WORD) and text.count(".") in {1, 2} and all(text.split(".")):
        return _queries(text, cloud, ask)
    message = f"{named!r} is no place of flow logs of Google Cloud"
    hint = f"write auto, none, gs://bucket/folder, {LOGGING}PROJECT, or {WORD}project.dataset"
    raise UsageError(message, hint=hint)


def _in_bucket(url: str, cloud: Cloud, ask: Ask) -> Iterator[Missed | str]:
    found = list(folders(url, cloud, ask.window))
    if not found:
        yield Missed(
            What.FLOWS, url, f"no folder of a day of {ask.window} is there", "does the sink still write to it?"
        )
    yield from found


def _queries(text: str, cloud: Cloud, ask: Ask) -> Iterator[Errand | Missed]:
    """The tables of a sink, or one table, day by day."""
    warehouse = Warehouse(cloud)
    if text.count(".") > 1:
        names = [text]
    else:
        names = [f"{text}.{each}" for each in sorted(warehouse.tables(text)) if _is_wanted(each, ask.window)]
    if not names:
        reason = f"no flow logs of {ask.window} are there"
        yield Missed(What.FLOWS, text, reason, f"tables of a sink begin with {', '.join(_TABLES)}")
    for name in names:
        table = warehouse.table(name)
        for number in range(ask.window.days):
            day = ask.window.start + number * _DAY
            if day <= ask.now.date() and _may_hold(name, day):
                yield _query(table, warehouse, day, ask.now)


def _is_wanted(table: str, window: Window) -> bool:
    """Whether it is a table of flow logs, and of these days where it is one of a day."""
    log = next((each for each in _TABLES if table == each or table.startswith(f"{each}_")), None)
    last = table[len(log) + 1 :] if log else ""
    return log is not None and (not last or f"{window.start:%Y%m%d}" <= last <= f"{window.end:%Y%m%d}")


def _may_hold(table: str, day: date) -> bool:
    """Whether a table may have entries of a day: one of a single day has that day's only."""
    last = table.rpartition("_")[2]
    return not (last.isdecimal() and len(last) == len("20261007")) or last == f"{day:%Y%m%d}"


def _query(table: Table, warehouse: Warehouse, day: date, now: datetime) -> Errand:
    columns = ", ".join(selected(table.fields, _wanted()))
    start, end = (f'TIMESTAMP "{each}"' for each in (day, day + _DAY))
    where = [f"timestamp >= {start}", f"timestamp < {end}"]
    if table.partition not in {"", "timestamp"}:
        where.append(f'{table.partition} >= TIMESTAMP "{day - _DAY}"')
    sql = f"SELECT {columns} FROM `{table.name}` WHERE {' AND '.join(where)}"  # noqa: S608  names from the table's own metadata
    about = f"{table.name} {day}"
    scanned = warehouse.scanned(sql, about, table.location)
    is_settled = now.date() - day > _DAY
    return Errand(
        what=What.FLOWS,
        name=f"{WORD}{table.name}/{day}",
        path=f"bigquery/{table.name}/{day}.parquet",
        key=f"bigquery {sql} {'settled' if is_settled else 'open'}",
        fetch=Rows(warehouse, sql, about, table.location, scanned).write,
        lasts=None if is_settled else _HOUR,
        size=scanned,
        requests=3,
        fee=fee(scanned),
        away=True,
    )


def _wanted() -> frozenset[str]:
    """Fields of an entry that mean something, nested ones with `.`; a list is taken whole."""
    return frozenset(_leaves(ENTRY, ""))


def _leaves(fields: Mapping[str, pl.DataType], within: str) -> Iterator[str]:
    for name, kind in fields.items():
        inner = getattr(kind, "fields", None)
        if inner is None:
            yield f"{within}{name}"
        else:
            yield from _leaves({each.name: each.dtype for each in inner}, f"{within}{name}.")
