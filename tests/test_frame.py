"""The normalized frame: one declaration for types, validation and schema."""

from __future__ import annotations

import json
from decimal import Decimal

import jsonschema
import pandas as pd
import pyarrow as pa
import pytest

from egresscost import frame
from egresscost.errors import FrameError
from egresscost.frame import C, Kind
from egresscost.reporters import tabular


def row(**changes: object) -> dict[str, object]:
    start = pd.Timestamp("2026-10-01", tz="UTC")
    made: dict[str, object] = {
        C.PERIOD_START: start,
        C.PERIOD_END: start + pd.Timedelta(days=1),
        C.PROVIDER: "aws",
        C.PATH: "direct",
        C.PEER_KIND: "unknown",
        C.BOUNDARY: "internet",
        C.DIRECTION: "out",
        C.CHARGE: "transfer",
        C.CHARGE_CLASS: "usage",
        C.RECORDS: 1,
        C.RECORDS_WITHOUT_BYTES: 0,
        C.CURRENCY: "USD",
        C.EVIDENCE: "bill",
        C.BASIS: "billed",
        C.RULE: "internet-out",
        C.ORIGIN: "x",
        C.CONFIDENCE: "high",
        C.BILLED_COST: Decimal("1.5"),
    }
    return made | changes


def table(*rows: dict[str, object]) -> pa.Table:
    names = list(dict.fromkeys(str(key) for each in rows for key in each))
    return pa.Table.from_pylist([{name: each.get(name) for name in names} for each in rows])


def test_the_empty_frame_is_valid_and_has_every_column() -> None:
    empty = frame.empty()
    frame.validate(empty, origin="nothing")
    assert tuple(empty.columns) == frame.NAMES == tuple(member.value for member in C)


def test_a_cast_table_is_valid() -> None:
    made = frame.from_arrow(table(row(), row(**{C.BYTES: 5})))
    frame.validate(made, origin="test")
    assert made[C.BYTES].isna().tolist() == [True, False]
    assert made[C.BILLED_COST].tolist() == [Decimal("1.5")] * 2


def test_the_decimals_have_the_places_that_were_seen() -> None:
    wide = table(row(**{C.BILLED_COST: Decimal("0.123456789012345678901234")}))
    made = frame.from_arrow(wide)
    assert frame.scale_of(made) == 24
    assert made[C.BILLED_COST].iloc[0] == Decimal("0.123456789012345678901234")


def test_an_amount_that_does_not_fit_is_refused() -> None:
    both = table(row(**{C.BILLED_COST: Decimal("9" * 30)}), row(**{C.BILLED_COST: Decimal("1E-20")}))
    with pytest.raises((FrameError, pa.ArrowInvalid)):
        frame.from_arrow(both)


def test_an_unknown_or_absent_column_is_named() -> None:
    with pytest.raises(FrameError) as caught:
        frame.from_arrow(table({**row(), "colour": "red"}).drop_columns(["boundary"]))
    assert caught.value.details == ("unknown: colour", "absent: boundary")


def test_a_value_that_no_category_has_is_named_with_its_row() -> None:
    with pytest.raises(FrameError, match="no Boundary") as caught:
        frame.from_arrow(table(row(), row(**{C.BOUNDARY: "moon"})))
    assert caught.value.details == ("row 1: 'moon'",)


def test_a_wrong_type_is_named_with_file_and_column() -> None:
    made = frame.from_arrow(table(row()))
    made[C.BYTES] = made[C.BYTES].astype("float64")
    with pytest.raises(FrameError, match=r"march\.csv: column bytes is float64, not Int64"):
        frame.validate(made, origin="march.csv")


def test_a_needed_value_that_is_missing_is_named_with_rows_and_values() -> None:
    made = frame.from_arrow(table(row(), row(), row()))
    made.loc[[0, 2], C.PROVIDER] = None
    with pytest.raises(FrameError, match=r"march.csv: column provider must not be missing \(2 of 3 rows\)") as caught:
        frame.validate(made, origin="march.csv")
    assert [detail.split(":")[0] for detail in caught.value.details] == ["row 0", "row 2"]


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    made = frame.from_arrow(table(row(**{C.PERIOD_END: pd.Timestamp("2026-09-30", tz="UTC")})))
    with pytest.raises(FrameError, match="the period ends before it starts"):
        frame.validate(made, origin="march.csv")


def test_an_absent_column_is_named() -> None:
    with pytest.raises(FrameError, match="has no column boundary"):
        frame.validate(frame.empty().drop(columns=[C.BOUNDARY]), origin="x")


def test_every_exported_row_fits_the_schema() -> None:
    made = frame.from_arrow(table(row(), row(**{C.BYTES: 2**40, C.QUANTITY: Decimal(1024)})))
    schema = frame.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for exported in json.loads(tabular.export_frame(made, "json")):
        jsonschema.validate(exported, schema)


def test_every_column_says_what_it_means() -> None:
    for column in frame.COLUMNS:
        assert column.meaning
        assert (column.members is not None) == (column.kind is Kind.CATEGORY)
        if column.kind is Kind.CATEGORY:
            assert not column.nullable
            assert column.members is not None
            assert all(member.value == str(member) for member in column.members)
