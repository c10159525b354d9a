"""The billing export from BigQuery: which table, what it costs, and all rows or none."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from providers.gcp.api.server import Reply, error, served
from providers.gcp.api.warehouse import DETAILED, STANDARD, Warehouse

import egresscost
from egresscost.errors import PermissionRefusedError, ServiceError, UsageError
from egresscost.periods import Window
from egresscost.providers.gcp.api import bill
from egresscost.providers.gcp.api.cloud import Cloud
from egresscost.sources.live import Ask, Errand, LiveSource, Missed, TransientError, What

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa
    from providers.gcp.api.server import Server

NOW = datetime(2026, 11, 1, 2, tzinfo=UTC)
OCTOBER = Window(date(2026, 10, 1), date(2026, 11, 1))


@dataclass
class Home:
    """A project with a bill."""

    server: Server
    holds: Warehouse
    waits: list[float] = field(default_factory=list)

    def plan(self, *named: str, window: Window = OCTOBER, now: datetime = NOW) -> list[Errand | Missed | str]:
        source = LiveSource(
            "home", "gcp", project="shop-1", bill=named or ("auto",), endpoints={"bigquery": self.server.url}
        )
        cloud = Cloud(source, sleep=self.waits.append)
        return list(bill.plan(cloud, Ask(window, window, frozenset({What.BILL}), now)))

    def errand(self, *named: str) -> Errand:
        (found,) = self.plan(*named)
        assert isinstance(found, Errand), found
        return found


@pytest.fixture
def home() -> Iterator[Callable[..., Home]]:
    with ExitStack() as stack:

        def make(**changes: object) -> Home:
            holds = Warehouse(**changes)  # type: ignore[arg-type]
            return Home(stack.enter_context(served(holds)), holds)

        yield make


def rows(errand: Errand) -> pa.Table:
    file = BytesIO()
    errand.fetch(file)
    return pq.read_table(BytesIO(file.getvalue()))


def test_a_month_comes_whole_over_three_pages_and_is_read_as_a_bill(home: Callable[..., Home], tmp_path: Path) -> None:
    errand = home().errand()
    with (tmp_path / "standard-202610.parquet").open("wb") as file:
        errand.fetch(file)
    report = egresscost.analyze(tmp_path)
    (source,) = report.sources
    assert (source.rows, source.format) == (25, "Google Cloud billing export")
    assert report.totals[0].bill_amounts.billed_cost == Decimal("37.5")
    assert report.totals[0].bill_amounts.net_cost == Decimal("31.25")


def test_asked_for_are_the_columns_that_mean_something_of_the_partitions_that_may_hold_the_days(
    home: Callable[..., Home],
) -> None:
    there = home()
    rows(there.errand())
    (query,) = there.holds.queries
    columns, _, rest = query.removeprefix("SELECT ").partition(" FROM ")
    table, _, where = rest.partition(" WHERE ")
    assert columns == (
        "billing_account_id, STRUCT(service.id AS id, service.description AS description) AS service, "
        "STRUCT(sku.id AS id, sku.description AS description) AS sku, usage_start_time, cost, currency, credits"
    )
    assert table == f"`shop-1.billing.{STANDARD}`"
    assert where == (
        'usage_start_time >= TIMESTAMP "2026-10-01" AND usage_start_time < TIMESTAMP "2026-11-01" '
        'AND _PARTITIONTIME >= TIMESTAMP "2026-09-30"'
    )


@pytest.mark.parametrize(
    ("partition", "ending"),
    [(None, '"2026-11-01"'), ({"type": "DAY", "field": "export_time"}, 'export_time >= TIMESTAMP "2026-09-30"')],
)
def test_a_copy_of_the_table_may_be_cut_otherwise(
    home: Callable[..., Home], partition: dict[str, str] | None, ending: str
) -> None:
    there = home(partition=partition)
    rows(there.errand())
    assert there.holds.queries[0].endswith(ending)


def test_what_it_costs_is_measured_before_and_a_limit_holds_it_there(home: Callable[..., Home]) -> None:
    errand = home(scanned=1 << 40, needed=1 << 40).errand()
    assert (errand.size, errand.fee) == (1 << 40, Decimal("6.25"))
    there = home(scanned=1 << 30, needed=2 << 30)
    with pytest.raises(ServiceError, match="bytesBilledLimitExceeded") as caught:
        rows(there.errand())
    assert caught.value.hint == "the table has grown since the query was measured: run again"
    assert f"limit for bytes billed: {(5 << 30) // 4}." in caught.value.details[0]


def test_planning_runs_no_query(home: Callable[..., Home]) -> None:
    there = home()
    there.errand()
    assert there.holds.queries == []


def test_who_comes_again_does_not_pay_again(home: Callable[..., Home]) -> None:
    there = home()
    errand = there.errand()
    there.server.faults += [None, error(503, "UNAVAILABLE", reason="backendError")]
    with pytest.raises(TransientError):
        rows(errand)
    assert rows(errand).num_rows == 25
    assert rows(errand).num_rows == 25
    assert len(there.holds.queries) == 1


def test_a_query_whose_answer_was_lost_runs_once(home: Callable[..., Home]) -> None:
    there = home()
    errand = there.errand()
    there.server.faults.append(Reply(b"{", cut=0, headers={"Connection": "close"}))
    with pytest.raises(TransientError):
        rows(errand)
    assert rows(errand).num_rows == 25
    assert len(there.holds.queries) == 1


def test_a_query_that_takes_its_time_is_waited_for(home: Callable[..., Home]) -> None:
    there = home(busy=3)
    assert rows(there.errand()).num_rows == 25
    assert there.holds.busy == 0


def test_planning_waits_as_it_is_asked_to_and_what_never_answers_is_missed(home: Callable[..., Home]) -> None:
    there = home()
    there.server.faults += [error(429, "RESOURCE_EXHAUSTED", headers={"Retry-After": "5"}), error(503, "UNAVAILABLE")]
    there.errand()
    assert there.waits == [5.0, 2.0]
    there.server.faults += [None, None, *[error(503, "UNAVAILABLE")] * 7]
    (missed,) = there.plan()
    assert isinstance(missed, Missed)
    assert missed.name == f"shop-1.billing.{STANDARD}"


@pytest.mark.parametrize("fewer", [24, 26])
def test_fewer_rows_than_were_said_are_no_answer(home: Callable[..., Home], fewer: int) -> None:
    with pytest.raises(TransientError, match=f"25 of {fewer} rows"):
        rows(home(said=fewer).errand())


def test_a_page_that_is_cut_is_no_answer(home: Callable[..., Home]) -> None:
    there = home()
    errand = there.errand()
    there.server.faults += [None, None, Reply({"rows": []}, cut=4)]
    with pytest.raises(TransientError):
        rows(errand)
    assert rows(errand).num_rows == 25


@pytest.mark.parametrize(
    ("reply", "after"),
    [
        (error(403, "PERMISSION_DENIED", "too many", reason="rateLimitExceeded"), None),
        (error(429, "RESOURCE_EXHAUSTED", headers={"Retry-After": "9"}), 9.0),
        (error(500, "INTERNAL", reason="internalError"), None),
    ],
)
def test_limits_are_reasons_to_come_again(home: Callable[..., Home], reply: Reply, after: float | None) -> None:
    there = home()
    errand = there.errand()
    there.server.faults.append(reply)
    with pytest.raises(TransientError) as caught:
        rows(errand)
    assert caught.value.after == after


def test_of_one_billing_account_the_detailed_export_counts_alone(home: Callable[..., Home]) -> None:
    there = home(tables={"logs": ["other"], "billing": ["a", "b", STANDARD, DETAILED, "z_view"]})
    errand = there.errand()
    assert errand.path == f"bigquery/shop-1.billing.{DETAILED}/detailed-202610.parquet"


def test_a_dataset_or_a_table_can_be_named(home: Callable[..., Home]) -> None:
    there = home(tables={"one": [STANDARD], "two": [STANDARD]})
    assert there.errand("bigquery:shop-1.two").path.startswith("bigquery/shop-1.two.")
    assert there.errand(f"bigquery:shop-1.one.{STANDARD}").path.startswith("bigquery/shop-1.one.")
    assert there.plan("none") == []
    assert there.plan("gs://bucket/export") == ["gs://bucket/export"]
    with pytest.raises(UsageError, match="no place of a bill"):
        there.plan("bigquery:two")


def test_what_is_not_there_or_not_allowed_is_missed_by_name(home: Callable[..., Home]) -> None:
    (missed,) = home(tables={"logs": ["a"]}).plan()
    assert isinstance(missed, Missed)
    assert (missed.name, missed.reason) == ("shop-1", "no dataset holds a billing export")
    there = home()
    there.server.faults.append(error(403, "PERMISSION_DENIED", "Access Denied", reason="accessDenied"))
    denied, nothing = there.plan()
    assert isinstance(denied, Missed)
    assert "bigquery.datasets.get" in denied.reason
    assert isinstance(nothing, Missed)
    (gone,) = there.plan(f"bigquery:shop-1.nowhere.{STANDARD}")
    assert isinstance(gone, Missed)
    assert gone.hint == "does it exist, and in this project?"


def test_a_query_that_is_not_allowed_names_the_permission(home: Callable[..., Home]) -> None:
    there = home()
    errand = there.errand()
    there.server.faults.append(error(403, "PERMISSION_DENIED", "Access Denied", reason="accessDenied"))
    with pytest.raises(PermissionRefusedError, match=r"bigquery\.jobs\.create, bigquery\.tables\.getData"):
        rows(errand)


def test_each_month_is_an_answer_of_its_own_and_a_closed_one_counts_longer(home: Callable[..., Home]) -> None:
    days = Window(date(2026, 8, 20), date(2026, 12, 1))
    found = [each for each in home().plan(window=days) if isinstance(each, Errand)]
    assert [(each.path[-14:-8], each.lasts) for each in found] == [
        ("202608", timedelta(days=7)),
        ("202609", timedelta(hours=6)),
        ("202610", timedelta(hours=6)),
        ("202611", timedelta(hours=6)),
    ]
    assert len({each.key for each in found}) == 4


def test_an_answer_that_was_kept_while_the_month_was_open_does_not_count_as_closed(home: Callable[..., Home]) -> None:
    there = home()
    early, late = (there.plan(now=moment)[0] for moment in (NOW, NOW + timedelta(days=60)))
    assert isinstance(early, Errand)
    assert isinstance(late, Errand)
    assert early.key != late.key


def test_the_fake_refuses_what_bigquery_refuses(home: Callable[..., Home]) -> None:
    import requests

    there = home()
    body = {"jobReference": {"location": "EU", "jobId": "j"}, "configuration": {"query": {"query": "SELECT 1"}}}
    answer = requests.post(f"{there.server.url}/bigquery/v2/projects/shop-1/jobs", json=body, timeout=5)
    assert answer.status_code == 400
