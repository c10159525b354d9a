"""Interfaces and subnets of AWS's inventories.

Goes in: items of an answer. Comes out: neutral interfaces and subnets. Never: makes a zone id of a letter by itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from egresscost.providers.aws.inventory_words import Known, present, region_of_zone
from egresscost.providers.aws.network import interface_kind
from egresscost.sources.inventories import Interface, Subnet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from egresscost.providers.aws.inventory_words import Item, Zones
    from egresscost.providers.aws.network import InterfaceKind

PARTNER_SERVICE: Final = "com.amazonaws.vpce."
_GONE: Final = frozenset({"deleted", "failed", "deleting", "rejected", "expired"})


def subnet(item: Item, zones: Zones) -> Subnet:
    """A subnet."""
    blocks = (each.text("Ipv6CidrBlock") for each in item.items("Ipv6CidrBlockAssociationSet"))
    return Subnet(
        id=item.text("SubnetId") or "",
        account=item.text("OwnerId"),
        region=region_of_zone(item.text("AvailabilityZone")),
        zone=Known().zone_of(item, zones),
        network=item.text("VpcId"),
        prefixes=present([item.text("CidrBlock"), *blocks]),
    )


def listed(items: Sequence[Item], known: Known, zones: Zones) -> Iterator[Interface]:
    """describe-network-interfaces."""
    for item in items:
        yield _interface(item, known, zones)


def _interface(item: Item, known: Known, zones: Zones) -> Interface:
    found = interface_kind(item.text("InterfaceType") or "interface", item.text("Description") or "")
    name = item.text("NetworkInterfaceId") or ""
    device = known.devices.get(name)
    instance = item.item("Attachment").text("InstanceId")
    return Interface(
        id=name,
        account=item.text("OwnerId"),
        region=known.region_of(item),
        zone=known.zone_of(item, zones),
        network=item.text("VpcId"),
        subnet=item.text("SubnetId"),
        kind=_kind(found, device),
        service=found.service,
        instance=instance,
        resource=_device_id(device) or found.resource,
        addresses=_addresses(item),
        prefixes=_prefixes(item),
        public=_public(item),
        has_public=bool(_public(item)),
        workload=_workload(item, found, known, instance),
        peer_service=device.text("ServiceName") if device else None,
        groups=_groups(item),
    )


def _kind(found: InterfaceKind, device: Item | None) -> str:
    """The kind; an endpoint to somebody else's service is another one than to AWS's."""
    service = (device.text("ServiceName") if device else None) or ""
    if device is not None and device.tags().get("AWSNetworkFirewallManaged") == "true":
        return "firewall"
    return (
        "service_endpoint" if service.startswith(PARTNER_SERVICE) and found.kind == "private_endpoint" else found.kind
    )


def _device_id(device: Item | None) -> str | None:
    return (device.text("NatGatewayId") or device.text("VpcEndpointId")) if device else None


def _addresses(item: Item) -> tuple[str, ...]:
    private = (each.text("PrivateIpAddress") for each in item.items("PrivateIpAddresses"))
    six = (each.text("Ipv6Address") for each in item.items("Ipv6Addresses"))
    return present([item.text("PrivateIpAddress"), *private, *six])


def _prefixes(item: Item) -> tuple[str, ...]:
    four = (each.text("Ipv4Prefix") for each in item.items("Ipv4Prefixes"))
    six = (each.text("Ipv6Prefix") for each in item.items("Ipv6Prefixes"))
    return present([*four, *six])


def _public(item: Item) -> tuple[str, ...]:
    more = (each.item("Association").text("PublicIp") for each in item.items("PrivateIpAddresses"))
    return present([item.item("Association").text("PublicIp"), *more])


def _groups(item: Item) -> tuple[str, ...]:
    """The security groups, by id and name."""
    found = ((each.text("GroupId"), each.text("GroupName")) for each in item.items("Groups"))
    return present([f"{name} ({word})" if name and word else name for name, word in found])


def _workload(item: Item, found: InterfaceKind, known: Known, instance: str | None) -> str | None:
    """The machine's name, what the description says, or the interface's own name."""
    machine = known.instances.get(instance or "")
    return (machine.name() if machine else None) or found.workload or item.name()


def of_instances(items: Sequence[Item], known: Known, zones: Zones) -> Iterator[Interface]:
    """describe-instances: the interfaces of machines."""
    for reservation in items:
        for machine in reservation.items("Instances"):
            for item in machine.items("NetworkInterfaces"):
                yield Interface(
                    id=item.text("NetworkInterfaceId") or "",
                    account=item.text("OwnerId") or reservation.text("OwnerId"),
                    region=known.region_of(machine),
                    zone=known.zone_of(machine, zones),
                    network=item.text("VpcId"),
                    subnet=item.text("SubnetId"),
                    instance=machine.text("InstanceId"),
                    addresses=_addresses(item),
                    prefixes=_prefixes(item),
                    public=_public(item),
                    has_public=True if _public(item) else None,
                    workload=machine.name(),
                    groups=_groups(item),
                )


def of_nat_gateways(items: Sequence[Item], known: Known, zones: Zones) -> Iterator[Interface]:
    """describe-nat-gateways. A regional one logs under its own id."""
    for item in items:
        if item.text("State") in _GONE:
            continue
        whole = Interface(
            id=item.text("NatGatewayId") or "",
            account=known.account_of(item),
            region=known.region_of(item),
            network=item.text("VpcId"),
            kind="nat",
            resource=item.text("NatGatewayId"),
            workload=item.name(),
        )
        parts = [each for each in item.items("NatGatewayAddresses") if each.text("NetworkInterfaceId")]
        for each in parts:
            yield replace(
                whole,
                id=each.text("NetworkInterfaceId") or "",
                zone=each.text("AvailabilityZoneId") or known.zone_of(item, zones),
                subnet=item.text("SubnetId"),
                addresses=present([each.text("PrivateIp")]),
                public=present([each.text("PublicIp")]),
                has_public=each.text("PublicIp") is not None,
            )
        if not parts:
            yield whole


def of_endpoints(items: Sequence[Item], known: Known, zones: Zones) -> Iterator[Interface]:
    """describe-vpc-endpoints: what is behind each interface; where it stands its own list says."""
    del zones
    kinds = {"Interface": "private_endpoint", "GatewayLoadBalancer": "gateway_load_balancer_endpoint"}
    for item in items:
        kind = kinds.get(item.text("VpcEndpointType") or "")
        if kind is None or (item.text("State") or "").lower() in _GONE:
            continue
        service = item.text("ServiceName") or ""
        if kind == "private_endpoint" and service.startswith(PARTNER_SERVICE):
            kind = "service_endpoint"
        if item.tags().get("AWSNetworkFirewallManaged") == "true":
            kind = "firewall"
        for name in item.texts("NetworkInterfaceIds"):
            yield Interface(
                id=name,
                account=item.text("OwnerId"),
                region=known.region_of(item),
                network=item.text("VpcId"),
                kind=kind,
                resource=item.text("VpcEndpointId"),
                workload=item.name(),
                peer_service=service or None,
            )


def of_attachments(items: Sequence[Item], known: Known, zones: Zones) -> Iterator[Interface]:
    """describe-transit-gateway-attachments: an attachment logs under its own id."""
    del zones
    for item in items:
        if item.text("State") in _GONE:
            continue
        is_network = item.text("ResourceType") == "vpc"
        network = item.text("ResourceId") if is_network else None
        yield Interface(
            id=item.text("TransitGatewayAttachmentId") or "",
            account=item.text("ResourceOwnerId"),
            region=known.regions.get(network or ""),
            network=network,
            kind="transit_gateway",
            resource=item.text("TransitGatewayAttachmentId"),
            workload=item.name(),
        )
