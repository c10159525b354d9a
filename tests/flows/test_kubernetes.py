"""Flow logs of three clouds beside lists of Kubernetes clusters: workloads, zones, and what is not believed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import screens
from boundary.azure import NETWORKS
from clusters import SECRET, node, pod, save, service
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from providers.gcp import entries

from egresscost.flows.read import FlowOptions
from egresscost.frame import C
from egresscost.pipeline import Request, run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from egresscost.results import Report

GB = 2**30
START = 1791201600  # 2026-10-05T12:00:00Z
FIELDS = "version account-id interface-id srcaddr dstaddr bytes start end action log-status vpc-id subnet-id instance-id pkt-srcaddr pkt-dstaddr region az-id flow-direction"
NODES = {
    # node: address, interface, instance, subnet, zone
    "a": ("10.0.1.10", "eni-a", "i-0a", "sub-1", "use1-az1"),
    "b": ("10.0.2.20", "eni-b", "i-0b", "sub-2", "use1-az2"),
}
CART, DB, WEB = "10.0.1.17", "10.0.2.23", "193.0.6.139"
HOME = {CART: "a", DB: "b"}
COLUMNS = ("workload", "src_zone", "dst_zone", "peer", "boundary", "direction", "bytes")


def record(at: str, src: str, dst: str, size: int, hour: int = 0) -> str:
    """A record of a node's interface: at it a pod's address is the node's own, and the pod's stands in the packet."""
    address, interface, instance, subnet, zone = NODES[at]
    out = HOME.get(src, src) in {at, address}
    ends = [address if out else src, dst if out else address]
    begin = START + 3600 * hour
    cells = [
        *("5", "111111111111", interface, *ends, str(size), str(begin), str(begin + 60), "ACCEPT", "OK"),
        *("vpc-a", subnet, instance, src, dst, "us-east-1", zone, "egress" if out else "ingress"),
    ]
    return " ".join(cells)


def talk(src: str, dst: str, size: int, hour: int = 0) -> list[str]:
    return [record(HOME[each], src, dst, size, hour) for each in (src, dst)]


def log(path: Path, *records: str) -> Path:
    path.write_text("\n".join([FIELDS, *records]) + "\n")
    return path


def eks(*pods: dict[str, Any], ids: bool = True) -> list[dict[str, Any]]:
    nodes = [
        node(
            f"node-{name}",
            address,
            f"aws:///us-east-1{name}/{instance}",
            zone=f"us-east-1{name}",
            region="us-east-1",
            **({"zone_id": zone} if ids else {}),
        )
        for name, (address, _, instance, _, zone) in NODES.items()
    ]
    return [*nodes, *pods]


CART_POD = pod("cart-7d-x", CART, "node-a", "10.0.1.10", owner="ReplicaSet/cart-7d", template="7d", uid="eks")
DB_POD = pod("db-0", DB, "node-b", "10.0.2.20", owner="StatefulSet/db")


def analyze(path: Path, inventory: Sequence[Path]) -> Report:
    return run(Request([str(path)], flows=FlowOptions(inventory=tuple(map(str, inventory)))))


def rows(report: Report) -> set[tuple[Any, ...]]:
    frame = report.bill.astype(object).where(report.bill.notna(), None)
    return set(frame[list(COLUMNS)].itertuples(index=False, name=None))


def notices(report: Report) -> dict[str, Any]:
    return {each.code: each for each in report.notices if each.code.startswith("kubernetes")}


def test_pods_on_eks_have_their_workload_and_zone_at_both_ends(tmp_path: Path) -> None:
    path = log(
        tmp_path / "vpc.log", *talk(CART, DB, 50 * GB), *talk(DB, CART, 5 * GB), record("a", "10.0.1.10", WEB, 9)
    )
    report = analyze(path, inventory=[save(tmp_path / "k8s.json", *eks(CART_POD, DB_POD))])
    one, two = "use1-az1", "use1-az2"
    assert rows(report) == {
        ("shop/cart", one, two, "shop/db", "zone", "out", 50 * GB),
        ("shop/db", one, two, "shop/cart", "zone", "in", 50 * GB),
        ("shop/db", two, one, "shop/cart", "zone", "out", 5 * GB),
        ("shop/cart", two, one, "shop/db", "zone", "in", 5 * GB),
        ("node-a", one, None, None, "internet", "out", 9),  # a node's address is the node, whichever pods share it
    }
    moved = report.bill[C.MOVED_BYTES].sum()
    assert moved == 55 * GB + 9  # both nodes keep a log: what is received was sent before
    assert notices(report).keys() == {"kubernetes-lists"}


def test_a_zone_letter_is_no_zone_of_aws(tmp_path: Path) -> None:
    path = log(tmp_path / "vpc.log", record("a", CART, DB, GB))
    lists = save(tmp_path / "k8s.json", *eks(CART_POD, DB_POD, ids=False))
    assert rows(analyze(path, inventory=[lists])) == {("shop/cart", "use1-az1", None, "shop/db", "unknown", "out", GB)}


def test_an_address_that_changed_hands_is_each_pods_in_its_hours_and_nobodys_in_between(tmp_path: Path) -> None:
    before = pod("cart", CART, "node-a", "10.0.1.10", born="2026-10-05T10:00:00Z")
    after = pod("jobs", CART, "node-a", "10.0.1.10", born="2026-10-05T13:30:00Z")
    path = log(tmp_path / "vpc.log", *(record("a", CART, DB, GB << hour, hour) for hour in range(3)))
    lists = [
        save(tmp_path / "1.json", *eks(before, DB_POD), taken="2026-10-05T12:30:00Z"),
        save(tmp_path / "2.json", *eks(after, DB_POD), taken="2026-10-05T18:00:00Z"),
    ]
    report = analyze(path, inventory=lists)
    found = {row[0]: row[-1] for row in rows(report)}
    assert found == {"shop/cart": GB, None: 2 * GB, "shop/jobs": 4 * GB}
    assert (notices(report)["kubernetes-ambiguous"].count, notices(report)["kubernetes-ambiguous"].details) == (
        1,
        (CART,),
    )
    assert analyze(path, inventory=lists[::-1]).bill.equals(report.bill)


def test_two_clusters_with_one_address_are_told_apart_by_the_machine(tmp_path: Path) -> None:
    """A pod of another network's cluster with the same address has another machine."""
    twin = pod("twin", CART, "node-z", "10.0.1.77", uid="z")
    lists = save(tmp_path / "k8s.json", *eks(CART_POD, DB_POD))
    other = save(
        tmp_path / "other.json", twin, node("node-z", "10.0.1.77", "aws:///us-east-1a/i-0ff", zone_id="use1-az4")
    )
    report = analyze(log(tmp_path / "vpc.log", *talk(CART, DB, GB)), inventory=[lists, other])
    own = {(row[0], row[3]) for row in rows(report)}
    assert ("shop/cart", "shop/db") in own
    alone = analyze(log(tmp_path / "vpc.log", record("a", CART, WEB, GB)), inventory=[other])
    assert {row[0] for row in rows(alone)} == {None}
    assert notices(alone)["kubernetes-elsewhere"].count == 1


