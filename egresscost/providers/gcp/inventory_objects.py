"""Objects of Compute Engine as interfaces, subnets and devices.

Goes in: JSON objects of the API. Comes out: values of the house, under the names that flow logs have for the same things:
`project/zone/instance`, `project/network`, `project/network/region/subnet`. Never: raises on what is absent; Google adds and leaves out.

Sources: Compute Engine API v1, resources Instance, Subnetwork, Router and Address; Cloud NAT documentation.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from egresscost.providers.gcp.flow_records import CLOUD_NAT
from egresscost.sources.inventories import Device, Interface, Subnet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Item = Mapping[str, Any]

_PATH: Final = re.compile(r"projects/([^/]+)/(?:(zones|regions)/([^/]+)|global)/[^/]+/([^/]+)$")
_ZONE: Final = re.compile(r"-[a-z]$")
_NAMES: Final = ("app", "application", "service", "workload", "name")
_ALL: Final = ("ALL_SUBNETWORKS_ALL_IP_RANGES", "ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES")
_STEADY: Final = 32
"""VMs from which on a NAT gateway costs no more (see pricing/gcp/nat.csv)."""
_RATE: Final = 0.5
_CREATOR: Final = "created-by"


def texts(item: Item, name: str) -> list[str]:
    """The texts in a list."""
    found = item.get(name)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def parts(item: Item, name: str) -> list[Item]:
    """The objects in a list."""
    found = item.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def text(item: Item, name: str) -> str:
    """A text, empty where there is none."""
    found = item.get(name)
    return found if isinstance(found, str) else ""


def path(url: str) -> tuple[str, str, str]:
    """Project, place and name of an object's address; empty where it is none.

    >>> path("https://www.googleapis.com/compute/v1/projects/p/zones/us-east4-a/instances/web")
    ('p', 'us-east4-a', 'web')
    >>> path("https://www.googleapis.com/compute/v1/projects/p/global/networks/net")
    ('p', '', 'net')
    """
    found = _PATH.search(url)
    return (found[1], found[3] or "", found[4]) if found else ("", "", "")


def network_id(url: str) -> str | None:
    """A network as flow logs name it."""
    project, _, name = path(url)
    return f"{project}/{name}" if name else None


def subnet_id(network: str | None, url: str) -> str | None:
    """A subnet as flow logs name it."""
    _, region, name = path(url)
    return f"{network}/{region}/{name}" if network and name else None


def gateway_id(router: Item, nat: Item) -> str:
    """A NAT gateway as its log names it."""
    project, region, _ = path(text(router, "selfLink"))
    return f"{project}/{region}/{text(nat, 'name')}"


class Exits:
    """Which subnets have Cloud NAT, by the routers."""

    def __init__(self) -> None:
        self._networks: dict[tuple[str, str], tuple[str, bool]] = {}
        self._subnets: dict[str, tuple[str, bool]] = {}

    def note(self, routers: Iterable[Item]) -> None:
        """Remember the gateways of routers."""
        for router in routers:
            _, region, _ = path(text(router, "selfLink"))
            for nat in parts(router, "nats"):
                log = nat.get("logConfig")
                gateway = gateway_id(router, nat), isinstance(log, dict) and log.get("enable") is True
                if text(nat, "sourceSubnetworkIpRangesToNat") in _ALL:
                    self._networks[network_id(text(router, "network")) or "", region] = gateway
                for each in parts(nat, "subnetworks"):
                    self._subnets[text(each, "name").partition("/projects/")[2]] = gateway

    def of(self, link: Item) -> tuple[str, bool] | None:
        """The gateway of an instance's interface, and whether it keeps a log; None where there is none."""
        subnet = text(link, "subnetwork")
        _, region, _ = path(subnet)
        mine = self._subnets.get(subnet.partition("/projects/")[2])
        return mine or self._networks.get((network_id(text(link, "network")) or "", region))


def externals(link: Item) -> list[str]:
    """External IPv4 addresses of an instance's interface."""
    return [found for each in parts(link, "accessConfigs") if (found := text(each, "natIP"))]


def interfaces(machines: Iterable[Item], exits: Exits) -> Iterator[Interface]:
    """The interfaces of instances, under both names that flow logs have for them.

    With metadata they name the instance, which its first interface then is; without, its subnet and address.
    """
    for machine in machines:
        project, zone, name = path(text(machine, "selfLink"))
        if not name:
            continue
        for number, link in enumerate(parts(machine, "networkInterfaces")):
            interface = _interface(machine, link, (project, zone, name), number, exits)
            yield interface
            subnet = path(text(link, "subnetwork"))[2]
            for address in interface.addresses:
                # What a log without metadata knows of it; the address is the other one's.
                yield replace(interface, id=f"{project}/{subnet}/{address}", addresses=(), prefixes=(), public=())


