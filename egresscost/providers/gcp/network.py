"""How Google Cloud charges what its flow logs show, as data for the boundary room.

Goes in: the tables `network_*.csv` and `network_rules.toml` of this folder. Comes out: `network`. Never: reads a file of the
user's.

In `network_rules.csv` an empty cell fits everything and `|` stands between values; the first row that fits decides.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from egresscost.frame import Boundary, Charge, Confidence
from egresscost.providers.gcp.tables import rows
from egresscost.sources.clusters import NodeWords
from egresscost.sources.networks import ChargeRule, CrossingRule, DeviceKind, Network
from egresscost.sources.protocols import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADERS: Final = (28, 52)
"""What a packet has before its payload, and what its flow log leaves out: over IPv4 28 bytes with UDP, 40 with TCP, 52 with
TCP's time stamps; IPv6 adds 20."""

_NODES: Final = NodeWords(
    machine=r"gce://(?P<account>[^/]+)/(?P<zone>[^/]+)/(?P<instance>[^/]+)",
    zone_labels=("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"),
)
_BY_RELATION: Final = "="
_RESULT: Final = frozenset({"rule", "role", "boundary", "add_path", "confidence", "device", "way"})


@cache
def network() -> Network:
    """Google Cloud's network."""
    devices = [_device(row) for row in rows("network_devices.csv")]
    return Network(
        provider="gcp",
        hops={},
        routes={},
        types={device.kind: device.kind for device in devices} | {"interconnect_attachment": "interconnect"},
        logs={},
        devices={device.kind: device for device in devices},
        services={"Google Cloud": "machine", "": "machine"},
        general=frozenset({""}),
        partitions={},
        rules=tuple(_rule(row) for row in rows("network_rules.csv")),
        charges=tuple(
            ChargeRule(row["rule"], _when(row), row["device"], row["way"]) for row in rows("network_charges.csv")
        ),
        words=_words(),
        also=frozenset({"google"}),
        names_ends=True,
        headers=HEADERS,
        samples=True,
        nodes=_NODES,
        own_workloads="/",
        network_tier="premium",
        tier_sources="gcloud compute instances list",
        by_country=True,
    )


def _device(row: Mapping[str, str]) -> DeviceKind:
    charge = Charge(row["charge"]) if row["charge"] else None
    return DeviceKind(row["kind"], row["role"], row["hop"], charge, row["charge_service"], row["service"], row["far"])


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
