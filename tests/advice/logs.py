"""HTTP evidence as text tables, for tests of advice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl

from egresscost.access.columns import COLUMNS, Kind, schema

DEFAULTS: dict[str, Any] = {
    "provider": "aws",
    "path_prefix": "/",
    "content_type": "unknown",
    "content_type_by": "log",
    "edge": "none",
    "client": "internet",
    "cache_result": "none",
    "encoded": "unknown",
    "method": "get",
    "status": "2xx",
    "repeated_requests": 0,
    "repeated_bytes": 0,
    "objects": 1,
    "objects_basis": "measured",
    "first": datetime(2026, 10, 1, tzinfo=UTC),
    "last": datetime(2026, 10, 31, tzinfo=UTC),
}
NUMBERS = {column.name for column in COLUMNS if column.kind is Kind.COUNT}


def logs(text: str) -> pl.DataFrame:
    """A table with a header line, cells apart by `|`; bytes are plain numbers."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    rows = []
    for line in lines[1:]:
        cells: dict[str, Any] = {name: cell for name, cell in zip(lines[0], line, strict=True) if cell}
        numbers = {name: int(cells[name].replace(",", "")) for name in NUMBERS & set(cells)}
        rows.append({**DEFAULTS, **cells, **numbers})
    return pl.DataFrame(rows, schema={**schema()})
