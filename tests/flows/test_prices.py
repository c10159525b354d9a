"""Which rates flow logs are priced by: of a day, one's own, the bill's; where tiers begin; and hours of devices."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import made
import pytest
import screens

from egresscost import document, pipeline
from egresscost.errors import MissingSourceError, UsageError
from egresscost.flows import FlowOptions
from egresscost.frame import Basis, C
from egresscost.money import CostKind
from egresscost.pricing.choice import Choice, named, starts
from egresscost.pricing.pools import Assumptions
from egresscost.results import Selection

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from egresscost import Report


def _neighbour(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


logs = _neighbour("test_flows")
GB, WEB, OUTSIDE = logs.GB, logs.WEB, logs.OUTSIDE
DAY = 86_400


def sent(size: int, day: int = 5, **changes: str) -> str:
    """A record of bytes to the internet on a day of October 2026."""
    start = int(datetime(2026, 10, day, 12, tzinfo=UTC).timestamp())
    times = {"start": str(start), "end": str(start + 60), "traffic_path": "8"}
    return logs.record("eni-a", WEB, OUTSIDE, size, "egress", **times | changes)


def report(
    *inputs: Path,
    inventory: tuple[Path, ...] = (),
    cost: CostKind = CostKind.BILLED,
    **choice: Any,  # noqa: ANN401
) -> Report:
    options = FlowOptions(inventory=tuple(map(str, inventory)), prices=Choice(**choice))
    return pipeline.run(pipeline.Request(list(map(str, inputs)), Selection(cost=cost), flows=options))


def costs(found: Report) -> dict[tuple[str | None, ...], Decimal | None]:
    return {
        (line.keys["charge"], line.keys["boundary"], line.keys["direction"], line.unit): line.cost
        for line in found.boundaries.lines
    }


INTERNET = ("transfer", "internet", "out", "GB")


def told(found: Report, code: str) -> str:
    (notice,) = [each for each in found.notices if each.code == code]
    return " ".join((notice.message, *notice.details))


# What a day's card, own cards and own rates cost


def own_rates(path: Path, price: str = "0.05") -> Path:
    path.write_text(
        f'[[rate]]\nprovider = "aws"\ncharge = "transfer"\nboundary = "internet"\ndirection = "out"\nfrom = "us-east-1"\n'
        f'unit = "GB"\nprice = {price}\ncurrency = "USD"\ntier_pool = "none"\nallowance_pool = "none"\n'
    )
    return path


def test_a_file_of_own_rates_counts_before_the_list_and_both_costs_are_kept(tmp_path: Path) -> None:
    log = logs.log(tmp_path / "a.log", sent(1000 * GB))
    found = report(log, overlay=str(own_rates(tmp_path / "rates.toml")))
    # Own: 1,000 x 0.05 = 50, no allowance. List: (1,000 - 100) x 0.09 = 81.
    assert costs(found) == {INTERNET: Decimal(50)}
    assert found.selection.cost is CostKind.NET
    assert found.totals[0].amounts.list_cost == 81
    assert found.totals[0].amounts.net_cost == 50
    (used,) = found.prices
    assert (used.charges, used.by_overlay, used.by_bill) == (1, 1, 0)
    assert found.bill[C.RATE_ID].tolist() == ["aws:transfer,internet,out,us-east-1,,,,,GB (overlay rates.toml)"]


def test_prices_of_a_day_take_the_card_in_force_then(tmp_path: Path) -> None:
    # Public IPv4 addresses cost since February 2024: 24 hours x 0.005 = 0.12, and nothing is known of the days before.
    log = logs.log(tmp_path / "a.log", sent(200 * GB))
    inventory = saved(tmp_path / "inv", {"NetworkInterfaces": [address("eni-a", "198.51.100.7")]}, day=6)
    hours = ("public_address", "none", "unknown", "hours")
    now = report(log, inventory=(inventory,))
    then = report(log, inventory=(inventory,), assumed=Assumptions(day=date(2024, 1, 31)))
    assert (costs(now)[hours], costs(then)[hours]) == (Decimal("0.12"), None)
    assert (now.prices[0].day, then.prices[0].day) == (None, date(2024, 1, 31))
    assert "unpriced" in {notice.code for notice in then.notices}


def address(interface: str, public: str) -> dict[str, Any]:
    return {
        "NetworkInterfaceId": interface,
        "OwnerId": "111111111111",
        "VpcId": "vpc-a",
        "AvailabilityZone": "us-east-1a",
        "Association": {"PublicIp": public},
        "PrivateIpAddresses": [{"PrivateIpAddress": WEB, "Association": {"PublicIp": public}}],
    }


def own_cards(folder: Path) -> Path:
    head = (screens.DEMO.parents[2] / "pricing" / "aws" / "nat.csv").read_text().splitlines()[0]
    (folder / "aws").mkdir(parents=True)
    (folder / "aws" / "sources.csv").write_text("source,kind,date,title\nmine,contract,2026-01-01,Our contract\n")
    row = "transfer,internet,out,us-east-1,,,,,GB,0,,0.02,USD,,,,,2026-01-01,observed,high,mine,,"
    (folder / "aws" / "own.csv").write_text(f"{head}\n{row}\n")
    return folder


def test_own_cards_come_before_those_of_the_program_and_the_rest_is_priced_by_these(tmp_path: Path) -> None:
    log = logs.log(tmp_path / "a.log", *logs.nat_gateway(1000 * GB))
    found = report(log, cards=str(own_cards(tmp_path / "cards")))
    # Own card: 1,000 x 0.02. The program's: NAT (1,000 + 100) x 0.045.
    assert costs(found)[INTERNET] == 20
    assert costs(found)["nat", "internet", "out", "GB"] == 45
    assert costs(found)["nat", "internet", "in", "GB"] == Decimal("4.5")
    rates = set(found.bill[C.RATE_ID])
    assert "aws:transfer,internet,out,us-east-1,,,,,GB (cards cards)" in rates
    assert found.prices[0].cards.endswith("cards")


def test_the_flags_mean_the_same_everywhere(tmp_path: Path) -> None:
    logs.log(tmp_path / "a.log", sent(1000 * GB))
    own_rates(tmp_path / "rates.toml")
    own_rates(tmp_path / "other.toml", "0.01")
    own_cards(tmp_path / "cards")
    (tmp_path / "egresscost.toml").write_text('[prices]\noverlay = "other.toml"\n')

    def total(*arguments: str) -> str:
        done = screens.run("report", "-i", "a.log", "--json", *arguments, folder=tmp_path)
        assert done.code == 0, done.err
        answer: str = json.loads(done.out)["totals"][0]["network"]
        return answer

    assert total() == "10"
    assert total("--overlay", "rates.toml") == total("--prices", "rates.toml") == "50"
    assert total("--prices", "cards", "--config", "none") == "20"
    assert total("--prices", "2026-09-01", "--config", "none") == "81"
    quoted = screens.run(
        "prices", "quote", "--charge", "internet", "--from", "us-east-1", "--gb", "1000", "--prices", "rates.toml",
        "--json", folder=tmp_path,
    )  # fmt: skip
    assert json.loads(quoted.out)["quotes"][0]["cost"] == "50"
    for command in ("export", "gate"):
        limit = ["--max-total", "60"] if command == "gate" else []
        done = screens.run(command, "-i", "a.log", "--overlay", "rates.toml", *limit, folder=tmp_path)
        assert done.code == 0, done.err


def test_what_prices_cannot_mean_is_refused(tmp_path: Path) -> None:
    assert named(None) == named(None)
    assert named("2026-01-31").day == date(2026, 1, 31)
    with pytest.raises(MissingSourceError, match="no day"):
        named(str(tmp_path / "nothing"))
    (tmp_path / "rates.xls").write_text("")
    with pytest.raises(UsageError, match="neither"):
        named(str(tmp_path / "rates.xls"))
    logs.log(tmp_path / "a.log", sent(GB))
    own_rates(tmp_path / "rates.toml")
    both = screens.run("report", "-i", "a.log", "--prices", "rates.toml", "--overlay", "rates.toml", folder=tmp_path)
    assert (both.code, "both name own rates" in both.err) == (2, True)


# Where tiers begin


def test_tiers_begin_where_they_are_said_to_and_the_report_says_what_it_took(tmp_path: Path) -> None:
    log = logs.log(tmp_path / "a.log", sent(1000 * GB))
    start = Assumptions(pool_starts={"internet:us-east-1": Decimal(10_000)})
    # 240 GB of the first tier x 0.09 = 21.60, 760 of the second x 0.085 = 64.60; the allowance was used before.
    assert costs(report(log, assumed=start)) == {INTERNET: Decimal("86.2")}
    assert costs(report(log, assumed=Assumptions(tier_start=Decimal(10_000)))) == {INTERNET: Decimal("86.2")}
    found = report(log, assumed=start)
    assert "internet:us-east-1 from 10000 GB on" in told(found, "tiers-started")
    assert found.prices[0].pool_starts == {"internet:us-east-1": Decimal(10_000)}
    assert "tiers-assumed" not in {notice.code for notice in found.notices}


def test_a_partial_month_says_that_its_tiers_begin_at_0(tmp_path: Path) -> None:
    log = logs.log(tmp_path / "a.log", sent(1000 * GB, 5), sent(1000 * GB, 7))
    said = told(report(log), "tiers-assumed")
    assert "begin at 0" in said
    assert "2 of 31 days of 2026-10" in said
    assert "1 account;" in said
    assert "internet:us-east-1" in said


def test_the_accounts_of_the_bill_that_have_no_flow_logs_are_counted(tmp_path: Path) -> None:
    bill = [
        made.line("2026-10-05", account=account, cost="9", list="9", amount="100") for account in ("111111111111", "2")
    ]
    made.write(tmp_path / "in" / "bill.csv", bill)
    logs.log(tmp_path / "in" / "a.log", sent(1000 * GB))
    found = report(tmp_path / "in").flows
    assert found is not None
    assert "1 of the 2 accounts on the bill" in told(found, "tiers-assumed")


def test_a_tier_start_is_read_from_flags_and_settings_and_a_wrong_pool_is_named(tmp_path: Path) -> None:
    logs.log(tmp_path / "a.log", sent(1000 * GB))
    (tmp_path / "egresscost.toml").write_text('[prices]\ntier_start = ["internet:us-east-1=10000"]\n')

    def run(*arguments: str, **environment: str) -> screens.Done:
        return screens.run("report", "-i", "a.log", "--json", *arguments, folder=tmp_path, environment=environment)

    def total(*arguments: str, **environment: str) -> str:
        answer: str = json.loads(run(*arguments, **environment).out)["totals"][0]["network"]
        return answer

    assert total() == "86.2"
    assert total("--tier-start", "0") == "81"
    assert total("--tier-start", "5", "--tier-start", "internet:us-east-1=10,000") == "86.2"
    assert total(EGRESSCOST_PRICES_TIER_START="10000") == "86.2"
    wrong = run("--tier-start", "internet:us-est-1=1")
    assert (wrong.code, "internet:us-east-1" in wrong.err) == (2, True)
    assert run("--tier-start", "much").code == 2
    assert starts([]) == (Decimal(0), {})


# Hours of devices


def saved(folder: Path, content: Mapping[str, Any], day: int, name: str = "list") -> Path:
    """An inventory that was saved at the beginning of a day of October, 32 being the first of November."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content))
    moment = datetime(2026, 10, 1, tzinfo=UTC).timestamp() + (day - 1) * DAY
    os.utime(path, (moment, moment))
    return folder


