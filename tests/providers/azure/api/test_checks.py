"""What `doctor` finds at Azure: permissions tried one by one, exports, flow logs, networks without one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import obstore
import pytest
from obstore.store import MemoryStore
from providers.azure.api.cloud import CLIENT, SUB, Cloud, Fault
from providers.azure.api.test_plan import GROUP, NETWORK, ROOT, SCOPE, WATCHER, flow_log, item

from egresscost.errors import CredentialsError
from egresscost.periods import Window, previous_month
from egresscost.providers.azure.api.live import AzureLive
from egresscost.providers.azure.api.network_lists import LISTS
from egresscost.providers.azure.api.scopes import months
from egresscost.sources.live import Ask, Finding, LiveSource, What

if TYPE_CHECKING:
    from egresscost.providers.azure.api.stores import Container

NOW = datetime.now(UTC)
"""A memory store writes by this machine's clock."""
WINDOW = Window(previous_month(NOW.date()), NOW.date() + timedelta(days=1))
ASK = Ask(WINDOW, WINDOW, frozenset(What), NOW)


@pytest.fixture
def store(cloud: Cloud) -> MemoryStore:
    """A subscription with an export, two networks and one flow log; and what they wrote."""
    cloud.lists["/subscriptions"] = [{"subscriptionId": SUB, "displayName": "Ferry", "state": "Enabled"}]
    for kind, (namespace, _) in LISTS.items():
        cloud.lists[f"{SCOPE}/providers/{namespace}/{kind}"] = []
    cloud.lists[f"{NETWORK}/virtualNetworks"] = [
        {"id": f"{GROUP}/virtualNetworks/{name}"} for name in ("v", "dark", "w")
    ]
    cloud.lists[f"{SCOPE}/providers/Microsoft.CostManagement/exports"] = [item()]
    cloud.lists[f"{NETWORK}/networkWatchers"] = [{"id": WATCHER, "location": "eastus2"}]
    cloud.lists[f"{WATCHER}/flowLogs"] = [
        flow_log("v", f"{GROUP}/virtualNetworks/v"),
        flow_log("off", f"{GROUP}/virtualNetworks/w", enabled=False),
    ]
    cloud.lists["/providers/Microsoft.Billing/billingAccounts"] = []
    store = MemoryStore()
    wanted, _ = months(WINDOW, NOW)
    obstore.put(store, f"out/daily/{wanted[0].folder}/run/manifest.json", b"{}")
    day = NOW.date() - timedelta(days=3)
    obstore.put(store, f"{ROOT}/y={day.year}/m={day.month:02}/d={day.day:02}/h=01/m=00/macAddress=1/PT1H.json", b"{}")
    return store


def found(source: LiveSource, store: MemoryStore | None, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    live = AzureLive()

    def opened(container: Container, _source: LiveSource) -> MemoryStore | None:
        assert container.account in {"acct", "logs"}
        return store

    monkeypatch.setattr(live, "_opened", opened)
    return list(live.check(source, ASK))


def test_everything_that_is_there_is_found_with_what_to_write_to_use_it(
    source: LiveSource, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    findings = found(source, store, monkeypatch)
    by = {each.subject: each for each in findings}
    assert (by["identity"].text, by["subscriptions"].text) == (CLIENT, f"Ferry ({SUB})")
    assert by["export daily"].text == f"ActualCost, active: finished runs of {WINDOW.start:%Y-%m}"
    assert by["export daily"].setting == f"exports:{SCOPE}"
    log = by["flows v"]
    day: date = NOW.date() - timedelta(days=3)
    assert (log.state, log.setting) == ("ok", "az://logs/insights-logs-flowlogflowevent")
    assert log.text.endswith(f"last day {day}")
    assert "flow log off" in by["flows w"].text
    assert (by["flows dark"].state, "5 GB a month" in by["flows dark"].text) == ("missing", True)
    assert by["Microsoft.CostManagement/query/action"].state == "ok"
    assert by["Microsoft.CostManagement/generateCostDetailsReport/action"].state == "note"
    assert by["Microsoft.Network/virtualNetworks/read"].text == f"{SUB}: 3"


def test_each_refusal_is_a_finding_and_not_the_end(
    cloud: Cloud, source: LiveSource, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.denied = {
        "Microsoft.Network/natGateways",
        "Microsoft.CostManagement/query",
        "Microsoft.CostManagement/exports",
        "flowLogs",
        "Microsoft.Billing/billingAccounts",
    }
    refused = {each.subject: each.text for each in found(source, store, monkeypatch) if each.state == "refused"}
    assert set(refused) == {
        "Microsoft.CostManagement/exports/read",
        "Microsoft.CostManagement/query/action",
        "Microsoft.Network/networkWatchers/flowLogs/read",
        "Microsoft.Network/natGateways/read",
    }
    assert all(CLIENT in text for text in refused.values())


def test_a_busy_service_is_a_finding(
    cloud: Cloud, source: LiveSource, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.faults = [Fault("natGateways", 503)]
    (failed,) = [each for each in found(source, store, monkeypatch) if each.state == "failed"]
    assert failed.subject == "Microsoft.Network/natGateways/read"


def test_without_credentials_that_is_all_there_is_to_say(source: LiveSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "wrong")
    with pytest.raises(CredentialsError):
        found(source, None, monkeypatch)
