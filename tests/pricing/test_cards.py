"""The rate cards: every row has a source, every ladder has no gap, and the right row is found."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from egresscost.frame import Boundary, Charge, Confidence, Direction
from egresscost.pricing import cards
from egresscost.units import Unit

ROOT = Path(__file__).parents[2] / "pricing"
TODAY = date(2026, 11, 1)
OPEN_AT_THE_END = {"edge-CN", "eusc-de-east-1", "me-central-1"}
"""Ladders whose upper tiers were never found; their note says so."""


def rows(cloud: str = "aws") -> list[dict[str, str]]:
    found = []
    for file in sorted((ROOT / cloud).glob("*.csv")):
        if file.name not in {"sources.csv", "allowances.csv"}:
            found += [
                {**row, "file": file.name} for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())
            ]
    return found


def keys(**known: str) -> dict[str, str | None]:
    source = {"source": "from", "destination": "to"}
    return {"unit": "GB", "charge": "transfer", **{source.get(name, name): value for name, value in known.items()}}


def prices(found: cards.Ladder | None) -> list[str]:
    assert found is not None
    return [str(rate.price) for rate in found.rates]


def test_every_row_speaks_the_words_of_the_frame_and_names_its_source() -> None:
    sources = {
        row["source"]: row
        for row in csv.DictReader((ROOT / "aws/sources.csv").read_text(encoding="utf-8").splitlines())
    }
    used = set()
    for row in rows():
        assert row["charge"] in set(Charge), row
        assert row["boundary"] in {"", *Boundary}, row
        assert row["direction"] in {"", *Direction}, row
        assert row["unit"] in set(Unit), row
        assert row["basis"] in {"observed", "rule", "inferred"}, row
        assert row["confidence"] in set(Confidence), row
        named = {row["source"], *filter(None, row["confirmed_by"].split("|"))}
        assert named <= set(sources), row
        used |= named
        assert row["basis"] != "inferred" or (row["note"] and row["confidence"] == "low"), row
        assert not row["price"] or Decimal(row["price"]) >= 0, row
        for name in ("valid_from", "valid_to"):
            assert not row[name] or date.fromisoformat(row[name]), row
    allowed = {row["source"] for row in csv.DictReader((ROOT / "aws/allowances.csv").read_text().splitlines())}
    assert set(sources) == used | allowed
    assert all(row["title"] and row["kind"] for row in sources.values())


def test_every_ladder_begins_at_nothing_has_no_gap_and_never_gets_dearer() -> None:
    grouped: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for row in rows():
        key = (
            "file",
            "charge",
            "boundary",
            "direction",
            "from",
            "to",
            "via",
            "dst_geo",
            "unit",
            "currency",
            "valid_from",
        )
        grouped[tuple(row[name] for name in key)].append(row)
    for key, steps in grouped.items():
        steps.sort(key=lambda row: Decimal(row["tier_start"]))
        assert steps[0]["tier_start"] == "0", key
        for lower, upper in pairwise(steps):
            assert lower["tier_end"] == upper["tier_start"], key
            assert Decimal(lower["price"]) >= Decimal(upper["price"]), key
        if steps[-1]["tier_end"]:
            assert steps[-1]["from"] in OPEN_AT_THE_END, key


def test_a_ladder_has_its_tiers_pool_and_allowance() -> None:
    found = cards.ladder("aws", keys(boundary="internet", direction="out", source="us-east-1", via="unknown"), TODAY)
    assert prices(found) == ["0.09", "0.085", "0.07", "0.05"]
    assert found is not None
    assert [rate.end for rate in found.rates] == [Decimal(10240), Decimal(51200), Decimal(153600), None]
    assert (found.tier_pool, found.allowance_pool) == ("internet:us-east-1", "internet:free")
    free = cards.allowance("aws", found.allowance_pool, TODAY)
    assert free is not None
    assert (free.quantity, free.unit) == (Decimal(100), "GB")
    before = cards.allowance("aws", found.allowance_pool, date(2021, 11, 30))
    assert before is not None
    assert before.quantity == 1


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"boundary": "internet", "direction": "in", "destination": "eu-west-3"}, ["0"]),
        ({"boundary": "zone", "direction": "out", "source": "eu-west-1", "destination": "eu-west-1"}, ["0.01"]),
        ({"boundary": "zone", "direction": "unknown", "source": "eu-west-1", "destination": "eu-west-1"}, ["0.01"]),
        ({"boundary": "zone", "direction": "in", "source": "us-east-1", "destination": "us-east-1", "via": "transit_gateway"}, ["0"]),
        ({"boundary": "none", "direction": "out", "source": "us-east-1", "destination": "us-east-1"}, ["0"]),
        ({"boundary": "region", "direction": "out", "source": "us-east-1", "destination": "us-east-2"}, ["0.01"]),
        ({"boundary": "region", "direction": "out", "source": "us-east-1", "destination": "eu-west-1"}, ["0.02"]),
        ({"boundary": "region", "direction": "in", "source": "us-east-1", "destination": "eu-west-1"}, ["0"]),
        ({"boundary": "private_line", "direction": "out", "source": "us-west-2", "via": "vpn"}, ["0.09", "0.085", "0.07", "0.05"]),
        ({"charge": "nat", "direction": "both", "source": "us-east-1", "via": "nat", "boundary": "unknown"}, ["0.045"]),
        ({"charge": "nat", "unit": "hours", "direction": "unknown", "source": "eu-west-1", "via": "nat"}, ["0.048"]),
        ({"charge": "private_endpoint", "direction": "both", "source": "us-east-1", "via": "private_endpoint"}, ["0.01", "0.006", "0.004"]),
        ({"charge": "private_endpoint", "direction": "both", "source": "us-east-1", "via": "gateway_endpoint"}, ["0"]),
        ({"charge": "transit_gateway", "direction": "out", "source": "us-east-1", "via": "transit_gateway"}, ["0.02"]),
        ({"charge": "public_address", "unit": "hours", "source": "us-east-1"}, ["0.005"]),
        ({"boundary": "origin", "direction": "out", "source": "us-east-1"}, ["0"]),
        ({"boundary": "origin", "direction": "out", "source": "edge-EU"}, ["0.02"]),
    ],
)  # fmt: skip
def test_the_right_row_is_found(known: dict[str, str], expected: list[str]) -> None:
    assert prices(cards.ladder("aws", keys(**known), TODAY)) == expected


@pytest.mark.parametrize(
    "known",
    [
        {"boundary": "internet", "direction": "out", "source": "mars-north-1"},
        {"boundary": "internet", "direction": "out", "source": "us-east-1", "via": "lightsail"},
        {"boundary": "region", "direction": "out", "source": "us-east-1"},
        {
            "charge": "private_endpoint",
            "direction": "both",
            "source": "eu-west-1",
            "via": "gateway_load_balancer_endpoint",
        },
        {"boundary": "unknown", "direction": "unknown"},
    ],
)
def test_what_no_row_holds_for_has_no_price(known: dict[str, str]) -> None:
    assert cards.ladder("aws", keys(**known), TODAY) is None


def test_a_rate_counts_only_while_it_is_in_force() -> None:
    address = keys(charge="public_address", unit="hours", source="us-east-1")
    assert cards.ladder("aws", address, date(2024, 1, 31)) is None
    assert cards.ladder("aws", address, date(2024, 2, 1)) is not None


def test_an_observed_rate_is_never_replaced_by_an_inferred_one() -> None:
    observed = cards.ladder(
        "aws", keys(boundary="region", direction="out", source="us-east-1", destination="us-east-2"), TODAY
    )
    inferred = cards.ladder(
        "aws", keys(boundary="region", direction="out", source="ap-southeast-6", destination="eu-west-1"), TODAY
    )
    assert observed is not None
    assert inferred is not None
    assert (observed.is_inferred, inferred.is_inferred) == (False, True)


def test_a_cloud_without_cards_has_no_prices() -> None:
    assert cards.providers() == ["aws", "azure", "gcp"]
    assert cards.ladders("atlantis") == ()
    assert cards.ladder("atlantis", keys(boundary="internet", direction="out"), TODAY) is None
    assert cards.allowance("atlantis", "internet:free", TODAY) is None
    assert cards.newest("aws") >= "2026-09"


@pytest.mark.parametrize("direction", ["out", "in"])
def test_azure_services_are_free_in_their_own_region_and_in_no_other(direction: str) -> None:
    keys = {"charge": "transfer", "boundary": "provider_service", "direction": direction, "unit": "GB"}
    here = cards.ladder("azure", {**keys, "from": "westeurope", "to": "westeurope"}, date(2026, 10, 5))
    assert here is not None
    assert [(rate.price, rate.basis) for rate in here.rates] == [(0, "rule")]
    for far in ("eastus", ""):
        assert cards.ladder("azure", {**keys, "from": "westeurope", "to": far}, date(2026, 10, 5)) is None
