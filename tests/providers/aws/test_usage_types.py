"""The grammar of usage types and descriptions, against tables that were written from the documentation."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egresscost.frame import Boundary, Charge
from egresscost.providers.aws import PROVIDER, focus, regions, usage_types

FIXTURES = Path(__file__).parents[2] / "fixtures"
SEVEN = {
    "EUN1-DataTransfer-Regional-Bytes",
    "USE1-USW2-AWS-Out-Bytes",
    "APS3-DataTransfer-Out-Bytes",
    "DataTransfer-Out-Bytes",
    "USE1-TransitGateway-Bytes",
    "USE1-NatGateway-Bytes",
    "USE1-VpcEndpoint-Bytes",
}


def table(name: str) -> list[dict[str, str]]:
    with (FIXTURES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


USAGE_TYPES, DESCRIPTIONS = table("aws_usage_types.csv"), table("aws_descriptions.csv")
EXPECTED = ("boundary", "direction", "charge", "src_region", "dst_region", "has_bytes")


def found(placement: usage_types.Placement) -> tuple[str, ...]:
    return (
        placement.boundary.value,
        placement.direction.value,
        placement.charge.value,
        placement.src_region or "",
        placement.dst_region or "",
        "yes" if placement.has_bytes else "no",
    )


@pytest.mark.parametrize(
    "row",
    USAGE_TYPES,
    ids=[
        f"{row['product']}:{row['usage_type']}:{row['operation']}:{row['unit']}:{row['family']}" for row in USAGE_TYPES
    ],
)
def test_a_usage_type_is_placed_as_the_table_says(row: dict[str, str]) -> None:
    placement = usage_types.place(
        row["product"],
        row["usage_type"],
        row["operation"],
        unit=row["unit"],
        family=row["family"],
        peer=row["other_region"] or None,
    )
    assert found(placement) == tuple(row[name] for name in EXPECTED), row["note"]


@pytest.mark.parametrize(
    "row", DESCRIPTIONS, ids=[f"{row['service']}:{row['description']}:{row['region']}" for row in DESCRIPTIONS]
)
def test_a_description_is_placed_as_the_table_says(row: dict[str, str]) -> None:
    placement = usage_types.place_description(
        row["service"], row["description"], row["region"] or None, unit=row["unit"]
    )
    assert found(placement) == tuple(row[name] for name in EXPECTED), row["note"]


def test_the_tables_are_large_and_hold_the_seven() -> None:
    assert len(USAGE_TYPES) >= 150
    assert {row["usage_type"] for row in USAGE_TYPES} >= SEVEN


@pytest.mark.parametrize(
    "row", USAGE_TYPES, ids=[f"{row['product']}:{row['usage_type']}:{row['family']}" for row in USAGE_TYPES]
)
def test_the_hint_lets_every_network_line_through(row: dict[str, str]) -> None:
    """Lines without the hint are folded unseen, so nothing that can be placed may lack it."""
    if row["boundary"] != "not_network" and row["family"] != "Data Transfer":
        assert re.search(usage_types.NETWORK_HINT, row["usage_type"])


@pytest.mark.parametrize("row", DESCRIPTIONS, ids=[row["description"] for row in DESCRIPTIONS])
def test_the_hint_for_descriptions_lets_every_network_line_through(row: dict[str, str]) -> None:
    if row["boundary"] != "not_network":
        assert re.search(focus.NETWORK, row["description"])


@given(
    st.text(max_size=60),
    st.text(max_size=30),
    st.sampled_from(["AmazonEC2", "AmazonCloudFront", "AWSELB", "", "AmazonGuardDuty"]),
)
def test_placing_is_total(usage_type: str, operation: str, product: str) -> None:
    placement = usage_types.place(product, usage_type, operation)
    assert placement.boundary in set(Boundary)
    assert placement.charge in set(Charge)
    assert placement.rule in usage_types.rules()


@given(st.text(max_size=120), st.one_of(st.none(), st.text(max_size=20)))
def test_placing_a_description_is_total(description: str, region: str | None) -> None:
    assert usage_types.place_description("AmazonEC2", description, region).rule in usage_types.rules()


CODES = st.sampled_from(sorted(regions.by_prefix()))


@given(CODES, CODES)
def test_swapping_the_ends_of_an_inter_region_line_swaps_source_and_destination(one: str, other: str) -> None:
    out = usage_types.place("AmazonS3", f"{one}-{other}-AWS-Out-Bytes", "")
    back = usage_types.place("AmazonS3", f"{other}-{one}-AWS-In-Bytes", "")
    assert (out.src_region, out.dst_region) == (back.src_region, back.dst_region)
    assert {out.direction.value, back.direction.value} == {"out", "in"}


def test_every_rule_has_words_and_every_word_a_rule() -> None:
    used = {entry.placement.rule for entry in (*usage_types.grammar(), *usage_types.descriptions())}
    assert used | {"looks-like-transfer", "not-network"} == set(usage_types.rules())
    for rule in PROVIDER.rules().values():
        assert rule.title
        assert rule.why
        assert rule.source


def test_every_region_has_a_prefix_a_name_and_a_source() -> None:
    from egresscost.providers.aws.tables import rows

    found_rows = rows("regions.csv")
    assert len({row["region"] for row in found_rows}) == len(found_rows) >= 40
    assert all(row["prefix"] and row["location"] and row["source"] for row in found_rows)
    prefixes = [prefix for row in found_rows for prefix in (row["prefix"], *row["other_prefixes"].split("|")) if prefix]
    assert len(set(prefixes)) == len(prefixes)
