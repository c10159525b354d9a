"""Inventories of gcloud: ends under the names that flow logs have for them, NAT, and what costs by the hour."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from providers.gcp.api.objects import BASE, NET, SHOP, instance, router
from providers.gcp.entries import entry, lines

from egresscost.errors import UnknownFormatError
from egresscost.flows import FlowOptions
from egresscost.frame import C
from egresscost.pipeline import Request, run
from egresscost.providers.gcp.inventory import read_inventory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from egresscost.sources.inventories import Interface


def saved(folder: Path, objects: Mapping[str, Sequence[object]] = SHOP) -> str:
    folder.mkdir(exist_ok=True)
    for name, items in objects.items():
        (folder / f"{name}.json").write_text(json.dumps(items))
    return str(folder)


def interfaces(folder: Path, objects: Mapping[str, Sequence[object]] = SHOP) -> dict[str, Interface]:
    found = read_inventory([saved(folder / "inventory", objects)])
    return {each.id: each for one in found for each in one.interfaces if each.addresses}


def test_ends_have_the_names_of_flow_logs(tmp_path: Path) -> None:
    web = interfaces(tmp_path)["shop-1/us-central1-a/web"]
    assert (web.account, web.region, web.zone) == ("shop-1", "us-central1", "us-central1-a")
    assert (web.network, web.subnet) == ("shop-1/net", "shop-1/net/us-central1/net-us-central1")
    assert (web.addresses, web.public, web.has_public, web.workload) == (("10.0.0.2",), ("34.66.10.2",), True, "front")
    assert (web.network_tier, interfaces(tmp_path)["shop-1/us-central1-a/web2"].network_tier) == ("premium", None)


def test_who_has_no_external_address_leaves_by_the_nat_of_its_subnet(tmp_path: Path) -> None:
    found = interfaces(tmp_path)
    assert {name.rpartition("/")[2]: each.exit for name, each in found.items()} == {
        "web": None,
        "web2": "cloud_nat",
        "db": "cloud_nat",
        "eu": None,
    }


@pytest.mark.parametrize(
    ("gateway", "exits"),
    [
        (router(logs=True), set()),
        (router(logs=False, only="net-us-central1"), {"web2", "db"}),
        (router(logs=False, only="another"), set()),
    ],
)
def test_a_nat_may_serve_some_subnets_and_one_with_a_log_is_seen_there(
    tmp_path: Path, gateway: object, exits: set[str]
) -> None:
    found = interfaces(tmp_path, {**SHOP, "routers": [gateway]})
    assert {name.rpartition("/")[2] for name, each in found.items() if each.exit} == exits


def test_a_machine_in_two_networks_is_two_interfaces_with_their_own_addresses(tmp_path: Path) -> None:
    other = {
        "name": "nic1",
        "network": NET.replace("/net", "/back"),
        "subnetwork": f"{BASE}/regions/us-central1/subnetworks/back",
        "networkIP": "10.9.0.2",
        "aliasIpRanges": [{"ipCidrRange": "10.9.8.0/28"}],
    }
    machine = instance(
        "gate",
        "10.0.0.9",
        metadata={"items": [{"key": "created-by", "value": f"{BASE}/zones/z/instanceGroupManagers/gates"}]},
    )
    machine["networkInterfaces"].append(other)
    found = interfaces(tmp_path, {"instances": [machine]})
    first, second = found["shop-1/us-central1-a/gate"], found["shop-1/us-central1-a/gate/nic1"]
    assert (first.network, first.addresses, first.workload) == ("shop-1/net", ("10.0.0.9",), "gates")
    assert (second.network, second.addresses, second.prefixes) == ("shop-1/back", ("10.9.0.2",), ("10.9.8.0/28",))


def test_gateways_cost_by_the_machines_behind_them_and_addresses_in_use_by_the_hour(tmp_path: Path) -> None:
    crowd = [instance(f"vm-{number}", f"10.0.3.{number}") for number in range(40)]
    few = [each for one in read_inventory([saved(tmp_path / "few")]) for each in one.devices]
    many = [
        each for one in read_inventory([saved(tmp_path / "many", {**SHOP, "instances": crowd})]) for each in one.devices
    ]
    assert sorted((each.id, each.charge, each.via, each.count, each.region) for each in few) == [
        ("shop-1/us-central1-a/web/34.66.10.2", "public_address", "", 1, "us-central1"),
        ("shop-1/us-central1/nat-1", "nat", "nat_vm", 2, "us-central1"),
    ]
    assert [(each.via, each.count) for each in many] == [("nat", 1)]


def test_every_form_of_a_list_is_read(tmp_path: Path) -> None:
    machines = SHOP["instances"]
    forms = {
        "gcloud": machines,
        "list": {"kind": "compute#instanceList", "items": machines},
        "aggregated": {
            "kind": "compute#instanceAggregatedList",
            "items": {"zones/a": {"instances": machines}, "zones/b": {"warning": {"code": "NO_RESULTS_ON_PAGE"}}},
        },
    }
    seen = []
    for name, content in forms.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(content))
        seen.append([each.interfaces for each in read_inventory([str(path)])])
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0][0]) == 8


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        '[{"kind": "compute#disk"}]',
        '{"Reservations": []}',
        "no json",
        '{"kind": 1}',
        '[{"kind": "compute#instance"}]',
    ],
)
def test_what_is_no_inventory_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(UnknownFormatError, match=r"other\.json"):
        read_inventory([str(path)])
    (tmp_path / "more").mkdir()
    with pytest.raises(UnknownFormatError, match="holds no inventory"):
        read_inventory([str(tmp_path / "more")])


def test_what_google_leaves_out_is_not_known_and_no_failure(tmp_path: Path) -> None:
    bare: dict[str, list[object]] = {
        "instances": [{"kind": "compute#instance", "selfLink": f"{BASE}/zones/z/instances/x"}],
        "routers": [{"kind": "compute#router", "selfLink": f"{BASE}/regions/r/routers/x", "nats": [{}, None]}],
        "subnetworks": [{"kind": "compute#subnetwork", "selfLink": f"{BASE}/regions/r/subnetworks/x"}],
    }
    found = read_inventory([saved(tmp_path / "bare", bare)])
    assert [(each.interfaces, each.subnets) for each in found] == [((), ())] * 3


def placed(folder: Path, *said: str, inventory: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """Rows of the frame: from where, to which network, boundary and path."""
    (folder / "log.json").write_text(lines(*(bare(each) for each in said)))
    frame = run(Request([str(folder / "log.json")], flows=FlowOptions(inventory=tuple(inventory)))).bill
    frame = frame[frame[C.CHARGE] == "transfer"]
    return sorted(
        tuple(str(each) for each in row)
        for row in frame[[C.SRC_ZONE, C.DST_ZONE, C.BOUNDARY, C.PATH, C.WORKLOAD]].itertuples(index=False)
    )


def bare(line: str) -> dict[str, object]:
    """An entry of a subnet that leaves all metadata out."""
    made = entry(line)
    payload = made["jsonPayload"]
    made["jsonPayload"] = {name: each for name, each in payload.items() if not name.startswith(("src_", "dest_"))}
    return made


def test_logs_without_metadata_know_zones_and_names_by_the_inventory(tmp_path: Path) -> None:
    assert placed(tmp_path, "SRC web db 1000 10") == [("nan", "nan", "unknown", "unknown", "nan")]
    known = placed(tmp_path, "SRC web db 1000 10", inventory=[saved(tmp_path / "inventory")])
    assert known == [("us-central1-a", "us-central1-b", "zone", "direct", "front")]


@pytest.mark.parametrize("share", [None, "0.25"])
def test_a_report_names_the_share_of_records_that_subnets_keep(tmp_path: Path, share: str | None) -> None:
    (tmp_path / "log.json").write_text(lines(entry("SRC web db 1000 10")))
    options = FlowOptions(inventory=(saved(tmp_path / "inventory"),), sampling=Fraction(share) if share else None)
    (notice,) = (
        each
        for each in run(Request([str(tmp_path / "log.json")], flows=options)).notices
        if each.code == "sampled-logs"
    )
    assert notice.message.endswith(". By the inventory the share is 0.5 in 1 subnet")
