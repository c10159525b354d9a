"""NAT gateways and zones, in both directions, by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import case

from egresscost.advice import advise
from egresscost.advice.ideas import fewer_nats, nat_per_zone
from egresscost.results import Standing

NEW, OLD = nat_per_zone.IDEA, fewer_nats.IDEA
MONTH = Decimal(730)
HEAD = "charge | boundary | direction | from | to | via | path | evidence | src_network | src_zone | dst_zone | resource | workload | peer | amount"
NAT_1 = "nat | internet | out | us-east-1 | | nat | nat | flow | vpc-a | az1 | | nat-1 | etl | | {gb} gb"
NAT_2 = "nat | internet | out | us-east-1 | | nat | nat | flow | vpc-a | az2 | | nat-2 | api | | {gb} gb"
HOP = """transfer | zone | out | us-east-1 | us-east-1 | nat | nat | flow | vpc-a | az2 | az1 | i-etl | etl | nat-1 | {gb} gb
transfer | zone | in | us-east-1 | us-east-1 | nat | nat | flow | vpc-a | az2 | az1 | nat-1 | | etl | {gb} gb"""
HOURS = """nat | none | | us-east-1 | | nat | nat | bill | | | | arn:aws:ec2:us-east-1:1:natgateway/nat-1 | | | 730 h
nat | none | | us-east-1 | | nat | nat | bill | | | | arn:aws:ec2:us-east-1:1:natgateway/nat-2 | | | 730 h"""

# A NAT gateway costs 730 h x $0.045 = $32.85 a month; the hop to one in another zone 2 x $0.01 a GB.
# Break-even: 32.85 / 0.02 = 1,642.5 GB a month.
BREAK_EVEN = [
    ("1642", "-0.01", Standing.DOES_NOT_PAY),
    ("1643", "0.01", Standing.SAVES),
    ("5000", "67.15", Standing.SAVES),
]


@pytest.mark.parametrize(("gb", "net", "standing"), BREAK_EVEN)
def test_a_second_nat_gateway_pays_from_1643_gb_a_month_on(gb: str, net: str, standing: Standing) -> None:
    rows = "\n".join([HEAD, NAT_1.format(gb=gb), HOP.format(gb=gb)])
    (advice,) = advise(case(rows, [NEW], hours=MONTH, min_saving=Decimal(0)), [NEW]).items
    assert (advice.key, advice.standing, advice.net) == ("nat-per-zone:vpc-a:az2", standing, Decimal(net))


def test_a_public_address_of_the_cloud_raises_the_break_even() -> None:
    # 730 h x (0.045 + 0.005) = 36.50 a month: 1,825 GB.
    rows = "\n".join([HEAD, NAT_1.format(gb=1825), HOP.format(gb=1825)])
    made = case(rows, [NEW], hours=MONTH, min_saving=Decimal(0), nat_addresses=Decimal(1))
    (advice,) = advise(made, [NEW]).items
    assert (advice.gross, advice.new_cost, advice.net) == (Decimal("36.5"), Decimal("36.5"), Decimal(0))


def test_where_the_zone_has_a_gateway_only_the_route_changes() -> None:
    rows = "\n".join([HEAD, NAT_1.format(gb=100), NAT_2.format(gb=50), HOP.format(gb=100)])
    (advice,) = advise(case(rows, [NEW], hours=MONTH), [NEW]).items
    assert (advice.gross, advice.new_cost, advice.net) == (Decimal(2), Decimal(0), Decimal(2))
    assert "nat-2 stands in their zone already" in advice.change


def test_what_comes_back_through_the_gateway_hops_as_well() -> None:
    rows = f"""{HEAD}
nat | internet | in | us-east-1 | | nat | nat | flow | | | az1 | nat-1 | etl | | 3000 gb
transfer | zone | in | us-east-1 | us-east-1 | nat | nat | flow | vpc-a | az1 | az2 | i-etl | etl | nat-1 | 3000 gb
transfer | zone | out | us-east-1 | us-east-1 | nat | nat | flow | vpc-a | az1 | az2 | nat-1 | | etl | 3000 gb"""
    (advice,) = advise(case(rows, [NEW], hours=MONTH), [NEW]).items
    assert (advice.subject, advice.net) == ("vpc-a:az2", Decimal("27.15"))  # 60 - 32.85


def test_without_hops_there_is_nothing_to_say_and_without_flow_logs_that_it_is_not_known() -> None:
    assert advise(case(f"{HEAD}\n{NAT_1.format(gb=100)}", [NEW]), [NEW]).items == ()
    bill = f"{HEAD}\n{NAT_1.format(gb=100).replace('flow', 'bill')}"
    (advice,) = advise(case(bill, [NEW], has_flows=False, has_bill=True), [NEW]).items
    assert (advice.standing, advice.at_stake) == (Standing.NOT_JUDGED, Decimal("4.5"))


@pytest.mark.parametrize(
    ("gb", "net", "standing"),
    [
        ("1642", "0.01", Standing.SAVES),  # the same break-even from the other side
        ("1643", "-0.01", Standing.DOES_NOT_PAY),
        ("100", "30.85", Standing.SAVES),  # 32.85 - 100 x 0.02
    ],
)
def test_a_gateway_below_the_break_even_is_shared_away(gb: str, net: str, standing: Standing) -> None:
    rows = "\n".join([HEAD, NAT_1.format(gb=9000), NAT_2.format(gb=gb), HOURS])
    (advice,) = advise(case(rows, [OLD], hours=MONTH, has_bill=True, min_saving=Decimal(0)), [OLD]).items
    assert (advice.key, advice.standing, advice.net) == ("fewer-nats:nat-2", standing, Decimal(net))
    assert advice.title == "Share nat-1 instead of nat-2"
    assert "availability" in advice.risk


def test_a_gateway_that_others_of_its_zone_should_rather_use_is_kept() -> None:
    # nat-2 carries 100 GB, and 2,000 GB of its zone hop to nat-1: together they are worth 2,100 x 0.02 = $42 > $32.85.
    rows = "\n".join([HEAD, NAT_1.format(gb=9000), NAT_2.format(gb=100), HOP.format(gb=2000), HOURS])
    found = advise(case(rows, [OLD, NEW], hours=MONTH, has_bill=True), [OLD, NEW])
    assert [(each.key, each.net) for each in found.items] == [("nat-per-zone:vpc-a:az2", Decimal(40))]


def test_a_gateway_that_was_shared_away_is_not_advised_back() -> None:
    rows = "\n".join([HEAD, NAT_1.format(gb=9000), NAT_2.format(gb=100), HOURS])
    found = advise(case(rows, [OLD, NEW], hours=MONTH, has_bill=True), [OLD, NEW])
    assert [each.key for each in found.items] == ["fewer-nats:nat-2"]


def test_the_only_gateway_of_a_network_stays() -> None:
    rows = "\n".join([HEAD, NAT_1.format(gb=9000), NAT_2.format(gb=100).replace("vpc-a", "vpc-b"), HOURS])
    assert advise(case(rows, [OLD], hours=MONTH, has_bill=True), [OLD]).items == ()


def test_gateways_of_which_nobody_knows_the_zone_are_not_judged() -> None:
    (advice,) = advise(case(f"{HEAD}\n{HOURS}", [OLD], hours=MONTH, has_bill=True, has_flows=False), [OLD]).items
    assert (advice.standing, advice.at_stake) == (Standing.NOT_JUDGED, Decimal("65.7"))
