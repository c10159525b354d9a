"""Longest prefixes, layers, the packaged data, and the user's newer files."""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from egresscost.addresses import countries
from egresscost.addresses.places import NOWHERE, DataSource, Layer, Place, Places, as_number, layer, load, packaged
from egresscost.addresses.published import read, span
from egresscost.addresses.ranges import apart, empty, flatten
from egresscost.errors import AccessError, UnknownFormatError
from egresscost.providers.aws.tables import rows

if TYPE_CHECKING:
    import random
    from pathlib import Path

COUNTRIES = DataSource("country", "2026-01-01", "made", "", 0)
SOURCE = DataSource("acme", "2026-11-01", "a list", "", 0)


def prefixes(texts: list[str]) -> list[tuple[int, int, int]]:
    spans = [span(text, NOWHERE) for text in texts]
    return [(each.start, each.end, number) for number, each in enumerate(spans, 1)]


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)), max_size=40), st.integers(0, 2**32 - 1))
def test_a_search_finds_the_longest_prefix(nets: list[tuple[int, int]], asked: int) -> None:
    texts = list(dict.fromkeys(str(ip_network((number, length), strict=False)) for number, length in nets))
    ranges = flatten(prefixes(texts), 4)
    for number in (asked, *(int(ip_network(text).network_address) for text in texts)):
        address = ip_address(number)
        holding = [(ip_network(text).prefixlen, at) for at, text in enumerate(texts, 1) if address in ip_network(text)]
        assert ranges.find(np.array([number], np.uint64)).tolist() == [max(holding)[1] if holding else 0]


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(1, 60), st.integers(1, 3)), max_size=8), st.data())
def test_laying_ranges_over_others_asks_the_top_first(blocks: list[tuple[int, int, int]], data: st.DataObject) -> None:
    def apart(rows: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
        at, spans = 0, []
        for gap, length, meaning in rows:
            spans.append((at + gap, at + gap + length, meaning))
            at += gap + length
        return spans

    low = flatten(apart(blocks), 4)
    top = flatten(apart(data.draw(st.permutations(blocks))), 4)
    addresses = np.arange(600, dtype=np.uint64)
    under, over = low.find(addresses), top.find(addresses)
    assert low.under(top).find(addresses).tolist() == np.where(over != 0, over, under).tolist()


def test_an_empty_layer_knows_nothing() -> None:
    assert Places([]).find("8.8.8.8") == NOWHERE
    assert empty().find(np.array([0, 2**64 - 1], np.uint64)).tolist() == [0, 0]


def test_the_last_address_of_a_family_can_be_covered() -> None:
    all_of_it = layer(SOURCE, [span("0.0.0.0/0", Place("acme")), span("::/0", Place("acme"))])
    places = Places([all_of_it])
    assert places.find("255.255.255.255").provider == "acme"
    assert places.find("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").provider == "acme"


def test_a_telling_service_wins_over_a_general_one_whatever_their_lengths() -> None:
    rows = [
        span("10.0.0.0/8", Place("aws", "r", "EC2")),
        span("10.1.0.0/16", Place("aws", "r", "AMAZON")),
        span("10.1.0.0/17", Place("aws", "r", "S3")),
    ]
    places = Places([layer(SOURCE, rows)])
    assert [places.find(address).service for address in ("10.2.0.1", "10.1.200.1", "10.1.0.1")] == ["EC2", "EC2", "S3"]


def test_an_ipv4_address_inside_ipv6_is_ipv4() -> None:
    assert as_number(ip_address("::ffff:10.0.0.1")) == (0x0A000001, 4)
    assert load().find("::ffff:10.0.0.1").service == "private"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("10.0.0.1", "private"),
        ("172.31.255.255", "private"),
        ("172.32.0.0", "US"),
        ("100.64.0.1", "shared-cgnat"),
        ("169.254.169.254", "cloud-metadata"),
        ("fd12:3456::1", "unique-local"),
        ("fe80::1", "link-local"),
        ("52.216.0.1", "aws us-east-1 S3"),
        ("3.5.0.1", "aws us-east-1 S3"),
        ("13.54.0.1", "aws ap-southeast-2 EC2"),
        ("18.196.0.1", "aws eu-central-1 EC2"),
        ("52.94.0.1", "aws us-east-1 DYNAMODB"),
        ("99.84.0.1", "aws CLOUDFRONT"),
        ("2600:1f18::1", "aws us-east-1 EC2"),
        ("34.65.0.1", "gcp europe-west6"),
        ("8.8.8.8", "google Google services"),
        ("20.37.194.1", "azure australiaeast AzureCloud"),
        ("104.16.1.1", "cloudflare CDN"),
        ("193.0.6.139", "NL"),
        ("203.0.113.9", "documentation"),
    ],
)
def test_the_packaged_data_knows_well_known_addresses(address: str, name: str) -> None:
    assert PLACES.find(address).name == name


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("13.54.0.1", "AU"),
        ("18.196.0.1", "DE"),
        ("2600:1f18::1", "US"),
        ("34.65.0.1", "CH"),
        ("20.37.194.1", "AU"),
        ("99.84.0.1", ""),  # CloudFront has no region
        ("193.0.6.139", "NL"),
    ],
)
def test_an_address_in_a_cloud_is_in_the_country_of_its_region(address: str, country: str) -> None:
    assert PLACES.find(address).country == country


