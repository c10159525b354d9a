"""Edges of dear geographies, by hand."""

from __future__ import annotations

from decimal import Decimal

from advice.ledgers import case

from egresscost.advice import advise
from egresscost.advice.ideas.cdn_price_class import IDEA
from egresscost.results import Standing, Sureness

HEAD = "charge | boundary | direction | from | service | resource | evidence | amount\n"


def test_viewers_of_dear_edges_are_served_by_cheaper_ones_at_their_margin() -> None:
    rows = (
        HEAD
        + """
transfer | edge | out | edge-US | AmazonCloudFront | arn:aws:cloudfront::1:distribution/E1 | bill | 20480 gb
transfer | edge | out | edge-AP | AmazonCloudFront | arn:aws:cloudfront::1:distribution/E1 | bill | 5120 gb
""".strip()
    )
    (advice,) = advise(case(rows, [IDEA], has_bill=True), [IDEA]).items
    # 1,024 GB are free, shared by bytes: before 819.2 US and 204.8 AP.
    # Before: US 19,660.8 GB = 870.40 + 9,420.8 x 0.08 = 1,624.064; AP 4,915.2 x 0.12 = 589.824: 2,213.888.
    # After: 25,600 - 1,024 = 24,576: 870.40 + 14,336 x 0.08 = 2,017.28. It saves 196.608.
    assert (advice.key, advice.net) == ("cdn-price-class:E1", Decimal("196.608"))
    assert (advice.standing, advice.sureness) == (Standing.SAVES, Sureness.MEDIUM)
    assert "5,120 GB" in advice.change
    assert "later" in advice.risk


def test_cheap_edges_and_a_few_gigabytes_are_left_alone() -> None:
    rows = (
        HEAD
        + """
transfer | edge | out | edge-EU | AmazonCloudFront | E1 | bill | 9000 gb
transfer | edge | out | edge-AP | AmazonCloudFront | E1 | bill | 49 gb
transfer | edge | in  | edge-AP | AmazonCloudFront | E1 | bill | 9000 gb
""".strip()
    )
    assert advise(case(rows, [IDEA], has_bill=True), [IDEA]).items == ()


def test_inside_of_the_free_terabyte_cheaper_edges_save_nothing() -> None:
    rows = HEAD + "transfer | edge | out | edge-AP | AmazonCloudFront | E1 | bill | 60 gb"
    (advice,) = advise(case(rows, [IDEA], has_bill=True), [IDEA]).items
    assert (advice.standing, advice.net) == (Standing.DOES_NOT_PAY, Decimal(0))
