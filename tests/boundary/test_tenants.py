"""Who had an address when: births, later lists, other clusters and other clouds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from clusters import node, pod, service
from hypothesis import given, settings
from hypothesis import strategies as st

from egresscost.boundary.tenants import ALWAYS, tenants
from egresscost.formats.kubernetes_objects import listed
from egresscost.providers.aws.network import network as aws
from egresscost.providers.azure.network import network as azure
from egresscost.providers.gcp.network import network as gcp

if TYPE_CHECKING:
    import random

    from egresscost.sources.clusters import ClusterList, NodeWords

AWS, AZURE, GCP = aws().nodes, azure().nodes, gcp().nodes
SUBSCRIPTION = "azure:///subscriptions/SUB-1/resourceGroups/rg/providers/Microsoft.Compute"


def day(number: int, hour: int = 0) -> str:
    return f"2026-10-{number:02}T{hour:02}:00:00Z"


def at(number: int, hour: int = 0) -> int:
    return int(datetime(2026, 10, number, hour, tzinfo=UTC).timestamp())


def one(taken: str, *items: dict[str, Any]) -> ClusterList:
    return listed(f"{taken}.json", datetime.fromisoformat(taken), items)


def holds(*lists: ClusterList, kind: str = "pod") -> list[tuple[str, str | None, int, int]]:
    """Address, workload and time of everybody."""
    found = tenants(lists, AWS).known
    return [(each.address, each.workload, each.since, each.until) for each in found if each.kind == kind]


def test_a_pod_has_its_address_from_its_birth_until_a_later_list_lacks_it() -> None:
    stays = pod("db", "10.0.0.2", born=day(1))
    lists = [
        one(day(2), pod("cart", "10.0.0.1", born=day(1, 5)), stays),
        one(day(3), pod("cart", "10.0.0.1", born=day(1, 5)), stays),
        one(day(5), stays),
    ]
    assert holds(*lists) == [("10.0.0.1", "shop/cart", at(1, 5), at(5)), ("10.0.0.2", "shop/db", at(1), ALWAYS)]


def test_an_address_that_was_given_to_another_pod_is_each_ones_in_its_time() -> None:
    lists = [
        one(day(2), pod("cart", "10.0.0.1", born=day(1)), node("node-a", "10.0.1.10")),
        one(
            day(9),
            node("node-a", "10.0.1.10"),
            pod("jobs", "10.0.0.1", born=day(4, 3)),
            pod("web", "10.0.0.1", born=day(6)),
        ),
    ]
    assert holds(*lists) == [
        ("10.0.0.1", "shop/cart", at(1), at(4, 3)),
        ("10.0.0.1", "shop/jobs", at(4, 3), at(6)),
        ("10.0.0.1", "shop/web", at(6), ALWAYS),
    ]


def test_lists_that_share_an_owner_are_of_one_cluster() -> None:
    same = {"owner": "ReplicaSet/cart"}
    lists = [
        one(day(2), pod("cart-1", "10.0.0.1", born=day(1), **same)),
        one(day(9), pod("jobs", "10.0.0.1", born=day(4)), pod("cart-2", "10.0.0.9", born=day(5), **same)),
    ]
    assert holds(*lists)[:2] == [("10.0.0.1", "shop/cart", at(1), at(4)), ("10.0.0.1", "shop/jobs", at(4), ALWAYS)]


def test_a_list_of_one_namespace_says_nothing_of_others() -> None:
    cart, dns = pod("shop/cart", "10.0.0.1"), pod("kube-system/dns", "10.0.0.2")
    assert holds(one(day(2), cart, dns), one(day(3), cart))[1][3] == ALWAYS


def test_a_pod_that_is_over_later_was_there_before() -> None:
    first, later = pod("job", "10.0.0.1"), pod("job", "10.0.0.1", phase="Succeeded")
    assert holds(one(day(2), first), one(day(3), later)) == [("10.0.0.1", "shop/job", at(1), at(3))]


def test_without_a_birth_a_pod_is_there_since_the_last_list_without_it() -> None:
    other, late = pod("db", "10.0.0.2"), pod("cart", "10.0.0.1", born="")
    found = holds(one(day(2), other), one(day(3), other), one(day(4), other, late))
    assert found[0] == ("10.0.0.1", "shop/cart", at(3), ALWAYS)


@pytest.mark.parametrize(
    ("words", "provider_id", "labels", "expected"),
    [
        (AWS, "aws:///us-east-1a/i-0a1", {"zone_id": "use1-az2"}, ("i-0a1", None, "use1-az2")),
        (AWS, "aws:///us-east-1a/i-0a1", {"zone": "us-east-1a"}, ("i-0a1", None, None)),  # a letter is no zone
        (AWS, "aws:///us-east-1a/x/fargate-ip-10-0-0-1", {"zone_id": "use1-az2"}, (None, None, "use1-az2")),
        (GCP, "gce://shop-1/us-central1-a/gke-1", {}, ("gke-1", "shop-1", "us-central1-a")),
        (GCP, "gce://shop-1/us-central1-a/gke-1", {"old_zone": "us-central1-b"}, ("gke-1", "shop-1", "us-central1-b")),
        (AZURE, f"{SUBSCRIPTION}/virtualMachines/aks-1", {"zone": "westeurope-1"}, ("aks-1", "sub-1", "westeurope-1")),
        (
            AZURE,
            f"{SUBSCRIPTION}/virtualMachineScaleSets/aks/virtualMachines/3",
            {"zone": "0"},  # the fault domain of a machine in no zone
            (None, "sub-1", None),
        ),
    ],
)
def test_nodes_are_machines_in_their_clouds_words(
    words: NodeWords, provider_id: str, labels: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    listing = one(day(2), pod("x", "10.0.0.1"), node("node-a", "10.0.1.10", provider_id, **labels))
    machines = {each.machine for each in tenants([listing], words).known}
    assert {(each.instance, each.account, each.zone) for each in machines} == {expected}


def test_pods_of_another_cloud_are_nobody_here_and_those_of_none_only_where_it_does_not_matter() -> None:
    here = one(day(2), pod("a", "10.0.0.1"), node("node-a", "10.0.1.10", "aws:///us-east-1a/i-0a"))
    there = one(
        day(2), pod("b", "10.0.0.2", "node-b", "10.9.0.1"), node("node-b", "10.9.0.1", "gce://p/us-central1-a/node-b")
    )
    bare = one(day(2), pod("c", "10.0.0.3", "node-c", "10.8.0.1"))
    for alone, expected in ((True, {"a", "c"}), (False, {"a"})):
        found = tenants([here, there, bare], AWS, [w for w in (GCP, AZURE) if w], alone=alone)
        assert {each.name.removeprefix("shop/") for each in found.known if each.kind == "pod"} == expected
        assert (found.homeless, found.unlisted) == (() if alone else ("shop/c",), ("shop/c",))


def test_two_clusters_with_a_node_of_one_name_are_told_apart_by_its_address() -> None:
    lists = [
        one(day(2), pod("a", "10.0.0.1", host="10.0.1.1"), node("node-a", "10.0.1.1", "aws:///x/i-01")),
        one(day(2), pod("b", "10.0.0.2", host="10.0.1.2"), node("node-a", "10.0.1.2", "aws:///x/i-02")),
    ]
    found = {each.name: each.machine.instance for each in tenants(lists, AWS).known if each.kind == "pod"}
    assert found == {"shop/a": "i-01", "shop/b": "i-02"}


def test_the_host_of_a_pod_is_a_node_even_where_no_list_has_nodes() -> None:
    assert [(each.address, each.name) for each in tenants([one(day(2), pod("a", "10.0.0.1"))], AWS).known] == [
        ("10.0.0.1", "shop/a"),
        ("10.0.1.10", "node-a"),
    ]


def test_a_service_is_at_its_load_balancers_and_never_at_an_address_inside_the_cluster() -> None:
    assert holds(one(day(2), service("shop/cart", "10.0.1.200")), kind="service") == [
        ("10.0.1.200", "shop/cart", at(1), ALWAYS)
    ]
    assert holds(one(day(2), service("shop/inner")), kind="service") == []


NAMES = st.sampled_from(["cart", "db", "web"])
PODS = st.builds(
    lambda name, last, birth: pod(name, f"10.0.0.{last}", born=day(birth), owner=f"StatefulSet/{name}"),
    NAMES,
    st.integers(1, 2),
    st.integers(1, 9),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(2, 9), st.lists(PODS, max_size=3)), max_size=4),
    st.randoms(use_true_random=False),
)
def test_the_order_of_lists_and_items_changes_nothing_and_in_a_cluster_nobody_overlaps(
    made: list[tuple[int, list[dict[str, Any]]]], chance: random.Random
) -> None:
    anchor = pod("kube-system/dns", "10.0.9.9")  # makes all lists one cluster's
    files = [
        (f"{number}.json", datetime.fromisoformat(day(taken)), [anchor, *_unique(items)])
        for number, (taken, items) in enumerate(made)
    ]
    found = tenants([listed(*file) for file in files], AWS).known
    chance.shuffle(files)
    shuffled = [listed(name, taken, chance.sample(items, len(items))) for name, taken, items in files]
    assert tenants(shuffled, AWS).known == found
    pods = [each for each in found if each.kind == "pod"]
    for number, each in enumerate(pods):
        for other in pods[number + 1 :]:
            if each.address == other.address and each.since != other.since:
                assert each.until <= other.since or other.until <= each.since


def _unique(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({each["metadata"]["uid"]: each for each in items}.values())
