"""Costs by the Query API, asked by the SDK's client over TLS."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from providers.azure.api.cloud import MODERN, OTHER_SUB, SUB, Cloud, Fault, Usage
from providers.azure.exports import Bill, read

from egresscost.errors import CredentialsError, PermissionRefusedError, ServiceError, UsageError
from egresscost.formats.bill import read_bill
from egresscost.formats.reading import Options
from egresscost.frame import C
from egresscost.periods import Window
from egresscost.providers.azure.api.live import AzureLive
from egresscost.sources.collect import Fetching, collect
from egresscost.sources.live import Ask, Errand, LiveSource, TransientError, What
from egresscost.sources.storage import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OCTOBER = Window(date(2026, 10, 1), date(2026, 11, 1))
EGRESS = {
    "MeterCategory": "Bandwidth",
    "MeterSubcategory": "Rtn Preference: MGN",
    "Meter": "Standard Data Transfer Out",
    "ResourceLocation": "US East 2",
    "ChargeType": "Usage",
    "PricingModel": "OnDemand",
}
DISK = EGRESS | {"MeterCategory": "Storage", "MeterSubcategory": "Premium SSD Managed Disks", "Meter": "P4 LRS Disk"}
WHERE = f"/subscriptions/{SUB}"


@pytest.fixture(autouse=True)
def _usage(cloud: Cloud) -> None:
    days = [date(2026, 10, 1) + timedelta(days=number) for number in range(31)]
    cloud.usage = [Usage(day, "8.25", "100", EGRESS) for day in days] + [Usage(day, "0.1", "7", DISK) for day in days]


def errands(source: LiveSource, text: str = f"cost-management:{WHERE}", window: Window = OCTOBER) -> list[Errand]:
    asked = LiveSource("home", "azure", bill=(text,), flows=("none",), inventory=False, endpoints=source.endpoints)
    ask = Ask(window, window, frozenset({What.BILL}), NOW)
    steps = list(AzureLive().plan(asked, ask))
    assert all(isinstance(step, Errand) for step in steps)
    return [step for step in steps if isinstance(step, Errand)]


def fetch(errand: Errand) -> bytes:
    file = io.BytesIO()
    errand.fetch(file)
    return file.getvalue()


def saved(errand: Errand, folder: Path) -> Path:
    path = folder / "fetched" / errand.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(fetch(errand))
    return path


@pytest.mark.parametrize("size", [1000, 20, 7])
def test_an_answer_of_any_number_of_pages_is_one_whole_bill(
    cloud: Cloud, source: LiveSource, tmp_path: Path, size: int
) -> None:
    cloud.page_size = size
    (errand,) = errands(source)
    bill = read(saved(errand, tmp_path))
    assert cloud.count("/query") == -(-62 // size)
    assert (bill.network, bill.total(), bill.codes) == (Decimal("255.75"), Decimal("258.85"), set())
    assert {row["boundary"] for row in bill.rows if row["bytes"]} == {"internet"}
    assert bill.read.frame[C.ACCOUNT].unique().tolist() == [SUB]


def test_the_questions_carry_a_client_type_and_ask_for_nothing_else_than_the_days(
    cloud: Cloud, source: LiveSource
) -> None:
    window = Window(date(2026, 9, 20), date(2026, 10, 11))
    found = errands(source, window=window)
    assert [errand.name for errand in found] == [
        f"Cost Management, {SUB}, September 2026",
        f"Cost Management, {SUB}, October 2026",
    ]
    assert [errand.lasts for errand in found] == [None, None]
    assert not cloud.asked
    document = json.loads(fetch(found[1]))
    assert document["asked"]["question"]["timePeriod"] == {"from": "2026-10-01T00:00:00Z", "to": "2026-10-10T23:59:59Z"}
    assert len(document["pages"][0]["properties"]["rows"]) == 20
    assert {headers["clienttype"] for _, path, headers in cloud.asked if "query" in path} == {"egresscost"}


def test_the_open_month_is_asked_for_again_and_days_to_come_are_not_asked_for(source: LiveSource) -> None:
    (errand,) = errands(source, window=Window(date(2026, 11, 1), date(2026, 12, 1)))
    assert errand.lasts == timedelta(hours=6)
    assert "2026-11-01 to 2026-11-20" in errand.key


@pytest.mark.parametrize("dimensions", ["legacy", "modern"])
def test_every_agreement_knows_the_groups(cloud: Cloud, source: LiveSource, dimensions: str) -> None:
    if dimensions == "modern":
        cloud.dimensions = MODERN
    (errand,) = errands(source)
    assert json.loads(fetch(errand))["asked"]["leftOut"] == ""
    assert cloud.count("/query") == 1


def test_a_group_that_is_refused_is_left_out_and_that_is_said(cloud: Cloud, source: LiveSource, tmp_path: Path) -> None:
    cloud.dimensions = MODERN - {"PricingModel", "ResourceLocation"}
    (errand,) = errands(source)
    bill = read(saved(errand, tmp_path))
    (notice,) = [notice for notice in bill.read.notices if notice.code == "coarse-answer"]
    assert "does not group by ResourceLocation; the service does not group by PricingModel" in notice.message
    assert bill.total() == Decimal("258.85")


def test_a_service_that_takes_two_groups_is_asked_for_two_and_the_total_stays(
    cloud: Cloud, source: LiveSource, tmp_path: Path
) -> None:
    cloud.most_groups = 2
    (errand,) = errands(source)
    bill = read(saved(errand, tmp_path))
    assert (bill.network, bill.total()) == (Decimal("255.75"), Decimal("258.85"))


def test_a_scope_above_subscriptions_tells_them_apart(cloud: Cloud, source: LiveSource, tmp_path: Path) -> None:
    cloud.usage += [Usage(date(2026, 10, 2), "3", "9", EGRESS, OTHER_SUB)]
    (errand,) = errands(source, "cost-management:/providers/Microsoft.Management/managementGroups/root")
    bill = read(saved(errand, tmp_path))
    assert set(bill.read.frame[C.ACCOUNT]) == {SUB, OTHER_SUB}
    assert bill.total() == Decimal("261.85")


@pytest.mark.parametrize("meter", ["qpu", "entity", "tenant", "client"])
def test_the_longest_wish_of_any_throttle_header_counts(cloud: Cloud, source: LiveSource, meter: str) -> None:
    wish = {f"x-ms-ratelimit-microsoft.costmanagement-{meter}-retry-after": "17"}
    cloud.faults = [Fault("/query", 429, {"Retry-After": "2", **wish}), Fault("/query", 429, wish)]
    (errand,) = errands(source)
    for _ in range(2):
        with pytest.raises(TransientError) as caught:
            fetch(errand)
        assert (caught.value.after, caught.value.progress) == (17, False)
    assert cloud.count("/query") == 2
    assert b'"rows"' in fetch(errand)


def test_a_throttle_between_pages_goes_on_where_it_was(cloud: Cloud, source: LiveSource, tmp_path: Path) -> None:
    cloud.page_size = 10
    cloud.faults = [Fault("/query", 429, {"Retry-After": "4"}, skip=3), Fault("/query", 429, {"Retry-After": "4"})]
    (errand,) = errands(source)
    for progress in (True, False):
        with pytest.raises(TransientError) as caught:
            fetch(errand)
        assert caught.value.progress is progress
    assert read(saved(errand, tmp_path)).total() == Decimal("258.85")
    assert cloud.count("/query") == 7 + 2


@pytest.mark.parametrize(
    ("fault", "after"),
    [
        (Fault("/query", 503), None),
        (Fault("/query", 503, {"Retry-After": "9"}), 9),
        (Fault("/query", 429, {"retry-after-ms": "1500"}), 1.5),
        (Fault("/query", 429), None),
        (Fault("/query", 200, body='{"properties": {"rows": [[1,'), None),
        (Fault("/query", how="cut"), None),
    ],
    ids=["503", "503 with a wish", "milliseconds", "429", "no JSON", "cut"],
)
def test_what_may_work_next_time_is_tried_again(
    cloud: Cloud, source: LiveSource, fault: Fault, after: float | None
) -> None:
    cloud.faults = [fault]
    (errand,) = errands(source)
    with pytest.raises(TransientError) as caught:
        fetch(errand)
    assert caught.value.after == after
    assert b'"rows"' in fetch(errand)


def _other_columns(answer: dict[str, Any]) -> dict[str, Any]:
    if answer["name"] != "0":
        answer["properties"]["columns"].reverse()
    return answer


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda answer: {"value": answer}, "no columns and rows"),
        (lambda answer: {**answer, "properties": {**answer["properties"], "rows": None}}, "no columns and rows"),
        (lambda answer: {**answer, "properties": {**answer["properties"], "rows": [[1]]}}, "rows of another length"),
        (_other_columns, "changes its columns on page 2"),
        (
            lambda answer: {
                **answer,
                "properties": {**answer["properties"], "nextLink": "https://elsewhere.example/next"},
            },
            "leads to another host, elsewhere.example",
        ),
    ],
    ids=["wrapped", "no rows", "short rows", "other columns", "other host"],
)
def test_an_answer_of_another_shape_is_none(
    cloud: Cloud, source: LiveSource, change: Callable[[dict[str, Any]], dict[str, Any]], said: str
) -> None:
    cloud.page_size, cloud.change = 30, change
    (errand,) = errands(source)
    with pytest.raises(ServiceError, match=said):
        fetch(errand)
    assert all("elsewhere" not in headers.get("host", "") for _, _, headers in cloud.asked)


def test_pages_that_go_round_in_circles_end(cloud: Cloud, source: LiveSource) -> None:
    cloud.page_size = 30

    def circle(answer: dict[str, Any]) -> dict[str, Any]:
        link = answer["properties"]["nextLink"]
        answer["properties"]["nextLink"] = link and link.rpartition("=")[0] + "=30"
        return answer

    cloud.change = circle
    (errand,) = errands(source)
    with pytest.raises(ServiceError, match="round in circles"):
        fetch(errand)


def test_no_content_is_an_answer_without_rows(cloud: Cloud, source: LiveSource) -> None:
    cloud.faults = [Fault("/query", 204)]
    (errand,) = errands(source)
    assert json.loads(fetch(errand))["pages"][0]["properties"]["rows"] == []


def test_no_permission_names_it_and_who_lacks_it(cloud: Cloud, source: LiveSource) -> None:
    cloud.faults = [Fault("/query", 403, body='{"error": {"code": "RBACAccessDenied", "message": "no"}}')]
    (errand,) = errands(source)
    with pytest.raises(PermissionRefusedError) as caught:
        fetch(errand)
    assert (
        "22222222-0000-0000-0000-000000000002 lacks the permission Microsoft.CostManagement/query/action"
        in caught.value.message
    )


def test_a_token_that_is_not_accepted_is_no_permission(cloud: Cloud, source: LiveSource) -> None:
    cloud.faults = [Fault("/query", 401, body='{"error": {"code": "ExpiredAuthenticationToken", "message": "old"}}')]
    (errand,) = errands(source)
    with pytest.raises(CredentialsError, match="az login"):
        fetch(errand)


def test_a_wrong_secret_is_said_without_the_secret(source: LiveSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "another-secret-value")
    (errand,) = errands(source)
    with pytest.raises(CredentialsError, match="Invalid client secret") as caught:
        fetch(errand)
    assert "another-secret-value" not in str(caught.value)


def test_a_redirect_is_not_followed(cloud: Cloud, source: LiveSource) -> None:
    cloud.faults = [Fault("/query", 307, {"Location": f"{cloud.url}/elsewhere"})]
    (errand,) = errands(source)
    with pytest.raises(ServiceError, match="sends elsewhere"):
        fetch(errand)
    assert cloud.count("elsewhere") == 0


def test_a_certificate_that_nobody_trusts_is_no_matter_of_trying_again(
    source: LiveSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    (errand,) = errands(source)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises((ServiceError, CredentialsError), match=r"certificate|CERTIFICATE"):
        fetch(errand)


def test_an_answer_that_does_not_come_is_tried_again(cloud: Cloud, source: LiveSource) -> None:
    from egresscost.providers.azure.api.identity import credential
    from egresscost.providers.azure.api.places import places
    from egresscost.providers.azure.api.query import errand
    from egresscost.providers.azure.api.scopes import months
    from egresscost.providers.azure.api.service import Management

    where = places(source)
    impatient = Management(where, credential(where), read_timeout=0.3)
    cloud.faults = [Fault("/query", how="slow")]
    (month,), _ = months(OCTOBER, NOW)
    with pytest.raises(TransientError, match="connection broke"):
        fetch(errand(impatient, WHERE, month))


def test_a_text_that_is_no_scope_is_refused(source: LiveSource) -> None:
    for text in ("cost-management:", "cost-management:../x", "cost-explorer", "nonsense:/subscriptions/x"):
        with pytest.raises(UsageError):
            errands(source, text)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "Nope"},
        {"timeframe": "LastCentury"},
        {"grouping": [{"type": "Dimension", "name": "Continent"}]},
        {"aggregation": {"a": {"name": "Cost", "function": "Avg"}}},
        {"colour": "red"},
    ],
)
def test_the_fake_refuses_wrong_questions(cloud: Cloud, source: LiveSource, body: dict[str, Any]) -> None:
    (errand,) = errands(source)
    question = json.loads(fetch(errand))["asked"]["question"]
    cloud.question(question)
    inner = {key: value for key, value in body.items() if key in {"grouping", "aggregation"}}
    question["dataset"] |= inner
    question |= {key: value for key, value in body.items() if key not in inner}
    with pytest.raises(Exception, match="BadRequest") as caught:
        cloud.question(question)
    assert type(caught.value).__name__ == "RefusedError"


def test_two_subscriptions_and_two_months_add_up(cloud: Cloud, source: LiveSource, tmp_path: Path) -> None:
    """Through the collecting that reports use, where files have names for people."""
    cloud.usage += [
        Usage(date(2026, 9, 2), "3", "9", EGRESS, OTHER_SUB),
        Usage(date(2026, 10, 2), "4", "9", EGRESS, OTHER_SUB),
    ]
    window = Window(date(2026, 9, 1), date(2026, 11, 1))
    bills = tuple(f"cost-management:/subscriptions/{sub}" for sub in (SUB, OTHER_SUB))
    asked = LiveSource("home", "azure", bill=bills, flows=("none",), inventory=False, endpoints=source.endpoints)
    with Workspace() as workspace:
        ask = Ask(window, window, frozenset({What.BILL}), NOW)
        got = collect([], ask, Fetching(sources=(asked,), folder=tmp_path / "kept"), workspace)
        bill = Bill(read_bill(got.blobs, workspace, Options()))
    assert (len(got.blobs), got.notices) == (4, [])
    assert bill.total() == Decimal("265.85")
    assert set(bill.read.frame[C.ACCOUNT]) == {SUB, OTHER_SUB}
