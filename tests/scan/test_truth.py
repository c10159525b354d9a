"""The job of the benchmark on a small set: every row of the answer is right, whoever gives it."""

from __future__ import annotations

import hashlib
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
RECORDS = 20_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, Path]:
    """The benchmark, and its logs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        for name in ("flows", "make_flows"):  # tests/flows has the same name, and may be imported already
            patch.delitem(sys.modules, name, raising=False)
        flows, make_flows = importlib.import_module("flows"), importlib.import_module("make_flows")
    folder = tmp_path_factory.mktemp("flows")
    make_flows.make(folder / "logs", RECORDS, 8)
    return flows, folder / "logs"


@pytest.mark.parametrize("job", ["scan", "scan-parquet", "polars", "pandas"])
def test_every_row_equals_the_truth(made: tuple[ModuleType, Path], job: str) -> None:
    flows, folder = made
    assert flows.check(job, folder) > 1000


def test_the_same_arguments_make_the_same_text(made: tuple[ModuleType, Path], tmp_path: Path) -> None:
    _, folder = made
    importlib.import_module("make_flows").make(tmp_path / "again", RECORDS, 8, parquet=False)

    def digests(place: Path) -> list[str]:
        files = sorted(path for path in place.rglob("*") if path.is_file() and path.suffix != ".parquet")
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]

    assert digests(folder) == digests(tmp_path / "again")


def test_text_and_parquet_say_the_same_with_all_keys(made: tuple[ModuleType, Path]) -> None:
    flows, folder = made
    from egresscost.providers.aws.flows import recognize
    from egresscost.scan.local import scan
    from egresscost.sources.storage import Blob

    known = flows.Known(folder)
    seen = []
    for kind in ("text", "parquet"):
        files = [recognize(Blob(path, path.name)) for path in known.files(kind)]
        seen.append(scan([each for each in files if each], known.table))
    assert seen[0].in_order().equals(seen[1].in_order())
    assert seen[0].interfaces.equals(seen[1].interfaces)
    assert seen[0].totals == seen[1].totals
    assert seen[0].totals.lines == RECORDS
