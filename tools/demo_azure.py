"""Make what a company that does not exist has in Azure: its bill, its flow logs and its inventory.

Goes in: a folder (default `egresscost/demo/azure`). Comes out: `bill`, `flows` and `inventory` in it: a cost export (EA) of two
months with its manifests, VNet flow logs of October 2026, and what `az … list` prints; the same every time. Never: takes
a row, a name or a number from anybody's bill; uses a clock, chance or a float.

The subscription ferry-office is the office of Lumen & Ferry: it serves harbours from West Europe, works with a plant in a peered
network, keeps an archive in North Europe, and fetches what the project in Google Cloud (tools/demo_gcp.py) has for it.

Each line has a whole number of units for each month, and each talk one for October, laid on the days as in tools/demo_bill.py:
the records come to the bill's GB, to the byte, wherever flow logs see them. They do not see Front Door. Days of one talk and of its
lines in the bill may differ a little. Records are few and big on purpose: a talk has one tuple for each day and interface.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from demo_bill import MONTHS, OCTOBER, SHAPES, Line, Meter, Month, Row, Share, Step, priced, read_table, spread, weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# ---------------------------------------------------------------------------------------------------- the company

SUBSCRIPTION: Final = "7c1f0e52-94d6-4b3a-8e27-5a0c9d61f3b4"
NAME: Final = "ferry-office"
ENROLLMENT: Final = "90000017"
GROUP: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/office"
EXPORT: Final = "ferry-office-daily"
TAGS: Final = {"web": '"team": "harbours","env": "prod"', "back": '"team": "back-office","env": "prod"', "none": ""}
KINDS: Final = {
    "machine": "Microsoft.Compute/virtualMachines",
    "nat": "Microsoft.Network/natGateways",
    "endpoint": "Microsoft.Network/privateEndpoints",
    "address": "Microsoft.Network/publicIPAddresses",
    "network": "Microsoft.Network/virtualNetworks",
    "door": "Microsoft.Cdn/profiles",
    "storage": "Microsoft.Storage/storageAccounts",
}
"""What a resource in `LINES` is."""

# One row a step of a price; `up to` counts a month's units, the free ones included, over all lines of the meter. `source` is the
# project's rate card (pricing/azure) that has the same price with its own source and date. Ids are Microsoft's where they are
# known, and else made up. Below the line: no transfer; public prices as generally known and not checked, they only make the rest
# of the bill.
PRICES: Final = """
meter       | region      | category                 | subcategory                    | name                              | of          | unit     | up to | rate   | id                                   | source
out         | westeurope  | Bandwidth                | Rtn Preference: MGN            | Standard Data Transfer Out        | Zone 1      | 1 GB     | 100   | 0      | 9995d93a-7d35-4d3f-9c69-7a7fea447ef4 | internet.csv 2026-07-16
out         | westeurope  | Bandwidth                | Rtn Preference: MGN            | Standard Data Transfer Out        | Zone 1      | 1 GB     | 10335 | 0.087  | 9995d93a-7d35-4d3f-9c69-7a7fea447ef4 | internet.csv 2026-07-16
in          | westeurope  | Bandwidth                | Rtn Preference: MGN            | Standard Data Transfer In         | Zone 1      | 1 GB     |       | 0      |                                      | internet.csv 2026-03-07, rule
region      | westeurope  | Bandwidth                | Inter-Region                   | Intra Continent Data Transfer Out | Europe      | 1 GB     |       | 0.02   |                                      | region.csv 2026-04-01
region-in   | northeurope | Bandwidth                | Inter-Region                   | Inter-Region Data Transfer In     | Europe      | 1 GB     |       | 0      |                                      | region.csv 2026-04-17, rule
peering-out | westeurope  | Virtual Network          | Virtual Network Peering        | Intra-Region Egress               | All Regions | 1 GB     |       | 0.01   |                                      | peering.csv, zone.csv 2024-07-01
peering-in  | westeurope  | Virtual Network          | Virtual Network Peering        | Intra-Region Ingress              | All Regions | 1 GB     |       | 0.01   |                                      | peering.csv, zone.csv 2024-07-01
global-out  | westeurope  | Virtual Network          | Global Virtual Network Peering | Inter-Region Egress               | Zone 1      | 1 GB     |       | 0.035  | 6e7b8c6a-46af-441d-b6e3-49e5f7424f75 | peering.csv 2026-10-01
global-in   | westeurope  | Virtual Network          | Global Virtual Network Peering | Inter-Region Ingress              | Zone 1      | 1 GB     |       | 0.035  | a0267d01-4ed0-4864-8c7f-8b5f57af50e6 | peering.csv 2026-10-01
north-out   | northeurope | Virtual Network          | Global Virtual Network Peering | Inter-Region Egress               | Zone 1      | 1 GB     |       | 0.035  | 6e7b8c6a-46af-441d-b6e3-49e5f7424f75 | peering.csv 2026-10-01
north-in    | northeurope | Virtual Network          | Global Virtual Network Peering | Inter-Region Ingress              | Zone 1      | 1 GB     |       | 0.035  | a0267d01-4ed0-4864-8c7f-8b5f57af50e6 | peering.csv 2026-10-01
nat         | westeurope  | NAT Gateway              | NAT Gateway                    | Standard Data Processed           | EU West     | 1 GB     |       | 0.045  |                                      | nat.csv 2024-07-01
nat-hours   | westeurope  | NAT Gateway              | NAT Gateway                    | Standard Gateway                  | EU West     | 1 Hour   |       | 0.045  |                                      | nat.csv 2024-07-01
link-in     | westeurope  | Virtual Network          | Virtual Network Private Link   | Standard Data Processed - Ingress | All Regions | 1 GB     |       | 0.01   | 10caa28b-6479-4852-9eb7-610870cb6417 | private_endpoint.csv 2026-10-01
link-out    | westeurope  | Virtual Network          | Virtual Network Private Link   | Standard Data Processed - Egress  | All Regions | 1 GB     |       | 0.01   | e7f162f6-7cb8-4cea-ad4f-12cdb5dda25b | private_endpoint.csv 2026-10-01
link-hours  | westeurope  | Virtual Network          | Virtual Network Private Link   | Standard Private Endpoint         | All Regions | 1 Hour   |       | 0.01   |                                      | private_endpoint.csv 2024-07-01
address     | westeurope  | Virtual Network          | IP Addresses                   | Standard IPv4 Static Public IP    | All Regions | 1 Hour   |       | 0.005  | 9c150bf9-2bad-430e-a53c-c213804f49ef | public_address.csv 2026-10-01
address-n   | northeurope | Virtual Network          | IP Addresses                   | Standard IPv4 Static Public IP    | All Regions | 1 Hour   |       | 0.005  | 9c150bf9-2bad-430e-a53c-c213804f49ef | public_address.csv 2026-10-01
door        |             | Azure Front Door Service | Azure Front Door               | Standard Data Transfer Out        | Zone 1      | 1 GB     | 10000 | 0.0825 | 79b4d346-f8f7-55fe-8375-5943ea4e697c | cdn.csv 2026-10-01
------------|-------------|--------------------------|--------------------------------|-----------------------------------|-------------|----------|-------|--------|--------------------------------------|---
d4s         | westeurope  | Virtual Machines         | Dsv5 Series                    | D4s v5                            | EU West     | 1 Hour   |       | 0.23   |                                      | not checked
d4s-n       | northeurope | Virtual Machines         | Dsv5 Series                    | D4s v5                            | EU North    | 1 Hour   |       | 0.214  |                                      | not checked
e4s         | westeurope  | Virtual Machines         | Esv5 Series                    | E4s v5                            | EU West     | 1 Hour   |       | 0      |                                      | covered by the reservation
blob        | westeurope  | Storage                  | Tiered Block Blob              | Hot LRS Data Stored               | EU West     | 1 GB     |       | 0.0196 |                                      | not checked
blob-n      | northeurope | Storage                  | Tiered Block Blob              | Cool LRS Data Stored              | EU North    | 1 GB     |       | 0.01   |                                      | not checked
logs        | westeurope  | Log Analytics            | Log Analytics                  | Analytics Logs Data Ingestion     | EU West     | 1 GB     |       | 2.76   |                                      | not checked
"""

# How much of each meter, on which resource, in September and October: in its unit; `x2` is two all the time.
LINES: Final = """
meter       | kind     | resource        | tags | september | october | shape
out         | machine  | web             | web  | 5400      | 5970    | office
out         | machine  | files           | back | 28        | 30      | steady
in          | machine  | web             | web  | 110       | 120     | office
in          | machine  | files           | back | 1390      | 1470    | steady
region      | machine  | web             | web  | 1800      | 2000    | steady
region-in   | machine  | archive         | back | 1800      | 2000    | steady
peering-out | machine  | files           | back | 2800      | 3000    | office
peering-in  | machine  | files           | back | 950       | 1000    | office
peering-out | machine  | plant           | back | 950       | 1000    | office
peering-in  | machine  | plant           | back | 2800      | 3000    | office
global-out  | machine  | web             | web  | 1300      | 1400    | office
global-in   | machine  | web             | web  | 90        | 100     | office
north-out   | machine  | archive         | back | 90        | 100     | office
north-in    | machine  | archive         | back | 1300      | 1400    | office
nat         | nat      | office-nat      | back | 1418      | 1500    | steady
nat-hours   | nat      | office-nat      | back | x1        | x1      | steady
link-in     | endpoint | ledger          | back | 650       | 700     | office
link-out    | endpoint | ledger          | back | 280       | 300     | office
link-hours  | endpoint | ledger          | back | x1        | x1      | steady
address     | address  | web-address     | web  | x1        | x1      | steady
address     | address  | nat-address     | back | x1        | x1      | steady
address-n   | address  | archive-address | back | x1        | x1      | steady
door        | door     | harbours        | web  | 2700      | 3000    | office
d4s         | machine  | web             | web  | x1        | x1      | steady
d4s         | machine  | files           | back | x1        | x1      | steady
d4s         | machine  | plant           | back | x1        | x1      | steady
d4s-n       | machine  | archive         | back | x1        | x1      | steady
e4s         | machine  | ledger-app      | back | x2        | x2      | steady
blob        | storage  | ferryledger     | back | 9000      | 9300    | steady
blob-n      | storage  | ferryarchive    | back | 45000     | 46500   | steady
logs        | machine  | web             | none | 60        | 62      | steady
"""
RESERVATION: Final = "/providers/Microsoft.Capacity/reservationOrders/0b9d72c4-1e5f-4a83-b6d0-c4837e92f15a"
PURCHASE: Final = Decimal("188.50")
"""What a month of the reservation costs that covers the meter e4s. Made up."""
COVERED: Final = "e4s"

# --------------------------------------------------------------------------------------------------------- network

# A machine has a public address, or leaves by the NAT gateway of its subnet. An endpoint is no machine and logs nothing.
INTERFACES: Final = """
name    | network | region      | subnet | address    | public      | mac          | kind
web     | office  | westeurope  | front  | 10.50.1.10 | 13.80.20.10 | 000D3A50010A | machine
files   | office  | westeurope  | back   | 10.50.2.10 |             | 000D3A50020A | machine
ledger  | office  | westeurope  | back   | 10.50.2.60 |             | 000D3A50023C | endpoint
plant   | plant   | westeurope  | floor  | 10.51.1.10 |             | 000D3A51010A | machine
archive | archive | northeurope | main   | 10.52.1.10 | 13.74.20.10 | 000D3A52010A | machine
"""
NAT_ADDRESS: Final = "13.80.20.4"
OUTSIDE: Final = {
    "de": "91.0.40.10",
    "gb": "86.128.20.10",
    "fr": "90.10.20.10",
    "docker": "104.16.99.20",
    "catalogue": "34.76.10.20",
}
"""Addresses outside; `catalogue` is the company's own, in Google Cloud."""

