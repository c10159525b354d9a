"""What is planned: exports' runs, days and hours of flow logs, lists of networks; and what is left out, by name."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import obstore
import pytest
from obstore.store import MemoryStore
from providers.azure.api.cloud import CLIENT, OTHER_SUB, SUB, Cloud, Fault

from egresscost.errors import CredentialsError, MissingSourceError, PermissionRefusedError, SettingsError, UsageError
from egresscost.periods import Window, previous_month
from egresscost.providers.azure.api import exports, flow_logs
from egresscost.providers.azure.api.live import AzureLive
from egresscost.providers.azure.api.scopes import months
from egresscost.providers.azure.api.stores import Container, Stored
from egresscost.providers.azure.inventory import read_inventory
from egresscost.sources.live import Ask, Errand, LiveSource, Missed, TransientError, What

if TYPE_CHECKING:
    from pathlib import Path

    from egresscost.providers.azure.api.live import Step

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
OCTOBER = Window(date(2026, 10, 1), date(2026, 11, 1))
SCOPE = f"/subscriptions/{SUB}"
NETWORK = f"{SCOPE}/providers/Microsoft.Network"
WATCHER = f"{SCOPE}/resourceGroups/NetworkWatcherRG/providers/Microsoft.Network/networkWatchers/NetworkWatcher_eastus2"
GROUP = f"{SCOPE}/resourceGroups/web/providers/Microsoft.Network"


@pytest.fixture(autouse=True)
def _subscriptions(cloud: Cloud) -> None:
    cloud.lists["/subscriptions"] = [
        {"subscriptionId": SUB, "displayName": "Ferry", "state": "Enabled"},
        {"subscriptionId": OTHER_SUB, "displayName": "Harbour", "state": "Enabled"},
        {"subscriptionId": "gone", "displayName": "Gone", "state": "Deleted"},
    ]
    for scope in (SCOPE, f"/subscriptions/{OTHER_SUB}"):
        cloud.lists[f"{scope}/providers/Microsoft.CostManagement/exports"] = []
        cloud.lists[f"{scope}/providers/Microsoft.Network/networkWatchers"] = []


def plan(source: LiveSource, *what: What, window: Window = OCTOBER, **changes: tuple[str, ...]) -> list[Step]:
    keys = {
        "accounts": source.accounts,
        "regions": source.regions,
        "bill": source.bill,
        "flows": source.flows,
    } | changes
    asked = LiveSource("home", "azure", inventory=source.inventory, endpoints=source.endpoints, **keys)
    return list(AzureLive().plan(asked, Ask(window, window, frozenset(what or What), NOW)))


# Exports.


def stored(key: str, day: str, size: int = 10) -> Stored:
    return Stored(key, datetime.fromisoformat(day).replace(tzinfo=UTC), size)


def item(name: str = "daily", view: str = "ActualCost", **destination: str) -> dict[str, Any]:
    where = {
        "resourceId": f"{SCOPE}/resourceGroups/x/providers/Microsoft.Storage/storageAccounts/acct",
        "container": "costs",
        "rootFolderPath": "/out/",
    }
    return {
        "id": f"{SCOPE}/providers/Microsoft.CostManagement/exports/{name}",
        "name": name,
        "properties": {
            "definition": {"type": view, "timeframe": "MonthToDate"},
            "deliveryInfo": {"destination": where | destination},
            "schedule": {"status": "Active"},
        },
    }


def test_exports_are_listed_to_the_last_page_and_the_actual_view_comes_first(cloud: Cloud, source: LiveSource) -> None:
    live = AzureLive()
    listed = [
        item("z", "AmortizedCost"),
        item("prices", "PriceSheet"),
        item("b", "FocusCost"),
        item("c"),
        item("d", container=""),
    ]
    cloud.lists[f"{SCOPE}/providers/Microsoft.CostManagement/exports"] = listed
    found = exports.exports(live._management(source), SCOPE)  # noqa: SLF001
    assert [(each.name, each.view) for each in found] == [
        ("c", "ActualCost"),
        ("b", "FocusCost"),
        ("z", "AmortizedCost"),
    ]
    assert found[0].url == "az://acct/costs/out/c"
    assert cloud.count("/exports") == 3


def test_the_newest_finished_run_of_a_month_is_taken() -> None:
    month = "out/daily/20261001-20261031"
    runs = [
        stored(f"{month}/run-1/manifest.json", "2026-11-02"),
        stored(f"{month}/run-1/part_0_0001.csv", "2026-11-02"),
        stored(f"{month}/run-2/part_0_0001.csv", "2026-11-04"),
        stored(f"{month}/run-0/manifest.json", "2026-10-30"),
    ]
    assert exports._newest(runs) == (f"{month}/run-1", datetime(2026, 11, 2, tzinfo=UTC))  # noqa: SLF001
    assert exports._newest([runs[2]]) is None  # noqa: SLF001
    single = [stored(f"{month}/daily_a.csv", "2026-10-30"), stored(f"{month}/daily_b.csv", "2026-11-03")]
    assert exports._newest(single) == (f"{month}/daily_b.csv", datetime(2026, 11, 3, tzinfo=UTC))  # noqa: SLF001


@pytest.mark.parametrize(
    ("made", "now", "whole"),
    [
        ("2026-11-02", "2026-11-20", True),
        ("2026-10-30", "2026-11-20", False),
        ("2026-10-30T18:00", "2026-11-01", True),
        ("2026-10-19", "2026-10-20", True),
        ("2026-10-12", "2026-10-20", False),
    ],
    ids=["after the month", "before its end", "month just over", "today", "stopped a week ago"],
)
def test_a_run_that_stopped_before_its_month_does_not_stand_for_it(made: str, now: str, *, whole: bool) -> None:
    present = datetime.fromisoformat(now).replace(tzinfo=UTC)
    (month,), _ = months(OCTOBER, present)
    assert exports._is_whole(datetime.fromisoformat(made).replace(tzinfo=UTC), month, present) is whole  # noqa: SLF001


def test_each_month_gets_its_run_and_a_month_without_one_gets_none() -> None:
    """A memory store writes by this machine's clock, so the months are those before now."""
    present = datetime.now(UTC)
    start = previous_month(previous_month(present.date()))
    wanted, _ = months(Window(start, present.date() + timedelta(days=1)), present)
    store = MemoryStore()
    for month in wanted[1:]:
        obstore.put(store, f"out/daily/{month.folder}/run/manifest.json", b"{}")
    obstore.put(store, f"out/daily/{start:%Y%m}05-{start:%Y%m}07/x/manifest.json", b"{}")
    export = exports._export(item())  # noqa: SLF001
    assert export is not None
    assert (
        exports.runs(export, store, wanted, present)
        == {  # type: ignore[arg-type]
            month.whole.start: f"az://acct/costs/out/daily/{month.folder}/run" for month in wanted[1:]
        }
    )
    assert len(wanted) == 3


