"""Make what a company that does not exist has in Google Cloud: its bill, its flow logs and its inventory.

Goes in: a folder (default `egresscost/demo/gcp`). Comes out: `bill`, `flows` and `inventory` in it: two months of the detailed
billing export as BigQuery extracts it to JSON, logs of VPC Flow Logs and Cloud NAT of October 2026 as a sink writes them, and what
`gcloud compute instances list` prints; the same every time. Never: takes a row, a name or a number from anybody's bill; uses
a clock, chance or a float.

The project lumen-labs is the laboratory of Lumen & Ferry: its collector gets the telemetry that AWS's log-shipper sends
(tools/demo_flows.py has the same bytes), and its catalogue is fetched by viewers and by the office in Azure
(tools/demo_azure.py, the same bytes again).

Each line has a whole number of units for each month, and each talk one for October, laid on the days as in tools/demo_bill.py:
the records come to the bill's GB, to the byte, wherever flow logs see them. They do not see Cloud CDN. Days of one talk and of its
lines in the bill may differ a little. Records are few and big on purpose: a talk has one for each day, direction and reporter.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from demo_bill import MONTHS, OCTOBER, SHAPES, Line, Meter, Month, Share, Step, priced, read_table, spread, weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Json = dict[str, Any]

# ---------------------------------------------------------------------------------------------------- the company

PROJECT: Final = "lumen-labs"
NUMBER: Final = "400000000017"
ACCOUNT: Final = "01D4C7-5E9A20-B83F16"
SERVICES: Final = {
    "Compute Engine": "6F81-5844-456A",
    "Networking": "E505-1604-58F8",
    "Cloud Storage": "95FF-2EF5-5EA1",
    "BigQuery": "24E6-581D-38E5",
    "Invoice": "",
}
"""Their ids. The first two were seen in public exports, the others are generally known."""

# One row a step of a price; `up to` counts a month's units, the free ones included, over all lines of the meter. `source` is the
# project's rate card (pricing/gcp) that has the same price with its own source and date. SKU ids are Google's where they are known,
# and else made up. Below the line: no transfer; public prices as generally known and not checked, they only make the rest of
# the bill.
PRICES: Final = """
meter       | service        | region       | sku            | text                                                             | unit           | up to | rate   | source
out-us      | Compute Engine | us-east4     | 1A51-8906-72EB | Network Internet Data Transfer Out from Virginia to Americas     | gibibyte       | 1024  | 0.12   | internet.csv 2026-08-16
out-eu      | Compute Engine | europe-west1 | CB18-A164-1EAF | Network Internet Data Transfer Out from EMEA to Western Europe   | gibibyte       | 1024  | 0.12   | internet.csv 2026-08-16
out-eu      | Compute Engine | europe-west1 | CB18-A164-1EAF | Network Internet Data Transfer Out from EMEA to Western Europe   | gibibyte       | 10240 | 0.11   | internet.csv 2026-08-16
out-eu-us   | Compute Engine | europe-west1 | A259-FE21-4125 | Network Internet Data Transfer Out from EMEA to Americas         | gibibyte       | 1024  | 0.12   | internet.csv 2026-08-16
in-us       | Compute Engine | us-east4     | 6D04-76C7-EECE | Network Internet Data Transfer In from Americas to Virginia      | gibibyte       |       | 0      | internet.csv 2026-09-20, rule
in-eu       | Compute Engine | europe-west1 | ACBE-F3A6-74B4 | Network Internet Data Transfer In from Western Europe to EMEA    | gibibyte       |       | 0      | internet.csv 2026-09-20, rule
in-eu-us    | Compute Engine | europe-west1 | DC8E-1822-73ED | Network Internet Data Transfer In from Americas to EMEA          | gibibyte       |       | 0      | internet.csv 2026-09-20, rule
zone        | Compute Engine | us-east4     | DE9E-AFBC-A15A | Network Inter Zone Data Transfer Out                             | gibibyte       |       | 0.01   | zone.csv 2026-09-20
zone-in     | Compute Engine | us-east4     | D0CC-50DF-59D2 | Network Inter Zone Data Transfer In                              | gibibyte       |       | 0      | zone.csv 2026-09-20, rule
us-eu       | Compute Engine | us-east4     | DF86-E43D-C26F | Network Inter Region Data Transfer Out from Virginia to EMEA     | gibibyte       |       | 0.05   | region.csv 2026
eu-us       | Compute Engine | europe-west1 | 28EF-5B5C-4BCC | Network Inter Region Data Transfer Out from EMEA to Virginia     | gibibyte       |       | 0.05   | region.csv 2026-10-10
us-eu-in    | Compute Engine | europe-west1 | AF69-B2E4-2D67 | Network Inter Region Data Transfer In from Virginia to EMEA      | gibibyte       |       | 0      | region.csv 2026-09-20, rule
nat         | Networking     | us-east4     | 015F-5732-FFF0 | Networking Cloud Nat Data Processing                             | gibibyte       |       | 0.045  | nat.csv 2026-07-30
nat-hours   | Networking     | us-east4     | 32E2-4EFC-EF9F | Networking Cloud Nat Gateway Uptime                              | hour           |       | 0.0014 | nat.csv 2024-07-01, one VM
cdn         | Networking     |              |                | Networking Cloud CDN Traffic Cache Data Transfer to Europe       | gibibyte       | 10240 | 0.08   | cdn.csv 2025
fill        | Networking     | europe-west1 | AFF5-F24B-5F78 | Network CDN Europe Intra-Region Cache Fill                       | gibibyte       |       | 0.01   | cdn.csv 2026-09-20
address     | Compute Engine | us-east4     | C054-7F72-A02E | External IP Charge on a Standard VM                              | hour           | 720   | 0      | allowances.csv 2026-09-04
address     | Compute Engine | us-east4     | C054-7F72-A02E | External IP Charge on a Standard VM                              | hour           |       | 0.005  | public_address.csv 2026-07-30
address-eu  | Compute Engine | europe-west1 | C054-7F72-A02E | External IP Charge on a Standard VM                              | hour           |       | 0.005  | public_address.csv 2026-07-30
------------|----------------|--------------|----------------|------------------------------------------------------------------|----------------|-------|--------|---
n2          | Compute Engine | us-east4     |                | N2 Instance Core running in Virginia                             | hour           |       | 0.0356 | not checked
n2-ram      | Compute Engine | us-east4     |                | N2 Instance Ram running in Virginia                              | gibibyte hour  |       | 0.0048 | not checked
n2-eu       | Compute Engine | europe-west1 |                | N2 Instance Core running in EMEA                                 | hour           |       | 0.0348 | not checked
disk        | Compute Engine | us-east4     |                | Balanced PD Capacity in Virginia                                 | gibibyte month |       | 0.11   | not checked
storage     | Cloud Storage  | us-east4     |                | Standard Storage Northern Virginia                               | gibibyte month |       | 0.023  | not checked
analysis    | BigQuery       | us-east4     |                | Analysis (us-east4)                                              | tebibyte       |       | 6.25   | not checked
"""

# How much of each meter, on which resource, in September and October: in its unit; `x2` is two all the time.
LINES: Final = """
meter      | resource             | team      | september | october | shape
out-us     | collector            | telemetry | 560       | 590     | steady
out-us     | trainer              | models    | 9         | 10      | office
out-eu     | catalogue            | catalogue | 4500      | 5000    | evenings
out-eu-us  | catalogue            | catalogue | 280       | 300     | evenings
in-us      | collector            | telemetry | 2560      | 2610    | steady
in-us      | trainer              | models    | 450       | 490     | office
in-eu      | catalogue            | catalogue | 95        | 100     | evenings
in-eu-us   | catalogue            | catalogue | 9         | 10      | evenings
zone       | collector            | telemetry | 3700      | 4000    | office
zone-in    | trainer              | models    | 3700      | 4000    | office
zone       | trainer              | models    | 190       | 200     | office
zone-in    | collector            | telemetry | 190       | 200     | office
us-eu      | trainer              | models    | 1850      | 2000    | office
us-eu-in   | catalogue            | catalogue | 1850      | 2000    | office
eu-us      | catalogue            | catalogue | 90        | 100     | office
nat        | labs-nat             | models    | 459       | 500     | office
nat-hours  | labs-nat             | models    | x1        | x1      | steady
cdn        | catalogue-edge       | catalogue | 2300      | 2500    | evenings
fill       | catalogue-edge       | catalogue | 370       | 400     | evenings
address    | collector            | telemetry | x1        | x1      | steady
address-eu | catalogue            | catalogue | x1        | x1      | steady
n2         | collector            | telemetry | x4        | x4      | steady
n2         | trainer              | models    | x16       | x16     | steady
n2-ram     | trainer              | models    | x64       | x64     | steady
n2-eu      | catalogue            | catalogue | x8        | x8      | steady
disk       | trainer              | models    | 3000      | 3100    | steady
storage    | lumen-labs-telemetry | telemetry | 15000     | 15500   | steady
analysis   |                      | telemetry | 60        | 62      | steady
"""
CREDITS: Final = {
    "n2": ("COMMITTED_USAGE_DISCOUNT", "Committed usage discount: CPU", Decimal("0.25")),
    "cdn": ("PROMOTION", "Spend-based promotion of 2026", Decimal("0.1")),
}
"""Type, name and part of the cost that comes back, of some meters. Made up."""
TAX: Final = {"2026-09": Decimal("96.40"), "2026-10": Decimal("101.25")}

# --------------------------------------------------------------------------------------------------------- network

MACHINES: Final = """
name      | zone           | address    | public
collector | us-east4-a     | 10.60.1.10 | 34.86.10.20
trainer   | us-east4-b     | 10.60.1.20 |
catalogue | europe-west1-b | 10.61.1.10 | 34.76.10.20
"""

# Addresses outside, as the records tell of them: `aws` is the NAT gateway of the company itself there, `azure` that of its office.
OUTSIDE: Final = """
name   | address      | country | asn
aws    | 3.236.94.10  | usa     | 14618
azure  | 13.80.20.4   | nld     | 8075
us     | 73.12.40.20  | usa     | 7922
de     | 91.0.20.10   | deu     | 3320
gb     | 86.128.20.10 | gbr     | 2856
docker | 104.16.99.20 | usa     | 13335
"""

# GB of October 2026. `from` opens and `to` answers: `sent` goes there, `back` is the answer. `nat` is by Cloud NAT.
TALKS: Final = """
from      | to        | by  | sent | back | port | shape
aws       | collector |     | 2600 | 40   | 443  | steady
us        | collector |     | 10   | 550  | 443  | steady
azure     | catalogue |     | 20   | 1200 | 443  | steady
de        | catalogue |     | 50   | 2300 | 443  | evenings
gb        | catalogue |     | 30   | 1500 | 443  | evenings
us        | catalogue |     | 10   | 300  | 443  | evenings
collector | trainer   |     | 4000 | 200  | 9000 | office
trainer   | catalogue |     | 2000 | 100  | 8443 | office
trainer   | docker    | nat | 10   | 490  | 443  | office
"""
NAT, NAT_ADDRESS, REGION = "labs-nat", "34.85.140.20", "us-east4"
NETWORK: Final = "labs"
PACKETS: Final = 750_000
"""Packets of a GB: each has some 1,430 bytes."""
APART: Final = 1200
"""Seconds between the records of a talk and of the next one."""

# ------------------------------------------------------------------------------------------------------------ bill

GRAIN: Final = {"gibibyte": 16}
"""Into how many parts a unit is divided; every other unit is whole."""
BASE: Final = {
    "gibibyte": (2**30, "bytes"),
    "hour": (3600, "seconds"),
    "gibibyte hour": (2**30 * 3600, "byte-seconds"),
    "gibibyte month": (2**30 * 2_678_400, "byte-seconds"),
    "tebibyte": (2**40, "bytes"),
}
"""How many base units a pricing unit has, and their name."""
WORDS: Final = {row["meter"]: row for row in reversed(read_table(PRICES))}
"""The first row of each meter, for its words."""
_NUMBER: Final = re.compile(r'"#(-?[0-9.]+)"')


def _meters() -> dict[str, Meter]:
    return {
        name: Meter(row["service"], row["text"], row["unit"], row["region"], "", Decimal(0), tuple(_steps(name)))
        for name, row in WORDS.items()
    }


def _steps(meter: str) -> Iterator[Step]:
    for row in read_table(PRICES):
        if row["meter"] == meter:
            rate = Decimal(row["rate"])
            yield Step(int(row["up to"]) if row["up to"] else None, rate, rate, row["text"], row["sku"])


def lines() -> list[Line]:
    """The rows of `LINES`."""
    return [
        Line(
            row["meter"],
            PROJECT,
            WORDS[row["meter"]]["service"],
            "",
            row["resource"],
            row["team"],
            {month.name: _amount(row[f"{month.start:%B}".lower()], month) for month in MONTHS},
            SHAPES[row["shape"]],
        )
        for row in read_table(LINES)
    ]


def _amount(text: str, month: Month) -> int:
    return 24 * len(month.days) * int(text[1:]) if text.startswith("x") else int(text)


def rows(month: Month) -> Iterator[Json]:
    """Every row of a month's export."""
    whole = lines()
    for name, meter in _meters().items():
        for share in priced(meter, [line for line in whole if line.meter == name], month, GRAIN):
            yield _usage(month, meter, share)
    yield _tax(month)


