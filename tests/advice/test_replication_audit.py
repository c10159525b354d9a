"""Copies in other regions, by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import made
import pytest
from advice.ledgers import GB, case

import egresscost
from egresscost.advice import advise
from egresscost.advice.ideas.replication_audit import IDEA
from egresscost.advice.uses import uses
from egresscost.results import Standing

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "charge | boundary | direction | from | to | via | service | resource | operation | evidence | amount"
COPIES = "transfer | region | out | us-east-1 | {to} | unknown | AmazonS3 | films | PutObjectForRepl | bill | {size} gb"
FAST = "acceleration | region | {way} | us-east-1 | {to} | s3_replication_time_control | AmazonS3 | films | PutObjectForRepl | bill | {size} gb"


def rows(*lines: str) -> str:
    return "\n".join([HEAD, *lines])


def test_the_surcharge_for_speed_can_be_left_out_and_copying_itself_is_not_judged() -> None:
    table = rows(
        COPIES.format(to="eu-west-1", size=21000),
        COPIES.format(to="ap-southeast-2", size=19000),
        FAST.format(way="out", to="eu-west-1", size=9000),
        FAST.format(way="in", to="us-east-1", size=9000),
    )
    fast, copies = advise(case(table, [IDEA], has_bill=True, has_flows=False), [IDEA]).items
    # 9,000 GB x $0.015 = $135.00; only the sending bucket pays.
    assert (fast.key, fast.net) == ("replication-audit:films:us-east-1", Decimal(135))
    assert fast.title == "Replicate films without time control"
    # (21,000 + 19,000) GB x $0.02 = $800.00 are at stake.
    assert (copies.standing, copies.at_stake) == (Standing.NOT_JUDGED, Decimal(800))
    assert "films: copied to several regions" in copies.missing


@pytest.mark.parametrize(
    ("size", "standing"),
    # $1.00 a month is 66.67 GB x $0.015.
    [("67", Standing.SAVES), ("66", Standing.DOES_NOT_PAY)],
)
def test_it_is_worth_it_from_the_least_saving_on(size: str, standing: Standing) -> None:
    (advice,) = advise(case(rows(FAST.format(way="out", to="eu-west-1", size=size)), [IDEA]), [IDEA]).items
    assert advice.standing is standing


def test_other_traffic_between_regions_is_no_copy() -> None:
    line = COPIES.format(to="eu-west-1", size=9000).replace("PutObjectForRepl", "GetObject")
    assert advise(case(rows(line), [IDEA]), [IDEA]).items == ()


def test_a_surcharge_that_has_no_bytes_of_its_own_is_in_the_ledger(tmp_path: Path) -> None:
    lines = [
        made.line(usage="USE1-EU-AWS-Out-Bytes", service="AmazonS3", amount="2"),
        made.line(usage="USE1-EU-S3RTC-Out-Bytes", service="AmazonS3", amount="2", cost="0.03"),
    ]
    table = uses(egresscost.analyze(made.write(tmp_path / "b.csv", lines)).bill)
    assert dict(table.select("charge", "atoms").iter_rows()) == {"transfer": 2 * GB, "acceleration": 2 * GB}
