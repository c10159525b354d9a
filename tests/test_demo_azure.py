"""What the made-up company has in Azure: it is what its generator makes, and bill and flow logs are right by hand."""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import egresscost
from egresscost.flows import FlowOptions
from egresscost.frame import C
from egresscost.pipeline import Request, run

if TYPE_CHECKING:
    import pandas as pd

    from egresscost import Report

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / "tools" / "demo_azure.py"
DEMO = ROOT / "egresscost" / "demo" / "azure"
GB = 2**30
HOURS = 24 * 31
D = Decimal

# October by hand: GB or hours times the list price. The first 100 GB to the internet are free, for all machines together.
OUT = (6_000 - 100) * D("0.087")
REGION = 2_000 * D("0.02")
PEERING = (3_000 + 1_000) * D("0.01")  # at each end
GLOBAL_PEERING = (1_400 + 100) * D("0.035")  # at each end
NAT = (20 + 1_200 + 10 + 270) * D("0.045")
NAT_HOURS = HOURS * D("0.045")
LINK = {"in": 700 * D("0.01"), "out": 300 * D("0.01")}
LINK_HOURS = HOURS * D("0.01")
ADDRESSES = 3 * HOURS * D("0.005")
DOOR = 3_000 * D("0.0825")
SEEN = OUT + REGION + 2 * PEERING + 2 * GLOBAL_PEERING + NAT + NAT_HOURS + sum(LINK.values()) + LINK_HOURS + ADDRESSES
NETWORK = SEEN + DOOR
MACHINES = HOURS * (3 * D("0.23") + D("0.214"))
STORED = 9_300 * D("0.0196") + 46_500 * D("0.01")
LOGS = 62 * D("2.76")
PURCHASE = D("188.50")


@pytest.fixture(scope="module")
def october() -> Report:
    return egresscost.analyze(DEMO / "bill", since="2026-10")


@pytest.fixture(scope="module")
def seen() -> Report:
    """The report on the flow logs alone."""
    return run(Request([str(DEMO / "flows")], flows=FlowOptions(inventory=(str(DEMO / "inventory"),))))


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


def test_a_manifest_names_exactly_the_file_of_its_run() -> None:
    found = list(DEMO.glob("bill/ferry-office-daily/*/*/manifest.json"))
    assert len(found) == 2
    for path in found:
        manifest = json.loads(path.read_text())
        (name,) = (each["blobName"] for each in manifest["blobs"])
        assert (DEMO / "bill" / name).parent == path.parent
        assert (DEMO / "bill" / name).is_file()
        assert manifest["runInfo"]["runId"] == path.parent.name


def test_quantity_times_price_is_the_cost_of_every_row() -> None:
    """A line a day and meter, one more where the free GB end, and the purchase of the month."""
    rows = [
        row
        for path in DEMO.glob("bill/**/*.csv.gz")
        for row in csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8-sig")))
    ]
    assert len(rows) == 31 * (30 + 31) + 2 + 2
    assert all(D(row["Quantity"]) * D(row["EffectivePrice"]) == D(row["Cost"]) for row in rows)
    covered = [row for row in rows if row["MeterName"] == "E4s v5" and row["ChargeType"] == "Usage"]
    assert {(row["Cost"], row["PricingModel"]) for row in covered} == {("0", "Reservation")}


# -------------------------------------------------------------------------------------------------- bill by hand


def test_the_bill_is_right_by_hand(october: Report) -> None:
    (totals,) = october.totals
    assert totals.network == NETWORK == D("1115.38")
    assert cost(october.bill) == NETWORK + MACHINES + STORED + LOGS + PURCHASE
    assert {source.format for source in october.sources} == {"Azure cost export (EA)"}
    assert all(source.decided_by.startswith("manifest") for source in october.sources)
    assert not october.notices
    assert not october.skipped


@pytest.mark.parametrize(
    ("keys", "gb", "expected"),
    [
        ({"boundary": "internet", "direction": "out"}, 6_000, OUT),
        ({"boundary": "internet", "direction": "in"}, 120 + 1_470, D(0)),
        ({"boundary": "region", "direction": "out", "path": "peering"}, 1_500, GLOBAL_PEERING),
        ({"boundary": "region", "direction": "in", "path": "peering"}, 1_500, GLOBAL_PEERING),
        ({"boundary": "region", "direction": "out", "rule": "region-out-near"}, 2_000, REGION),
        ({"boundary": "region", "direction": "in", "rule": "region-in"}, 2_000, D(0)),
        ({"boundary": "zone", "direction": "out"}, 4_000, PEERING),
        ({"boundary": "zone", "direction": "in"}, 4_000, PEERING),
        ({"boundary": "edge", "direction": "out"}, 3_000, DOOR),
        ({"charge": "nat", "unit": "GB"}, 1_500, NAT),
        ({"charge": "private_endpoint", "direction": "in"}, 700, LINK["in"]),
        ({"charge": "private_endpoint", "direction": "out"}, 300, LINK["out"]),
    ],
    ids=str,
)
def test_each_boundary_of_the_bill_is_right_by_hand(
    october: Report, keys: dict[str, str], gb: int, expected: Decimal
) -> None:
    assert (size(october.bill, **keys), cost(october.bill, **keys)) == (gb, expected)


