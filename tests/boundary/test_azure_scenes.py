"""Azure's tuples, each with the crossings that it makes: from files and inventories on."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import polars as pl
import pytest
from boundary import azure
from boundary.scenes import Scene, scenes

from egresscost.addresses.places import Places, load
from egresscost.boundary.classify import classify
from egresscost.boundary.kept import place_table
from egresscost.providers.azure.flows import recognize
from egresscost.providers.azure.inventory import read_inventory
from egresscost.providers.azure.network import network
from egresscost.scan.local import Options, scan
from egresscost.sources.storage import Blob

if TYPE_CHECKING:
    from pathlib import Path

    from egresscost.addresses.places import Place
    from egresscost.scan.places import PlaceTable
    from egresscost.sources.flowfiles import FlowFile
    from egresscost.sources.inventories import Snapshot

    Known = tuple[list[Snapshot], PlaceTable, tuple[Place, ...]]

SCENES = [pytest.param(scene, id=scene.title) for scene in scenes("azure.txt")]


@cache
def addresses() -> Places:
    return load()


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Known]:
    """What is known with all inventories, and with none."""
    snapshots = read_inventory([str(azure.inventory(tmp_path_factory.mktemp("inventory")))])
    return {name: (each, *place_table(addresses(), each)) for name, each in (("all", snapshots), ("none", []))}


def logged(scene: Scene, folder: Path) -> list[FlowFile]:
    tuple_, record = (
        (azure.nsg_tuple, azure.nsg_record)
        if scene.options.get("log") == "nsg"
        else (azure.vnet_tuple, azure.vnet_record)
    )
    found = []
    for number, row in enumerate(scene.records):
        ends = azure.address_of(row["from"]), azure.address_of(row["to"])
        text = tuple_(row["opened"], *ends, int(row["sent"]), int(row["back"]))
        path = azure.save(folder / f"{number}.json", record(row["at"], [text]))
        file = recognize(Blob(path, path.name))
        assert file is not None
        found.append(file)
    return found


@pytest.mark.parametrize("scene", SCENES)
def test_a_tuple_makes_these_crossings(scene: Scene, known: dict[str, Known], tmp_path: Path) -> None:
    snapshots, table, places = known[scene.options.get("inventory", "all")]
    sightings = scan(logged(scene, tmp_path / "flows"), table, None, Options(workers=1))
    found = classify(sightings, network(), places, snapshots)
    texts = pl.col(pl.Categorical).cast(pl.String)
    evidence = found.tally.filter(pl.col("role") == "evidence").with_columns(texts)
    evidence = evidence.with_columns(boundary=pl.lit("evidence"))
    rows = pl.concat([found.rows.with_columns(texts), evidence.drop("role")], how="diagonal")
    columns = list(scene.expected[0])
    shown = [
        " | ".join(f"{name} {_cell(row[name], row['boundary'])}" for name in columns)
        for row in rows.iter_rows(named=True)
    ]
    expected = [" | ".join(f"{name} {row[name]}" for name in columns) for row in scene.expected]
    assert "\n".join(sorted(shown)) == "\n".join(sorted(expected))
    given = sum(int(row["sent"]) + int(row["back"]) for row in scene.records)
    assert found.tally["bytes"].sum() == given


def _cell(value: object, boundary: str) -> str:
    if value is None:
        return "" if boundary == "evidence" else "-"
    return str(value)