def test_an_export_that_cannot_be_read_is_said_and_cost_management_asked(
    cloud: Cloud, source: LiveSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.lists[f"{SCOPE}/providers/Microsoft.CostManagement/exports"] = [item()]
    live = AzureLive()

    def closed(_container: Container, _source: LiveSource) -> None:
        message = "az://acct/costs cannot be read: no permission"
        raise PermissionRefusedError(message)

    monkeypatch.setattr(live, "_opened", closed)
    asked = LiveSource("home", "azure", accounts=(SUB,), endpoints=source.endpoints)
    missed, errand = live.plan(asked, Ask(OCTOBER, OCTOBER, frozenset({What.BILL}), NOW))
    assert isinstance(missed, Missed)
    assert (missed.expected, missed.name) == (True, "az://acct/costs/out/daily")
    assert isinstance(errand, Errand)
    assert errand.name == f"cost details, {SUB}, October 2026"


# Subscriptions.


def test_all_subscriptions_that_can_be_seen_are_asked_and_deleted_ones_are_not(source: LiveSource) -> None:
    names = [step.name for step in plan(source, What.BILL) if isinstance(step, Errand)]
    assert names == [f"cost details, {sub}, October 2026" for sub in (SUB, OTHER_SUB)]


def test_subscriptions_that_are_named_are_not_asked_for(cloud: Cloud, source: LiveSource) -> None:
    assert len(plan(source, What.BILL, accounts=(OTHER_SUB,))) == 1
    assert not any(path.startswith("/subscriptions?") for _, path, _ in cloud.asked)


def test_nobody_who_sees_nothing_is_told_so(cloud: Cloud, source: LiveSource) -> None:
    cloud.lists["/subscriptions"] = []
    with pytest.raises(PermissionRefusedError, match=f"{CLIENT} sees no subscription"):
        plan(source)


def test_a_subscription_that_fails_is_missing_by_name_and_the_others_are_not(cloud: Cloud, source: LiveSource) -> None:
    cloud.denied = {f"{OTHER_SUB}/providers/Microsoft.Network/networkWatchers"}
    steps = plan(source, What.FLOWS, What.INVENTORY)
    (missed,) = [step for step in steps if isinstance(step, Missed)]
    assert missed.name == f"Harbour ({OTHER_SUB})"
    assert f"{CLIENT} lacks the permission" in missed.reason
    assert len(steps) == 1 + 2 * 6


def test_when_everything_fails_that_is_an_error(cloud: Cloud, source: LiveSource) -> None:
    cloud.denied = {"networkWatchers"}
    with pytest.raises(PermissionRefusedError, match="networkWatchers"):
        plan(source, What.FLOWS)


def test_a_subscription_that_stays_busy_is_left_out_after_some_tries(cloud: Cloud, source: LiveSource) -> None:
    cloud.faults = [Fault(f"{OTHER_SUB}/providers/Microsoft.Network/networkWatchers", 503) for _ in range(5)]
    live = AzureLive()
    ask = Ask(OCTOBER, OCTOBER, frozenset({What.FLOWS}), NOW)
    for _ in range(2):
        with pytest.raises(TransientError):
            list(live.plan(source, ask))
    (missed,) = live.plan(source, ask)
    assert isinstance(missed, Missed)
    assert "HTTP 503" in missed.reason


def test_without_credentials_nothing_else_is_tried(source: LiveSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "wrong")
    with pytest.raises(CredentialsError, match="az login"):
        plan(source)


def test_where_no_credentials_were_looked_for_in_vain_is_said_in_one_line(
    source: LiveSource, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    with pytest.raises(CredentialsError) as caught:
        plan(source)
    assert len(caught.value.details) == 1
    assert "EnvironmentCredential" in caught.value.details[0]
    assert capfd.readouterr().err == ""


# Inventory.


def test_lists_are_read_to_their_end_and_become_an_inventory(cloud: Cloud, source: LiveSource, tmp_path: Path) -> None:
    nics = [
        {
            "id": f"{GROUP}/networkInterfaces/nic-{number}",
            "name": f"nic-{number}",
            "type": "Microsoft.Network/networkInterfaces",
            "location": "eastus2",
            "properties": {
                "macAddress": f"00-0D-3A-00-00-0{number}",
                "ipConfigurations": [
                    {
                        "name": "c",
                        "properties": {
                            "privateIPAddress": f"10.0.0.{number}",
                            "subnet": {"id": f"{GROUP}/virtualNetworks/v/subnets/s"},
                        },
                    }
                ],
            },
        }
        for number in range(5)
    ]
    cloud.lists[f"{NETWORK}/networkInterfaces"] = nics
    errand = next(
        step
        for step in plan(source, What.INVENTORY, accounts=(SUB,))
        if isinstance(step, Errand) and "networkInterfaces" in step.name
    )
    path = tmp_path / "nics.json"
    with path.open("wb") as file:
        errand.fetch(file)
    (snapshot,) = read_inventory([str(path)])
    assert [each.addresses for each in snapshot.interfaces] == [(f"10.0.0.{number}",) for number in range(5)]
    assert cloud.count("networkInterfaces") == 3


def test_a_service_that_a_subscription_never_used_has_no_things(
    cloud: Cloud, source: LiveSource, tmp_path: Path
) -> None:
    cloud.faults = [
        Fault("virtualMachines", 409, body='{"error": {"code": "MissingSubscriptionRegistration", "message": "no"}}')
    ]
    errand = next(
        step
        for step in plan(source, What.INVENTORY, accounts=(SUB,))
        if isinstance(step, Errand) and "virtualMachines" in step.name
    )
    path = tmp_path / "machines.json"
    with path.open("wb") as file:
        errand.fetch(file)
    assert json.loads(path.read_bytes()) == {"value": []}
    assert not any(method == "POST" and "register" in where for method, where, _ in cloud.asked)
    assert read_inventory([str(path)])[0].interfaces == ()


@pytest.mark.parametrize("body", ["[]", '{"value": {}}', '{"value": [1]}', '{"value": [], "nextLink": 7}'])
def test_a_list_of_another_shape_is_none(cloud: Cloud, source: LiveSource, body: str) -> None:
    errand = next(step for step in plan(source, What.INVENTORY, accounts=(SUB,)) if isinstance(step, Errand))
    cloud.faults = [Fault("networkInterfaces", 200, body=body)]
    with pytest.raises(Exception, match=r"no list|another shape|no link"):
        errand.fetch(io.BytesIO())


# Flow logs.


def flow_log(name: str, target: str, *, enabled: bool = True) -> dict[str, Any]:
    return {
        "id": f"{WATCHER}/flowLogs/{name}",
        "name": name,
        "location": "eastus2",
        "properties": {
            "targetResourceId": target,
            "storageId": f"{SCOPE}/resourceGroups/x/providers/Microsoft.Storage/storageAccounts/logs",
            "enabled": enabled,
            "retentionPolicy": {"days": 30, "enabled": True},
            "format": {"type": "JSON", "version": 2},
        },
    }


def test_settings_are_read_from_every_watcher_of_the_regions(cloud: Cloud, source: LiveSource) -> None:
    cloud.lists[f"{NETWORK}/networkWatchers"] = [
        {"id": WATCHER, "location": "eastus2"},
        {"id": "/other", "location": "westus"},
    ]
    cloud.lists[f"{WATCHER}/flowLogs"] = [
        flow_log("v", f"{GROUP}/virtualNetworks/v"),
        flow_log("n", f"{GROUP}/networkSecurityGroups/n", enabled=False),
    ]
    management = AzureLive()._management(source)  # noqa: SLF001
    from egresscost.providers.azure.api.subscriptions import Subscription

    vnet, nsg = flow_logs.settings(management, Subscription(SUB), ["East US 2"])
    assert (vnet.container.url, vnet.enabled, vnet.version, vnet.days) == (f"az://logs/{flow_logs.VNET}", True, 2, 30)
    assert vnet.folder == f"{SUB}_NETWORKWATCHERRG/NETWORKWATCHER_EASTUS2_V".upper()
    assert (nsg.container.url, nsg.enabled) == (f"az://logs/{flow_logs.NSG}", False)
    assert nsg.folder == f"{GROUP}/NETWORKSECURITYGROUPS/N".strip("/").upper()


LOG = flow_logs.FlowLog(
    f"{WATCHER}/flowLogs/v",
    "v",
    "eastus2",
    f"{GROUP}/virtualNetworks/v",
    Container("logs", flow_logs.VNET),
    enabled=True,
    version=2,
    days=0,
)
ROOT = f"flowLogResourceID=/{SUB.upper()}_NETWORKWATCHERRG/NETWORKWATCHER_EASTUS2_V"


@pytest.mark.parametrize("lower", [False, True], ids=["as Azure writes it", "in lower case"])
def test_days_that_are_over_are_whole_and_of_today_only_the_hours_that_are(*, lower: bool) -> None:
    store = MemoryStore()
    root = ROOT.partition("/")[0] + "/" + ROOT.partition("/")[2].lower() if lower else ROOT
    for when in (
        "y=2025/m=11/d=19/h=00",
        "y=2026/m=10/d=31/h=00",
        "y=2026/m=11/d=18/h=05",
        "y=2026/m=11/d=19/h=23",
        *(f"y=2026/m=11/d=20/h={hour:02}" for hour in (10, 11, 12)),
    ):
        obstore.put(store, f"{root}/{when}/m=00/macAddress=000D3A000001/PT1H.json", b"{}")
    steps = flow_logs.logged(LOG, store, Window(date(2026, 11, 18), date(2026, 11, 21)), NOW)  # type: ignore[arg-type]
    base = f"az://logs/{flow_logs.VNET}/{root}/y=2026/m=11"
    *urls, missed = steps
    assert urls == [f"{base}/d=18", f"{base}/d=19", f"{base}/d=20/h=10", f"{base}/d=20/h=11"]
    assert isinstance(missed, Missed)
    assert (missed.expected, missed.reason) == (True, "the hour from 12:00 UTC is still being written")


def test_a_log_that_wrote_nothing_is_said() -> None:
    store = MemoryStore()
    obstore.put(store, "flowLogResourceID=/OTHER_RG/OTHER_LOG/y=2026/m=11/d=18/h=05/m=00/x/PT1H.json", b"{}")
    with pytest.raises(MissingSourceError, match="holds nothing of the flow log v"):
        flow_logs.logged(LOG, store, OCTOBER, NOW)  # type: ignore[arg-type]


def test_a_container_without_settings_gives_the_days_of_all_its_logs() -> None:
    store = MemoryStore()
    for root in (ROOT, "flowLogResourceID=/OTHER_RG/OTHER_LOG"):
        for day in (17, 18):
            obstore.put(store, f"{root}/y=2026/m=11/d={day}/h=05/m=00/macAddress=1/PT1H.json", b"{}")
    window = Window(date(2026, 11, 18), date(2026, 11, 19))
    found = flow_logs.all_of(LOG.container, "", store, window, NOW)  # type: ignore[arg-type]
    assert sorted(str(each) for each in found) == [
        f"az://logs/{flow_logs.VNET}/{root}/y=2026/m=11/d=18"
        for root in (ROOT, "flowLogResourceID=/OTHER_RG/OTHER_LOG")
    ]


# Months and settings.


def test_days_before_the_reach_of_the_api_are_missing_by_name(source: LiveSource) -> None:
    steps = plan(source, What.BILL, accounts=(SUB,), window=Window(date(2025, 9, 1), date(2025, 11, 1)))
    missed = [step for step in steps if isinstance(step, Missed)]
    assert [each.name for each in missed] == [f"{SUB}, 2025-09-01 to 2025-09-30"]
    assert len(steps) == 2


def test_a_window_without_a_beginning_reaches_back_as_far_as_the_api_does() -> None:
    found, before = months(Window(date.min, date(2026, 12, 1)), NOW)
    assert (str(found[0]), str(found[-1]), len(found)) == ("October 2025", "November 2026", 14)
    assert before is not None
    assert [each.lasts for each in found[-2:]] == [None, timedelta(hours=6)]


@pytest.mark.parametrize(
    "endpoints",
    [
        {"blobs": "https://x"},
        {"management": "http://127.0.0.1:1"},
        {"blob": "http://storage.example"},
        {"login": "https://u:p@x"},
        {"blob": "ftp://x"},
    ],
)
def test_endpoints_are_known_and_safe(endpoints: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        list(
            AzureLive().plan(
                LiveSource("home", "azure", endpoints=endpoints), Ask(OCTOBER, OCTOBER, frozenset(What), NOW)
            )
        )


def test_a_sovereign_cloud_is_known_by_its_management() -> None:
    from egresscost.providers.azure.api.places import places

    found = places(LiveSource("home", "azure", endpoints={"management": "https://management.chinacloudapi.cn/"}))
    assert (found.login, found.blob) == (
        "https://login.chinacloudapi.cn",
        "https://{account}.blob.core.chinacloudapi.cn",
    )
    assert found.scope == "https://management.chinacloudapi.cn/.default"


def test_no_token_goes_to_an_emulator_without_tls(source: LiveSource) -> None:
    asked = LiveSource("home", "azure", endpoints={**source.endpoints, "blob": "http://127.0.0.1:1"})
    with pytest.raises(UsageError, match="only with TLS"):
        AzureLive().store("az://acct/costs", asked)


def test_the_policy_is_a_role_of_reading_only() -> None:
    role = json.loads(AzureLive().policy(LiveSource("home", "azure", accounts=(SUB,))))
    assert role["AssignableScopes"] == [SCOPE]
    reading = [each for each in (*role["Actions"], *role["DataActions"]) if each.endswith("/read")]
    asking = {"Microsoft.CostManagement/query/action", "Microsoft.CostManagement/generateCostDetailsReport/action"}
    assert set(role["Actions"]) | set(role["DataActions"]) == set(reading) | asking


@pytest.mark.parametrize(
    "url", ["az://evil.example#/costs", "az://acct/", "az://a?b/costs", "az://acct/Upper", "az://acct@evil/costs"]
)
def test_a_name_that_is_none_becomes_no_host(source: LiveSource, url: str) -> None:
    with pytest.raises(UsageError):
        AzureLive().store(url, source)
