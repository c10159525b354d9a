"""Interface endpoints against NAT gateways, in both directions, by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import case

from egresscost.advice import advise
from egresscost.advice.ideas import interface_endpoint, remove_endpoint
from egresscost.results import Standing, Sureness

NEW, OLD = interface_endpoint.IDEA, remove_endpoint.IDEA
MONTH = Decimal(730)
NAT_HEAD = "charge | boundary | direction | from | via | src_network | dst_network | src_zone | resource | workload | peer | amount"
AMAZON = "nat | provider_service | out | us-east-1 | nat | vpc-a | | az1 | nat-1 | api | aws us-east-1 AMAZON | {gb} gb"
HOP_HEAD = "charge | boundary | direction | from | to | via | path | src_network | src_zone | dst_zone | resource | workload | peer | amount"

# An endpoint costs 730 h x $0.01 = $7.30 a zone and $0.01 a GB; a NAT gateway that is there anyway $0.045 a GB.
# Break-even of a zone: 7.30 / (0.045 - 0.01) = 208.571… GB a month.
BREAK_EVEN = [
    ("208.5", "-0.0025", Standing.DOES_NOT_PAY),  # 208.5 x 0.035 = 7.2975
    ("208.6", "0.001", Standing.SAVES),  # 208.6 x 0.035 = 7.301
    ("1000", "27.7", Standing.SAVES),  # 35 - 7.30
]


@pytest.mark.parametrize(("gb", "net", "standing"), BREAK_EVEN)
def test_an_endpoint_pays_from_208_6_gb_a_month_and_zone_on(gb: str, net: str, standing: Standing) -> None:
    made = case(f"{NAT_HEAD}\n{AMAZON.format(gb=gb)}", [NEW], hours=MONTH, min_saving=Decimal(0))
    (advice,) = advise(made, [NEW]).items
    assert (advice.key, advice.standing) == ("interface-endpoint:vpc-a:amazon", standing)
    assert advice.net == Decimal(net)


def test_the_ranges_do_not_name_the_service_and_the_advice_says_so() -> None:
    made = case(f"{NAT_HEAD}\n{AMAZON.format(gb=1000)}", [NEW], hours=MONTH)
    (advice,) = advise(made, [NEW]).items
    assert (advice.sureness, advice.title) == (Sureness.LOW, "Endpoint to AWS services for vpc-a")
    assert "do not say which services" in advice.because
    # 1, 2, 3 and 5 endpoints: $35 saved a month less 7.30 each, and at 5 it costs more than it saves.
    assert [(each.value, each.net) for each in advice.curve] == [
        (Decimal(1), Decimal("27.7")),
        (Decimal(2), Decimal("20.4")),
        (Decimal(3), Decimal("13.1")),
        (Decimal(5), Decimal("-1.5")),
    ]
    assert [each.name for each in advice.assumptions] == ["endpoints_needed"]


def test_more_services_need_more_endpoints() -> None:
    made = case(f"{NAT_HEAD}\n{AMAZON.format(gb=1000)}", [NEW], hours=MONTH, endpoints_needed=Decimal(5))
    (advice,) = advise(made, [NEW]).items
    assert (advice.standing, advice.new_cost) == (Standing.DOES_NOT_PAY, Decimal("46.5"))  # 10 + 5 x 7.30


def test_a_service_that_the_range_names_is_sure() -> None:
    row = AMAZON.format(gb=1000).replace("AMAZON", "API_GATEWAY")
    (advice,) = advise(case(f"{NAT_HEAD}\n{row}", [NEW], hours=MONTH), [NEW]).items
    assert (advice.key, advice.sureness) == ("interface-endpoint:vpc-a:execute-api", Sureness.MEDIUM)
    assert advice.title == "Endpoint to API Gateway for vpc-a"
    assert "com.amazonaws.us-east-1.execute-api" in advice.steps[1].command


def test_s3_and_dynamodb_have_a_free_way_and_need_no_such_endpoint() -> None:
    row = AMAZON.format(gb=1000).replace("AMAZON", "S3")
    assert advise(case(f"{NAT_HEAD}\n{row}", [NEW]), [NEW]).items == ()


def test_each_zone_that_the_senders_stand_in_needs_an_endpoint_and_the_hop_goes() -> None:
    rows = f"""{HOP_HEAD}
