"""Which files count: newest complete delivery of a period, parts that belong together, nothing counted twice."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from typing import TYPE_CHECKING

import made
import pytest

import egresscost
from egresscost.errors import AmbiguousInputError, DamagedFileError

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from egresscost.results import Report

OCTOBER = "20261001-20261101"


def october(cost: str) -> list[made.Row]:
    return [made.line("2026-10-05", cost=cost)]


def legacy_manifest(folder: Path, assembly: str, files: list[str], period: str = "20261001T000000.000Z") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "assemblyId": assembly,
        "reportName": "report",
        "billingPeriod": {"start": period, "end": "20261101T000000.000Z"},
        "reportKeys": [f"prefix/report/{OCTOBER}/{file}" for file in files],
    }
    (folder / "report-Manifest.json").write_text(json.dumps(content))


def export_manifest(folder: Path, execution: str, files: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "executionId": execution,
        "exportArn": "arn:aws:bcm-data-exports:us-east-1:100000000001:export/lumen-0e81",
        "columns": [],
        "dataFiles": [f"s3://bucket/x/lumen/data/BILLING_PERIOD=2026-10/{file}" for file in files],
    }
    (folder / "lumen-Manifest.json").write_text(json.dumps(content))


def total(*inputs: Path, **options: str) -> Decimal | None:
    return egresscost.analyze(list(inputs), **options).totals[0].network  # type: ignore[arg-type]


def codes(report: Report) -> set[str]:
    return {notice.code for notice in report.notices}


def aged(path: Path, seconds: int) -> Path:
    """Make a file older."""
    moment = path.stat().st_mtime - seconds
    os.utime(path, (moment, moment))
    return path


def test_the_manifest_of_the_period_folder_says_which_assembly_counts(tmp_path: Path) -> None:
    root = tmp_path / "cur" / OCTOBER
    made.write(root / "aaaa-1" / "report-00001.csv.gz", october("1"), "cur")
    made.write(root / "bbbb-2" / "report-00001.csv.gz", october("2"), "cur")
    legacy_manifest(root / "aaaa-1", "aaaa-1", ["aaaa-1/report-00001.csv.gz"])
    legacy_manifest(root / "bbbb-2", "bbbb-2", ["bbbb-2/report-00001.csv.gz"])
    legacy_manifest(root, "aaaa-1", ["aaaa-1/report-00001.csv.gz"])
    report = egresscost.analyze(tmp_path / "cur")
    assert report.totals[0].network == 1
    assert report.sources[0].delivery == "aaaa-1"
    assert "replaced-delivery" in codes(report)


def test_an_assembly_that_no_manifest_lists_is_left_out(tmp_path: Path) -> None:
    root = tmp_path / "cur" / OCTOBER
    made.write(root / "old" / "report-00001.csv.gz", october("1"), "cur")
    made.write(root / "new" / "report-00001.csv.gz", october("2"), "cur")
    legacy_manifest(root, "new", ["new/report-00001.csv.gz"])
    assert total(tmp_path / "cur") == 2


def test_the_newest_execution_folder_of_a_data_export_counts(tmp_path: Path) -> None:
    root = tmp_path / "lumen" / "data" / "BILLING_PERIOD=2026-10"
    for stamp, cost in (
        ("2026-10-09T10:00:00.000Z-aa", "1"),
        ("2026-10-20T10:00:00.000Z-bb", "2"),
        ("2026-10-11T10:00:00.000Z-cc", "3"),
    ):
        made.write(root / stamp / "lumen-00001.csv.gz", october(cost))
        meta = tmp_path / "lumen" / "metadata" / "BILLING_PERIOD=2026-10" / stamp
        export_manifest(meta, stamp[-2:], [f"{stamp}/lumen-00001.csv.gz"])
    report = egresscost.analyze(tmp_path / "lumen")
    assert report.totals[0].network == 2
    assert report.sources[0].delivery == "bb"


def test_execution_folders_without_manifests_go_by_their_names(tmp_path: Path) -> None:
    root = tmp_path / "data" / "BILLING_PERIOD=2026-10"
    made.write(root / "20261009T100000Z-aa" / "x-00001.parquet", october("1"))
    aged(made.write(root / "20261020T100000Z-bb" / "x-00001.parquet", october("2")), 10_000)
    report = egresscost.analyze(tmp_path)
    assert report.totals[0].network == 2
    assert "newest by folder name" in report.sources[0].decided_by


def test_folders_without_any_time_go_by_file_times_and_say_so(tmp_path: Path) -> None:
    root = tmp_path / OCTOBER
    made.write(root / "aaaa" / "x-00001.csv", october("1"))
    aged(made.write(root / "bbbb" / "x-00001.csv", october("2")), 10_000)
    report = egresscost.analyze(tmp_path)
    assert report.totals[0].network == 1
    assert "newest by file times" in report.sources[0].decided_by


def test_an_incomplete_newest_delivery_gives_way_to_the_complete_one_before(tmp_path: Path) -> None:
    root = tmp_path / "cur" / OCTOBER
    made.write(root / "old" / "report-00001.csv.gz", october("1"), "cur")
    made.write(root / "new" / "report-00001.csv.gz", october("2"), "cur")
    legacy_manifest(root / "old", "old", ["old/report-00001.csv.gz"])
    legacy_manifest(root, "new", ["new/report-00001.csv.gz", "new/report-00002.csv.gz"])
    report = egresscost.analyze(tmp_path / "cur")
    assert report.totals[0].network == 1
    assert "older-delivery" in codes(report)


def test_an_incomplete_delivery_alone_is_read_and_the_report_is_partial(tmp_path: Path) -> None:
    root = tmp_path / "cur" / OCTOBER
    made.write(root / "new" / "report-00001.csv.gz", october("2"), "cur")
    legacy_manifest(root, "new", ["new/report-00001.csv.gz", "new/report-00002.csv.gz"])
    report = egresscost.analyze(tmp_path / "cur")
    assert report.totals[0].network == 2
    assert report.partial
    assert "incomplete-delivery" in codes(report)


def test_all_parts_that_a_manifest_lists_are_read(tmp_path: Path) -> None:
    root = tmp_path / "cur" / OCTOBER
    for number in (1, 2, 3):
        made.write(
            root / f"report-{number}.csv.gz", [made.line("2026-10-05", cost=str(number), resource=f"i-{number}")], "cur"
        )
    legacy_manifest(root, "one", [f"report-{number}.csv.gz" for number in (1, 2, 3)])
    assert total(tmp_path / "cur") == 6


def test_zipped_parts_are_found_by_the_archive_that_the_manifest_names(tmp_path: Path) -> None:
    root = tmp_path / "cur" / OCTOBER
    made.write(root / "new" / "report-1.zip", october("2"), "cur")
    made.write(root / "stale" / "report-1.zip", october("5"), "cur")
    legacy_manifest(root, "new", ["new/report-1.zip"])
    assert total(tmp_path / "cur") == 2


def test_a_hive_folder_is_one_delivery_whatever_its_files_are_called(tmp_path: Path) -> None:
    root = tmp_path / "year=2026" / "month=10"
    made.write(root / "part-0-abc.parquet", october("1"), "cur-athena")
    made.write(root / "part-1-def.parquet", october("2"), "cur-athena")
    assert total(tmp_path) == 3


def test_months_of_one_export_are_all_read(tmp_path: Path) -> None:
    made.write(tmp_path / "BILLING_PERIOD=2026-09" / "x-00001.csv", [made.line("2026-09-05", cost="1")])
    made.write(tmp_path / "BILLING_PERIOD=2026-10" / "x-00001.csv", october("2"))
    assert total(tmp_path) == 3


def test_the_same_delivery_in_two_places_is_read_once(tmp_path: Path) -> None:
    root = tmp_path / "one" / OCTOBER
    made.write(root / "aa" / "report-00001.csv.gz", october("2"), "cur")
    legacy_manifest(root, "aa", ["aa/report-00001.csv.gz"])
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    path = tmp_path / "two" / OCTOBER / "aa" / "report-00001.csv.gz"
    path.write_bytes(path.read_bytes() + b"")
    report = egresscost.analyze([tmp_path / "one", tmp_path / "two"])
    assert report.totals[0].network == 2
    assert "same-delivery" in codes(report)


def test_a_file_of_the_same_content_is_read_once_and_said(tmp_path: Path) -> None:
    made.write(tmp_path / "a.csv", october("2"))
    shutil.copy(tmp_path / "a.csv", tmp_path / "copy.csv")
    report = egresscost.analyze(tmp_path)
    assert report.totals[0].network == 2
    assert "same-content" in codes(report)
    assert total(tmp_path / "a.csv", tmp_path / "a.csv") == 2


def test_parts_are_files_whose_names_differ_only_in_the_number(tmp_path: Path) -> None:
    for number in (1, 2):
        made.write(tmp_path / f"october-{number:05}.csv.gz", [made.line("2026-10-05", cost=str(number))])
    report = egresscost.analyze(tmp_path)
    assert report.totals[0].network == 3
    assert report.sources[0].decided_by == "name"
    assert report.sources[0].files == 2


def test_two_files_of_one_period_are_ambiguous(tmp_path: Path) -> None:
    made.write(tmp_path / "export.csv", october("1"))
    made.write(tmp_path / "download.csv", october("2"))
    with pytest.raises(AmbiguousInputError, match="two sources hold 2026-10") as caught:
        egresscost.analyze(tmp_path)
    assert "--same-period add" in str(caught.value.hint)
    assert any("export.csv" in detail for detail in caught.value.details)


def test_they_can_be_added_or_the_newest_chosen(tmp_path: Path) -> None:
    aged(made.write(tmp_path / "export.csv", [*october("1"), made.line("2026-09-05", cost="10")]), 10_000)
    made.write(tmp_path / "download.csv", october("2"))
    assert total(tmp_path, same_period="add") == 13
    report = egresscost.analyze(tmp_path, same_period="newest")
    assert report.totals[0].network == 12
    assert "newest-source" in codes(report)


def test_a_cur_and_a_focus_export_of_one_month_are_ambiguous_too(tmp_path: Path) -> None:
    made.write(tmp_path / "cur.csv", october("1"))
    made.put(tmp_path / "focus.csv", [made.focus()])
    with pytest.raises(AmbiguousInputError):
        egresscost.analyze(tmp_path)


def test_other_payers_and_other_months_are_not_in_the_way(tmp_path: Path) -> None:
    made.write(tmp_path / "a.csv", october("1"))
    made.write(tmp_path / "b.csv", [made.line("2026-10-05", cost="2", payer="100000000009")])
    made.write(tmp_path / "c.csv", [made.line("2026-09-05", cost="4")])
    assert total(tmp_path) == 7


def test_a_broken_manifest_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    made.write(tmp_path / OCTOBER / "report-1.csv", october("1"))
    (tmp_path / OCTOBER / "report-Manifest.json").write_text("{ not json")
    with pytest.raises(DamagedFileError, match="named like a manifest") as caught:
        egresscost.analyze(tmp_path)
    assert "decided by folder" in str(caught.value.hint)


def test_json_that_is_no_manifest_is_skipped_and_named(tmp_path: Path) -> None:
    made.write(tmp_path / "a.csv", october("1"))
    (tmp_path / "notes.json").write_text('{"hello": 1}')
    report = egresscost.analyze(tmp_path)
    assert [(skipped.name.rpartition("/")[2], skipped.reason) for skipped in report.skipped] == [
        ("notes.json", "it is JSON, and no bill or manifest that is known")
    ]


@pytest.mark.parametrize("names", [("october.csv", "october.csv.gz"), ("october.csv.gz", "october.zip")])
def test_the_same_bill_plain_and_compressed_counts_once_and_is_said(tmp_path: Path, names: tuple[str, str]) -> None:
    rows = [*october("2"), made.line("2026-10-06", cost="3")]
    for name in names:
        made.write(tmp_path / name, rows)
    report = egresscost.analyze(tmp_path)
    assert report.totals[0].network == 5
    assert report.sources[0].files == 1
    notice = next(notice for notice in report.notices if notice.code == "same-content")
    assert notice.message == "1 file with the same content as another one, read once"
    assert all(name in notice.details[0] for name in names)


def test_the_same_bill_under_another_name_and_compressed_counts_once_too(tmp_path: Path) -> None:
    made.write(tmp_path / "a" / "export.csv", october("2"))
    made.write(tmp_path / "b" / "download.csv.gz", october("2"))
    report = egresscost.analyze(tmp_path)
    assert report.totals[0].network == 2
    assert "same-content" in codes(report)


@pytest.mark.parametrize("folder", ["", "BILLING_PERIOD=2026-10"])
def test_files_that_differ_in_the_suffix_and_in_the_content_are_two_sources(tmp_path: Path, folder: str) -> None:
    made.write(tmp_path / folder / "october.csv", october("2"))
    made.write(tmp_path / folder / "october.csv.gz", october("3"))
    with pytest.raises(AmbiguousInputError, match="two sources hold 2026-10") as caught:
        egresscost.analyze(tmp_path)
    assert any("october.csv.gz" in detail for detail in caught.value.details)
    assert total(tmp_path, same_period="add") == 5


def test_a_table_as_csv_and_as_parquet_is_two_sources(tmp_path: Path) -> None:
    made.write(tmp_path / "october.csv", october("2"))
    made.write(tmp_path / "october.parquet", october("2"))
    with pytest.raises(AmbiguousInputError):
        egresscost.analyze(tmp_path)


def test_a_copy_of_one_part_leaves_the_other_parts_together(tmp_path: Path) -> None:
    made.write(tmp_path / "october-1.csv", october("2"))
    made.write(tmp_path / "october-1.csv.gz", october("2"))
    made.write(tmp_path / "october-2.csv.gz", october("3"))
    report = egresscost.analyze(tmp_path)
    assert report.totals[0].network == 5
    assert (len(report.sources), report.sources[0].files) == (1, 2)


def test_members_of_one_archive_are_parts_and_no_copies_of_their_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "october.zip", "w") as archive:
        for number in (1, 2):
            rows = made.write(tmp_path / "x" / f"{number}.csv", october(str(number))).read_bytes()
            archive.writestr(f"october-{number}.csv", rows)
    assert total(tmp_path / "october.zip") == 3


def test_a_damaged_copy_is_damaged_and_not_another_source(tmp_path: Path) -> None:
    made.write(tmp_path / "october.csv", october("2"))
    path = made.write(tmp_path / "october.csv.gz", october("2"))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DamagedFileError, match=r"october\.csv\.gz is damaged"):
        egresscost.analyze(tmp_path)
