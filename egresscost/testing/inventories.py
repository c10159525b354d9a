"""Inventories: that they load, and speak the words of the network rules.

Goes in: a provider, samples of its inventories. Comes out: checks. Never: asks what is not in the file.
"""

from __future__ import annotations

from functools import partial
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from egresscost.errors import UnknownFormatError
from egresscost.sources.storage import Workspace
from egresscost.testing import foreign
from egresscost.testing.demands import demand, never_raises, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from egresscost.sources.inventories import Snapshot
    from egresscost.sources.protocols import Provider
    from egresscost.testing.samples import InventorySample, Samples

_LISTS = ("interfaces", "subnets", "devices")


def checks(provider: Provider, samples: Samples) -> Iterator[tuple[str, Callable[[], None]]]:
    """The checks of inventories."""
    for sample in samples.inventories:
        name = Path(sample.path).name
        yield f"{name}: the inventory loads", partial(_loads, provider, sample)
        yield f"{name}: in the words of the network rules", partial(_words, provider, sample)
    if samples.inventories:
        yield "other files are no inventories of this cloud", partial(_foreign, provider)


def _read(provider: Provider, path: Path) -> Sequence[Snapshot]:
    with never_raises(f"{path.name} cannot be read", "inventory reads files and folders"):
        return provider.inventory((str(path),))


def _loads(provider: Provider, sample: InventorySample) -> None:
    found = _read(provider, Path(sample.path))
    demand(found, f"{Path(sample.path).name} holds no snapshot", "one Snapshot for each list in the file")
    for name in _LISTS:
        count = sum(len(getattr(snapshot, name)) for snapshot in found)
        same(
            count, getattr(sample, name), f"{name} of {Path(sample.path).name}", "each item of the file is listed once"
        )
    demand(
        all(snapshot.taken.tzinfo is not None for snapshot in found),
        "a snapshot has a time without a zone",
        "Snapshot.taken is UTC",
    )


def _words(provider: Provider, sample: InventorySample) -> None:
    found = _read(provider, Path(sample.path))
    demand(provider.network, "there is an inventory and no network", "give the provider its `network`")
    kinds = set(provider.network().devices) if provider.network else set()
    interfaces = [each for snapshot in found for each in snapshot.interfaces]
    strange = sorted({each.kind for each in interfaces} - kinds)
    demand(not strange, "interfaces are of unknown kinds", "Interface.kind is a key of Network.devices", strange)
    for each in interfaces:
        with never_raises(f"{each.id} has an address that is none", "addresses and prefixes are texts of ipaddress"):
            [ip_address(text) for text in (*each.addresses, *each.public)]
            [ip_network(text) for text in each.prefixes]
    places = {each.region for snapshot in found for name in _LISTS for each in getattr(snapshot, name)}
    unknown = sorted({region for region in places if region} - provider.regions())
    demand(not unknown, "the inventory names regions that are not known", "list them in `regions`", unknown)


def _foreign(provider: Provider) -> None:
    with Workspace() as workspace:
        for title, content in foreign.files(provider.name):
            path = workspace.file("foreign.json")
            path.write_bytes(content)
            try:
                found = provider.inventory((str(path),))
            except UnknownFormatError:
                continue
            demand(not found, f"{title} is taken for an inventory", "raise UnknownFormatError for what is none")
