"""A bill and flow logs as one ledger, each byte once, by hand."""

from __future__ import annotations

import polars as pl
from advice.ledgers import GB, case, table

from egresscost.advice.uses import AGREED, together

BILL = "charge | boundary | direction | from | via | service | evidence | resource | amount"
FLOWS = "charge | boundary | direction | from | via | service | resource | workload | amount"


def _together(bill: str, flows: str) -> dict[tuple[str | None, ...], tuple[float, bool]]:
    rows = together(*(table(each).drop(AGREED) for each in (f"{BILL}\n{bill}", f"{FLOWS}\n{flows}")))
    return {
        (each["evidence"], each["charge"], each["resource"], each["workload"]): (each["atoms"] / GB, each[AGREED])
        for each in rows.iter_rows(named=True)
    }


def test_the_bill_says_how_much_and_the_flow_logs_who() -> None:
    bill = "transfer | internet | out | us-east-1 | | AmazonEC2 | bill | i-web | 1000 gb"
    flows = """transfer | internet | out | us-east-1 | | AmazonEC2 | i-web | web | 900 gb
transfer | internet | out | us-east-1 | | AmazonEC2 | i-api | api | 300 gb"""
    # Seen are 1,200 GB and billed 1,000: web has 900 x 1000/1200 = 750 of it, api 250. They are not close.
    assert _together(bill, flows) == {
        ("flow", "transfer", "i-web", "web"): (750.0, False),
        ("flow", "transfer", "i-api", "api"): (250.0, False),
    }


def test_what_the_bill_has_beyond_the_flow_logs_stays_as_its_own_row() -> None:
    bill = """transfer | internet | out | us-east-1 | | AmazonEC2 | bill | i-web | 1000 gb
transfer | internet | out | us-east-1 | | AmazonS3 | bill | bucket | 50 gb"""
    flows = "transfer | internet | out | us-east-1 | | AmazonEC2 | i-web | web | 1000 gb"
    # 1,050 GB are billed and 1,000 seen, a difference of less than a twentieth. The rest is S3's, which keeps no flow log.
    assert _together(bill, flows) == {
        ("flow", "transfer", "i-web", "web"): (1000.0, True),
        ("bill", "transfer", "bucket", None): (50.0, True),
    }


def test_bytes_of_one_device_do_not_stand_for_those_of_another() -> None:
    bill = """nat | unknown | both | us-east-1 | nat | AmazonEC2 | bill | arn:aws:ec2:us-east-1:1:natgateway/nat-a | 1000 gb
nat | unknown | both | us-east-1 | nat | AmazonEC2 | bill | arn:aws:ec2:us-east-1:1:natgateway/nat-b | 100 gb"""
    flows = "nat | internet | out | us-east-1 | nat | AmazonEC2 | nat-a | web | 1150 gb"
    # nat-a has 1,000 GB and not 1,150; nat-b keeps no log, and its 100 GB are not those that were seen at nat-a.
    assert _together(bill, flows) == {
        ("flow", "nat", "nat-a", "web"): (1000.0, False),
        ("bill", "nat", "arn:aws:ec2:us-east-1:1:natgateway/nat-b", None): (100.0, False),
    }


def test_an_endpoint_of_one_kind_does_not_stand_for_one_of_another() -> None:
    bill = """private_endpoint | unknown | both | us-east-1 | private_endpoint | AmazonVPC | bill | | 100 gb
private_endpoint | unknown | both | us-east-1 | gateway_load_balancer_endpoint | AmazonVPC | bill | | 1000 gb"""
    flows = (
        "private_endpoint | provider_service | out | us-east-1 | private_endpoint | AmazonVPC | eni-kms | web | 100 gb"
    )
    rows = together(*(table(each).drop(AGREED) for each in (f"{BILL}\n{bill}", f"{FLOWS}\n{flows}")))
    assert {each["via"]: each["atoms"] / GB for each in rows.iter_rows(named=True)} == {
        "private_endpoint": 100.0,
        "gateway_load_balancer_endpoint": 1000.0,
    }


