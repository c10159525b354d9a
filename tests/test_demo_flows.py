"""The made-up company's flow logs and inventory: they are what their generators make, and right by hand.

Its access logs have their sums in test_demo_access.py; here is that they can be made again.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import egresscost
from egresscost.flows import FlowOptions
from egresscost.frame import Boundary, C, Charge
from egresscost.pipeline import Request, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from egresscost import Report

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "egresscost" / "demo"
MADE = {"flows": "demo_flows.py", "inventory": "demo_inventory.py", "access": "demo_access.py"}
GB = 2**30
D = Decimal

# What flow logs see of October, by hand, in GB. First what leaves for the internet, and what comes from there.
VIEWERS = 14_000 + 3_000 + 4_500 + 4_000 + 2_500 + 1_500 + 1_500
STAGING = 2_200
SHOP = (1_700 + 1_200 + 1_000) + (1_300 + 900 + 700)
NAT_OUT = {"a": 1_270 + 2_600 + 20 + 10, "b": 40 + 10, "c": 140 + 10}
ASKED = (280 + 60 + 90 + 80 + 50 + 30 + 30) + 44 + (600 + 500 + 400) + (500 + 350 + 250)
NAT_IN = {"a": 60 + 40 + 900 + 400, "b": 2_060 + 290, "c": 350 + 600}
# What passes NAT to services of the region: S3, DynamoDB and others, sent and answered.
NAT_SENT = {"a": 1_400 + 300 + 500, "b": 1_700 + 200 + 400, "c": 1_000 + 200 + 200}
NAT_BACK = {"a": 5_600 + 800 + 100, "b": 4_500 + 1_700 + 100, "c": 2_900 + 500 + 100}
NAT = {each: NAT_OUT[each] + NAT_IN[each] + NAT_SENT[each] + NAT_BACK[each] for each in "abc"}
# Between zones: the cache and its reader, the two web servers, a machine and a NAT gateway elsewhere; and public addresses.
ZONES = (17_400 + 600) + (5_100 + 100) + (200 + 40 + 1_700 + 2_060) + (860 + 40)
FREE_ZONES = (300 + 400) + 3_000  # a balancer's target, and through the transit gateway
REGIONS = (12_000 + 7_000) + 2_000 + 1_500
TRANSIT = {"same zone": 5_000 + 6_000, "other zone": 3_000}
ENDPOINTS = {
    "vpce-0f4c71a9d3e852b06": (1_500 + 500) + (1_500 + 500) + (1_300 + 400),
    "vpce-0a82d6f5c19e4b730": (200 + 90) + (300 + 100),
    "vpce-0d57b3e08a6f1c942": (1 + 3) + (1 + 1) + (1 + 1),
    "vpce-0619c8e4b7d2f5a03": 1 + 1,
}
GATEWAY = {"back": 9_000 + 300 + 4_800, "sent": 10 + 1 + 900}

# And in USD. The 100 free GB of the internet are shared by what each region sends.
OUT = VIEWERS + SHOP + sum(NAT_OUT.values())
FREE_ABROAD = D(100) * STAGING / (OUT + STAGING)
FREE_HERE = 100 - FREE_ABROAD
COST = {
    "internet": 10_240 * D("0.09") + (OUT - FREE_HERE - 10_240) * D("0.085") + (STAGING - FREE_ABROAD) * D("0.09"),
    "nat": sum(NAT.values()) * D("0.045"),
    "zones": 2 * ZONES * D("0.01"),
    "regions": REGIONS * D("0.02"),
    "transit": sum(TRANSIT.values()) * D("0.02"),
    "endpoints": sum(ENDPOINTS.values()) * D("0.01"),
}
# And what costs by the hour, as the inventory lists it, for the 744 hours of October: four NAT gateways here and one in
# Ireland, three attachments, four endpoints in three zones here and one in Ireland, 52 public addresses.
HOURS = {
    "nat": 744 * (4 * D("0.045") + D("0.048")),
    "transit": 744 * 3 * D("0.05"),
    "endpoints": 744 * (4 * 3 * D("0.01") + 3 * D("0.011")),
    "addresses": 744 * 52 * D("0.005"),
}


@pytest.fixture(scope="module")
def seen() -> Report:
    """The report on the flow logs alone."""
    return run(Request([str(DEMO / "flows")], flows=FlowOptions(inventory=(str(DEMO / "inventory"),))))


@pytest.fixture(scope="module")
def bill() -> pd.DataFrame:
    return egresscost.analyze(DEMO / "bill", since="2026-10").bill


@pytest.fixture(scope="module")
def records() -> list[dict[str, str]]:
    """Every line of every flow log."""
    found = []
    for path in sorted((DEMO / "flows").rglob("*.log.gz")):
        head, *lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        found += [dict(zip(head.split(" "), line.split(" "), strict=True)) for line in lines]
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def make(tool: str, folder: Path) -> dict[str, bytes]:
    subprocess.run([sys.executable, ROOT / "tools" / tool, folder], check=True, capture_output=True)
    return files(folder)


def listed(key: str) -> Iterator[dict[str, Any]]:
    """Every item of a list in the inventory."""
    for path in sorted((DEMO / "inventory").rglob("*.json")):
        yield from json.loads(path.read_text()).get(key, [])


def name_of(item: dict[str, Any]) -> str:
    return next(tag["Value"] for tag in item["Tags"] if tag["Key"] == "Name")


def only(rows: pd.DataFrame, **columns: str) -> pd.DataFrame:
    for name, value in columns.items():
        rows = rows[rows[name] == value]
    assert len(rows), columns
    return rows


def size(rows: pd.DataFrame, **columns: str) -> Decimal:
    """GB, exactly."""
    return D(int(only(rows, **columns)[C.BYTES].sum())) / GB


def cost(rows: pd.DataFrame, **columns: str) -> Decimal:
    return sum(only(rows, **columns)[C.LIST_COST], D(0))


# ------------------------------------------------------------------------------------------------------ the files


@pytest.mark.parametrize("name", MADE)
def test_what_is_shipped_is_what_the_generator_makes(name: str, tmp_path: Path) -> None:
    """Compared unpacked, for zlib and its like pack the same text unlike; the time in the packed file is always 0."""
    made, shipped = make(MADE[name], tmp_path), files(DEMO / name)
    assert sorted(made) == sorted(shipped)
    for path, content in shipped.items():
        if path.endswith(".gz"):
            assert content[4:8] == bytes(4)
            assert gzip.decompress(made[path]) == gzip.decompress(content)
        else:
            assert made[path] == content


@pytest.mark.parametrize("tool", MADE.values())
def test_making_it_twice_gives_the_same_bytes(tool: str, tmp_path: Path) -> None:
    assert make(tool, tmp_path / "one") == make(tool, tmp_path / "two")


@pytest.mark.parametrize("tool", ["demo_access.py", "demo_flows.py", "demo_inventory.py", "demo_network.py"])
def test_the_examples_in_the_generators_hold(tool: str) -> None:
    command = [sys.executable, "-m", "doctest", ROOT / "tools" / tool]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT / "tools")})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_whole_demo_is_small_enough_to_ship() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files(DEMO).items():
            archive.writestr(name, content)
    assert len(packed.getvalue()) < 400_000


def test_objects_are_called_as_aws_calls_them() -> None:
    key = re.compile(
        r"AWSLogs/(\d{12})/vpcflowlogs/([a-z0-9-]+)/2026/10/31/\1_vpcflowlogs_\2_(fl-[0-9a-f]{17})_20261031T2355Z_[0-9a-f]{8}\.log\.gz"
    )
    found = [key.fullmatch(name) for name in files(DEMO / "flows")]
    assert None not in found
    assert len({each[3] for each in found if each}) == len(found) == 6


def test_every_record_is_of_october_and_fills_every_field(records: list[dict[str, str]]) -> None:
    assert {len(record) for record in records} == {32}
    assert {record["version"] for record in records} == {"11"}
    assert all(1790812800 <= int(record["start"]) < int(record["end"]) < 1793491200 for record in records)
    assert Counter((record["log-status"], record["action"]) for record in records).keys() == {
        ("OK", "ACCEPT"),
        ("OK", "REJECT"),
        ("NODATA", "-"),
    }


def test_records_and_inventory_say_the_same_of_every_interface(records: list[dict[str, str]]) -> None:
    zones = {subnet["SubnetId"]: subnet["AvailabilityZoneId"] for subnet in listed("Subnets")}
    known = {
        item["NetworkInterfaceId"]: (
            item["OwnerId"],
            item["InterfaceType"],
            item["VpcId"],
            item["SubnetId"],
            zones[item["SubnetId"]],
            item["Attachment"].get("InstanceId", "-"),
        )
        for item in listed("NetworkInterfaces")
    }
    fields = ("account-id", "interface-type", "vpc-id", "subnet-id", "az-id", "instance-id")
    said = {record["interface-id"]: tuple(record[field] for field in fields) for record in records}
    assert said == {name: known[name] for name in said}
    hops = {(record["next-hop-interface-id"], record["next-hop-az-id"]) for record in records}
    assert hops - {("-", "-")} == {(name, known[name][4]) for name, _ in hops if name != "-"}


def test_the_sender_and_the_receiver_inside_a_network_tell_of_the_same_bytes(records: list[dict[str, str]]) -> None:
    sums: dict[tuple[str, ...], Counter[str]] = {}
    for record in records:
        ends = (record["pkt-srcaddr"], record["pkt-dstaddr"], record["srcport"], record["dstport"])
        if record["action"] == "ACCEPT" and all(end.startswith(("10.20.", "10.30.")) for end in ends[:2]):
            sums.setdefault(ends, Counter())[record["flow-direction"]] += int(record["bytes"])
    assert len(sums) > 30
    assert all(each["ingress"] == each["egress"] > 0 for each in sums.values())


def test_refused_traffic_and_silence_are_there_and_count_for_nothing(
    records: list[dict[str, str]], seen: Report
) -> None:
    refused = [record for record in records if record["action"] == "REJECT"]
    assert len(refused) == 3 * 31
    assert sum(int(record["bytes"]) for record in refused) == 31 * (240 + 416 + 120)
    assert not set(seen.bill[C.PEER_COUNTRY].dropna()) & {"UA", "RU", "NL"}
    silent = [record for record in records if record["log-status"] == "NODATA"]
    assert len(silent) == len({record["interface-id"] for record in silent}) > 38


# ------------------------------------------------------------------------------------------------ the inventory


def test_what_the_bill_names_stands_in_the_inventory(bill: pd.DataFrame) -> None:
    named = {
        each.rpartition("/")[2] if "loadbalancer" not in each else each.partition("loadbalancer/")[2]
        for each in bill[C.RESOURCE].dropna().astype(str)
        if each.startswith("i-") or any(word in each for word in ("natgateway", "vpce-", "tgw-attach", "loadbalancer"))
    }
    listed_ = {name for item in listed("Reservations") for name in [item["Instances"][0]["InstanceId"]]}
    listed_ |= {item["NatGatewayId"] for item in listed("NatGateways")}
    listed_ |= {item["VpcEndpointId"] for item in listed("VpcEndpoints")}
    listed_ |= {item["TransitGatewayAttachmentId"] for item in listed("TransitGatewayAttachments")}
    listed_ |= {item["Description"].removeprefix("ELB ") for item in listed("NetworkInterfaces")}
    assert len(named) > 25
    assert named <= listed_


def test_there_are_as_many_public_addresses_as_the_bill_counts() -> None:
    found = Counter(
        item["OwnerId"]
        for item in listed("NetworkInterfaces")
        if "Association" in item and item["AvailabilityZone"].startswith("us-east-1")
    )
    assert (found["100000000011"], found["100000000012"], found["100000000013"]) == (26, 12, 8)


def test_a_letter_means_another_zone_in_another_account() -> None:
    found: dict[str, set[str]] = {}
    for zone in listed("AvailabilityZones"):
        found.setdefault(zone["ZoneName"], set()).add(zone["ZoneId"])
    assert found["us-east-1a"] == {"use1-az1", "use1-az2", "use1-az6"}


def test_an_endpoint_stands_in_three_zones_and_its_hours_are_three_in_the_bill(bill: pd.DataFrame) -> None:
    zones = {item["VpcEndpointId"]: len(item["SubnetIds"]) for item in listed("VpcEndpoints")}
    hours = (
        only(bill, charge=Charge.PRIVATE_ENDPOINT, unit="hours").groupby(C.RESOURCE, observed=True)[C.QUANTITY].sum()
    )
    assert {name.rpartition("/")[2]: value for name, value in hours.items()} == {
        name: count * 24 * 31 for name, count in zones.items() if count
    }


# --------------------------------------------------------------------------------------------- October by hand


def test_every_byte_is_placed_and_nothing_is_amiss(seen: Report) -> None:
    assert set(seen.bill[C.BOUNDARY]) == {"internet", "zone", "region", "provider_service", "none"}
    assert {notice.code for notice in seen.notices} == {"tiers-assumed", "hours-assumed"}
    assert not seen.skipped
    assert not seen.partial
    assert seen.bill[C.LIST_COST].notna().all()


def test_the_cost_of_all_flows_is_right_by_hand(seen: Report) -> None:
    (totals,) = seen.totals
    assert round(totals.network, 6) == round(sum((*COST.values(), *HOURS.values()), D(0)), 6)
    # 6,553.18 by the GB and 588.50 by the hour
    assert round(totals.network, 2) == D("7141.68")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"charge": "transfer", "boundary": "internet", "direction": "out"}, OUT + STAGING),
        ({"charge": "transfer", "boundary": "internet", "direction": "in"}, ASKED + sum(NAT_IN.values())),
        ({"charge": "transfer", "boundary": "zone", "direction": "out"}, ZONES + FREE_ZONES),
        ({"charge": "transfer", "boundary": "zone", "direction": "in"}, ZONES + FREE_ZONES),
        ({"charge": "transfer", "boundary": "region", "direction": "out"}, REGIONS),
        ({"charge": "transfer", "boundary": "region", "direction": "in"}, REGIONS),
        ({"charge": "nat", "boundary": "internet", "direction": "out"}, sum(NAT_OUT.values())),
        ({"charge": "nat", "boundary": "internet", "direction": "in"}, sum(NAT_IN.values())),
        ({"charge": "nat", "boundary": "provider_service", "direction": "out"}, sum(NAT_SENT.values())),
        ({"charge": "nat", "boundary": "provider_service", "direction": "in"}, sum(NAT_BACK.values())),
        ({"charge": "transit_gateway", "boundary": "none"}, TRANSIT["same zone"]),
        ({"charge": "transit_gateway", "boundary": "zone"}, TRANSIT["other zone"]),
        ({"charge": "private_endpoint"}, sum(ENDPOINTS.values())),
        ({"path": "gateway_endpoint", "direction": "in"}, GATEWAY["back"]),
        ({"path": "gateway_endpoint", "direction": "out"}, GATEWAY["sent"]),
    ],
    ids=str,
)
def test_each_volume_of_the_flows_is_right_by_hand(seen: Report, keys: dict[str, str], expected: int) -> None:
    assert size(seen.bill, **keys) == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"charge": "transfer", "boundary": "internet"}, COST["internet"]),
        ({"charge": "transfer", "boundary": "zone"}, COST["zones"]),
        ({"charge": "transfer", "boundary": "region"}, COST["regions"]),
        ({"charge": "transfer", "boundary": "provider_service"}, D(0)),
        ({"charge": "transfer", "boundary": "none"}, D(0)),
        ({"charge": "nat", "unit": "GB"}, COST["nat"]),
        ({"charge": "transit_gateway", "unit": "GB"}, COST["transit"]),
        ({"charge": "private_endpoint", "unit": "GB"}, COST["endpoints"]),
        ({"charge": "nat", "unit": "hours"}, HOURS["nat"]),
        ({"charge": "transit_gateway", "unit": "hours"}, HOURS["transit"]),
        ({"charge": "private_endpoint", "unit": "hours"}, HOURS["endpoints"]),
        ({"charge": "public_address", "unit": "hours"}, HOURS["addresses"]),
        ({"path": "application_load_balancer_target"}, D(0)),
        ({"charge": "transfer", "path": "transit_gateway"}, D(0)),
    ],
    ids=str,
)
def test_each_cost_of_the_flows_is_right_by_hand(seen: Report, keys: dict[str, str], expected: Decimal) -> None:
    assert round(cost(seen.bill, **keys), 6) == round(expected, 6)


@pytest.mark.parametrize(
    ("sender", "peer", "keys", "sizes"),
    [
        ("app", "cache", {"boundary": "zone"}, (600, 17_400)),
        ("cache", "app", {"boundary": "zone"}, (17_400, 600)),
        ("web-1", "web-2", {"boundary": "zone"}, (5_100, 100)),
        ("web-1", "checkout-1", {"boundary": "zone", "path": "public_ip"}, (860, 40)),
        ("positions", "nat-0b38d6a914e7c0f25", {"boundary": "zone", "path": "nat"}, (240, 3_760)),
        ("cache", "eu-replica", {"boundary": "region", "path": "peering"}, (2_000, 1_500)),
        ("live-encoder", "sydney-player-1", {"boundary": "region", "path": "peering"}, (12_000, 0)),
        ("live-encoder", "sydney-player-2", {"boundary": "region", "path": "peering"}, (7_000, 0)),
        ("orders", "warehouse", {"charge": "transit_gateway", "boundary": "none"}, (5_000, 0)),
        ("warehouse", "pricing", {"charge": "transit_gateway", "boundary": "none"}, (6_000, 0)),
        ("warehouse", "recommender", {"charge": "transit_gateway", "boundary": "zone"}, (3_000, 0)),
        ("streamer", "media-cache", {"boundary": "none"}, (100, 0)),
        ("media-cache", "streamer", {"boundary": "none"}, (30_000, 0)),
        ("log-shipper", "gcp us-east4", {"charge": "nat"}, (2_600, 40)),
        ("node-a", "cloudflare CDN", {"charge": "nat"}, (20, 900)),
        ("node-b", "fastly CDN", {"charge": "nat"}, (10, 290)),
        ("node-c", "github packages", {"charge": "nat"}, (10, 600)),
        ("etl-a", "aws us-east-1 S3", {"charge": "nat"}, (1_400, 5_600)),
        ("positions", "aws us-east-1 S3", {"charge": "nat"}, (200, 1_700)),
        ("etl-c", "aws us-east-1 DYNAMODB", {"charge": "nat"}, (200, 500)),
        ("etl-b", "aws us-east-1 AMAZON", {"charge": "nat"}, (400, 100)),
        ("query", "aws us-east-1 S3", {"path": "gateway_endpoint"}, (900, 4_800)),
    ],
)
def test_each_pair_is_right_by_hand(
    seen: Report, sender: str, peer: str, keys: dict[str, str], sizes: tuple[int, int]
) -> None:
    """Sent and answered, in GB."""
    pair = only(seen.bill, **({"charge": "transfer"} | keys), workload=sender, peer=peer)
    sums = pair.groupby(C.DIRECTION, observed=True)[C.BYTES].sum()
    expected = dict(zip(("out", "in"), sizes, strict=True))
    assert {str(way): D(int(value)) / GB for way, value in sums.items()} == {
        way: gb for way, gb in expected.items() if gb
    }


# -------------------------------------------------------------------------------------------- bill and flow logs


@pytest.mark.parametrize("gateway", ["a", "b", "c"])
def test_each_nat_gateway_passes_what_the_bill_says(gateway: str, seen: Report, bill: pd.DataFrame) -> None:
    (name,) = [item["NatGatewayId"] for item in listed("NatGateways") if name_of(item) == f"nat-us-east-1{gateway}"]
    assert (
        size(seen.bill, charge=Charge.NAT, resource=name)
        == NAT[gateway]
        == {"a": 14_000, "b": 11_000, "c": 6_000}[gateway]
    )
    billed = bill[bill[C.RESOURCE].astype(str).str.endswith(name)]
    assert size(billed, charge=Charge.NAT, unit="GB") == NAT[gateway]
    assert size(billed, boundary=Boundary.INTERNET, direction="out") == NAT_OUT[gateway]
    assert size(billed, boundary=Boundary.INTERNET, direction="in") == NAT_IN[gateway]


def test_each_endpoint_passes_what_the_bill_says(seen: Report, bill: pd.DataFrame) -> None:
    for name, expected in ENDPOINTS.items():
        assert size(seen.bill, charge=Charge.PRIVATE_ENDPOINT, resource=name) == expected
        billed = bill[bill[C.RESOURCE].astype(str).str.endswith(name)]
        assert size(billed, charge=Charge.PRIVATE_ENDPOINT, unit="GB") == expected


@pytest.mark.parametrize(
    "instance",
    [
        "i-0c4f9e7712ab35d80",
        "i-0f65b18d3c7ea2094",
        "i-0a51b2c86df03e947",
        "i-0b8d47f3e9160ca25",
        "i-0e8b53d07f4c9a216",
        "i-07e6a3d1b94c2f850",
        "i-0d93c5f08a7b6e142",
        "i-0b1f6e82c94d7a305",
        "i-0d81c6f35b9e27a40",
        "i-0a96e4b1f7d830c25",
        "i-0671c2f9ad80b3e45",
    ],
)
def test_each_machine_sends_and_gets_what_the_bill_says(instance: str, seen: Report, bill: pd.DataFrame) -> None:
    """Traffic that costs nothing and has no line in a bill is left out."""
    billed = only(bill, resource=instance, charge=Charge.TRANSFER)
    logged = only(seen.bill, resource=instance, charge=Charge.TRANSFER)
    logged = logged[~logged[C.BOUNDARY].isin(["none", "provider_service"])]
    logged = logged[~logged[C.PATH].isin(["application_load_balancer_target", "transit_gateway"])]
    both = [
        rows.groupby([C.BOUNDARY, C.DIRECTION], observed=True)[C.BYTES].sum().to_dict() for rows in (billed, logged)
    ]
    assert both[0] == both[1]


def test_what_a_transit_gateway_takes_in_is_what_the_bill_says(seen: Report, bill: pd.DataFrame) -> None:
    for name, expected in (("tgw-attach-0b72d94e1c5f8a036", 5_000), ("tgw-attach-0e38f6a05d7b1c924", 9_000)):
        assert size(seen.bill, charge=Charge.TRANSIT_GATEWAY, resource=name) == expected
        billed = bill[bill[C.RESOURCE].astype(str).str.endswith(name)]
        assert size(billed, charge=Charge.TRANSIT_GATEWAY, unit="GB") == expected


def test_what_flow_logs_do_not_see_is_s3_the_edge_the_sandbox_and_the_shop_abroad(
    seen: Report, bill: pd.DataFrame
) -> None:
    sent = only(bill, charge=Charge.TRANSFER, boundary=Boundary.INTERNET, direction="out")
    unseen = 27_000 + 1_200 + 4_000 + 1_900
    assert D(int(sent[C.BYTES].sum())) / GB - unseen == OUT + STAGING
    assert set(only(seen.bill, unit="GB")[C.ACCOUNT]) == {"100000000011", "100000000012", "100000000013"}


# ---------------------------------------------------------------------------------------- what advice will look for


def test_the_break_evens_of_advice_lie_between_what_is_there(seen: Report) -> None:
    """An endpoint's zone costs 7.30 USD a month and saves 0.035 a GB; a NAT gateway costs 32.85 and saves 0.02."""
    per_zone, gateway = D("7.30") / D("0.035"), D("32.85") / D("0.02")
    nat = only(seen.bill, charge=Charge.NAT, peer="aws us-east-1 AMAZON")
    zones = [D(int(rows)) / GB for rows in nat.groupby(C.RESOURCE, observed=True)[C.BYTES].sum()]
    assert min(zones) == 300 > round(per_zone, 1) == D("208.6")
    assert ENDPOINTS["vpce-0d57b3e08a6f1c942"] < 3 * per_zone < ENDPOINTS["vpce-0a82d6f5c19e4b730"]
    hop = size(seen.bill, workload="positions", boundary=Boundary.ZONE)
    to_storage = size(seen.bill, workload="positions", charge=Charge.NAT, peer="aws us-east-1 S3")
    assert hop - to_storage == 2_100 > gateway == D("1642.5")