# GB of October 2026. `from` opens and `to` answers: `sent` goes there, `back` is the answer. With `public` the two use their
# public addresses.
TALKS: Final = """
from  | to        | by      | sent | back | port | shape
de    | web       |         | 60   | 3400 | 443  | office
gb    | web       |         | 40   | 1870 | 443  | office
fr    | web       |         | 20   | 700  | 443  | office
files | catalogue |         | 20   | 1200 | 443  | steady
files | docker    |         | 10   | 270  | 443  | steady
files | plant     |         | 3000 | 1000 | 445  | office
files | ledger    |         | 700  | 300  | 443  | office
web   | archive   |         | 1400 | 100  | 443  | office
web   | archive   | public  | 2000 | 0    | 22   | steady
"""
PACKETS: Final = 750_000
"""Packets of a GB: each has some 1,430 bytes."""
APART: Final = 1200
"""Seconds between the tuples of a talk and of the next one."""

# ------------------------------------------------------------------------------------------------------------ bill

_COLUMNS: Final = """
BillingAccountId BillingAccountName BillingPeriodStartDate BillingPeriodEndDate SubscriptionId SubscriptionName Date
Product MeterId MeterCategory MeterSubCategory MeterRegion MeterName Quantity EffectivePrice Cost UnitPrice
BillingCurrency ResourceLocation ConsumedService ResourceId ResourceName Tags UnitOfMeasure ResourceGroup
ReservationId ReservationName ChargeType Frequency PublisherType PayGPrice PricingModel
"""
COLUMNS: Final = _COLUMNS.split()
GRAIN: Final = {"1 GB": 16}
"""Into how many parts a unit is divided; hours are whole."""
WORDS: Final = {row["meter"]: row for row in reversed(read_table(PRICES))}
"""The first row of each meter, for its words."""


