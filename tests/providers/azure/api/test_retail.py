"""The public price list: all its pages, and the rows that are made of what is understood."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from providers.azure.api.cloud import Cloud, Fault

from egresscost.errors import ServiceError
from egresscost.providers.azure.api.live import AzureLive
from egresscost.providers.azure.api.price_rows import cards
from egresscost.sources.live import Errand, LiveSource, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ASKED = date(2026, 11, 20)
COLUMNS = (
    "charge",
    "boundary",
    "direction",
    "from",
    "to",
    "via",
    "network_tier",
    "unit",
    "tier_start",
    "tier_end",
    "price",
)


def entry(product: str, meter: str, price: float, start: float = 0, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """An entry with the fields of the reference's sample."""
    return {
        "currencyCode": "USD",
        "tierMinimumUnits": start,
        "retailPrice": price,
        "unitPrice": price,
        "armRegionName": "eastus",
        "location": "US East",
        "effectiveStartDate": "2024-07-01T00:00:00Z",
        "meterId": f"id of {meter}",
        "meterName": meter,
        "productName": product,
        "skuName": "Standard",
        "serviceName": "Bandwidth",
        "serviceFamily": "Networking",
        "unitOfMeasure": "1 GB",
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": "",
    } | changes


INTERNET = [
    entry("Rtn Preference: MGN", "Standard Data Transfer Out", price, start)
    for start, price in ((0, 0.0), (100, 0.087), (10335, 0.083))
]
NAT = [
    entry("NAT Gateway", "Standard Data Processed", 0.045, serviceName="NAT Gateway", armRegionName="Global"),
    entry(
        "NAT Gateway",
        "Standard Gateway",
        0.045,
        serviceName="NAT Gateway",
        armRegionName="Global",
        unitOfMeasure="1 Hour",
    ),
]
PEERING = [
    entry(
        "Virtual Network Peering",
        "Inter-Region Egress",
        0.035,
        serviceName="Virtual Network",
        productName="Global Virtual Network Peering",
    ),
    entry(
        "Virtual Network Peering",
        "Inter-Region Ingress",
        0.035,
        serviceName="Virtual Network",
        productName="Global Virtual Network Peering",
    ),
]


def rows(*items: dict[str, Any]) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in COLUMNS) for row in cards(items, ASKED).rows]


def errands(source: LiveSource, *regions: str) -> dict[str, Errand]:
    priced = replace(source, endpoints={**source.endpoints, "prices": source.endpoints["management"]})
    prices = AzureLive().price_list
    assert prices is not None
    found = [each for each in prices.prices(priced, regions) if isinstance(each, Errand)]
    return {each.name.partition(", ")[2]: each for each in found}


def fetched(errand: Errand, path: Path) -> Path:
    file = io.BytesIO()
    errand.fetch(file)
    path.write_bytes(file.getvalue())
    return path


def test_every_page_is_fetched_and_becomes_a_ladder(cloud: Cloud, source: LiveSource, tmp_path: Path) -> None:
    cloud.prices = [*INTERNET, *NAT, entry("Other", "Thing", 1, serviceName="Storage"), *INTERNET[:0]]
    path = fetched(errands(source)["Bandwidth"], tmp_path / "prices.json")
    prices = AzureLive().price_list
    assert prices is not None
    made = prices.cards([path], ASKED)
    assert cloud.count("/api/retail/prices") == 2
    assert [(row["tier_start"], row["tier_end"], row["price"]) for row in made.rows] == [
        ("0", "100", "0"),
        ("100", "10335", "0.087"),
        ("10335", "", "0.083"),
    ]
    assert {row["tier_pool"] for row in made.rows} == {"internet:id of Standard Data Transfer Out"}
    assert {(row["as_of"], row["valid_from"], row["basis"]) for row in made.rows} == {
        ("2026-11-20", "2024-07-01", "observed")
    }


def test_three_pages_and_a_busy_service(cloud: Cloud, source: LiveSource, tmp_path: Path) -> None:
    cloud.prices, cloud.list_size = INTERNET, 1
    cloud.faults = [
        Fault("prices", 429, {"Retry-After": "8"}, skip=1),
        Fault("prices", 503),
        Fault("prices", how="cut"),
    ]
    errand = errands(source)["Bandwidth"]
    for after in (8, None, None):
        with pytest.raises(TransientError) as caught:
            errand.fetch(io.BytesIO())
        assert caught.value.after == after
    assert fetched(errand, tmp_path / "x").read_text().count("retailPrice") == 3


def test_only_the_regions_and_what_has_none_are_asked_for(cloud: Cloud, source: LiveSource, tmp_path: Path) -> None:
    cloud.prices = [
        *NAT,
        *(replace_region(each, "westus") for each in NAT),
        *(replace_region(each, "eastus") for each in NAT),
    ]
    text = fetched(errands(source, "eastus")["NAT Gateway"], tmp_path / "x").read_text()
    assert (text.count('"armRegionName": "eastus"'), text.count('"Global"'), text.count('"westus"')) == (2, 2, 0)


