"""Ideas in the terms of Azure and Google Cloud, by hand from the rate cards of October 2026: 744 hours."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import GB, case
from advice.logs import logs

from egresscost.advice import advise
from egresscost.advice.case import Logs
from egresscost.advice.ideas import (
    cdn,
    compression,
    fewer_nats,
    flow_log_cost,
    gateway_endpoint,
    idle_device,
    image_pulls,
    interface_endpoint,
    nat_per_zone,
    public_addressing,
    remove_endpoint,
    replication_audit,
    transit_gateway_to_peering,
    vendor_endpoint,
    vpn_hairpin,
    zone_affinity,
)
from egresscost.results import Standing, Sureness

HEAD = (
    "provider | charge | boundary | direction | from | to | path | via | service | workload | resource | peer | peer_kind"
    " | src_network | dst_network | src_zone | dst_zone | peer_country | dst_geo | rule | evidence | amount"
)
NAMES = [each.strip() for each in HEAD.split("|")]
VNET = "/subscriptions/s/resourcegroups/g/providers/microsoft.network/virtualnetworks/shop"


def row(amount: str, **cells: str) -> str:
    unknown = set(cells) - set(NAMES)
    assert not unknown
    return "|".join([*(cells.get(name, "") for name in NAMES[:-2]), cells.get("evidence", "flow"), amount])


def rows(*lines: str) -> str:
    return "\n".join([HEAD, *lines])


def through_nat(provider: str, region: str, peer: str, amount: str, direction: str = "out", **cells: str) -> str:
    known = {"charge": "nat", "boundary": "provider_service", "path": "nat", "via": "nat", "workload": "shop"}
    known |= {"resource": "nat-1", "src_network": "shop-net", "src_zone": f"{region}-1"}
    known |= {
        "provider": provider,
        "from": region,
        "peer": peer,
        "peer_kind": "provider_service",
        "direction": direction,
    }
    return row(amount, **(known | cells))


def test_a_service_endpoint_spares_azures_nat_gateway() -> None:
    lines = [
        through_nat("azure", "westeurope", "azure westeurope AzureStorage", "1000 gb"),
        through_nat(
            "azure",
            "westeurope",
            "azure westeurope AzureStorage",
            "500 gb",
            "in",
            src_network="",
            dst_network="shop-net",
        ),
    ]
    (advice,) = advise(case(rows(*lines)), [gateway_endpoint.IDEA]).items
    # 1,500 GB x 0.045.
    assert (advice.title, advice.net) == ("Storage service endpoint for shop-net", Decimal("67.5"))
    assert "--service-endpoints Microsoft.Storage" in advice.steps[0].command


def test_private_google_access_is_one_change_for_all_of_googles_services() -> None:
    lines = [
        through_nat("gcp", "us-central1", "gcp storage.googleapis.com", "1000 gb"),
        through_nat("gcp", "us-central1", "gcp Google API", "200 gb"),
    ]
    (advice,) = advise(case(rows(*lines)), [gateway_endpoint.IDEA]).items
    assert (advice.key, advice.net) == ("gateway-endpoint:shop-net:google-apis", Decimal(54))
    assert advice.title == "Private Google Access for shop-net"


def test_azures_private_endpoint_costs_once_for_all_zones() -> None:
    lines = [
        through_nat("azure", "westeurope", "azure westeurope AzureCloud", "5000 gb"),
        through_nat(
            "azure", "westeurope", "azure westeurope AzureCloud", "5000 gb", workload="api", src_zone="westeurope-2"
        ),
    ]
    (advice,) = advise(case(rows(*lines), [interface_endpoint.IDEA]), [interface_endpoint.IDEA]).items
    # 10,000 GB x 0.045 against 10,000 x 0.01 and 744 h x 0.01.
    assert (advice.gross, advice.new_cost) == (Decimal(450), Decimal("107.44"))
    assert advice.title == "Endpoint to Azure services for shop-net"


def test_storage_needs_no_private_endpoint_where_a_service_endpoint_is_free() -> None:
    line = through_nat("azure", "westeurope", "azure westeurope AzureStorage", "5000 gb")
    assert advise(case(rows(line), [interface_endpoint.IDEA]), [interface_endpoint.IDEA]).items == ()


def test_an_endpoint_of_azure_that_carries_little_goes_back_to_the_nat_gateway() -> None:
    hours = row(
        "744 h",
        provider="azure",
        charge="private_endpoint",
        **{"from": "eastus"},
        via="private_endpoint",
        resource="pe-1",
    )
    bytes_ = row("10 gb", provider="azure", charge="private_endpoint", boundary="provider_service", direction="out",
                 **{"from": "eastus"}, via="private_endpoint", resource="pe-1", src_network="shop-net")  # fmt: skip
    nat = through_nat("azure", "eastus", "azure eastus AzureCloud", "5 gb")
    found = advise(case(rows(hours, bytes_, nat)), [remove_endpoint.IDEA]).items
    # 7.44 + 10 x 0.01 against 10 x 0.045.
    assert [(each.key, each.net) for each in found] == [("remove-endpoint:pe-1", Decimal("7.09"))]


def test_a_nat_gateway_of_azure_is_shared_without_a_charge_between_zones() -> None:
    lines = [
        through_nat("azure", "eastus", "azure eastus AzureCloud", "100 gb"),
        through_nat(
            "azure", "eastus", "azure eastus AzureCloud", "50 gb", resource="nat-2", src_zone="eastus-2", workload="api"
        ),
        *(
            row("744 h", provider="azure", charge="nat", **{"from": "eastus"}, via="nat", resource=name)
            for name in ("nat-1", "nat-2")
        ),
    ]
    (advice,) = advise(case(rows(*lines)), [fewer_nats.IDEA]).items
    assert (advice.title, advice.net) == ("Share nat-1 instead of nat-2", Decimal("33.48"))


@pytest.mark.parametrize("provider", ["azure", "gcp"])
def test_no_other_cloud_has_a_nat_gateway_in_another_zone(provider: str) -> None:
    line = row("9000 gb", provider=provider, charge="transfer", boundary="zone", direction="out", **{"from": "eastus", "to": "eastus"},
               path="nat", workload="shop", peer="nat-1", src_zone="eastus-1", dst_zone="eastus-2", src_network="n")  # fmt: skip
    assert advise(case(rows(line), [nat_per_zone.IDEA]), [nat_per_zone.IDEA]).items == ()


def test_an_idle_device_of_azure_goes_by_its_name_and_is_deleted_by_its_id() -> None:
    resource = "/subscriptions/s/resourcegroups/g/providers/microsoft.network/natgateways/old"
    line = row(
        "744 h", provider="azure", charge="nat", **{"from": "eastus"}, via="nat", resource=resource, evidence="bill"
    )
    busy = row(
        "9 gb",
        provider="azure",
        charge="nat",
        **{"from": "eastus"},
        via="nat",
        resource="/x/natgateways/new",
        evidence="bill",
    )
    (advice,) = advise(
        case(rows(line, busy), [idle_device.IDEA], has_bill=True, has_flows=False), [idle_device.IDEA]
    ).items
    assert (advice.title, advice.net) == ("Remove idle NAT gateway old", Decimal("33.48"))
    assert advice.steps[2].command == f"az network nat gateway delete --ids {resource}"


def test_between_zones_of_google_the_sender_alone_pays() -> None:
    keys = {"provider": "gcp", "charge": "transfer", "boundary": "zone", "from": "us-central1", "to": "us-central1"}
    ends = {
        "peer_kind": "workload",
        "src_zone": "us-central1-a",
        "dst_zone": "us-central1-b",
        "service": "Compute Engine",
    }
    lines = [
        row("1000 gb", **keys, **ends, direction="out", workload="web", peer="db"),
        row("1000 gb", **keys, **ends, direction="in", workload="db", peer="web"),
    ]
    (advice,) = advise(case(rows(*lines), [zone_affinity.IDEA]), [zone_affinity.IDEA]).items
    # 0.67 of 1,000 GB x 0.01.
    assert (advice.title, advice.net) == ("Keep db ↔ web in one zone", Decimal("6.7"))
    assert "trafficDistribution" in advice.steps[0].command


def test_nothing_is_said_of_zones_of_azure_which_are_free() -> None:
    line = row("9000 gb", provider="azure", charge="transfer", boundary="zone", direction="out",
               **{"from": "eastus", "to": "eastus"}, workload="web", peer="db", peer_kind="workload")  # fmt: skip
    assert advise(case(rows(line), [zone_affinity.IDEA]), [zone_affinity.IDEA]).items == ()


def test_external_addresses_inside_a_zone_of_google_cost_and_internal_ones_do_not() -> None:
    keys = {"provider": "gcp", "charge": "transfer", "boundary": "zone", "from": "us-central1", "to": "us-central1"}
    ends = {"peer_kind": "workload", "src_zone": "us-central1-a", "dst_zone": "us-central1-a", "path": "public_ip"}
    line = row("1000 gb", **keys, **ends, direction="out", workload="web", peer="db", service="Compute Engine")
    (advice,) = advise(case(rows(line)), [public_addressing.IDEA]).items
    assert (advice.title, advice.net) == ("Internal addresses between db and web", Decimal(10))


def test_what_goes_through_a_virtual_hub_is_said_where_only_the_bill_shows_it() -> None:
    line = row("1000 gb", provider="azure", charge="transit_gateway", boundary="unknown", direction="both",
               **{"from": "eastus"}, via="virtual_wan", evidence="bill", resource="hub")  # fmt: skip
    (advice,) = advise(case(rows(line), has_flows=False), [transit_gateway_to_peering.IDEA]).items
    assert (advice.standing, advice.at_stake) == (Standing.NOT_JUDGED, Decimal(20))
    assert advice.missing.endswith("which networks talk through it can't be judged")


def internet(provider: str, region: str, amount: str, **cells: str) -> str:
    known = {"provider": provider, "charge": "transfer", "boundary": "internet", "direction": "out", "from": region}
    return row(amount, **(known | cells))


@pytest.mark.parametrize(
    ("there", "new_cost"),
    [
        # 10,100 GB: 10,000 x 0.0825 + 100 x 0.065002; 10,100 answers of 1 GB are 1.01 x 0.009; and 35 for the profile.
        ([], Decimal("831.5002") + Decimal("0.00909") + 35),
        # 1 GB leaves Front Door already: its profile is paid for, and one GB more is in the second tier.
        (["1 gb"], Decimal("831.5002") - Decimal("0.0825") + Decimal("0.065002") + Decimal("0.00909")),
    ],
)
def test_front_door_costs_a_base_fee_where_there_is_none_yet(there: list[str], new_cost: Decimal) -> None:
    lines = [
        internet("azure", "eastus", "10100 gb", resource="films", service="Microsoft.Storage", peer_country="US"),
        *(
            internet("azure", "edge-1", each, boundary="edge", service="Microsoft.Cdn", evidence="bill")
            for each in there
        ),
    ]
    made = case(rows(*lines), [cdn.IDEA], mean_object_kb=Decimal(1024 * 1024))
    (advice,) = advise(made, [cdn.IDEA]).items
    # 10,000 GB x 0.087 beyond the free 100.
    assert (advice.gross, advice.new_cost) == (Decimal(870), new_cost)
    assert advice.title == "Front Door before films"


def test_what_cloud_cdn_fetches_is_charged_by_both_ends() -> None:
    http = logs(
        "service | resource | requests | bytes_out | repeated_bytes | provider\n"
        f"Compute Engine | web | 1001 | {1001 * GB} | {800 * GB} | gcp"
    )
    line = internet("gcp", "us-central1", "1001 gb", service="Compute Engine", workload="web", resource="web", path="direct",
                    peer_country="US", dst_geo="Americas")  # fmt: skip
    (advice,) = advise(case(rows(line), [cdn.IDEA], http=http), [cdn.IDEA]).items
    # 1,000 x 0.12 against 1,001 x 0.08 to viewers, 201 x 0.01 into the caches, and 1,001 requests of 0.0075 for 10,000.
    assert advice.gross == Decimal(120)
    assert advice.new_cost is not None
    assert round(advice.new_cost, 4) == Decimal("80.08") + Decimal("2.01") + Decimal("0.0008")
    assert advice.title == "Cloud CDN before web"


def test_fills_between_continents_have_no_price_and_are_not_guessed() -> None:
    http = logs(
        "service | resource | requests | bytes_out | repeated_bytes | provider\n"
        f"Compute Engine | web | 1001 | {1001 * GB} | {800 * GB} | gcp"
    )
    line = internet("gcp", "us-central1", "1001 gb", service="Compute Engine", workload="web", resource="web", path="direct",
                    peer_country="FR", dst_geo="Western Europe")  # fmt: skip
    (advice,) = advise(case(rows(line), [cdn.IDEA], http=http), [cdn.IDEA]).items
    assert (advice.standing, advice.net) == (Standing.NOT_JUDGED, None)
    assert advice.missing.startswith("no price for")


def test_clients_of_an_azure_gateway_pay_firewall_and_way_out() -> None:
    ends = {
        "workload": "GatewaySubnet",
        "src_network": VNET,
        "boundary": "internet",
        "provider": "azure",
        "direction": "out",
    }
    lines = [
        row("600 gb", **ends, charge="transfer", **{"from": "eastus"}),
        row("600 gb", **ends, charge="firewall", **{"from": "eastus"}, via="firewall"),
    ]
    (advice,) = advise(case(rows(*lines), [vpn_hairpin.IDEA], split_share=Decimal("0.5")), [vpn_hairpin.IDEA]).items
    # 300 x 0.016, and 600 GB cost 500 x 0.087 beyond the free 100, 300 GB 200 x 0.087.
    assert advice.net == Decimal("4.8") + Decimal("26.1")
    assert "0.0.0.0/1 and 128.0.0.0/1" in advice.change


def test_an_own_vpn_server_is_told_by_its_name_with_little_sureness() -> None:
    line = internet("gcp", "us-central1", "1001 gb", workload="openvpn-as", src_network="hub", dst_geo="Americas")
    (advice,) = advise(case(rows(line), [vpn_hairpin.IDEA], split_share=Decimal(1)), [vpn_hairpin.IDEA]).items
    assert (advice.net, advice.sureness) == (Decimal(120), Sureness.LOW)
    assert advice.key == "vpn-hairpin:hub:by-name"


def test_a_firewall_behind_a_line_is_not_judged_on_the_bill_alone() -> None:
    line = row(
        "1000 gb",
        provider="azure",
        charge="firewall",
        boundary="unknown",
        direction="both",
        **{"from": "eastus"},
        via="firewall",
        evidence="bill",
    )
    vpn = row(
        "744 h",
        provider="azure",
        charge="private_line",
        boundary="private_line",
        **{"from": "eastus"},
        via="vpn_gw1",
        evidence="bill",
    )
    (advice,) = advise(case(rows(line, vpn), [vpn_hairpin.IDEA]), [vpn_hairpin.IDEA]).items
    assert (advice.key, advice.at_stake) == ("vpn-hairpin:senders behind NAT gateways and firewalls", Decimal(16))


@pytest.mark.parametrize(
    ("provider", "region", "net"),
    [
        # 450 GB x 0.045 less 50 GB of new layers at 0.10; on Azure an endpoint's 744 h x 0.01 and the registry's 50, too.
        ("gcp", "us-central1", Decimal("15.25")),
        ("azure", "eastus", Decimal("15.25") - Decimal("7.44") - 50),
    ],
)
def test_a_registry_that_keeps_images_costs_what_the_cloud_asks_for_it(
    provider: str, region: str, net: Decimal
) -> None:
    line = through_nat(provider, region, "docker", "1000 gb", "in", boundary="internet", peer_kind="network_owner")
    (advice,) = advise(case(rows(line), [image_pulls.IDEA]), [image_pulls.IDEA]).items
    assert advice.net == net


def test_a_vendors_private_link_costs_once_for_all_zones() -> None:
    lines = [
        internet(
            "azure",
            "eastus",
            "1000 gb",
            peer="datadog",
            path="nat",
            via="nat",
            src_network="shop-net",
            workload="shop",
            src_zone="eastus-1",
        ),
        internet(
            "azure",
            "eastus",
            "0.001 gb",
            peer="datadog",
            path="nat",
            via="nat",
            src_network="shop-net",
            workload="api",
            src_zone="eastus-2",
        ),
    ]
    (advice,) = advise(case(rows(*lines), [vendor_endpoint.IDEA]), [vendor_endpoint.IDEA]).items
    # 900 x 0.087 against 1,000 x 0.01 and 744 h x 0.01, about.
    assert advice.net is not None
    assert round(advice.net, 2) == Decimal("78.30") - Decimal("17.44")


def test_hours_of_private_service_connect_have_no_price() -> None:
    line = internet("gcp", "us-central1", "1001 gb", peer="datadog", src_network="shop-net", dst_geo="Americas")
    (advice,) = advise(case(rows(line), [vendor_endpoint.IDEA]), [vendor_endpoint.IDEA]).items
    assert advice.standing is Standing.NOT_JUDGED


def test_geo_redundant_storage_is_told_by_its_meter() -> None:
    line = row("1000 gb", provider="azure", charge="transfer", boundary="region", direction="out",
               **{"from": "eastus", "to": "westus"}, rule="storage-replication", resource="films", evidence="bill")  # fmt: skip
    (advice,) = advise(case(rows(line)), [replication_audit.IDEA]).items
    assert (advice.standing, advice.at_stake) == (Standing.NOT_JUDGED, Decimal(20))
    assert "zone-redundant ones do not" in advice.missing


@pytest.mark.parametrize(("given", "amount"), [({}, Decimal(50)), ({"log_storage_price": Decimal("0.1")}, Decimal(10))])
def test_flow_logs_cost_what_the_cloud_asks_unless_the_user_knows_better(
    given: dict[str, Decimal], amount: Decimal
) -> None:
    made = case(
        rows(internet("azure", "eastus", "1 gb")),
        [flow_log_cost.IDEA],
        logs=(Logs("azure", 10, 100 * GB, seconds=60),),
        **given,
    )
    (advice,) = advise(made, [flow_log_cost.IDEA]).items
    assert (advice.standing, advice.at_stake) == (Standing.NOT_JUDGED, amount)


def test_more_senders_than_are_weighed_are_said_with_their_cost() -> None:
    lines = [
        internet("aws", "us-east-1", f"{200 - each} gb", service="AmazonS3", resource=f"b{each:02}")
        for each in range(32)
    ]
    found = advise(case(rows(*lines), [compression.IDEA]), [compression.IDEA]).items
    (others,) = (each for each in found if each.key == "compression:others")
    # The two smallest, 170 and 169 GB at 0.09.
    assert others.at_stake == Decimal("30.51")
    assert (
        others.missing == "senders beyond the 30 that are weighed: 2; make the changes for those first, and look again"
    )


def test_more_endpoints_than_are_weighed_are_said() -> None:
    ends = {"provider": "aws", "charge": "private_endpoint", "from": "us-east-1", "via": "private_endpoint"}
    lines = [row("744 h", **ends, resource=f"vpce-{each:03}") for each in range(152)]
    bytes_ = [
        row(
            "900 gb",
            **ends,
            boundary="provider_service",
            direction="out",
            resource=f"vpce-{each:03}",
            src_network="vpc-a",
        )
        for each in range(152)
    ]
    found = advise(case(rows(*lines, *bytes_), hours=Decimal(744)), [remove_endpoint.IDEA]).items
    (others,) = (each for each in found if each.key == "remove-endpoint:others")
    # The hours of two, 7.44 each.
    assert others.at_stake == Decimal("14.88")
    assert others.missing.startswith("endpoints beyond the 150 that are weighed: 2;")