def _meters() -> dict[str, Meter]:
    return {
        name: Meter(row["category"], row["name"], row["unit"], row["region"], "", Decimal(0), tuple(_steps(name)))
        for name, row in WORDS.items()
    }


def _steps(meter: str) -> Iterator[Step]:
    for row in read_table(PRICES):
        if row["meter"] == meter:
            rate = Decimal(row["rate"])
            yield Step(int(row["up to"]) if row["up to"] else None, rate, rate, row["name"], row["id"])


def lines() -> list[Line]:
    """The rows of `LINES`."""
    return [
        Line(
            row["meter"],
            NAME,
            KINDS[row["kind"]].partition("/")[0],
            "",
            f"{GROUP}/providers/{KINDS[row['kind']]}/{row['resource']}",
            row["tags"],
            {month.name: _amount(row[f"{month.start:%B}".lower()], month) for month in MONTHS},
            SHAPES[row["shape"]],
        )
        for row in read_table(LINES)
    ]


def _amount(text: str, month: Month) -> int:
    return 24 * len(month.days) * int(text[1:]) if text.startswith("x") else int(text)


def rows(month: Month) -> Iterator[Row]:
    """Every row of a month's bill."""
    whole = lines()
    for name, meter in _meters().items():
        for share in priced(meter, [line for line in whole if line.meter == name], month, GRAIN):
            yield _usage(month, share)
    yield _purchase(month)


