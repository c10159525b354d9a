"""What leaves Google Cloud and Azure, with its price by hand: receiver's country, network tier, zone of the region.

The figures are those of the public price lists that the rate cards name; the arithmetic stands beside each.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from boundary import azure
from providers.gcp import entries, exports
from providers.gcp.machines import machine

from egresscost.flows import FlowOptions
from egresscost.frame import C, Confidence
from egresscost.money import column_total
from egresscost.pipeline import Request, run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from egresscost.results import Report

GB = 2**30
DUTCH = "193.0.6.139"


def read(folder: Path, log: Path, **lists: object) -> Report:
    """A report on a log, with inventories by name."""
    paths = []
    for name, value in lists.items():
        path = folder / f"list-{name}.json"
        path.write_text(json.dumps(value))
        paths.append(str(path))
    return run(Request([str(log)], flows=FlowOptions(inventory=tuple(paths))))


def google(zone: str, country: str, size: int, instance: str = "vm") -> dict[str, Any]:
    """A record of bytes that a machine sent to an address of some country; none for an unknown one."""
    region = zone.rpartition("-")[0]
    found = entries.entry(f"SRC web ripe {size} 10")
    payload = found["jsonPayload"]
    payload["src_instance"] |= {"region": region, "zone": zone, "vm_name": instance}
    payload["src_vpc"] |= {"subnetwork_region": region}
    payload["dest_location"] = {"asn": 3333, "country": country} if country else {"asn": 3333}
    if not country:
        payload["connection"]["dest_ip"] = "155.255.149.108"  # assigned to nobody: no list has a country for it
    return found


def leaving(report: Report) -> pd.DataFrame:
    bill = report.bill
    return bill[(bill[C.DIRECTION] == "out") & (bill[C.CHARGE] == "transfer")]


def said(report: Report) -> Mapping[str, str]:
    return {notice.code: notice.message for notice in report.notices}


GOOGLE = [
    # Frankfurt to the United States: $0.12 up to 1,024 GB, $0.11 up to 10,240, then $0.085: 1,024 * 0.12 + 1,024 * 0.11.
    ("europe-west3-a", "usa", 2048, "235.52"),
    # Frankfurt to Germany, 20,000 GB: 1,024 * 0.12 + 9,216 * 0.11 + 9,760 * 0.08 (the third tier inside Europe).
    ("europe-west3-a", "deu", 20_000, "1917.44"),
    # Iowa to Germany: a GB is free for the account: 499 * 0.12.
    ("us-central1-a", "deu", 500, "59.88"),
    # Iowa to South Korea and Indonesia, which are dearer than the rest of Asia: 99 * 0.19, a GB free.
    ("us-central1-a", "kor", 100, "18.81"),
    ("us-central1-a", "idn", 100, "18.81"),
    # Iowa to China: 100 * 0.23; its SKU has no free GB.
    ("us-central1-a", "chn", 100, "23"),
    # Frankfurt to India $0.12, to Kenya $0.15, to Brazil and Australia $0.19.
    ("europe-west3-a", "ind", 100, "12"),
    ("europe-west3-a", "ken", 100, "15"),
    ("europe-west3-a", "bra", 100, "19"),
    ("europe-west3-a", "aus", 100, "19"),
    # Tokyo to India: $0.14. Singapore to Japan: $0.12. Seoul to Germany: $0.19. Johannesburg to Germany: $0.15.
    ("asia-northeast1-a", "ind", 100, "14"),
    ("asia-southeast1-a", "jpn", 100, "12"),
    ("asia-northeast3-a", "deu", 100, "19"),
    ("africa-south1-a", "deu", 100, "15"),
]


@pytest.mark.parametrize(("zone", "country", "size", "cost"), GOOGLE, ids=[f"{row[0]}>{row[1]}" for row in GOOGLE])
def test_premium_tier_goes_by_region_and_country(zone: str, country: str, size: int, cost: str, tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    log.write_text(entries.lines(google(zone, country, size * GB)))
    report = read(tmp_path, log, instances=[machine("vm", "PREMIUM", zone=zone)])
    rows = leaving(report)
    assert column_total(rows, C.LIST_COST) == Decimal(cost)
    assert set(rows[C.NETWORK_TIER]) == {"premium"}
    assert rows[C.DST_GEO].tolist() == rows[C.PEER_COUNTRY].tolist()
    assert rows[C.DST_GEO].notna().all()
    assert "network-tier-assumed" not in said(report)
    assert set(rows[C.CONFIDENCE]) == {Confidence.HIGH}


# Standard Tier, by the region alone: 200 GB are free in each, then $0.085 in Frankfurt and Iowa, $0.119 in Seoul,
# $0.12 in Sydney, $0.09265 in Mexico: 100 GB of them.
STANDARD = [
    ("europe-west3-a", "deu", "8.5"),
    ("us-central1-a", "chn", "8.5"),
    ("asia-northeast3-a", "usa", "11.9"),
    ("australia-southeast1-a", "nzl", "12"),
    ("northamerica-south1-a", "", "9.265"),
]


@pytest.mark.parametrize(("zone", "country", "cost"), STANDARD, ids=[f"{row[0]}>{row[1]}" for row in STANDARD])
def test_standard_tier_of_the_inventory_goes_by_region_alone(
    zone: str, country: str, cost: str, tmp_path: Path
) -> None:
    log = tmp_path / "log.json"
    log.write_text(entries.lines(google(zone, country, 300 * GB)))
    report = read(tmp_path, log, instances=[machine("vm", "STANDARD", zone=zone)])
    rows = leaving(report)
    assert column_total(rows, C.LIST_COST) == Decimal(cost)
    assert set(rows[C.NETWORK_TIER]) == {"standard"}
    assert {"network-tier-assumed", "country-unknown"}.isdisjoint(said(report))


def test_a_pod_leaves_by_the_tier_of_the_machine_that_it_runs_on(tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    log.write_text(entries.lines(entries.entry(f"SRC web@pod:shop:api ripe {300 * GB} 10")))
    report = read(tmp_path, log, instances=[machine("web", "STANDARD")])
    assert column_total(leaving(report), C.LIST_COST) == Decimal("8.5")


def test_a_tier_that_nothing_tells_is_the_default_less_sure_and_said_with_its_bytes(tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    log.write_text(entries.lines(google("europe-west3-a", "deu", 100 * GB), google("us-central1-a", "deu", 51 * GB)))
    report = read(tmp_path, log)
    rows = leaving(report)
    assert column_total(rows, C.LIST_COST) == Decimal(18)  # 100 * 0.12 + 50 * 0.12, a GB free in North America
    assert set(rows[C.CONFIDENCE]) == {Confidence.MEDIUM}
    (notice,) = (each for each in report.notices if each.code == "network-tier-assumed")
    assert "151.000 GB" in notice.message
    assert "premium, the default of gcp" in notice.message
    assert "gcloud compute instances list" in notice.message
    assert notice.details == ("from europe-west3: 100.000 GB", "from us-central1: 51.000 GB")


def test_a_bill_s_own_rate_meets_the_flows_of_its_geography_only(tmp_path: Path) -> None:
    """100 GB from Frankfurt to Western Europe at 10.80 in place of 12.00: Germany costs 0.9 * $0.12, the United States $0.12."""
    billed = exports.row(
        sku={"id": "", "description": "Network Internet Data Transfer Out from Frankfurt to Western Europe"},
        location={"location": "europe-west3", "country": "DE", "region": "europe-west3", "zone": None},
        usage={"amount": 100.0 * GB, "amount_in_pricing_units": 100.0},
        cost=10.8,
        cost_at_list=12.0,
        currency="USD",
        currency_conversion_rate=1.0,
    )
    exports.json_lines(tmp_path / "bill.json", [billed])
    log = tmp_path / "log.json"
    log.write_text(entries.lines(google("europe-west3-a", "deu", 50 * GB), google("europe-west3-a", "usa", 50 * GB)))
    report = run(Request([str(tmp_path / "bill.json"), str(log)]))
    assert report.flows is not None
    rows = leaving(report.flows)
    assert {country: column_total(rows[rows[C.DST_GEO] == country], C.NET_COST) for country in ("DE", "US")} == {
        "DE": Decimal("5.4"),
        "US": Decimal(6),
    }


def test_without_a_country_there_is_no_price_and_it_is_named(tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    log.write_text(entries.lines(google("europe-west3-a", "", 100 * GB)))
    report = read(tmp_path, log)
    rows = leaving(report)
    assert rows[C.LIST_COST].isna().all()
    assert int(rows[C.BYTES].sum()) == 100 * GB
    assert "100.000 GB to the internet or over VPN have no price" in said(report)["country-unknown"]


def test_a_country_of_no_geography_has_no_price_and_is_named(tmp_path: Path) -> None:
    """New Zealand is on no price list of Google's: neither Australia nor Asia is taken for it."""
    log = tmp_path / "log.json"
    log.write_text(entries.lines(google("europe-west3-a", "nzl", 100 * GB)))
    report = read(tmp_path, log)
    assert leaving(report)[C.LIST_COST].isna().all()
    assert "no rate card for internet from europe-west3 to NZ" in {each.cause for each in report.unknowns}


