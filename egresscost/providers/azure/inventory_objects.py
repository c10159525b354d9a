"""Objects of Azure's inventories as interfaces, subnets and devices.

Goes in: JSON objects, flat as the command line writes them or with `properties` as the API does. Comes out: values of the
house. Never: raises on what is absent; Azure adds and leaves out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from egresscost.sources.inventories import Device, Interface, Subnet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    Item = Mapping[str, Any]

NAT: Final = "nat"
PRIVATE_ENDPOINT: Final = "private_endpoint"
PUBLIC_ADDRESS: Final = "public_address"
MICROSOFT_ROUTING: Final = "microsoft_routing"
INTERNET_ROUTING: Final = "internet_routing"

_KIND: Final = re.compile(r"/providers/[^/]+/([^/]+)/[^/]+$")
_NETWORK: Final = re.compile(r"^(/subscriptions/.*/virtualnetworks/[^/]+)/subnets/[^/]+$")


def kind_of(item: Item) -> str:
    """The kind of an object, lower case: `networkinterfaces`."""
    kind = item.get("type")
    if isinstance(kind, str):
        return kind.rpartition("/")[2].lower()
    found = _KIND.search(identity(item))
    return found[1] if found else ""


def identity(item: Item) -> str:
    """An object's id, lower case; empty for none."""
    found = item.get("id")
    return found.lower() if isinstance(found, str) else ""


def part(item: Item, *names: str) -> Any:  # noqa: ANN401  whatever JSON holds
    """What stands under names one inside another, with or without `properties` in between; None for nothing."""
    found: Any = item
    for name in names:
        inner = found.get("properties") if isinstance(found, dict) else None
        found = (
            found.get(name, inner.get(name) if isinstance(inner, dict) else None) if isinstance(found, dict) else None
        )
    return found


def parts(item: Item, *names: str) -> list[Item]:
    """The objects in a list."""
    found = part(item, *names)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def text(item: Item, *names: str) -> str | None:
    """A text, None where there is none."""
    found = part(item, *names)
    return found if isinstance(found, str) and found else None


def reference(item: Item, *names: str) -> str:
    """The id of an object that is referred to."""
    found = part(item, *names)
    return identity(found) if isinstance(found, dict) else ""


def region(item: Item) -> str | None:
    """Where an object stands: `West Europe` and `westeurope` are one."""
    found = text(item, "location")
    return found.replace(" ", "").lower() if found else None


def account(item: Item) -> str | None:
    """The subscription of an object."""
    pieces = identity(item).split("/")
    return pieces[2] if pieces[:2] == ["", "subscriptions"] and len(pieces) > 2 else None  # noqa: PLR2004  its place


class Objects:
    """What files say of each other's ids."""

    def __init__(self) -> None:
        self._items: dict[str, dict[str, Item]] = {}
        self._exits: dict[str, str] = {}

    def note(self, kind: str, items: Iterable[Item]) -> None:
        """Remember objects."""
        self._items.setdefault(kind, {}).update({identity(each): each for each in items})
        if kind == "virtualnetworks":
            subnets_ = [subnet for each in items for subnet in parts(each, "subnets")]
            gateways = ((identity(each), reference(each, "natGateway")) for each in subnets_)
            self._exits |= {subnet: gateway for subnet, gateway in gateways if gateway}
        if kind == "natgateways":
            self._exits |= {identity(subnet): identity(each) for each in items for subnet in parts(each, "subnets")}

    def named(self, kind: str, name: str) -> Item:
        """An object by its id, an empty one where nothing lists it."""
        return self._items.get(kind, {}).get(name, {})

    def has_nat(self, subnet: str) -> bool:
        """Whether a subnet has a NAT gateway."""
        return subnet in self._exits

    def addresses_of_nat(self, subnet: str) -> list[str]:
        """The public addresses of a subnet's NAT gateway, by their ids; none where a range of them may be used, too."""
        gateway = self.named("natgateways", self._exits.get(subnet, ""))
        if parts(gateway, "publicIpPrefixes"):
            return []
        return [identity(each) for each in parts(gateway, "publicIpAddresses")]

    def routing(self, addresses: Sequence[str]) -> str | None:
        """The routing preference of public addresses, by their ids; None where one is not listed, or they differ."""
        listed = [self.named("publicipaddresses", each) for each in addresses]
        found = {_routing(each) for each in listed if each}
        return found.pop() if len(found) == 1 and all(listed) else None


