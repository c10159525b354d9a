"""Devices that nothing uses, by hand: 744 hours of October 2026."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import case

from egresscost.advice import advise
from egresscost.advice.ideas.idle_device import IDEA
from egresscost.results import Standing, Sureness

ARN = "arn:aws:ec2:us-east-1:111111111111"
HEAD = "charge | boundary | direction | from | via | evidence | resource | usage_type | amount"
OTHERS = f"""nat | unknown | both | us-east-1 | nat | bill | {ARN}:natgateway/nat-busy | | 900 gb
nat | none | | us-east-1 | nat | bill | {ARN}:natgateway/nat-busy | | 744 h"""
IDLE_NAT = f"nat | none | | us-east-1 | nat | bill | {ARN}:natgateway/nat-idle | | 744 h"


def _advice(lines: str, **changes: object) -> list[tuple[str, Standing, Decimal | None]]:
    made = case(f"{HEAD}\n{lines}", [IDEA], has_bill=True, has_flows=False, **changes)  # type: ignore[arg-type]
    return [(each.subject, each.standing, each.net) for each in advise(made, [IDEA]).items]


def test_a_nat_gateway_without_bytes_is_idle_and_a_busy_one_is_not() -> None:
    made = case(f"{HEAD}\n{OTHERS}\n{IDLE_NAT}", [IDEA], has_bill=True, has_flows=False)
    (advice,) = advise(made, [IDEA]).items
    # 744 h x $0.045 = $33.48.
    assert (advice.key, advice.net, advice.standing) == ("idle-device:nat-idle", Decimal("33.48"), Standing.SAVES)
    assert (advice.title, advice.sureness) == ("Remove idle NAT gateway nat-idle", Sureness.MEDIUM)
    assert advice.steps[2].command == "aws ec2 delete-nat-gateway --region us-east-1 --nat-gateway-id nat-idle"


@pytest.mark.parametrize(
    ("bytes_", "idle"),
    [("0.5 gb", True), ("1 gb", True), ("1.5 gb", False)],
    ids=["less than a GB a month", "a GB a month", "more"],
)
def test_a_device_is_idle_up_to_the_assumed_amount(bytes_: str, *, idle: bool) -> None:
    line = f"nat | unknown | both | us-east-1 | nat | bill | {ARN}:natgateway/nat-idle | | {bytes_}"
    assert bool(_advice(f"{OTHERS}\n{IDLE_NAT}\n{line}")) is idle


def test_the_amount_can_be_assumed_otherwise_and_is_that_of_a_month() -> None:
    line = f"nat | unknown | both | us-east-1 | nat | bill | {ARN}:natgateway/nat-idle | | 6 gb"
    assert not _advice(f"{OTHERS}\n{IDLE_NAT}\n{line}", idle_gb=Decimal(5))
    assert _advice(f"{OTHERS}\n{IDLE_NAT}\n{line}", idle_gb=Decimal(5), months=Decimal(2))


def test_endpoints_attachments_and_balancers_are_looked_at_too() -> None:
    elb = "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer"
    found = _advice(f"""{OTHERS}
private_endpoint | none | | us-east-1 | private_endpoint | bill | {ARN}:vpc-endpoint/vpce-1 | | 2232 h
transit_gateway | none | | us-east-1 | transit_gateway | bill | {ARN}:transit-gateway-attachment/tgw-attach-1 | | 744 h
load_balancer | none | | us-east-1 | application_load_balancer | bill | {elb}/app/old/50dc6c49 | | 744 h
load_balancer | none | | us-east-1 | application_load_balancer | bill | {elb}/app/shop/60dc6c49 | | 744 h
load_balancer | unknown | both | us-east-1 | application_load_balancer | bill | {elb}/app/shop/60dc6c49 | | 30 lcu""")
    # The title has the balancer's name, the subject its number as well. Attachment 744 x 0.05, endpoint in three zones 2,232 x 0.01, balancer 744 x 0.0225. 30 capacity units are up to 30 GB.
    assert found == [
        ("tgw-attach-1", Standing.SAVES, Decimal("37.2")),
        ("vpce-1", Standing.SAVES, Decimal("22.32")),
        ("old/50dc6c49", Standing.SAVES, Decimal("16.74")),
    ]


def test_what_only_receives_through_a_transit_gateway_may_look_idle_and_that_is_said() -> None:
    line = f"transit_gateway | none | | us-east-1 | transit_gateway | bill | {ARN}:transit-gateway-attachment/tgw-1 | | 744 h"
    made = case(f"{HEAD}\n{OTHERS}\n{line}", [IDEA], has_bill=True, has_flows=False)
    (advice,) = advise(made, [IDEA]).items
    assert (advice.sureness, advice.because) == (Sureness.LOW, "what only arrives here is metered at its sender")


def test_addresses_that_nothing_uses_are_told_by_their_own_meter() -> None:
    found = _advice(f"""public_address | none | | us-east-1 | | bill | {ARN}:elastic-ip/eipalloc-1 | USE1-PublicIPv4:IdleAddress | 744 h