def _usage(month: Month, meter: Meter, share: Share) -> Json:
    line, words = share.line, WORDS[share.line.meter]
    factor, base = BASE[meter.unit]
    cost = share.quantity * share.step.rate
    begins = [Decimal(0), *(Decimal(each.upto or 0) for each in meter.steps)]
    start = begins[meter.steps.index(share.step)]
    region = words["region"] or None
    return {
        **_whose(month, share.day.isoformat(), (share.day + timedelta(days=1)).isoformat()),
        "service": {"id": SERVICES[line.product], "description": line.product},
        "sku": {"id": words["sku"] or _code(words["text"]), "description": words["text"]},
        "project": {"id": PROJECT, "number": NUMBER, "name": "Lumen Labs", "labels": []},
        "labels": [{"key": "team", "value": line.tags}],
        "location": {"location": region or "global", "region": region},
        "resource": {"name": line.resource, "global_name": None} if line.resource else {},
        "cost": _number(cost),
        "usage": {
            "amount": _number(share.quantity * factor),
            "unit": base,
            "amount_in_pricing_units": _number(share.quantity),
            "pricing_unit": meter.unit,
        },
        "credits": list(_credits(line.meter, cost)),
        "cost_type": "regular",
        "price": {"effective_price": str(share.step.rate), "tier_start_amount": str(start)},
        "cost_at_list": _number(cost),
    }


