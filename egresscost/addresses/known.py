"""All that is known of addresses: the data in the package, the lists that plug-ins bring, the user's own files.

Goes in: the user's files. Comes out: `Places`. Never: mixes two lists of one cloud; the user's counts, then the plug-in's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.addresses import places, published
from egresscost.errors import PluginError
from egresscost.sources import registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from egresscost.addresses.places import Layer, Places
    from egresscost.sources.address_lists import AddressList


def known(files: Sequence[str] = ()) -> Places:
    """Whose each address is.

    Args:
        files: The user's own lists and databases.

    Raises:
        AccessError: A file cannot be opened.
        UnknownFormatError: It is none of the known files.
        PluginError: The list of a plug-in holds something that is no range.
    """
    own = [layer for path in files for layer in published.read(path)]
    replaced = {layer.source.layer for layer in own}
    return places.load([*(layer for layer in offered() if layer.source.layer not in replaced), *own])


def offered() -> Iterator[Layer]:
    """The lists that installed providers bring, a layer each."""
    for name, provider in registry.providers().items():
        found = provider.address_list()
        if found is not None:
            yield layer_of(name, found)


def layer_of(provider: str, given: AddressList) -> Layer:
    """A provider's list as a layer.

    Raises:
        PluginError: It holds something that is no range.
    """
    source = places.DataSource(provider, given.date, given.source, given.licence, len(given.ranges))
    try:
        prefixes = [
            published.span(each.prefix, places.Place(provider, each.region, each.service, each.country))
            for each in given.ranges
        ]
    except ValueError as error:
        message = f"the address list of {provider} holds something that is no range: {error}"
        raise PluginError(message, hint="a range is written like 203.0.113.0/24 or 2001:db8::/32") from error
    return places.layer(source, prefixes)