def _usage(month: Month, share: Share) -> Row:
    line, words, rate = share.line, WORDS[share.line.meter], str(share.step.rate)
    covered = {"ReservationId": RESERVATION, "ReservationName": "ledger", "PricingModel": "Reservation"}
    return {
        **_whose(month, share.day.strftime("%m/%d/%Y")),
        "Product": f"{words['subcategory']} - {words['name']} - {words['of']}",
        "MeterId": words["id"] or str(uuid.uuid5(uuid.NAMESPACE_URL, f"{words['subcategory']} {words['name']}")),
        "MeterCategory": words["category"],
        "MeterSubCategory": words["subcategory"],
        "MeterRegion": words["of"],
        "MeterName": words["name"],
        "Quantity": str(share.quantity),
        "Cost": _plain(share.quantity * share.step.rate),
        **dict.fromkeys(("EffectivePrice", "UnitPrice", "PayGPrice"), rate),
        "ResourceLocation": words["region"],
        "ConsumedService": line.product,
        "ResourceId": line.resource,
        "ResourceName": line.resource.rpartition("/")[2],
        "Tags": TAGS[line.tags],
        "UnitOfMeasure": words["unit"],
        "ChargeType": "Usage",
        "Frequency": "UsageBased",
        "PricingModel": "OnDemand",
        **(covered if line.meter == COVERED else {}),
    }