def _interface(machine: Item, link: Item, where: tuple[str, str, str], number: int, exits: Exits) -> Interface:
    project, zone, name = where
    network = network_id(text(link, "network"))
    behind = exits.of(link)
    v6 = [found for each in parts(link, "ipv6AccessConfigs") if (found := text(each, "externalIpv6"))]
    own = [text(link, "networkIP"), text(link, "ipv6Address"), *v6]
    is_reachable = bool(parts(link, "accessConfigs"))
    return Interface(
        id="/".join(where) if not number else f"{'/'.join(where)}/{text(link, 'name') or number}",
        account=project,
        region=_ZONE.sub("", zone),
        zone=zone,
        network=network,
        subnet=subnet_id(network, text(link, "subnetwork")),
        instance=name,
        resource=name,
        addresses=tuple(dict.fromkeys(each for each in own if each)),
        prefixes=tuple(found for each in parts(link, "aliasIpRanges") if (found := text(each, "ipCidrRange"))),
        public=tuple(externals(link)),
        has_public=is_reachable,
        workload=_workload(machine),
        network_tier=_tier(link),
        # A gateway that keeps a log is seen there.
        exit=CLOUD_NAT if behind is not None and not behind[1] and not is_reachable else None,
    )


def _tier(link: Item) -> str | None:
    """The network tier of its external address; None without one: then the bytes leave by NAT, which is on a tier of its own."""
    found = {tier.lower() for each in parts(link, "accessConfigs") if (tier := text(each, "networkTier"))}
    return found.pop() if len(found) == 1 else None


def _workload(machine: Item) -> str | None:
    """What people call what runs there: the group that made it, as flow logs have it, else a label."""
    metadata = machine.get("metadata")
    for each in parts(metadata, "items") if isinstance(metadata, dict) else ():
        if text(each, "key") == _CREATOR and "/instanceGroupManagers/" in text(each, "value"):
            return text(each, "value").rpartition("/")[2]
    labels = machine.get("labels")
    found = labels if isinstance(labels, dict) else {}
    return next((found[key] for key in _NAMES if isinstance(found.get(key), str) and found[key]), None)


def subnets(items: Iterable[Item]) -> Iterator[Subnet]:
    """Subnets. One stands in no zone: it spans those of its region."""
    for item in items:
        project, region, _ = path(text(item, "selfLink"))
        network = network_id(text(item, "network"))
        name = subnet_id(network, text(item, "selfLink"))
        ranges = [
            text(item, "ipCidrRange"),
            *(text(each, "ipCidrRange") for each in parts(item, "secondaryIpRanges")),
            *(text(item, each) for each in ("internalIpv6Prefix", "externalIpv6Prefix")),
        ]
        if name:
            known = tuple(dict.fromkeys(each for each in ranges if each))
            yield Subnet(name, project, region, None, network, known, sampling(item))


def logging(item: Item) -> Item | None:
    """How a subnet logs flows, None where it does not."""
    found = item.get("logConfig")
    log: Item = found if isinstance(found, dict) else {}
    return log if log.get("enable") is True or item.get("enableFlowLogs") is True else None


def sampling(item: Item) -> Fraction | None:
    """The share of records that a subnet keeps; Google's own (Compute Engine API, SubnetworkLogConfig) where it names none."""
    log = logging(item)
    rate = log.get("flowSampling", _RATE) if log is not None else None
    return Fraction(str(rate)) if isinstance(rate, int | float) and 0 < rate <= 1 else None


def devices(lists: Mapping[str, Sequence[Item]], machines: Sequence[Item], exits: Exits) -> Iterator[Device]:
    """What costs by the hour: NAT gateways by the instances behind them, and external addresses in use.

    Args:
        lists: The objects of one file, by kind.
        machines: Instances of all files.
        exits: Gateways of all files.
    """
    behind = _behind(machines, exits)
    for router in lists.get("compute#router", ()):
        project, region, _ = path(text(router, "selfLink"))
        for nat in parts(router, "nats"):
            name, count = gateway_id(router, nat), behind[gateway_id(router, nat)]
            is_small = 0 < count < _STEADY
            network = network_id(text(router, "network"))
            yield Device(
                *(name, "nat", "nat_vm" if is_small else CLOUD_NAT.removeprefix("cloud_"), project, region, network),
                count=count if is_small else 1,
                name=text(nat, "name"),
            )
    for machine in lists.get("compute#instance", ()):
        project, zone, name = path(text(machine, "selfLink"))
        for link in parts(machine, "networkInterfaces"):
            for address in externals(link):
                yield Device(
                    *(f"{project}/{zone}/{name}/{address}", "public_address", "", project, _ZONE.sub("", zone)),
                    name=f"{address} of {name}",
                )


def _behind(machines: Iterable[Item], exits: Exits) -> Counter[str]:
    """How many instances are behind each gateway."""
    found: Counter[str] = Counter()
    for machine in machines:
        gateways = {
            gateway[0]
            for link in parts(machine, "networkInterfaces")
            if not parts(link, "accessConfigs") and (gateway := exits.of(link)) is not None
        }
        found.update(gateways)
    return found
