"""Buckets of a server that checks signatures, through obstore, and flow logs by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import boto3
import made
import pandas as pd
import pytest
from scan.logs import V2, line, text

from egresscost import pipeline
from egresscost.errors import CredentialsError, MissingSourceError, PermissionRefusedError
from egresscost.frame import C
from egresscost.periods import Window
from egresscost.providers.aws.api import LIVE, flow_logs
from egresscost.results import Selection
from egresscost.sources import objects
from egresscost.sources.collect import Fetching
from egresscost.sources.live import Ask, Errand, LiveSource, Missed, What

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from botocore.client import BaseClient

OCTOBER = Window(date(2026, 10, 1), date(2026, 10, 3))
ASK = Ask(OCTOBER, OCTOBER, frozenset({What.FLOWS}), datetime(2026, 10, 20, tzinfo=UTC))
SOURCE = LiveSource("home", "aws")
LOG = flow_logs.FlowLog(
    "fl-0abc",
    "123456789012",
    "us-east-1",
    "s3",
    "s3://logs/vpc",
    (),
    hive=False,
    resource="vpc-1",
    seconds=600,
    traffic="ALL",
)


@pytest.fixture
def s3(seaweed: str, shell: Callable[[str], None]) -> BaseClient:
    shell(seaweed)
    client = boto3.client("s3")
    if "logs" not in {each["Name"] for each in client.list_buckets()["Buckets"]}:
        client.create_bucket(Bucket="logs")
    return client


@pytest.mark.parametrize("hive", ["plain", "hive"])
def test_objects_of_the_asked_days_and_the_day_after_are_meant(s3: BaseClient, hive: str) -> None:
    log = replace(LOG, hive=hive == "hive", place=f"s3://logs/{hive}")
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


def test_more_objects_than_a_page_holds_are_listed(s3: BaseClient) -> None:
    for number in range(1100):
        s3.put_object(Bucket="logs", Key=f"many/{number:05}", Body=b"x")
    assert sum(1 for _ in objects.errands("s3://logs/many", LIVE, SOURCE, What.BILL)) == 1100


def test_a_wrong_secret_and_a_missing_bucket_are_told_apart(s3: BaseClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert s3
    with pytest.raises(MissingSourceError, match="does not exist"):
        LIVE.store("s3://nowhere/x", SOURCE)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises((PermissionRefusedError, CredentialsError)) as caught:
        list(objects.errands("s3://logs/many", LIVE, SOURCE, What.BILL))
    assert "wrong" not in str(caught.value)


def test_an_export_pulled_live_gives_the_frame_of_its_files(s3: BaseClient, tmp_path: Path) -> None:
    rows = [made.line(f"2026-{month:02}-{day:02}", cost=f"0.{day:02}") for month in (8, 9, 10) for day in (2, 9, 16)]
    home = tmp_path / "files" / "usage" / "data"
    for month in ("2026-08", "2026-09", "2026-10"):
        mine = [row for row in rows if row["line_item_usage_start_date"].startswith(month)]
        path = made.write(home / f"BILLING_PERIOD={month}" / "usage-00001.csv.gz", mine)
        s3.upload_file(str(path), "logs", f"new/usage/data/BILLING_PERIOD={month}/usage-00001.csv.gz")
    october = Selection(window=Window(date(2026, 10, 1), date(2026, 11, 1)))
    source = LiveSource("home", "aws", bill=("s3://logs/new/usage",), flows=("none",), inventory=False)
    fetching = Fetching(sources=(source,), folder=tmp_path / "kept")
    live = pipeline.read_all(pipeline.Request((), october, fetching=fetching)).bill
    files = pipeline.read_all(pipeline.Request((str(home.parent),), october)).bill
    assert live is not None
    assert files is not None
    assert [each.files for each in live.sources] == [1, 1]
    since = pd.Timestamp("2026-09-01", tz="UTC")
    wanted = files.frame[files.frame[C.PERIOD_START] >= since].drop(columns=[C.ORIGIN])
    pd.testing.assert_frame_equal(
        live.frame.drop(columns=[C.ORIGIN]).reset_index(drop=True), wanted.reset_index(drop=True)
    )
    kept = pipeline.read_all(pipeline.Request((), october, fetching=replace(fetching, refresh=False))).bill
    assert kept is not None
    pd.testing.assert_frame_equal(kept.frame, live.frame)
