"""Cost Explorer: the requests that a month takes, its pages, and the same totals as the Cost and Usage Report of that month."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import made
import pytest
from aws_fake import Explorer, Failure, Fake

import egresscost
from egresscost.errors import CredentialsError, PermissionRefusedError, ServiceError
from egresscost.frame import C
from egresscost.periods import Window
from egresscost.providers.aws.api import LIVE
from egresscost.sources.live import Ask, Errand, LiveSource, TransientError, What

if TYPE_CHECKING:
    from pathlib import Path

OCTOBER = Window(date(2026, 10, 1), date(2026, 11, 1))
NOW = datetime(2026, 11, 20, tzinfo=UTC)
ASK = Ask(OCTOBER, OCTOBER, frozenset({What.BILL}), NOW)
SOURCE = LiveSource("home", "aws", bill=("cost-explorer",))
ROWS = [
    made.line("2026-10-05"),
    made.line("2026-10-05", service="AmazonS3", operation="GetObject", amount="4", cost="0.36", resource="bucket"),
    made.line("2026-10-06", usage="USE1-USW2-AWS-Out-Bytes", amount="3.5", cost="0.07", account="100000000003"),
    made.line("2026-10-07", usage="NatGateway-Hours", operation="NatGateway", unit="Hrs", amount="24", cost="1.08"),
    made.line("2026-10-07", usage="DataTransfer-Regional-Bytes", operation="InterZone-In", amount="7", cost="0.07"),
    made.line("2026-10-07", usage="DataTransfer-Regional-Bytes", operation="InterZone-Out", amount="7", cost="0.07"),
    made.line("2026-10-08", usage="BoxUsage:t3.micro", family="", unit="Hrs", amount="24", cost="0.2496"),
    made.line("2026-10-08", type="Credit", amount="0", cost="-0.1", unit=""),
    made.line("2026-10-09", type="Tax", usage="", operation="", amount="1", cost="1.9", unit=""),
    made.line("2026-10-09", type="Refund", usage="BoxUsage:t3.micro", family="", amount="1", cost="-0.5", unit=""),
]


@pytest.fixture(autouse=True)
def _bill(fake: Fake) -> None:
    Explorer([dict(row) for row in ROWS], names={"100000000002": "shop"}).install(fake)


def plan(source: LiveSource = SOURCE, ask: Ask = ASK) -> list[Errand]:
    steps = list(LIVE.plan(source, ask))
    assert all(isinstance(step, Errand) for step in steps)
    return steps  # type: ignore[return-value]


def fetched(errand: Errand) -> bytes:
    file = io.BytesIO()
    errand.fetch(file)
    return file.getvalue()


def totals(path: Path) -> dict[tuple[Any, ...], tuple[Decimal, Decimal]]:
    """Cost and bytes by what both kinds of bills know of a line."""
    frame = egresscost.analyze(path, since="2026-10-01", until="2026-11-01").bill
    found: dict[tuple[Any, ...], tuple[Decimal, Decimal]] = defaultdict(lambda: (Decimal(0), Decimal(0)))
    columns = [C.ACCOUNT, C.USAGE_TYPE, C.CHARGE_CLASS, C.BOUNDARY, C.DIRECTION, C.CHARGE, C.BILLED_COST, C.BYTES]
    for *key, cost, size in (
        frame[columns].astype(object).where(lambda table: table.notna(), None).itertuples(index=False)
    ):
        money, count = found[tuple(key)]
        found[tuple(key)] = money + (cost or 0), count + (size or 0)
    return dict(found)


def test_cost_explorer_gives_the_totals_of_the_cost_and_usage_report(fake: Fake, tmp_path: Path) -> None:
    (errand,) = plan()
    live, saved = tmp_path / "october.json", made.write(tmp_path / "cur" / "october.csv", ROWS)
    live.write_bytes(fetched(errand))
    assert totals(live) == totals(saved)
    assert not fake.wrong
    frame = egresscost.analyze(live, since="2026-10-01", until="2026-11-01").bill
    assert {"AmazonEC2", "AmazonS3"} <= set(frame[C.SERVICE].dropna())
    assert set(frame[frame[C.ACCOUNT] == "100000000002"][C.ACCOUNT_NAME]) == {"shop"}


def test_pages_are_followed_to_the_last(fake: Fake, tmp_path: Path) -> None:
    days = [made.line(f"2026-10-{day:02}", amount="1", cost="0.09") for day in range(1, 8)]
    Explorer([dict(row) for row in days], page=2).install(fake)
    (errand,) = plan()
    path = tmp_path / "october.json"
    path.write_bytes(fetched(errand))
    cost = egresscost.analyze(path, since="2026-10-01", until="2026-11-01").bill[C.BILLED_COST].sum()
    assert cost == Decimal("0.63")
    assert sum(request.get("NextPageToken") is not None for _, request in fake.seen) >= 3


def test_what_a_pull_takes_is_said_before_and_a_settled_month_is_asked_for_once(fake: Fake) -> None:
    joined = {"Id": "1" * 12, "Status": "ACTIVE"}
    fake.answers["ListAccounts"] = lambda _: {"Accounts": [joined] * 3}
    both = replace(ASK, bill_window=Window(date(2026, 10, 1), date(2026, 11, 20)))
    october, november = plan(ask=both)
    assert {operation for operation, _ in fake.seen} == {"ListAccounts"}
    assert october.requests == 60
    assert (october.lasts, november.lasts) == (None, timedelta(hours=8))
    assert october.fee == october.requests * Decimal("0.01") > 0
    assert october.path == "cost-explorer/100000000001/2026-10.json"
    assert "AKID" not in october.key
    assert "hidden" not in repr(october)


def test_only_wanted_accounts_are_asked_for(tmp_path: Path) -> None:
    (errand,) = plan(ask=replace(ASK, accounts=("100000000003",)))
    path = tmp_path / "october.json"
    path.write_bytes(fetched(errand))
    assert {key[0] for key in totals(path)} == {"100000000003"}
    assert errand.key != plan()[0].key


@pytest.mark.parametrize(
    ("failure", "error", "text"),
    [
        (Failure(400, "ThrottlingException"), TransientError, "busy"),
        (Failure(400, "LimitExceededException"), TransientError, "busy"),
        (Failure(429, "TooMany", headers={"Retry-After": "7"}), TransientError, "busy"),
        (Failure(503, "ServiceUnavailable"), TransientError, "busy"),
        (Failure(200, body=b'{"DimensionValues": [', length=500), TransientError, "cut or none"),
        (Failure(200, body=b"{}"), TransientError, "cut or none"),
        (Failure(200, body=b'{"DimensionValues": [{"Val'), TransientError, "cut or none"),
        (Failure(400, "ExpiredTokenException"), CredentialsError, "credentials"),
        (Failure(400, "DataUnavailableException", "no data yet"), ServiceError, "no data yet"),
        (
            Failure(400, "AccessDeniedException", "User: arn:aws:iam::100000000001:user/ann is not authorized"),
            PermissionRefusedError,
            "ce:GetDimensionValues is refused to arn:aws:iam::100000000001:user/ann",
        ),
    ],
)
def test_each_failure_says_what_it_is(fake: Fake, failure: Failure, error: type[Exception], text: str) -> None:
    fake.failures["GetDimensionValues"] = [failure]
    (errand,) = plan()
    with pytest.raises(error, match=text) as caught:
        fetched(errand)
    assert "hidden" not in str(caught.value)
    if failure.headers:
        assert isinstance(caught.value, TransientError)
        assert caught.value.after == 7


def test_after_a_break_what_came_is_not_asked_for_again(fake: Fake) -> None:
    (errand,) = plan()
    whole = fetched(errand)
    asked = len(fake.seen)
    fake.seen.clear()
    fake.failures["GetCostAndUsage"] = []
    (again,) = plan()
    fake.failures["GetCostAndUsage"] = [Failure()]
    with pytest.raises(TransientError):
        fetched(again)
    before = len(fake.seen)
    assert fetched(again) == whole
    assert len(fake.seen) - before == asked - before + 1


def test_the_fake_refuses_what_aws_would_refuse(fake: Fake) -> None:
    import boto3
    from botocore.exceptions import ClientError

    client = boto3.client("ce", region_name="us-east-1")
    period = {"Start": "2026-10-01", "End": "2026-11-01"}
    for request in (
        {"TimePeriod": period, "Granularity": "WEEKLY", "Metrics": ["UnblendedCost"]},
        {"TimePeriod": {"Start": "October", "End": "2026-11-01"}, "Granularity": "DAILY", "Metrics": ["UnblendedCost"]},
        {
            "TimePeriod": period,
            "Granularity": "DAILY",
            "Metrics": ["UnblendedCost"],
            "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
            "Filter": {"And": [{"Dimensions": {"Key": "SERVICE", "Values": ["x"]}}]},
        },
    ):
        with pytest.raises(ClientError, match="ValidationException"):
            client.get_cost_and_usage(**request)
    assert len(fake.wrong) == 3
    fake.answers["GetCostAndUsage"] = lambda _: {"ResultsByTimes": []}
    with pytest.raises(ClientError, match="unknown"):
        client.get_cost_and_usage(TimePeriod=period, Granularity="DAILY", Metrics=["UnblendedCost"])


# Answers that somebody saved by hand.


def test_a_month_without_any_cost_is_an_empty_bill_and_no_unknown_file(fake: Fake, tmp_path: Path) -> None:
    (errand,) = plan()
    (tmp_path / "october.json").write_bytes(fetched(errand))
    Explorer([]).install(fake)
    (empty,) = plan()
    (tmp_path / "september.json").write_bytes(fetched(empty))
    report = egresscost.analyze(tmp_path, since="2026-10-01", until="2026-11-01")
    assert not report.skipped
    assert not [each for each in report.notices if each.partial]


def saved(tmp_path: Path, **changes: object) -> Path:
    groups = [
        {
            "Keys": ["DataTransfer-Out-Bytes", "Usage"],
            "Metrics": {
                "UnblendedCost": {"Amount": "0.18", "Unit": "USD"},
                "UsageQuantity": {"Amount": "2", "Unit": "GB"},
            },
        }
    ]
    answer = {
        "GroupDefinitions": [
            {"Type": "DIMENSION", "Key": "USAGE_TYPE"},
            {"Type": "DIMENSION", "Key": "RECORD_TYPE"},
        ],
        "ResultsByTime": [
            {
                "TimePeriod": {"Start": "2026-10-05", "End": "2026-10-06"},
                "Total": {},
                "Groups": groups,
                "Estimated": False,
            }
        ],
        "DimensionValueAttributes": [],
    }
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(answer | changes), encoding="utf-8")
    return path


def test_an_answer_saved_by_hand_is_a_bill(tmp_path: Path) -> None:
    report = egresscost.analyze(saved(tmp_path))
    (row,) = report.bill.to_dict("records")
    assert (row[C.BYTES], row[C.BILLED_COST], row[C.BOUNDARY]) == (2 * 2**30, Decimal("0.18"), "internet")
    assert not [each for each in report.notices if each.partial]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"NextPageToken": "more"}, "NextPageToken names another"),
        ({"GroupDefinitions": [{"Type": "DIMENSION", "Key": "SERVICE"}]}, "isn't grouped by USAGE_TYPE"),
    ],
)
def test_an_answer_that_lacks_something_says_so(tmp_path: Path, changes: dict[str, object], text: str) -> None:
    notices = egresscost.analyze(saved(tmp_path, **changes)).notices
    assert [each for each in notices if each.partial and text in each.message]
