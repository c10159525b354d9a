"""Gateway endpoints instead of NAT gateways, by hand."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from advice.ledgers import case

from egresscost.advice import Ledger, advise
from egresscost.advice.ideas.gateway_endpoint import IDEA
from egresscost.results import Standing, Sureness

ROWS = """
charge   | boundary         | direction | from      | to        | via | src_network | dst_network | resource | workload | peer                    | amount
nat      | provider_service | out       | us-east-1 |           | nat | vpc-a       |             | nat-1    | etl      | aws us-east-1 S3        | 9000 gb
nat      | provider_service | in        | us-east-1 |           | nat |             | vpc-a       | nat-1    | etl      | aws us-east-1 S3        | 1000 gb
nat      | provider_service | out       | us-east-1 |           | nat | vpc-a       |             | nat-1    | api      | aws us-east-1 DYNAMODB  | 100 gb
nat      | provider_service | out       | us-east-1 |           | nat | vpc-a       |             | nat-1    | api      | aws us-east-1 AMAZON    | 500 gb
nat      | internet         | out       | us-east-1 |           | nat | vpc-a       |             | nat-1    | api      |                         | 2000 gb
transfer | provider_service | out       | us-east-1 |           |     | vpc-a       |             | nat-1    | etl      | aws us-east-1 S3        | 9000 gb
transfer | internet         | out       | us-east-1 |           |     | vpc-a       |             | nat-1    | api      |                         | 2000 gb
"""


def test_both_directions_through_the_nat_gateway_are_saved_for_each_network_and_service() -> None:
    found = advise(case(ROWS, [IDEA]), [IDEA])
    # S3: (9,000 + 1,000) GB x $0.045 = $450.00. DynamoDB: 100 GB x $0.045 = $4.50. The endpoint is free.
    assert [(each.key, each.gross, each.new_cost, each.net) for each in found.items] == [
        ("gateway-endpoint:vpc-a:s3", Decimal(450), Decimal(0), Decimal(450)),
        ("gateway-endpoint:vpc-a:dynamodb", Decimal("4.5"), Decimal(0), Decimal("4.5")),
    ]
    first = found.items[0]
    assert (first.number, first.standing, first.sureness) == (1, Standing.SAVES, Sureness.MEDIUM)
    assert first.title == "S3 gateway endpoint for vpc-a"
    assert "--service-name com.amazonaws.us-east-1.s3" in first.steps[1].command
    assert "<route tables>" in first.steps[1].command
    # NAT 12,600 GB x $0.045 = $567; internet 100 GB free, then 1,900 GB x $0.09 = $171.
    assert found.cost == {"USD": Decimal(738)}
    assert found.total == {"USD": Decimal("454.5")}


def test_without_flow_logs_it_is_said_that_nothing_can_be_judged() -> None:
    rows = """
charge | from      | via | evidence | resource | amount
nat    | us-east-1 | nat | bill     | nat-1    | 1000 gb
nat    | us-east-1 | nat | bill     | nat-1    | 744 h
"""
    (advice,) = advise(case(rows, [IDEA], has_flows=False, has_bill=True), [IDEA]).items
    assert (advice.standing, advice.net, advice.at_stake) == (Standing.NOT_JUDGED, None, Decimal(45))
    assert "flow logs" in advice.missing


HOPS = """
charge   | boundary         | direction | from      | to        | via | path | src_zone | dst_zone | src_network | dst_network | resource | workload | peer             | amount
nat      | provider_service | in        | us-east-1 |           | nat | nat  |          | az1      |             | vpc-a       | nat-1    | etl      | aws us-east-1 S3 | 900 gb
nat      | internet         | in        | us-east-1 |           | nat | nat  |          | az1      |             | vpc-a       | nat-1    | etl      |                  | 100 gb
transfer | zone             | out       | us-east-1 | us-east-1 | nat | nat  | az1      | az2      | vpc-a       | vpc-a       | nat-1    |          | etl              | {hop} gb
transfer | zone             | in        | us-east-1 | us-east-1 | nat | nat  | az1      | az2      | vpc-a       | vpc-a       | i-etl    | etl      | nat-1            | {hop} gb
"""


@pytest.mark.parametrize(
    ("hop", "gross"),
    [
        # All 1,000 GB come through another zone: 900 GB x $0.045 = $40.50, and 900 GB x $0.01 at both ends = $18.
        ("1000", "58.5"),
        # 400 GB do, and 100 GB of those may be the internet's: 300 GB x $0.02 = $6 are sure.
        ("400", "46.5"),
        # 100 GB do, and all of it may be the internet's.
        ("100", "40.5"),
    ],
)
def test_the_hop_to_a_gateway_in_another_zone_goes_as_far_as_it_is_sure(hop: str, gross: str) -> None:
    (advice,) = advise(case(HOPS.format(hop=hop), [IDEA]), [IDEA]).items
    assert advice.gross == Decimal(gross)


def test_a_service_of_another_region_and_one_that_nobody_named_are_left_alone() -> None:
    rows = """
charge | boundary         | direction | from      | via | src_network | resource | peer                 | amount
nat    | region           | out       | us-east-1 | nat | vpc-a       | nat-1    | aws us-west-2 S3     | 1000 gb
nat    | provider_service | out       | us-east-1 | nat | vpc-a       | nat-1    | aws us-east-1 AMAZON | 1000 gb
nat    | provider_service | out       | us-east-1 | nat | vpc-a       | nat-1    |                      | 1000 gb
"""
    assert advise(case(rows, [IDEA]), [IDEA]).items == ()


def test_bytes_that_only_the_bill_has_beside_flow_logs_are_said_once() -> None:
    rows = ROWS + "nat | unknown | both | us-east-1 | | nat | | | nat-9 | | | 200 gb"
    made = case(rows, [IDEA], has_bill=True)
    made.ledger = Ledger.of(
        made.rows.drop("row", "added").with_columns(
            evidence=pl.when(pl.col("resource") == "nat-9").then(pl.lit("bill")).otherwise("evidence")
        ),
        made.ledger.paid.prices,
    )
    unjudged = [each for each in advise(made, [IDEA]).items if each.standing is Standing.NOT_JUDGED]
    assert [(each.subject, each.at_stake) for each in unjudged] == [("NAT gateways", Decimal(9))]


def test_a_network_that_has_the_endpoint_already_lacks_routes_only() -> None:
    others = """
transfer | provider_service | in        | us-east-1 |           |     |             | vpc-a       | i-1      | query    | aws us-east-1 S3        | 50 gb"""
    rows = (ROWS + others.lstrip("\n")).strip().splitlines()
    head, *body = [f"{line} | {'gateway_endpoint' if 'query' in line else ''}" for line in rows]
    s3, dynamodb = advise(case("\n".join([f"{head}path", *body]), [IDEA]), [IDEA]).items
    assert "The network has one already" in s3.change
    assert "The network has one already" not in dynamodb.change
