"""The billing export in BigQuery: which tables hold it, and what to ask them.

Goes in: what a source says of its bill. Comes out: one errand for each table and month of usage. Never: a row of cost left out, or
counted by two tables of one billing account.

Asked for are all rows of the days, whether network or not, so that the totals are the bill's; of their columns only those that the
reader of this layout knows, and of the partitions those from the first day on. Late and corrected usage comes in rows of later
partitions, so there is no last one.

Sources: Cloud Billing documentation, export to BigQuery, for the tables and their names; public queries over such tables for
`_PARTITIONTIME`. What a table is cut by, its own metadata says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import SourceError, UsageError
from egresscost.periods import Window, month_of, months_of
from egresscost.providers.gcp.api.queries import Rows, Warehouse, fee
from egresscost.providers.gcp.billing_export import COLUMNS
from egresscost.sources.live import AUTO, NONE, Errand, Missed, TransientError, What

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import date

    from egresscost.providers.gcp.api.cloud import Cloud
    from egresscost.providers.gcp.api.queries import Table
    from egresscost.sources.live import Ask

WORD: Final = "bigquery:"
_EXPORT: Final = re.compile(r"gcp_billing_export_(resource_)?v1_(\w+)")
_DETAILED: Final = "gcp_billing_export_resource_v1_"
_STEP: Final = timedelta(hours=6)
"""How long the answer for a month counts that still changes; exports come several times a day."""
_WEEK: Final = timedelta(days=7)
_CLOSING: Final = timedelta(days=35)
"""After the end of a month: its invoice is out, and only corrections still come."""
SETUP: Final = "turn it on under Billing > Billing export > BigQuery export; it does not reach back to days before"


def plan(cloud: Cloud, ask: Ask) -> Iterator[Errand | Missed | str]:
    """What to fetch of the bill."""
    for named in cloud.source.bill:
        if named == NONE:
            continue
        if "://" in named:
            yield named
            continue
        try:
            yield from _of(named, cloud, ask)
        except (SourceError, TransientError) as error:
            yield _missed(named, error)


def _missed(name: str, error: SourceError | TransientError) -> Missed:
    if isinstance(error, SourceError):
        return Missed(What.BILL, name, error.message, error.hint or "")
    return Missed(What.BILL, name, str(error), "try again later")


def _of(named: str, cloud: Cloud, ask: Ask) -> Iterator[Errand | Missed]:
    warehouse = Warehouse(cloud)
    found: list[str] = []
    for place in places(named, cloud):
        try:
            found += exports(place, warehouse)
        except (SourceError, TransientError) as error:
            yield _missed(place, error)
    if not found and named == AUTO:
        yield Missed(What.BILL, cloud.project(), "no dataset holds a billing export", SETUP)
    elif not found:
        yield Missed(What.BILL, named, "no table of a billing export is there", SETUP)
    for name in found:
        try:
            yield from _errands(warehouse.table(name), warehouse, ask)
        except (SourceError, TransientError) as error:
            yield _missed(name, error)


def places(named: str, cloud: Cloud) -> Sequence[str]:
    """Projects, datasets and tables to look into.

    Raises:
        UsageError: The text names none.
    """
    if named == AUTO:
        return tuple(dict.fromkeys((cloud.project(), *cloud.projects())))
    text = named.removeprefix(WORD)
    if named.startswith(WORD) and text.count(".") in {1, 2} and all(text.split(".")):
        return (text,)
    message = f"{named!r} is no place of a bill of Google Cloud"
    raise UsageError(message, hint=f"write auto, none, gs://bucket/folder, or {WORD}project.dataset")


def exports(place: str, warehouse: Warehouse) -> list[str]:
    """Tables of billing exports in a project or dataset, or the table itself. Of one billing account the detailed one.

    Raises:
        SourceError: They cannot be listed.
    """
    depth = place.count(".")
    if depth > 1:
        return [place]
    found: dict[str, str] = {}
    for dataset in [place] if depth else warehouse.datasets(place):
        for table in warehouse.tables(dataset):
            if match := _EXPORT.fullmatch(table):
                found.setdefault(match[2], f"{dataset}.{table}")
                if match[1]:
                    found[match[2]] = f"{dataset}.{table}"
    return sorted(found.values())


def _errands(table: Table, warehouse: Warehouse, ask: Ask) -> Iterator[Errand]:
    """One for each month that is asked for."""
    tomorrow = ask.now.date() + timedelta(days=1)
    for first in months_of(ask.bill_window):
        month = month_of(first)
        days = Window(max(month.start, ask.bill_window.start), min(month.end, ask.bill_window.end, tomorrow))
        if days.days > 0:
            yield _errand(table, warehouse, days, ask.now)


def _errand(table: Table, warehouse: Warehouse, days: Window, now: datetime) -> Errand:
    sql = query(table, days)
    about = f"{table.name} {days}"
    scanned = warehouse.scanned(sql, about, table.location)
    is_closed = now - _midnight(days.end) > _CLOSING
    kind = "detailed" if table.name.rpartition(".")[2].startswith(_DETAILED) else "standard"
    return Errand(
        what=What.BILL,
        # Names of one folder that differ in a number only are one bill to the reader.
        name=f"{WORD}{table.name}/{kind}-{days.start:%Y%m}.parquet",
        path=f"bigquery/{table.name}/{kind}-{days.start:%Y%m}.parquet",
        key=f"bigquery {sql} {'closed' if is_closed else 'open'}",
        fetch=Rows(warehouse, sql, about, table.location, scanned).write,
        lasts=_WEEK if is_closed else _STEP,
        size=scanned,
        requests=3,
        fee=fee(scanned),
        away=True,
    )


def query(table: Table, days: Window) -> str:
    """The rows of some days of usage, in the columns that the reader knows."""
    wanted = ", ".join(selected(table.fields, COLUMNS))
    start, end = (f'TIMESTAMP "{day}"' for day in (days.start, days.end))
    where = [f"usage_start_time >= {start}", f"usage_start_time < {end}"]
    if table.partition not in {"", "usage_start_time"}:
        # Partitions may be of another time zone's days.
        where.append(f'{table.partition} >= TIMESTAMP "{days.start - timedelta(days=1)}"')
    return f"SELECT {wanted} FROM `{table.name}` WHERE {' AND '.join(where)}"  # noqa: S608  names from the table's own metadata


def selected(fields: Iterable[Any], wanted: Collection[str], within: str = "") -> Iterator[str]:
    """What to select so that the answer is nested as the table is, and has no more than what is wanted.

    Args:
        fields: Columns, or those inside one (`google.cloud.bigquery.SchemaField`).
        wanted: Names with `.` for what is nested; a name means all below it.
        within: The name of the column that they are inside of.
    """
    for each in fields:
        name = f"{within}{each.name}"
        if name in wanted:
            yield f"{name} AS {each.name}" if within else name
        elif each.mode != "REPEATED" and (inner := list(selected(each.fields, wanted, f"{name}."))):
            yield f"STRUCT({', '.join(inner)}) AS {each.name}"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
