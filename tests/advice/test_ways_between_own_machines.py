"""Transit gateways and public addresses between own machines, by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import case

from egresscost.advice import advise
from egresscost.advice.ideas import public_addressing, transit_gateway_to_peering
from egresscost.results import Standing

PEERING, PRIVATE = transit_gateway_to_peering.IDEA, public_addressing.IDEA
HEAD = "charge | boundary | direction | from | to | via | path | evidence | src_network | dst_network | resource | workload | peer | amount"
SENT = "transit_gateway | {boundary} | out | us-east-1 | | transit_gateway | transit_gateway | flow | vpc-a | vpc-b | tgw-attach-a | web | b-app | {gb} gb"
MOVED = "transfer | {boundary} | out | us-east-1 | us-east-1 | transit_gateway | transit_gateway | flow | vpc-a | vpc-b | i-web | web | b-app | {gb} gb"
HOURS = "transit_gateway | none | | us-east-1 | | transit_gateway | transit_gateway | bill | | | arn:aws:ec2:us-east-1:1:transit-gateway-attachment/tgw-attach-a | | | 744 h"


@pytest.mark.parametrize(
    ("boundary", "gross", "new", "standing"),
    [
        ("none", "20", "0", Standing.SAVES),  # 1,000 GB x 0.02; peering inside a zone is free
        ("zone", "20", "20", Standing.DOES_NOT_PAY),  # across zones peering costs 0.01 at both ends
    ],
)
def test_peering_saves_what_stays_in_its_zone(boundary: str, gross: str, new: str, standing: Standing) -> None:
    rows = "\n".join([HEAD, SENT.format(boundary=boundary, gb=1000), MOVED.format(boundary=boundary, gb=1000)])
    (advice,) = advise(case(rows, [PEERING]), [PEERING]).items
    assert advice.key == "transit-gateway-to-peering:vpc-a:vpc-b"
    assert (advice.gross, advice.new_cost, advice.standing) == (Decimal(gross), Decimal(new), standing)
    assert "attachments stay" in advice.change


def test_both_directions_of_a_pair_are_one_change() -> None:
    back = SENT.format(boundary="none", gb=500).replace("vpc-a | vpc-b | tgw-attach-a", "vpc-b | vpc-a | tgw-attach-b")
    rows = "\n".join([HEAD, SENT.format(boundary="none", gb=1000), SENT.format(boundary="zone", gb=100), back])
    (advice,) = advise(case(rows, [PEERING]), [PEERING]).items
    # (1,000 + 100 + 500) GB x 0.02 = 32 less 100 GB x 0.02 across zones.
    assert (advice.gross, advice.new_cost) == (Decimal(32), Decimal(2))


def test_an_attachment_that_carries_nothing_else_goes_with_its_hours() -> None:
    rows = "\n".join([HEAD, SENT.format(boundary="none", gb=1000), HOURS])
    (advice,) = advise(case(rows, [PEERING], has_bill=True), [PEERING]).items
    assert advice.net == Decimal(20) + Decimal("37.2")  # 744 h x 0.05
    assert "Nothing else goes through tgw-attach-a, which can go as well" in advice.change


@pytest.mark.parametrize(
    "other",
    [
        "transit_gateway | unknown | out | us-east-1 | | transit_gateway | transit_gateway | flow | vpc-a | | tgw-attach-a | web | 172.16.0.9 | 1 gb",
        "transfer | none | in | us-east-1 | us-east-1 | transit_gateway | transit_gateway | flow | vpc-c | vpc-a | i-web | web | c-app | 1 gb",
        "transit_gateway | unknown | out | us-east-1 | | transit_gateway | transit_gateway | bill | | | arn:aws:ec2:us-east-1:1:transit-gateway-attachment/tgw-attach-a | | | 500 gb",
    ],
    ids=["to somebody unknown", "from a third network", "that only the bill has"],
)
def test_an_attachment_with_other_traffic_stays(other: str) -> None:
    rows = "\n".join([HEAD, SENT.format(boundary="none", gb=1000), HOURS, other])
    first = advise(case(rows, [PEERING], has_bill=True), [PEERING]).items[0]
    assert first.net == Decimal(20)
    assert "attachments stay" in first.change


def test_other_regions_are_left_alone_and_a_bill_alone_does_not_tell() -> None:
    region = SENT.format(boundary="region", gb=1000)
    assert advise(case(f"{HEAD}\n{region}", [PEERING]), [PEERING]).items == ()
    bill = f"{HEAD}\ntransit_gateway | unknown | out | us-east-1 | | transit_gateway | transit_gateway | bill | | | | | | 1000 gb"
    (advice,) = advise(case(bill, [PEERING], has_bill=True, has_flows=False), [PEERING]).items
    assert (advice.standing, advice.at_stake) == (Standing.NOT_JUDGED, Decimal(20))


PUBLIC = "charge | boundary | direction | from | to | via | path | src_zone | dst_zone | src_network | dst_network | resource | workload | peer | peer_kind | amount"
PAIR = """transfer | zone | out | us-east-1 | us-east-1 | public_ip | public_ip | az1 | {zone} | vpc-a | {net} | i-edge | edge | twin | workload | 1000 gb
transfer | zone | in | us-east-1 | us-east-1 | public_ip | public_ip | az1 | {zone} | vpc-a | {net} | i-twin | twin | edge | workload | 1000 gb"""


def test_public_addresses_inside_one_zone_cost_at_both_ends_for_nothing() -> None:
    (advice,) = advise(case(f"{PUBLIC}\n{PAIR.format(zone='az1', net='vpc-a')}", [PRIVATE]), [PRIVATE]).items
    assert (advice.key, advice.gross, advice.new_cost) == ("public-addressing:edge:twin", Decimal(20), Decimal(0))
    assert advice.title == "Private addresses between edge and twin"
    assert "need a way between them" not in advice.change


def test_across_zones_nothing_changes() -> None:
    assert advise(case(f"{PUBLIC}\n{PAIR.format(zone='az2', net='vpc-a')}", [PRIVATE]), [PRIVATE]).items == ()


def test_networks_of_their_own_need_a_way_between_them() -> None:
    (advice,) = advise(case(f"{PUBLIC}\n{PAIR.format(zone='az1', net='vpc-b')}", [PRIVATE]), [PRIVATE]).items
    assert "vpc-a and vpc-b need a way between them" in advice.change


def test_through_a_nat_gateway_its_charge_is_spared_and_the_zones_are_not_told() -> None:
    rows = f"""{PUBLIC}
