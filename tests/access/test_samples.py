"""Public sample logs: every sum is the sum over the raw lines, cut apart here without the reader."""

from __future__ import annotations

import gzip
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from access.logs import read

if TYPE_CHECKING:
    from egresscost.access import HttpEvidence

pytestmark = pytest.mark.samples


@pytest.fixture
def flows(samples: Path) -> Path:
    return samples.parent / "flows"


def sums(evidence: HttpEvidence) -> tuple[int, int, int]:
    return evidence.requests, evidence.bytes_out, int(evidence.table["bytes_in"].sum())


def words(path: Path) -> list[list[str]]:
    """Lines by their quoted words."""
    content = path.read_bytes()
    text = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode()
    return [shlex.split(line) for line in text.splitlines() if line]


def test_the_cloudfront_log(flows: Path) -> None:
    path = flows / "aws-cloudfront" / "standard-legacy.log"
    lines = [line.split("\t") for line in path.read_text().splitlines() if not line.startswith("#")]
    evidence = read(path)
    assert sums(evidence) == (len(lines), sum(int(line[3]) for line in lines), sum(int(line[17]) for line in lines))
    assert sums(evidence) == (40, 1_582_266, 3_950)  # awk says so, too
    by = {key: int(part["requests"].sum()) for (key,), part in evidence.table.group_by("cache_result")}
    assert by == {"miss": 31, "error": 9}
    assert set(evidence.table["edge"]) == {"edge-AP"}  # HKG
    assert (evidence.files[0].lines, evidence.files[0].comments, evidence.files[0].malformed) == (42, 2, 0)


def test_the_load_balancer_logs(flows: Path) -> None:
    folder = flows / "aws-elb"
    evidence = read(folder)
    alb = [line for name in ("alb.log", "alb-odd-client.log.gz") for line in words(folder / name)]
    nlb = words(folder / "nlb-tls.log.gz")
    assert sums(evidence) == (
        len(alb) + len(nlb),
        sum(int(line[11]) for line in alb) + sum(int(line[10]) for line in nlb),
        sum(int(line[10]) for line in alb) + sum(int(line[9]) for line in nlb),
    )
    assert sums(evidence) == (67, 30_988, 13_900)
    assert {each.title: each.counted for each in evidence.files if "odd" not in each.name} == {
        "ALB access log": 63,
        "NLB access log": 2,
    }
    odd = evidence.table.filter(evidence.table["resource"] == "random/lb/f12345d67890")
    assert (set(odd["client"]), int(odd["requests"].sum())) == ({"unknown"}, 2)


def test_the_s3_log(flows: Path) -> None:
    evidence = read(flows / "aws-s3-access")
    assert (evidence.requests, evidence.bytes_out) == (18, 0)
    assert set(evidence.table["bytes_in"]) == {None}
    assert set(evidence.table["method"]) == {"write"}
    assert set(evidence.table["client"]) == {"same_region"}


def test_no_other_sample_is_taken_for_an_access_log(flows: Path) -> None:
    from egresscost.access import recognize
    from egresscost.sources.storage import Workspace, find

    with Workspace() as workspace:
        found, _ = recognize(find([str(flows)], workspace))
    assert {Path(file.blob.name).parent.name for file in found} == {
        "aws-cloudfront",
        "aws-elb",
        "aws-s3-access",
        "azure-frontdoor",
        "gcp-lb",
    }