def test_an_overlay_is_said_once_and_the_workload_is_the_node(tmp_path: Path) -> None:
    pods = [pod(f"cart-{number}", f"192.168.0.{number}", "node-a", "10.0.1.10") for number in (1, 2)]
    lists = save(tmp_path / "k8s.json", *eks(*pods))
    report = analyze(log(tmp_path / "vpc.log", record("a", "10.0.1.10", WEB, GB)), inventory=[lists])
    assert {row[0] for row in rows(report)} == {"node-a"}
    assert notices(report)["kubernetes-overlay"].count == 2


def test_the_clouds_name_of_a_node_gives_way_to_a_pods_and_not_to_the_nodes(tmp_path: Path) -> None:
    inventory = tmp_path / "inv"
    save(inventory / "k8s.json", *eks(CART_POD, DB_POD))
    interfaces = [
        {
            "NetworkInterfaceId": interface,
            "OwnerId": "111111111111",
            "VpcId": "vpc-a",
            "SubnetId": subnet,
            "AvailabilityZoneId": zone,
            "Attachment": {"InstanceId": instance},
            "PrivateIpAddresses": [{"PrivateIpAddress": each} for each in (address, CART if name == "a" else DB)],
            "TagSet": [{"Key": "Name", "Value": "workers"}],
        }
        for name, (address, interface, instance, subnet, zone) in NODES.items()
    ]
    (inventory / "interfaces.json").write_text(json.dumps({"NetworkInterfaces": interfaces}))
    path = log(tmp_path / "vpc.log", *talk(CART, DB, GB), record("a", "10.0.1.10", WEB, 9))
    found = {(row[0], row[3], row[4]) for row in rows(analyze(path, inventory=[inventory]))}
    assert found == {("shop/cart", "shop/db", "zone"), ("shop/db", "shop/cart", "zone"), ("workers", None, "internet")}