def nat(name: str = "nat-1", created: str = "2026-10-01T00:00:00Z", **more: str) -> dict[str, Any]:
    own = [{"NetworkInterfaceId": f"eni-{name}"}]
    return {
        "NatGatewayId": name,
        "VpcId": "vpc-a",
        "SubnetId": "subnet-a",
        "CreateTime": created,
        "NatGatewayAddresses": own,
        **more,
    }


SUBNETS = {
    "Subnets": [
        {"SubnetId": "subnet-a", "VpcId": "vpc-a", "AvailabilityZone": "us-east-1a", "OwnerId": "111111111111"},
    ]
}
NAT_HOURS = ("nat", "none", "unknown", "hours")


def october(path: Path, days: range = range(1, 32)) -> Path:
    return logs.log(path, *(sent(GB, day) for day in days))


def hours(found: Report) -> dict[tuple[str, str], Decimal]:
    """Hours by device and basis."""
    rows = found.bill[found.bill[C.UNIT] == "hours"]
    sums: dict[tuple[str, str], Decimal] = {}
    for name, basis, quantity in zip(rows[C.RESOURCE], rows[C.BASIS], rows[C.QUANTITY], strict=True):
        sums[name, str(basis)] = sums.get((name, str(basis)), Decimal(0)) + quantity
    return sums