def _credits(meter: str, cost: Decimal) -> Iterator[Json]:
    if meter in CREDITS:
        kind, name, part = CREDITS[meter]
        yield {"name": name, "amount": _number(-cost * part), "full_name": name, "id": kind.lower(), "type": kind}


def _tax(month: Month) -> Json:
    cost = _number(TAX[month.name])
    return {
        **_whose(month, month.days[-1].isoformat(), month.end.isoformat()),
        "service": {"id": "", "description": "Invoice"},
        "sku": {"id": "", "description": "Tax"},
        "project": None,
        "labels": [],
        "location": {"location": None, "region": None},
        "resource": {},
        "cost": cost,
        "usage": {
            "amount": _number(Decimal(0)),
            "unit": "count",
            "amount_in_pricing_units": _number(Decimal(0)),
            "pricing_unit": "count",
        },
        "credits": [],
        "cost_type": "tax",
        "price": {"effective_price": "0", "tier_start_amount": "0"},
        "cost_at_list": cost,
    }


def _whose(month: Month, start: str, end: str) -> Json:
    return {
        "billing_account_id": ACCOUNT,
        "usage_start_time": f"{start} 00:00:00 UTC",
        "usage_end_time": f"{end} 00:00:00 UTC",
        "export_time": f"{end} 06:30:00 UTC",
        "currency": "USD",
        "currency_conversion_rate": 1,
        "invoice": {"month": f"{month.start:%Y%m}"},
    }