def _routing(address: Item) -> str:
    """A public address is on Microsoft's network unless a tag of it says otherwise."""
    tags = {(text(each, "ipTagType"), text(each, "tag")) for each in parts(address, "ipTags")}
    return INTERNET_ROUTING if ("RoutingPreference", "Internet") in tags else MICROSOFT_ROUTING


def interfaces(items: Iterable[Item], known: Objects) -> Iterator[Interface]:
    """The network interfaces, by their MAC address, as flow logs name them."""
    for item in items:
        configurations = parts(item, "ipConfigurations")
        machine = reference(item, "virtualMachine")
        subnet = next((found for each in configurations if (found := reference(each, "subnet"))), "")
        network = _NETWORK.match(subnet)
        endpoint = reference(item, "privateEndpoint")
        publics = [name for each in configurations if (name := _either(reference, each, "publicIPAddress"))]
        addresses = (_either(text, each, "privateIPAddress") for each in configurations)
        mac = text(item, "macAddress")
        yield Interface(
            id=re.sub(r"[:-]", "", mac).upper() if mac else identity(item),
            account=account(item),
            region=region(item),
            zone=_zone(known.named("virtualmachines", machine)),
            network=network[1] if network else None,
            subnet=subnet or None,
            kind=PRIVATE_ENDPOINT if endpoint else "machine",
            instance=machine.rpartition("/")[2] or None,
            resource=endpoint.rpartition("/")[2] or text(item, "name"),
            addresses=tuple(each for each in addresses if each),
            public=tuple(address for each in publics if (address := _address(each, known))),
            has_public=bool(publics),
            workload=_workload(item, known.named("virtualmachines", machine)) or machine.rpartition("/")[2] or None,
            peer_service=_behind(known.named("privateendpoints", endpoint)) if endpoint else None,
            exit=NAT if known.has_nat(subnet) and not publics else None,
            network_tier=known.routing(publics or known.addresses_of_nat(subnet)),
        )


def _either(read: Callable[[Item, str], str | None], item: Item, name: str) -> str | None:
    """A value under a name that the API writes with `IP` and some versions of the command line with `Ip`."""
    return read(item, name) or read(item, name.replace("IP", "Ip"))


def _address(name: str, known: Objects) -> str | None:
    return text(known.named("publicipaddresses", name), "ipAddress")


def _zone(machine: Item) -> str | None:
    """The zone of a machine: its region and the number that its subscription has for it."""
    zones = part(machine, "zones")
    where = region(machine)
    return f"{where}-{zones[0]}" if where and isinstance(zones, list) and len(zones) == 1 else None


def _workload(*items: Item) -> str | None:
    """What people call what runs there, where a tag does."""
    for item in items:
        tags = item.get("tags")
        lower = {str(key).lower(): value for key, value in tags.items()} if isinstance(tags, dict) else {}
        for key in ("application", "app", "service", "workload", "name"):
            if isinstance(lower.get(key), str) and lower[key]:
                return str(lower[key])
    return None


def _behind(endpoint: Item) -> str | None:
    """What a private endpoint leads to: the name of the resource."""
    links = [*parts(endpoint, "privateLinkServiceConnections"), *parts(endpoint, "manualPrivateLinkServiceConnections")]
    names = [text(each, "privateLinkServiceId") for each in links]
    return next((name.rpartition("/")[2] for name in names if name), None)


def subnets(items: Iterable[Item]) -> Iterator[Subnet]:
    """The subnets of virtual networks. A subnet stands in no zone: it spans them all."""
    for item in items:
        for each in parts(item, "subnets"):
            prefixes = part(each, "addressPrefixes")
            single = text(each, "addressPrefix")
            found = [name for name in prefixes if isinstance(name, str)] if isinstance(prefixes, list) else []
            yield Subnet(
                identity(each),
                account(item),
                region(item),
                None,
                identity(item),
                tuple(found or ([single] if single else [])),
            )


def devices(lists: Mapping[str, Sequence[Item]]) -> Iterator[Device]:
    """What costs by the hour."""
    for kind, charge, via in (
        ("natgateways", NAT, NAT),
        ("privateendpoints", PRIVATE_ENDPOINT, PRIVATE_ENDPOINT),
        ("publicipaddresses", PUBLIC_ADDRESS, ""),
    ):
        for item in lists.get(kind, ()):
            if identity(item):
                yield Device(identity(item), charge, via, account(item), region(item), name=text(item, "name"))