nat | zone | out | us-east-1 | | nat | nat>public_ip | az1 | az1 | vpc-a | vpc-a | nat-1 | shop | twin | workload | 1000 gb
transfer | zone | out | us-east-1 | us-east-1 | public_ip | nat>public_ip | az1 | az1 | vpc-a | vpc-a | nat-1 | shop | twin | workload | 1000 gb"""
    (advice,) = advise(case(rows, [PRIVATE]), [PRIVATE]).items
    assert (advice.gross, advice.new_cost) == (Decimal(45), Decimal(0))


def test_machines_of_others_are_left_alone_and_a_bill_does_not_tell_whose_they_are() -> None:
    others = PAIR.format(zone="az1", net="vpc-a").replace("workload", "network_owner")
    assert advise(case(f"{PUBLIC}\n{others}", [PRIVATE]), [PRIVATE]).items == ()
    bill = "charge | boundary | direction | from | to | path | via | evidence | amount\ntransfer | zone | out | us-east-1 | us-east-1 | public_ip | public_ip | bill | 1000 gb"
    (advice,) = advise(case(bill, [PRIVATE], has_bill=True, has_flows=False), [PRIVATE]).items
    assert (advice.standing, advice.at_stake) == (Standing.NOT_JUDGED, Decimal(10))


def test_the_pair_that_is_left_empties_the_gateway_and_takes_both_attachments_along() -> None:
    names = ("a", "b", "c")
    hours = [
        HOURS.replace("bill | |", f"bill | vpc-{name} |", 1).replace("tgw-attach-a", f"tgw-attach-{name}")
        for name in names
    ]
    # The bill names resources, so it would show what vpc-b sends.
    hours.append(
        "nat | unknown | both | us-east-1 | | nat | nat | bill | | | arn:aws:ec2:us-east-1:1:natgateway/nat-1 | | | 5 gb"
    )
    home = SENT.format(boundary="none", gb=1000)
    across = SENT.format(boundary="zone", gb=500).replace("vpc-b", "vpc-c")
    second, first = advise(case("\n".join([HEAD, across, home, *hours]), [PEERING], has_bill=True), [PEERING]).items
    # In one zone: 1,000 GB x 0.02 = 20 and the attachment of vpc-b, which only receives: 744 h x 0.05 = 37.20.
    assert (first.key, first.net) == ("transit-gateway-to-peering:vpc-a:vpc-b", Decimal("57.2"))
    # Across zones peering costs what the gateway did, and then nothing goes through the other two attachments: 2 x 37.20.
    assert (second.key, second.net) == ("transit-gateway-to-peering:vpc-a:vpc-c", Decimal("74.4"))
    assert "Nothing else goes through tgw-attach-a and tgw-attach-c, which can go as well" in second.change
