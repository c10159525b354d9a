"""A registry of the own region, by hand. us-east-1: NAT $0.045 a GB, an endpoint $0.01 an hour, storage $0.10 a GB-month."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import case

from egresscost.advice import advise
from egresscost.advice.ideas.image_pulls import IDEA
from egresscost.results import Standing, Sureness

HEAD = "charge | boundary | direction | from | via | src_network | dst_network | dst_zone | workload | peer | amount"


def rows(*lines: str) -> str:
    return "\n".join([HEAD, *lines])


def pulls(size: str, zone: str = "a", peer: str = "cloudflare CDN", way: str = "in") -> str:
    return f"nat|internet|{way}|us-east-1|nat||vpc-a|{zone}|nodes|{peer}|{size} gb"


ENDPOINTS = [
    f"private_endpoint|provider_service|in|us-east-1|private_endpoint||vpc-a|a|nodes|com.amazonaws.us-east-1.{name}|1 gb"
    for name in ("ecr.api", "ecr.dkr")
]


def test_layers_that_are_there_already_do_not_come_through_the_nat_gateway() -> None:
    found = advise(case(rows(pulls("8000", "a"), pulls("2000", "b", "github packages")), [IDEA]), [IDEA])
    (advice,) = found.items
    # Half of 10,000 GB is images, nine tenths of that is there already: 4,500 GB x $0.045 = $202.50.
    # 500 GB of new layers x $0.10 = $50.00. Two endpoints in two zones: 4 x 744 h x $0.01 = $29.76.
    assert (advice.key, advice.gross, advice.new_cost) == ("image-pulls:vpc-a", Decimal("202.5"), Decimal("79.76"))
    assert (advice.net, advice.sureness) == (Decimal("122.74"), Sureness.LOW)
    assert advice.title == "Pull-through cache for images of vpc-a"
    assert [point.value for point in advice.curve if point.net > 0] == [
        Decimal("0.25"),
        Decimal("0.5"),
        Decimal("0.75"),
        1,
    ]


@pytest.mark.parametrize(
    ("size", "standing"),
    # A GB saves 0.5 x 0.9 x 0.045 - 0.5 x 0.1 x 0.10 = $0.01525; two endpoints cost 2 x 730 x 0.01 = $14.60 a month, and $1.00
    # is the least that is worth it: 15.60 / 0.01525 = 1,022.95 GB.
    [("1023", Standing.SAVES), ("1022", Standing.DOES_NOT_PAY)],
)
def test_it_pays_from_a_thousand_gb_a_month_on(size: str, standing: Standing) -> None:
    (advice,) = advise(case(rows(pulls(size)), [IDEA], hours=Decimal(730)), [IDEA]).items
    assert advice.standing is standing


def test_endpoints_that_are_there_cost_nothing_more() -> None:
    (advice,) = advise(case(rows(pulls("1000"), *ENDPOINTS), [IDEA]), [IDEA]).items
    assert advice.net == Decimal("15.25")


def test_other_owners_and_what_goes_out_are_no_images() -> None:
    assert (
        advise(case(rows(pulls("9000", peer="azure westeurope"), pulls("9000", way="out")), [IDEA]), [IDEA]).items == ()
    )
