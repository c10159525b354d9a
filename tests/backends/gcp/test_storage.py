"""Objects of Cloud Storage by the installed command: found by day, kept, and read as if they lay here."""

from __future__ import annotations

import gzip
import json
from itertools import count
from typing import TYPE_CHECKING

import pytest
import requests
from providers.gcp.api.objects import SHOP
from providers.gcp.api.server import compute, logging, served
from providers.gcp.entries import entry, lines

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

NUMBERS = count()
LOG = "compute.googleapis.com/vpc_flows"
SAID = ("SRC web ripe 5000000000 50000", "SRC web db 3000000000 30000", "SRC db eu 700000000 7000")


def put(storage: str, bucket: str, key: str, content: bytes) -> None:
    answer = requests.post(
        f"{storage}/upload/storage/v1/b/{bucket}/o",
        params={"uploadType": "media", "name": key},
        data=content,
        timeout=10,
    )
    assert answer.status_code == 200, answer.text


@pytest.fixture
def bucket(storage: str) -> str:
    """A new bucket with flow logs of three days."""
    name = f"logs-{next(NUMBERS)}"
    answer = requests.post(f"{storage}/storage/v1/b", params={"project": "p"}, json={"name": name}, timeout=10)
    assert answer.status_code == 200
    for day, said in zip((6, 7, 8), SAID, strict=True):
        content = lines(entry(said, start=f"2026-10-0{day}T10:00:00Z")).encode()
        put(storage, name, f"{LOG}/2026/10/0{day}/10:00:00_10:59:59_S0.json", content)
    return name


@pytest.fixture
def home(storage: str, bucket: str, tmp_path: Path) -> Iterator[Path]:
    """A folder with settings for a project whose sink goes to the bucket."""
    sinks = [{"name": "keep", "destination": f"storage.googleapis.com/{bucket}", "filter": 'logName:"vpc_flows"'}]
    with served(logging([], sinks)) as log, served(compute(SHOP)) as networks:
        (tmp_path / "egresscost.toml").write_text(
            f"""[cache]
folder = "kept"

[sources.shop]
provider = "gcp"
project = "shop-1"
bill = ["none"]

[sources.shop.endpoints]
storage = "{storage}"
logging = "{log.url}"
compute = "{networks.url}"
""",
            encoding="utf-8",
        )
        yield tmp_path


def table(done: subprocess.CompletedProcess[str]) -> list[list[str]]:
    """Rows of a CSV without where they came from."""
    assert done.returncode == 0, done.stderr
    head, *rows = [line.split(",") for line in done.stdout.splitlines()]
    at = head.index("origin")
    return sorted([cell for number, cell in enumerate(row) if number != at] for row in rows)


def test_a_sink_is_followed_and_gives_what_its_files_give(
    home: Path, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    live = run("export", "--since", "2026-10-06", "--until", "2026-10-08", "--format", "csv")
    (home / "hand").mkdir()
    for day, said in zip((6, 7), SAID, strict=False):
        made = lines(entry(said, start=f"2026-10-0{day}T10:00:00Z"))
        (home / "hand" / f"0{day}.json").write_text(made)
    (home / "networks").mkdir()
    for name, items in SHOP.items():
        (home / "networks" / f"{name}.json").write_text(json.dumps(items))
    saved = run(
        *("export", "--input", "hand", "--inventory", "networks", "--since", "2026-10-06"),
        *("--until", "2026-10-08", "--format", "csv"),
    )
    rows = table(live)
    assert len(rows) > 2
    assert rows == table(saved)


def test_what_was_fetched_is_not_fetched_again(
    home: Path, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    asked = ("export", "--since", "2026-10-06", "--until", "2026-10-09", "--format", "csv")
    first = run(*asked)
    again = run(*asked, "--offline")
    assert table(first) == table(again)
    assert list((home / "kept").rglob("*"))


def test_an_object_that_is_packed_and_one_in_the_root_are_read_by_their_address(
    storage: str, bucket: str, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    content = gzip.compress(lines(entry(SAID[0])).encode())
    put(storage, bucket, "dump.json.gz", content)
    done = run("export", "--input", f"gs://{bucket}/dump.json.gz", "--format", "csv", STORAGE_EMULATOR_HOST=storage)
    assert len(table(done)) == 1


def test_a_bucket_that_is_not_there_is_said(storage: str, run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = run("report", "--input", "gs://nowhere/x", STORAGE_EMULATOR_HOST=storage)
    assert done.returncode == 4
    assert "gs://nowhere" in done.stderr
    assert "Traceback" not in done.stderr