def test_pods_behind_a_nat_gateway_share_its_bytes(tmp_path: Path) -> None:
    nat = "10.0.0.220"
    inside = [
        f"5 111111111111 eni-nat {each} {nat} {size} {START} {START + 60} ACCEPT OK vpc-a sub-0 - {each} {WEB} us-east-1 use1-az1 ingress"
        for each, size in ((CART, 3 * GB), (DB, GB))
    ]
    outer = f"5 111111111111 eni-nat {nat} {WEB} {4 * GB} {START} {START + 60} ACCEPT OK vpc-a sub-0 - {nat} {WEB} us-east-1 use1-az1 egress"
    lists = save(tmp_path / "k8s.json", *eks(CART_POD, DB_POD))
    report = analyze(log(tmp_path / "nat.log", *inside, outer), inventory=[lists])
    frame = report.bill[report.bill[C.CHARGE] == "transfer"]
    assert dict(zip(frame[C.WORKLOAD], frame[C.BYTES], strict=True)) == {"shop/cart": 3 * GB, "shop/db": GB}


def test_explain_names_the_pod_of_an_address(tmp_path: Path) -> None:
    log(tmp_path / "vpc.log", *talk(CART, DB, GB))
    save(tmp_path / "k8s.json", *eks(CART_POD, DB_POD))
    base = ("--input", "vpc.log", "--inventory", "k8s.json", "--no-color")
    done = screens.run("explain", CART, *base, folder=tmp_path)
    assert done.code == 0, done.err
    assert "shop/cart" in done.out
    assert "shop/cart-7d-x" in done.out
    by_name = screens.run("explain", "shop/cart-7d-x", "shop/db-0", *base, folder=tmp_path)
    assert by_name.code == 0, by_name.err
    assert by_name.out.startswith("shop/cart-7d-x and shop/db-0")
    assert SECRET not in done.out + done.err + by_name.out + by_name.err


# Google Cloud


def gke(*pods: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        node("web", "10.0.0.2", "gce://shop-1/us-central1-a/web", zone="us-central1-a", cidr="10.4.0.0/24"),
        node("db", "10.0.1.2", "gce://shop-1/us-central1-b/db", zone="us-central1-b", cidr="10.4.1.0/24"),
        *pods,
    ]


GKE_PODS = (
    pod("cart-7d-x", "10.4.0.7", "web", "10.0.0.2", owner="ReplicaSet/cart-7d", template="7d"),
    pod("db-0", "10.4.1.9", "db", "10.0.1.2", owner="StatefulSet/db"),
)


def alias(line: str, src: str, dst: str, *, bare: bool = False) -> dict[str, Any]:
    """An entry with alias addresses of pods; a bare one has no metadata."""
    found = entries.entry(line)
    found["jsonPayload"]["connection"] |= {"src_ip": src, "dest_ip": dst}
    if bare:
        kept = {"connection", "reporter", "bytes_sent", "packets_sent", "start_time", "end_time"}
        found["jsonPayload"] = {key: value for key, value in found["jsonPayload"].items() if key in kept}
    return found


@pytest.mark.parametrize("bare", [False, True])
def test_alias_addresses_on_gke_are_pods(*, bare: bool, tmp_path: Path) -> None:
    (tmp_path / "gcp.json").write_text(
        entries.lines(
            alias("SRC web db 1000 10", "10.4.0.7", "10.4.1.9", bare=bare),
            alias("DEST web db 1000 10", "10.4.0.7", "10.4.1.9", bare=bare),
            alias("SRC web db 70 1", "10.4.0.99", "10.4.1.9", bare=bare),
        )
    )
    report = analyze(tmp_path / "gcp.json", inventory=[save(tmp_path / "k8s.json", *gke(*GKE_PODS))])
    transfer = {(row[0], row[1], row[2], row[3], row[6]) for row in rows(report)}
    sent = ("shop/cart", "us-central1-a", "us-central1-b", "shop/db", 1000)
    assert sent in transfer
    # A pod that no list has any more is at least on its node.
    assert ("web", "us-central1-a", "us-central1-b", "shop/db", 70) in transfer


def test_what_a_record_says_of_a_pod_wins_over_a_list_and_the_difference_is_counted(tmp_path: Path) -> None:
    (tmp_path / "gcp.json").write_text(entries.lines(alias("SRC web@pod:prod:api db 1000 10", "10.4.0.7", "10.4.1.9")))
    report = analyze(tmp_path / "gcp.json", inventory=[save(tmp_path / "k8s.json", *gke(*GKE_PODS))])
    assert {(row[0], row[3]) for row in rows(report)} == {("prod/api", "shop/db")}
    assert notices(report)["kubernetes-conflict"].count == 1


# Azure


MACS = {"000D3A000001": "vnet-1", "000D3A000002": "vnet-1"}


