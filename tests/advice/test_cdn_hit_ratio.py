"""Hit ratios of a CDN, by hand."""

from __future__ import annotations

from decimal import Decimal

from advice.ledgers import case
from advice.logs import logs

from egresscost.advice import advise
from egresscost.advice.ideas.cdn_hit_ratio import IDEA
from egresscost.results import Standing

HEAD = "charge | boundary | direction | from | service | resource | evidence | amount\n"
EVIDENCE = """
service          | resource | edge    | cache_result | requests | bytes_out
AmazonCloudFront | E1       | edge-US | hit          | 10       | 300,000
AmazonCloudFront | E1       | edge-US | refresh_hit  | 10       | 100,000
AmazonCloudFront | E1       | edge-US | miss         | 10       | 600,000
AmazonCloudFront | E1       | edge-US | error        | 10       | 900,000
AmazonCloudFront | E2       | edge-US | hit          | 10       | 900,000
AmazonCloudFront | E2       | edge-US | miss         | 10       | 100,000
"""


def test_where_fetches_are_free_a_better_ratio_saves_no_transfer() -> None:
    # Uploads from the edge to the origin cost, and no cache helps: they stay.
    rows = (
        HEAD
        + """
transfer | origin | out | us-east-1 | AmazonS3         | films | bill | 7000 gb
transfer | origin | out | edge-SA   | AmazonCloudFront | E1    | bill | 900 gb
""".strip()
    )
    (advice,) = advise(case(rows, [IDEA], http=logs(EVIDENCE), has_bill=True), [IDEA]).items
    assert (advice.key, advice.standing, advice.net) == ("cdn-hit-ratio:E1", Standing.DOES_NOT_PAY, Decimal(0))
    assert advice.title == "A better hit ratio for E1 (40% of bytes)"
    assert "no transfer charge" in advice.change
    # E1 has 600 of 700 misses; from 40 % to 85 % three quarters of them go: 6/7 x 3/4 of 7,000 GB are 4,500 GB.
    (pool,) = advice.pools
    assert (pool.before, round(pool.after, 2), pool.cost_after) == (Decimal(7000), Decimal(2500), Decimal(0))


def test_without_what_the_origin_sends_it_cannot_be_judged() -> None:
    rows = HEAD + "transfer | edge | out | edge-US | AmazonCloudFront | E1 | bill | 7000 gb"
    (advice,) = advise(case(rows, [IDEA], http=logs(EVIDENCE), has_bill=True), [IDEA]).items
    assert advice.standing is Standing.NOT_JUDGED
    assert "40%" in advice.missing


def test_good_ratios_and_missing_logs_say_nothing() -> None:
    rows = HEAD + "transfer | origin | out | us-east-1 | AmazonS3 | films | bill | 7000 gb"
    assert advise(case(rows, [IDEA], has_bill=True), [IDEA]).items == ()
    made = case(rows, [IDEA], http=logs(EVIDENCE), has_bill=True, good_hit_ratio=Decimal("0.4"))
    assert advise(made, [IDEA]).items == ()
