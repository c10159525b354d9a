"""Scenes as text: who is there, what was logged, and which crossings that makes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from egresscost.addresses.places import NOWHERE, Place
from egresscost.boundary.schema import GROUPS, HOPS, INTERFACES, TEXT
from egresscost.sources.inventories import Interface, Snapshot, Subnet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FOLDER = Path(__file__).parent.parent / "fixtures" / "boundary"
MONTH = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())
PLACES: dict[str, Place] = {
    "nowhere": NOWHERE,
    "private": Place("special", "", "private", ""),
    "multicast": Place("special", "", "multicast", ""),
    "DE": Place(country="DE"),
    "BR": Place(country="BR"),
    "azure": Place("azure", "westeurope", "AzureCloud", "NL"),
    "s3": Place("aws", "us-east-1", "S3", ""),
    "s3-west": Place("aws", "us-west-2", "S3", ""),
    "dynamodb": Place("aws", "us-east-1", "DYNAMODB", ""),
    "aws": Place("aws", "us-east-1", "AMAZON", ""),
    "route53": Place("aws", "", "ROUTE53", ""),
    "ec2": Place("aws", "us-east-1", "EC2", ""),
    "ec2-west": Place("aws", "us-west-2", "EC2", ""),
    "ec2-china": Place("aws", "cn-north-1", "EC2", ""),
    "cloudfront": Place("aws", "", "CLOUDFRONT", ""),
    "accelerator": Place("aws", "", "GLOBALACCELERATOR", ""),
}
NUMBERS = {name: number for number, name in enumerate(PLACES)}


@dataclass(frozen=True)
class Scene:
    """One situation and what comes of it."""

    title: str
    options: Mapping[str, str]
    records: Sequence[Mapping[str, str]]
    expected: Sequence[Mapping[str, str]]


@dataclass
class Seen:
    """Sightings made by hand."""

    table: pa.Table
    interfaces: pa.Table
    hops: pa.Table


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pa.Table:
    schema = pa.schema([(name, pa.string() if kind == TEXT else pa.int64()) for name, kind in columns.items()])
    return pa.Table.from_pylist([{name: row.get(name) for name in columns} for row in rows], schema)


def read_table(lines: Iterable[str]) -> list[dict[str, str]]:
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]


def world() -> dict[str, dict[str, str]]:
    lines = [line for line in (FOLDER / "world.txt").read_text().splitlines() if line.strip() and line[0] != "#"]
    return {row["name"]: row for row in read_table(lines)}


def scenes(name: str) -> list[Scene]:
    text = (FOLDER / name).read_text()
    return [_scene(block) for block in text.split("\n== ")[1:]]


def _scene(block: str) -> Scene:
    title, *lines = block.splitlines()
    lines = [line for line in lines if line.strip() and line[0] != "#"]
    options = dict(line.split(": ", 1) for line in lines if "|" not in line and line[0] != "-")
    tables = [line for line in lines if "|" in line or line[0] == "-"]
    at = tables.index("--")
    return Scene(title, options, read_table(tables[:at]), read_table(tables[at + 1 :]))


WORLD = world()


def address_of(name: str) -> str | None:
    """The address that a word of a table means; None for a place."""
    if name in WORLD:
        return WORLD[name]["addresses"].split()[0] if WORLD[name]["addresses"] else None
    if name.endswith("*"):
        return WORLD[name[:-1]]["public"]
    return None if name in PLACES else name


def place_of(name: str) -> int:
    """The place that a word of a table means."""
    if name.endswith("*"):
        return NUMBERS["ec2" if WORLD[name[:-1]]["region"] == "us-east-1" else "ec2-west"]
    if name in PLACES:
        return NUMBERS[name]
    return NUMBERS["ec2" if ":" in (address_of(name) or "") else "private"]


def group(record: Mapping[str, str]) -> dict[str, Any]:
    """A group of records as the scan makes it."""
    src, dst = record["from"], record["to"]
    pkt_src, pkt_dst = record.get("pkt from") or src, record.get("pkt to") or dst
    kind = "tgw" if record["at"].startswith("tgw:") else "vpc"
    interface = WORLD[record["at"]]["interface"] if kind == "vpc" else record["at"].removeprefix("tgw:")
    next_hop = record.get("next") or None
    return {
        "source_kind": kind,
        "flow_log": "fl-1",
        "interface": interface,
        **{f"{side}_address": address_of(name) for side, name in (("src", src), ("dst", dst))},
        **{f"pkt_{side}_address": address_of(name) for side, name in (("src", pkt_src), ("dst", pkt_dst))},
        **{f"{side}_place": place_of(name) for side, name in (("src", src), ("dst", dst))},
        **{f"pkt_{side}_place": place_of(name) for side, name in (("src", pkt_src), ("dst", pkt_dst))},
        "direction": record.get("way") or "unknown",
        "traffic_path": int(record.get("path") or 0),
        "next_hop": WORLD[next_hop]["interface"] if next_hop else None,
        "hour": MONTH + 3600 * int(record.get("hour") or 0),
        "service_src": record.get("service from") or None,
        "service_dst": record.get("service to") or None,
        "bytes": int(record["bytes"]),
        "packets": 1,
        "records": int(record.get("records") or 1),
        "records_without_bytes": 0,
    }


def sightings(scene: Scene) -> Seen:
    """What the scan would make of a scene's records."""
    groups = [group(record) for record in scene.records]
    fields = scene.options.get("fields", "v5")
    at = {record["at"] for record in scene.records if not record["at"].startswith("tgw:")}
    after = {record["next"] for record in scene.records if record.get("next")}
    facts = [_logged(WORLD[name], fields) for name in sorted(at)]
    hops = [
        {
            **{fact: WORLD[name][fact] or None for fact in ("zone", "vpc", "subnet")},
            "next_hop": WORLD[name]["interface"],
            "interface_type": WORLD[name]["type"],
        }
        for name in sorted(after)
    ]
    return Seen(table(groups, GROUPS), table(facts, INTERFACES), table(hops, HOPS))