def test_a_line_is_priced_by_its_kind_and_else_named_with_it(tmp_path: Path) -> None:
    """An Interconnect of North America costs $0.02 a GB; a VPN goes by the country of its other side, which nobody knows."""
    over_vpn = entries.entry(f"SRC web on-prem {100 * GB} 10")
    over_line: dict[str, Any] = json.loads(json.dumps(over_vpn))
    over_line["jsonPayload"]["dest_gateway"] |= {"type": "INTERCONNECT_ATTACHMENT", "name": "line"}
    log = tmp_path / "log.json"
    log.write_text(entries.lines(over_vpn, over_line))
    report = read(tmp_path, log)
    rows = leaving(report)
    costs = {path: column_total(rows[rows[C.PATH] == path], C.LIST_COST) for path in ("interconnect", "vpn")}
    assert costs == {"interconnect": Decimal(2), "vpn": None}
    assert "no rate card for private_line by vpn from us-central1" in {each.cause for each in report.unknowns}
    assert "100.000 GB to the internet or over VPN" in said(report)["country-unknown"]


def _address(name: str, *tags: tuple[str, str]) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/sub-1/{azure.NETWORKS}/publicIPAddresses/{name}",
        "location": "westeurope",
        "ipAddress": "20.50.1.1",
        "ipTags": [{"ipTagType": kind, "tag": tag} for kind, tag in tags],
    }


