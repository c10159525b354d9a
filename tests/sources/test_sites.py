"""Where regions are."""

from __future__ import annotations

import pytest

from egresscost.sources import registry
from egresscost.sources.sites import kilometers

CONTINENTS = {"Africa", "Asia", "Europe", "Middle East", "North America", "Oceania", "South America"}
SECRET = ("uap", "usdod", "ussec", "stg")
CLOSED_OR_RESERVED = {
    "chinaeast3",
    "chinanorth3",
    "germanycentral",
    "germanynortheast",
    "southcentralus2",
    "taiwannorthwest",
    "uknorth",
    "uksouth2",
    "usgoviowa",
    "usgovwyoming",
}
WIDE = {"asia", "asia1", "eu", "eur4", "europe", "global", "nam4", "us"}


@pytest.mark.parametrize("name", ["aws", "azure", "gcp"])
def test_every_region_that_people_use_has_a_site(name: str) -> None:
    provider = registry.providers()[name]
    lacking = provider.regions() - set(provider.sites()) - CLOSED_OR_RESERVED - WIDE
    assert not [each for each in lacking if not any(word in each for word in SECRET)]
    assert set(provider.sites()) <= provider.regions()


@pytest.mark.parametrize("name", ["aws", "azure", "gcp"])
def test_a_site_is_on_earth_and_says_where_it_is_from(name: str) -> None:
    for site in registry.providers()[name].sites().values():
        assert site.continent in CONTINENTS
        assert -60 < site.latitude < 75
        assert -180 <= site.longitude <= 180
        assert "general geography" in site.source


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        # Great circles between the cities, as atlases have them.
        (("aws", "us-east-1"), ("aws", "eu-west-1"), 5_400, 5_500),
        (("azure", "australiaeast"), ("gcp", "us-west2"), 12_000, 12_150),
        (("gcp", "asia-northeast1"), ("azure", "westus"), 8_200, 8_350),
        (("aws", "sa-east-1"), ("gcp", "southamerica-east1"), 0, 0),
    ],
)
def test_distances_are_those_of_an_atlas(one: tuple[str, str], other: tuple[str, str], least: int, most: int) -> None:
    first, second = (registry.providers()[name].sites()[region] for name, region in (one, other))
    assert least <= kilometers(first, second) <= most
    assert kilometers(first, second) == kilometers(second, first)


def test_the_clouds_agree_on_a_city() -> None:
    found: dict[str, set[tuple[str, float, float]]] = {}
    for provider in registry.providers().values():
        for site in provider.sites().values():
            found.setdefault(site.city, set()).add((site.continent, site.latitude, site.longitude))
    assert all(len(each) == 1 for each in found.values())
