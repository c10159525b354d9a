"""Bad input: each kind gives a clear error with a next step, and costs exactly itself."""

from __future__ import annotations

import gzip
import os
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING

import made
import pytest

import egresscost
from egresscost.errors import (
    AccessError,
    BadRowError,
    DamagedFileError,
    ExitCode,
    MissingColumnError,
    MissingSourceError,
    NoDataError,
    NothingToReadError,
    OversizeError,
    PrecisionError,
    UnknownFormatError,
)

if TYPE_CHECKING:
    from pathlib import Path


def many(count: int = 4000) -> list[made.Row]:
    return [
        made.line(f"2026-10-{number % 28 + 1:02}", cost=f"{number}.{number:04}", resource=f"i-{number * 7919}")
        for number in range(count)
    ]


def test_a_missing_file_says_what_is_there_instead(tmp_path: Path) -> None:
    made.write(tmp_path / "october.csv", [made.line()])
    with pytest.raises(MissingSourceError, match="does not exist") as caught:
        egresscost.analyze(tmp_path / "november.csv")
    assert "october.csv" in str(caught.value.hint)
    assert caught.value.exit_code is ExitCode.SOURCE


def test_a_pattern_that_matches_nothing_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingSourceError, match="matches no file"):
        egresscost.analyze(str(tmp_path / "*.parquet"))


def test_a_pattern_reaches_into_folders(tmp_path: Path) -> None:
    made.write(tmp_path / "a" / "b" / "x.csv", [made.line(cost="3")])
    assert egresscost.analyze(str(tmp_path / "**" / "*.csv")).totals[0].network == 3


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(NothingToReadError, match="the folder holds no file"):
        egresscost.analyze(tmp_path)


def test_a_folder_without_a_bill_names_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello, world\n1,2\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    with pytest.raises(NothingToReadError, match="no billing file among 2 files") as caught:
        egresscost.analyze(tmp_path)
    assert any("picture.png" in detail for detail in caught.value.details)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"name,age\nann,5\n", "it is no bill in a known layout"),
        (b'{"a": 1}', "it is JSON"),
        (b"\x89PNG\r\n\x1a\n\0\0", "neither CSV nor Parquet"),
    ],
)
def test_a_named_file_that_is_no_bill_is_an_error(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(UnknownFormatError, match=reason) as caught:
        egresscost.analyze(tmp_path / "x.csv")
    assert "AWS CUR 2.0" in str(caught.value.hint)


def test_the_name_of_a_file_says_nothing_about_its_content(tmp_path: Path) -> None:
    made.write(tmp_path / "x.csv.gz", [made.line(cost="3")])
    (tmp_path / "x.csv.gz").rename(tmp_path / "x.parquet")
    assert egresscost.analyze(tmp_path / "x.parquet").totals[0].network == 3


@pytest.mark.parametrize("name", ["x.csv.gz", "x.parquet", "x.zip"])
@pytest.mark.parametrize("part", [0.3, 0.7, 0.99])
def test_a_truncated_file_is_damaged(tmp_path: Path, name: str, part: float) -> None:
    path = made.write(tmp_path / name, many())
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    with pytest.raises(DamagedFileError, match=r"x\.\S+ is damaged"):
        egresscost.analyze(path)


@pytest.mark.parametrize("name", ["x.csv.gz", "x.zip"])
def test_a_file_with_a_flipped_bit_is_damaged(tmp_path: Path, name: str) -> None:
    path = made.write(tmp_path / name, many())
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DamagedFileError):
        egresscost.analyze(path)


def test_a_gzip_file_with_a_wrong_checksum_is_damaged(tmp_path: Path) -> None:
    path = made.write(tmp_path / "x.csv.gz", many())
    content = bytearray(path.read_bytes())
    content[-6] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DamagedFileError):
        egresscost.analyze(path)


def test_a_gzip_file_of_several_members_is_read_whole(tmp_path: Path) -> None:
    text = made.csv_text(made.numbered([made.line(cost="1"), made.line(cost="2")]))
    half = text.rindex(b"\n", 0, len(text) - 1) + 1
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(text[:half]) + gzip.compress(text[half:]))
    assert egresscost.analyze(tmp_path / "x.csv.gz").totals[0].network == 3