def _number(value: Decimal) -> str:
    """A number that is marked, so that it stands in JSON without quotes and with every digit."""
    return f"#{value.normalize():f}"


def _code(seed: str) -> str:
    """A SKU's id that means nothing, the same for the same text."""
    digits = hashlib.sha256(seed.encode()).hexdigest()[:12].upper()
    return "-".join(digits[place : place + 4] for place in (0, 4, 8))


def bill(month: Month) -> tuple[str, bytes]:
    """A month's rows: where they lie, and a JSON object a line."""
    text = "".join(f"{json.dumps(row, separators=(',', ':'))}\n" for row in rows(month))
    return f"bill/{month.start:%Y%m}-000000000000.json.gz", _NUMBER.sub(r"\1", text).encode()


# ------------------------------------------------------------------------------------------------------- flow logs


@dataclass(frozen=True)
class Machine:
    """A row of `MACHINES`."""

    name: str
    zone: str
    address: str
    public: str

    @property
    def region(self) -> str:
        """Where it stands."""
        return self.zone.rpartition("-")[0]

    @property
    def facts(self) -> Json:
        """What a record tells of it."""
        return {
            "instance": {"project_id": PROJECT, "region": self.region, "zone": self.zone, "vm_name": self.name},
            "vpc": {
                "project_id": PROJECT,
                "vpc_name": NETWORK,
                "subnetwork_name": f"{NETWORK}-{self.region}",
                "subnetwork_region": self.region,
            },
        }


