"""The billing export and a sink in BigQuery: what comes by a query is what an extract has.

The emulator takes no part in cost guards: a dry run says 0 bytes, and a limit is not looked at (tests/providers/gcp/api has those).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery as bq
from providers.gcp.api.server import served, storage
from providers.gcp.entries import entry, lines
from providers.gcp.exports import BILL, json_lines

import egresscost
from egresscost.frame import C
from egresscost.periods import Window
from egresscost.providers.gcp.api import GcpLive
from egresscost.sources.live import Ask, Errand, LiveSource, What

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

NUMBERS = count()
TABLE = "gcp_billing_export_v1_01AAAA_BBBBBB_CCCCCC"
FLOWS = "compute_googleapis_com_vpc_flows"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
SAID = ("SRC web ripe 5000000 5000", "SRC web db 3000000 3000", "SRC db eu 700000 700", "DEST web api 900 9")


def field(name: str, kind: str = "STRING", *inside: bq.SchemaField, repeated: bool = False) -> bq.SchemaField:
    return bq.SchemaField(name, kind, "REPEATED" if repeated else "NULLABLE", fields=inside)


def texts(*names: str) -> list[bq.SchemaField]:
    return [field(name) for name in names]


LABELS = texts("key", "value")
SCHEMA = [
    field("billing_account_id"),
    field("service", "RECORD", *texts("id", "description")),
    field("sku", "RECORD", *texts("id", "description")),
    field("usage_start_time", "TIMESTAMP"),
    field("usage_end_time", "TIMESTAMP"),
    field("project", "RECORD", *texts("id", "name"), field("labels", "RECORD", *LABELS, repeated=True)),
    field("labels", "RECORD", *LABELS, repeated=True),
    field("location", "RECORD", *texts("location", "country", "region", "zone")),
    field("export_time", "TIMESTAMP"),
    field("cost", "FLOAT"),
    field("currency"),
    field("currency_conversion_rate", "FLOAT"),
    field(
        "usage",
        "RECORD",
        *(field("amount", "FLOAT"), field("unit"), field("amount_in_pricing_units", "FLOAT"), field("pricing_unit")),
    ),
    field(
        "credits",
        "RECORD",
        *(field("name"), field("amount", "FLOAT"), *texts("full_name", "id", "type")),
        repeated=True,
    ),
    field("invoice", "RECORD", field("month")),
    field("cost_type"),
    field("cost_at_list", "NUMERIC"),
]
"""The export's, as Google's documentation of it has it, without what no reader here knows."""


def end(side: str) -> list[bq.SchemaField]:
    vpc = texts("project_id", "vpc_name", "subnetwork_name", "subnetwork_region")
    return [
        field(f"{side}_instance", "RECORD", *texts("project_id", "region", "zone", "vm_name")),
        field(f"{side}_vpc", "RECORD", *vpc),
        field(f"{side}_location", "RECORD", field("asn", "FLOAT"), *texts("city", "continent", "country")),
        field(f"{side}_google_service", "RECORD", *texts("type", "service_name", "connectivity")),
    ]


PAYLOAD = field(
    "jsonPayload",
    "RECORD",
    field(
        "connection",
        "RECORD",
        *(
            field("src_ip"),
            field("src_port", "FLOAT"),
            field("dest_ip"),
            field("dest_port", "FLOAT"),
            field("protocol", "FLOAT"),
        ),
    ),
    *texts("reporter", "bytes_sent", "packets_sent", "start_time", "end_time"),
    *end("src"),
    *end("dest"),
)
SINK = [
    *(field("logName"), field("timestamp", "TIMESTAMP"), field("insertId"), PAYLOAD),
    field(
        "resource",
        "RECORD",
        field("type"),
        field("labels", "RECORD", *texts("project_id", "location", "subnetwork_name")),
    ),
]
"""A sink's table: numbers have become FLOAT or stayed texts."""


@pytest.fixture
def dataset(bigquery: str) -> tuple[bq.Client, str]:
    """A client, and a project of its own with the dataset `data`."""
    project = f"shop-{next(NUMBERS)}"
    client = bq.Client(
        project=project, credentials=AnonymousCredentials(), client_options=ClientOptions(api_endpoint=bigquery)
    )
    client.create_dataset("data")
    return client, project


