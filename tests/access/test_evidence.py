"""What access logs add up to: nothing lost, nothing twice, whatever the order; and how damage is met."""

from __future__ import annotations

import gzip
import random
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest
from access.logs import alb, cells, cloudfront, put, read, rows, s3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from egresscost.access.columns import COLUMNS, KEYS, NAMES
from egresscost.access.sums import Most
from egresscost.errors import DamagedFileError, OversizeError
from egresscost.formats.reading import Options
from egresscost.periods import Window
from egresscost.sources.limits import Limits

if TYPE_CHECKING:
    from pathlib import Path


AGAIN = ("requests", "bytes_out", "repeated_requests", "repeated_bytes", "objects")
SKIP = Options(on_bad_row="skip")


def test_an_object_is_sent_once_and_the_rest_is_repeated(tmp_path: Path) -> None:
    # a.jpg: 1000, 1000, 900 -> the largest had to be sent, 1900 and two requests came again; b.jpg once
    text = cloudfront(cells(), cells(), cells(sc_bytes="900"), cells(cs_uri_stem="/img/b.jpg", sc_bytes="50"))
    evidence = read(put(tmp_path / "log", text))
    assert rows(evidence, *AGAIN) == [(4, 2950, 2, 1900, 2)]
    # sizes are of objects: 1000 and 50
    assert rows(evidence, "mean_size", "median_size", "objects_basis") == [(525.0, 525.0, "measured")]


def test_each_edge_location_has_a_copy_of_its_own(tmp_path: Path) -> None:
    text = cloudfront(*(cells(x_edge_location=place) for place in ("FRA56-P1", "FRA56-C2", "FRA60-P1")))
    # FRA56 twice, FRA60 once: one response came again
    assert rows(read(put(tmp_path / "log", text)), *AGAIN) == [(3, 3000, 1, 1000, 2)]


def test_another_query_or_range_is_another_object(tmp_path: Path) -> None:
    text = cloudfront(
        cells(cs_uri_query="v=1"),
        cells(cs_uri_query="v=2"),
        cells(cs_uri_query="v=2", sc_range_start="0", sc_range_end="9", sc_status="206"),
        cells(cs_uri_query="v=2", sc_range_start="10", sc_range_end="19", sc_status="206"),
    )
    assert rows(read(put(tmp_path / "log", text)), *AGAIN) == [(4, 4000, 0, 0, 4)]


def test_an_object_in_several_groups_is_sent_once_in_all_of_them(tmp_path: Path) -> None:
    # one miss of 1000 and two hits of 1000: 2000 came again, 1000 of it in the group that is not the first
    text = cloudfront(cells(x_edge_result_type="Miss"), cells(), cells())
    evidence = read(put(tmp_path / "log", text))
    assert sum(row[0] for row in rows(evidence, "repeated_bytes")) == 2000
    assert sum(row[0] for row in rows(evidence, "repeated_requests")) == 2


def test_what_is_no_fetched_object_is_never_repeated(tmp_path: Path) -> None:
    lines = [cells(cs_method="POST"), cells(cs_method="HEAD"), cells(sc_status="404"), cells(sc_status="500")]
    evidence = read(put(tmp_path / "log", cloudfront(*lines, *lines)))
    assert evidence.requests == 8
    assert evidence.table["repeated_bytes"].sum() == 0
    assert evidence.table["objects"].sum() == 0


def test_parts_of_an_object_add_up_to_one_copy_where_its_size_is_known(tmp_path: Path) -> None:
    # an object of 1000 in ten parts of 100 is one copy; eleven parts are one copy and 100 again
    part = s3(sent="100", size="1000", status="206")
    assert rows(read(put(tmp_path / "a", "\n".join([part] * 10))), "bytes_out", "repeated_bytes") == [(1000, 0)]
    assert rows(read(put(tmp_path / "b", "\n".join([part] * 11))), "bytes_out", "repeated_bytes") == [(1100, 100)]


