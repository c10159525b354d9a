"""Private endpoints to vendors, by hand. us-east-1: NAT $0.045, internet $0.09, endpoint $0.01 a GB and $0.01 an hour."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import case

from egresscost.advice import advise
from egresscost.advice.ideas.vendor_endpoint import IDEA
from egresscost.results import Standing

HEAD = (
    "charge | boundary | direction | from | to | via | src_network | dst_network | src_zone | workload | peer | amount"
)


def rows(*lines: str) -> str:
    return "\n".join([HEAD, "transfer|internet|out|us-east-1|||vpc-a|||web||100 gb", *lines])


def sent(size: str, zone: str = "a", peer: str = "datadog us1") -> list[str]:
    return [
        f"transfer|internet|out|us-east-1||nat|vpc-a||{zone}|agent|{peer}|{size} gb",
        f"nat|internet|out|us-east-1||nat|vpc-a||{zone}|agent|{peer}|{size} gb",
    ]


def test_an_endpoint_replaces_gateway_and_internet_in_both_directions() -> None:
    back = [
        "transfer|internet|in||us-east-1|nat||vpc-a||agent|datadog us1|50 gb",
        "nat|internet|in|us-east-1||nat||vpc-a||agent|datadog us1|50 gb",
    ]
    (advice,) = advise(case(rows(*sent("600"), *sent("400", "b"), *back), [IDEA]), [IDEA]).items
    # Gone: 1,000 x 0.09 + 1,050 x 0.045 = $137.25. New: 1,050 x 0.01 + 2 zones x 744 h x 0.01 = $25.38.
    assert (advice.key, advice.gross, advice.new_cost) == (
        "vendor-endpoint:vpc-a:datadog",
        Decimal("137.25"),
        Decimal("25.38"),
    )
    assert advice.title == "Private endpoint to datadog for vpc-a"


@pytest.mark.parametrize(
    ("size", "standing"),
    # A GB saves 0.09 + 0.045 - 0.01 = $0.125; an endpoint in one zone costs 730 x 0.01 = $7.30, and $1.00 is the least: 66.4 GB.
    [("67", Standing.SAVES), ("66", Standing.DOES_NOT_PAY)],
)
def test_it_pays_from_sixty_seven_gb_a_month_and_zone_on(size: str, standing: Standing) -> None:
    (advice,) = advise(case(rows(*sent(size)), [IDEA], hours=Decimal(730)), [IDEA]).items
    assert advice.standing is standing


def test_a_vendor_without_endpoints_is_left_alone() -> None:
    assert advise(case(rows(*sent("9000", peer="loggly")), [IDEA]), [IDEA]).items == ()
