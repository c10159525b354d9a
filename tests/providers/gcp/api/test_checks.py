"""What doctor is told: permissions, bills, sinks, and how subnets log."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from providers.gcp.api.objects import LOGGED, SHOP, subnet
from providers.gcp.api.server import Reply, compute, error, logging, served
from providers.gcp.api.warehouse import STANDARD, Warehouse
from providers.gcp.entries import entry

from egresscost.periods import Window
from egresscost.providers.gcp.api import GcpLive
from egresscost.providers.gcp.api.checks import permissions
from egresscost.sources.live import Ask, Finding, LiveSource, What

if TYPE_CHECKING:
    from collections.abc import Iterator

    from providers.gcp.api.server import Request, Server

DAYS = Window(date(2026, 10, 1), date(2026, 11, 1))
ASK = Ask(DAYS, DAYS, frozenset(What), datetime(2026, 11, 1, tzinfo=UTC))
WITHOUT = {"storage.objects.get", "compute.routers.list"}


def manager(request: Request) -> Reply:
    """`projects.testIamPermissions`: those of the permissions asked for that the caller has."""
    if (request.method, request.path) != ("POST", "/v1/projects/shop-1:testIamPermissions"):
        return error(404, "NOT_FOUND")
    asked = request.body["permissions"]
    if len(asked) > 100 or any("*" in each for each in asked):
        return error(400, "INVALID_ARGUMENT")
    return Reply({"permissions": [each for each in asked if each not in WITHOUT]})


@pytest.fixture
def servers() -> Iterator[dict[str, Server]]:
    networks = {
        **SHOP,
        "subnetworks": [
            subnet("us-central1", "10.0.0.0/16", logConfig=LOGGED),
            subnet("us-east4", "10.2.0.0/16", logConfig=LOGGED),
            subnet("europe-west1", "10.1.0.0/16", logConfig={"enable": False}),
            subnet(
                "asia-east1",
                "10.3.0.0/16",
                logConfig={"enable": True, "flowSampling": 1.0, "metadata": "EXCLUDE_ALL_METADATA"},
            ),
        ],
    }
    sinks = [{"name": "keep", "destination": "storage.googleapis.com/flows", "filter": 'logName:"vpc_flows"'}]
    answers: dict[str, Any] = {
        "bigquery": Warehouse(),
        "compute": compute(networks),
        "logging": logging([entry("SRC web ripe 5 1")], sinks),
        "resourcemanager": manager,
    }
    with ExitStack() as stack:
        yield {name: stack.enter_context(served(answer)) for name, answer in answers.items()}


def findings(servers: dict[str, Server]) -> dict[str, Finding]:
    source = LiveSource(
        "home", "gcp", project="shop-1", endpoints={name: server.url for name, server in servers.items()}
    )
    return {each.subject: each for each in GcpLive().check(source, ASK)}


def test_each_permission_of_the_role_is_tried(servers: dict[str, Server]) -> None:
    found = findings(servers)
    assert {name: found[name].state for name in permissions()} == {
        **dict.fromkeys(permissions(), "ok"),
        "storage.objects.get": "note",
        "compute.routers.list": "refused",
    }


def test_bills_and_flow_logs_are_found_with_what_to_write_into_the_settings(servers: dict[str, Server]) -> None:
    found = findings(servers)
    bill = found[f"bill shop-1.billing.{STANDARD}"]
    assert (bill.state, bill.setting, bill.what) == ("ok", f"bigquery:shop-1.billing.{STANDARD}", What.BILL)
    assert "1,200 rows, 5.00 GB, last changed 2026-10-30" in bill.text
    assert "$6.25 for each TiB" in bill.text
    sink, direct = found["flows by sink keep"], found["flows in shop-1"]
    assert (sink.setting, sink.what, direct.state, direct.setting) == ("gs://flows", What.FLOWS, "note", "")
    assert servers["bigquery"].paths().count("POST /bigquery/v2/projects/shop-1/jobs") == 0


def test_subnets_say_how_they_log_and_what_turning_it_on_costs(servers: dict[str, Server]) -> None:
    found = {name: each for name, each in findings(servers).items() if name.startswith("flow logs of")}
    half = found["flow logs of us-central1/net-us-central1, us-east4/net-us-east4"]
    assert half.text.startswith("on: flow sampling 0.5, aggregated over 5 sec, include all metadata")
    assert "--flow-sampling 0.5" in half.text
    whole = found["flow logs of asia-east1/net-asia-east1"]
    assert whole.text == "on: flow sampling 1, aggregated over 5 sec, exclude all metadata"
    off = found["flow logs of europe-west1/net-europe-west1"]
    assert (off.state, "$0.25 per GiB" in off.text) == ("missing", True)


def test_external_addresses_are_counted_by_network_tier(servers: dict[str, Server]) -> None:
    assert findings(servers)["external addresses of shop-1"].text == "by network tier: 1 premium"


def test_a_refusal_hides_nothing_that_comes_after(servers: dict[str, Server]) -> None:
    denied = error(403, "PERMISSION_DENIED", "no", reason="forbidden")
    servers["resourcemanager"].faults.append(denied)
    servers["bigquery"].faults.append(denied)
    servers["logging"].faults.append(error(404, "NOT_FOUND"))
    servers["compute"].faults.append(Reply(b"{", 200))
    found = findings(servers)
    assert [(name, each.state) for name, each in found.items()][1:] == [
        ("permissions in shop-1", "refused"),
        ("bill in shop-1", "refused"),
        ("flow logs of shop-1", "failed"),
        *[(name, each.state) for name, each in found.items()][4:],
    ]
    assert len(found) == 8


def test_the_role_only_reads(servers: dict[str, Server]) -> None:
    del servers
    role = json.loads(GcpLive().policy(LiveSource("home", "gcp")))
    assert role["includedPermissions"] == sorted(role["includedPermissions"])
    verbs = {each.rpartition(".")[2] for each in role["includedPermissions"]}
    assert verbs == {"get", "getData", "list", "create"}
    assert [each for each in permissions() if each.endswith("create")] == ["bigquery.jobs.create"]