def test_logs_go_to_their_vendor_every_day_alike(seen: Report) -> None:
    days = (
        only(seen.bill, workload="log-shipper", charge=Charge.NAT, direction="out")
        .groupby(C.PERIOD_START)[C.BYTES]
        .sum()
    )
    assert len(days) == 31
    assert days.max() - days.min() <= GB // 16


def test_the_live_encoder_sends_nearly_all_of_its_bytes_to_another_region_since_the_9th(seen: Report) -> None:
    rows = only(seen.bill, workload="live-encoder", charge=Charge.TRANSFER)
    away = only(rows, boundary=Boundary.REGION, direction="out")
    assert set(away[C.DST_REGION]) == {"ap-southeast-2"}
    assert away[C.BYTES].sum() / rows[C.BYTES].sum() > 0.95
    assert f"{away[C.PERIOD_START].min():%Y-%m-%d}" == "2026-10-09"


def test_two_machines_of_one_zone_talk_by_public_addresses(seen: Report) -> None:
    rows = only(seen.bill, path="public_ip")
    assert set(rows[C.SRC_ZONE]) == set(rows[C.DST_ZONE]) == {"use1-az1"}
    assert cost(seen.bill, path="public_ip") == 2 * 900 * D("0.01")


def test_one_nat_gateway_is_idle_in_the_bill_and_keeps_no_log(seen: Report, bill: pd.DataFrame) -> None:
    (idle,) = [item["NatGatewayId"] for item in listed("NatGateways") if name_of(item) == "sandbox-nat"]
    rows = bill[bill[C.RESOURCE].astype(str).str.endswith(idle)]
    assert set(rows[C.UNIT]) == {"hours"}
    assert idle not in set(only(seen.bill, unit="GB")[C.RESOURCE])


# --------------------------------------------------------------------------------------------------- the command


def test_demo_shows_the_bill_and_the_flow_logs_beside_it(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = run("demo")
    assert done.returncode == 0
    # 12,871.344 of AWS, 1,115.38 of Azure and 1,046.6216 of Google Cloud
    assert "$15,033.35 data transfer" in done.stdout
    assert "made-up company" in done.stderr
    beside = done.stdout.partition("The bill and the flow logs, side by side")[2]
    (nat,) = re.findall(r"^NAT gateway +(.*)$", beside.partition("Data transfer in flow logs")[0], re.MULTILINE)
    assert re.split(r" {2,}", nat) == ["35,400", "33,000", "$1,600.20", "$1,485.00", "-$115.20"]
    # The bills teach no other rates than those of the lists: 7,141.68 of AWS, 867.88 of Azure and 841.58 of Google Cloud.
    assert "$8,851.14 data transfer    100.0 % placed" in beside