def test_a_nat_gateway_of_a_whole_month_costs_744_hours(tmp_path: Path) -> None:
    inventory = saved(tmp_path / "inv", {"NatGateways": [nat()], **SUBNETS}, day=32)
    found = report(october(tmp_path / "a.log"), inventory=(inventory,))
    # 31 days x 24 hours x 0.045
    assert costs(found)[NAT_HOURS] == Decimal("33.48")
    assert hours(found) == {("nat-1", Basis.PRICED): Decimal(744)}
    (line,) = [line for line in found.boundaries.lines if line.unit == "hours"]
    assert (line.quantity, line.rate, line.bytes) == (Decimal(744), Decimal("0.045"), None)
    assert found.totals[0].out_bytes == 31 * GB
    done = screens.run("report", "-i", "a.log", "--inventory", "inv", folder=tmp_path, columns=100)
    (row,) = [line for line in done.out.splitlines() if line.startswith("NAT gateway, hours")]
    assert row.split()[:6] == ["NAT", "gateway,", "hours", "744", "$0.0450", "$33.48"]


def test_hours_count_from_the_day_that_a_device_was_made_and_on_days_with_flow_logs_only(tmp_path: Path) -> None:
    inventory = saved(tmp_path / "inv", {"NatGateways": [nat(created="2026-10-11T00:00:00Z")], **SUBNETS}, day=32)
    # The 11th to the 31st: 21 x 24 hours. Logs of 5 days, two of them before: 3 x 24 hours.
    assert hours(report(october(tmp_path / "a.log"), inventory=(inventory,))) == {("nat-1", "priced"): Decimal(504)}
    some = october(tmp_path / "b.log", range(9, 14))
    assert hours(report(some, inventory=(inventory,))) == {("nat-1", "priced"): Decimal(72)}


