"""Inventories of the az command line: interfaces by their MAC address, and what costs by the hour."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from boundary.azure import NETWORKS, inventory

from egresscost.errors import UnknownFormatError
from egresscost.providers.azure.inventory import read_inventory

if TYPE_CHECKING:
    from pathlib import Path


def test_objects_of_all_files_explain_each_other(tmp_path: Path) -> None:
    found = {
        each.resource: each for one in read_inventory([str(inventory(tmp_path / "inv"))]) for each in one.interfaces
    }
    web, api, vault = found["web"], found["api"], found["pe-vault"]
    network = f"/subscriptions/sub-1/{NETWORKS}/virtualNetworks/hub".lower()
    assert (web.id, web.account, web.region, web.zone, web.network) == (
        "000D3A000001",
        "sub-1",
        "westeurope",
        "westeurope-1",
        network,
    )
    assert (web.addresses, web.public, web.has_public, web.exit) == (("10.0.1.5",), ("20.50.1.1",), True, None)
    assert (api.public, api.has_public, api.exit, api.workload) == ((), False, "nat", "vm-api")
    assert (vault.kind, vault.peer_service) == ("private_endpoint", "kv-shop")


def test_gateways_endpoints_and_public_addresses_cost_by_the_hour(tmp_path: Path) -> None:
    devices = [each for one in read_inventory([str(inventory(tmp_path))]) for each in one.devices]
    assert sorted((each.charge, each.via, each.region) for each in devices) == [
        ("nat", "nat", "westeurope"),
        ("private_endpoint", "private_endpoint", "westeurope"),
        ("public_address", "", "westeurope"),
    ]


def test_subnets_have_their_network_and_prefixes(tmp_path: Path) -> None:
    subnets = [each for one in read_inventory([str(inventory(tmp_path))]) for each in one.subnets]
    assert {(each.id.rpartition("/")[2], each.prefixes, each.region) for each in subnets} == {
        ("front", ("10.0.1.0/24",), "westeurope"),
        ("back", ("10.0.2.0/24",), "westeurope"),
        ("jobs", ("10.1.1.0/24",), "westeurope"),
        ("main", ("10.2.1.0/24",), "eastus"),
    }


def test_answers_of_the_api_and_names_of_regions_with_spaces_are_read(tmp_path: Path) -> None:
    nic = {
        "type": "Microsoft.Network/networkInterfaces",
        "id": f"/subscriptions/S/{NETWORKS}/networkInterfaces/n",
        "location": "West Europe",
        "properties": {
            "macAddress": "00-0D-3A-00-00-01",
            "ipConfigurations": [{"properties": {"privateIpAddress": "10.0.0.4"}}],
        },
    }
    (tmp_path / "nic.json").write_text(json.dumps({"value": [nic]}))
    (found,) = read_inventory([str(tmp_path / "nic.json")])[0].interfaces
    assert (found.id, found.region, found.addresses) == ("000D3A000001", "westeurope", ("10.0.0.4",))


@pytest.mark.parametrize("text", ['{"Reservations": []}', "[1]", "no JSON"])
def test_what_is_no_inventory_says_which_commands_are_read(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(UnknownFormatError) as error:
        read_inventory([str(tmp_path / "a.json")])
    assert "az network nic list" in error.value.details[0]