def _card(region: str, address: str = "ip") -> dict[str, Any]:
    base = f"/subscriptions/sub-1/{azure.NETWORKS}"
    network = f"{base}/virtualNetworks/hub/subnets/front"
    public = {"id": f"{base}/publicIPAddresses/{address}"} if address else None
    configuration = {"privateIPAddress": "10.0.1.5", "subnet": {"id": network}, "publicIPAddress": public}
    return {
        "id": f"{base}/networkInterfaces/web",
        "location": region,
        "macAddress": "00-0D-3A-00-00-01",
        "ipConfigurations": [configuration],
    }


def microsoft(folder: Path, region: str, size: int) -> Path:
    text = azure.vnet_tuple("O", "10.0.1.5", DUTCH, size * GB, 0)
    record = azure.vnet_record("web", [text])
    record["flowLogResourceID"] = record["flowLogResourceID"].replace("WESTEUROPE", region.upper())
    return azure.save(folder / "PT1H.json", record)


MICROSOFT = [
    # 200 GB; 100 are free on the meter of the zone. Zone 1: 100 * 0.087; zone 2: 100 * 0.12; zone 3: 100 * 0.181.
    ("westeurope", (), 200, "8.7"),
    ("japaneast", (), 200, "12"),
    ("southafricanorth", (), 200, "18.1"),
    # 12,000 GB of zone 1: 10,235 * 0.087 + 1,665 * 0.083.
    ("westeurope", (), 12_000, "1028.64"),
    # Routing preference Internet: zone 1 100 * 0.08, zone 2 100 * 0.11; 12,000 GB of zone 1: 10,000 * 0.08 + 1,900 * 0.065.
    ("westeurope", (("RoutingPreference", "Internet"),), 200, "8"),
    ("japaneast", (("RoutingPreference", "Internet"),), 200, "11"),
    ("westeurope", (("RoutingPreference", "Internet"),), 12_000, "923.5"),
    # Another tag says nothing of the route.
    ("westeurope", (("FirstPartyUsage", "/Sql"),), 200, "8.7"),
]