def replace_region(item: dict[str, Any], region: str) -> dict[str, Any]:
    return item | {"armRegionName": region}


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer | {"Count": 99},
        lambda answer: {"Items": None},  # noqa: ARG005
        lambda answer: answer | {"NextPageLink": "https://elsewhere.example/api"},
    ],
    ids=["another count", "no items", "another host"],
)
def test_an_answer_that_is_not_whole_is_none(
    cloud: Cloud, source: LiveSource, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    cloud.prices, cloud.change = INTERNET, change
    with pytest.raises(ServiceError):
        errands(source)["Bandwidth"].fetch(io.BytesIO())


@pytest.mark.parametrize(
    "query",
    [{"$top": "5"}, {"$filter": "colour eq 'red'"}, {"$filter": "serviceName ne 'Bandwidth'"}, {"api-version": "2019"}],
)
def test_the_fake_refuses_wrong_questions_and_minds_the_case(cloud: Cloud, query: dict[str, str]) -> None:
    cloud.prices = INTERNET
    good = {"api-version": "2023-01-01-preview", "currencyCode": "USD", "$filter": "serviceName eq 'Bandwidth'"}
    assert cloud.price_list(good)[2]["Count"] == 2
    assert cloud.price_list(good | {"$filter": "serviceName eq 'bandwidth'"})[2]["Count"] == 0
    with pytest.raises(Exception, match=r"BadRequest|InvalidQueryParameter"):
        cloud.price_list(good | query)


def test_meters_become_the_rows_that_the_built_in_cards_have() -> None:
    assert rows(*NAT) == [
        ("nat", "", "both", "", "", "nat", "", "GB", "0", "", "0.045"),
        ("nat", "", "", "", "", "nat", "", "hours", "0", "", "0.045"),
    ]
    assert rows(*PEERING) == [
        ("transfer", "region", "out", "eastus", "", "peering", "", "GB", "0", "", "0.035"),
        ("transfer", "region", "in", "", "eastus", "peering", "", "GB", "0", "", "0.035"),
    ]
    link = [
        entry(
            "Virtual Network Private Link",
            "Standard Data Processed - Ingress",
            price,
            start,
            serviceName="Virtual Network",
            armRegionName="Global",
        )
        for start, price in ((0, 0.01), (1000000, 0.006))
    ]
    assert rows(*link) == [
        ("private_endpoint", "", "in", "", "", "private_endpoint", "", "GB", "0", "1000000", "0.01"),
        ("private_endpoint", "", "in", "", "", "private_endpoint", "", "GB", "1000000", "", "0.006"),
    ]


def test_a_price_for_a_block_is_one_for_a_unit_of_it() -> None:
    (row,) = rows(
        entry("NAT Gateway", "Standard Data Processed", 4.5, serviceName="NAT Gateway", unitOfMeasure="100 GB")
    )
    assert row[-1] == "0.045"


@pytest.mark.parametrize(
    "items",
    [
        [entry("Inter-Region", "Intra Continent Data Transfer Out", 0.02)],
        [entry("Rtn Preference: MGN", "Standard Data Transfer Out", 0.1, 100)],
        [entry("Rtn Preference: MGN", "Standard Data Transfer Out", 0.1, currencyCode="EUR")],
        [entry("Rtn Preference: MGN", "Standard Data Transfer Out", 0.1, armRegionName="Zone 1")],
        [entry("Rtn Preference: MGN", "Standard Data Transfer Out", 0.1, effectiveStartDate="2027-01-01T00:00:00Z")],
        [entry("NAT Gateway", "Standard Data Processed", 0.045, serviceName="NAT Gateway", unitOfMeasure="1 TB")],
        [NAT[0], NAT[0] | {"meterName": "StandardV2 Data Processed", "retailPrice": 0.05}],
    ],
    ids=[
        "not understood",
        "no first tier",
        "another currency",
        "no region",
        "not yet",
        "unit",
        "two meters for one use",
    ],
)
def test_what_is_not_understood_is_counted_and_makes_no_row(items: list[dict[str, Any]]) -> None:
    made = cards(items, ASKED)
    assert made.rows == []
    assert sum(made.unread.values()) == len(items)


def test_what_is_no_network_is_no_matter() -> None:
    assert (
        cards([entry("Premium SSD", "P4 LRS Disk", 5, serviceName="Storage", unitOfMeasure="1/Month")], ASKED).unread
        == {}
    )


def test_the_newest_price_that_is_in_force_counts() -> None:
    older = NAT[0] | {"effectiveStartDate": "2020-01-01T00:00:00Z", "retailPrice": 0.06}
    assert [row[-1] for row in rows(older, NAT[0])] == ["0.045"]


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    prices = AzureLive().price_list
    assert prices is not None
    (tmp_path / "x").write_text("[]")
    with pytest.raises(ServiceError, match="holds no retail prices"):
        prices.cards([tmp_path / "x"], ASKED)