def test_every_region_that_has_a_name_has_a_country_and_no_other_region_gets_one() -> None:
    aws = {row["region"] for row in rows("regions.csv")}
    assert len(aws) > 34
    assert aws == set(countries.regions("aws"))
    nowhere = {f"{each.provider} {each.region}" for each in PLACES.places if each.region and not each.country}
    # Regions that the lists of addresses have and no list of regions names; and Oracle's, whose country no list here has.
    assert {name for name in nowhere if not name.startswith("oracle")} == {
        *("aws me-west-1", "aws sa-west-1", "aws us-south-1"),
        *("azure northeurope2", "azure usstagec", "azure usstagee"),
        *("gcp global", "gcp us-central2"),
    }
    assert load([layer(SOURCE, [span("192.0.3.0/24", Place("aws", "moon-1", "EC2"))])]).find("192.0.3.1").country == ""
    assert all(
        len(code) == 2 and code.isupper()
        for name in ("aws", "azure", "gcp")
        for code in countries.regions(name).values()
    )


PLACES = load()


def test_only_ranges_of_somebodys_own_network_are_private() -> None:
    names = {place.name for place, private in zip(PLACES.places, PLACES.private, strict=True) if private}
    assert names == {"private", "shared-cgnat", "unique-local", "link-local"}


def test_every_packaged_layer_has_ranges_a_date_and_a_source() -> None:
    for each in packaged():
        assert each.source.rows > 0
        assert each.source.date
        assert each.source.source
        assert any((each.ranges[family].meanings != 0).any() for family in (4, 6)), each.source.layer


def write(folder: Path, name: str, document: object) -> str:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return str(path)


AWS = {
    "syncToken": "1",
    "createDate": "2026-11-20-10-11-12",
    "prefixes": [
        {"ip_prefix": "198.51.100.0/24", "region": "moon-1", "service": "AMAZON", "network_border_group": "moon-1"},
        {"ip_prefix": "52.216.0.0/15", "region": "moon-1", "service": "S3", "network_border_group": "moon-1"},
        {"ip_prefix": "99.84.0.0/16", "region": "GLOBAL", "service": "CLOUDFRONT", "network_border_group": "GLOBAL"},
    ],
    "ipv6_prefixes": [
        {"ipv6_prefix": "2600:1f18::/33", "region": "moon-1", "service": "EC2", "network_border_group": "x"}
    ],
}


def test_the_users_own_list_replaces_the_packaged_one_and_nothing_else(tmp_path: Path) -> None:
    (newer,) = read(write(tmp_path, "anything.txt", AWS))
    places = load([newer])
    assert newer.source.date == "2026-11-20"
    assert places.find("52.216.0.1") == Place("aws", "moon-1", "S3")
    assert places.find("2600:1f18::1") == Place("aws", "moon-1", "EC2")
    assert places.find("99.84.0.1") == Place("aws", "", "CLOUDFRONT")
    assert places.find("13.54.0.1").provider == ""  # no longer in the list
    assert places.find("198.51.100.7").name == "documentation"  # special ranges stay on top
    assert places.find("34.65.0.1").provider == "gcp"
    assert [source.source for source in places.sources if source.layer == "aws"] == [str(tmp_path / "anything.txt")]


