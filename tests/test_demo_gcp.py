"""What the made-up company has in Google Cloud: what its generator makes, right by hand; and what it says with the other clouds."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import egresscost
from egresscost.flows import FlowOptions
from egresscost.frame import C
from egresscost.pipeline import Request, run

if TYPE_CHECKING:
    import pandas as pd

    from egresscost import Report

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / "tools" / "demo_gcp.py"
WHOLE = ROOT / "egresscost" / "demo"
DEMO = WHOLE / "gcp"
GB = 2**30
HOURS = 24 * 31
D = Decimal

# October by hand: GB or hours times the list price. To the internet each pair of places has steps of its own.
VIRGINIA_AMERICAS = (40 + 550 + 10) * D("0.12")
BELGIUM_EUROPE = 1_024 * D("0.12") + (1_200 + 2_300 + 1_500 - 1_024) * D("0.11")
EUROPE = "Network Internet Data Transfer Out from EMEA to Western Europe"
BELGIUM_AMERICAS = 300 * D("0.12")
OUT = VIRGINIA_AMERICAS + BELGIUM_EUROPE + BELGIUM_AMERICAS
ZONES = (4_000 + 200) * D("0.01")  # the sender pays, alone
REGIONS = (2_000 + 100) * D("0.05")
NAT = (10 + 490) * D("0.045")
ADDRESSES = (HOURS - 720) * D("0.005") + HOURS * D("0.005")  # 720 hours are free
SEEN = OUT + ZONES + REGIONS + NAT + ADDRESSES
NAT_HOURS = HOURS * D("0.0014")
CDN, FILL = 2_500 * D("0.08"), 400 * D("0.01")
NETWORK = SEEN + NAT_HOURS + CDN + FILL
CORES = HOURS * (4 + 16) * D("0.0356")
REST = CORES + HOURS * (64 * D("0.0048") + 8 * D("0.0348")) + 3_100 * D("0.11") + 15_500 * D("0.023") + 62 * D("6.25")
TAX = D("101.25")
CREDITS = CORES * D("-0.25") + CDN * D("-0.1")
# The three clouds together.
AWS, AZURE = D("12871.344"), D("1115.38")
AWS_SEEN, AZURE_SEEN = D("7141.68"), D("867.88")


@pytest.fixture(scope="module")
def october() -> Report:
    return egresscost.analyze(DEMO / "bill", since="2026-10")


@pytest.fixture(scope="module")
def seen() -> Report:
    """The report on the flow logs alone."""
    return run(Request([str(DEMO / "flows")], flows=FlowOptions(inventory=(str(DEMO / "inventory"),))))


@pytest.fixture(scope="module")
def clouds() -> pd.DataFrame:
    """The flow logs of all three clouds, read together."""
    folders = [WHOLE, WHOLE / "azure", DEMO]
    options = FlowOptions(inventory=tuple(str(folder / "inventory") for folder in folders))
    return run(Request([str(folder / "flows") for folder in folders], flows=options)).bill


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def make(folder: Path) -> dict[str, bytes]:
    subprocess.run([sys.executable, TOOL, folder], check=True, capture_output=True)
    return files(folder)


def unpacked(content: bytes) -> bytes:
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


def only(rows: pd.DataFrame, **columns: str) -> pd.DataFrame:
    for name, value in columns.items():
        rows = rows[rows[name] == value]
    assert len(rows), columns
    return rows


def size(rows: pd.DataFrame, **columns: str) -> Decimal:
    """GB, exactly."""
    return D(int(only(rows, **columns)[C.BYTES].sum())) / GB


def cost(rows: pd.DataFrame, column: C = C.BILLED_COST, **columns: str) -> Decimal:
    return sum(only(rows, **columns)[column].dropna(), D(0))


# ------------------------------------------------------------------------------------------------------ the files


def test_what_is_shipped_is_what_the_generator_makes_every_time(tmp_path: Path) -> None:
    """Compared unpacked, for zlib and its like pack the same text unlike; the time in the packed file is always 0."""
    made, shipped = make(tmp_path / "one"), files(DEMO)
    assert {name: unpacked(content) for name, content in made.items()} == {
        name: unpacked(content) for name, content in shipped.items()
    }
    assert all(content[4:8] == bytes(4) for name, content in shipped.items() if name.endswith(".gz"))
    assert make(tmp_path / "two") == made


def test_every_row_of_the_bill_costs_its_amount_times_its_price() -> None:
    rows: list[dict[str, Any]] = [
        json.loads(line, parse_float=D, parse_int=D)
        for path in DEMO.glob("bill/*.json.gz")
        for line in gzip.decompress(path.read_bytes()).decode().splitlines()
    ]
    regular = [row for row in rows if row["cost_type"] == "regular"]
    assert len(rows) == len(regular) + 2 > 28 * 60
    assert all(
        row["usage"]["amount_in_pricing_units"] * D(row["price"]["effective_price"]) == row["cost"] for row in regular
    )
    moved = [row["usage"] for row in regular if row["usage"]["pricing_unit"] == "gibibyte"]
    assert all(use["amount"] == use["amount_in_pricing_units"] * GB for use in moved)


# -------------------------------------------------------------------------------------------------- bill by hand


def test_the_bill_is_right_by_hand(october: Report) -> None:
    (totals,) = october.totals
    assert totals.network == NETWORK == D("1046.6216")
    assert cost(october.bill) == NETWORK + REST + TAX
    assert cost(october.bill, charge_class="tax") == TAX
    assert cost(october.bill, C.NET_COST, charge_class="credit") == CREDITS
    assert {source.format for source in october.sources} == {"Google Cloud detailed billing export"}
    assert not october.notices
    assert not october.skipped


@pytest.mark.parametrize(
    ("keys", "gb", "expected"),
    [
        ({"boundary": "internet", "direction": "out", "src_region": "us-east4"}, 600, VIRGINIA_AMERICAS),
        ({"boundary": "internet", "usage_type": EUROPE}, 5_000, BELGIUM_EUROPE),
        ({"boundary": "internet", "direction": "out"}, 5_900, OUT),
        ({"boundary": "internet", "direction": "in"}, 2_610 + 490 + 100 + 10, D(0)),
        ({"boundary": "zone", "direction": "out"}, 4_200, ZONES),
        ({"boundary": "zone", "direction": "in"}, 4_200, D(0)),
        ({"boundary": "region", "direction": "out"}, 2_100, REGIONS),
        ({"boundary": "region", "direction": "in"}, 2_000, D(0)),
        ({"boundary": "edge", "direction": "out"}, 2_500, CDN),
        ({"boundary": "origin", "direction": "out"}, 400, FILL),
        ({"charge": "nat", "unit": "GB"}, 500, NAT),
    ],
    ids=str,
)
def test_each_boundary_of_the_bill_is_right_by_hand(
    october: Report, keys: dict[str, str], gb: int, expected: Decimal
) -> None:
    rows = only(october.bill, charge_class="usage")
    assert (size(rows, **keys), cost(rows, **keys)) == (gb, expected)


@pytest.mark.parametrize(("charge", "expected"), [("nat", NAT_HOURS), ("public_address", ADDRESSES)])
def test_hours_are_right_by_hand(october: Report, charge: str, expected: Decimal) -> None:
    assert cost(october.bill, charge=charge, unit="hours") == expected


def test_the_hours_of_public_addresses_are_those_of_the_list_of_machines(seen: Report) -> None:
    assert round(cost(seen.bill, C.LIST_COST, charge="public_address"), 6) == ADDRESSES


# --------------------------------------------------------------------------------------------- flow logs by hand


def test_the_flow_logs_come_to_the_bill_but_for_the_hours_of_cloud_nat_and_the_cdn(seen: Report) -> None:
    """No list of machines names Cloud NAT, so it has no hours here."""
    (totals,) = seen.totals
    assert round(totals.network, 6) == SEEN == D("841.58")
    assert set(seen.bill[C.BOUNDARY]) == {"internet", "zone", "region", "none"}
    assert seen.bill[C.LIST_COST].notna().all()
    # What left by Cloud NAT is taken for Premium; sizes are payload, and a sample.
    assert {notice.code for notice in seen.notices} >= {"tiers-assumed", "network-tier-assumed"}


@pytest.mark.parametrize(
    ("workload", "keys", "sizes"),
    [
        ("collector", {"boundary": "internet", "peer": "aws us-east-1 EC2"}, (40, 2_600)),
        ("collector", {"boundary": "internet", "peer": "AS7922"}, (550, 10)),
        ("catalogue", {"boundary": "internet", "peer": "AS3320"}, (2_300, 50)),
        ("catalogue", {"boundary": "internet", "peer": "AS2856"}, (1_500, 30)),
        ("catalogue", {"boundary": "internet", "peer": "azure westeurope AzureCloud"}, (1_200, 20)),
        ("catalogue", {"boundary": "internet", "peer": "AS7922"}, (300, 10)),
        ("trainer", {"boundary": "internet", "peer": "cloudflare CDN"}, (10, 490)),
        ("collector", {"boundary": "zone"}, (4_000, 0)),
        ("trainer", {"boundary": "zone"}, (200, 0)),
        ("trainer", {"boundary": "region"}, (2_000, 0)),
        ("catalogue", {"boundary": "region"}, (100, 0)),
    ],
    ids=str,
)
def test_each_talk_is_right_by_hand(seen: Report, workload: str, keys: dict[str, str], sizes: tuple[int, int]) -> None:
    """Sent and received, in GB. Between the project's own machines the sender's record counts, and the receiver's is evidence."""
    rows = only(seen.bill, workload=workload, charge="transfer", **keys)
    sums = rows.groupby(C.DIRECTION, observed=True)[C.BYTES].sum()
    assert tuple(D(int(sums.get(way, 0))) / GB for way in ("out", "in")) == sizes


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"charge": "transfer", "boundary": "internet", "src_region": "us-east4"}, VIRGINIA_AMERICAS),
        ({"charge": "transfer", "boundary": "internet"}, OUT),
        ({"charge": "transfer", "boundary": "zone"}, ZONES),
        ({"charge": "transfer", "boundary": "region"}, REGIONS),
        ({"charge": "nat"}, NAT),
    ],
    ids=str,
)
def test_each_cost_of_the_flows_is_right_by_hand(seen: Report, keys: dict[str, str], expected: Decimal) -> None:
    assert round(cost(seen.bill, C.LIST_COST, **keys), 6) == expected