def test_what_is_free_between_zones_takes_nothing_from_what_the_bill_charges() -> None:
    bill = "transfer | zone | out | us-east-1 | | AmazonEC2 | bill | i-web | 200 gb"
    flows = """charge | boundary | direction | from | free | resource | workload | evidence | amount
transfer | zone | out | us-east-1 | | i-web | web | flow | 100 gb
transfer | zone | in  | us-east-1 | | i-db  | db  | flow | 100 gb
transfer | zone | out | us-east-1 | yes | i-lb | lb | flow | 300 gb"""
    rows = together(table(f"{BILL}\n{bill}").drop(AGREED), table(flows).drop(AGREED))
    # 200 GB are billed at both ends of 100; the 300 of the load balancer are on no bill, and would cut web to 40 GB.
    found = {each["workload"]: (each["atoms"] / GB, each[AGREED]) for each in rows.iter_rows(named=True)}
    assert found == {"web": (100.0, True), "db": (100.0, True), "lb": (300.0, False)}


def test_a_bill_that_sees_bytes_from_the_service_does_not_add_them_again() -> None:
    bill = """charge | boundary | direction | from | service | free | resource | evidence | amount
transfer | provider_service | out | us-east-1 | AmazonS3 | yes | films | bill | 90 gb
transfer | provider_service | in  | us-east-1 | AmazonS3 | yes | films | bill | 10 gb"""
    flows = """charge | boundary | direction | from | free | resource | workload | evidence | amount
transfer | provider_service | in  | us-east-1 | yes | i-web | web | flow | 90 gb
transfer | provider_service | out | us-east-1 | yes | i-web | web | flow | 10 gb
transfer | provider_service | out | us-east-1 | yes | i-etl | etl | flow | 50 gb"""
    rows = together(table(bill).drop(AGREED), table(flows).drop(AGREED))
    # Out of the bucket is into the machine; the 50 GB of another service are free and stand on no bill.
    found = {(each["workload"], each["direction"]): each["atoms"] / GB for each in rows.iter_rows(named=True)}
    assert found == {("web", "in"): 90.0, ("web", "out"): 10.0, ("etl", "out"): 50.0}


def test_hours_that_flow_logs_let_guess_do_not_stand_beside_those_of_the_bill() -> None:
    bill = """charge | from | account | via | service | usage_type | evidence | amount
public_address | us-east-1 | 111111111111 | unknown | AmazonVPC | IdleAddress | bill | 744 h"""
    flows = """charge | from | account | basis | resource | evidence | amount
public_address | us-east-1 | 111111111111 | estimated | 52.70.14.10 | flow | 744 h
public_address | us-east-1 | 222222222222 | estimated | 52.70.14.11 | flow | 744 h"""
    rows = together(table(bill).drop(AGREED), table(flows).drop(AGREED))
    # The first account's bill has one address, which is idle; the second has no bill.
    assert sorted(rows.select("account", "evidence").rows()) == [("111111111111", "bill"), ("222222222222", "flow")]


def test_evidence_of_many_kinds_names_the_most_and_sums_up_the_rest() -> None:
    lines = [f"transfer | internet | out | us-east-1 | i-{at:02} | {100 - at} gb" for at in range(20)]
    made = case("\n".join(["charge | boundary | direction | from | resource | amount", *lines]))
    seen = made.seen(made.rows, ("resource",))
    names = [each.keys["resource"] for each in seen]
    assert len(seen) == 13
    assert "8 more" in names
    assert "i-00" in names
    # All evidence together is all bytes: 100 + 99 + … + 81 = 1,810 GB.
    assert sum(each.bytes or 0 for each in seen) == 1810 * GB


def test_rows_that_another_advice_made_are_no_evidence_of_their_own() -> None:
    made = case("charge | boundary | direction | from | amount\ntransfer | internet | out | us-east-1 | 100 gb")
    assert made.sureness(made.rows)[1] == "only the flow logs say so"
    added = made.rows.with_columns(evidence=pl.lit(None, pl.String))
    assert made.sureness(added)[1] == "no row says so"
    assert made.seen(added, ("resource",))[0].source == "another advice"
