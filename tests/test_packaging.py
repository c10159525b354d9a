"""What travels to users: the wheel from the checkout, and the wheel from the source distribution."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DATA = {".csv", ".toml", ".json", ".gz", ".md", ".typed", ".parquet"}


def build(root: Path, target: str, folder: Path) -> Path:
    """The file that the build back end makes of a source tree."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


def packed(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def in_checkout() -> set[str]:
    """What a wheel must hold: every module, every data file, and the rate cards inside the package."""
    inside = [path for path in (ROOT / "egresscost").rglob("*") if path.suffix in DATA | {".py"}]
    cards = [path for path in (ROOT / "pricing").rglob("*") if path.is_file()]
    return {path.relative_to(ROOT).as_posix() for path in inside} | {
        f"egresscost/_pricing/{path.relative_to(ROOT / 'pricing').as_posix()}" for path in cards
    }


def test_the_wheel_holds_the_package_its_data_and_the_rate_cards_and_nothing_else(wheel: Path) -> None:
    assert packed(wheel) == in_checkout()
    assert {"egresscost/py.typed", "egresscost/_pricing/aws/internet.csv"} <= packed(wheel)
    aws = ("bill/data", "flows/AWSLogs", "inventory/media-prod", "access/cloudfront")
    for part in (*aws, *(f"{cloud}/{kind}" for cloud in ("azure", "gcp") for kind in ("bill", "flows", "inventory"))):
        assert any(name.startswith(f"egresscost/demo/{part}/") for name in packed(wheel)), part


def test_a_wheel_made_from_the_source_distribution_is_the_same(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (tree,) = (tmp_path / "unpacked").iterdir()
    assert packed(build(tree, "wheel", tmp_path / "again")) == packed(wheel)


def test_the_source_distribution_can_be_tested_and_documented(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "Makefile",
        "constraints.txt",
        "egresscost.example.toml",
        "zensical.toml",
        "tools/reference.py",
        "tools/demo_access.py",
        "tools/demo_azure.py",
        "tools/demo_bill.py",
        "tools/demo_flows.py",
        "tools/demo_gcp.py",
        "tools/demo_inventory.py",
        "tools/demo_network.py",
        "docs/index.md",
        "tests/test_packaging.py",
    }
    assert wanted <= names


def test_the_installed_wheel_finds_its_data_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)  # noqa: S202  our own wheel
    program = "import egresscost.pricing.cards as p; print(p.__file__); print(len(p.ladders('aws')))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(site), "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    place, cards = done.stdout.split()
    assert Path(place).is_relative_to(site)
    assert int(cards) > 1000


def test_the_metadata_names_what_users_look_for(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        metadata = archive.read(name).decode()
    assert "Name: egresscost\n" in metadata
    assert "License-Expression: Apache-2.0\n" in metadata
    assert "Requires-Python: >=3.11\n" in metadata
    assert "# egresscost" in metadata  # the README is the description


@pytest.mark.parametrize("name", ["constraints.txt", "pyproject.toml", "Makefile", "README.md", ".ci/run"])
def test_no_file_that_installs_names_a_package_host(name: str) -> None:
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"{name} is not part of this tree")
    text = path.read_text(encoding="utf-8")
    assert text
    assert "index-url" not in text
    assert "/simple" not in text
