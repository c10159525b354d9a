"""What there is at a source: permissions, billing exports, sinks, and how subnets log.

Goes in: a source. Comes out: findings, one after another. Never: a query that costs, or one refusal that hides what comes after.

Permissions are asked for at the project. One that is given at a dataset or bucket only is not seen there: the find itself then
shows it.
"""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import CredentialsError, PermissionRefusedError, SourceError
from egresscost.providers.gcp.api import bill, entries, flows
from egresscost.providers.gcp.api.networks import KINDS, listed
from egresscost.providers.gcp.api.queries import PER_TIB, Warehouse
from egresscost.providers.gcp.api.rest import Rest
from egresscost.providers.gcp.inventory_objects import externals, logging, parts, path, sampling, text
from egresscost.sources.live import AUTO, NONE, Finding, TransientError, What
from egresscost.units import gb

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from egresscost.providers.gcp.api.cloud import Cloud
    from egresscost.sources.live import Ask

_ELSEWHERE: Final = frozenset({"bigquery", "storage"})
"""Services whose permissions may be given at a dataset or bucket."""
_KEEPING: Final = (
    "$0.25 per GiB of flow logs in Cloud Logging (Vended Logs Storage, SKU 376D-A4B0-82E4, copied in 2026)"
)
_SIZE: Final = (
    "about 1 KiB a record with all metadata (an estimate); at a sampling rate of 0.5 half of the records are kept"
)
_WHO: Final = "resourcemanager"
"""The service that knows who may what."""
_INSTANCES, _SUBNETS = KINDS[0], KINDS[1]


def check(cloud: Cloud, ask: Ask) -> Iterator[Finding]:
    """Look at everything that a source can give."""
    yield Finding("credentials", "ok", f"asks as {cloud.identity(_WHO)}, queries run in {cloud.project()}")
    for project in cloud.projects(ask.accounts):
        yield from _guarded(f"permissions in {project}", _permissions(project, cloud))
    if What.BILL in ask.what:
        for named in cloud.source.bill:
            if named != NONE and "://" not in named:
                for place in bill.places(named, cloud):
                    yield from _guarded(f"bill in {place}", _bills(place, cloud))
    for project in cloud.projects(ask.accounts):
        if What.FLOWS in ask.what and AUTO in cloud.source.flows:
            yield from _guarded(f"flow logs of {project}", _logs(project, cloud, ask))
        if What.INVENTORY in ask.what and cloud.source.inventory:
            yield from _guarded(f"subnets of {project}", _subnets(project, cloud))
            yield from _guarded(f"instances of {project}", _tiers(project, cloud))


def permissions() -> list[str]:
    """What the role has."""
    role = json.loads(files(__package__).joinpath("role.json").read_text(encoding="utf-8"))
    return list(role["includedPermissions"])


def _guarded(subject: str, look: Iterator[Finding]) -> Iterator[Finding]:
    """Findings; one that fails is a finding, too."""
    try:
        yield from look
    except CredentialsError:
        raise
    except PermissionRefusedError as error:
        yield Finding(subject, "refused", error.message)
    except SourceError as error:
        yield Finding(subject, "failed", f"{error.message} ({error.hint})" if error.hint else error.message)
    except TransientError as error:
        yield Finding(subject, "failed", f"{error}: try again later")


def _permissions(project: str, cloud: Cloud) -> Iterator[Finding]:
    wanted = permissions()
    answer = Rest(cloud, _WHO).ask(
        "POST",
        f"v1/projects/{project}:testIamPermissions",
        about=f"permissions in {project}",
        permission="resourcemanager.projects.get",
        body={"permissions": wanted},
    )
    held = {str(each) for each in answer.get("permissions", ())}
    for name in wanted:
        if name in held:
            yield Finding(name, "ok", f"granted in {project}")
        elif name.partition(".")[0] in _ELSEWHERE and name != "bigquery.jobs.create":
            yield Finding(name, "note", f"not granted in all of {project}; a dataset or bucket may grant it")
        else:
            yield Finding(name, "refused", f"not granted in {project} to {cloud.identity(_WHO)}")


