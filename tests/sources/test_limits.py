"""How far a file may unpack: both limits must be passed, and they can be raised."""

from __future__ import annotations

import gzip
import zipfile
from typing import TYPE_CHECKING

import made
import pytest
from screens import DEMO
from screens import run as program

from egresscost.errors import ExitCode, OversizeError
from egresscost.pipeline import Request, run
from egresscost.sources.limits import Guard, Limits
from egresscost.sources.storage import Blob, Workspace
from egresscost.sources.tables import Sniffed, sniff

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("packed", "unpacked", "refused"),
    [
        (10, 1000, False),  # large by ratio, small by size
        (1000, 2000, False),  # large by size, small by ratio
        (100, 1001, True),
        (100, 1000, False),  # at the size, which is allowed
        (101, 1010, False),  # at the ratio, which is allowed
    ],
)
def test_a_file_is_refused_only_when_it_passes_both_limits(packed: int, unpacked: int, *, refused: bool) -> None:
    limits = Limits(size=1000, ratio=10)
    if refused:
        with pytest.raises(OversizeError, match=r"x\.gz unpacks to more than 10 times its 100 bytes"):
            limits.check("x.gz", packed, unpacked)
    else:
        limits.check("x.gz", packed, unpacked)
        assert unpacked <= limits.size or unpacked <= limits.ratio * packed


@pytest.mark.parametrize("path", sorted(DEMO.glob("data/*/*.csv.gz")), ids=lambda path: path.parent.name)
def test_a_real_part_passes_by_far(path: Path) -> None:
    unpacked = len(gzip.decompress(path.read_bytes()))
    assert unpacked * 10 < Limits().size
    assert unpacked < 60 * path.stat().st_size
    with Guard(Blob(path, str(path)), Limits()) as guard:
        guard.finish()


def test_a_damaged_file_is_the_readers_to_report(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(b"0" * 10_000)[:-20])
    with Guard(Blob(path, "x.gz"), Limits(size=10**9)) as guard:
        guard.finish()
    assert path.exists()


def test_limits_can_be_lowered_and_raised_in_the_settings(tmp_path: Path) -> None:
    made.write(tmp_path / "x.csv.gz", [made.line(cost="1")] * 20_000)
    low = {"EGRESSCOST_LIMITS_SIZE": str(2**20), "EGRESSCOST_LIMITS_RATIO": "2"}
    refused = program("report", "-i", "x.csv.gz", folder=tmp_path, environment=low)
    assert refused.code == ExitCode.SOURCE
    assert "[EC-READ-07]" in refused.err
    assert "raise limits.ratio or limits.size" in refused.err.splitlines()[-1]
    high = low | {"EGRESSCOST_LIMITS_RATIO": "1000"}
    assert program("report", "-i", "x.csv.gz", folder=tmp_path, environment=high).code == ExitCode.OK


def test_the_limits_of_a_request_are_kept(tmp_path: Path) -> None:
    from egresscost.formats.reading import Options

    path = made.write(tmp_path / "x.csv.gz", [made.line(cost="1")] * 20_000)
    with pytest.raises(OversizeError):
        run(Request([str(path)], options=Options(limits=Limits(size=2**20, ratio=2))))


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def look_at(path: Path, limits: Limits) -> Sniffed:
    with Workspace() as workspace:
        return sniff(Blob(path, path.name), workspace, limits)


def test_the_members_of_an_archive_are_limited_all_together(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {f"{number}.bin": b"\0" * 100_000 for number in range(20)})
    assert len(look_at(path, Limits(size=10**7, ratio=2)).members) == 20
    with pytest.raises(OversizeError, match=r"^x\.zip unpacks to more than 2 times"):
        look_at(path, Limits(size=150_000, ratio=2))


def test_what_archives_in_an_archive_unpack_to_counts_as_well(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "in.zip", {f"{number}.bin": b"\0" * 100_000 for number in range(5)}).read_bytes()
    path = zipped(tmp_path / "x.zip", {f"{number}.zip": inner for number in range(5)})
    with pytest.raises(OversizeError, match=r"^x\.zip unpacks to more than 10 times"):
        look_at(path, Limits(size=600_000, ratio=10))


def test_archives_are_opened_three_deep_and_no_deeper(tmp_path: Path) -> None:
    path = made.write(tmp_path / "a.zip", [made.line(cost="3")])
    for depth in (2, 3):
        path = zipped(tmp_path / f"{depth}.zip", {path.name: path.read_bytes()})
        (found,) = look_at(path, Limits()).members
        assert found.table is not None
    path = zipped(tmp_path / "4.zip", {path.name: path.read_bytes()})
    with pytest.raises(OversizeError, match="archives in archives, more than 3 deep") as caught:
        look_at(path, Limits())
    assert caught.value.exit_code is ExitCode.SOURCE