public_address | none | | us-east-1 | | bill | {ARN}:elastic-ip/eipalloc-2 | USE1-PublicIPv4:IdleAddress | 100 h
public_address | none | | us-east-1 | | bill | {ARN}:network-interface/eni-1 | USE1-PublicIPv4:InUseAddress | 744 h""")
    # 844 h x $0.005 = $4.22; those in use are left alone.
    assert found == [("addresses:111111111111:us-east-1", Standing.SAVES, Decimal("4.22"))]


def test_a_bill_without_resources_tells_nothing_of_a_device() -> None:
    lines = (
        "nat | none | | us-east-1 | nat | bill | | | 744 h\nnat | unknown | both | us-east-1 | nat | bill | | | 9 gb"
    )
    made = case(f"{HEAD}\n{lines}", [IDEA], has_bill=True, has_flows=False)
    (advice,) = advise(made, [IDEA]).items
    assert (advice.standing, advice.at_stake) == (Standing.NOT_JUDGED, Decimal("33.48"))
    assert "names no resources" in advice.missing


def test_bytes_that_name_no_device_may_be_those_of_the_device_in_question() -> None:
    line = "nat | unknown | both | us-east-1 | nat | bill | | | 500 gb"
    assert _advice(f"{OTHERS}\n{IDLE_NAT}\n{line}") == [("devices by the hour", Standing.NOT_JUDGED, None)]


def test_a_bill_that_shows_bytes_of_nothing_does_not_show_that_there_are_none() -> None:
    assert _advice(IDLE_NAT) == [("devices by the hour", Standing.NOT_JUDGED, None)]


def test_a_device_known_by_an_inventory_only_needs_a_log_of_its_own() -> None:
    head = "charge | boundary | direction | from | via | resource | amount"
    hours = "nat | none | | us-east-1 | nat | nat-1 | 744 h"
    other = "nat | internet | out | us-east-1 | nat | nat-2 | 50 gb"
    own = "nat | internet | out | us-east-1 | nat | nat-1 | 0.1 gb"
    unlogged = advise(case(f"{head}\n{hours}\n{other}", [IDEA]), [IDEA]).items
    assert [each.standing for each in unlogged] == [Standing.NOT_JUDGED]
    logged = advise(case(f"{head}\n{hours}\n{other}\n{own}", [IDEA]), [IDEA]).items
    assert [(each.key, each.net) for each in logged] == [("idle-device:nat-1", Decimal("33.48"))]


def test_a_bill_whose_bytes_flow_logs_took_over_still_shows_that_a_device_is_busy() -> None:
    billed = f"{HEAD}\n{OTHERS}"
    left = f"nat | none | | us-east-1 | nat | bill | {ARN}:natgateway/nat-busy | | 744 h"
    seen = "nat | internet | out | us-east-1 | nat | flow | eni-5 | | 900 gb"
    made = case(f"{HEAD}\n{left}\n{seen}", [IDEA], has_bill=True, billed=billed)
    assert advise(made, [IDEA]).items == ()


def test_a_few_days_are_too_few() -> None:
    made = case(f"{HEAD}\n{OTHERS}\n{IDLE_NAT}", [IDEA], has_bill=True, has_flows=False, hours=Decimal(72))
    (advice,) = advise(made, [IDEA]).items
    assert (advice.standing, advice.missing) == (
        Standing.NOT_JUDGED,
        "only 3 days were seen, too few to call anything idle",
    )


def test_what_costs_less_than_a_change_must_save_is_not_worth_the_question() -> None:
    assert _advice("nat | none | | us-east-1 | nat | bill | | | 20 h") == []  # 20 h x 0.045 = $0.90


def test_hours_in_flow_logs_of_a_device_that_the_bill_names_are_judged_by_the_bill() -> None:
    seen = "nat | none | | us-east-1 | nat | flow | nat-idle | | 744 h"
    billed = f"{HEAD}\n{OTHERS}\n{IDLE_NAT}"
    (advice,) = advise(case(f"{HEAD}\n{OTHERS}\n{seen}", [IDEA], has_bill=True, billed=billed), [IDEA]).items
    assert (advice.key, advice.net) == ("idle-device:nat-idle", Decimal("33.48"))
    # Without the bill nobody knows whether it carried anything.
    (said,) = advise(case(f"{HEAD}\n{seen}", [IDEA]), [IDEA]).items
    assert said.standing is Standing.NOT_JUDGED


def test_an_attachment_through_which_flow_logs_see_bytes_arrive_is_not_idle() -> None:
    head = "charge | boundary | direction | from | to | via | path | evidence | src_network | dst_network | resource | amount"
    hours = f"transit_gateway | none | | us-east-1 | | transit_gateway | | bill | vpc-b | | {ARN}:transit-gateway-attachment/tgw-b | 744 h"
    busy = f"nat | unknown | both | us-east-1 | | nat | nat | bill | | | {ARN}:natgateway/nat-busy | 900 gb"
    arriving = "transfer | none | in | us-east-1 | us-east-1 | transit_gateway | transit_gateway | flow | vpc-a | vpc-b | i-b | {gb} gb"
    idle = [
        bool(advise(case("\n".join([head, hours, busy, arriving.format(gb=gb)]), [IDEA], has_bill=True), [IDEA]).items)
        for gb in ("1", "2")
    ]
    # Up to 1 GB a month counts as idle.
    assert idle == [True, False]


def test_very_many_idle_devices_are_told_one_by_one_up_to_a_number_and_then_together() -> None:
    lines = [f"nat | none | | us-east-1 | nat | bill | {ARN}:natgateway/nat-{at:03} | | 744 h" for at in range(45)]
    found = _advice("\n".join([OTHERS, *lines]))
    # 45 x 744 h x $0.045: 40 of $33.48, and five for $167.40.
    assert found[0] == ("nat:us-east-1:others", Standing.SAVES, Decimal("167.4"))
    assert [net for _, _, net in found[1:]] == [Decimal("33.48")] * 40
