"""What must hold for every log: no byte and no cent is lost between the talks, or counted in two."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import pytest
from flows.test_flows import NAT, START, log, record
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from egresscost import money
from egresscost.addresses import places
from egresscost.conversation.ends import as_ends
from egresscost.conversation.partners import partners
from egresscost.conversation.talk import meant, of_one, of_two, rows
from egresscost.flows import FlowOptions, read
from egresscost.flows.trace import trace_flows
from egresscost.formats.reading import Options
from egresscost.pipeline import Request, run
from egresscost.providers.aws.flows import recognize
from egresscost.sources.storage import Blob

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from egresscost.flows.trace import FlowTrace
    from egresscost.results import Partner

HOSTS = {
    "10.0.1.5": ("eni-web", "use1-az1", "subnet-a"),
    "10.0.1.6": ("eni-api", "use1-az1", "subnet-a"),
    "10.0.2.9": ("eni-db", "use1-az2", "subnet-b"),
}
EDGE = "10.0.1.80"
OUTSIDE = ("193.0.6.139", "193.0.6.140", "8.8.8.8")
DAY = 86400
Flow = tuple[str, str, str, int, int]
"""How it goes, from whom, to whom, bytes, day."""

own, outside = st.sampled_from(sorted(HOSTS)), st.sampled_from(OUTSIDE)
size, day = st.integers(1, 2**45), st.sampled_from([0, 1, 40])
_PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
"""A failing log is small enough to be read as it is; shrinking it would take minutes."""
flows = st.lists(
    st.one_of(
        st.tuples(st.just("nat"), own, outside, size, day),
        st.tuples(st.just("back"), outside, own, size, day),
        st.tuples(st.just("edge"), st.just(EDGE), outside, size, day),
        st.tuples(st.just("inside"), own, own, size, day).filter(lambda flow: flow[1] != flow[2]),
    ),
    min_size=1,
    max_size=12,
)


def at(host: str, src: str, dst: str, flow: Flow, way: str, **changes: str) -> str:
    interface, zone, subnet = HOSTS.get(host, ("eni-edge", "use1-az1", "subnet-a"))
    when = {"start": str(START + DAY * flow[4]), "end": str(START + DAY * flow[4] + 60)}
    return record(interface, src, dst, flow[3], way, **(when | {"az_id": zone, "subnet_id": subnet} | changes))


def through(src: str, dst: str, flow: Flow, way: str, **changes: str) -> str:
    return at(EDGE, src, dst, flow, way, interface_id="eni-nat", **changes)


def records(flow: Flow) -> list[str]:
    """What a flow leaves in the logs of the interfaces on its way."""
    kind, src, dst, _, _ = flow
    if kind == "nat":
        return [
            at(src, src, dst, flow, "egress", traffic_path="1"),
            through(src, NAT, flow, "ingress", pkt_dstaddr=dst),
            through(NAT, dst, flow, "egress", traffic_path="8"),
        ]
    if kind == "back":
        return [
            through(src, NAT, flow, "ingress"),
            through(NAT, dst, flow, "egress", pkt_srcaddr=src, traffic_path="1"),
            at(dst, src, dst, flow, "ingress"),
        ]
    if kind == "edge":
        return [at(src, src, dst, flow, "egress", traffic_path="8")]
    return [at(src, src, dst, flow, "egress", traffic_path="1"), at(dst, src, dst, flow, "ingress")]


def inventory(folder: Path) -> str:
    """Who is a NAT: a log in which nobody sends through it does not tell."""
    listed = {
        "NetworkInterfaceId": "eni-nat",
        "InterfaceType": "nat_gateway",
        "OwnerId": "111111111111",
        "VpcId": "vpc-a",
        "SubnetId": "subnet-a",
        "AvailabilityZoneId": "use1-az1",
        "PrivateIpAddress": NAT,
    }
    (folder / "interfaces.json").write_text(json.dumps({"NetworkInterfaces": [listed]}))
    return str(folder / "interfaces.json")


@cache
def packaged() -> places.Places:
    return places.load()


def traced(path: Path, *keep: str) -> FlowTrace:
    file = recognize(Blob(path, path.name))
    assert file is not None
    known = FlowOptions(inventory=(inventory(path.parent),))
    (trace,) = trace_flows({"aws": [file]}, known, Options(), keep=keep)
    return trace


def named(partner: Partner) -> frozenset[str]:
    return frozenset(each.address or each.place for each in (partner.own, partner.end))


def talks(trace: FlowTrace) -> Iterator[tuple[str, Partner]]:
    talk = rows(trace)
    for address in (*HOSTS, EDGE, NAT):
        for partner in partners(as_ends(of_one(talk, meant(address, trace), trace)), trace):
            yield address, partner


@settings(max_examples=8, deadline=None, phases=_PHASES, suppress_health_check=list(HealthCheck))
@given(given_=flows)
def test_the_talks_of_an_address_add_up_to_what_was_seen_of_it_and_all_to_the_report(
    tmp_path_factory: pytest.TempPathFactory, given_: list[Flow]
) -> None:
    path = log(tmp_path_factory.mktemp("some") / "some.log", *(line for flow in given_ for line in records(flow)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read, "places_of", lambda _: packaged())
        patch.setattr("egresscost.flows.trace.places_of", lambda _: packaged())
        known = FlowOptions(inventory=(inventory(path.parent),))
        report = run(Request([str(path)], flows=known))
        trace, apart = traced(path), traced(path, *OUTSIDE)
    seen: Counter[str] = Counter()
    of_pair: Counter[frozenset[str]] = Counter()
    for flow in given_:
        _, src, dst, count, _ = flow
        for end in {src, dst}:
            seen[end] += count * len(records(flow))
        of_pair[frozenset((src, dst))] += count * len(records(flow))
    found = list(talks(trace))
    sighted: Counter[str] = Counter()
    for address, partner in found:
        sighted[address] += partner.sighted
    inner = {address: count for address, count in seen.items() if address in HOSTS or address == EDGE}
    assert {address: sighted[address] for address in inner} == inner
    costs = {named(partner): partner.cost for address, partner in found if address != NAT}
    assert money.total(costs.values()) == report.totals[0].network
    one_by_one = {named(partner): partner for address, partner in talks(apart) if address != NAT}
    assert {pair: partner.sighted for pair, partner in one_by_one.items()} == dict(of_pair)
    assert money.total(each.cost for each in one_by_one.values()) == report.totals[0].network


def test_a_stranger_who_is_told_apart_is_classified_as_before(tmp_path: Path) -> None:
    flow: Flow = ("nat", "10.0.1.5", OUTSIDE[0], 2**40, 0)
    path = log(tmp_path / "some.log", *records(flow), *records(("back", OUTSIDE[0], "10.0.1.5", 2**33, 0)))
    plain, apart = traced(path), traced(path, OUTSIDE[0])
    assert plain.trace.situations["rule"].sort().to_list() == apart.trace.situations["rule"].sort().to_list()
    talk = rows(apart)
    found = of_two(talk, meant("10.0.1.5", apart), meant(OUTSIDE[0], apart), apart)
    assert found["bytes"].sum() == 3 * (2**40 + 2**33)
    assert isinstance(partners(as_ends(found.with_columns()), apart)[0].cost, Decimal)
