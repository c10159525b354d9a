"""How AWS charges what its flow logs show, as data for the boundary room.

Goes in: the tables `network_*.csv` and `network_rules.toml` of this folder. Comes out: `NETWORK`, and what an interface is by
its type and description. Never: reads a file of the user's.

In `network_rules.csv` an empty cell fits everything and `|` stands between values; the first row that fits decides.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from egresscost.frame import Boundary, Charge, Confidence
from egresscost.providers.aws.tables import rows
from egresscost.sources.clusters import NodeWords
from egresscost.sources.networks import ChargeRule, CrossingRule, DeviceKind, Network, PolicyRule
from egresscost.sources.protocols import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

_BY_RELATION = "="
_RESULT = frozenset({"rule", "role", "boundary", "add_path", "confidence", "device", "way"})
_POLICY_ASKS = ("hop", "far", "service", "role", "subnets")
_COMMERCIAL = frozenset({"commercial", "local-zone"})
_LOGS = {"tgw": "transit_gateway_log"}
_GENERAL = frozenset({"AMAZON", ""})
_NODES = NodeWords(
    machine=r"aws:///[^/]*/(?:(?P<instance>i-[0-9a-f]+)|.+)",
    zone_labels=("topology.k8s.aws/zone-id",),
    zone=r"[a-z]+\d+(?:-[a-z]+\d+)*-az\d+",
)
"""Zones by their id only: `topology.kubernetes.io/zone` has the letter, which means another zone in every account."""


@dataclass(frozen=True)
class InterfaceKind:
    """What an interface is.

    Attributes:
        kind: A word of `network_devices.csv`.
        service: The product that its transfer is billed under.
        resource: The device that it belongs to, where its description says so.
        workload: What people call it, where its description says so.
    """

    kind: str
    service: str | None = None
    resource: str | None = None
    workload: str | None = None


@cache
def network() -> Network:
    """AWS's network."""
    hops = rows("network_hops.csv")
    return Network(
        provider="aws",
        hops={int(row["number"]): row["hop"] for row in hops},
        routes={row["hop"]: row["path"] for row in hops},
        types={
            row["type"]: interface_kind(row["type"]).kind
            for row in rows("network_interfaces.csv")
            if row["type"] != "*"
        },
        logs=_LOGS,
        devices={row["kind"]: _device(row) for row in rows("network_devices.csv")},
        services={row["service"]: row["means"] for row in rows("network_services.csv")},
        general=_GENERAL,
        partitions={
            row["region"]: "" if row["partition"] in _COMMERCIAL else row["partition"] for row in rows("regions.csv")
        },
        rules=tuple(_rule(row) for row in rows("network_rules.csv")),
        charges=tuple(
            ChargeRule(row["rule"], _when(row), row["device"], row["way"]) for row in rows("network_charges.csv")
        ),
        words=_words(),
        policies=tuple(_policy(row) for row in rows("network_policies.csv")),
        nodes=_NODES,
    )


def _device(row: Mapping[str, str]) -> DeviceKind:
    return DeviceKind(
        row["kind"],
        row["role"],
        row["hop"],
        Charge(row["charge"]) if row["charge"] else None,
        row["charge_service"],
        row["service"],
        row["far"],
    )


def _rule(row: Mapping[str, str]) -> CrossingRule:
    boundary = None if row["boundary"] == _BY_RELATION else Boundary(row["boundary"])
    return CrossingRule(row["rule"], _when(row), row["role"], boundary, row["add_path"], Confidence(row["confidence"]))


def _policy(row: Mapping[str, str]) -> PolicyRule:
    when = {name: frozenset(row[name].split("|")) for name in _POLICY_ASKS if row[name]}
    return PolicyRule(row["policy"], row["at"], row["way"], when, row["title"], row["why"], row["source"])


def _when(row: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {name: frozenset(cell.split("|")) for name, cell in row.items() if cell and name not in _RESULT}


@cache
def _words() -> Mapping[str, Rule]:
    """The rules in words; their pattern is what the tables ask for."""
    with files(__package__).joinpath("network_rules.toml").open("rb") as file:
        texts = tomllib.load(file)
    written: dict[str, list[str]] = {}
    for row in (*rows("network_rules.csv"), *rows("network_charges.csv")):
        asked = ", ".join(f"{name} {cell}" for name, cell in row.items() if cell and name not in _RESULT)
        written.setdefault(row["rule"], []).append(asked)
    return {
        name: Rule(name, " · ".join(written.get(name, [])), "", each["title"], each["why"].strip(), each["source"])
        for name, each in texts.items()
    }


@cache
def interface_kind(type_: str, description: str = "") -> InterfaceKind:
    """What an interface is.

    >>> interface_kind("interface", "ELB app/shop/50dc6c495c0c9188").kind
    'application_load_balancer'
    """
    for kind_type, pattern, kind, service, workload in _interface_patterns():
        found = pattern.fullmatch(description) if kind_type in {"*", type_} else None
        if found is not None:
            groups = found.groupdict()
            return InterfaceKind(kind, service or None, groups.get("resource"), groups.get("name") or workload or None)
    return InterfaceKind("machine")


@cache
def _interface_patterns() -> tuple[tuple[str, re.Pattern[str], str, str, str], ...]:
    return tuple(
        (row["type"], re.compile(row["description"]), row["kind"], row["service"], row["workload"])
        for row in rows("network_interfaces.csv")
    )
