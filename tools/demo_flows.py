"""Make the flow logs of a company that does not exist: what `egresscost demo` shows beside its bill.

Goes in: a folder (default `egresscost/demo/flows`). Comes out: VPC flow logs of October 2026 in it, named as AWS names its
objects, the same every time. Never: takes a record, a name or a number from anybody's network; uses a clock, chance or
a float.

Who talks to whom is in `TALKS`, in GB of October. What the bill (tools/demo_bill.py) counts of the same bytes it counts
as the same month: the records come to the bill's GB, to the byte, wherever flow logs see them. They do not see what S3
and CloudFront send, nor the small networks abroad and the sandbox, where nobody switched them on. Single days may
differ a little, for each talk lies on the days by itself.

Records are few and big on purpose: each interface has one for each talk, direction and day, where a real one has
thousands; and an object holds the month, where a real one holds five minutes. Acknowledgements are left out where the bill
has no line for them.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from demo_bill import GRAIN, OCTOBER, SHAPES, read_table, spread, weights
from demo_network import Interface, Net, interfaces, networks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# Addresses outside: `service` is what AWS's own list calls them, for the two fields of a record that say so. Countries
# and owners are those of the lists that come with egresscost; the addresses were taken without looking who has them.
OUTSIDE: Final = """
name       | address       | service  | what it is
us         | 73.12.40.20   |          | viewers in the United States
ca         | 99.224.10.10  |          | viewers in Canada
gb         | 86.128.20.10  |          | viewers in Great Britain
de         | 91.0.20.10    |          | viewers in Germany
fr         | 90.10.20.10   |          | viewers in France
es         | 80.24.20.10   |          | viewers in Spain
au         | 1.120.20.10   |          | viewers in Australia
se         | 81.224.20.10  |          | travellers in Sweden
it         | 79.16.20.10   |          | travellers in Italy
gr         | 62.103.20.10  |          | travellers in Greece
harbours   | 91.0.40.10    |          | harbours in Germany that fetch passenger lists
weather    | 91.0.60.10    |          | a weather service in Germany
positions  | 84.208.20.10  |          | positions of ships, from Norway
telemetry  | 34.86.10.20   |          | a vendor of monitoring, in Google Cloud
docker     | 104.16.99.20  |          | container images, behind Cloudflare
packages   | 140.82.113.33 |          | container images of GitHub
python     | 151.101.64.20 |          | packages, behind Fastly
s3         | 52.216.10.20  | S3       | S3 in us-east-1
dynamodb   | 52.94.2.30    | DYNAMODB | DynamoDB in us-east-1
monitoring | 15.221.0.20   | AMAZON   | CloudWatch Logs and others in us-east-1
scanner    | 45.135.20.10  |          | somebody who tries every door
"""

# GB of October 2026. `from` asks and `to` serves: `sent` goes there, `back` is the answer. `way` is the road:
#   direct    between a public address and the outside
#   nat NAME  from inside to the outside, through this NAT gateway
#   local     inside one VPC, to endpoints and balancers, too
#   transit   to another VPC of the region through the transit gateway
#   public    inside one VPC, by public addresses
#   region    to another region over VPC peering
#   gateway   to S3 through a gateway endpoint
TALKS: Final = """
from          | to              | way                | sent  | back  | port | shape
us            | streamer        | direct             | 280   | 14000 | 443  | evenings
ca            | streamer        | direct             | 60    | 3000  | 443  | evenings
gb            | streamer        | direct             | 90    | 4500  | 443  | evenings
de            | streamer        | direct             | 80    | 4000  | 443  | evenings
fr            | streamer        | direct             | 50    | 2500  | 443  | evenings
es            | streamer        | direct             | 30    | 1500  | 443  | evenings
au            | streamer        | direct             | 30    | 1500  | 443  | evenings
gb            | staging         | direct             | 44    | 2200  | 443  | evenings
streamer      | media-cache     | local              | 100   | 30000 | 8080 | evenings
streamer      | media-api-a     | local              | 10    | 60    | 443  | evenings
media-api-b   | catalog         | local              | 10    | 60    | 8080 | evenings
catalog       | catalog-db      | local              | 20    | 140   | 3306 | evenings
media-cache   | s3              | gateway            | 10    | 9000  | 443  | evenings
live-encoder  | s3              | gateway            | 1     | 300   | 443  | evenings
live-encoder  | sydney-player-1 | region             | 12000 | 0     | 443  | from 9th
live-encoder  | sydney-player-2 | region             | 7000  | 0     | 443  | from 9th
de            | ticket-shop-a   | direct             | 600   | 1700  | 443  | office
gb            | ticket-shop-a   | direct             | 500   | 1200  | 443  | office
se            | ticket-shop-a   | direct             | 400   | 1000  | 443  | office
it            | ticket-shop-b   | direct             | 500   | 1300  | 443  | office
gr            | ticket-shop-b   | direct             | 350   | 900   | 443  | office
us            | ticket-shop-b   | direct             | 250   | 700   | 443  | office
ticket-shop-a | web-1           | local              | 1200  | 3500  | 8080 | office
ticket-shop-a | web-2           | local              | 300   | 400   | 8080 | office
ticket-shop-b | web-2           | local              | 1100  | 2900  | 8080 | office
web-1         | web-2           | local              | 5100  | 100   | 7946 | office
web-1         | checkout-1      | public             | 860   | 40    | 8443 | office
web-1         | checkout-lb-a   | local              | 30    | 60    | 443  | office
checkout-lb-a | checkout-1      | local              | 30    | 60    | 8080 | office
checkout-1    | orders-db       | local              | 80    | 220   | 5432 | office
orders        | orders-db       | local              | 300   | 500   | 5432 | office
orders        | warehouse       | transit            | 5000  | 0     | 9000 | office
warehouse     | pricing         | transit            | 6000  | 0     | 9000 | office
warehouse     | recommender     | transit            | 3000  | 0     | 9000 | office
query         | warehouse       | local              | 40    | 700   | 9000 | office
query         | s3              | gateway            | 900   | 4800  | 443  | office
app           | cache           | local              | 600   | 17400 | 6379 | office
cache         | eu-replica      | region             | 2000  | 1500  | 6379 | office
etl-a         | s3              | nat nat-us-east-1a | 1400  | 5600  | 443  | office
etl-a         | dynamodb        | nat nat-us-east-1a | 300   | 800   | 443  | office
etl-a         | monitoring      | nat nat-us-east-1a | 500   | 100   | 443  | office
etl-a         | harbours        | nat nat-us-east-1a | 1270  | 60    | 443  | office
log-shipper   | telemetry       | nat nat-us-east-1a | 2600  | 40    | 443  | steady
node-a        | docker          | nat nat-us-east-1a | 20    | 900   | 443  | office
node-a        | packages        | nat nat-us-east-1a | 10    | 400   | 443  | office
etl-b         | s3              | nat nat-us-east-1b | 1700  | 4500  | 443  | office
etl-b         | monitoring      | nat nat-us-east-1b | 400   | 100   | 443  | office
positions     | s3              | nat nat-us-east-1b | 200   | 1700  | 443  | office
positions     | positions       | nat nat-us-east-1b | 40    | 2060  | 443  | office
node-b        | python          | nat nat-us-east-1b | 10    | 290   | 443  | office
etl-c         | s3              | nat nat-us-east-1c | 1000  | 2900  | 443  | office
etl-c         | dynamodb        | nat nat-us-east-1c | 200   | 500   | 443  | office
etl-c         | monitoring      | nat nat-us-east-1c | 200   | 100   | 443  | office
etl-c         | weather         | nat nat-us-east-1c | 140   | 350   | 443  | office
node-c        | packages        | nat nat-us-east-1c | 10    | 600   | 443  | office
etl-a         | kinesis-a       | local              | 1500  | 500   | 443  | office
etl-b         | kinesis-b       | local              | 1500  | 500   | 443  | office
etl-c         | kinesis-c       | local              | 1300  | 400   | 443  | office
etl-a         | queue-a         | local              | 200   | 90    | 443  | office
etl-b         | queue-b         | local              | 300   | 100   | 443  | office
etl-a         | secrets-a       | local              | 1     | 3     | 443  | office
etl-b         | secrets-b       | local              | 1     | 1     | 443  | office
etl-c         | secrets-c       | local              | 1     | 1     | 443  | office
etl-a         | manager-a       | local              | 1     | 1     | 443  | office
"""

# Who knocks and is not let in, every day: refused traffic costs nothing.
REFUSED: Final = """
from    | to            | port | bytes
scanner | streamer      | 23   | 240
scanner | web-1         | 3389 | 416
scanner | ticket-shop-a | 8081 | 120
"""

_FORMAT: Final = """
version account-id interface-id interface-type srcaddr dstaddr srcport dstport protocol packets bytes start end
action log-status vpc-id subnet-id instance-id type pkt-srcaddr pkt-dstaddr region az-id pkt-src-aws-service
pkt-dst-aws-service flow-direction traffic-path next-hop-interface-id next-hop-az-id next-hop-vpc-id
next-hop-interface-type instance-tag
"""
FIELDS: Final = _FORMAT.split()
"""The fields of every flow log of the company: those that egresscost asks for, and the name of the machine."""
VERSION: Final = "11"
NOTHING: Final = "-"
LOCAL, REGION_PEERING, GATEWAY_ENDPOINT, INTERNET = "1", "5", "7", "8"
"""Ways out, as the field traffic-path numbers them."""
PACKETS: Final = 750_000
"""Packets of a GB: each has some 1,430 bytes."""
LASTS: Final = 599
"""Seconds from the first to the last packet of a record."""
APART: Final = 1200
"""Seconds between the records of a talk and of the next one."""


@dataclass(frozen=True)
class Outside:
    """Somebody on the other side of the border."""

    name: str
    address: str
    service: str
    meaning: str


End = Interface | Outside


@dataclass(frozen=True)
class Talk:
    """A row of `TALKS`."""

    number: int
    asks: End
    serves: End
    way: str
    sent: int
    back: int
    port: int
    shape: str


@dataclass(frozen=True)
class Sight:
    """What one interface sees of bytes on their way: the addresses there, those of the packet, and where they go next."""

    at: Interface
    source: str
    target: str
    packet_source: str
    packet_target: str
    path: str = ""
    hop: Interface | None = None

    @property
    def leaves(self) -> bool:
        """Whether the bytes leave the interface."""
        return bool(self.path)


@dataclass(frozen=True)
class Record:
    """A line, and the interface that says it."""

    at: Interface
    text: str


# -------------------------------------------------------------------------------------------------------- the ways


def _direct(source: End, target: End, _: str) -> list[Sight]:
    ends = source.address, target.address, source.address, target.address
    if isinstance(source, Interface):
        return [Sight(source, *ends, INTERNET)]
    assert isinstance(target, Interface)  # noqa: S101  one of the two is ours
    return [Sight(target, *ends)]


def _nat(source: End, target: End, name: str) -> list[Sight]:
    """Three sights each way: the machine's, and the gateway's on its inner and on its outer side."""
    nat = KNOWN[name]
    packet = source.address, target.address
    if isinstance(source, Interface):
        return [
            Sight(source, *packet, *packet, LOCAL, nat),
            Sight(nat, source.address, nat.address, *packet),
            Sight(nat, nat.address, target.address, nat.address, target.address, INTERNET),
        ]
    assert isinstance(target, Interface)  # noqa: S101  one of the two is ours
    return [
        Sight(nat, source.address, nat.address, source.address, nat.address),
        Sight(nat, nat.address, target.address, *packet, LOCAL, target),
        Sight(target, *packet, *packet),
    ]


def _local(source: End, target: End, _: str) -> list[Sight]:
    assert isinstance(source, Interface)  # noqa: S101  both are ours
    assert isinstance(target, Interface)  # noqa: S101
    ends = source.address, target.address, source.address, target.address
    return [Sight(source, *ends, LOCAL, target), Sight(target, *ends)]


def _transit(source: End, target: End, _: str) -> list[Sight]:
    """The machine's, that of the attachment where it goes in, that where it comes out, and the other machine's."""
    assert isinstance(source, Interface)  # noqa: S101  both are ours
    assert isinstance(target, Interface)  # noqa: S101
    into, out = (_attachment(each.net) for each in (source, target))
    ends = source.address, target.address, source.address, target.address
    return [
        Sight(source, *ends, LOCAL, into),
        Sight(into, *ends),
        Sight(out, *ends, LOCAL, target),
        Sight(target, *ends),
    ]


def _attachment(net: Net) -> Interface:
    (found,) = (each for each in KNOWN.values() if each.net == net and each.kind == "transit")
    return found


def _public(source: End, target: End, _: str) -> list[Sight]:
    """Each machine sees its own private address and the public one of the other."""
    assert isinstance(source, Interface)  # noqa: S101  both are ours
    assert isinstance(target, Interface)  # noqa: S101
    there, here = (source.address, target.public), (source.public, target.address)
    return [Sight(source, *there, *there, INTERNET), Sight(target, *here, *here)]


def _region(source: End, target: End, _: str) -> list[Sight]:
    assert isinstance(source, Interface)  # noqa: S101  both are ours
    assert isinstance(target, Interface)  # noqa: S101
    ends = source.address, target.address, source.address, target.address
    return [Sight(source, *ends, REGION_PEERING), Sight(target, *ends)]


def _gateway(source: End, target: End, _: str) -> list[Sight]:
    ends = source.address, target.address, source.address, target.address
    if isinstance(source, Interface):
        return [Sight(source, *ends, GATEWAY_ENDPOINT)]
    assert isinstance(target, Interface)  # noqa: S101  one of the two is ours
    return [Sight(target, *ends)]


WAYS: Final[dict[str, Callable[[End, End, str], list[Sight]]]] = {
    "direct": _direct,
    "nat": _nat,
    "local": _local,
    "transit": _transit,
    "public": _public,
    "region": _region,
    "gateway": _gateway,
}
KNOWN: Final = interfaces()
STRANGERS: Final = {row["name"]: Outside(*row.values()) for row in read_table(OUTSIDE)}
SERVICES: Final = {each.address: each.service for each in STRANGERS.values() if each.service} | {
    each.public: "EC2" for each in KNOWN.values() if each.public
}

# ------------------------------------------------------------------------------------------------------- records


def talks() -> list[Talk]:
    """The rows of `TALKS`. One that is through NAT, direct or by a gateway endpoint has one end outside."""
    found = []
    for number, row in enumerate(read_table(TALKS)):
        way = row["way"].partition(" ")[0]
        to_outside = way in {"nat", "gateway"}
        asks: End = STRANGERS[row["from"]] if way == "direct" else KNOWN[row["from"]]
        serves: End = STRANGERS[row["to"]] if to_outside else KNOWN[row["to"]]
        sizes = int(row["sent"]), int(row["back"])
        found.append(Talk(number, asks, serves, row["way"], *sizes, int(row["port"]), row["shape"]))
    return found


def records() -> list[Record]:
    """Every record of October, refused traffic and silence included, talk by talk: so they pack well."""
    found = [record for talk in talks() for record in _of_talk(talk)]
    found += _refused()
    return [*found, *_silent(found)]


def _of_talk(talk: Talk) -> Iterator[Record]:
    way, _, name = talk.way.partition(" ")
    own = talk.asks if isinstance(talk.asks, Interface) else talk.serves
    assert isinstance(own, Interface)  # noqa: S101  one of the two is ours
    heavy = weights(own.net.account, SHAPES[talk.shape], OCTOBER)
    client = 32768 + 113 * talk.number
    turns = (
        (talk.asks, talk.serves, talk.sent, (client, talk.port)),
        (talk.serves, talk.asks, talk.back, (talk.port, client)),
    )
    for source, target, size, ports in turns:
        sights = [each for each in WAYS[way](source, target, name) if each.at.net.flow_log]
        parts = spread(size, GRAIN["GB"], heavy)
        for day, part in zip(OCTOBER.days, parts, strict=True):
            for sight in sights if part else []:
                yield _line(sight, _start(day, talk.number), ports, int(part * 2**30))


def _start(day: date, number: int) -> int:
    """Seconds since 1970; each talk has its time of day."""
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    return midnight + number * APART % 86_400


def _line(sight: Sight, start: int, ports: tuple[int, int], amount: int, action: str = "ACCEPT") -> Record:
    hop = sight.hop
    said = {
        "srcaddr": sight.source,
        "dstaddr": sight.target,
        "srcport": str(ports[0]),
        "dstport": str(ports[1]),
        "protocol": "6",
        "packets": str(-(-amount * PACKETS // 2**30)),
        "bytes": str(amount),
        "action": action,
        "type": "IPv4",
        "pkt-srcaddr": sight.packet_source,
        "pkt-dstaddr": sight.packet_target,
        "pkt-src-aws-service": SERVICES.get(sight.packet_source, NOTHING),
        "pkt-dst-aws-service": SERVICES.get(sight.packet_target, NOTHING),
        "flow-direction": "egress" if sight.leaves else "ingress",
        "traffic-path": sight.path or NOTHING,
    }
    if hop is not None:
        said |= {
            "next-hop-interface-id": hop.id,
            "next-hop-az-id": hop.zone,
            "next-hop-vpc-id": hop.net.id,
            "next-hop-interface-type": hop.type,
        }
    return _record(sight.at, start, "OK", said)


def _record(at: Interface, start: int, status: str, said: dict[str, str]) -> Record:
    """A line, with all that an interface says of itself."""
    known = {
        "version": VERSION,
        "account-id": at.net.owner,
        "interface-id": at.id,
        "interface-type": at.type,
        "start": str(start),
        "end": str(start + LASTS),
        "log-status": status,
        "vpc-id": at.net.id,
        "subnet-id": at.subnet_id,
        "instance-id": at.instance or NOTHING,
        "region": at.net.region,
        "az-id": at.zone,
        "instance-tag": at.name if at.instance else NOTHING,
    }
    return Record(at, " ".join((known | said).get(field, NOTHING) for field in FIELDS))


def _refused() -> Iterator[Record]:
    for number, row in enumerate(read_table(REFUSED)):
        at, source = KNOWN[row["to"]], STRANGERS[row["from"]].address
        sight = Sight(at, source, at.address, source, at.address)
        for day in OCTOBER.days:
            yield _line(sight, _start(day, number), (51_000 + number, int(row["port"])), int(row["bytes"]), "REJECT")


def _silent(found: Sequence[Record]) -> Iterator[Record]:
    """One record of each interface that has nothing to say all month."""
    spoken = {record.at.id for record in found}
    for each in KNOWN.values():
        if each.net.flow_log and each.id not in spoken:
            yield _record(each, _start(OCTOBER.start, 0), "NODATA", {})


# ---------------------------------------------------------------------------------------------------------- files


def objects() -> Iterator[tuple[str, bytes]]:
    """The object of every flow log: its key, and its lines under one that names the fields."""
    whole = records()
    for net in networks().values():
        lines = [record.text for record in whole if record.at.net == net]
        if net.flow_log:
            yield _key(net), "\n".join([" ".join(FIELDS), *lines, ""]).encode()


def _key(net: Net) -> str:
    """As AWS names an object: by when it was delivered, which is after its last record."""
    last = OCTOBER.days[-1]
    delivered = f"{last:%Y%m%d}T2355Z"
    code = hashlib.sha256(f"{net.flow_log} {delivered}".encode()).hexdigest()[:8]
    name = f"{net.owner}_vpcflowlogs_{net.region}_{net.flow_log}_{delivered}_{code}.log.gz"
    return f"AWSLogs/{net.owner}/vpcflowlogs/{net.region}/{last:%Y/%m/%d}/{name}"


def write(folder: Path) -> list[Path]:
    """Write every object into a folder; what was written."""
    written = []
    for key, content in objects():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content, compresslevel=9, mtime=0))
        written.append(path)
    return written


def main(arguments: Sequence[str]) -> None:
    """Write the flow logs into the folder that is named, or into the package."""
    default = Path(__file__).resolve().parent.parent / "egresscost" / "demo" / "flows"
    for path in write(Path(arguments[0]) if arguments else default):
        print(f"{path}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