@pytest.mark.parametrize(
    ("charge", "expected"), [("nat", NAT_HOURS), ("private_endpoint", LINK_HOURS), ("public_address", ADDRESSES)]
)
def test_hours_are_right_by_hand(october: Report, seen: Report, charge: str, expected: Decimal) -> None:
    assert cost(october.bill, charge=charge, unit="hours") == expected
    assert cost(seen.bill, C.LIST_COST, charge=charge, unit="hours") == expected


def test_a_reservation_is_paid_by_its_purchase(october: Report) -> None:
    """Its machines stand on the bill at nothing, which quantity times price above has shown."""
    rows = only(october.bill, charge_class="fee")
    assert sum(rows[C.BILLED_COST], D(0)) == PURCHASE
    assert rows[C.AMORTIZED_COST].isna().all()


# --------------------------------------------------------------------------------------------- flow logs by hand


def test_the_flow_logs_come_to_the_bill_but_for_front_door_which_they_do_not_see(seen: Report) -> None:
    (totals,) = seen.totals
    assert round(totals.network, 6) == SEEN == D("867.88")
    assert set(seen.bill[C.BOUNDARY]) == {"internet", "zone", "region", "provider_service", "none"}
    assert seen.bill[C.LIST_COST].notna().all()
    assert {notice.code for notice in seen.notices} == {"tiers-assumed", "hours-assumed"}


@pytest.mark.parametrize(
    ("workload", "keys", "sizes"),
    [
        ("web", {"boundary": "internet", "peer_country": "DE"}, (3_400, 60)),
        ("web", {"boundary": "internet", "peer_country": "GB"}, (1_870, 40)),
        ("web", {"boundary": "internet", "peer_country": "FR"}, (700, 20)),
        ("web", {"boundary": "region", "path": "peering"}, (1_400, 100)),
        ("archive", {"boundary": "region", "path": "peering"}, (100, 1_400)),
        ("web", {"boundary": "region", "path": "unknown"}, (2_000, 0)),
        ("archive", {"boundary": "region", "path": "unknown"}, (0, 2_000)),
        ("files", {"boundary": "zone"}, (3_000, 1_000)),
        ("plant", {"boundary": "zone"}, (1_000, 3_000)),
        ("files", {"boundary": "internet", "peer": "gcp europe-west1"}, (20, 1_200)),
        ("files", {"boundary": "internet", "peer": "cloudflare CDN"}, (10, 270)),
        ("files", {"boundary": "provider_service"}, (700, 300)),
    ],
    ids=str,
)
def test_each_talk_is_right_by_hand(seen: Report, workload: str, keys: dict[str, str], sizes: tuple[int, int]) -> None:
    """Sent and received, in GB."""
    rows = only(seen.bill, workload=workload, charge="transfer", **keys)
    sums = rows.groupby(C.DIRECTION, observed=True)[C.BYTES].sum()
    assert tuple(D(int(sums.get(way, 0))) / GB for way in ("out", "in")) == sizes


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"charge": "transfer", "boundary": "internet"}, OUT),
        ({"charge": "transfer", "boundary": "zone"}, 2 * PEERING),
        ({"charge": "transfer", "path": "peering", "boundary": "region"}, 2 * GLOBAL_PEERING),
        ({"charge": "transfer", "path": "unknown", "boundary": "region"}, REGION),
        ({"charge": "nat", "unit": "GB"}, NAT),
        ({"charge": "private_endpoint", "unit": "GB"}, sum(LINK.values())),
        ({"charge": "transfer", "boundary": "provider_service"}, D(0)),
    ],
    ids=str,
)
def test_each_cost_of_the_flows_is_right_by_hand(seen: Report, keys: dict[str, str], expected: Decimal) -> None:
    assert round(cost(seen.bill, C.LIST_COST, **keys), 6) == expected


def test_each_machine_sends_to_the_internet_what_the_bill_says(october: Report, seen: Report) -> None:
    keys = {"charge": "transfer", "boundary": "internet", "direction": "out"}
    billed, logged = (only(rows, **keys) for rows in (october.bill, seen.bill))
    by_machine = {
        str(name).rpartition("/")[2]: int(sizes)
        for name, sizes in billed.groupby(C.RESOURCE, observed=True)[C.BYTES].sum().items()
    }
    assert logged.groupby(C.WORKLOAD, observed=True)[C.BYTES].sum().astype(int).to_dict() == by_machine
