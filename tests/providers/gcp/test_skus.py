"""SKUs against a table that was written by hand from the bills and price lists."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egresscost.frame import Boundary, Charge, Confidence
from egresscost.providers.gcp import PROVIDER, focus, regions, skus

FIXTURES = Path(__file__).parents[2] / "fixtures"
with (FIXTURES / "gcp_skus.csv").open(encoding="utf-8", newline="") as _file:
    SKUS = list(csv.DictReader(_file))
EXPECTED = (
    *("boundary", "direction", "charge", "src_region", "dst_region", "dst_geo", "network_tier", "path"),
    "has_bytes",
)


def found(placement: skus.Placement) -> tuple[str, ...]:
    values = [getattr(placement, name) for name in EXPECTED[:-1]]
    return (*("" if value is None else str(value) for value in values), "yes" if placement.has_bytes else "no")


@pytest.mark.parametrize("row", SKUS, ids=[f"{row['sku']}:{row['description']}:{row['region']}" for row in SKUS])
def test_a_sku_is_placed_as_the_table_says(row: dict[str, str]) -> None:
    placement = skus.place(row["sku"], row["description"], row["region"] or None, unit=row["unit"])
    assert found(placement) == tuple(row[name] for name in EXPECTED)


def test_a_known_id_decides_whatever_the_words_and_is_surer_than_they_are() -> None:
    by_id = skus.place("DE9E-AFBC-A15A", "Netzwerk", "europe-west3", unit="bytes")
    by_words = skus.place("0000-0000-0000", "Network Inter Zone Egress", "europe-west3", unit="bytes")
    assert by_id.boundary is by_words.boundary is Boundary.ZONE
    assert (by_id.confidence, by_words.confidence) == (Confidence.HIGH, Confidence.MEDIUM)


def test_every_known_wording_is_placed_by_a_rule_and_matches_the_hint() -> None:
    hint = re.compile(skus.NETWORK_HINT)
    assert len(skus.wordings()) > 6300
    for sku, wording in skus.wordings().items():
        assert re.fullmatch(r"[0-9A-F]{4}(-[0-9A-F]{4}){2}", sku)
        assert "{" not in wording
        assert hint.search(wording), wording
        placement = skus.place(sku, wording, None, unit="")
        assert placement.rule not in {"not-network", "looks-like-transfer"}, wording


def test_old_and_new_words_of_one_sku_say_the_same() -> None:
    old = (("Data Transfer Out", "Egress"), ("Data Transfer In", "Ingress"))
    compared = 0
    for wording in skus.wordings().values():
        for new, before in old:
            if new in wording and "Google" not in wording and "Standard Data" not in wording and "GCP" not in wording:
                assert skus.place("", wording.replace(new, before), "x") == skus.place("", wording, "x")
                compared += 1
    assert compared > 6000


def test_every_rule_has_words_and_every_word_a_rule() -> None:
    rules = PROVIDER.rules()
    used = {entry.placement.rule for entry in skus.descriptions()}
    assert used | {"looks-like-transfer", "not-network"} == set(rules)
    assert all(rule.title and rule.why and rule.source for rule in rules.values())


def test_a_quantity_in_another_kind_of_unit_has_no_bytes() -> None:
    placement = skus.place("", "Network Inter Zone Egress", "us-east1", unit="count")
    assert (placement.has_bytes, placement.unit, placement.confidence) == (False, None, Confidence.LOW)


def test_regions_are_known_by_code_and_by_any_name_that_is_theirs_alone() -> None:
    assert regions.region_of("Northern Virginia") == regions.region_of("Virginia") == "us-east4"
    assert regions.region_of("São Paulo") == regions.region_of("Sao Paulo") == "southamerica-east1"
    assert regions.region_of("Americas") is None
    assert {"us", "global", "europe-west5"} <= PROVIDER.regions()


def test_a_focus_line_is_placed_by_sku_then_meter_then_description() -> None:
    line = {"sku": "DFA5-B5C6-36D6", "usage_type": "x", "description": "y", "region": "us-east1", "unit": "GiB"}
    assert focus.place(line).dst_geo == "EMEA"
    line |= {"sku": "", "description": "Network Inter Zone Data Transfer Out"}
    assert focus.place(line).boundary is Boundary.ZONE
    assert focus.place({"description": "N1 Predefined Instance Core"}).charge is Charge.OTHER


@given(st.text(max_size=80), st.text(max_size=80), st.none() | st.text(max_size=20), st.text(max_size=10))
def test_whatever_the_texts_there_is_an_answer(sku: str, description: str, region: str | None, unit: str) -> None:
    placement = skus.place(sku, description, region, unit=unit)
    assert placement.rule in PROVIDER.rules()