@dataclass(frozen=True)
class Stranger:
    """A row of `OUTSIDE`."""

    name: str
    address: str
    country: str
    asn: str

    @property
    def facts(self) -> Json:
        """What a record tells of it."""
        return {"location": {"country": self.country, "asn": int(self.asn)}}


MACHINE: Final = {row["name"]: Machine(**row) for row in read_table(MACHINES)}
STRANGER: Final = {row["name"]: Stranger(**row) for row in read_table(OUTSIDE)}


def entries() -> Iterator[tuple[str, Json]]:
    """The region of each record, and the record: of what a machine sends and of what it gets."""
    for number, row in enumerate(read_table(TALKS)):
        asks, serves = (MACHINE.get(row[name]) or STRANGER[row[name]] for name in ("from", "to"))
        heavy = weights(PROJECT, SHAPES[row["shape"]], OCTOBER)
        client, port = 40_000 + number, int(row["port"])
        turns = (
            (asks, serves, int(row["sent"]), (client, port)),
            (serves, asks, int(row["back"]), (port, client)),
        )
        for source, target, size, ports in turns:
            for day, part in zip(OCTOBER.days, spread(size, 16, heavy), strict=True):
                moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=number * APART)
                for reporter, at in (("SRC", source), ("DEST", target)):
                    if isinstance(at, Machine) and part:
                        yield at.region, _entry(reporter, (source, target), ports, part, moment)


