"""The installed command against a bucket, killed without warning again and again: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import boto3
import made

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

PARTS, KILLS = 60, 8
COMMAND = (sys.executable, "-m", "egresscost", "export", "--format", "csv", "--quiet", "--input")


def export(place: str, home: Path) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "XDG_CACHE_HOME": str(home / "kept")}
    return subprocess.run([*COMMAND, place], cwd=home, env=environment, capture_output=True, check=False, timeout=120)


def killed(place: str, home: Path, after: float) -> bool:
    """Begin the same, and kill it after some seconds; whether it was still at it."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(home / "kept")}
    quiet = subprocess.DEVNULL
    with subprocess.Popen([*COMMAND, place], cwd=home, env=environment, stdout=quiet, stderr=quiet) as child:
        try:
            child.wait(after)
        except subprocess.TimeoutExpired:
            child.kill()
            return True
    return False


def without_origin(content: bytes) -> Sequence[str]:
    """The rows, but for where each was read."""
    head, *rows = content.decode().splitlines()
    assert rows
    at = head.split(",").index("origin")
    return sorted(",".join(cell for number, cell in enumerate(row.split(",")) if number != at) for row in rows)


def test_a_pull_that_is_killed_again_and_again_loses_and_doubles_nothing(
    seaweed: str, shell: Callable[[str], None], tmp_path: Path
) -> None:
    shell(seaweed)
    client = boto3.client("s3")
    client.create_bucket(Bucket="killed")
    folder = tmp_path / "files" / "usage" / "data" / "BILLING_PERIOD=2026-10"
    for part in range(PARTS):
        name = f"usage-{part:05}.csv.gz"
        path = made.write(folder / name, [made.line("2026-10-02", cost=f"0.{part + 1:02}")])
        client.upload_file(str(path), "killed", f"usage/data/BILLING_PERIOD=2026-10/{name}")
    whole = export(str(tmp_path / "files"), tmp_path)
    assert whole.returncode == 0, whole.stderr.decode()
    chance = random.Random(20261201)  # noqa: S311  moments to kill at
    ended = [killed("s3://killed/usage", tmp_path, chance.uniform(0.8, 3.0)) for _ in range(KILLS)]
    assert any(ended), "no run was killed: the moments are too late for this machine"
    live = export("s3://killed/usage", tmp_path)
    assert live.returncode == 0, live.stderr.decode()
    assert without_origin(live.stdout) == without_origin(whole.stdout)
    offline = subprocess.run(
        [*COMMAND, "s3://killed/usage", "--offline"],
        cwd=tmp_path,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "kept"), "AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert offline.returncode == 0, offline.stderr.decode()
    assert offline.stdout == live.stdout