def test_googles_and_azures_own_lists_are_read(tmp_path: Path) -> None:
    cloud = {
        "creationTime": "2026-11-01T00:00:00.1",
        "prefixes": [
            {"ipv4Prefix": "34.65.0.0/16", "service": "Google Cloud", "scope": "mars-west1"},
            {"ipv6Prefix": "2600:1900::/28", "service": "Google Cloud", "scope": "global"},
        ],
    }
    goog = {"creationTime": "2026-11-01T00:00:00.1", "prefixes": [{"ipv4Prefix": "8.8.8.0/24"}]}
    tags = {
        "changeNumber": 400,
        "cloud": "Public",
        "values": [
            {
                "name": "AzureCloud.eastus",
                "properties": {"region": "eastus", "systemService": "", "addressPrefixes": ["20.0.0.0/16"]},
            },
            {
                "name": "Storage.eastus",
                "properties": {"region": "eastus", "systemService": "AzureStorage", "addressPrefixes": ["20.0.1.0/24"]},
            },
            {
                "name": "ActionGroup",
                "properties": {"region": "", "systemService": "ActionGroup", "addressPrefixes": ["20.0.1.0/24"]},
            },
        ],
    }
    files = [write(tmp_path, f"{number}.json", document) for number, document in enumerate((cloud, goog, tags))]
    layers = [each for file in files for each in read(file)]
    assert [each.source.layer for each in layers] == ["gcp", "google", "azure"]
    places = load(layers)
    assert places.find("34.65.1.1") == Place("gcp", "mars-west1", "Google Cloud")
    assert places.find("2600:1900::1") == Place("gcp", "", "Google Cloud")
    assert places.find("8.8.8.8").provider == "google"
    assert [places.find(address).service for address in ("20.0.2.1", "20.0.1.1")] == ["AzureCloud", "AzureStorage"]


@pytest.mark.parametrize(
    "record",
    [
        {"country": {"iso_code": "NZ"}},
        {"country": "NZ"},
        {"country_code": "NZ"},
        {"registered_country": {"iso_code": "NZ"}},
    ],
)
def test_a_database_of_countries_replaces_the_packaged_countries(record: dict[str, object], tmp_path: Path) -> None:
    writer = MMDBWriter(ip_version=6, database_type="A-Country", ipv4_compatible=True)
    writer.insert_network(IPSet(["193.0.0.0/21", "2001:67c::/32"]), record)
    writer.to_db_file(str(tmp_path / "countries.mmdb"))
    (newer,) = read(str(tmp_path / "countries.mmdb"))
    assert "A-Country" in newer.source.source
    places = load([newer])
    assert [places.find(address).country for address in ("193.0.6.139", "2001:67c::1", "1.1.1.1")] == ["NZ", "NZ", ""]
    assert places.find("34.65.0.1").provider == "gcp"


def database(path: Path, *networks: tuple[str, dict[str, object]]) -> list[Layer]:
    writer = MMDBWriter(ip_version=6, database_type="Ours", ipv4_compatible=True)
    for prefix, record in networks:
        writer.insert_network(IPSet([prefix]), record)
    writer.to_db_file(str(path))
    return list(read(str(path)))


@pytest.mark.parametrize(
    ("record", "owner", "country"),
    [
        # GeoLite2 ASN and DB-IP ASN Lite
        ({"autonomous_system_number": 3333, "autonomous_system_organization": "RIPE NCC"}, "RIPE NCC", "NL"),
        ({"autonomous_system_number": 3333}, "AS3333", "NL"),
        # IPinfo Lite, and its older database of countries and owners: the country is that of the address
        ({"asn": "AS3333", "as_name": "RIPE NCC", "country": "Norway", "country_code": "NO"}, "RIPE NCC", "NO"),
        ({"asn": "AS3333", "as_name": "RIPE NCC", "country": "NO", "country_name": "Norway"}, "RIPE NCC", "NO"),
        # IPinfo ASN, and IPLocate: the country is where the owner is registered, and says nothing of the address
        ({"asn": "AS3333", "name": "RIPE NCC", "country": "NO", "domain": "ripe.net"}, "RIPE NCC", "NL"),
        ({"asn": "3333", "name": "RIPE", "org": "RIPE NCC", "country_code": "NO"}, "RIPE NCC", "NL"),
        ({"asn": "AS3333", "as_name": "  "}, "AS3333", "NL"),
    ],
)
def test_a_database_of_owners_names_who_announces_an_address(
    record: dict[str, object], owner: str, country: str, tmp_path: Path
) -> None:
    newer = database(tmp_path / "owners.mmdb", ("193.0.0.0/21", record), ("2001:67c:2e8::/48", record))
    places = load(newer)
    assert places.find("193.0.6.139") == Place(country=country, owner=owner)
    assert places.find("193.0.6.139").name == owner
    assert places.find("2001:67c:2e8::7").owner == owner
    assert places.find("193.0.8.1").owner == ""  # the next network
    assert newer[-1].source.layer == "owner"
    assert newer[-1].source.rows == 2