def test_a_started_hour_counts_as_a_whole_one(tmp_path: Path) -> None:
    times = {"created": "2026-10-05T09:30:00Z", "DeleteTime": "2026-10-05T11:15:00Z"}
    inventory = saved(tmp_path / "inv", {"NatGateways": [nat(**times)], **SUBNETS}, day=6)
    # The hours of 9, 10 and 11 o'clock.
    assert hours(report(october(tmp_path / "a.log"), inventory=(inventory,))) == {("nat-1", "priced"): Decimal(3)}


def test_what_a_later_list_lacks_is_estimated_between_the_two_and_then_gone(tmp_path: Path) -> None:
    folder = tmp_path / "inv"
    saved(folder, {"NatGateways": [nat(), nat("nat-2")], **SUBNETS}, day=11, name="first")
    saved(folder, {"NatGateways": [nat("nat-2")], **SUBNETS}, day=21, name="second")
    found = report(october(tmp_path / "a.log"), inventory=(folder,))
    # nat-1: the 1st to the 10th are shown (240 hours), the 11th to the 20th are between (240). nat-2: the 1st to the 20th
    # are shown (480), the 21st to the 31st come after the last list (264).
    assert hours(found) == {
        ("nat-1", "priced"): Decimal(240),
        ("nat-1", "estimated"): Decimal(240),
        ("nat-2", "priced"): Decimal(480),
        ("nat-2", "estimated"): Decimal(264),
    }
    assert "504 hours of 2 devices are estimated" in told(found, "hours-assumed")