def test_each_machine_sends_to_the_internet_what_the_bill_says(october: Report, seen: Report) -> None:
    keys = {"charge": "transfer", "boundary": "internet", "direction": "out"}
    billed, logged = (only(rows, **keys) for rows in (only(october.bill, charge_class="usage"), seen.bill))
    by_machine = billed.groupby(C.RESOURCE, observed=True)[C.BYTES].sum().astype(int).to_dict()
    assert logged.groupby(C.WORKLOAD, observed=True)[C.BYTES].sum().astype(int).to_dict() == by_machine


# ---------------------------------------------------------------------------------------------- the other clouds


@pytest.mark.parametrize(
    ("sender", "of", "receiver", "at"),
    [
        ({"provider": "aws", "workload": "log-shipper", "peer": "gcp us-east4"}, "out", "collector", "gcp"),
        ({"provider": "azure", "workload": "files", "peer": "gcp europe-west1"}, "in", "catalogue", "gcp"),
    ],
    ids=["telemetry", "catalogue"],
)
def test_both_sides_of_a_talk_between_clouds_log_the_same_bytes_each_day(
    clouds: pd.DataFrame, sender: dict[str, str], of: str, receiver: str, at: str
) -> None:
    """Egress there, ingress here, and the other way round: each end keeps its own, and neither is taken for the other."""
    theirs = only(clouds, charge="transfer", boundary="internet", **sender)
    peer = "aws us-east-1 EC2" if sender["provider"] == "aws" else "azure westeurope AzureCloud"
    ours = only(clouds, charge="transfer", boundary="internet", provider=at, workload=receiver, peer=peer)
    for way, back in (("out", "in"), ("in", "out")):
        there, here = (
            only(rows, direction=direction).groupby(C.PERIOD_START)[C.BYTES].sum().astype(int).to_dict()
            for rows, direction in ((theirs, way), (ours, back))
        )
        assert len(there) == 31
        assert there == here
    assert size(theirs, direction=of) == {"out": 2_600, "in": 1_200}[of]


def test_three_clouds_together_are_the_sum_of_each_alone(clouds: pd.DataFrame) -> None:
    report = egresscost.analyze([WHOLE / "bill", WHOLE / "azure" / "bill", DEMO / "bill"], since="2026-10")
    (totals,) = report.totals
    assert totals.network == AWS + AZURE + NETWORK
    assert {
        provider: round(cost(clouds, C.LIST_COST, provider=provider), 2) for provider in ("aws", "azure", "gcp")
    } == {
        "aws": AWS_SEEN,
        "azure": AZURE_SEEN,
        "gcp": SEEN,
    }
