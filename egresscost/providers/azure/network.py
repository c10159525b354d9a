"""How Azure charges what its flow logs show, as data for the boundary room.

Goes in: the tables `network_*.csv` and `network_rules.toml` of this folder. Comes out: `Network`. Never: reads a file of the
user's.

In `network_rules.csv` an empty cell fits everything and `|` stands between values; the first row that fits decides.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from egresscost.frame import Boundary, Charge, Confidence
from egresscost.providers.azure.tables import rows
from egresscost.sources.clusters import NodeWords
from egresscost.sources.networks import ChargeRule, CrossingRule, DeviceKind, Network
from egresscost.sources.protocols import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

_BY_RELATION = "="
_RESULT = frozenset({"rule", "role", "boundary", "add_path", "confidence", "device", "way"})
_GENERAL = frozenset({"AzureCloud", ""})
_NODES = NodeWords(
    machine=r"azure:///subscriptions/(?P<account>[^/]+)/resourceGroups/[^/]+/providers/[^/]+/(?:virtualMachineScaleSets/[^/]+/virtualMachines/\d+|virtualMachines/(?P<instance>[^/]+))",
    zone_labels=("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"),
    zone=r".+-[1-9]",
    lower=True,
)
"""A machine outside of all zones has the number of its fault domain (`0`) for a zone."""


@cache
def network() -> Network:
    """Azure's network."""
    hops = rows("network_hops.csv")
    return Network(
        provider="azure",
        hops={int(row["number"]): row["hop"] for row in hops},
        routes={**{row["hop"]: row["path"] for row in hops}, "internet_gateway": ""},
        types={},
        logs={},
        devices={row["kind"]: _device(row) for row in rows("network_devices.csv")},
        services={row["service"]: row["means"] for row in rows("network_services.csv")},
        general=_GENERAL,
        partitions={},
        rules=tuple(_rule(row) for row in rows("network_rules.csv")),
        charges=tuple(
            ChargeRule(row["rule"], _when(row), row["device"], row["way"]) for row in rows("network_charges.csv")
        ),
        words=_words(),
        network_tier="microsoft_routing",
        tier_sources="az network public-ip list",
        regions={row["name"]: row["region"] for row in rows("address_regions.csv")},
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