def _bills(place: str, cloud: Cloud) -> Iterator[Finding]:
    warehouse = Warehouse(cloud)
    found = bill.exports(place, warehouse)
    for name in found:
        table = warehouse.table(name)
        text_ = (
            f"{table.rows:,} rows, {gb(table.size):,.2f} GB, last changed {table.modified[:10] or 'at an unknown time'}; "
            f"a query costs ${PER_TIB} for each TiB that it reads, and is measured first"
        )
        yield Finding(f"bill {name}", "ok", text_, f"{bill.WORD}{name}", What.BILL)
    if not found:
        yield Finding("bill", "missing", f"no billing export in {place}: {bill.SETUP}")


def _logs(project: str, cloud: Cloud, ask: Ask) -> Iterator[Finding]:
    known = flows.sinks(project, cloud)
    for sink in known:
        yield Finding(f"flows by sink {sink.name}", "ok", f"flow logs go to {sink.setting}", sink.setting, What.FLOWS)
    if entries.has_any(project, cloud, ask.window):
        setting = f"{flows.LOGGING}{project}"
        text_ = f"Cloud Logging of {project} has entries of {ask.window}; it answers about 60 reads of 1000 a minute"
        # Where a sink takes them along, that is the way; both would be the same logs.
        yield Finding(f"flows in {project}", "note" if known else "ok", text_, "" if known else setting, What.FLOWS)
    elif not known:
        yield Finding(f"flows in {project}", "missing", f"no entries of {ask.window} in Cloud Logging, and no sink")


def _subnets(project: str, cloud: Cloud) -> Iterator[Finding]:
    """How each subnet logs; those that log alike together, those that do not with what turning it on would cost."""
    alike: dict[tuple[str, str], list[str]] = {}
    for subnet in listed(project, _SUBNETS, cloud):
        _, region, name = path(text(subnet, "selfLink"))
        alike.setdefault(_settings(subnet), []).append(f"{region}/{name}")
    for (state, words), names in sorted(alike.items(), reverse=True):
        shown = ", ".join(sorted(names)[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")  # noqa: PLR2004
        yield Finding(f"flow logs of {shown}", state, words)


def _settings(subnet: Mapping[str, Any]) -> tuple[str, str]:
    """Whether a subnet logs, and how, in words."""
    log = logging(subnet)
    if log is None:
        return "missing", f"off; turning them on costs {_KEEPING}; {_SIZE}"
    rate = float(sampling(subnet) or 0)
    # Google's own values where a subnet names none (Compute Engine API, SubnetworkLogConfig).
    interval = str(log.get("aggregationInterval", "INTERVAL_5_SEC")).removeprefix("INTERVAL_").replace("_", " ").lower()
    metadata = str(log.get("metadata", "INCLUDE_ALL_METADATA")).replace("_", " ").lower()
    words = f"on: flow sampling {rate:g}, aggregated over {interval}, {metadata}"
    if 0 < rate < 1:
        words += f"; where the bytes are not extrapolated, --flow-sampling {rate:g} does it"
    if log.get("filterExpr") not in {None, "", "true"}:
        words += "; a filter leaves some flows out"
    return "ok", words


def _tiers(project: str, cloud: Cloud) -> Iterator[Finding]:
    """How many external addresses are of which network tier: the price of what leaves by them goes by it."""
    count: Counter[str] = Counter()
    for machine in listed(project, _INSTANCES, cloud):
        for link in parts(machine, "networkInterfaces"):
            for each in parts(link, "accessConfigs"):
                count[text(each, "networkTier").lower() or "unknown"] += bool(externals({"accessConfigs": [each]}))
    shown = ", ".join(f"{number:,} {tier}" for tier, number in sorted(count.items()) if number)
    yield Finding(f"external addresses of {project}", "note", f"by network tier: {shown or 'none in use'}")
