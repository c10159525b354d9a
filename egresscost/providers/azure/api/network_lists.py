"""What stands in a subscription's networks, as the lists of its API give it.

Goes in: a subscription. Comes out: errands that write what `az network … list` saves. Never: reads what the lists say.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from egresscost.providers.azure.api.service import RefusedError
from egresscost.sources.live import Errand, What

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from egresscost.providers.azure.api.service import Management
    from egresscost.providers.azure.api.subscriptions import Subscription

_NETWORK, _COMPUTE = ("Microsoft.Network", "2024-05-01"), ("Microsoft.Compute", "2024-07-01")
LISTS: Final = {
    "networkInterfaces": _NETWORK,
    "virtualNetworks": _NETWORK,
    "publicIPAddresses": _NETWORK,
    "natGateways": _NETWORK,
    "privateEndpoints": _NETWORK,
    "virtualMachines": _COMPUTE,
}
"""What is listed, by whom, in which version of the API. Virtual networks hold their subnets and peerings."""
_FRESH: Final = timedelta(hours=1)
_UNREGISTERED: Final = ("MissingSubscriptionRegistration", "SubscriptionNotRegistered")


def permission(kind: str) -> str:
    """What it takes to list a kind."""
    return f"{LISTS[kind][0]}/{kind}/read"


def url_of(subscription: Subscription, kind: str) -> str:
    """Where a kind is listed."""
    namespace, version = LISTS[kind]
    return f"{subscription.scope}/providers/{namespace}/{kind}?api-version={version}"


def listed(management: Management, subscription: Subscription, kind: str) -> list[dict[str, Any]]:
    """All of a kind. A subscription that never used the service has none of its things.

    Raises:
        SourceError: They cannot be listed.
        TransientError: Not now.
    """
    try:
        return management.items(
            url_of(subscription, kind), name=f"{kind} of {subscription}", permission=permission(kind)
        )
    except RefusedError as error:
        if error.reason not in _UNREGISTERED:
            raise
        return []


def errands(management: Management, subscription: Subscription) -> Iterator[Errand]:
    """One for each list."""
    for kind in LISTS:
        yield _errand(management, subscription, kind)


def _errand(management: Management, subscription: Subscription, kind: str) -> Errand:
    def fetch(file: BinaryIO) -> None:
        file.write(json.dumps({"value": listed(management, subscription, kind)}).encode())

    return Errand(
        what=What.INVENTORY,
        name=f"{kind} of {subscription}",
        path=f"inventory/{subscription.id}/{kind}.json",
        key=f"azure list {management.places.management}{url_of(subscription, kind)}",
        fetch=fetch,
        lasts=_FRESH,
    )