def _purchase(month: Month) -> Row:
    """The reservation, paid by the month."""
    return {
        **_whose(month, month.start.strftime("%m/%d/%Y")),
        "Product": "Reserved VM Instance, Standard_E4s_v5, EU West, 1 Year",
        "MeterCategory": "Virtual Machines",
        "MeterSubCategory": "Esv5 Series",
        "MeterName": "E4s v5",
        "Quantity": "1",
        "Cost": _plain(PURCHASE),
        **dict.fromkeys(("EffectivePrice", "UnitPrice", "PayGPrice"), str(PURCHASE)),
        "ConsumedService": "Microsoft.Capacity",
        "ResourceId": RESERVATION,
        "UnitOfMeasure": "1 Hour",
        "ReservationId": RESERVATION,
        "ReservationName": "ledger",
        "ChargeType": "Purchase",
        "Frequency": "Recurring",
        "PricingModel": "Reservation",
    }


def _whose(month: Month, day: str) -> Row:
    return {
        "BillingAccountId": ENROLLMENT,
        "BillingAccountName": "Lumen & Ferry",
        "BillingPeriodStartDate": f"{month.start:%m/%d/%Y}",
        "BillingPeriodEndDate": f"{month.days[-1]:%m/%d/%Y}",
        "SubscriptionId": SUBSCRIPTION,
        "SubscriptionName": NAME,
        "Date": day,
        "BillingCurrency": "USD",
        "ResourceGroup": "office",
        "PublisherType": "Azure",
    }


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def bill(month: Month) -> Iterator[tuple[str, bytes]]:
    """The files of a month's export: where each lies, and what is in it."""
    run = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{EXPORT} {month.name}"))
    folder = f"{EXPORT}/{month.start:%Y%m%d}-{month.days[-1]:%Y%m%d}/{run}"
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows(month))
    name = f"bill/{folder}/part_0_0001.csv.gz"
    yield name, text.getvalue().encode("utf-8-sig")
    manifest = {
        "manifestVersion": "2024-04-01",
        "blobCount": 1,
        "exportConfig": {"exportName": EXPORT, "dataVersion": "2021-10-01", "type": "ActualCost"},
        "deliveryConfig": {
            "partitionData": True,
            "dataOverwriteBehavior": "OverwritePreviousReport",
            "fileFormat": "Csv",
        },
        "runInfo": {
            "executionType": "Scheduled",
            "submittedTime": f"{month.end}T05:12:00.0000000Z",
            "runId": run,
            "startDate": f"{month.start}T00:00:00",
            "endDate": f"{month.days[-1]}T00:00:00",
        },
        "blobs": [{"blobName": name.removeprefix("bill/")}],
    }
    yield f"bill/{folder}/manifest.json", json.dumps(manifest, indent=2).encode()