def test_a_plain_csv_that_was_cut_in_a_line_is_damaged(tmp_path: Path) -> None:
    path = made.write(tmp_path / "x.csv", many(50))
    path.write_bytes(path.read_bytes()[:-90])
    with pytest.raises(DamagedFileError, match="is cut: its last line has"):
        egresscost.analyze(path)


def test_a_csv_without_a_last_line_break_is_whole(tmp_path: Path) -> None:
    path = made.write(tmp_path / "x.csv", [made.line(cost="3")])
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert egresscost.analyze(path).totals[0].network == 3


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    path = made.write(tmp_path / "x.csv", [made.line(cost="3")])
    path.write_bytes(path.read_bytes() + b"\n\n")
    report = egresscost.analyze(path)
    assert report.sources[0].rows == 1


def test_a_header_alone_is_no_data_and_not_zero_dollars(tmp_path: Path) -> None:
    path = made.write(tmp_path / "x.csv", [made.line()])
    path.write_bytes(path.read_bytes().split(b"\n")[0] + b"\n")
    with pytest.raises(NoDataError, match="no data is not") as caught:
        egresscost.analyze(path)
    assert caught.value.exit_code is ExitCode.INCOMPLETE


def test_a_period_with_nothing_in_it_says_what_the_input_covers(tmp_path: Path) -> None:
    path = made.write(tmp_path / "x.csv", [made.line("2026-10-05")])
    with pytest.raises(NoDataError, match="nothing from 2026-08-01 to 2026-08-31") as caught:
        egresscost.analyze(path, since="2026-08")
    assert caught.value.details == ("It has data from 2026-10-05 to 2026-10-05.",)


def test_filters_that_nothing_passes_say_what_there_is(tmp_path: Path) -> None:
    path = made.write(tmp_path / "x.csv", [made.line()])
    with pytest.raises(NoDataError, match="no row passes --service AmazonS3") as caught:
        egresscost.analyze(path, filters={"service": ["AmazonS3"]})
    assert caught.value.details == ("service: AmazonEC2",)


@pytest.mark.parametrize("column", ["line_item_unblended_cost", "line_item_usage_type", "line_item_currency_code"])
def test_a_missing_column_is_named_with_the_layout_it_was_taken_for(tmp_path: Path, column: str) -> None:
    row = made.line()
    del row[column]
    with pytest.raises(MissingColumnError, match=rf"lacks the column {column} \(taken for AWS CUR 2.0\)"):
        egresscost.analyze(made.write(tmp_path / "x.csv", [row]))


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz"])
def test_a_broken_number_is_named_by_line_column_and_value(tmp_path: Path, name: str) -> None:
    rows = [made.line(resource="two\nlines"), made.line(), made.line(cost="12,50")]
    with pytest.raises(BadRowError, match="1 row cannot be read") as caught:
        egresscost.analyze(made.write(tmp_path / name, rows))
    assert caught.value.details == (f"{tmp_path / name}, line 5: line_item_unblended_cost is '12,50', not a number",)
    assert "--on-bad-row skip" in str(caught.value.hint)