def _logged(row: Mapping[str, str], fields: str) -> dict[str, str | None]:
    known = {"interface": row["interface"], "account": row["account"]}
    if fields != "v2":
        known |= {name: row[name] or None for name in ("region", "zone", "vpc", "subnet", "instance")}
    if fields == "v11":
        known["interface_type"] = row["type"]
    return known


def inventory(scene: Scene) -> list[Snapshot]:
    """The inventories of a scene: `inventory: all`, `none`, or names; `inventory at 5: …` for later ones."""
    found = []
    for option, value in scene.options.items():
        if option.startswith("inventory") and value != "none":
            hour = int(option.split()[-1]) if option != "inventory" else 0
            names = list(WORLD) if value == "all" else value.split()
            taken = datetime.fromtimestamp(MONTH + 3600 * hour, UTC)
            found.append(snapshot([WORLD[name] for name in names], taken, option))
    return found


def snapshot(rows: Sequence[Mapping[str, str]], taken: datetime, source: str) -> Snapshot:
    interfaces = tuple(_interface(row) for row in rows if row["kind"] != "subnet")
    subnets = {row["subnet"]: row for row in rows if row["prefix"]}
    return Snapshot(source, "NetworkInterfaces", taken, interfaces, tuple(_subnet(row) for row in subnets.values()))


def _interface(row: Mapping[str, str]) -> Interface:
    return Interface(
        id=row["interface"],
        account=row["account"],
        region=row["region"],
        zone=row["zone"] or None,
        network=row["vpc"],
        subnet=row["subnet"],
        kind=row["kind"],
        instance=row["instance"] or None,
        resource=row["resource"] or None,
        addresses=tuple(row["addresses"].split()),
        public=tuple(row["public"].split()),
        has_public=bool(row["public"]),
        workload=row["workload"] or None,
        peer_service=row["service behind"] or None,
    )


def _subnet(row: Mapping[str, str]) -> Subnet:
    return Subnet(
        row["subnet"], row["account"], row["region"], row["zone"] or None, row["vpc"], tuple(row["prefix"].split())
    )