# ------------------------------------------------------------------------------------------------------- flow logs


@dataclass(frozen=True)
class Interface:
    """A row of `INTERFACES`."""

    name: str
    network: str
    region: str
    subnet: str
    address: str
    public: str
    mac: str
    kind: str

    @property
    def network_id(self) -> str:
        """As Azure names it."""
        return f"{GROUP}/providers/{KINDS['network']}/{self.network}"


KNOWN: Final = {row["name"]: Interface(**row) for row in read_table(INTERFACES)}


def tuples() -> Iterator[tuple[Interface, str]]:
    """Every tuple, and the interface that logs it: what it opened, and what others opened to it."""
    for number, row in enumerate(read_table(TALKS)):
        ends = (KNOWN.get(row["from"]), KNOWN.get(row["to"]))
        heavy = weights(NAME, SHAPES[row["shape"]], OCTOBER)
        parts = [spread(int(row[way]), 16, heavy) for way in ("sent", "back")]
        for at, opened in zip(ends, "OI", strict=True):
            if at is not None and at.kind == "machine":
                src, dst = (_seen(row[end], at, row["by"]) for end in ("from", "to"))
                for day, sent, back in zip(OCTOBER.days, *parts, strict=True):
                    moment = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + number * APART
                    counts = ",".join(f"{_packets(each)},{int(each * 2**30)}" for each in (sent, back))
                    ports = f"{50_000 + number},{row['port']}"
                    yield at, f"{moment * 1000},{src},{dst},{ports},6,{opened},E,NX,{counts}"


def _seen(name: str, at: Interface, by: str) -> str:
    """The address of an end as an interface sees it: its own is always the private one."""
    end = KNOWN.get(name)
    if end is None:
        return OUTSIDE[name]
    return end.public if by == "public" and end != at else end.address


