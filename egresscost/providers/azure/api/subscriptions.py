"""Which subscriptions are asked about.

Goes in: a source and a wish. Comes out: ids and names. Never: asks which there are when the user says it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.errors import PermissionRefusedError

if TYPE_CHECKING:
    from egresscost.providers.azure.api.service import Management
    from egresscost.sources.live import Ask, LiveSource

PERMISSION: Final = "Microsoft.Resources/subscriptions/read"
_VERSION: Final = "2022-12-01"


@dataclass(frozen=True)
class Subscription:
    """A subscription."""

    id: str
    name: str = ""

    @property
    def scope(self) -> str:
        """As paths have it."""
        return f"/subscriptions/{self.id}"

    def __str__(self) -> str:
        return f"{self.name} ({self.id})" if self.name else self.id


def subscriptions(management: Management, source: LiveSource, ask: Ask) -> list[Subscription]:
    """Those that the source names, else all that can be seen; of these only those that the user filters by.

    Raises:
        PermissionRefusedError: None can be seen.
        SourceError: They cannot be listed.
    """
    if source.accounts:
        found = [Subscription(each.rpartition("/")[2]) for each in source.accounts]
    else:
        url = f"/subscriptions?api-version={_VERSION}"
        listed = management.items(url, name="subscriptions", permission=PERMISSION)
        found = [
            Subscription(str(each["subscriptionId"]), str(each.get("displayName") or ""))
            for each in listed
            if each.get("subscriptionId") and each.get("state") != "Deleted"
        ]
        if not found:
            message = f"Azure: {management.identity()} sees no subscription"
            raise PermissionRefusedError(
                message,
                details=[f"the permission that shows them is {PERMISSION}"],
                hint="assign the role that egresscost doctor --provider azure --show-policy prints, or name `accounts` in the source",
            )
    wanted = {each.lower() for each in ask.accounts}
    return [each for each in found if not wanted or {each.id.lower(), each.name.lower()} & wanted]
