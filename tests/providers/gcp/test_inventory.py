"""Google's list of machines: each by the name that flow logs have for it, with the network tier of its address."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from providers.gcp.machines import machine

from egresscost.errors import MissingSourceError, UnknownFormatError
from egresscost.providers.gcp.inventory import read_inventory

if TYPE_CHECKING:
    from pathlib import Path

    from egresscost.sources.inventories import Interface


def listed(folder: Path, value: object) -> tuple[Interface, ...]:
    (folder / "instances.json").write_text(json.dumps(value))
    (snapshot,) = read_inventory([str(folder / "instances.json")])
    return tuple(each for each in snapshot.interfaces if each.addresses)


def test_a_machine_is_called_as_flow_logs_call_it(tmp_path: Path) -> None:
    (web,) = listed(tmp_path, [machine("web", "PREMIUM", labels={"app": "shop", "team": "x"})])
    assert (web.id, web.account, web.region, web.zone) == (
        "shop-1/us-central1-a/web",
        "shop-1",
        "us-central1",
        "us-central1-a",
    )
    assert (web.network, web.subnet) == ("shop-1/net", "shop-1/net/us-central1/net-us-central1")
    assert (web.instance, web.workload, web.addresses, web.public) == ("web", "shop", ("10.0.0.2",), ("34.66.10.2",))


@pytest.mark.parametrize(
    ("tiers", "tier", "is_public"),
    [
        (["PREMIUM"], "premium", True),
        (["STANDARD"], "standard", True),
        (["STANDARD", "STANDARD"], "standard", True),
        (["STANDARD", "PREMIUM"], None, True),
        ([], None, False),
    ],
)
def test_the_tier_is_that_of_all_external_addresses_or_unknown(
    tiers: list[str], tier: str | None, *, is_public: bool, tmp_path: Path
) -> None:
    (web,) = listed(tmp_path, [machine("web", *tiers)])
    assert (web.network_tier, web.has_public) == (tier, is_public)


@pytest.mark.parametrize("form", ["list", "one", "page", "by zone"])
def test_lists_of_the_command_and_of_the_api_are_alike(form: str, tmp_path: Path) -> None:
    web, far = machine("web", "PREMIUM"), machine("eu", "STANDARD")
    by_zone = {"zones/us-central1-a": {"instances": [web]}, "zones/europe-west1-b": {"instances": [far]}, "zones/x": {}}
    values: dict[str, Any] = {
        "list": [web, far],
        "one": web,
        "page": {"kind": "compute#instanceList", "items": [web, far]},
        "by zone": {"kind": "compute#instanceAggregatedList", "items": by_zone},
    }
    wanted = ["web"] if form == "one" else ["web", "eu"]
    assert [each.instance for each in listed(tmp_path, values[form])] == wanted


@pytest.mark.parametrize("text", ['{"Reservations": []}', "[1]", '[{"kind": "compute#instance"}]', "no JSON", "[", ""])
def test_what_is_no_inventory_says_which_command_is_read(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(UnknownFormatError) as error:
        read_inventory([str(tmp_path / "a.json")])
    assert "gcloud compute instances list" in error.value.details[0]


def test_a_folder_may_hold_other_json_but_not_only_that(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"a": 1}')
    with pytest.raises(UnknownFormatError, match="holds no inventory"):
        read_inventory([str(tmp_path)])
    (tmp_path / "instances.json").write_text(json.dumps([machine("web")]))
    assert [each.what for each in read_inventory([str(tmp_path)])] == ["instance"]
    with pytest.raises(MissingSourceError):
        read_inventory([str(tmp_path / "none.json")])


def test_no_machine_at_all_is_an_inventory(tmp_path: Path) -> None:
    assert listed(tmp_path, []) == ()
