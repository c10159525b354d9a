"""Flow logs that accounts have: where they are delivered to, and what of it is of some days.

Goes in: accounts and regions. Comes out: errands for objects of S3 and for days of log groups. Never: objects of other days, or a day
of records without its fields.

Objects lie in folders of the day of delivery; a record may be delivered after its day has ended, so the day after is read as well.
Log groups are asked by the records' own time. Their lines have no header, so the one that `LogFormat` gives is written first.

Sources: VPC user guide, "Flow log files" (names and folders in S3; hive-compatible and hourly ones), and "Flow log records in CloudWatch Logs".
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import MissingSourceError, SourceError
from egresscost.providers.aws.flows import VPC, default_fields
from egresscost.sources import objects
from egresscost.sources.live import Errand, Missed, TransientError, What

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import BinaryIO

    from egresscost.periods import Window
    from egresscost.providers.aws.api.access import Account
    from egresscost.sources.live import Ask, Live, LiveSource

_S3: Final = re.compile(r"arn:[\w-]+:s3:::([^/]+)/?(.*)")
_SETTLED: Final = timedelta(days=1)
_FRESH: Final = timedelta(hours=1)
_LATE: Final = timedelta(hours=1)
"""How much earlier or later than its record's time an event may be filed."""


@dataclass(frozen=True)
class FlowLog:
    """A flow log.

    Attributes:
        id: `fl-…`.
        account, region: Whose and where.
        kind: `s3`, `cloud-watch-logs` or `kinesis-data-firehose`.
        place: The S3 URL, or the log group.
        fields: Its fields, in order.
        hive: Whether its folders are `year=2026/month=10`.
        resource: What it is of: `vpc-…`, `subnet-…`, `eni-…`, `tgw-…`.
        seconds: The longest time that one record sums up.
        traffic: Which flows it keeps: `ALL`, `ACCEPT` or `REJECT`.
    """

    id: str
    account: str
    region: str
    kind: str
    place: str
    fields: tuple[str, ...]
    hive: bool
    resource: str
    seconds: int
    traffic: str

    def folder(self, day: date) -> str:
        """The URL of the objects of a day."""
        if self.hive:
            names = f"aws-account-id={self.account}/aws-service=vpcflowlogs/aws-region={self.region}"
            return f"{self.place}/AWSLogs/{names}/year={day:%Y}/month={day:%m}/day={day:%d}"
        return f"{self.place}/AWSLogs/{self.account}/vpcflowlogs/{self.region}/{day:%Y/%m/%d}"


def flow_logs(account: Account, region: str) -> list[FlowLog]:
    """The flow logs of a region that deliver."""
    listed = account.pages("ec2", "describe_flow_logs", "FlowLogs", region)
    return [_flow_log(each, account.id, region) for each in listed if each.get("FlowLogStatus", "ACTIVE") == "ACTIVE"]


def _flow_log(item: dict[str, Any], account: str, region: str) -> FlowLog:
    kind = str(item.get("LogDestinationType") or "cloud-watch-logs")
    arn = str(item.get("LogDestination") or "")
    bucket = _S3.fullmatch(arn)
    group = item.get("LogGroupName") or arn.partition(":log-group:")[2].removesuffix(":*")
    return FlowLog(
        id=str(item["FlowLogId"]),
        account=account,
        region=region,
        kind=kind,
        place="/".join(part for part in (f"s3://{bucket[1]}", bucket[2].strip("/")) if part) if bucket else str(group),
        fields=tuple(re.findall(r"[a-z][a-z0-9-]*", str(item.get("LogFormat") or ""))) or default_fields(VPC),
        hive=bool((item.get("DestinationOptions") or {}).get("HiveCompatiblePartitions")),
        resource=str(item.get("ResourceId") or ""),
        seconds=int(item.get("MaxAggregationInterval") or 600),
        traffic=str(item.get("TrafficType") or "ALL"),
    )


def in_buckets(logs: Iterable[FlowLog], live: Live, source: LiveSource, ask: Ask) -> Iterator[Errand | Missed]:
    """One errand for each object; a day without any is missing."""
    days = [day for day in _days(ask.window) if day <= ask.now.date()]
    seen: set[str] = set()
    for log in logs:
        for day in [*days, days[-1] + timedelta(1)] if days else ():
            url = log.folder(day)
            if url in seen or day > ask.now.date():
                continue
            seen.add(url)
            try:
                yield from objects.errands(url, live, source, What.FLOWS)
            except MissingSourceError:
                if day in days:
                    yield Missed(What.FLOWS, f"{log.resource} on {day}", "the bucket has no flow logs of it", log.place)
            except SourceError as error:
                yield Missed(What.FLOWS, url, error.message, error.hint or "")
            except TransientError as error:
                yield Missed(What.FLOWS, url, str(error), "run again later")


def in_groups(logs: Iterable[FlowLog], account: Account, ask: Ask) -> Iterator[Errand | Missed]:
    """One errand for each log group and day; a group whose flow logs have different fields cannot be told apart."""
    groups: dict[tuple[str, str], list[FlowLog]] = defaultdict(list)
    for log in logs:
        groups[log.region, log.place].append(log)
    for (region, group), members in groups.items():
        if len({log.fields for log in members}) > 1:
            reason = "its flow logs have different fields, and a record doesn't say which one it is of"
            yield Missed(What.FLOWS, f"{group} in {region}", reason, "give each flow log a log group of its own")
            continue
        days = [day for day in _days(ask.window) if day <= ask.now.date()]
        for day in days:
            yield _day(account, members[0], day, first=day == days[0], last=day == days[-1], now=ask.now)


def _day(account: Account, log: FlowLog, day: date, *, first: bool, last: bool, now: datetime) -> Errand:
    start = datetime.combine(day, time(), UTC)
    end = start + timedelta(1)
    settled = now - end > _SETTLED
    start, end = start - _LATE * first, end + _LATE * last
    name = f"{log.account}_vpcflowlogs_{log.region}_{log.id}_{day:%Y%m%d}.log"
    return Errand(
        what=What.FLOWS,
        name=f"{log.place}/{name}",
        path=f"logs/{log.place.strip('/')}/{name}",
        key=f"logs FilterLogEvents {log.account} {log.region} {log.place} {' '.join(log.fields)} {start.isoformat()} {end.isoformat()}",
        fetch=_getter(account, log, start, end),
        lasts=None if settled else _FRESH,
        away=True,
    )


def _getter(account: Account, log: FlowLog, start: datetime, end: datetime) -> Callable[[BinaryIO], None]:
    """What writes the records of some time, with a header."""

    def fetch(file: BinaryIO) -> None:
        file.write(" ".join(log.fields).encode() + b"\n")
        begin, stop = (round(moment.timestamp() * 1000) for moment in (start, end))
        request = {"logGroupName": log.place, "startTime": begin, "endTime": stop - 1}
        events = account.pages("logs", "filter_log_events", "events", log.region, **request)
        file.writelines(str(event["message"]).rstrip("\n").encode() + b"\n" for event in events)

    return fetch


def _days(window: Window) -> Sequence[date]:
    return [window.start + timedelta(number) for number in range((window.end - window.start).days)]
