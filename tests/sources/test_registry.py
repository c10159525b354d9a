"""Plug-ins: whose they are, and what happens to broken ones. A real one from elsewhere: tests/plugin_example."""

from __future__ import annotations

import configparser
import sys
from typing import TYPE_CHECKING

import made
import pytest

import egresscost
from egresscost.errors import ExitCode, PluginError, UsageError
from egresscost.pricing import cards
from egresscost.sources import registry

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]


def distribution(site: Path, name: str, groups: dict[str, dict[str, str]], **modules: str) -> None:
    """A distribution as an installer leaves it: metadata, entry points and modules."""
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    points = configparser.ConfigParser()
    points.read_dict(groups)
    with (info / "entry_points.txt").open("w") as file:
        points.write(file)
    for module, text in modules.items():
        (site / f"{module}.py").write_text(text)


def forget() -> None:
    for cached in (registry.names, registry.load, registry.broken, cards.default):
        cached.cache_clear()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed distributions that this process sees."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    forget()
    yield folder
    forget()


def test_the_built_in_cloud_comes_through_the_same_door() -> None:
    assert registry.owner(registry.names(registry.PROVIDERS)["aws"]) == "egresscost"
    assert list(registry.names(registry.REPORTERS)) == ["csv", "json", "markdown", "ndjson", "parquet", "table"]
    assert registry.broken(registry.PROVIDERS) == {}


def test_a_taken_name_is_an_error_that_names_both_owners(site: Path) -> None:
    distribution(site, "egresscost-other", {registry.PROVIDERS: {"aws": "other:PROVIDER"}})
    with pytest.raises(
        PluginError, match="two plug-ins are called 'aws': one in egresscost, one in egresscost-other"
    ) as caught:
        registry.names(registry.PROVIDERS)
    assert "pip uninstall egresscost-other" in str(caught.value.hint)
    assert caught.value.exit_code is ExitCode.USAGE


def test_the_same_plug_in_found_twice_is_one(site: Path) -> None:
    distribution(site, "again", {registry.PROVIDERS: {"aws": "egresscost.providers.aws:PROVIDER"}})
    assert list(registry.names(registry.PROVIDERS)) == ["aws", "azure", "gcp"]


def test_nothing_is_imported_to_learn_the_names(site: Path) -> None:
    distribution(
        site, "lazy", {registry.PROVIDERS: {"lazy": "lazy_cloud:PROVIDER"}}, lazy_cloud="raise SystemExit('read')"
    )
    assert "lazy" in registry.names(registry.PROVIDERS)
    assert "lazy_cloud" not in sys.modules


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import oci_that_nobody_has\nPROVIDER = None\n", "No module named 'oci_that_nobody_has'"),
        ("PROVIDER = 1 / 0\n", "division by zero"),
        ("", "has no attribute 'PROVIDER'"),
    ],
)
def test_a_plug_in_that_fails_to_import_breaks_nobody_else(site: Path, text: str, reason: str) -> None:
    module = f"bad_{abs(hash(reason))}"
    distribution(site, "egresscost-oci", {registry.PROVIDERS: {"oci": f"{module}:PROVIDER"}}, **{module: text})
    assert list(registry.providers()) == ["aws", "azure", "gcp"]
    (failure,) = registry.broken(registry.PROVIDERS).values()
    assert failure.message.startswith("the plug-in 'oci' of egresscost-oci fails to import: ")
    assert reason in failure.message
    assert "egresscost doctor" in str(failure.hint)


def test_an_unknown_name_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="there is no provider 'moon'") as caught:
        registry.load(registry.PROVIDERS, "moon")
    assert caught.value.details == ("known: aws, azure, gcp",)


def test_doctor_shows_a_broken_plug_in_and_everything_else_works(run: Run, tmp_path: Path) -> None:
    site = tmp_path / "site"
    distribution(
        site, "egresscost-oci", {registry.PROVIDERS: {"oci": "oci_cloud:PROVIDER"}}, oci_cloud="import no_such_sdk"
    )
    distribution(site, "egresscost-fax", {registry.REPORTERS: {"fax": "fax_format:REPORTER"}}, fax_format="1 / 0")
    bill = made.write(tmp_path / "b.csv", [made.line(cost="3")])
    shown = run("doctor", PYTHONPATH=str(site))
    assert shown.returncode == 0
    (line,) = [line for line in shown.stdout.splitlines() if " oci " in line]
    assert "broken: the plug-in 'oci' of egresscost-oci fails to import: No module named 'no_such_sdk'" in line
    assert "broken: the plug-in 'fax' of egresscost-fax" in shown.stdout
    assert "Usage: egresscost report" in run("report", "--help", PYTHONPATH=str(site)).stdout
    assert "$3.00 data transfer" in run("report", "-i", bill, PYTHONPATH=str(site)).stdout


def test_a_taken_name_never_breaks_the_help(run: Run, tmp_path: Path) -> None:
    site = tmp_path / "site"
    distribution(site, "egresscost-other", {registry.PROVIDERS: {"aws": "other:PROVIDER"}})
    assert run("report", "--help", PYTHONPATH=str(site)).returncode == 0
    done = run("report", "-i", made.write(tmp_path / "b.csv", [made.line()]), PYTHONPATH=str(site))
    assert done.returncode == ExitCode.USAGE
    assert "two plug-ins are called 'aws': one in egresscost, one in egresscost-other" in done.stderr


def nimbus(folder: Path) -> Path:
    rows = [
        made.focus(ProviderName="Nimbus", RegionId="sky-1", ChargeDescription="Sky egress, first tier", BilledCost="5"),
        made.focus(ProviderName="Nimbus", RegionId="sky-1", ChargeDescription="Cloud storage", BilledCost="7"),
    ]
    return made.put(folder / "nimbus.csv", rows)


def test_without_the_plug_in_rows_of_its_cloud_are_kept_and_not_placed(tmp_path: Path) -> None:
    (notice,) = egresscost.analyze(nimbus(tmp_path)).notices
    assert notice.message.startswith("no provider is installed for Nimbus: 2 rows are kept, not placed")
