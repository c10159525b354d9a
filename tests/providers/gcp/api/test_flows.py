"""Flow logs: by a sink to a bucket, by one to BigQuery, out of Cloud Logging itself; never by two ways."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from providers.gcp.api.server import Reply, error, logging, served, storage
from providers.gcp.entries import COMPUTE, entry, lines, nat

import egresscost
from egresscost.errors import PermissionRefusedError, ServiceError, UsageError
from egresscost.frame import C
from egresscost.periods import Window
from egresscost.providers.gcp.api import GcpLive, entries, flows
from egresscost.providers.gcp.api.cloud import Cloud
from egresscost.sources.live import Ask, Errand, LiveSource, Missed, TransientError, What

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


NOW = datetime(2026, 10, 9, 12, tzinfo=UTC)
DAYS = Window(date(2026, 10, 6), date(2026, 10, 9))
LINES = ("SRC web db 1000 10", "SRC web ripe 5000 50", "SRC db web 70 1", "SRC eu web 900 9", "SRC web api 300 3")


def made() -> list[dict[str, Any]]:
    """Seven entries of 7 October, one of the first minutes after the last day, and one of another log."""
    day = [
        entry(line, start=f"2026-10-07T1{number}:00:00.5Z")
        | {"timestamp": f"2026-10-07T1{number}:00:05Z", "insertId": f"i{number}"}
        for number, line in enumerate(LINES)
    ]
    late = entry("SRC web ripe 11 1", start="2026-10-08T23:58:00Z") | {"timestamp": "2026-10-09T00:03:00Z"}
    other = day[0] | {"logName": "projects/shop-1/logs/syslog"}
    return [*day, nat("web2", "ripe"), late, other]


def plan(
    endpoints: dict[str, str], *named: str, window: Window = DAYS, sleep: list[float] | None = None
) -> list[Errand | Missed | str]:
    source = LiveSource("home", "gcp", project="shop-1", flows=named or ("auto",), endpoints=endpoints)
    cloud = Cloud(source, sleep=(sleep if sleep is not None else []).append)
    return list(flows.plan(cloud, Ask(window, window, frozenset({What.FLOWS}), NOW)))


def written(steps: Sequence[Errand | Missed | str], folder: Path) -> list[Path]:
    """The answers of errands, as files."""
    found = []
    for step in steps:
        assert isinstance(step, Errand), step
        path = folder / step.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            step.fetch(file)
        found.append(path)
    return found


def fetched(errand: Errand | Missed | str) -> list[dict[str, Any]]:
    assert isinstance(errand, Errand)
    file = BytesIO()
    errand.fetch(file)
    return [json.loads(line) for line in file.getvalue().splitlines()]


def test_days_come_over_many_pages_and_read_as_if_saved_by_hand(tmp_path: Path) -> None:
    with served(logging(made(), size=2)) as server:
        paths = written(plan({"logging": server.url}), tmp_path / "live")
    assert [path.name for path in paths] == [
        "flows-2026-10-06.json",
        "flows-2026-10-07.json",
        "flows-2026-10-08.json",
        "flows-2026-10-09-late.json",
    ]
    assert [path.read_text().count("\n") for path in paths] == [0, 6, 0, 1]
    by_hand = tmp_path / "hand.json"
    by_hand.write_text(lines(*made()[:-1]))
    live = egresscost.analyze([path for path in paths if path.stat().st_size]).bill
    saved = egresscost.analyze(by_hand).bill
    assert len(live) > 0
    plain = [frame.drop(columns=C.ORIGIN).reset_index(drop=True) for frame in (live, saved)]
    assert plain[0].equals(plain[1])


def test_a_day_is_asked_for_once_and_by_its_own_moments() -> None:
    with served(logging(made())) as server:
        first, *_ = plan({"logging": server.url}, "logging:projects/shop-1")
        assert fetched(first) == []
        (request,) = server.seen
    assert request.body == {
        "resourceNames": ["projects/shop-1"],
        "filter": 'logName=("projects/shop-1/logs/compute.googleapis.com%2Fvpc_flows" OR '
        '"projects/shop-1/logs/networkmanagement.googleapis.com%2Fvpc_flows" OR '
        '"projects/shop-1/logs/compute.googleapis.com%2Fnat_flows") '
        'AND timestamp>="2026-10-06T00:00:00Z" AND timestamp<"2026-10-07T00:00:00Z"',
        "orderBy": "timestamp asc",
        "pageSize": 1000,
    }


def test_a_limit_in_the_middle_of_a_day_costs_a_wait_and_no_new_start() -> None:
    waits: list[float] = []
    with served(logging(made(), size=2)) as server:
        errands = plan({"logging": server.url}, "logging:projects/shop-1", sleep=waits)
        server.faults += [None, error(429, "RESOURCE_EXHAUSTED", headers={"Retry-After": "20"})]
        assert len(fetched(errands[1])) == 6
    assert waits == [20.0]
    assert len(server.seen) == 4


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply({"results": []}), ServiceError),
        (Reply({"entries": {}}), ServiceError),
        (error(403, "PERMISSION_DENIED", "Permission denied"), PermissionRefusedError),
    ],
)
def test_another_shape_and_a_refusal_are_no_empty_day(reply: Reply, kind: type[Exception]) -> None:
    with served(logging(made(), size=2)) as server:
        day = plan({"logging": server.url}, "logging:projects/shop-1")[1]
        server.faults += [None, reply]
        with pytest.raises(kind):
            fetched(day)


def test_a_page_that_is_cut_every_time_is_no_end_of_the_day() -> None:
    with served(logging(made(), size=2)) as server:
        day = plan({"logging": server.url}, "logging:projects/shop-1")[1]
        server.faults += [None, *[Reply({"entries": []}, cut=3)] * 7]
        with pytest.raises(TransientError):
            fetched(day)


def test_days_that_are_over_count_for_ever_and_today_does_not() -> None:
    window = Window(date(2026, 10, 7), date(2026, 11, 1))
    with served(logging(made())) as server:
        found = [each for each in plan({"logging": server.url}, window=window) if isinstance(each, Errand)]
    assert [(each.path[-15:-5], each.lasts) for each in found] == [
        ("2026-10-07", None),
        ("2026-10-08", timedelta(hours=1)),
        ("2026-10-09", timedelta(hours=1)),
    ]
    assert [each.key.rpartition(" ")[2] for each in found] == ["settled", "open", "open"]


def sink(name: str, destination: str, words: str = 'logName:"vpc_flows"', **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"name": name, "destination": destination, "filter": words, **more}


def test_sinks_are_followed_to_one_place_and_the_others_are_named() -> None:
    known = [
        sink("audit", "storage.googleapis.com/audit", 'logName:"cloudaudit"'),
        sink("to-bq", "bigquery.googleapis.com/projects/shop-1/datasets/logs"),
        sink("off", "storage.googleapis.com/old", disabled=True),
        sink("topic", "pubsub.googleapis.com/projects/shop-1/topics/t"),
        sink("keep", "storage.googleapis.com/flows"),
    ]
    keys = [f"compute.googleapis.com/vpc_flows/2026/10/{day}/00:00:00_00:59:59_S0.json" for day in ("05", "07", "08")]
    with served(logging(made(), known, size=2)) as server, served(storage(keys)) as bucket:
        found = plan({"logging": server.url, "storage": bucket.url})
        assert len(server.seen) == 3
    missed, *urls = found
    assert isinstance(missed, Missed)
    assert (missed.name, missed.hint) == ("sink to-bq", "name what shall be read: flows = ['bigquery:shop-1.logs']")
    assert urls == [f"gs://flows/compute.googleapis.com/vpc_flows/2026/10/{day}/" for day in ("07", "08")]


def test_a_bucket_is_read_by_day_and_for_the_first_minutes_of_the_next() -> None:
    log = "x/compute.googleapis.com/vpc_flows"
    keys = [
        *(f"{log}/2026/{day}/{hour}:00:00_{hour}:59:59_S0.json" for day in ("09/30", "10/01") for hour in ("00", "01")),
        f"{log}/2026/10/01/00:00:00_00:59:59_A0.json",
        "x/compute.googleapis.com/nat_flows/2026/09/30/00:00:00_00:59:59_S0.json",
    ]
    with served(storage(keys, size=2)) as bucket:
        found = plan({"storage": bucket.url}, "gs://logs/x/", window=Window(date(2026, 9, 29), date(2026, 10, 1)))
    assert found == [
        f"gs://logs/{log}/2026/09/30/",
        f"gs://logs/{log}/2026/10/01/00:00:00_00:59:59_A0.json",
        f"gs://logs/{log}/2026/10/01/00:00:00_00:59:59_S0.json",
        "gs://logs/x/compute.googleapis.com/nat_flows/2026/09/30/",
    ]


def test_the_folder_of_a_log_itself_can_be_named_and_one_without_days_is_meant_whole() -> None:
    with served(storage(["flows/2026/10/07/a.json", "dump/a.json"])) as bucket:
        assert plan({"storage": bucket.url}, "gs://logs/flows") == ["gs://logs/flows/2026/10/07/"]
        assert plan({"storage": bucket.url}, "gs://logs/dump") == ["gs://logs/dump"]


def test_a_bucket_that_has_other_days_only_is_no_empty_answer() -> None:
    with served(storage(["compute.googleapis.com/vpc_flows/2026/08/01/a.json"])) as bucket:
        (missed,) = plan({"storage": bucket.url}, "gs://logs")
    assert isinstance(missed, Missed)
    assert missed.reason == f"no folder of a day of {DAYS} is there"


def test_what_is_not_there_or_not_allowed_is_missed_by_name() -> None:
    with served(logging([])) as server:
        (nothing,) = plan({"logging": server.url})
        server.faults.append(error(403, "PERMISSION_DENIED"))
        refused, _ = plan({"logging": server.url})
    assert isinstance(nothing, Missed)
    assert nothing.reason == f"no sink of its own takes flow logs along, and Cloud Logging has none of {DAYS}"
    assert "--enable-flow-logs" in nothing.hint
    assert isinstance(refused, Missed)
    assert (refused.name, "logging.sinks.list" in refused.reason) == ("sinks of shop-1", True)
    assert plan({}, "none") == []
    with pytest.raises(UsageError, match="no place of flow logs"):
        plan({}, "s3://bucket")


def test_one_project_that_fails_leaves_the_others() -> None:
    source_of = {"project": "shop-1", "accounts": ("shop-1", "shop-2"), "bill": ("none",), "inventory": False}
    with served(logging(made())) as server:
        source = LiveSource("home", "gcp", endpoints={"logging": server.url}, **source_of)  # type: ignore[arg-type]
        server.faults += [None, None, error(404, "NOT_FOUND"), error(404, "NOT_FOUND")]
        found = list(GcpLive().plan(source, Ask(DAYS, DAYS, frozenset(What), NOW)))
    assert [type(each) for each in found] == [*[Errand] * 4, Missed, Missed]


def test_the_fake_refuses_what_cloud_logging_refuses() -> None:
    import requests

    with served(logging(made())) as server:
        for body in (
            {"resourceNames": [], "filter": ""},
            {"resourceNames": ["projects/p"], "pageSize": 5000},
            {"resourceNames": ["projects/p"], "sortBy": "timestamp"},
            {"resourceNames": ["projects/p"], "filter": f'logName="{COMPUTE}"'},
        ):
            answer = requests.post(f"{server.url}/v2/entries:list", json=body, timeout=5)
            assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert entries.PERMISSION == "logging.logEntries.list"
