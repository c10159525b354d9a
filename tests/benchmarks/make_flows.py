"""Make flow logs of a size to measure with, and the exact answer to a job on them.

Goes in: a folder, how many records and files. Comes out: files. Never: a different record for the same arguments.

    python tests/benchmarks/make_flows.py FOLDER [--records 1000000] [--files 40] [--parquet]

Everything is invented. `text/` and `parquet/` hold the same records of 27 fields, in files of ten minutes each;
`interfaces.csv` says what the interfaces are, `prefixes.csv` where addresses belong, `truth.csv` is the answer.

The job: of the records that were logged (OK) and let through (ACCEPT), sum bytes and count records by the interface's
workload, what kind of place the packet's far end is, its region and the hour. The far end is the packet's destination
when it goes out, its source when it comes in. The kind is:

    ingress        it comes in
    same_zone      an own network in the interface's zone
    cross_zone     an own network in its region
    cross_region   an own network or the cloud in another region
    service        the cloud in its region
    other_cloud    another cloud
    internet       no prefix holds it

The answer is found while the records are made, from what they were made of, and not by reading them.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Sequence


def _words(text: str) -> list[str]:
    return text.split()


FIELDS: Final = _words(
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
    "log-status vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id pkt-src-aws-service "
    "pkt-dst-aws-service flow-direction traffic-path"
)
ALWAYS: Final = frozenset(
    _words("version account-id interface-id start end log-status vpc-id subnet-id instance-id region az-id")
)
"""The fields of a record without data."""
KINDS: Final = ("ingress", "same_zone", "cross_zone", "cross_region", "service", "other_cloud", "internet")
PATHS: Final = (0, 1, 1, 6, 7, 8, 8)
OWN, CLOUD, OTHER, NOWHERE = range(4)
SCOPES: Final = ("own", "cloud", "other", "")
EPOCH: Final = 1_790_812_800  # 2026-10-01T00:00:00Z
DAYS: Final = 30
WINDOW: Final = 600
_REGIONS: Final = ("us-east-1", "eu-west-1", "ap-southeast-1")
_MORE_REGIONS: Final = (*_REGIONS, "us-east-2", "us-west-2", "eu-central-1", "ap-northeast-1", "sa-east-1")
_ZONES: Final = {"us-east-1": "use1-az", "eu-west-1": "euw1-az", "ap-southeast-1": "apse1-az"}
_SERVICES: Final = ("AMAZON", "EC2", "S3", "CLOUDFRONT", "DYNAMODB")

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Prefix:
    """A row of `prefixes.csv`."""

    cidr: str
    scope: int
    region: str
    zone: str
    service: str


class World:
    """What all files share: interfaces, prefixes and far ends."""

    def __init__(self, seed: int, interfaces: int = 2400, outside: int = 200_000) -> None:
        self.chance = np.random.default_rng([seed, 0])
        self.prefixes: dict[str, Prefix] = {}
        self.subnets: list[dict[str, str]] = []
        self._own_networks()
        self._clouds()
        self.interfaces = self._interfaces(interfaces)
        self.addresses = [each["address"] for each in self.interfaces] + self._far_ends(outside)
        self._place()

    def _id(self, kind: str) -> str:
        return f"{kind}-{self.chance.integers(0, 2**62):017x}"

    def _add(self, cidr: str, scope: int, region: str = "", zone: str = "", service: str = "-") -> None:
        self.prefixes.setdefault(cidr, Prefix(cidr, scope, region, zone, service))

    def _own_networks(self) -> None:
        accounts = [str(self.chance.integers(10**11, 10**12)) for _ in range(3)]
        for number in range(12):
            region = _REGIONS[number % 3]
            vpc = self._id("vpc")
            self._add(f"10.{number}.0.0/16", OWN, region)
            for part in range(24):
                zone = f"{_ZONES[region]}{part % 3 + 1}"
                self._add(f"10.{number}.{part * 8}.0/21", OWN, region, zone)
                self.subnets.append(
                    {
                        "region": region,
                        "zone": zone,
                        "vpc_id": vpc,
                        "subnet_id": self._id("subnet"),
                        "account_id": accounts[number % 3],
                        "base": f"10.{number}.{part * 8}",
                    }
                )

    def _clouds(self) -> None:
        blocks = self.chance.permutation(np.arange(11, 200))
        for number, block in enumerate(blocks[:48]):
            scope = CLOUD if number < 28 else OTHER
            regions = _MORE_REGIONS if scope == CLOUD else [f"other-{each}" for each in range(24)]
            for _ in range(250):
                length = int(self.chance.choice([13, 14, 16, 18, 20, 22, 24, 26, 28]))
                start = (int(block) << 24 | int(self.chance.integers(0, 1 << 24))) >> (32 - length) << (32 - length)
                service = str(self.chance.choice(_SERVICES)) if scope == CLOUD else "-"
                self._add(f"{IPv4Address(start)}/{length}", scope, str(self.chance.choice(regions)), "", service)
        for number in range(2200):
            length = int(self.chance.choice([36, 40, 44, 46, 48, 56]))
            start = (0x2600 + number % 48) << 112 | int(self.chance.integers(0, 1 << 48)) << 64
            scope = CLOUD if number % 3 == 0 else OTHER
            region = str(self.chance.choice(_MORE_REGIONS)) if scope == CLOUD else f"other-{number % 24}"
            service = "EC2" if scope == CLOUD else "-"
            self._add(f"{IPv6Address(start >> (128 - length) << (128 - length))}/{length}", scope, region, "", service)

    def _interfaces(self, count: int) -> list[dict[str, str]]:
        found, hosts = [], [3] * len(self.subnets)
        workloads = self.chance.zipf(1.5, count) % 60
        for number in range(count):
            place = int(self.chance.integers(0, len(self.subnets)))
            subnet = self.subnets[place]
            hosts[place] += 1
            found.append(
                {
                    "interface_id": self._id("eni"),
                    "instance_id": self._id("i"),
                    "address": f"{subnet['base']}.{hosts[place]}",
                    "workload": f"team{workloads[number] % 7}/app{workloads[number]:02d}",
                    **{name: value for name, value in subnet.items() if name != "base"},
                }
            )
        return found

    def _far_ends(self, count: int) -> list[str]:
        """Addresses outside: a third in clouds, one in twenty IPv6."""
        v4 = [ip_network(each.cidr) for each in self.prefixes.values() if each.scope != OWN and ":" not in each.cidr]
        v6 = [ip_network(each.cidr) for each in self.prefixes.values() if ":" in each.cidr]
        found: dict[str, None] = {}
        while len(found) < count:
            kind = self.chance.random()
            if kind < 0.05:
                network = v6[int(self.chance.integers(len(v6)))]
                outside = 0x2A02 << 112 | int(self.chance.integers(0, 1 << 62)) << 34
                inside = int(network.network_address) + int(self.chance.integers(0, 1 << 60))
                address = str(IPv6Address(inside if kind < 0.025 else outside))
            elif kind < 0.37:
                network = v4[int(self.chance.integers(len(v4)))]
                address = str(network[int(self.chance.integers(0, network.num_addresses))])
            else:
                address = str(IPv4Address(int(self.chance.integers(200 << 24, 224 << 24))))
            found[address] = None
        return list(found)

    def _place(self) -> None:
        """The longest prefix of every address, length by length from the longest: slow and plain."""
        by_length: dict[tuple[int, int], dict[int, Prefix]] = {}
        for prefix in self.prefixes.values():
            network = ip_network(prefix.cidr)
            by_length.setdefault((network.version, network.prefixlen), {})[int(network.network_address)] = prefix
        lengths = sorted(by_length, reverse=True)
        nothing = Prefix("", NOWHERE, "", "", "-")
        self.matches = []
        for text in self.addresses:
            address = ip_address(text)
            match = nothing
            for version, length in lengths:
                if version == address.version and match is nothing:
                    shift = address.max_prefixlen - length
                    match = by_length[version, length].get(int(address) >> shift << shift, nothing)
            self.matches.append(match)


class Maker:
    """Makes files of one world."""

    def __init__(self, seed: int) -> None:
        self.seed, self.world = seed, World(seed)
        world = self.world
        self.regions = sorted({each.region for each in world.matches} | {""})
        self.workloads = sorted({each["workload"] for each in world.interfaces})
        self._addresses, self._services = pa.array(world.addresses), pa.array([each.service for each in world.matches])
        self._scopes = np.array([each.scope for each in world.matches])
        self._region_numbers = np.array([self.regions.index(each.region) for each in world.matches])
        zones = sorted({each.zone for each in world.matches} | {each["zone"] for each in world.interfaces})
        self._zone_numbers = np.array([zones.index(each.zone) for each in world.matches])
        self._own_zones = np.array([zones.index(each["zone"]) for each in world.interfaces])
        self._own_regions = np.array([self.regions.index(each["region"]) for each in world.interfaces])
        self._own_workloads = np.array([self.workloads.index(each["workload"]) for each in world.interfaces])
        self._facts = {name: pa.array([each[name] for each in world.interfaces]) for name in world.interfaces[0]}
        self._is_v6 = np.array([":" in each for each in world.addresses])
        self.sums: dict[tuple[int, ...], list[int]] = {}

    def records(self, file: int, files: int, count: int) -> pa.Table:
        """The records of a file; their sums go into `sums`."""
        chance = np.random.default_rng([self.seed, 1, file])
        own_count, all_count = len(self.world.interfaces), len(self.world.addresses)
        own = (own_count * chance.random(count) ** 2.2).astype(np.int64)
        inside = (own_count * chance.random(count) ** 1.6).astype(np.int64)
        outside = own_count + ((all_count - own_count) * chance.random(count) ** 3.5).astype(np.int64)
        far = np.where(chance.random(count) < 0.45, inside, outside)
        out = chance.random(count) < 0.55
        start = EPOCH + file * DAYS * 86400 // files // WINDOW * WINDOW + chance.integers(0, WINDOW, count)
        size = np.minimum(chance.lognormal(8.2, 2.6, count), 4e11).astype(np.int64) + 40
        draw = chance.random(count)
        nothing, refused = draw < 0.012, draw > 0.97
        kind = self._kinds(own, far, out)
        self._sum(own, far, kind=kind, start=start, size=size, counts=~nothing & ~refused)
        behind = (chance.random(count) < 0.04) & (far >= own_count)  # behind a gateway the packet's far end is another
        near = np.where(behind, own % 24, far)
        ports = chance.choice([443, 443, 443, 80, 5432, 6379, 9092, 53, 8080, 22], count)
        high = chance.integers(1024, 65536, count)
        columns = {
            "version": np.full(count, 5),
            "account-id": self._of("account_id", own),
            "interface-id": self._of("interface_id", own),
            "srcaddr": _take(self._addresses, np.where(out, own, near)),
            "dstaddr": _take(self._addresses, np.where(out, near, own)),
            "srcport": np.where(out, high, ports),
            "dstport": np.where(out, ports, high),
            "protocol": chance.choice([6, 6, 6, 6, 17, 1], count),
            "packets": size // chance.integers(60, 1400, count) + 1,
            "bytes": size,
            "start": start,
            "end": start + chance.integers(1, 60, count),
            "action": np.where(refused, "REJECT", "ACCEPT"),
            "log-status": np.where(nothing, "NODATA", "OK"),
            "vpc-id": self._of("vpc_id", own),
            "subnet-id": self._of("subnet_id", own),
            "instance-id": self._of("instance_id", own),
            "tcp-flags": chance.choice([0, 2, 3, 18, 19], count),
            "type": np.where(self._is_v6[far], "IPv6", "IPv4"),
            "pkt-srcaddr": _take(self._addresses, np.where(out, own, far)),
            "pkt-dstaddr": _take(self._addresses, np.where(out, far, own)),
            "region": self._of("region", own),
            "az-id": self._of("zone", own),
            "pkt-src-aws-service": _take(self._services, np.where(out, own, far)),
            "pkt-dst-aws-service": _take(self._services, np.where(out, far, own)),
            "flow-direction": np.where(out, "egress", "ingress"),
            "traffic-path": np.array(PATHS)[kind],
        }
        table = pa.table(
            {name: pa.array(values) if isinstance(values, np.ndarray) else values for name, values in columns.items()}
        )
        empty = pa.array(nothing)
        return pa.table(
            {
                name: column if name in ALWAYS else _without(column, empty)
                for name, column in zip(FIELDS, table.columns, strict=True)
            }
        )

    def _of(self, name: str, own: Array) -> pa.Array:
        return _take(self._facts[name], own)

    def _kinds(self, own: Array, far: Array, out: Array) -> Array:
        same_region = self._region_numbers[far] == self._own_regions[own]
        same_zone = same_region & (self._zone_numbers[far] == self._own_zones[own])
        scope = self._scopes[far]
        cases = [
            ~out,
            (scope == OWN) & same_zone,
            (scope == OWN) & same_region,
            (scope <= CLOUD) & ~same_region,
            scope == CLOUD,
            scope == OTHER,
        ]
        return np.select(cases, range(6), 6)

    def _sum(self, own: Array, far: Array, *, kind: Array, start: Array, size: Array, counts: Array) -> None:
        hours = start // 3600 * 3600
        keys = np.stack([self._own_workloads[own], kind, self._region_numbers[far], hours])[:, counts]
        unique, places = np.unique(keys, axis=1, return_inverse=True)
        records = np.bincount(places.ravel())
        sums = np.zeros(len(records), np.int64)
        np.add.at(sums, places.ravel(), size[counts])
        for key, count, total in zip(unique.T.tolist(), records.tolist(), sums.tolist(), strict=True):
            entry = self.sums.setdefault(tuple(key), [0, 0])
            entry[0] += count
            entry[1] += total

    def truth(self) -> list[tuple[Any, ...]]:
        """The answer, as rows of `truth.csv`."""
        return sorted(
            (self.workloads[workload], KINDS[kind], self.regions[region], hour, count, total)
            for (workload, kind, region, hour), (count, total) in self.sums.items()
        )


def _take(values: pa.Array, numbers: Array) -> pa.Array:
    return values.take(pa.array(numbers))


def _without(column: pa.ChunkedArray, empty: pa.Array) -> pa.ChunkedArray:
    return pc.if_else(empty, pa.scalar(None, column.type), column)


def write_text(table: pa.Table, path: Path) -> None:
    """Records as AWS writes them to a bucket."""
    words = [pc.fill_null(column.cast(pa.string()), "-").combine_chunks() for column in table.columns]
    lines = pc.binary_join_element_wise(*words, " ").to_pylist()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("\n".join([" ".join(FIELDS), *lines, ""]).encode(), 6, mtime=0))


def write_parquet(table: pa.Table, path: Path) -> None:
    """The same in columns; numbers of 32 bits where AWS has such."""
    path.parent.mkdir(parents=True, exist_ok=True)
    wide = {"packets", "bytes", "start", "end"}
    columns = {
        name.replace("-", "_"): column.cast(pa.int32())
        if pa.types.is_int64(column.type) and name not in wide
        else column
        for name, column in zip(FIELDS, table.columns, strict=True)
    }
    pq.write_table(pa.table(columns), path, compression="gzip")


def make(folder: Path, records: int, files: int, *, seed: int = 20261122, parquet: bool = True) -> None:
    """Make everything. A folder that holds its answer is complete and left as it is."""
    if (folder / "truth.csv").exists():
        return
    maker = Maker(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        count = records // files + (number < records % files)
        table = maker.records(number, files, count)
        day = f"2026/10/{number * DAYS // files + 1:02d}"
        tree = f"AWSLogs/111122223333/vpcflowlogs/us-east-1/{day}"
        name = f"111122223333_vpcflowlogs_us-east-1_fl-0abc_{day.replace('/', '')}T0000Z_{number:08x}.log"
        write_text(table, folder / "text" / tree / f"{name}.gz")
        if parquet:
            write_parquet(table, folder / "parquet" / tree / f"{name}.parquet")
    world = maker.world
    prefixes = [(each.cidr, SCOPES[each.scope], each.region, each.zone) for each in world.prefixes.values()]
    _write(folder / "prefixes.csv", ["cidr", "scope", "region", "zone"], prefixes)
    _write(folder / "interfaces.csv", list(world.interfaces[0]), [tuple(each.values()) for each in world.interfaces])
    _write(folder / "truth.csv", ["workload", "kind", "region", "hour", "records", "bytes"], maker.truth())


def _write(path: Path, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)


def main() -> None:
    """Read the arguments and make the files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--parquet", action="store_true")
    given = parser.parse_args()
    make(given.folder, given.records, given.files, seed=given.seed, parquet=given.parquet)


if __name__ == "__main__":
    main()
