"""The scan once more, slow and plain: a dictionary for each line, pandas for the sums. It shares no code with the scan.

What is checked in which order is part of the scan's promise: the number of fields, the time, the period, the status,
the action, the numbers, the addresses. The first thing that is wrong, or that settles the matter, decides.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from dataclasses import dataclass, field

import pandas as pd

KEYS = [
    "flow_log",
    "source_kind",
    "interface",
    *(f"{end}_{what}" for end in ("src", "dst", "pkt_src", "pkt_dst") for what in ("address", "place")),
    "direction",
    "traffic_path",
    "next_hop",
    "hour",
    "service_src",
    "service_dst",
]
SUMS = ["bytes", "packets", "records", "records_without_bytes"]
FACTS = {
    "resource": "resource-id",
    "account": "account-id",
    "vpc": "vpc-id",
    "subnet": "subnet-id",
    "instance": "instance-id",
    "zone": "az-id",
    "region": "region",
    "interface_type": "interface-type",
    "instance_tag": "instance-tag",
    "instance_tag_2": "instance-tag-2",
    "interface_tag": "interface-tag",
    "interface_tag_2": "interface-tag-2",
    "asg_tag": "asg-tag",
    "asg_tag_2": "asg-tag-2",
    "ecs_cluster": "ecs-cluster-name",
    "ecs_service": "ecs-service-name",
}
HOP_FACTS = {
    "subnet": "next-hop-subnet-id",
    "zone": "next-hop-az-id",
    "vpc": "next-hop-vpc-id",
    "interface_type": "next-hop-interface-type",
}
LARGEST = 2**62


class BadLineError(Exception):
    """A line that cannot be read."""


class SettledError(Exception):
    """A line of which only its kind counts."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


OUTSIDE, NODATA, REFUSED = SettledError("outside"), SettledError("nodata"), SettledError("refused")


@dataclass
class Log:
    """A file as the oracle sees it: the fields and the lines, without the header."""

    name: str
    fields: list[str]
    lines: list[str]
    flow_log: str = ""


@dataclass
class Places:
    """Prefixes with places, and which places keep their addresses."""

    prefixes: list[tuple[str, int]]
    exact: list[bool]

    def of(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> int:
        """The place of the longest prefix, by looking at all."""
        found = (-1, 0)
        for text, place in self.prefixes:
            network = ipaddress.ip_network(text)
            if network.version == address.version and address in network and network.prefixlen >= found[0]:
                found = (network.prefixlen, place)
        return found[1]


@dataclass
class Answer:
    """What the oracle found."""

    table: pd.DataFrame
    counts: dict[str, Counter[str]]
    interfaces: set[tuple[object, ...]] = field(default_factory=set)
    hops: set[tuple[object, ...]] = field(default_factory=set)


def answer(logs: list[Log], places: Places, since: int = 0, until: int = LARGEST) -> Answer:
    """Scan logs."""
    rows: list[dict[str, object]] = []
    counts: dict[str, Counter[str]] = {}
    told: dict[tuple[object, ...], list[int]] = {}
    hops: dict[tuple[object, ...], list[int]] = {}
    for log in logs:
        count = counts.setdefault(log.name, Counter())
        for line in log.lines:
            if not line.removesuffix("\r"):
                continue
            count["lines"] += 1
            try:
                record, row = _row(line.removesuffix("\r"), log, places, since, until)
            except BadLineError:
                count["malformed"] += 1
                continue
            except SettledError as settled:
                count[settled.kind] += 1
                continue
            count["counted"] += 1
            rows.append(row)
            facts = (row["interface"], *(_present(record.get(name)) for name in FACTS.values()))
            told.setdefault(facts, []).append(int(str(row["hour"])))
            if row["next_hop"] is not None:
                hop = (row["next_hop"], *(_present(record.get(name)) for name in HOP_FACTS.values()))
                hops.setdefault(hop, []).append(int(str(row["hour"])))
    table = pd.DataFrame(rows, columns=[*KEYS, *SUMS])
    summed = table.groupby(KEYS, dropna=False, as_index=False)[SUMS].sum() if rows else table
    return Answer(
        summed,
        counts,
        {(*facts, min(hours), max(hours)) for facts, hours in told.items()},
        {(*facts, min(hours), max(hours)) for facts, hours in hops.items()},
    )


def _row(line: str, log: Log, places: Places, since: int, until: int) -> tuple[dict[str, str], dict[str, object]]:
    parts = line.split(" ")
    if len(parts) != len(log.fields):
        raise BadLineError
    record = dict(zip(log.fields, parts, strict=True))
    start = _number(record.get("start", record.get("end")))
    if start is None or start >= 2**40:
        raise BadLineError
    if not since <= start < until:
        raise OUTSIDE
    _settle(record)
    size, packets = _number(record.get("bytes")), _number(record.get("packets"))
    path = _number(record.get("traffic-path")) or 0
    if path > 127:
        raise BadLineError
    interface = _present(record.get("interface-id")) or _present(record.get("resource-id")) or ""
    ends = {
        "src": _present(record.get("srcaddr")),
        "dst": _present(record.get("dstaddr")),
    }
    ends["pkt_src"] = _present(record["pkt-srcaddr"]) if "pkt-srcaddr" in record else ends["src"]
    ends["pkt_dst"] = _present(record["pkt-dstaddr"]) if "pkt-dstaddr" in record else ends["dst"]
    row: dict[str, object] = {"flow_log": log.flow_log, "source_kind": "vpc", "interface": interface}
    for end, text in ends.items():
        row[f"{end}_address"], row[f"{end}_place"] = _end(text, places)
    row["direction"] = {"egress": "out", "ingress": "in"}.get(record.get("flow-direction", ""), "unknown")
    row["traffic_path"] = path
    row["next_hop"] = _present(record.get("next-hop-interface-id"))
    row["hour"] = start // 3600 * 3600
    row["service_src"] = _present(record.get("pkt-src-aws-service"))
    row["service_dst"] = _present(record.get("pkt-dst-aws-service"))
    row |= {"bytes": size or 0, "packets": packets or 0, "records": 1, "records_without_bytes": int(size is None)}
    return record, row


def _settle(record: dict[str, str]) -> None:
    """Statuses and actions that settle the matter."""
    status, action = record.get("log-status"), record.get("action")
    if status in {"NODATA", "SKIPDATA"}:
        raise SettledError(status.lower())
    if (
        status is None
        and "srcaddr" in record
        and not _present(record["srcaddr"])
        and not _present(record.get("dstaddr"))
    ):
        raise NODATA
    if status not in {None, "OK"}:
        raise BadLineError
    if action == "REJECT":
        raise REFUSED
    if action not in {None, "ACCEPT"}:
        raise BadLineError


def _present(text: str | None) -> str | None:
    return None if text in {None, "", "-"} else text


def _number(text: str | None) -> int | None:
    if _present(text) is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or int(text) > LARGEST:
        raise BadLineError
    return int(text)


def _end(text: str | None, places: Places) -> tuple[str | None, int]:
    if text is None:
        return None, 0
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise BadLineError from error
    if "%" in text:
        raise BadLineError
    place = places.of(address)
    return (str(address) if places.exact[place] else None), place
