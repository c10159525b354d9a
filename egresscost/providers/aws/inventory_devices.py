"""What costs by the hour, as AWS's inventories list it.

Goes in: items of an answer. Comes out: devices with the charge and the path word of their hours. Never: counts hours.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from egresscost.frame import Charge
from egresscost.sources.inventories import Device

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from egresscost.providers.aws.inventory_words import Item, Known

_ENDPOINTS: Final = {
    "Interface": "private_endpoint",
    "GatewayLoadBalancer": "gateway_load_balancer_endpoint",
    "Resource": "resource_endpoint",
    "ServiceNetwork": "resource_endpoint",
}


_UNCHARGED: Final = frozenset(
    {
        "pending",
        "pendingacceptance",
        "failed",
        "failing",
        "rejected",
        "rejecting",
        "expired",
        "initiating",
        "rollingback",
    }
)
"""States of what does not exist yet, or never did."""


def listed(what: str, items: Sequence[Item], known: Known) -> Iterator[Device]:
    """The devices in a list."""
    readers = {
        "NatGateways": _nat_gateways,
        "VpcEndpoints": _endpoints,
        "TransitGatewayAttachments": _attachments,
        "NetworkInterfaces": _public_addresses,
    }
    if what in readers:
        yield from readers[what]([item for item in items if _is_charged(item)], known)


def _is_charged(item: Item) -> bool:
    """Whether it costs something; what was deleted counts where its end is known."""
    state = (item.text("State") or "").lower()
    return state not in _UNCHARGED and (state != "deleted" or item.text("DeleteTime") is not None)


def _nat_gateways(items: Sequence[Item], known: Known) -> Iterator[Device]:
    for item in items:
        zones = {each.text("AvailabilityZoneId") for each in item.items("NatGatewayAddresses")} - {None}
        yield Device(
            id=item.text("NatGatewayId") or "",
            charge=Charge.NAT,
            via="nat",
            account=known.account_of(item),
            region=known.region_of(item),
            network=item.text("VpcId"),
            count=max(len(zones), 1) if item.text("AvailabilityMode") == "regional" else 1,
            name=item.name(),
            valid_from=_moment(item.text("CreateTime")),
            valid_to=_moment(item.text("DeleteTime")),
        )


def _endpoints(items: Sequence[Item], known: Known) -> Iterator[Device]:
    for item in items:
        via = _ENDPOINTS.get(item.text("VpcEndpointType") or "")
        if via is not None:
            yield Device(
                id=item.text("VpcEndpointId") or "",
                charge=Charge.PRIVATE_ENDPOINT,
                via=via,
                account=item.text("OwnerId"),
                region=known.region_of(item),
                network=item.text("VpcId"),
                count=max(len(item.texts("SubnetIds")), 1),
                name=item.name() or item.text("ServiceName"),
                valid_from=_moment(item.text("CreationTimestamp")),
            )


def _attachments(items: Sequence[Item], known: Known) -> Iterator[Device]:
    for item in items:
        network = item.text("ResourceId") if item.text("ResourceType") == "vpc" else None
        yield Device(
            id=item.text("TransitGatewayAttachmentId") or "",
            charge=Charge.TRANSIT_GATEWAY,
            via="transit_gateway",
            account=item.text("ResourceOwnerId"),
            region=known.regions.get(network or ""),
            network=network,
            name=item.name(),
            valid_from=_moment(item.text("CreationTime")),
        )


def _public_addresses(items: Sequence[Item], known: Known) -> Iterator[Device]:
    for item in items:
        associations = [each.item("Association") for each in item.items("PrivateIpAddresses")]
        for address in dict.fromkeys(each.text("PublicIp") for each in [item.item("Association"), *associations]):
            if address is not None:
                yield Device(
                    id=address,
                    charge=Charge.PUBLIC_ADDRESS,
                    via="",
                    account=item.text("OwnerId"),
                    region=known.region_of(item),
                    network=item.text("VpcId"),
                    name=item.name(),
                )


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