def test_a_broken_date_is_named(tmp_path: Path) -> None:
    row = made.line() | {"line_item_usage_start_date": "05.10.2026"}
    with pytest.raises(BadRowError) as caught:
        egresscost.analyze(made.write(tmp_path / "x.csv", [row]))
    assert "line_item_usage_start_date is '05.10.2026', not a date" in caught.value.details[0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"line_item_usage_start_date": "2026-02-30T00:00:00Z"}, "start_date is '2026-02-30T00:00:00Z', not a date"),
        ({"line_item_usage_start_date": "2026-10-05T24:61:00Z"}, "start_date is '2026-10-05T24:61:00Z', not a time"),
        ({"line_item_usage_start_date": "2026-10-05T00:00:00+2"}, "start_date is '2026-10-05T00:00:00+2', not a time"),
        ({"line_item_usage_start_date": ""}, "start_date is empty, and must be a date"),
        (
            {"line_item_usage_start_date": "0001-01-01T00:00:00Z"},
            "start_date is '0001-01-01T00:00:00Z', not a day from 1970-01-01 to 2999-12-31",
        ),
        (
            {"line_item_usage_end_date": "9999-12-31T00:00:00Z"},
            "end_date is '9999-12-31T00:00:00Z', not a day from 1970-01-01 to 2999-12-31",
        ),
        ({"line_item_usage_end_date": "soon"}, "line_item_usage_end_date is 'soon', not a date"),
        ({"cost": "1_000"}, "line_item_unblended_cost is '1_000', not a number"),
        ({"cost": "\N{ARABIC-INDIC DIGIT THREE}"}, "not a number"),
        ({"cost": "inf"}, "line_item_unblended_cost is 'inf', not a number"),
        ({"cost": "1e30"}, "unblended_cost is '1e30', a number with too many digits to be kept exactly"),
        ({"reservation_effective_cost": "x", "cost": "y"}, "line_item_unblended_cost is 'y', not a number"),
    ],
)
def test_whatever_is_wrong_with_a_row_is_named_by_column_and_value(
    tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    path = made.write(tmp_path / "x.csv", [made.line(), made.line(**changes)])
    with pytest.raises(BadRowError, match="1 row cannot be read") as caught:
        egresscost.analyze(path)
    (detail,) = caught.value.details
    assert detail.startswith(f"{path}, line 3: ")
    assert detail.endswith(said)


def test_a_number_that_does_not_matter_for_its_kind_of_line_is_not_looked_at(tmp_path: Path) -> None:
    path = made.write(tmp_path / "x.csv", [made.line(cost="3", reservation_effective_cost="x")])
    assert egresscost.analyze(path).totals[0].network == 3


@pytest.mark.parametrize("amounts", [["1e12"], ["4000000000", "4000000000"]])
def test_more_bytes_than_can_be_counted_are_refused_with_their_line(tmp_path: Path, amounts: list[str]) -> None:
    rows = [made.line(amount="1"), *(made.line(amount=amount, resource=f"i-{amount}") for amount in amounts)]
    path = made.write(tmp_path / "x.csv", rows)
    with pytest.raises(PrecisionError, match="more bytes than can be counted") as caught:
        egresscost.analyze(path)
    assert caught.value.message.startswith(f"{path}, line 3: ")
    assert "GB of DataTransfer-Out-Bytes" in caught.value.message


def test_a_large_quantity_that_is_no_traffic_is_no_bytes(tmp_path: Path) -> None:
    rows = [made.line(cost="1"), made.line(usage="VpcLattice-Requests", unit="Requests", amount="1e12", cost="2")]
    assert egresscost.analyze(made.write(tmp_path / "x.csv", rows)).totals[0].bill == 3


def test_a_broken_number_in_parquet_is_named_by_row(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = made.numbered([made.line(), made.line(cost="many")])
    names = list(rows[0])
    pq.write_table(
        pa.table({name: [row[name] for row in rows] for name in names} | {"product": ["{}"] * 2}),
        tmp_path / "x.parquet",
    )
    with pytest.raises(BadRowError) as caught:
        egresscost.analyze(tmp_path / "x.parquet")
    assert caught.value.details == (
        f"{tmp_path / 'x.parquet'}, row 2: line_item_unblended_cost is 'many', not a number",
    )


def test_skipping_bad_rows_counts_them_shows_them_and_marks_the_report(tmp_path: Path) -> None:
    rows = [made.line(cost="1"), made.line(cost="x"), made.line(cost="y"), made.line(cost="2")]
    report = egresscost.analyze(made.write(tmp_path / "x.csv", rows), on_bad_row="skip")
    assert report.totals[0].network == 3
    notice = next(notice for notice in report.notices if notice.code == "rows-skipped")
    assert notice.count == 2
    assert "line 3" in notice.details[0]
    assert report.partial


def test_a_short_line_inside_a_csv_is_a_bad_row(tmp_path: Path) -> None:
    path = made.write(tmp_path / "x.csv", [made.line(), made.line(), made.line()])
    lines = path.read_bytes().split(b"\n")
    lines[2] = b",".join(lines[2].split(b",")[:5])
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(BadRowError) as caught:
        egresscost.analyze(path)
    assert "line 3" in caught.value.details[0]


def test_currencies_are_never_added(tmp_path: Path) -> None:
    rows = [made.line(cost="1"), made.line(cost="5", currency="CNY"), made.line(cost="2")]
    report = egresscost.analyze(made.write(tmp_path / "x.csv", rows))
    assert {totals.currency: totals.network for totals in report.totals} == {"USD": Decimal(3), "CNY": Decimal(5)}
    assert "currencies" in {notice.code for notice in report.notices}


def test_amounts_that_no_38_digits_hold_are_refused(tmp_path: Path) -> None:
    rows = [made.line(cost="0.0000000000000000000000000000001"), made.line(cost="12345678901234")]
    with pytest.raises(PrecisionError, match="up to 31 decimals"):
        egresscost.analyze(made.write(tmp_path / "x.csv", rows))


def test_a_bomb_is_refused_by_size_and_ratio(tmp_path: Path) -> None:
    text = made.csv_text(made.numbered([made.line()]))
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(text + b"\n" * (200 * 2**20)))
    assert (tmp_path / "x.csv.gz").stat().st_size < 300_000
    with pytest.raises(OversizeError, match="unpacks to more than 200 times") as caught:
        egresscost.analyze(tmp_path / "x.csv.gz")
    assert "limits.ratio" in str(caught.value.hint)


def test_a_zip_bomb_is_refused_too(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.csv", b"0" * (100 * 2**20))
    with pytest.raises(OversizeError):
        egresscost.analyze(tmp_path / "x.zip")


def test_a_small_file_that_packs_well_is_no_bomb(tmp_path: Path) -> None:
    rows = [made.line(cost="1")] * 20_000
    path = made.write(tmp_path / "x.csv.gz", rows)
    assert egresscost.analyze(path).sources[0].rows == 20_000


def test_a_zip_with_a_path_that_climbs_out_stays_inside(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("../../escape.csv", made.csv_text(made.numbered([made.line(cost="3")])))
    assert egresscost.analyze(tmp_path / "x.zip").totals[0].network == 3
    assert not (tmp_path.parent / "escape.csv").exists()


def test_an_empty_archive_is_no_bill(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("readme.txt", "\0binary")
    with pytest.raises(UnknownFormatError, match="an archive without a table"):
        egresscost.analyze(tmp_path / "x.zip")


def test_what_is_no_bill_in_an_archive_is_left_out_and_said(tmp_path: Path) -> None:
    bill = made.write(tmp_path / "b.csv", [made.line(cost="3")]).read_bytes()
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name, content in {"b.csv": bill, "readme.txt": b"hello, world\n", "a.json": b"{}", "p": b"\0"}.items():
            archive.writestr(name, content)
    report = egresscost.analyze(tmp_path / "x.zip")
    assert report.totals[0].network == 3
    assert {skipped.name.rpartition("/")[2]: skipped.reason for skipped in report.skipped} == {
        "readme.txt": "it is no bill in a known layout",
        "a.json": "it is JSON, and no bill or manifest that is known",
        "p": "it is neither CSV nor Parquet",
    }


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, "an empty archive"),
        ({"p": b"\0"}, "an archive without a table"),
        ({"readme.txt": b"hello, world\n"}, "an archive without a bill"),
    ],
)
def test_an_archive_without_a_bill_is_an_error_when_it_was_named(
    tmp_path: Path, members: dict[str, bytes], reason: str
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with zipfile.ZipFile(folder / "x.zip", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    if members:
        with pytest.raises(UnknownFormatError, match=reason) as caught:
            egresscost.analyze(folder / "x.zip")
        assert [detail.partition(": ")[0] for detail in caught.value.details] == [
            f"{folder / 'x.zip'}/{name}" for name in members
        ]
    made.write(folder / "b.csv", [made.line(cost="3")])
    assert egresscost.analyze(folder).totals[0].network == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = made.write(tmp_path / "x.csv", [made.line()])
    path.chmod(0)
    with pytest.raises(AccessError, match="Permission denied"):
        egresscost.analyze(path)


def test_text_that_is_no_utf8_is_an_error_and_not_a_guess(tmp_path: Path) -> None:
    path = made.write(tmp_path / "x.csv", [made.line(resource="muenchen")])
    path.write_bytes(path.read_bytes().replace(b"muenchen", b"m\xfcnchen"))
    with pytest.raises(DamagedFileError, match="utf-8"):
        egresscost.analyze(path)
