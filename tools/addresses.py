"""Make the packaged address data from published lists.

    python tools/addresses.py FOLDER

FOLDER holds `sources.csv` (layer, date, source, licence, file) beside the files it names: CSV with the columns prefix,
provider, region, service (a `.gz` is unpacked), or for the layer `country` start, end, country. The lists are the ones that AWS,
Google, Microsoft and others publish, the countries come from the registries' whois data.

Goes in: lists of prefixes. Comes out: egresscost/addresses/data/. Never: a range that its source does not have.
"""

from __future__ import annotations

import csv
import gzip
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from egresscost.addresses.places import COUNTRY, FAMILIES, NOWHERE, DataSource, Layer, Place, Prefix, as_number, layer
from egresscost.addresses.published import span

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGET = Path(__file__).parent.parent / "egresscost" / "addresses" / "data"
_SERVICES = {"google": "Google services", "gcp": ""}
"""One name where a list has none of its own."""
PLACE = ("provider", "region", "service", "country")
"""What the packaged data says of a place; owners come from users' databases, countries of regions from regions.csv."""
KEPT_OF_AZURE = {"AzureCloud", "AzureStorage", "AzureFrontDoor"}


def main(folder: Path) -> None:
    """Read the lists and write the data."""
    layers = [_layer(row, folder) for row in _rows(folder / "sources.csv")]
    places = list(dict.fromkeys(place for each in layers for place in each.places if place != NOWHERE))
    numbers = {NOWHERE: 0} | {place: number for number, place in enumerate(places, 1)}
    columns: dict[str, list[np.ndarray]] = {"layer": [], "family": [], "start": [], "place": []}
    for number, each in enumerate(layers):
        for family in FAMILIES:
            ranges = each.ranges[family]
            meaning = np.array([numbers[place] for place in each.places], np.uint16)[ranges.meanings]
            columns["layer"].append(np.full(len(meaning), number, np.uint8))
            columns["family"].append(np.full(len(meaning), family, np.uint8))
            columns["start"].append(ranges.starts)
            columns["place"].append(meaning)
    table = pa.table({name: np.concatenate(parts) for name, parts in columns.items()})
    TARGET.mkdir(exist_ok=True)
    pq.write_table(
        table,
        TARGET / "ranges.parquet",
        compression="zstd",
        compression_level=19,
        use_dictionary=["layer", "family", "place"],
        column_encoding={"start": "DELTA_BINARY_PACKED"},
    )
    _write("places.csv", PLACE, [{name: getattr(place, name) for name in PLACE} for place in places])
    _write("sources.csv", ("layer", "date", "source", "licence", "rows"), [vars(each.source) for each in layers])
    print(f"{table.num_rows:,} ranges, {len(places):,} places, {(TARGET / 'ranges.parquet').stat().st_size:,} bytes")


def _layer(row: dict[str, str], folder: Path) -> Layer:
    prefixes = [prefix for name in row["file"].split() for prefix in _prefixes(row["layer"], folder / name)]
    return layer(DataSource(row["layer"], row["date"], row["source"], row["licence"], len(prefixes)), prefixes)


def _prefixes(name: str, path: Path) -> Iterator[Prefix]:
    if name == COUNTRY:
        yield from _countries(path)
        return
    for row in _rows(path):
        if row["provider"] == name and (name != "azure" or row["service"] in KEPT_OF_AZURE):
            yield span(
                row["prefix"], Place(name, row["region"].replace("GLOBAL", ""), _SERVICES.get(name, row["service"]))
            )


def _countries(path: Path) -> Iterator[Prefix]:
    """Ranges of countries; where two share a /64, the first keeps it."""
    done = dict.fromkeys(FAMILIES, 0)
    for row in _rows(path):
        first, family = as_number(ip_address(row["start"]))
        last, _ = as_number(ip_address(row["end"]))
        start = max(first, done[family])
        if start <= last:
            yield Prefix(family, start, last + 1, Place(country=row["country"]))
            done[family] = last + 1


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _write(name: str, columns: tuple[str, ...], rows: list[dict[str, object]]) -> None:
    with (TARGET / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