def test_an_endpoint_counts_for_each_of_its_zones_and_an_attachment_once(tmp_path: Path) -> None:
    endpoint = {
        "VpcEndpointId": "vpce-1", "VpcEndpointType": "Interface", "VpcId": "vpc-a", "OwnerId": "111111111111",
        "SubnetIds": ["subnet-a", "subnet-b", "subnet-c"], "CreationTimestamp": "2026-10-01T00:00:00Z", "State": "available",
    }  # fmt: skip
    attachment = {
        "TransitGatewayAttachmentId": "tgw-attach-1", "ResourceType": "vpc", "ResourceId": "vpc-a",
        "ResourceOwnerId": "111111111111", "CreationTime": "2026-10-01T00:00:00Z", "State": "available",
    }  # fmt: skip
    waiting = {**attachment, "TransitGatewayAttachmentId": "tgw-attach-2", "State": "pendingAcceptance"}
    line = {**attachment, "TransitGatewayAttachmentId": "tgw-attach-3", "ResourceType": "vpn", "ResourceId": "vpn-1"}
    content = {"VpcEndpoints": [endpoint], "TransitGatewayAttachments": [attachment, waiting, line], **SUBNETS}
    inventory = saved(tmp_path / "inv", content, day=32)
    found = report(october(tmp_path / "a.log"), inventory=(inventory,))
    # 744 x 3 zones x 0.01; 744 x 0.05; the region of the attachment of a line is not known, so it has no price.
    assert costs(found)["private_endpoint", "none", "unknown", "hours"] == Decimal("22.32")
    rows = found.bill[found.bill[C.CHARGE] == "transit_gateway"]
    priced = rows[rows[C.RESOURCE] == "tgw-attach-1"][C.LIST_COST]
    assert sum(priced) == Decimal("37.20")
    assert rows[rows[C.RESOURCE] == "tgw-attach-3"][C.LIST_COST].isna().all()
    assert hours(found)["tgw-attach-3", "priced"] == 744
    assert "tgw-attach-2" not in set(rows[C.RESOURCE])
    assert "unpriced" in {notice.code for notice in found.notices}
    assert set(rows[C.SERVICE]) == {"AmazonVPC"}
    assert set(rows[C.ORIGIN]) == {"inventory"}


# The bill's own rates


def nat_bill(folder: Path, off: str, **changes: str) -> Path:
    """A bill of 100 free GB, 900 GB to the internet, 1,100 GB through a NAT gateway and 24 hours of it, at a part of the list."""
    part = Decimal(off)
    device = {"usage": "NatGateway-Bytes", "operation": "NatGateway", "family": "NAT Gateway", "rate_id": "n"}
    rows = [
        ("100", "0", {"rate_id": "free"}),
        ("900", "81", {"rate_id": "first"}),
        ("1100", "49.5", device),
        ("24", "1.08", {**device, "usage": "NatGateway-Hours", "unit": "Hrs", "rate_id": "h"}),
    ]
    lines = [
        made.line(
            "2026-10-05", **{"amount": amount, "list": listed, "cost": str(Decimal(listed) * part)} | more | changes
        )
        for amount, listed, more in rows
    ]
    return made.write(folder / "bill.csv", lines).parent


def flows_of(folder: Path, **choice: Any) -> Report:  # noqa: ANN401
    found = report(folder, **choice).flows
    assert found is not None
    return found


def test_flow_logs_are_priced_at_the_rates_of_a_negotiated_bill(tmp_path: Path) -> None:
    nat_bill(tmp_path / "in", "0.9")
    logs.log(tmp_path / "in" / "nat.log", *logs.nat_gateway(1000 * GB))
    found = flows_of(tmp_path / "in")
    # Ten percent off 81 for the internet, off 45 and 4.50 for the NAT gateway.
    assert costs(found) == {
        INTERNET: Decimal("72.9"),
        ("transfer", "internet", "in", "GB"): Decimal(0),
        ("nat", "internet", "out", "GB"): Decimal("40.5"),
        ("nat", "internet", "in", "GB"): Decimal("4.05"),
    }
    assert found.totals[0].amounts.list_cost == Decimal("130.5")
    assert found.selection.cost is CostKind.NET
    assert "2 of 2 charges" in told(found, "rates-learned")
    rates = dict(
        zip(found.bill[C.CHARGE].astype(str) + found.bill[C.DIRECTION].astype(str), found.bill[C.RATE_ID], strict=True)
    )
    assert rates["transferout"] == "bill:aws:transfer,internet,out,us-east-1,,,,,GB (bill of 2026-10)"
    assert rates["transferin"].startswith("aws:")
    (used,) = found.prices
    assert (used.bill, used.charges, used.by_bill) == ("bill of 2026-10", 2, 2)


def test_the_tiers_of_the_list_stay_under_the_part_of_it_that_the_bill_charges(tmp_path: Path) -> None:
    nat_bill(tmp_path / "in", "0.9")
    logs.log(tmp_path / "in" / "a.log", sent(20_000 * GB))
    # (10,240 x 0.09 + 9,660 x 0.085) x 0.9; a flat average of the bill, 0.081, would say 1,611.90.
    assert costs(flows_of(tmp_path / "in")) == {INTERNET: Decimal("1568.43")}