nat      | provider_service | out | us-east-1 |           | nat | nat | vpc-a | az1 |     | nat-1 | api | aws us-east-1 AMAZON | 400 gb
nat      | provider_service | out | us-east-1 |           | nat | nat | vpc-a | az1 |     | nat-1 | etl | aws us-east-1 AMAZON | 600 gb
transfer | zone             | out | us-east-1 | us-east-1 | nat | nat | vpc-a | az2 | az1 | i-etl | etl | nat-1                | 600 gb
transfer | zone             | in  | us-east-1 | us-east-1 | nat | nat | vpc-a | az2 | az1 | nat-1 |     | etl                  | 600 gb
"""
    (advice,) = advise(case(rows, [NEW], hours=MONTH), [NEW]).items
    # NAT 1,000 x 0.045 = 45, hop of etl 600 x 0.02 = 12. Endpoint 1,000 x 0.01 = 10 and 2 zones x 7.30 = 14.60.
    assert (advice.gross, advice.new_cost, advice.net) == (Decimal(57), Decimal("24.6"), Decimal("32.4"))


def test_above_a_petabyte_an_endpoint_is_charged_at_the_next_tier() -> None:
    rows = f"{NAT_HEAD}\n{AMAZON.format(gb=1000)}\n"
    rows += "private_endpoint | provider_service | out | us-east-1 | private_endpoint | vpc-b | | az1 | vpce-1 | big | com.amazonaws.us-east-1.logs | 1048576 gb"
    (advice,) = advise(case(rows, [NEW], hours=MONTH), [NEW]).items
    assert advice.new_cost == Decimal("13.3")  # 1,000 GB x 0.006 beyond the first PB, and 7.30


def test_without_flow_logs_it_is_said_what_cannot_be_judged() -> None:
    rows = "charge | from | via | evidence | resource | amount\nnat | us-east-1 | nat | bill | nat-1 | 1000 gb"
    (advice,) = advise(case(rows, [NEW], has_flows=False, has_bill=True), [NEW]).items
    assert (advice.standing, advice.at_stake) == (Standing.NOT_JUDGED, Decimal(45))


HEAD = "charge | boundary | direction | from | via | evidence | src_network | resource | peer | amount"
HOURS = "private_endpoint | none | | us-east-1 | private_endpoint | bill | | arn:aws:ec2:us-east-1:1:vpc-endpoint/vpce-1 | | {hours} h"
BYTES = "private_endpoint | provider_service | out | us-east-1 | private_endpoint | flow | vpc-a | vpce-1 | com.amazonaws.us-east-1.kms | {gb} gb"
NAT = "nat | internet | out | us-east-1 | nat | flow | vpc-a | nat-1 | | 10 gb"


@pytest.mark.parametrize(
    ("gb", "net", "standing"),
    [
        ("208.5", "0.0025", Standing.SAVES),  # the same break-even from the other side: 7.30 - 208.5 x 0.035
        ("208.6", "-0.001", Standing.DOES_NOT_PAY),
        ("20", "6.6", Standing.SAVES),  # 7.30 + 0.20 - 0.90
    ],
)
def test_an_endpoint_below_its_break_even_is_advised_away(gb: str, net: str, standing: Standing) -> None:
    rows = "\n".join([HEAD, HOURS.format(hours=730), BYTES.format(gb=gb), NAT])
    (advice,) = advise(case(rows, [OLD], hours=MONTH, has_bill=True, min_saving=Decimal(0)), [OLD]).items
    assert (advice.key, advice.standing, advice.net) == ("remove-endpoint:vpce-1", standing, Decimal(net))
    assert "security" in advice.risk


def test_an_endpoint_in_three_zones_has_three_times_the_break_even() -> None:
    # 3 x 208.571… = 625.7 GB: 21.90 - 600 x 0.035 = 0.90.
    rows = "\n".join([HEAD, HOURS.format(hours=2190), BYTES.format(gb=600), NAT])
    (advice,) = advise(case(rows, [OLD], hours=MONTH, has_bill=True, min_saving=Decimal(0)), [OLD]).items
    assert (advice.standing, advice.net) == (Standing.SAVES, Decimal("0.9"))


@pytest.mark.parametrize(
    "rows",
    [
        [HOURS.format(hours=730), BYTES.format(gb=20)],
        [HOURS.format(hours=730), BYTES.format(gb=20), NAT.replace("vpc-a", "vpc-b")],
        [HOURS.format(hours=730), BYTES.format(gb=20).replace("us-east-1.kms", "vpce.us-east-1.vpce-svc-9"), NAT],
        [HOURS.format(hours=730), BYTES.format(gb=5000), NAT],
    ],
    ids=["no NAT gateway", "a NAT gateway of another network", "a partner's service", "far above the break-even"],
)
def test_an_endpoint_without_another_way_or_far_above_its_break_even_is_left_alone(rows: list[str]) -> None:
    assert advise(case("\n".join([HEAD, *rows]), [OLD], hours=MONTH, has_bill=True), [OLD]).items == ()


def test_by_the_bill_alone_it_is_a_guess_that_the_gateway_stands_in_the_same_network() -> None:
    bill = "private_endpoint | unknown | both | us-east-1 | private_endpoint | bill | | arn:aws:ec2:us-east-1:1:vpc-endpoint/vpce-1 | | 20 gb"
    nat = "nat | none | | us-east-1 | nat | bill | | nat-1 | | 730 h"
    rows = "\n".join([HEAD, HOURS.format(hours=730), bill, nat])
    (advice,) = advise(case(rows, [OLD], hours=MONTH, has_bill=True, has_flows=False), [OLD]).items
    assert (advice.sureness, advice.net) == (Sureness.LOW, Decimal("6.6"))


def test_an_endpoint_whose_bytes_are_not_known_is_not_judged() -> None:
    rows = "\n".join([HEAD, HOURS.format(hours=730), NAT])
    (advice,) = advise(case(rows, [OLD], hours=MONTH, has_bill=True), [OLD]).items
    assert (advice.standing, advice.at_stake) == (Standing.NOT_JUDGED, Decimal("7.3"))


def test_what_was_advised_away_is_not_advised_back() -> None:
    rows = "\n".join([HEAD, HOURS.format(hours=730), BYTES.format(gb=20), NAT])
    found = advise(case(rows, [OLD, NEW], hours=MONTH, has_bill=True), [OLD, NEW])
    assert [each.kind for each in found.items] == ["remove-endpoint"]
