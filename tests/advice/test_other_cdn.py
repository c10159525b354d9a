"""A CDN of another company, by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import case
from advice.logs import logs

from egresscost.advice import advise
from egresscost.advice.ideas.cdn import IDEA as CDN
from egresscost.advice.ideas.other_cdn import IDEA
from egresscost.results import Standing, Sureness

HEAD = "charge | boundary | direction | from | service | resource | path | evidence | amount\n"
ROW = HEAD + "transfer | internet | out | us-east-1 | AmazonS3 | films | unknown | bill | 10100 gb"


@pytest.mark.parametrize(
    ("again", "standing", "net"),
    [
        # All 10,000 GB beyond the free 100 cost 0.09, and 10,100 GB at the CDN 0.03 each = 303. A hit saves 0.09, until only
        # the free 100 GB are left: 303 / 0.09 = 3,366.67 GB, a third of the bytes.
        ("330,000", Standing.DOES_NOT_PAY, Decimal("-3.03")),  # 3,333 GB x 0.09 = 299.97
        ("336,000", Standing.SAVES, Decimal("2.424")),  # 3,393.6 GB x 0.09 = 305.424
        ("900,000", Standing.SAVES, Decimal("515.1")),  # 9,090 GB x 0.09 = 818.10
    ],
)
def test_every_miss_still_pays_so_the_hit_ratio_decides(again: str, standing: Standing, net: Decimal) -> None:
    evidence = logs(f"""
service  | resource | requests | bytes_out | repeated_bytes
AmazonS3 | films    | 1        | 1,000,000 | {again}
""")
    (advice,) = advise(case(ROW, [IDEA], http=evidence, cdn_price=Decimal("0.03")), [IDEA]).items
    assert (advice.key, advice.standing, advice.sureness) == ("other-cdn:us-east-1:films", standing, Sureness.LOW)
    assert advice.net is not None
    assert round(advice.net, 3) == net


def test_what_the_providers_cdn_took_is_not_taken_again() -> None:
    # Objects of 1 MB before sa-east-1, whose edge is far cheaper than the region: the provider's own CDN takes it all.
    evidence = logs("""
service  | resource | requests | bytes_out     | repeated_bytes
AmazonS3 | films    | 1024     | 1,073,741,824 | 1,000,000,000
""")
    made = case(ROW.replace("us-east-1", "sa-east-1"), [CDN, IDEA], http=evidence, cdn_price=Decimal("0.03"))
    found = advise(made, [CDN, IDEA]).items
    assert [each.key for each in found] == ["cdn:sa-east-1:films"]


def test_without_access_logs_or_a_price_that_was_offered_it_is_silent() -> None:
    assert advise(case(ROW, [IDEA], cdn_price=Decimal("0.03")), [IDEA]).items == ()
    evidence = logs("""
service  | resource | requests | bytes_out | repeated_bytes
AmazonS3 | films    | 1        | 1,000,000 | 900,000
""")
    assert advise(case(ROW, [IDEA], http=evidence), [IDEA]).items == ()
