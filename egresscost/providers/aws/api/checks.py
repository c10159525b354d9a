"""Looking at an account: which permissions there are, which exports, which flow logs and what they tell.

Goes in: a source. Comes out: findings, and the policy as text. Never: asks what is charged for; Cost Explorer is not tried for that reason.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import PermissionRefusedError, SourceError
from egresscost.providers.aws.api import exports, flow_logs, inventory
from egresscost.providers.aws.api.access import HOME, Account, all_of
from egresscost.providers.aws.inventory import LISTS
from egresscost.sources.live import Finding, TransientError, What

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from egresscost.sources.live import Ask, LiveSource

_KEPT: Final = {"ALL": "every flow", "ACCEPT": "accepted flows", "REJECT": "refused flows only, which cost nothing"}
_NO_LOGS: Final = (
    "no flow logs; turning them on costs $0.25 for each GB of logs that goes to S3, or $0.50 to CloudWatch Logs (vended logs, first 10 TB"
    " a month, us-east-1, by the AWS price list of 2025-10-28), and about 100 bytes for each flow and interval"
)


def findings(source: LiveSource, ask: Ask) -> Iterator[Finding]:
    """What there is, account by account; whatever is refused is named, and the rest goes on."""
    for number, account in enumerate(all_of(source)):
        try:
            who = account.who()
        except (SourceError, TransientError) as error:
            yield _failed(account.role or "credentials", error)
            continue
        yield Finding("credentials", "ok", f"{who['Arn']} in account {who['Account']}")
        if number == 0:
            yield from _bills(account)
        yield from _networks(account, source, ask)


def _bills(account: Account) -> Iterator[Finding]:
    try:
        found = exports.exports(account)
    except (SourceError, TransientError) as error:
        yield _failed("exports", error)
    else:
        for each in found:
            yield Finding(f"bill {each.name}", "ok", f"{each.kind} in {each.url}", each.url, What.BILL)
        if not found:
            yield Finding("exports", "missing", "no Cost and Usage Report and no data export")
    text = "not tried, for each request costs $0.01: it is read where no export has the month"
    yield Finding("ce:GetCostAndUsage", "note", text, "cost-explorer", What.BILL)


def _networks(account: Account, source: LiveSource, ask: Ask) -> Iterator[Finding]:
    try:
        places = list(ask.regions or source.regions or inventory.regions(account))
    except (SourceError, TransientError) as error:
        yield _failed("ec2:DescribeRegions", error)
        return
    region = account.region if account.region in places else (places or [HOME])[0]
    for key, command in LISTS.items():
        permission = "ec2:" + "".join(word.capitalize() for word in command.split("-"))
        yield _tried(permission, lambda key=key, command=command: _look(account, region, key, command))  # type: ignore[misc]
    found = []
    for each in places:
        try:
            found += flow_logs.flow_logs(account, each)
        except (SourceError, TransientError) as error:
            yield _failed(f"ec2:DescribeFlowLogs in {each}", error)
    for log in found:
        setting = {"s3": "auto", "cloud-watch-logs": f"logs:{log.place}"}.get(log.kind, "")
        text = f"{log.id} to {log.kind} {log.place}, {len(log.fields)} fields, a record for at most {log.seconds} s, {_KEPT.get(log.traffic, log.traffic)}"
        lacks = [name for name in ("flow-direction", "pkt-dstaddr", "az-id") if name not in log.fields]
        text += f"; without {', '.join(lacks)}" if lacks else ""
        yield Finding(f"flows {log.resource}", "ok" if setting else "note", text, setting, What.FLOWS)
    if not found:
        yield Finding(f"flows of {account.id}", "missing", _NO_LOGS)


def _look(account: Account, region: str, key: str, command: str) -> str:
    """Ask for the first entries of a list."""
    operation = command.replace("-", "_")
    paged: dict[str, Any] = {}
    if account.client("ec2", region).can_paginate(operation):
        paged = {"PaginationConfig": {"PageSize": 5, "MaxItems": 5}}
    count = sum(1 for _ in account.pages("ec2", operation, key, region, **paged))
    return f"answers, with {count} or more entries in {region}" if count else f"answers, with nothing in {region}"


def _tried(subject: str, call: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, "ok", call())
    except (SourceError, TransientError) as error:
        return _failed(subject, error)


def _failed(subject: str, error: SourceError | TransientError) -> Finding:
    if isinstance(error, TransientError):
        return Finding(subject, "failed", f"{error}: try again later")
    refused = isinstance(error, PermissionRefusedError)
    text = f"{error.message}; {error.hint}" if error.hint else error.message
    return Finding(subject, "refused" if refused else "failed", text)


def policy(text: str, source: LiveSource) -> str:
    """The policy with the buckets and roles of a source in it; `BUCKET` stands for those that are not known yet."""
    content = json.loads(text)
    buckets = sorted({each.split("/")[2] for each in (*source.bill, *source.flows) if each.startswith("s3://")})
    if buckets:
        resources = [f"arn:aws:s3:::{name}{end}" for name in buckets for end in ("", "/*")]
        content["Statement"][-1]["Resource"] = resources
    if source.roles:
        content["Statement"].append(
            {"Sid": "Roles", "Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": list(source.roles)}
        )
    return json.dumps(content, indent=2) + "\n"
