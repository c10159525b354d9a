"""The grammar of Azure's meters, against a table that was written from public exports and price lists."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from egresscost.frame import Boundary, Confidence
from egresscost.providers.azure import PROVIDER, meters, regions

if TYPE_CHECKING:
    from egresscost.sources.protocols import Placement

with (Path(__file__).parents[2] / "fixtures/azure_meters.csv").open(encoding="utf-8", newline="") as file:
    METERS = list(csv.DictReader(file))


def placed(region: str = "US East 2", meter_region: str = "", **row: str) -> Placement:
    words = " - ".join(filter(None, (row.get("category"), row.get("meter"))))
    return meters.place(
        {
            "family": row.get("category") or None,
            "operation": row.get("subcategory") or None,
            "usage_type": words or None,
            "description": row.get("product") or None,
            "sku": row.get("meter_id") or None,
            "unit": row.get("unit") or None,
            "region": region,
            "peer_location": meter_region,
        }
    )


@pytest.mark.parametrize(
    "row", METERS, ids=[f"{r['category']}|{r['meter']}|{r['product']}|{r['unit']}" for r in METERS]
)
def test_a_meter_is_placed_as_the_table_says(row: dict[str, str]) -> None:
    found = placed(**row)
    wanted = tuple(row[name] for name in ("boundary", "direction", "charge", "path", "rule"))
    assert (found.boundary, found.direction, found.charge, found.path, found.rule) == wanted
    assert found.has_bytes == (row["has_bytes"] == "yes")
    assert (found.network_tier or "") == row["network_tier"]


def test_every_rule_of_the_grammar_has_words_and_every_words_a_rule() -> None:
    used = {entry.placement.rule for entry in meters.grammar()}
    assert set(meters.rules()) == used | {"looks-like-transfer", "not-grouped", "not-network"}


def test_the_table_reaches_every_rule_of_the_grammar() -> None:
    assert {entry.placement.rule for entry in meters.grammar()} <= {row["rule"] for row in METERS}


@pytest.mark.parametrize("row", METERS, ids=range(len(METERS)))
def test_what_the_grammar_places_is_hinted_at(row: dict[str, str]) -> None:
    words = " | ".join(filter(None, (row[name] for name in ("category", "subcategory", "meter", "product"))))
    network = row["boundary"] != Boundary.NOT_NETWORK
    assert not network or re.search(meters.NETWORK_HINT, words) or row["meter_id"].lower() in meters.known_ids()


def test_every_known_id_is_placed_by_its_words() -> None:
    rules = {id_: placed(meter_id=id_, unit="GB").rule for id_ in meters.known_ids()}
    assert "looks-like-transfer" not in rules.values()
    assert "not-network" not in rules.values()


def test_the_region_of_a_row_is_the_sending_end_of_egress_and_the_receiving_end_of_ingress() -> None:
    out = placed(category="Bandwidth", meter="Standard Data Transfer Out", unit="GB")
    back = placed(category="Bandwidth", meter="Standard Data Transfer In", unit="GB")
    assert (out.src_region, out.dst_region, out.own_end) == ("eastus2", None, "src")
    assert (back.src_region, back.dst_region, back.own_end) == (None, "eastus2", "dst")
    peer = placed(category="Virtual Network", subcategory="Virtual Network Peering", meter="Intra-Region Ingress")
    assert (peer.src_region, peer.dst_region, peer.own_end) == ("eastus2", "eastus2", "dst")


def test_the_edge_has_the_zone_of_the_meter() -> None:
    row = {"category": "Azure Front Door Service", "subcategory": "Azure Front Door", "unit": "GB"}
    found = placed(meter_region="Zone 2", meter="Standard Data Transfer Out", **row)
    assert (found.src_region, found.dst_region) == ("edge-2", None)


def test_a_meter_is_surer_than_a_text_and_a_block_of_gb_less_sure_than_one() -> None:
    meter = {"category": "Bandwidth", "meter": "Standard Data Transfer Out"}
    assert placed(**meter, unit="GB").confidence is Confidence.HIGH
    assert placed(**meter, unit="100 GB").confidence is Confidence.MEDIUM
    assert placed(product="Rtn Preference: MGN - Standard Data Transfer Out").confidence is Confidence.MEDIUM
    unclear = placed(**meter, unit="100 GB?")
    assert (unclear.confidence, unclear.has_bytes, unclear.unit) == (Confidence.LOW, True, "GB")


def test_a_row_without_words_may_be_anything_and_so_may_a_category_of_many_things() -> None:
    assert placed().rule == "not-grouped"
    assert placed(category="Virtual Network").rule == "not-grouped"


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("eastus", "eastus"),
        ("East US", "eastus"),
        ("EastUS", "eastus"),
        ("US East", "eastus"),
        ("EU West", "westeurope"),
        ("UK South", "uksouth"),
        ("CA Central", "canadacentral"),
        ("WESTUS", "westus"),
        ("US South Central", "southcentralus"),
        ("All Regions", None),
        ("Unassigned", None),
        ("", None),
        (None, None),
        ("usnorth9", "usnorth9"),
    ],
)
def test_a_region_is_known_by_all_its_names(name: str | None, region: str | None) -> None:
    assert regions.region_of(name) == region


def test_every_region_is_known_by_its_own_id() -> None:
    assert {regions.region_of(region) for region in regions.known()} == regions.known()
    assert {regions.region_of(region.upper()) for region in regions.known()} == regions.known()


def test_names_of_two_letters_are_no_region() -> None:
    assert (regions.region_of("eu"), regions.region_of("se")) == ("eu", "se")


def test_between_zones_is_free_by_microsofts_word() -> None:
    free = {name: rule.free_since for name, rule in PROVIDER.rules().items() if rule.free_since}
    assert {name: str(day) for name, day in free.items()} == {"zone-in": "2024-05-21", "zone-out": "2024-05-21"}


@pytest.mark.parametrize(
    ("region", "meter_region", "product"),
    [
        ("Unassigned", "Zone 1", "Azure Front Door - Standard"),
        ("Zone 1", "", "Azure Front Door - Standard"),
        ("", "", "Azure Front Door - Standard Data Transfer Out - Zone 1"),
        ("East US", "zone 1", "Azure Front Door - Standard"),
    ],
)
def test_a_zone_of_the_edge_is_called_as_the_rate_cards_call_it(region: str, meter_region: str, product: str) -> None:
    """However a bill says it, learned rates, Front Door's logs and the card meet: $0.0825 for the first 10 TB."""
    from datetime import date
    from decimal import Decimal

    from egresscost.pricing import cards

    row = {"category": "Azure Front Door", "meter": "Standard Data Transfer Out", "product": product}
    found = placed(region, meter_region, **row)
    assert (found.boundary, found.src_region) == (Boundary.EDGE, "edge-1")
    keys = {"charge": "transfer", "boundary": "edge", "direction": "out", "from": found.src_region, "unit": "GB"}
    ladder = cards.ladder("azure", keys, date(2026, 10, 5))
    assert ladder is not None
    assert ladder.rates[0].price == Decimal("0.0825")
