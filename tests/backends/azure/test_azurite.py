"""Exports and flow logs in a real blob storage, with tokens over TLS and with a key."""

from __future__ import annotations

import gzip
import json
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import obstore
import pytest
from backends.azure.conftest import ACCOUNT, KEY, Storage
from obstore.store import AzureStore
from providers.azure.api.cloud import SUB, Cloud, Usage
from providers.azure.api.test_plan import GROUP, NETWORK, SCOPE, WATCHER, flow_log
from providers.azure.api.test_query import EGRESS
from providers.azure.exports import ea, text

from egresscost.errors import CredentialsError, MissingSourceError, PermissionRefusedError
from egresscost.periods import Window, previous_month
from egresscost.providers.azure.api.live import AzureLive
from egresscost.providers.azure.api.scopes import months
from egresscost.sources import objects
from egresscost.sources.live import Ask, Errand, LiveSource, Missed, What

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

NOW = datetime.now(UTC)
LAST = previous_month(NOW.date())
WINDOW = Window(LAST, NOW.date() + timedelta(days=1))
MONTH = months(WINDOW, NOW)[0][0]
ROW = ea(SubscriptionId=SUB, Date=f"{LAST:%m}/21/{LAST:%Y}", BillingPeriodStartDate=f"{LAST:%m/%d/%Y}")


def container(storage: Storage, name: str) -> AzureStore:
    """A container, made with the key. An object store makes none, so the request is signed by hand."""
    import base64
    import hashlib
    import hmac
    from email.utils import formatdate

    import requests

    stamp = formatdate(usegmt=True)
    canonical = f"x-ms-date:{stamp}\nx-ms-version:2021-08-06\n/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container"
    to_sign = "PUT" + "\n" * 12 + canonical
    signature = base64.b64encode(hmac.new(base64.b64decode(KEY), to_sign.encode(), hashlib.sha256).digest()).decode()
    headers = {"x-ms-date": stamp, "x-ms-version": "2021-08-06", "Authorization": f"SharedKey {ACCOUNT}:{signature}"}
    verify = str(storage.authority) if storage.authority else True
    made = requests.put(f"{storage.url}/{ACCOUNT}/{name}?restype=container", headers=headers, verify=verify, timeout=10)
    assert made.status_code in {201, 409}, made.text
    options: dict[str, Any] = {"allow_http": storage.authority is None}
    if storage.authority:
        options["root_certificate"] = storage.authority.read_bytes()
    return AzureStore(
        name, account_name=ACCOUNT, account_key=KEY, endpoint=f"{storage.url}/{ACCOUNT}", client_options=options
    )


@pytest.fixture
def exported(secure: Storage, cloud: Cloud) -> dict[str, bytes]:
    """An export with two runs of last month and one that is not finished, and what its newest whole run holds."""
    store = container(secure, "costs")
    parts = {"part_0_0001.csv": text([ROW, ROW], bom=True), "part_1_0001.csv.gz": gzip.compress(text([ROW], bom=True))}
    base = f"out/daily/{MONTH.folder}"
    obstore.put(store, f"{base}/run-1/part_0_0001.csv", text([ROW] * 9))
    obstore.put(store, f"{base}/run-1/manifest.json", json.dumps(manifest("run-1", ["part_0_0001.csv"])).encode())
    for name, content in parts.items():
        obstore.put(store, f"{base}/run-2/{name}", content)
    obstore.put(store, f"{base}/run-2/manifest.json", json.dumps(manifest("run-2", list(parts))).encode())
    obstore.put(store, f"{base}/run-3/part_0_0001.csv", text([ROW] * 20))
    where = {"resourceId": f"{SCOPE}/x/storageAccounts/{ACCOUNT}", "container": "costs", "rootFolderPath": "out"}
    about = {
        "definition": {"type": "ActualCost"},
        "deliveryInfo": {"destination": where},
        "schedule": {"status": "Active"},
    }
    cloud.lists[f"{SCOPE}/providers/Microsoft.CostManagement/exports"] = [{"name": "daily", "properties": about}]
    cloud.lists["/subscriptions"] = [{"subscriptionId": SUB, "displayName": "Ferry", "state": "Enabled"}]
    cloud.lists[f"{NETWORK}/networkWatchers"] = []
    for kind in ("networkInterfaces", "virtualNetworks", "publicIPAddresses", "natGateways", "privateEndpoints"):
        cloud.lists[f"{NETWORK}/{kind}"] = []
    cloud.lists[f"{SCOPE}/providers/Microsoft.Compute/virtualMachines"] = []
    return parts


def manifest(run: str, names: list[str]) -> dict[str, Any]:
    blobs = [{"blobName": f"out/daily/{MONTH.folder}/{run}/{name}"} for name in names]
    dates = {"startDate": f"{LAST}T00:00:00Z", "submittedTime": f"{NOW:%Y-%m-%d}T0{run[-1]}:00:00Z"}
    return {
        "manifestVersion": "2024-04-01",
        "blobs": blobs,
        "exportConfig": {"exportName": "daily", "type": "ActualCost"},
        "runInfo": {"runId": run, **dates},
    }


