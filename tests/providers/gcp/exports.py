"""Google Cloud billing exports that tests make up: rows as BigQuery nests them, written in every way that people get them."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

Row = dict[str, Any]
GIB = 2**30


def row(**changes: Any) -> Row:  # noqa: ANN401  any JSON value
    """A row of Premium Tier traffic, and what differs: a nested value is merged into the one that is there."""
    made: Row = {
        "billing_account_id": "01AAAA-BBBBBB-CCCCCC",
        "service": {"id": "6F81-5844-456A", "description": "Compute Engine"},
        "sku": {"id": "DFA5-B5C6-36D6", "description": "Network Internet Data Transfer Out from Americas to EMEA"},
        "usage_start_time": "2026-10-05 09:00:00+00:00",
        "usage_end_time": "2026-10-05 10:00:00+00:00",
        "project": {"id": "shop", "name": "Shop", "labels": [{"key": "team", "value": "web"}]},
        "labels": [{"key": "env", "value": "it's prod"}],
        "location": {"location": "us-central1", "country": "US", "region": "us-central1", "zone": None},
        "export_time": "2026-10-06 01:00:00+00:00",
        "cost": 1.2,
        "currency": "EUR",
        "currency_conversion_rate": 0.9,
        "usage": {
            "amount": 10.0 * GIB,
            "unit": "bytes",
            "amount_in_pricing_units": 9.999999999,
            "pricing_unit": "gibibyte",
        },
        "credits": [],
        "invoice": {"month": "202610"},
        "cost_type": "regular",
        "cost_at_list": 1.5,
    }
    for name, value in changes.items():
        made[name] = {**made[name], **value} if isinstance(value, dict) and isinstance(made.get(name), dict) else value
    return made


def credit(kind: str, amount: float) -> Row:
    """A credit of a type."""
    return {"name": f"{kind} of us", "amount": amount, "full_name": None, "id": kind.lower(), "type": kind}


NOWHERE: Row = {"location": None, "country": None, "region": None, "zone": None}
NOTHING: Row = {"amount": 0.0, "unit": "count", "amount_in_pricing_units": 0.0, "pricing_unit": "count"}
ZONES: Row = {"id": "DE9E-AFBC-A15A", "description": "Network Inter Zone Egress"}
BILL: Sequence[Row] = (
    row(credits=[credit("PROMOTION", -0.2), credit("DISCOUNT", -0.1)]),
    # The same usage restated later: a row of its own.
    row(cost=-0.5, cost_at_list=-0.6, cost_type="adjustment", export_time="2026-10-20 01:00:00+00:00"),
    # Two true rows that agree in everything.
    *[row(sku=ZONES, cost=0.01, cost_at_list=0.01, usage={"amount": 1.0 * GIB, "amount_in_pricing_units": 1.0})] * 2,
    row(
        sku={"id": "32E2-4EFC-EF9F", "description": "Networking Cloud Nat Gateway Uptime"},
        service={"id": "E505-1604-58F8", "description": "Networking"},
        cost=0.0336,
        cost_at_list=0.0336,
        usage={"amount": 86400.0, "unit": "seconds", "amount_in_pricing_units": 24.0, "pricing_unit": "hour"},
    ),
    # Used on the last day of September by UTC, on October's invoice.
    row(
        cost=0.3,
        cost_at_list=0.3,
        usage_start_time="2026-09-30 23:00:00+00:00",
        usage_end_time="2026-10-01 00:00:00+00:00",
        usage={"amount": 2.5 * GIB, "amount_in_pricing_units": 2.5},
    ),
    row(
        sku={"id": "CF4E-A0C7-E3BF", "description": "E2 Instance Core running in Americas"},
        cost=2.0,
        cost_at_list=2.5,
        usage={"amount": 3600.0, "unit": "seconds", "amount_in_pricing_units": 1.0, "pricing_unit": "hour"},
        credits=[credit("COMMITTED_USAGE_DISCOUNT", -0.6)],
    ),
    row(
        project=None,
        service={"id": "", "description": "Invoice"},
        sku={"id": "", "description": "Tax"},
        cost=0.19,
        cost_at_list=0.19,
        cost_type="tax",
        usage=NOTHING,
        location=NOWHERE,
        labels=[],
    ),
    row(
        project=None,
        service={"id": "", "description": "Invoice"},
        sku={"id": "", "description": "Rounding error"},
        cost=0.01,
        cost_at_list=0.01,
        cost_type="rounding_error",
        usage=NOTHING,
        location=NOWHERE,
        labels=[],
    ),
)
"""By hand: 1.2 - 0.5 + 2 x 0.01 + 0.0336 + 0.3 + 2.0 + 0.19 + 0.01 = 3.2536 before credits; credits -0.2 - 0.1 - 0.6 =
-0.9; net 2.3536; at list price 1.5 - 0.6 + 2 x 0.01 + 0.0336 + 0.3 + 2.5 + 0.19 + 0.01 = 3.9536."""


def flattened(nested: Mapping[str, Any], mark: str) -> Row:
    """A row with `service.id` (or another mark) for what is nested, as pandas makes it."""
    found: Row = {}
    for name, value in nested.items():
        inside = {"id": None, "name": None, "labels": None} if name == "project" and value is None else value
        if isinstance(inside, dict):
            found |= {f"{name}{mark}{key}": each for key, each in inside.items()}
        else:
            found[name] = inside
    return found


def _csv(path: Path, rows: Sequence[Row], mark: str) -> None:
    flat = [flattened(each, mark) for each in rows]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for each in flat for name in each)))
        writer.writeheader()
        writer.writerows(flat)


def dotted(path: Path, rows: Sequence[Row]) -> None:
    """What pandas writes of a flattened table: dotted names, lists as Python shows them."""
    _csv(path, rows, ".")


def underscored(path: Path, rows: Sequence[Row]) -> None:
    """What a query with aliases gives."""
    _csv(path, rows, "_")


def _without_nulls(value: Any) -> Any:  # noqa: ANN401  any JSON value
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value


def json_lines(path: Path, rows: Sequence[Row]) -> None:
    """What BigQuery extracts as JSON: what is null is left out, exact numbers are texts."""
    made = [_without_nulls({**each, "cost_at_list": str(each["cost_at_list"])}) for each in rows]
    path.write_text("".join(f"{json.dumps(each)}\n" for each in made), encoding="utf-8")


def json_lines_gzip(path: Path, rows: Sequence[Row]) -> None:
    """The same, compressed."""
    json_lines(path, rows)
    path.write_bytes(gzip.compress(path.read_bytes(), mtime=0))


def nested_parquet(path: Path, rows: Sequence[Row]) -> None:
    """What BigQuery extracts as Parquet: structs and lists, real times."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    timed = [
        {**each, **{name: datetime.fromisoformat(each[name]) for name in ("usage_start_time", "usage_end_time")}}
        for each in rows
    ]
    pq.write_table(pa.Table.from_pylist(timed), path)


def flat_parquet(path: Path, rows: Sequence[Row]) -> None:
    """What pandas writes of a flattened table: dotted names, real lists."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist([flattened(each, ".") for each in rows]), path)


WAYS: Mapping[str, Callable[[Path, Sequence[Row]], None]] = {
    "dotted.csv": dotted,
    "underscored.csv": underscored,
    "extract-000000000000.json": json_lines,
    "extract-000000000000.json.gz": json_lines_gzip,
    "extract-000000000000.parquet": nested_parquet,
    "pandas.parquet": flat_parquet,
}
"""Every way of writing a bill, by the name of the file."""