def test_a_version_of_an_s3_object_is_an_object_and_a_signature_is_none(tmp_path: Path) -> None:
    text = "\n".join(
        [
            s3(),
            s3().replace("img/a.jpg HTTP", "img/a.jpg?X-Amz-Signature=1 HTTP"),
            s3().replace(" - hostid=", " v2 hostid="),
        ]
    )
    assert rows(read(put(tmp_path / "log", text)), *AGAIN) == [(3, 3000, 1, 1000, 2)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("begin", ["", "\ufeff"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("text", [cloudfront(cells(), cells()), f"{alb()}\n\n{alb()}\n", f"{s3()}\n{s3()}\n"])
def test_a_byte_order_mark_other_line_ends_and_a_missing_one_change_nothing(
    tmp_path: Path, text: str, begin: str, end: str, *, last: bool
) -> None:
    text = begin + (text if last else text.rstrip("\n")).replace("\n", end)
    evidence = read(put(tmp_path / "log.gz", text))
    assert (evidence.requests, evidence.bytes_out) == (2, 2000)
    (counts,) = evidence.files
    assert (counts.counted, counts.malformed, counts.other) == (2, 0, 0)


def test_lines_of_another_format_are_named_and_counted_and_bad_ones_too(tmp_path: Path) -> None:
    text = "\n".join(
        [alb(), s3(), "nonsense", alb(sent="x"), cloudfront(cells()).split("\n")[2], alb(sent=1 << 51), alb()]
    )
    evidence = read(put(tmp_path / "log", text))
    (counts,) = evidence.files
    assert (counts.lines, counts.counted, counts.other, counts.malformed, counts.outside) == (7, 2, 2, 3, 0)
    assert counts.others == {"S3 server access log": 1, "CloudFront access log": 1}
    assert counts.first_malformed == [3, 4, 6]
    messages = {each.code: each for each in evidence.notices}
    assert messages["other-format"].message.endswith("1 of a CloudFront access log, 1 of a S3 server access log")
    assert messages["malformed-access-lines"].details == tuple(f"{tmp_path}/log, line {line}" for line in (3, 4, 6))
    assert all(each.partial for each in evidence.notices)


def test_a_truncated_file_is_an_error_or_left_out_whole_and_said(tmp_path: Path) -> None:
    noise = random.Random(1)  # noqa: S311
    lines = [cells(cs_uri_stem=f"/{noise.getrandbits(400):x}") for _ in range(2000)]
    whole = gzip.compress(cloudfront(*lines).encode())
    (tmp_path / "cut.gz").write_bytes(whole[:-1000])
    put(tmp_path / "good", cloudfront(cells()))
    with pytest.raises(DamagedFileError, match=r"cut\.gz is damaged"):
        read(tmp_path)
    evidence = read(tmp_path, options=SKIP)
    assert evidence.requests == 1
    assert [(each.lines, bool(each.damage)) for each in evidence.files] == [(0, True), (1 + 2, False)]
    assert [each.code for each in evidence.notices] == ["damaged-access-logs"]


def test_a_damaged_parquet_file_counts_nothing(tmp_path: Path) -> None:
    names = {"date": "2026-10-05", "time": "12:00:00", "cs_host": "d", "x_edge_location": "IAD1"}
    frame = pl.DataFrame([names | {"sc_bytes": str(size), "cs_uri_stem": f"/{size}"} for size in range(50_000)])
    frame.write_parquet(tmp_path / "log.parquet", row_group_size=10_000, compression="gzip")
    content = bytearray((tmp_path / "log.parquet").read_bytes())
    middle = len(content) * 3 // 4
    content[middle : middle + 4000] = bytes(4000)
    (tmp_path / "log.parquet").write_bytes(content)
    with pytest.raises(DamagedFileError):
        read(tmp_path)
    assert read(tmp_path, options=SKIP).requests == 0


def test_a_file_that_unpacks_too_far_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "log.gz", alb() + "\n" * 5_000_000)
    with pytest.raises(OversizeError):
        read(tmp_path, options=Options(limits=Limits(size=1 << 20, ratio=10)))


def test_an_identical_object_is_read_once_however_it_is_packed(tmp_path: Path) -> None:
    put(tmp_path / "a.log", alb())
    put(tmp_path / "b.log.gz", alb())
    evidence = read(tmp_path)
    assert evidence.requests == 1
    assert [each.same_as for each in evidence.files] == ["", f"{tmp_path}/a.log"]
    assert [each.code for each in evidence.notices] == ["same-content"]


def test_true_duplicates_in_one_file_are_counted(tmp_path: Path) -> None:
    assert read(put(tmp_path / "log", f"{s3()}\n{s3()}")).requests == 2


def test_two_formats_of_one_distribution_and_day_are_said(tmp_path: Path) -> None:
    import json

    put(tmp_path / "a", cloudfront(cells()))
    put(tmp_path / "b", json.dumps(cells()))
    assert [each.code for each in read(tmp_path).notices] == ["access-twice"]


def test_records_of_other_days_are_left_out_and_counted(tmp_path: Path) -> None:
    days = [cells(date=day) for day in ("2026-10-04", "2026-10-05", "2026-10-06", "2026-10-07")]
    evidence = read(put(tmp_path / "log", cloudfront(*days)), window=Window(date(2026, 10, 5), date(2026, 10, 7)))
    assert (evidence.files[0].counted, evidence.files[0].outside) == (2, 2)
    assert evidence.days["day"].to_list() == [date(2026, 10, 5), date(2026, 10, 6)]


def test_small_paths_are_folded_and_said_and_nothing_is_lost(tmp_path: Path) -> None:
    # 5 folders with 100, 200 … 500 bytes: two are kept
    lines = [cells(cs_uri_stem=f"/{number}/a.jpg", sc_bytes=str(100 * number)) for number in range(1, 6)]
    evidence = read(put(tmp_path / "log", cloudfront(*lines)), prefixes=2)
    assert sorted(rows(evidence, "host", "path_prefix", "bytes_out", "objects", "median_size")) == [
        ("(other)", "(other)", 600, 3, 200.0),
        ("www.example.com", "/4/", 400, 1, 400.0),
        ("www.example.com", "/5/", 500, 1, 500.0),
    ]
    assert [each.message for each in evidence.notices] == [
        "3 hosts and path prefixes beyond the largest are folded into (other)"
    ]


def test_the_table_has_the_documented_columns(tmp_path: Path) -> None:
    evidence = read(put(tmp_path / "log", "\n".join([alb(), alb(client="-")])))
    assert tuple(evidence.table.columns) == NAMES
    assert evidence.table.select(KEYS).is_unique().all()
    for column in COLUMNS:
        assert column.nullable or evidence.table[column.name].null_count() == 0, column.name
        if column.members:
            assert set(evidence.table[column.name]) <= {member.value for member in column.members}, column.name


REQUEST = st.builds(
    cells,
    cs_uri_stem=st.sampled_from(["/a", "/a/b", "/c/d/e.js", "/c/d/f.png", "/g.html"]),
    sc_bytes=st.integers(0, 5000).map(str),
    x_edge_location=st.sampled_from(["FRA56-P1", "IAD89-P2"]),
    x_edge_result_type=st.sampled_from(["Hit", "Miss"]),
    sc_status=st.sampled_from(["200", "304", "404"]),
    cs_method=st.sampled_from(["GET", "POST"]),
)


def expected(requests: list[dict[str, str]]) -> tuple[int, int]:
    """Repeated requests and bytes, counted with plain dictionaries."""
    sizes = defaultdict(list)
    for each in requests:
        if each["cs-method"] == "GET" and each["sc-status"] != "404":
            sizes[each["cs-uri-stem"], each["x-edge-location"]].append(int(each["sc-bytes"]))
    found = sizes.values()
    return sum(len(each) - 1 for each in found), sum(sum(each) - max(each) for each in found)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    requests=st.lists(REQUEST, min_size=1, max_size=40),
    cuts=st.integers(1, 4),
    seed=st.integers(0, 1000),
    packed=st.booleans(),
    most=st.sampled_from([Most(), Most(groups=3), Most(objects=3)]),
)
def test_splitting_reordering_and_packing_files_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    requests: list[dict[str, str]],
    cuts: int,
    seed: int,
    *,
    packed: bool,
    most: Most,
) -> None:
    folder = tmp_path_factory.mktemp("split")
    whole = read(put(folder / "whole" / "log", cloudfront(*requests)), most=most)
    mixed = random.Random(seed).sample(requests, len(requests))  # noqa: S311
    for number in range(cuts):
        # a file's own field makes it another content than the next one
        text = f"#Comment: {number}\n" + cloudfront(*mixed[number::cuts])
        put(folder / "parts" / f"{number}{'.gz' if packed else ''}", text)
    parts = read(folder / "parts", most=most)
    assert_frame_equal(whole.table, parts.table)
    assert_frame_equal(whole.days, parts.days)
    assert whole.bytes_out == sum(int(each["sc-bytes"]) for each in requests)
    assert whole.requests == len(requests)
    if most.objects > 3 and most.groups > 3:
        assert (whole.table["repeated_requests"].sum(), whole.table["repeated_bytes"].sum()) == expected(requests)


def test_when_there_are_too_many_objects_a_sample_stands_for_them(tmp_path: Path) -> None:
    # 4,000 objects, each sent twice with 1,000 bytes: 4,000,000 bytes came again
    lines = [cells(cs_uri_stem=f"/img/{number}.jpg") for number in range(4000)]
    evidence = read(put(tmp_path / "log", cloudfront(*lines, *lines)), most=Most(objects=1000))
    ((repeated, basis, objects),) = rows(evidence, "repeated_bytes", "objects_basis", "objects")
    assert basis == "estimated"
    assert abs(repeated - 4_000_000) < 600_000
    assert repeated == objects * 1000
    assert [each.code for each in evidence.notices] == ["access-sampled"]


def test_when_there_are_too_many_hosts_and_paths_most_are_folded_and_no_byte_is_lost(tmp_path: Path) -> None:
    lines = [cells(x_host_header=f"{number}.example.com") for number in range(500)]
    evidence = read(put(tmp_path / "log", cloudfront(*lines)), most=Most(groups=100), prefixes=1000)
    assert len(evidence.table) <= 100
    assert evidence.bytes_out == 500_000
    assert evidence.table["objects"].sum() == 500
    assert [each.code for each in evidence.notices] == ["access-folded"]
