"""Compression between regions, by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import case

from egresscost.advice import advise
from egresscost.advice.ideas.compress_replication import IDEA
from egresscost.results import Standing, Sureness

HEAD = "charge | boundary | direction | from | to | service | workload | resource | path | evidence | amount\n"
ROW = (
    HEAD
    + "transfer | region | out | us-east-1 | eu-west-1 | AmazonEC2 | kafka-mirror | i-1 | peering | flow | 100000 gb"
)


def test_half_of_the_bytes_is_taken_to_shrink_to_a_third() -> None:
    (advice,) = advise(case(ROW, [IDEA]), [IDEA]).items
    # 100,000 GB x 0.5 x 0.65 = 32,500 GB x 0.02 = 650. Both ends work on 50,000 GB: 100,000 x 0.001 = 100.
    assert (advice.key, advice.gross, advice.new_cost) == (
        "compress-replication:us-east-1:kafka-mirror:eu-west-1",
        Decimal(650),
        Decimal(100),
    )
    assert (advice.standing, advice.sureness) == (Standing.SAVES, Sureness.LOW)
    assert advice.title == "Compress what kafka-mirror sends to eu-west-1"
    assert {each.value: each.net for each in advice.curve}[Decimal(1)] == Decimal(1300) - 200


@pytest.mark.parametrize(
    ("left", "standing"),
    # Each GB that compresses costs 2 x 0.001; it pays while (1 - left) x 0.02 is more: up to left = 0.9, and a dollar before.
    [("0.898", Standing.SAVES), ("0.9", Standing.DOES_NOT_PAY), ("0.95", Standing.DOES_NOT_PAY)],
)
def test_what_hardly_shrinks_does_not_pay_its_processor(left: str, standing: Standing) -> None:
    (advice,) = advise(case(ROW, [IDEA], replication_left=Decimal(left)), [IDEA]).items
    assert advice.standing is standing


def test_little_traffic_and_what_services_copy_by_themselves_are_left_alone() -> None:
    rows = (
        HEAD
        + """
transfer | region   | out | us-east-1 | eu-west-1 | AmazonEC2 | a   | i-1 | peering | flow | 4095 gb
transfer | region   | out | us-east-1 | eu-west-2 | AmazonEC2 | a   | i-1 | peering | flow | 4095 gb
transfer | region   | out | us-east-1 | eu-west-1 | AmazonS3  |     | b   | direct  | bill | 9000 gb
transfer | region   | in  | eu-west-1 | us-east-1 | AmazonEC2 | c   | i-2 | peering | flow | 9000 gb
transfer | internet | out | us-east-1 |           | AmazonEC2 | d   | i-3 | direct  | flow | 9000 gb
""".strip()
    )
    assert advise(case(rows, [IDEA]), [IDEA]).items == ()


def test_what_no_name_calls_text_is_not_judged() -> None:
    (said,) = advise(case(ROW.replace("kafka-mirror", "live-encoder"), [IDEA]), [IDEA]).items
    # 100,000 GB x 0.02
    assert (said.standing, said.at_stake) == (Standing.NOT_JUDGED, Decimal(2000))
    assert "a sample tells" in said.missing
