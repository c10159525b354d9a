"""How far a file may unpack: both limits must be passed, and they can be raised."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import made
import pytest
from screens import DEMO
from screens import run as program

from egresscost.errors import ExitCode, OversizeError
from egresscost.pipeline import Request, run
from egresscost.sources.limits import Guard, Limits
from egresscost.sources.storage import Blob

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