def _packets(size: Decimal) -> int:
    return -(-int(size * PACKETS) // 1)


def flows() -> Iterator[tuple[str, bytes]]:
    """The object of each interface: a record a day, in one file for the month, where a real one holds an hour.

    Azure's folders begin with the id of the flow log, which is too long for some file systems and tells nothing here.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for at, text in tuples():
        day = datetime.fromtimestamp(int(text.partition(",")[0]) // 1000, UTC).date().isoformat()
        found.setdefault(at.name, {}).setdefault(day, []).append(text)
    for name, days in found.items():
        at = KNOWN[name]
        records = [_record(at, day, texts) for day, texts in days.items()]
        key = f"flows/y=2026/m=10/d=31/h=23/m=00/macAddress={at.mac}/PT1H.json.gz"
        yield key, json.dumps({"records": records}, separators=(",", ":")).encode()


def _record(at: Interface, day: str, texts: Sequence[str]) -> dict[str, Any]:
    watcher = f"networkWatchers/NetworkWatcher_{at.region}"
    log = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/NetworkWatcherRG/providers/Microsoft.Network/{watcher}"
    return {
        "time": f"{day}T23:59:00.0000000Z",
        "flowLogVersion": 4,
        "flowLogGUID": str(uuid.uuid5(uuid.NAMESPACE_URL, at.network_id)),
        "macAddress": at.mac,
        "category": "FlowLogFlowEvent",
        "flowLogResourceID": f"{log}/flowLogs/{at.network}".upper(),
        "targetResourceID": at.network_id,
        "operationName": "FlowLogFlowEvent",
        "flowRecords": {"flows": [{"aclID": "none", "flowGroups": [{"rule": "Default", "flowTuples": list(texts)}]}]},
    }


# ------------------------------------------------------------------------------------------------------- inventory


def inventory() -> Iterator[tuple[str, bytes]]:
    """What `az … list` prints, less the fields that tell nothing here."""
    gateway = _id("nat", "office-nat")
    back = f"{KNOWN['files'].network_id}/subnets/back"
    public = {each.name: each.public for each in KNOWN.values() if each.public} | {"nat": NAT_ADDRESS}
    addresses = [
        {"id": _id("address", f"{name}-address"), "ipAddress": address, "ipTags": [], "name": f"{name}-address"}
        | {"location": KNOWN[name].region if name in KNOWN else "westeurope", "type": KINDS["address"]}
        for name, address in public.items()
    ]
    service = _id("storage", "ferryledger")
    listed: dict[str, list[dict[str, Any]]] = {
        "nics": [_nic(each) for each in KNOWN.values()],
        "networks": [_network(name, gateway, back) for name in ("office", "plant", "archive")],
        "addresses": addresses,
        "nat": [
            {"id": gateway, "location": "westeurope", "name": "office-nat", "type": KINDS["nat"]}
            | {"publicIpAddresses": [{"id": _id("address", "nat-address")}], "subnets": [{"id": back}]}
        ],
        "endpoints": [
            {"id": _id("endpoint", "ledger"), "location": "westeurope", "name": "ledger", "type": KINDS["endpoint"]}
            | {"privateLinkServiceConnections": [{"name": "ledger", "privateLinkServiceId": service}]}
        ],
        "machines": [
            {"id": _id("machine", each.name), "location": each.region, "name": each.name, "type": KINDS["machine"]}
            | {"zones": ["1"], "tags": {"app": each.name}}
            for each in KNOWN.values()
            if each.kind == "machine"
        ],
    }
    for name, items in listed.items():
        yield f"inventory/{name}.json", (json.dumps(items, indent=1) + "\n").encode()


def _id(kind: str, name: str) -> str:
    return f"{GROUP}/providers/{KINDS[kind]}/{name}"


def _nic(each: Interface) -> dict[str, Any]:
    public = {"publicIPAddress": {"id": _id("address", f"{each.name}-address")}} if each.public else {}
    configuration = {"privateIPAddress": each.address, "subnet": {"id": f"{each.network_id}/subnets/{each.subnet}"}}
    owner = {"endpoint": "privateEndpoint", "machine": "virtualMachine"}[each.kind]
    return {
        "id": f"{GROUP}/providers/Microsoft.Network/networkInterfaces/{each.name}-nic",
        "ipConfigurations": [configuration | public],
        "location": each.region,
        "macAddress": "-".join(each.mac[place : place + 2] for place in range(0, 12, 2)),
        "name": f"{each.name}-nic",
        "type": "Microsoft.Network/networkInterfaces",
        owner: {"id": _id(each.kind, each.name)},
    }


def _network(name: str, gateway: str, behind: str) -> dict[str, Any]:
    inside = [each for each in KNOWN.values() if each.network == name]
    prefixes = {each.subnet: f"{each.address.rpartition('.')[0]}.0/24" for each in inside}
    subnets = [
        {"id": identity, "addressPrefix": prefix} | ({"natGateway": {"id": gateway}} if identity == behind else {})
        for subnet, prefix in prefixes.items()
        if (identity := f"{inside[0].network_id}/subnets/{subnet}")
    ]
    return {
        "id": inside[0].network_id,
        "location": inside[0].region,
        "name": name,
        "subnets": subnets,
        "type": KINDS["network"],
    }


# ----------------------------------------------------------------------------------------------------------- files


def write(folder: Path) -> list[Path]:
    """Write everything into a folder; what was written."""
    written = []
    for key, content in (*(each for month in MONTHS for each in bill(month)), *flows(), *inventory()):
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content, compresslevel=9, mtime=0) if key.endswith(".gz") else content)
        written.append(path)
    return written


def main(arguments: Sequence[str]) -> None:
    """Write it into the folder that is named, or into the package."""
    default = Path(__file__).resolve().parent.parent / "egresscost" / "demo" / "azure"
    for path in write(Path(arguments[0]) if arguments else default):
        print(f"{path}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
