"""Saved lists of clusters: which files are, what is kept of them, and what is said of those that cannot be read."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from clusters import BORN, SECRET, listing, node, pod, save, service
from hypothesis import given, settings
from hypothesis import strategies as st

from egresscost.errors import DamagedFileError, EgressCostError, OversizeError, UnknownFormatError
from egresscost.formats.kubernetes import read
from egresscost.formats.kubernetes_objects import listed
from egresscost.sources.limits import Limits

if TYPE_CHECKING:
    import random
    from pathlib import Path

TAKEN = datetime(2026, 10, 6, tzinfo=UTC)
ITEMS = (
    pod("cart-7d9f8-x2x", "10.0.1.17", owner="ReplicaSet/cart-7d9f8", template="7d9f8", six="fd00::17"),
    pod("db-0", "10.0.1.18", owner="StatefulSet/db"),
    pod("kube-system/proxy-a", "10.0.1.10", owner="DaemonSet/proxy", host_network=True),
    pod("report-29353560-abc", "10.0.1.19", owner="Job/report-29353560", phase="Succeeded"),
    pod("waiting", None, phase="Pending"),
    node("node-a", "10.0.1.10", "aws:///us-east-1a/i-0a", zone_id="use1-az1", cluster="prod", cidr="10.4.0.0/24"),
    service("shop/cart", "10.0.1.200"),
)


def workload(**more: str) -> str:
    (found,) = listed("a", TAKEN, [pod("x-1", "10.0.0.1", **more)]).pods
    return found.workload


def test_a_list_is_pods_nodes_and_services_and_what_is_no_key_is_counted(tmp_path: Path) -> None:
    found = read([str(save(tmp_path / "cluster.json", *ITEMS))])
    (one,) = found.lists
    assert found.rest == ()
    assert [(each.workload, each.addresses, each.node, each.host) for each in one.pods] == [
        ("shop/cart", ("10.0.1.17", "fd00::17"), "node-a", "10.0.1.10"),
        ("shop/db", ("10.0.1.18",), "node-a", "10.0.1.10"),
    ]
    assert (one.left.host_network, one.left.finished, one.left.without_address) == (1, 1, 1)
    assert [(each.name, each.addresses, each.prefixes) for each in one.nodes] == [
        ("node-a", ("10.0.1.10",), ("10.4.0.0/24",))
    ]
    assert [(each.name, each.addresses) for each in one.services] == [("cart", ("10.0.1.200",))]
    assert (one.cluster, one.taken) == ("prod", TAKEN)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"owner": "ReplicaSet/cart-7d9f8", "template": "7d9f8"}, "shop/cart"),
        ({"owner": "ReplicaSet/web-2x4b5"}, "shop/web-2x4b5"),  # no Deployment made it: no hash
        ({"owner": "StatefulSet/db"}, "shop/db"),
        ({"owner": "DaemonSet/agent"}, "shop/agent"),
        ({"owner": "Job/report-29353560"}, "shop/report"),
        ({"owner": "Job/report-1761177600"}, "shop/report"),  # seconds, before Kubernetes 1.21
        ({"owner": "Job/import-20261005"}, "shop/import-20261005"),  # a date is no time in minutes
        ({"owner": "Workflow/nightly"}, "shop/nightly"),
        ({}, "shop/x-1"),
    ],
)
def test_a_workload_is_what_made_the_pod(more: dict[str, str], expected: str) -> None:
    assert workload(**more) == expected


def test_a_pod_that_its_node_starts_by_itself_has_no_node_in_its_name() -> None:
    (found,) = listed("a", TAKEN, [pod("etcd-node-a", "10.0.0.1", owner="Node/node-a")]).pods
    assert found.workload == "shop/etcd"


def test_who_has_the_address_of_its_host_is_in_the_host_network_whatever_else_is_said() -> None:
    one = listed("a", TAKEN, [pod("x", "10.0.1.10", host="10.0.1.10")])
    assert (one.pods, one.left.host_network) == ((), 1)


def _shapes() -> dict[str, bytes]:
    bare = [{key: value for key, value in item.items() if key not in {"kind", "apiVersion"}} for item in ITEMS[:5]]
    whole = listing(*ITEMS).encode()
    return {
        "pods.json": json.dumps({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": bare}).encode(),
        "lines.ndjson": b"\n".join(json.dumps(item).encode() for item in ITEMS),
        "two.json": listing(*ITEMS[:2]).encode() + b"\n" + listing(*ITEMS[2:]).encode(),
        "packed.json.gz": gzip.compress(whole),
        "members.json.gz": gzip.compress(whole[:100]) + gzip.compress(whole[100:]),
        "powershell.json": whole.decode().encode("utf-16"),
        "mark.json": b"\xef\xbb\xbf" + whole,
    }


@pytest.mark.parametrize("name", sorted(_shapes()))
def test_every_shape_says_the_same(name: str, tmp_path: Path) -> None:
    (tmp_path / "whole.json").write_bytes(listing(*ITEMS).encode())
    (tmp_path / name).write_bytes(_shapes()[name])
    (expected,), (found,) = (read([str(tmp_path / each)]).lists for each in ("whole.json", name))
    assert (found.pods, found.left) == (expected.pods, expected.left)


def test_a_folder_may_hold_lists_beside_other_inventories(tmp_path: Path) -> None:
    save(tmp_path / "inv" / "cluster.json", *ITEMS)
    save(tmp_path / "only" / "cluster.json", *ITEMS)
    (tmp_path / "inv" / "subnets.json").write_text('{"Subnets": []}')
    (tmp_path / "only" / "deployments.json").write_text(listing({"apiVersion": "apps/v1", "kind": "Deployment"}))
    (tmp_path / "only" / "notes.txt").write_text("apiVersion: v1")
    inv, only = str(tmp_path / "inv"), str(tmp_path / "only")
    found = read([inv, str(tmp_path / "inv" / "subnets.json"), "-"])
    assert (len(found.lists), found.rest) == (1, (inv, str(tmp_path / "inv" / "subnets.json"), "-"))
    (tmp_path / "only" / "deployments.json").unlink()
    assert (len(read([only]).lists), read([only]).rest) == (1, ())


@pytest.mark.parametrize(
    ("name", "content", "kind", "says"),
    [
        ("cut.json", listing(*ITEMS)[:-200], DamagedFileError, "cut off or damaged"),
        ("cut.ndjson", "\n".join(json.dumps(each) for each in ITEMS)[:-40], DamagedFileError, "line 7"),
        ("deploy.json", listing({"apiVersion": "apps/v1", "kind": "Deployment"}), UnknownFormatError, "Deployment"),
        ("secrets.json", listing({"apiVersion": "v1", "kind": "Secret", "data": SECRET}), UnknownFormatError, "Secret"),
        ("pods.yaml", "apiVersion: v1\nitems:\n- kind: Pod\n", UnknownFormatError, "no JSON"),
        ("pods.txt", "NAMESPACE   NAME   READY\nshop   cart   1/1\n", UnknownFormatError, "no JSON"),
    ],
)
def test_what_cannot_be_read_says_which_command_to_run(
    name: str, content: str, kind: type[EgressCostError], says: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(kind) as error:
        read([str(tmp_path / name)])
    assert says in error.value.message
    assert "kubectl get pods,nodes,services --all-namespaces --output json" in (error.value.hint or "")
    assert SECRET not in str(error.value)


def test_damaged_and_huge_gzip_is_named(tmp_path: Path) -> None:
    packed = gzip.compress(listing(*ITEMS).encode())
    (tmp_path / "cut.json.gz").write_bytes(packed[:-30])
    with pytest.raises(DamagedFileError, match=r"cut\.json\.gz is cut off"):
        read([str(tmp_path / "cut.json.gz")])
    (tmp_path / "sum.json.gz").write_bytes(packed[:-8] + bytes(8))
    with pytest.raises(DamagedFileError, match=r"damaged gzip"):
        read([str(tmp_path / "sum.json.gz")])
    (tmp_path / "bomb.json.gz").write_bytes(gzip.compress(listing(*ITEMS).encode() + b" " * 10_000_000))
    with pytest.raises(OversizeError):
        read([str(tmp_path / "bomb.json.gz")], Limits(size=100_000, ratio=10))


def test_an_inventory_of_a_cloud_is_left_alone(tmp_path: Path) -> None:
    for name, text in {
        "aws.json": '{"Subnets": [{"SubnetId": "s", "apiVersion": "v1"}]}',
        "azure.json": '[{"id": "/subscriptions/s", "apiVersion": "2024-01-01"}]',
        "broken.json": '{"Subnets": [{"apiVersion": "v1", ',
        "empty.json": "",
    }.items():
        (tmp_path / name).write_text(text)
        path = str(tmp_path / name)
        assert read([path]) == type(read([path]))((), (path,)), name


def test_nothing_that_may_be_a_secret_is_kept(tmp_path: Path) -> None:
    (one,) = read([str(save(tmp_path / "cluster.json", *ITEMS))]).lists
    assert len(one.pods) == 2
    assert SECRET not in repr(one)


def test_a_list_is_at_least_as_young_as_what_it_lists(tmp_path: Path) -> None:
    path = save(tmp_path / "a.json", pod("x", "10.0.0.1", born="2026-10-07T08:00:00Z"), taken=BORN)
    assert read([str(path)]).lists[0].taken == datetime(2026, 10, 7, 8, tzinfo=UTC)


ODD: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_stands_in_a_field_nothing_breaks(data: st.DataObject) -> None:
    item = json.loads(json.dumps(data.draw(st.sampled_from(ITEMS))))
    place: Any = item
    while isinstance(place, dict) and place:
        key = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or data.draw(st.booleans()):
            place[key] = data.draw(ODD)
            break
        place = place[key]
    one = listed("a", TAKEN, [item])
    left = one.left
    counted = len(one.pods) + left.host_network + left.finished + left.without_address
    assert counted == (1 if item.get("kind") == "Pod" else 0)


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_items_changes_nothing(chance: random.Random) -> None:
    items = list(ITEMS)
    chance.shuffle(items)
    one, other = listed("a", TAKEN, items), listed("a", TAKEN, ITEMS)
    assert (set(one.pods), one.left, one.kin, one.cluster) == (set(other.pods), other.left, other.kin, other.cluster)


@pytest.mark.samples
def test_a_public_list_of_pods(samples: Path) -> None:
    (one,) = read([str(samples.parent / "flows" / "k8s-pods")]).lists
    assert sorted((each.workload, each.addresses) for each in one.pods) == [
        ("cloudability/cloudability-metrics-agent", ("172.26.70.127",)),
        ("kube-system/coredns", ("172.26.64.96",)),
        ("kube-system/coredns", ("172.26.71.90",)),
        ("stress-test/stress2", ("172.26.68.62",)),
    ]
    assert (one.left.host_network, one.left.finished, one.left.without_address) == (2, 0, 0)
