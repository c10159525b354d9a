"""Public samples of Azure's logs: every count and sum was taken from the JSON by hand, without the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from egresscost.access import read_access
from egresscost.providers.azure import access_logs, flows
from egresscost.scan.local import Options, scan
from egresscost.scan.places import PlaceTable
from egresscost.sources.storage import Blob

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.samples

# Tuples by what they are, then bytes out and in. Of the last file, whose four records all stand twice, once each.
RIGHT = {
    "azure-nsg/v2-pt1h.json": (173, {"counted": 89, "nodata": 83, "refused": 1, "duplicate": 0}, 526_284, 486_496),
    "azure-vnet/v4-record.json": (29, {"counted": 14, "nodata": 15, "refused": 0, "duplicate": 0}, 3_480, 3_708),
    "azure-vnet/v4-vnet-pt1h.json": (166, {"counted": 11, "nodata": 5, "refused": 67, "duplicate": 83}, 34_510, 41_800),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_sample_of_flow_logs_is_read_with_the_right_counts(name: str, samples: Path) -> None:
    lines, counts, out, come_in = RIGHT[name]
    file = flows.recognize(Blob(samples.parent / "flows" / name, name))
    assert file is not None
    sightings = scan([file], PlaceTable.of([], [False]), None, Options(workers=1))
    assert sightings.totals.lines == lines
    assert {name: getattr(sightings.totals, name) for name in counts} == counts
    sums = sightings.in_order().group_by("direction").agg(pl.col("bytes").sum())
    assert dict(sums.iter_rows()) == {"out": out, "in": come_in}


def test_the_sample_of_front_door(samples: Path) -> None:
    file = access_logs.recognize(Blob(samples.parent / "flows" / "azure-frontdoor" / "accesslog.json", "a"))
    assert file is not None
    (row,) = read_access([file]).table.to_dicts()
    assert (row["bytes_out"], row["bytes_in"], row["edge"], row["cache_result"]) == (221, 109, "edge-1", "none")