def test_an_address_without_an_owner_keeps_its_country_and_one_without_a_country_its_owner(tmp_path: Path) -> None:
    mine = {"autonomous_system_organization": "Acme"}
    places = Places(
        [
            layer(COUNTRIES, [span("193.0.0.0/24", Place(country="NL"))]),
            *database(tmp_path / "a.mmdb", ("193.0.0.128/25", mine), ("193.0.1.0/24", mine)),
        ]
    )
    found = [places.find(address) for address in ("193.0.0.1", "193.0.0.200", "193.0.1.1", "193.0.2.1")]
    assert found == [Place(country="NL"), Place(country="NL", owner="Acme"), Place(owner="Acme"), NOWHERE]


def test_ranges_that_a_provider_publishes_win_over_owners(tmp_path: Path) -> None:
    amazon = {"autonomous_system_number": 16509, "autonomous_system_organization": "AMAZON-02"}
    places = load(database(tmp_path / "owners.mmdb", ("13.54.0.0/16", amazon), ("10.0.0.0/8", amazon)))
    assert places.find("13.54.0.1") == Place("aws", "ap-southeast-2", "EC2", "AU")
    assert places.find("10.0.0.1").is_private
    assert load().find("193.0.6.139").owner == ""  # without a database nobody is named


def test_two_databases_of_owners_say_together_what_they_know(tmp_path: Path) -> None:
    one = database(tmp_path / "one.mmdb", ("193.0.0.0/24", {"autonomous_system_organization": "First"}))
    two = database(
        tmp_path / "two.mmdb",
        ("193.0.0.0/24", {"autonomous_system_organization": "Second"}),
        ("193.0.1.0/24", {"autonomous_system_organization": "Second"}),
    )
    places = load([*one, *two])
    assert [places.find(address).owner for address in ("193.0.0.1", "193.0.1.1")] == ["First", "Second"]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 60), st.integers(1, 3)), max_size=8), st.randoms())
def test_spans_that_are_apart_mean_the_same_however_they_are_laid(
    blocks: list[tuple[int, int, int]], shuffled: random.Random
) -> None:
    at, spans = 0, []
    for gap, length, meaning in blocks:
        spans.append((at + gap, at + gap + length, meaning))
        at += gap + length
    mixed = shuffled.sample(spans, len(spans))
    starts, ends, meanings = (np.array([span_[number] for span_ in mixed], np.int64) for number in range(3))
    found = apart(starts.astype(np.uint64), (ends - 1).astype(np.uint64), meanings.astype(np.int32))
    addresses = np.arange(900, dtype=np.uint64)
    assert found.find(addresses).tolist() == flatten(spans, 4).find(addresses).tolist()


def test_a_span_may_reach_to_the_last_address_of_all() -> None:
    last = np.array([2**64 - 1], np.uint64)
    assert apart(np.array([0], np.uint64), last, np.array([1], np.int32)).find(last).tolist() == [1]


def test_a_database_without_countries_and_a_damaged_one_are_refused(tmp_path: Path) -> None:
    writer = MMDBWriter(ip_version=4, database_type="Other")
    writer.insert_network(IPSet(["193.0.0.0/21"]), {"colour": "red"})
    path = tmp_path / "other.mmdb"
    writer.to_db_file(str(path))
    with pytest.raises(UnknownFormatError, match="has no countries"):
        read(str(path))
    path.write_bytes(path.read_bytes()[-200:])
    with pytest.raises(UnknownFormatError, match="damaged"):
        read(str(path))


@pytest.mark.parametrize("text", ["", "{}", "[1, 2]", "prefix,provider\n"])
def test_any_other_file_is_refused_with_the_names_of_those_that_are_read(text: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownFormatError, match="is no list of address ranges") as error:
        read(write(tmp_path, "file", text))
    assert "ip-ranges.json" in error.value.details[0]


def test_an_absent_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(AccessError, match="No such file"):
        read(str(tmp_path / "ip-ranges.json"))


def test_a_layer_keeps_its_source() -> None:
    made = layer(SOURCE, [])
    assert isinstance(made, Layer)
    assert made.source is SOURCE
