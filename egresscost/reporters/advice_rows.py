"""Advice as a table: one row a change, every field of it.

Goes in: an `AdviceList`. Comes out: CSV, Parquet or JSON rows. Never: loses a digit, or leaves out what does not pay.

What is a list in the result (evidence, rates, fees, assumptions, points, steps) is a JSON text in its cell.
"""

from __future__ import annotations

import json
from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from egresscost.document import encode
from egresscost.reporters.tabular import write_csv, write_parquet
from egresscost.results import Advice

if TYPE_CHECKING:
    from egresscost.results import AdviceList

_AMOUNTS: Final = ("gross", "new_cost", "net", "monthly", "months", "one_off", "payback_months", "at_stake")
_COUNTS: Final = ("number", "days")
COLUMNS: Final = ("key", *(each.name for each in fields(Advice)), "monthly", "payback_months")


def export_advice(advice: AdviceList, name: str) -> bytes:
    """All changes that were looked at.

    Args:
        advice: Any.
        name: `csv`, `parquet`, `json` or `ndjson`.
    """
    if name in {"json", "ndjson"}:
        texts = [json.dumps(encode(each), ensure_ascii=False) for each in advice.items]
        return (
            "".join(f"{text}\n" for text in texts).encode()
            if name == "ndjson"
            else ("[\n" + ",\n".join(texts) + "\n]\n").encode()
        )
    rows = [_row(each) for each in advice.items]
    if name == "csv":
        return write_csv(COLUMNS, rows)
    return write_parquet(
        rows, COLUMNS, texts=[each for each in COLUMNS if each not in {*_AMOUNTS, *_COUNTS}], counts=_COUNTS
    )


def _row(advice: Advice) -> dict[str, Any]:
    whole = encode(advice)
    row: dict[str, Any] = {}
    for column in COLUMNS:
        value = whole[column]
        if isinstance(value, list | dict):
            row[column] = json.dumps(value, ensure_ascii=False)
        else:
            row[column] = Decimal(value) if column in _AMOUNTS and value is not None else value
    return row