def azure_record(mac: str, *tuples: str) -> dict[str, Any]:
    network = f"/subscriptions/sub-1/{NETWORKS}/virtualNetworks/{MACS[mac]}"
    return {
        "time": "2026-10-05T12:00:00Z",
        "flowLogVersion": 4,
        "flowLogGUID": "guid-1",
        "macAddress": mac,
        "category": "FlowLogFlowEvent",
        "flowLogResourceID": "/SUBSCRIPTIONS/SUB-1/RESOURCEGROUPS/NW/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS/NETWORKWATCHER_WESTEUROPE/FLOWLOGS/FL",
        "targetResourceID": network,
        "operationName": "FlowLogFlowEvent",
        "flowRecords": {"flows": [{"aclID": "x", "flowGroups": [{"rule": "r", "flowTuples": list(tuples)}]}]},
    }


def test_pods_on_aks_have_their_workload_and_the_zone_of_their_node(tmp_path: Path) -> None:
    scale_set = "azure:///subscriptions/sub-1/resourceGroups/mc/providers/Microsoft.Compute/virtualMachineScaleSets/np/virtualMachines"
    items = [
        node("np-0", "10.224.0.4", f"{scale_set}/0", zone="westeurope-1", region="westeurope"),
        node("np-1", "10.224.0.5", f"{scale_set}/1", zone="westeurope-2", region="westeurope"),
        pod("cart", "10.224.0.14", "np-0", "10.224.0.4"),
        pod("db-0", "10.224.0.25", "np-1", "10.224.0.5", owner="StatefulSet/db"),
        service("shop/queue", "10.224.0.100"),
    ]
    moment = START * 1000
    records = [
        azure_record(
            "000D3A000001",
            f"{moment},10.224.0.14,10.224.0.25,40000,5432,6,O,E,NX,10,5000,5,300",
            f"{moment},10.224.0.14,10.224.0.100,40001,80,6,O,E,NX,10,70,0,0",
            f"{moment},10.224.0.4,193.0.6.139,40002,443,6,O,E,NX,10,9,0,0",
        )
    ]
    (tmp_path / "PT1H.json").write_text(json.dumps({"records": records}))
    report = analyze(tmp_path / "PT1H.json", inventory=[save(tmp_path / "k8s.json", *items)])
    found = {(row[0], row[1], row[2], row[3], row[5]): row[6] for row in rows(report)}
    one, two = "westeurope-1", "westeurope-2"
    assert found[("shop/cart", one, two, "shop/db", "out")] == 5000
    assert found[("shop/cart", two, one, "shop/db", "in")] == 300
    assert {row[3] for row in rows(report) if row[6] == 70} == {"shop/queue"}
    assert {(row[0], row[1]) for row in rows(report) if row[6] == 9} == {("np-0", one)}


def test_flow_logs_of_two_clouds_use_only_pods_whose_cloud_is_known(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    log(tmp_path / "flows" / "vpc.log", record("a", CART, WEB, GB))
    (tmp_path / "flows" / "gcp.json").write_text(entries.lines(alias("SRC web db 1000 10", "10.4.0.7", "10.4.1.9")))
    lists = [
        save(tmp_path / "eks.json", CART_POD),  # without nodes: of which cloud?
        save(tmp_path / "gke.json", *gke(*GKE_PODS)),
    ]
    report = analyze(tmp_path / "flows", inventory=lists)
    assert {row[0] for row in rows(report)} == {None, "shop/cart"}
    assert notices(report)["kubernetes-cloud"].count == 1
    whole = analyze(tmp_path / "flows", inventory=[save(tmp_path / "eks.json", *eks(CART_POD)), lists[1]])
    assert {row[0] for row in rows(whole)} == {"shop/cart"}
    assert "kubernetes-cloud" not in notices(whole)


ADDRESSES = st.sampled_from([CART, DB, "10.0.1.10", WEB, "10.9.9.9"])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    talks=st.lists(st.tuples(ADDRESSES, ADDRESSES, st.integers(1, 2**40), st.integers(0, 2)), min_size=1, max_size=6),
    last=st.lists(st.sampled_from([17, 18]), max_size=3),
)
def test_lists_change_names_and_never_bytes(
    talks: Sequence[tuple[str, str, int, int]], last: Sequence[int], tmp_path: Path
) -> None:
    path = log(tmp_path / "vpc.log", *(record("a", src, dst, size, hour) for src, dst, size, hour in talks))
    pods = [pod(f"p-{number}", f"10.0.1.{each}", "node-a", "10.0.1.10") for number, each in enumerate(last)]
    lists = save(tmp_path / "k8s.json", *eks(*pods, DB_POD))
    without, with_ = (analyze(path, inventory=each).bill for each in ([], [lists]))
    transfer = [frame[frame[C.CHARGE] == "transfer"] for frame in (without, with_)]
    for column in (C.BYTES, C.RECORDS):
        assert transfer[0][column].sum() == transfer[1][column].sum()
    assert {C.WORKLOAD, C.BYTES} <= set(with_.columns)