@pytest.mark.parametrize(("region", "tags", "size", "cost"), MICROSOFT)
def test_azure_goes_by_the_zone_of_the_region_and_the_routing_preference(
    region: str, tags: tuple[tuple[str, str], ...], size: int, cost: str, tmp_path: Path
) -> None:
    log = microsoft(tmp_path / "flows", region, size)
    report = read(tmp_path, log, nic=[_card(region)], ip=[_address("ip", *tags)])
    rows = leaving(report)
    assert column_total(rows, C.LIST_COST) == Decimal(cost)
    wanted = "internet_routing" if ("RoutingPreference", "Internet") in tags else "microsoft_routing"
    assert set(rows[C.NETWORK_TIER]) == {wanted}
    assert rows[C.DST_GEO].isna().all()
    assert "network-tier-assumed" not in said(report)


def test_routing_preference_internet_in_zone_3_has_no_price(tmp_path: Path) -> None:
    """No source has one; that of Microsoft's network is not taken in its stead."""
    log = microsoft(tmp_path / "flows", "southafricanorth", 200)
    address = _address("ip", ("RoutingPreference", "Internet"))
    rows = leaving(read(tmp_path, log, nic=[_card("southafricanorth")], ip=[address]))
    assert rows[C.LIST_COST].isna().all()


def test_azure_without_an_inventory_is_taken_for_microsoft_s_network_and_said(tmp_path: Path) -> None:
    report = read(tmp_path, microsoft(tmp_path / "flows", "westeurope", 200))
    rows = leaving(report)
    assert column_total(rows, C.LIST_COST) == Decimal("8.7")
    assert set(rows[C.CONFIDENCE]) == {Confidence.MEDIUM}
    assert "200.000 GB" in said(report)["network-tier-assumed"]
    assert "microsoft_routing, the default of azure" in said(report)["network-tier-assumed"]


def test_an_address_that_is_not_listed_leaves_the_route_unknown(tmp_path: Path) -> None:
    log = microsoft(tmp_path / "flows", "westeurope", 200)
    report = read(tmp_path, log, nic=[_card("westeurope", "gone")], ip=[_address("ip")])
    assert "network-tier-assumed" in said(report)


def test_behind_a_nat_gateway_its_address_tells_the_route(tmp_path: Path) -> None:
    base = f"/subscriptions/sub-1/{azure.NETWORKS}"
    gateway = {
        "id": f"{base}/natGateways/nat",
        "location": "westeurope",
        "publicIpAddresses": [{"id": f"{base}/publicIPAddresses/ip"}],
        "subnets": [{"id": f"{base}/virtualNetworks/hub/subnets/front"}],
    }
    log = microsoft(tmp_path / "flows", "westeurope", 200)
    report = read(tmp_path, log, nic=[_card("westeurope", "")], ip=[_address("ip")], nat=[gateway])
    assert "network-tier-assumed" not in said(report)
    rows = leaving(report)
    assert column_total(rows, C.LIST_COST) == Decimal("8.7")
    processed = report.bill[(report.bill[C.CHARGE] == "nat") & (report.bill[C.BOUNDARY] == "internet")]
    assert column_total(processed, C.LIST_COST) == Decimal(9)  # 200 * 0.045


def test_aws_has_one_network_and_no_geography(tmp_path: Path) -> None:
    head = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status flow-direction region"
    row = f"5 123456789012 eni-a 10.0.0.5 {DUTCH} 443 50000 6 10 {200 * GB} 1791201600 1791201660 ACCEPT OK egress us-east-1"
    log = tmp_path / "flow.log"
    log.write_text(f"{head}\n{row}\n")
    rows = leaving(read(tmp_path, log))
    assert column_total(rows, C.LIST_COST) == Decimal(9)  # 100 GB free, 100 * 0.09
    assert rows[[C.NETWORK_TIER, C.DST_GEO]].isna().all(axis=None)
