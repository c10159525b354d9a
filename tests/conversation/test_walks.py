"""The walk of two ends in flow logs: what is charged to whom, against hand calculations.

Rates of us-east-1 (2026): internet $0.09 a GB after 100 GB free; zone $0.01 at each end; NAT $0.045 each way; region $0.02
to eu-west-1; transit gateway $0.02 into it.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import jsonschema
import made
import pytest
import screens
from flows.test_flows import DEFAULT, GB, NAT, OUTSIDE, START, WEB, log, nat_gateway, record

import egresscost
from egresscost import document
from egresscost.conversation import explain
from egresscost.errors import NoDataError, UnknownNameError, UsageError
from egresscost.flows import FlowOptions
from egresscost.periods import parse_window
from egresscost.pipeline import Request
from egresscost.results import Conversation, Explanation, Selection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

S3, S3_WEST = "52.216.0.1", "52.218.128.1"
BUCKET = "aws us-east-1 S3"
OTHER = "10.0.9.9"


def ask(path: Path, *ends: str, inventory: Path | None = None, **selection: str) -> tuple[Conversation, ...]:
    window = parse_window(selection["since"], selection["until"], date(2026, 10, 31)) if selection else None
    flows = FlowOptions(inventory=(str(inventory),) if inventory else ())
    found = explain(Request([str(path)], Selection(window=window), flows=flows), *ends)
    assert all(isinstance(each, Conversation) for each in found)
    return found  # type: ignore[return-value]


def one(path: Path, *ends: str, inventory: Path | None = None) -> Conversation:
    (found,) = ask(path, *ends, inventory=inventory)
    return found


def way(conversation: Conversation) -> list[list[tuple[object, ...]]]:
    """Each leg: who saw it, in which role, by which rule, and what is charged: charge, GB, cost, payer."""
    return [
        [
            (
                each.interface,
                each.stands,
                each.direction,
                each.boundary,
                each.role,
                each.reason.rule,
                [(laid.charge, laid.bytes // GB, laid.cost, laid.payer) for laid in each.charges],
            )
            for each in leg.sightings
        ]
        for leg in conversation.legs
    ]


def controls(conversation: Conversation) -> list[tuple[str, str]]:
    return [(each.policy, each.whose) for each in conversation.controls]


def inventory(folder: Path, **lists: Sequence[dict[str, object]]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, items in lists.items():
        (folder / f"{name}.json").write_text(json.dumps({name: items}))
    return folder


def interface(name: str, address: str, **changes: object) -> dict[str, object]:
    return {
        "NetworkInterfaceId": name,
        "OwnerId": "111111111111",
        "VpcId": "vpc-a",
        "SubnetId": "subnet-a",
        "AvailabilityZoneId": "use1-az1",
        "PrivateIpAddress": address,
        **changes,
    }


def subnet(name: str, network: str, prefix: str, zone: str = "use1-az1") -> dict[str, object]:
    region = {"use1": "us-east-1", "euw1": "eu-west-1"}[zone[:4]]
    return {
        "SubnetId": name,
        "VpcId": network,
        "CidrBlock": prefix,
        "AvailabilityZoneId": zone,
        "AvailabilityZone": f"{region}a",
    }


ME = "111111111111"


def test_a_machine_that_sends_straight_to_the_internet_pays_out_and_not_in(tmp_path: Path) -> None:
    rows = [
        record("eni-web", WEB, OUTSIDE, 600 * GB, "egress", traffic_path="8"),
        record("eni-web", WEB, "193.0.6.140", 400 * GB, "egress", traffic_path="8"),
        record("eni-web", OUTSIDE, WEB, 7 * GB, "ingress"),
    ]
    found = one(log(tmp_path / "a.log", *rows), WEB, OUTSIDE)
    # The pool: 1,000 GB, of which 100 are free: 900 x $0.09 = $81. This pair is 600 of 1,000 GB: $48.60.
    assert way(found) == [
        [
            (
                "eni-web",
                "sender",
                "out",
                "internet",
                "vantage",
                "internet",
                [("transfer", 600, Decimal("48.6"), ME)],
            )
        ],
        [("eni-web", "receiver", "in", "internet", "vantage", "internet", [("transfer", 7, Decimal(0), ME)])],
    ]
    assert (found.cost, found.currency, found.sent, found.received) == (Decimal("48.6"), "USD", 600 * GB, 7 * GB)
    laid = found.legs[0].sightings[0].charges[0]
    assert (laid.pool.quantity, laid.pool.free, laid.pool.cost) == (1000, 100, 81)  # type: ignore[union-attr]
    assert [rate.price for rate in laid.rates][:2] == [Decimal("0.09"), Decimal("0.085")]
    assert laid.rates[0].as_of
    back = found.legs[1].sightings[0].charges[0]
    assert [(rate.price, rate.basis) for rate in back.rates] == [(0, "rule")]
    assert found.others[0].address == OUTSIDE
    assert found.others[0].place == "NL"
    named = [name for name, _ in controls(found)]
    assert named[:3] == ["security-group-out", "security-group-in", "network-acl"]
    assert "route-internet-gateway" in named
    assert "pooled" in {notice.code for notice in found.notices}


def test_through_a_nat_gateway_three_records_see_each_direction_and_one_is_priced(tmp_path: Path) -> None:
    listed = inventory(
        tmp_path / "inventory",
        NetworkInterfaces=[interface("eni-web", WEB, Groups=[{"GroupId": "sg-1", "GroupName": "web"}])],
    )
    found = one(log(tmp_path / "nat.log", *nat_gateway(1000 * GB)), WEB, OUTSIDE, inventory=listed)
    # Out: (1,000 - 100) GB x $0.09 and 1,000 GB x $0.045. Back: free, and 100 GB x $0.045.
    assert way(found) == [
        [
            ("eni-web", "sender", "out", "unknown", "evidence", "behind-nat", []),
            ("eni-nat", "between", "in", "none", "evidence", "nat-inside", []),
            (
                "eni-nat",
                "between",
                "out",
                "internet",
                "vantage",
                "internet",
                [("transfer", 1000, Decimal(81), ME), ("nat", 1000, Decimal(45), ME)],
            ),
        ],
        [
            (
                "eni-nat",
                "between",
                "in",
                "internet",
                "vantage",
                "internet",
                [("nat", 100, Decimal("4.5"), ME), ("transfer", 100, Decimal(0), ME)],
            ),
            ("eni-nat", "between", "out", "none", "evidence", "nat-inside", []),
            ("eni-web", "receiver", "in", "unknown", "evidence", "behind-nat", []),
        ],
    ]
    assert found.cost == Decimal("130.5")
    assert (found.sent, found.received, found.sighted) == (1000 * GB, 100 * GB, 3300 * GB)
    assert found.ends[0].groups == ("sg-1 (web)",)
    assert controls(found) == [
        ("security-group-out", "eni-web of i-web"),
        ("network-acl", "subnet-a of i-web"),
        ("route-nat", "subnet-a of i-web"),
        ("nat-network-acl", "eni-nat"),
        ("nat-route", "eni-nat"),
        ("nat-opens", "eni-nat"),
    ]
    assert found.controls[0].named == ("sg-1 (web)",)


def test_a_nat_gateway_shared_by_two_gives_each_its_part(tmp_path: Path) -> None:
    api = "10.0.1.7"
    rows = [
        record("eni-web", WEB, OUTSIDE, 30 * GB, "egress", instance_id="i-web", traffic_path="1"),
        record("eni-api", api, OUTSIDE, 10 * GB, "egress", instance_id="i-api", traffic_path="1"),
        record("eni-nat", WEB, NAT, 30 * GB, "ingress", pkt_dstaddr=OUTSIDE),
        record("eni-nat", api, NAT, 10 * GB, "ingress", pkt_dstaddr=OUTSIDE),
        record("eni-nat", NAT, OUTSIDE, 40 * GB, "egress", traffic_path="8"),
    ]
    path = log(tmp_path / "nat.log", *rows)
    # 40 GB are under the 100 GB allowance; NAT 30 x $0.045 and 10 x $0.045.
    web, other, whole = one(path, WEB, OUTSIDE), one(path, "i-api", OUTSIDE), one(path, "eni-nat")
    assert (web.cost, other.cost, whole.cost) == (Decimal("1.35"), Decimal("0.45"), Decimal("1.8"))
    assert [each.bytes // GB for each in web.legs[0].sightings] == [30, 30, 30]
    assert web.legs[0].sightings[2].charges[0].is_estimated
    assert "shared-by-proportion" in {notice.code for notice in web.notices}
    assert [(each.own.name, each.end.name, each.cost) for each in whole.partners] == [
        ("i-web", "NL", Decimal("1.35")),
        ("i-api", "NL", Decimal("0.45")),
    ]


def test_between_zones_both_ends_are_charged_each_at_its_own_record(tmp_path: Path) -> None:
    rows = [
        record("eni-a", WEB, OTHER, 50 * GB, "egress", traffic_path="1"),
        record("eni-b", WEB, OTHER, 50 * GB, "ingress", subnet_id="subnet-b", az_id="use1-az2", account_id="2" * 12),
    ]
    found = one(log(tmp_path / "zones.log", *rows), WEB, OTHER)
    assert way(found) == [
        [
            ("eni-a", "sender", "out", "zone", "vantage", "zone", [("transfer", 50, Decimal("0.5"), ME)]),
            ("eni-b", "receiver", "in", "zone", "vantage", "zone", [("transfer", 50, Decimal("0.5"), "2" * 12)]),
        ]
    ]
    assert (found.cost, found.sent, found.received) == (1, 50 * GB, 0)
    assert {name for name, whose in controls(found) if whose == "eni-b of 10.0.9.9"} == {
        "security-group-out",
        "security-group-in",
    }
    turned = one(tmp_path / "zones.log", OTHER, WEB)
    assert (turned.sent, turned.received, turned.cost) == (0, 50 * GB, 1)
    assert way(turned) == way(found)


def test_a_gateway_endpoint_to_s3_is_free_by_rule(tmp_path: Path) -> None:
    rows = [record("eni-web", WEB, S3, 500 * GB, "egress", traffic_path="7", pkt_dst_aws_service="S3")]
    found = one(log(tmp_path / "s3.log", *rows), WEB, S3)
    assert way(found) == [
        [
            (
                "eni-web",
                "sender",
                "out",
                "provider_service",
                "vantage",
                "gateway-endpoint",
                [("transfer", 500, Decimal(0), ME)],
            )
        ]
    ]
    assert {"route-gateway-endpoint", "gateway-endpoint-policy", "service-policy"} <= {
        name for name, _ in controls(found)
    }
    assert next(each.title for each in found.controls if each.policy == "service-policy").startswith("bucket policy")
    assert "security-group-in" not in dict(controls(found))


def test_s3_of_the_region_through_a_nat_costs_processing_only(tmp_path: Path) -> None:
    rows = [
        record("eni-web", WEB, S3, 100 * GB, "egress", traffic_path="1", pkt_dst_aws_service="S3"),
        record("eni-nat", WEB, NAT, 100 * GB, "ingress", pkt_dstaddr=S3, pkt_dst_aws_service="S3"),
        record("eni-nat", NAT, S3, 100 * GB, "egress", traffic_path="8", pkt_dst_aws_service="S3"),
    ]
    found = one(log(tmp_path / "s3.log", *rows), WEB, S3)
    # 100 GB x $0.045, and no transfer.
    assert way(found)[0][2][-1] == [("nat", 100, Decimal("4.5"), ME), ("transfer", 100, Decimal(0), ME)]
    assert found.cost == Decimal("4.5")
    assert found.others[0].place == BUCKET


def test_between_regions_the_sender_pays_and_the_receiver_does_not(tmp_path: Path) -> None:
    far = "10.9.0.9"
    listed = inventory(
        tmp_path / "inventory",
        Subnets=[subnet("subnet-a", "vpc-a", "10.0.1.0/24"), subnet("sub-x", "vpc-x", "10.9.0.0/24", "euw1-az1")],
    )
    rows = [
        record("eni-a", WEB, far, 100 * GB, "egress", traffic_path="5"),
        record(
            "eni-far",
            WEB,
            far,
            100 * GB,
            "ingress",
            vpc_id="vpc-x",
            subnet_id="sub-x",
            region="eu-west-1",
            az_id="euw1-az1",
        ),
    ]
    found = one(log(tmp_path / "regions.log", *rows), WEB, far, inventory=listed)
    # 100 GB x $0.02, at the sender.
    assert way(found) == [
        [
            ("eni-a", "sender", "out", "region", "vantage", "region-peering", [("transfer", 100, Decimal(2), ME)]),
            ("eni-far", "receiver", "in", "region", "vantage", "region-peering", [("transfer", 100, Decimal(0), ME)]),
        ]
    ]
    assert {("route-peering", "subnet-a of 10.0.1.5"), ("route-peering", "sub-x of 10.9.0.9")} <= set(controls(found))


def test_a_transit_gateway_is_charged_once_where_the_bytes_enter_it(tmp_path: Path) -> None:
    far = "10.1.1.9"
    there = {"vpc_id": "vpc-b", "subnet_id": "sub-b", "account_id": "2" * 12}
    listed = inventory(
        tmp_path / "inventory",
        NetworkInterfaces=[
            interface("eni-tgw-a", "10.0.0.40", InterfaceType="transit_gateway"),
            interface("eni-tgw-b", "10.1.1.40", InterfaceType="transit_gateway", VpcId="vpc-b", SubnetId="sub-b"),
        ],
        Subnets=[subnet("subnet-a", "vpc-a", "10.0.1.0/24"), subnet("sub-b", "vpc-b", "10.1.1.0/24")],
    )
    rows = [
        record("eni-a", WEB, far, 100 * GB, "egress", traffic_path="1"),
        record("eni-tgw-a", WEB, far, 100 * GB, "ingress"),
        record("eni-tgw-b", WEB, far, 100 * GB, "egress", **there),
        record("eni-far", WEB, far, 100 * GB, "ingress", **there),
    ]
    found = one(log(tmp_path / "tgw.log", *rows), WEB, far, inventory=listed)
    # 100 GB x $0.02 where they enter; both machines stand in one zone, which is free.
    laid = [
        (each.interface, each.stands, [(one.charge, one.cost) for one in each.charges])
        for each in found.legs[0].sightings
    ]
    assert laid == [
        ("eni-a", "sender", [("transfer", Decimal(0))]),
        ("eni-tgw-a", "between", [("transit_gateway", Decimal(2))]),
        ("eni-tgw-b", "between", []),
        ("eni-far", "receiver", []),
    ]
    assert found.cost == 2
    assert {"route-transit", "transit-routes"} <= {name for name, _ in controls(found)}


def test_version_2_has_no_direction_and_what_was_inferred_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "AWSLogs/111111111111/vpcflowlogs/us-east-1/2026/10/05"
    lines = [
        f"2 {ME} eni-a {src} {dst} 443 4000 6 1 {200 * GB} {START} {START + 60} ACCEPT OK"
        for src, dst in ((WEB, OUTSIDE), (WEB, "8.8.8.8"))
    ]
    name = f"{ME}_vpcflowlogs_us-east-1_fl-01b07217476488e53_20261005T1200Z_a.log.gz"
    log(folder / name, *lines, fields=DEFAULT)
    found = one(tmp_path, WEB, OUTSIDE)
    # 400 GB, 100 of them free: 300 x $0.09 = $27; half of it.
    assert found.cost == Decimal("13.5")
    (sighting,) = found.legs[0].sightings
    assert (sighting.direction, sighting.is_inferred, sighting.flow_logs) == ("out", True, ("fl-01b07217476488e53",))
    assert "direction-inferred" in {notice.code for notice in found.notices}


def test_naming_the_only_partner_does_not_hide_whose_the_private_address_is(tmp_path: Path) -> None:
    """A stranger's address that is told apart never becomes a candidate for an interface's own."""
    lines = [f"2 {ME} eni-a {WEB} {OUTSIDE} 443 4000 6 1 {GB} {START} {START + 60} ACCEPT OK"]
    path = log(tmp_path / "a.log", *lines, fields=DEFAULT)
    assert one(path, WEB).legs == ()
    assert one(path, WEB, OUTSIDE).legs[0].sightings[0].direction == "out"


def test_an_address_that_two_networks_use_is_shown_apart(tmp_path: Path) -> None:
    rows = [
        record("eni-a", WEB, OUTSIDE, 200 * GB, "egress", traffic_path="8"),
        record("eni-b", WEB, OUTSIDE, 300 * GB, "egress", traffic_path="8", vpc_id="vpc-b", subnet_id="subnet-b"),
    ]
    found = ask(log(tmp_path / "twins.log", *rows), WEB, OUTSIDE)
    # 500 GB, 100 of them free: 400 x $0.09 = $36: two fifths and three fifths.
    assert [(each.title, each.cost) for each in found] == [
        (f"{WEB} in vpc-a and {OUTSIDE}", Decimal("14.4")),
        (f"{WEB} in vpc-b and {OUTSIDE}", Decimal("21.6")),
    ]
    assert [each.title for each in ask(tmp_path / "twins.log", WEB)] == [f"{WEB} in vpc-a", f"{WEB} in vpc-b"]


def test_one_end_names_its_partners_the_dearest_first(tmp_path: Path) -> None:
    rows = [
        record("eni-web", WEB, OUTSIDE, 200 * GB, "egress", traffic_path="8"),
        record("eni-web", WEB, OTHER, 50 * GB, "egress", traffic_path="1"),
        record("eni-b", WEB, OTHER, 50 * GB, "ingress", subnet_id="subnet-b", az_id="use1-az2"),
        record("eni-web", WEB, S3, 9 * GB, "egress", traffic_path="7", pkt_dst_aws_service="S3"),
        record("eni-web", WEB, "10.77.0.1", 3 * GB, "egress"),
    ]
    found = one(log(tmp_path / "a.log", *rows), WEB)
    # 100 GB x $0.09 = $9; 50 GB x $0.01 at both ends = $1; free; unknown.
    assert [(each.end.name, each.cost, each.unpriced // GB, each.boundaries) for each in found.partners] == [
        ("NL", Decimal(9), 0, ("internet",)),
        (OTHER, Decimal(1), 0, ("zone",)),
        (BUCKET, Decimal(0), 0, ("provider_service",)),
        ("10.77.0.1", None, 3, ("unknown",)),
    ]
    assert (found.cost, found.unpriced, found.sent, found.legs) == (10, 3 * GB, 262 * GB, ())
    by_place = one(tmp_path / "a.log", WEB, BUCKET)
    assert by_place.others[0].name == BUCKET


def test_the_window_is_looked_at_and_the_tiers_are_of_the_whole_month(tmp_path: Path) -> None:
    later = {"start": str(START + 86400), "end": str(START + 86460)}
    rows = [
        record("eni-web", WEB, OUTSIDE, 200 * GB, "egress", traffic_path="8"),
        record("eni-web", WEB, OUTSIDE, 300 * GB, "egress", traffic_path="8", **later),
    ]
    (found,) = ask(log(tmp_path / "a.log", *rows), WEB, OUTSIDE, since="2026-10-06", until="2026-10-07")
    # 500 GB, 100 of them free: $36; the second day is three fifths.
    assert (found.cost, found.sent, str(found.window)) == (Decimal("21.6"), 300 * GB, "2026-10-06 to 2026-10-06")


def test_a_public_address_of_ones_own_leads_to_its_private_one(tmp_path: Path) -> None:
    listed = inventory(
        tmp_path / "inventory",
        NetworkInterfaces=[
            interface("eni-edge", "10.0.0.80", Association={"PublicIp": "54.239.1.1"}),
            interface("eni-twin", "10.0.0.81", Association={"PublicIp": "54.239.1.2"}),
        ],
    )
    rows = [
        record("eni-edge", "10.0.0.80", "54.239.1.2", 50 * GB, "egress", traffic_path="8"),
        record("eni-twin", "54.239.1.1", "10.0.0.81", 50 * GB, "ingress"),
    ]
    found = one(log(tmp_path / "public.log", *rows), "10.0.0.80", "54.239.1.2", inventory=listed)
    # Public addresses inside a region: $0.01 at each end.
    assert (found.cost, len(found.legs[0].sightings)) == (1, 2)
    assert [end.address for end in (*found.ends, *found.others)] == ["10.0.0.80", "10.0.0.81"]


def test_ipv6_addresses_of_one_subnet_are_told_apart(tmp_path: Path) -> None:
    mine, one_, other = "2600:1f18:0:1::5", "2a00:1450:4001::1", "2a00:1450:4001::2"
    rows = [
        record("eni-web", mine, one_, 150 * GB, "egress", traffic_path="8"),
        record("eni-web", mine, other, 50 * GB, "egress", traffic_path="8"),
    ]
    found = one(log(tmp_path / "six.log", *rows), "eni-web", one_)
    # 200 GB, 100 of them free: $9; three quarters.
    assert (found.sent, found.cost) == (150 * GB, Decimal("6.75"))


def test_what_no_record_has_is_an_error_that_names_what_is_near(tmp_path: Path) -> None:
    path = log(tmp_path / "nat.log", *nat_gateway(GB))
    with pytest.raises(UnknownNameError, match=r"near: 10\.0\.1\.5 \(eni-web\)"):
        ask(path, "10.0.1.6", OUTSIDE)
    with pytest.raises(UnknownNameError, match="near: eni-web"):
        ask(path, "eni-wed")
    with pytest.raises(UnknownNameError, match=r"'8\.8\.8\.8' at either end"):
        ask(path, WEB, "8.8.8.8")


def test_two_ends_that_did_not_talk_are_no_zero(tmp_path: Path) -> None:
    rows = [*nat_gateway(GB), record("eni-a", "10.0.1.9", OTHER, GB, "egress", traffic_path="1")]
    with pytest.raises(NoDataError, match=r"10\.0\.1\.9 talks with 10\.0\.9\.9"):
        ask(log(tmp_path / "nat.log", *rows), "10.0.1.9", OUTSIDE)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["explain"], "nothing says whose"),
        (["explain", WEB, WEB], f"both ends are {WEB}"),
        (["explain", WEB, "--boundary", "internet"], "--boundary does not go with an end"),
    ],
)
def test_a_call_that_flow_logs_cannot_answer_is_refused(tmp_path: Path, arguments: list[str], words: str) -> None:
    log(tmp_path / "nat.log", *nat_gateway(GB))
    done = screens.run(*arguments, "-i", "nat.log", folder=tmp_path)
    assert (done.code, words in done.err) == (2, True), done.err


def test_a_pair_needs_flow_logs(tmp_path: Path) -> None:
    path = made.write(tmp_path / "bill.csv", [made.line("2026-10-05")])
    with pytest.raises(UsageError, match="no flow logs"):
        explain(Request([str(path)]), WEB, OUTSIDE)
    with pytest.raises(UsageError, match="no flow logs"):
        explain(Request([str(path)]), WEB)


def test_beside_a_bill_an_address_is_answered_from_the_logs_and_a_name_from_the_bill(tmp_path: Path) -> None:
    made.write(tmp_path / "both" / "bill.csv", [made.line("2026-10-05", cost="99", list="99", amount="1000")])
    log(tmp_path / "both" / "nat.log", *nat_gateway(1000 * GB))
    both = Request([str(tmp_path / "both")])
    (of_bill,) = explain(both, "internet")
    assert isinstance(of_bill, Explanation)
    assert of_bill.total == 99
    for name in (WEB, "eni-web"):
        (of_logs,) = explain(both, name)
        assert isinstance(of_logs, Conversation)
        assert of_logs.cost == Decimal("130.5")
        assert "from-flows" in {notice.code for notice in of_logs.notices}


def test_the_document_is_what_its_schema_says(tmp_path: Path) -> None:
    log(tmp_path / "nat.log", *nat_gateway(1000 * GB))
    schema = jsonschema.Draft202012Validator(document.conversation_schema())
    for ends in ([WEB, OUTSIDE], [WEB]):
        done = screens.run("explain", *ends, "-i", "nat.log", "--json", folder=tmp_path)
        content = json.loads(done.out)
        schema.validate(content)
        assert content["schema"] == "egresscost/conversation/1"
        assert content["conversations"][0]["cost"] == "130.5"


def test_a_partner_is_priced_as_in_the_report(tmp_path: Path) -> None:
    path = log(tmp_path / "nat.log", *nat_gateway(1000 * GB))
    assert egresscost.analyze(path).totals[0].network == one(path, WEB).cost == one(path, WEB, OUTSIDE).cost
