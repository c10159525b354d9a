"""Scenes from the documentation and from life, each with the crossings that it makes."""

from __future__ import annotations

import polars as pl
import pytest
from boundary.scenes import PLACES, Scene, inventory, scenes, sightings

from egresscost.boundary.classify import classify
from egresscost.providers.aws.network import network

FILES = ("internet.txt", "nat.txt", "zones.txt", "services.txt", "devices.txt")
SCENES = [pytest.param(scene, id=f"{name}: {scene.title}") for name in FILES for scene in scenes(name)]


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_makes_these_crossings(scene: Scene) -> None:
    found = classify(
        sightings(scene), network(), list(PLACES.values()), inventory(scene), line=scene.options.get("line")
    )
    texts = pl.col(pl.Categorical).cast(pl.String)
    evidence = (
        found.tally.filter(pl.col("role") == "evidence").with_columns(texts).with_columns(boundary=pl.lit("evidence"))
    )
    rows = pl.concat([found.rows.with_columns(texts), evidence.drop("role")], how="diagonal")
    columns = list(scene.expected[0])
    shown = [{name: _cell(row[name], row["boundary"]) for name in columns} for row in rows.iter_rows(named=True)]
    assert "\n".join(sorted(map(_line, shown))) == "\n".join(sorted(map(_line, scene.expected)))
    given = sum(int(record["bytes"]) for record in scene.records)
    assert found.tally["bytes"].sum() == given
    transfer = found.rows.filter(pl.col("charge") == "transfer")
    assert transfer["bytes"].sum() == found.tally.filter(pl.col("role").is_in(["vantage", "step"]))["bytes"].sum()


def _cell(value: object, boundary: str) -> str:
    if value is None:
        return "" if boundary == "evidence" else "-"
    return str(value)


def _line(row: dict[str, str]) -> str:
    return " | ".join(f"{name} {row[name]}" for name in row)