@pytest.fixture
def source(cloud: Cloud, secure: Storage) -> LiveSource:
    where = {"management": cloud.url, "login": cloud.url, "blob": secure.url}
    return LiveSource("home", "azure", endpoints=where)


def planned(source: LiveSource, *what: What) -> list[Errand | Missed | str]:
    return list(AzureLive().plan(source, Ask(WINDOW, WINDOW, frozenset(what), NOW)))


def test_a_run_of_an_export_is_found_listed_and_fetched_with_a_token(
    source: LiveSource, exported: dict[str, bytes], tmp_path: Path
) -> None:
    url, *rest = planned(source, What.BILL)
    assert url == f"az://{ACCOUNT}/costs/out/daily/{MONTH.folder}/run-2"
    assert [step.name.partition(",")[0] for step in rest if isinstance(step, Errand)] == ["cost details"]
    got = {}
    for errand in objects.errands(str(url), AzureLive(), source, What.BILL):
        path = tmp_path / errand.path.rpartition("/")[2]
        with path.open("wb") as file:
            errand.fetch(file)
        got[path.name] = path.read_bytes()
        assert errand.size == len(got[path.name])
    assert {name: content for name, content in got.items() if name != "manifest.json"} == exported


def test_a_token_that_storage_does_not_take_is_said(
    source: LiveSource, exported: dict[str, bytes], cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert exported
    monkeypatch.setattr(cloud, "storage_token", lambda: cloud.token)
    with pytest.raises((CredentialsError, PermissionRefusedError)):
        list(objects.errands(f"az://{ACCOUNT}/costs/out", AzureLive(), source, What.BILL))


def test_a_key_of_the_shell_opens_its_own_account_only(
    plain: Storage, source: LiveSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    obstore.put(container(plain, "keyed"), "a/b.csv", b"x")
    local = LiveSource("home", "azure", endpoints={**source.endpoints, "blob": plain.url})
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT", ACCOUNT)
    monkeypatch.setenv("AZURE_STORAGE_KEY", KEY)
    (errand,) = objects.errands(f"az://{ACCOUNT}/keyed/a", AzureLive(), local, What.BILL)
    assert errand.size == 1
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT", "another")
    with pytest.raises(Exception, match="only with TLS"):
        list(objects.errands(f"az://{ACCOUNT}/keyed/a", AzureLive(), local, What.BILL))


def test_a_key_of_another_account_stands_in_nobodys_way(
    source: LiveSource, exported: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library reads such variables by itself; the token comes first."""
    assert exported
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "another")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "d3Jvbmc=")
    assert list(objects.errands(f"az://{ACCOUNT}/costs/out", AzureLive(), source, What.BILL))


def test_a_wrong_key_is_no_permission(plain: Storage, source: LiveSource, monkeypatch: pytest.MonkeyPatch) -> None:
    obstore.put(container(plain, "keyed"), "a/b.csv", b"x")
    local = LiveSource("home", "azure", endpoints={**source.endpoints, "blob": plain.url})
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT", ACCOUNT)
    monkeypatch.setenv("AZURE_STORAGE_KEY", "d3Jvbmc=")
    with pytest.raises((CredentialsError, PermissionRefusedError)) as caught:
        list(objects.errands(f"az://{ACCOUNT}/keyed/a", AzureLive(), local, What.BILL))
    assert "d3Jvbmc" not in str(caught.value)


def test_a_container_that_is_not_there_is_said(source: LiveSource, secure: Storage) -> None:
    assert secure.url
    with pytest.raises(MissingSourceError):
        list(objects.errands(f"az://{ACCOUNT}/nowhere/a", AzureLive(), source, What.BILL))


def record(minute: int) -> dict[str, Any]:
    moment = int(datetime(LAST.year, LAST.month, 21, 7, minute, tzinfo=UTC).timestamp() * 1000)
    tuples = [f"{moment},10.0.0.4,20.1.1.1,50000,443,6,O,E,NX,1,5000,1,300"]
    return {
        "time": f"{LAST:%Y-%m}-21T07:{minute:02}:00.0000000Z",
        "flowLogVersion": 4,
        "flowLogGUID": "guid-v",
        "macAddress": "000D3A000001",
        "category": "FlowLogFlowEvent",
        "flowLogResourceID": f"{WATCHER}/FLOWLOGS/V".upper(),
        "targetResourceID": f"{GROUP}/virtualNetworks/v",
        "operationName": "FlowLogFlowEvent",
        "flowRecords": {"flows": [{"aclID": "acl", "flowGroups": [{"rule": "any", "flowTuples": tuples}]}]},
    }


@pytest.fixture
def logged(secure: Storage, cloud: Cloud) -> str:
    """A flow log with one hour of last month, and one of now."""
    store = container(secure, "insights-logs-flowlogflowevent")
    root = f"flowLogResourceID=/{SUB.upper()}_NETWORKWATCHERRG/NETWORKWATCHER_EASTUS2_V"
    content = json.dumps({"records": [record(1), record(2)]}).encode()
    for when in (datetime(LAST.year, LAST.month, 21, 7, tzinfo=UTC), NOW):
        obstore.put(store, f"{root}/{when:y=%Y/m=%m/d=%d/h=%H}/m=00/macAddress=000D3A000001/PT1H.json", content)
    cloud.lists[f"{NETWORK}/networkWatchers"] = [{"id": WATCHER, "location": "eastus2"}]
    log = flow_log("v", f"{GROUP}/virtualNetworks/v")
    log["properties"]["storageId"] = f"{SCOPE}/x/storageAccounts/{ACCOUNT}"
    cloud.lists[f"{WATCHER}/flowLogs"] = [log]
    return f"az://{ACCOUNT}/insights-logs-flowlogflowevent/{root}/{LAST:y=%Y/m=%m}/d=21"


def test_flow_logs_lead_to_days_that_are_over(source: LiveSource, exported: dict[str, bytes], logged: str) -> None:
    assert exported
    url, missed = planned(source, What.FLOWS)
    assert url == logged
    assert isinstance(missed, Missed)
    assert missed.expected
    (errand,) = objects.errands(str(url), AzureLive(), source, What.FLOWS)
    assert errand.path.endswith("/h=07/m=00/macAddress=000D3A000001/PT1H.json")


# Through the installed command.


@pytest.fixture
def settings(tmp_path: Path, source: LiveSource) -> Path:
    lines = [
        "[sources.home]",
        'provider = "azure"',
        "[sources.home.endpoints]",
        *(f'{name} = "{address}"' for name, address in source.endpoints.items()),
    ]
    path = tmp_path / "egresscost.toml"
    path.write_text("\n".join(lines))
    return path


def test_a_live_report_says_what_one_of_the_same_files_says(
    run: Callable[..., subprocess.CompletedProcess[str]],
    settings: Path,
    exported: dict[str, bytes],
    logged: str,
    cloud: Cloud,
) -> None:
    """The month that an export holds; the open one has no costs yet."""
    tmp_path = settings.parent
    assert logged
    cloud.usage = [Usage(NOW.date(), "0", "0", EGRESS)]
    period = ("--since", f"{LAST:%Y-%m}", "--json")
    clock = {"SOURCE_DATE_EPOCH": str(int(NOW.timestamp())), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    live = run("report", *period, **clock)
    assert live.returncode == 0, live.stderr
    folder = tmp_path / "saved" / "out" / "daily" / MONTH.folder / "run-2"
    folder.mkdir(parents=True)
    for name, content in exported.items():
        (folder / name).write_bytes(content)
    hour = tmp_path / "saved" / "PT1H.json"
    hour.write_text(json.dumps({"records": [record(1), record(2)]}))
    saved = run("report", "--input", str(tmp_path / "saved"), *period, **clock)
    assert saved.returncode == 0, saved.stderr
    assert json.loads(live.stdout)["lines"] == json.loads(saved.stdout)["lines"]
    before = len(cloud.asked)
    again = run("report", *period, **clock)
    assert json.loads(again.stdout)["lines"] == json.loads(live.stdout)["lines"]
    assert not any("/query" in path or "CostDetails" in path for _, path, _ in cloud.asked[before:])


def test_doctor_names_what_is_there(
    run: Callable[..., subprocess.CompletedProcess[str]],
    settings: Path,
    exported: dict[str, bytes],
    logged: str,
    cloud: Cloud,
) -> None:
    assert settings.exists()
    assert exported
    assert logged
    cloud.lists["/providers/Microsoft.Billing/billingAccounts"] = []
    done = run("doctor", SOURCE_DATE_EPOCH=str(int(NOW.timestamp())))
    assert done.returncode == 0, done.stderr
    assert f'bill = ["exports:{SCOPE}"]' in done.stdout
    assert f'flows = ["az://{ACCOUNT}/insights-logs-flowlogflowevent"]' in done.stdout
    assert KEY not in done.stdout
    assert cloud.token not in done.stdout + done.stderr


GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "live-azure.md"
SHOWN = [
    line.strip() for line in GUIDE.read_text(encoding="utf-8").splitlines() if line.strip().startswith("egresscost ")
]


@pytest.mark.parametrize("line", SHOWN)
@pytest.mark.usefixtures("exported", "logged")
def test_every_command_line_of_the_guide_works_for_a_new_user(
    line: str, run: Callable[..., subprocess.CompletedProcess[str]], settings: Path, cloud: Cloud
) -> None:
    """With the emulators as Azure, which is what the settings are for."""
    cloud.lists["/providers/Microsoft.Billing/billingAccounts"] = []
    place = {"SOURCE_DATE_EPOCH": str(int(NOW.timestamp())), "XDG_CACHE_HOME": str(settings.parent / "cache")}
    done = run(*shlex.split(line)[1:], **place)
    assert done.returncode == 0, done.stderr
    assert done.stdout