def _entry(
    reporter: str,
    ends: tuple[Machine | Stranger, Machine | Stranger],
    ports: tuple[int, int],
    size: Decimal,
    moment: datetime,
) -> Json:
    """A record of the end that reports it, which is a machine of the project's."""
    at = ends[reporter == "DEST"]
    assert isinstance(at, Machine)  # noqa: S101  nobody else reports here
    source, target = ends
    facts = {
        f"{side}_{name}": fact
        for side, end in zip(("src", "dest"), ends, strict=True)
        for name, fact in end.facts.items()
    }
    connection = {"src_ip": source.address, "src_port": ports[0], "dest_ip": target.address, "dest_port": ports[1]}
    labels = {"project_id": PROJECT, "location": at.zone, "subnetwork_name": f"{NETWORK}-{at.region}"}
    return {
        "jsonPayload": {
            "connection": connection | {"protocol": 6},
            "reporter": reporter,
            "bytes_sent": str(int(size * 2**30)),
            "packets_sent": str(-(-int(size * PACKETS) // 1)),
            "start_time": f"{moment:%Y-%m-%dT%H:%M:%S}Z",
            "end_time": f"{moment + timedelta(seconds=599):%Y-%m-%dT%H:%M:%S}Z",
            **facts,
        },
        "logName": f"projects/{PROJECT}/logs/compute.googleapis.com%2Fvpc_flows",
        "resource": {"type": "gce_subnetwork", "labels": labels},
        "timestamp": f"{moment + timedelta(seconds=610):%Y-%m-%dT%H:%M:%S}Z",
    }


def translations() -> Iterator[Json]:
    """The connections that Cloud NAT logs: one a day for each talk that passes it."""
    for number, row in enumerate(read_table(TALKS)):
        if row["by"] == "nat":
            machine, target = MACHINE[row["from"]], STRANGER[row["to"]]
            for day in OCTOBER.days:
                moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=number * APART)
                yield _translation(machine, target, (40_000 + number, int(row["port"])), moment)


def _translation(machine: Machine, target: Stranger, ports: tuple[int, int], moment: datetime) -> Json:
    connection = {"src_ip": machine.address, "src_port": ports[0], "dest_ip": target.address, "dest_port": ports[1]}
    return {
        "jsonPayload": {
            "allocation_status": "OK",
            "connection": connection | {"nat_ip": NAT_ADDRESS, "nat_port": 1024, "protocol": 6},
            "endpoint": machine.facts["instance"],
            "gateway_identifiers": {"gateway_name": NAT, "region": REGION, "router_name": "labs-router"},
            "vpc": machine.facts["vpc"],
        },
        "logName": f"projects/{PROJECT}/logs/compute.googleapis.com%2Fnat_flows",
        "resource": {"type": "nat_gateway", "labels": {"project_id": PROJECT, "region": REGION}},
        "timestamp": f"{moment:%Y-%m-%dT%H:%M:%S}Z",
    }


def flows() -> Iterator[tuple[str, bytes]]:
    """The objects of the sinks: of each region one for the month, where a real one holds an hour, and Cloud NAT's."""
    found: dict[str, list[Json]] = {}
    for region, entry in entries():
        found.setdefault(f"vpc_flows/2026/10/31/{region}", []).append(entry)
    found["nat_flows/2026/10/31/us-east4"] = list(translations())
    for name, whole in found.items():
        text = "".join(f"{json.dumps(each, separators=(',', ':'))}\n" for each in whole)
        yield f"flows/compute.googleapis.com/{name}.json.gz", text.encode()


# ------------------------------------------------------------------------------------------------------- inventory


def inventory() -> tuple[str, bytes]:
    """What `gcloud compute instances list` prints, less the fields that tell nothing here."""
    items = [_instance(each) for each in MACHINE.values()]
    return "inventory/instances.json", (json.dumps(items, indent=1) + "\n").encode()


def _instance(each: Machine) -> Json:
    root = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}"
    outside = {"name": "External NAT", "natIP": each.public, "networkTier": "PREMIUM", "type": "ONE_TO_ONE_NAT"}
    card = {
        "network": f"{root}/global/networks/{NETWORK}",
        "networkIP": each.address,
        "subnetwork": f"{root}/regions/{each.region}/subnetworks/{NETWORK}-{each.region}",
    }
    return {
        "kind": "compute#instance",
        "labels": {"app": each.name},
        "name": each.name,
        "networkInterfaces": [card | ({"accessConfigs": [outside]} if each.public else {})],
        "selfLink": f"{root}/zones/{each.zone}/instances/{each.name}",
        "zone": f"{root}/zones/{each.zone}",
    }


# ----------------------------------------------------------------------------------------------------------- files


def write(folder: Path) -> list[Path]:
    """Write everything into a folder; what was written."""
    written = []
    for key, content in (*(bill(month) for month in MONTHS), *flows(), inventory()):
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content, compresslevel=9, mtime=0) if key.endswith(".gz") else content)
        written.append(path)
    return written


def main(arguments: Sequence[str]) -> None:
    """Write it into the folder that is named, or into the package."""
    default = Path(__file__).resolve().parent.parent / "egresscost" / "demo" / "gcp"
    for path in write(Path(arguments[0]) if arguments else default):
        print(f"{path}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