def test_a_bill_at_list_price_teaches_the_list(tmp_path: Path) -> None:
    nat_bill(tmp_path / "in", "1")
    logs.log(tmp_path / "in" / "nat.log", *logs.nat_gateway(1000 * GB))
    learned, listed = flows_of(tmp_path / "in"), flows_of(tmp_path / "in", by_bill=False)
    assert costs(learned) == costs(listed)
    assert learned.totals[0].network == listed.totals[0].network == Decimal("130.5")
    assert (listed.selection.cost, listed.prices[0].by_bill) == (CostKind.LIST, 0)
    assert flows_of(tmp_path / "in", cost=CostKind.LIST).totals[0].network == Decimal("130.5")


def test_a_bill_without_list_prices_is_compared_with_what_the_card_says(tmp_path: Path) -> None:
    nat_bill(tmp_path / "in", "0.8", list="")
    logs.log(tmp_path / "in" / "a.log", sent(20_000 * GB))
    # The card prices the bill's 1,000 GB at 81; 64.80 was billed: 80 %, and the tiers stay.
    assert costs(flows_of(tmp_path / "in")) == {INTERNET: Decimal("1394.16")}


def test_own_rates_beat_the_bill_and_the_bill_beats_the_list(tmp_path: Path) -> None:
    nat_bill(tmp_path / "in", "0.9")
    logs.log(tmp_path / "in" / "nat.log", *logs.nat_gateway(1000 * GB))
    found = flows_of(tmp_path / "in", overlay=str(own_rates(tmp_path / "rates.toml")))
    assert costs(found)[INTERNET] == 50
    assert costs(found)["nat", "internet", "out", "GB"] == Decimal("40.5")
    assert (found.prices[0].by_overlay, found.prices[0].by_bill) == (1, 1)
    discount = tmp_path / "discount.toml"
    discount.write_text('[[discount]]\nprovider = "aws"\ncharge = "nat"\npercent = 50\n')
    found = flows_of(tmp_path / "in", overlay=str(discount))
    # Half of the list, not of the bill: a discount is off the list.
    assert costs(found)["nat", "internet", "out", "GB"] == Decimal("22.5")
    assert costs(found)[INTERNET] == Decimal("72.9")


def test_net_amounts_teach_when_the_report_is_about_them_and_credits_never_do(tmp_path: Path) -> None:
    nat_bill(tmp_path / "in", "1", net="0")
    rows = [
        made.line("2026-10-05", amount="900", list="81", cost="81", net="64.8"),
        made.line("2026-10-05", type="Credit", amount="0", list="0", cost="-40", net="-40"),
    ]
    made.write(tmp_path / "in" / "bill.csv", rows)
    logs.log(tmp_path / "in" / "a.log", sent(1000 * GB))
    billed = report(tmp_path / "in").flows
    net = report(tmp_path / "in", cost=CostKind.NET).flows
    assert billed is not None
    assert net is not None
    assert costs(billed) == {INTERNET: Decimal(81)}
    assert costs(net) == {INTERNET: Decimal("64.8")}


def test_the_rates_of_the_months_of_the_flow_logs_count_and_else_it_is_said(tmp_path: Path) -> None:
    months = [
        made.line("2026-09-05", amount="900", list="81", cost="40.5", invoice="A"),
        made.line("2026-10-05", amount="900", list="81", cost="72.9", invoice="B"),
    ]
    made.write(tmp_path / "in" / "bill.csv", months)
    logs.log(tmp_path / "in" / "a.log", sent(1000 * GB))
    assert costs(flows_of(tmp_path / "in")) == {INTERNET: Decimal("72.9")}
    made.write(tmp_path / "in" / "bill.csv", months[:1])
    found = report(tmp_path / "in").flows
    assert found is not None
    assert costs(found) == {INTERNET: Decimal("40.5")}
    assert "rates of other months" in told(found, "rates-learned")


def test_a_bill_in_another_currency_teaches_its_discount_and_no_price(tmp_path: Path) -> None:
    nat_bill(tmp_path / "in", "0.9", currency="JPY")
    logs.log(tmp_path / "in" / "nat.log", *logs.nat_gateway(1000 * GB))
    found = flows_of(tmp_path / "in")
    assert costs(found)[INTERNET] == Decimal("72.9")
    assert {total.currency for total in found.totals} == {"USD"}


