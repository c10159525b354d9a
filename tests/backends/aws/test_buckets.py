"""Buckets of a server that checks signatures, through obstore, and flow logs by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from scan.logs import V2, line, text

from egresscost.errors import CredentialsError, MissingSourceError, PermissionRefusedError
from egresscost.periods import Window
from egresscost.providers.aws.api import LIVE, flow_logs
from egresscost.sources import objects
from egresscost.sources.live import Ask, Errand, LiveSource, Missed, What

if TYPE_CHECKING:
    from collections.abc import Callable

OCTOBER = Window(date(2026, 10, 1), date(2026, 10, 3))
ASK = Ask(OCTOBER, OCTOBER, frozenset({What.FLOWS}), datetime(2026, 10, 20, tzinfo=UTC))
SOURCE = LiveSource("home", "aws")
LOG = flow_logs.FlowLog("fl-0abc", "123456789012", "us-east-1", "s3", "s3://logs/vpc", (), False, "vpc-1", 600)


@pytest.fixture
def s3(seaweed: str, shell: Callable[[str], None]) -> Any:
    shell(seaweed)
    client = boto3.client("s3")
    if "logs" not in {each["Name"] for each in client.list_buckets()["Buckets"]}:
        client.create_bucket(Bucket="logs")
    return client


@pytest.mark.parametrize("hive", [False, True])
def test_objects_of_the_asked_days_and_the_day_after_are_meant(s3: Any, hive: bool) -> None:
    log = replace(LOG, hive=hive, place=f"s3://logs/{'hive' if hive else 'plain'}")
    for day in (date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 3), date(2026, 10, 4)):
        key = (
            log.folder(day).removeprefix("s3://logs/")
            + f"/00/{log.account}_vpcflowlogs_us-east-1_fl-0abc_{day:%Y%m%d}T0005Z_1.log"
        )
        s3.put_object(Bucket="logs", Key=key, Body=text(V2, [line(V2)]))
    steps = list(flow_logs.in_buckets([log, log], LIVE, SOURCE, ASK))
    errands = [step for step in steps if isinstance(step, Errand)]
    assert [each.name.rpartition("_fl-0abc_")[2][:8] for each in errands] == ["20261001", "20261003"]
    (missed,) = (step for step in steps if isinstance(step, Missed))
    assert missed.name == "vpc-1 on 2026-10-02"


def test_more_objects_than_a_page_holds_are_listed(s3: Any) -> None:
    for number in range(1100):
        s3.put_object(Bucket="logs", Key=f"many/{number:05}", Body=b"x")
    assert sum(1 for _ in objects.errands("s3://logs/many", LIVE, SOURCE, What.BILL)) == 1100


def test_a_wrong_secret_and_a_missing_bucket_are_told_apart(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert s3
    with pytest.raises(MissingSourceError, match="does not exist"):
        LIVE.store("s3://nowhere/x", SOURCE)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises((PermissionRefusedError, CredentialsError)) as caught:
        list(objects.errands("s3://logs/many", LIVE, SOURCE, What.BILL))
    assert "wrong" not in str(caught.value)
