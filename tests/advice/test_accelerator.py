"""Acceleration that may not be needed, by hand."""

from __future__ import annotations

from decimal import Decimal

from advice.ledgers import case

from egresscost.advice import advise
from egresscost.advice.ideas.accelerator import IDEA
from egresscost.results import Standing, Sureness

HEAD = "charge | boundary | direction | from | to | via | service | resource | evidence | amount\n"


def test_the_surcharge_falls_away_and_the_transfer_stays() -> None:
    rows = (
        HEAD
        + """
acceleration | internet | out | us-east-1 |           | s3_transfer_acceleration    | AmazonS3           | films | bill | 2000 gb
acceleration | internet | in  |           | us-east-1 | s3_transfer_acceleration_t1 | AmazonS3           | films | bill | 500 gb
acceleration | region   | out | eu-west-1 | eu-west-2 | s3_replication_time_control | AmazonS3           | books | bill | 1000 gb
acceleration | none     |     |           |           | global_accelerator          | AWSGlobalAccelerator | arn:aws:globalaccelerator::1:accelerator/a-1 | bill | 744 h
acceleration | origin   | out | us-east-1 |           | direct                      | AmazonCloudFront   | E1    | bill | 900 gb
transfer     | internet | out | us-east-1 |           |                             | AmazonS3           | films | bill | 2000 gb
""".strip()
    )
    found = advise(case(rows, [IDEA], has_bill=True), [IDEA])
    assert [(each.key, each.gross, each.new_cost) for each in found.items] == [
        ("accelerator:s3-transfer-acceleration:films", Decimal(100), Decimal(0)),  # (2,000 + 500) GB x 0.04
        ("accelerator:global-accelerator:a-1", Decimal("18.6"), Decimal(0)),  # 744 h x 0.025
    ]
    first = found.items[0]
    assert (first.title, first.sureness) == ("Do without S3 Transfer Acceleration on films", Sureness.MEDIUM)
    assert "slower" in first.risk
    assert "put-bucket-accelerate-configuration" in first.steps[1].text


def test_bytes_whose_surcharge_no_card_knows_are_said_and_hours_still_weighed() -> None:
    rows = (
        HEAD
        + """
acceleration | edge | out |  |  | global_accelerator | AWSGlobalAccelerator | ga | bill | 3000 gb
acceleration | none |     |  |  | global_accelerator | AWSGlobalAccelerator | ga | bill | 744 h
""".strip()
    )
    hours, lost = advise(case(rows, [IDEA], has_bill=True), [IDEA]).items
    assert (hours.standing, hours.net) == (Standing.SAVES, Decimal("18.6"))
    assert (lost.standing, lost.key) == (Standing.NOT_JUDGED, "accelerator:global-accelerator")
    assert "no price for the bytes of Global Accelerator" in lost.missing


def test_without_acceleration_there_is_nothing_to_say() -> None:
    rows = HEAD + "transfer | internet | out | us-east-1 | | | AmazonS3 | films | bill | 2000 gb"
    assert advise(case(rows, [IDEA], has_bill=True), [IDEA]).items == ()