def test_free_and_tiny_usage_teaches_nothing(tmp_path: Path) -> None:
    rows = [
        made.line("2026-10-05", amount="50", list="0", cost="0"),
        made.line("2026-10-05", amount="0.01", list="0.0009", cost="0.0001"),
    ]
    made.write(tmp_path / "in" / "bill.csv", rows)
    logs.log(tmp_path / "in" / "a.log", sent(1000 * GB))
    found = flows_of(tmp_path / "in")
    assert costs(found) == {INTERNET: Decimal(81)}
    assert "teaches no rate" in told(found, "rates-not-learned")


def test_the_program_says_which_rates_it_took(tmp_path: Path) -> None:
    nat_bill(tmp_path / "in", "0.9")
    logs.log(tmp_path / "in" / "nat.log", *logs.nat_gateway(1000 * GB))
    done = screens.run("report", "-i", "in", folder=tmp_path)
    assert "Prices, aws: your bill's own rates (bill of 2026-10): 2 of 2 charges." in done.out
    (row,) = [
        line
        for line in done.out.splitlines()
        if line.startswith("NAT gateway ") and "-$" not in line and "$0.00" in line
    ]
    assert row.split() == ["NAT", "gateway", "1,100", "1,100", "$44.55", "$44.55", "$0.00"]
    at_list = screens.run("report", "-i", "in", "--rates", "list", "--prices", "2026-10-01", folder=tmp_path)
    assert "Prices, aws: rate card in force on 2026-10-01, rates dated" in at_list.out
    saved_ = document.to_document(report(tmp_path / "in"))
    content = json.loads(json.dumps(saved_))
    jsonschema.Draft202012Validator(document.report_schema()).validate(content)
    assert content["prices"] == {}
    assert list(content["flows"]["prices"]) == ["aws"]
    assert content["flows"]["pricing"][0]["by_bill"] == 2
    again = document.from_document(content, "saved")
    assert again.flows is not None
    assert again.flows.prices[0].bill == "bill of 2026-10"
    del content["pricing"]
    assert document.from_document(content, "older").prices == ()


# One end only


def test_bytes_between_zones_whose_other_end_keeps_no_log_are_said(tmp_path: Path) -> None:
    other = "10.0.9.9"
    out = logs.record("eni-a", WEB, other, 50 * GB, "egress", traffic_path="1")
    back = logs.record("eni-b", WEB, other, 50 * GB, "ingress", subnet_id="subnet-b", az_id="use1-az2")
    both = report(
        logs.log(
            tmp_path / "both.log",
            out,
            back,
            logs.record("eni-b", other, WEB, GB, "egress", subnet_id="subnet-b", az_id="use1-az2", traffic_path="1"),
            logs.record("eni-a", other, WEB, GB, "ingress"),
        )
    )
    assert "one-end-only" not in {notice.code for notice in both.notices}
    subnets = {
        "Subnets": [
            {
                "SubnetId": "subnet-a",
                "VpcId": "vpc-a",
                "CidrBlock": "10.0.1.0/24",
                "AvailabilityZone": "us-east-1a",
                "AvailabilityZoneId": "use1-az1",
            },
            {
                "SubnetId": "subnet-b",
                "VpcId": "vpc-a",
                "CidrBlock": "10.0.9.0/24",
                "AvailabilityZone": "us-east-1b",
                "AvailabilityZoneId": "use1-az2",
            },
        ]
    }
    inventory = saved(tmp_path / "inv", subnets, day=32)
    alone = report(logs.log(tmp_path / "alone.log", out), inventory=(inventory,))
    assert costs(alone) == {("transfer", "zone", "out", "GB"): Decimal("0.5")}
    assert told(alone, "one-end-only").startswith("50.000 GB between zones")


def test_own_rates_in_another_currency_leave_the_list_price_out(tmp_path: Path) -> None:
    path = own_rates(tmp_path / "rates.toml")
    path.write_text(path.read_text().replace("USD", "EUR"))
    found = report(logs.log(tmp_path / "a.log", sent(1000 * GB)), overlay=str(path))
    assert (found.totals[0].currency, found.totals[0].network) == ("EUR", Decimal(50))
    assert found.totals[0].amounts.list_cost is None