def filled(
    dataset: tuple[bq.Client, str],
    name: str,
    schema: Sequence[bq.SchemaField],
    rows: Sequence[Mapping[str, Any]],
    cut: str,
) -> None:
    """A table that is cut by day, with rows."""
    client, project = dataset
    table = bq.Table(f"{project}.data.{name}", schema=schema)
    table.time_partitioning = bq.TimePartitioning(field=cut or None)
    client.create_table(table)
    assert client.insert_rows_json(f"{project}.data.{name}", rows) == []


def billed(dataset: tuple[bq.Client, str]) -> None:
    filled(dataset, TABLE, SCHEMA, [{**each, "cost_at_list": str(each["cost_at_list"])} for each in BILL], "")


def written(source: LiveSource, folder: Path, what: What, window: Window) -> Path:
    for step in GcpLive().plan(source, Ask(window, window, frozenset({what}), NOW)):
        assert isinstance(step, Errand), step
        path = folder / step.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            step.fetch(file)
    return folder


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Equal but for where the rows came from, in whatever order."""
    both = []
    for frame in (one, other):
        plain = frame.drop(columns=C.ORIGIN)
        both.append(sorted(str(row) for row in plain.itertuples(index=False)))
    assert both[0] == both[1]
    assert both[0]


def test_a_bill_by_query_is_the_bill_of_an_extract(
    bigquery: str, dataset: tuple[bq.Client, str], tmp_path: Path
) -> None:
    billed(dataset)
    source = LiveSource("home", "gcp", project=dataset[1], endpoints={"bigquery": bigquery})
    live = written(source, tmp_path / "live", What.BILL, Window(date(2026, 9, 1), date(2026, 11, 1)))
    json_lines(tmp_path / "bill-000000000000.json", BILL)
    report, extract = egresscost.analyze(live), egresscost.analyze(tmp_path / "bill-000000000000.json")
    same(report.bill, extract.bill)
    (read,) = report.sources
    assert (read.files, read.rows) == (2, len(BILL))


def test_a_sink_by_query_is_the_sink_in_a_bucket(bigquery: str, dataset: tuple[bq.Client, str], tmp_path: Path) -> None:
    entries = [entry(each, start=f"2026-10-07T1{number}:00:00Z") for number, each in enumerate(SAID)]
    filled(dataset, FLOWS, SINK, [{**each, "resource": {**each["resource"]}} for each in entries], "timestamp")
    flows = (f"bigquery:{dataset[1]}.data",)
    source = LiveSource("home", "gcp", project=dataset[1], flows=flows, endpoints={"bigquery": bigquery})
    live = written(source, tmp_path / "live", What.FLOWS, Window(date(2026, 10, 7), date(2026, 10, 8)))
    (tmp_path / "hand.json").write_text(lines(*entries))
    same(egresscost.analyze(live).bill, egresscost.analyze(tmp_path / "hand.json").bill)


def settings(folder: Path, project: str, **endpoints: str) -> None:
    lines_ = [f'{name} = "{url}"' for name, url in endpoints.items()]
    (folder / "egresscost.toml").write_text(
        "\n".join(
            [
                *("[cache]", 'folder = "kept"', "[sources.shop]", 'provider = "gcp"', f'project = "{project}"'),
                *('flows = ["none"]', "inventory = false", "[sources.shop.endpoints]", *lines_),
            ]
        ),
        encoding="utf-8",
    )


def test_the_installed_command_reports_a_month_of_the_project(
    bigquery: str,
    dataset: tuple[bq.Client, str],
    tmp_path: Path,
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    billed(dataset)
    settings(tmp_path, dataset[1], bigquery=bigquery)
    done = run("report", "--since", "2026-10", "--format", "csv")
    assert done.returncode == 0, done.stderr
    json_lines(tmp_path / "bill-000000000000.json", BILL)
    saved = run("report", "--input", "bill-000000000000.json", "--since", "2026-10", "--format", "csv")
    assert saved.returncode == 0, saved.stderr
    assert done.stdout == saved.stdout


def test_doctor_finds_the_bill_and_says_what_nobody_answers(
    bigquery: str,
    dataset: tuple[bq.Client, str],
    tmp_path: Path,
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    billed(dataset)
    with served(storage([])) as nobody:
        settings(tmp_path, dataset[1], bigquery=bigquery, resourcemanager=nobody.url)
        done = run("doctor", "--provider", "gcp")
    assert f"{dataset[1]}.data.{TABLE}" in done.stdout, done.stderr
    assert f"permissions in {dataset[1]}" in done.stdout
    assert "Traceback" not in done.stderr
