"""Networks of an account: the answers of `describe-…`, region by region, as `aws ec2` prints them.

Goes in: an account. Comes out: errands whose answers `providers/aws/inventory.py` reads. Never: changes anything.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from egresscost.providers.aws.inventory import LISTS
from egresscost.sources.live import Errand, What

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    from egresscost.providers.aws.api.access import Account

_FRESH: Final = timedelta(hours=6)
_PAGE: Final = 500
"""Entries of a page; without a size some lists come as one answer, and are refused in large accounts."""


def regions(account: Account) -> list[str]:
    """Every region that the account has switched on."""
    listed = account.pages("ec2", "describe_regions", "Regions")
    return sorted(str(each["RegionName"]) for each in listed)


def errands(account: Account, places: Sequence[str]) -> Iterator[Errand]:
    """One for each region and list."""
    who = account.id
    for region in places:
        for key, command in LISTS.items():
            yield Errand(
                what=What.INVENTORY,
                name=f"{command} of {who} in {region}",
                path=f"inventory/{who}/{region}/{command}.json",
                key=f"ec2 {command} {who} {region}",
                fetch=_getter(account, region, key, command),
                lasts=_FRESH,
            )


def _getter(account: Account, region: str, key: str, command: str) -> Callable[[BinaryIO], None]:
    """What writes a list, whole."""
    operation = command.replace("-", "_")

    def fetch(file: BinaryIO) -> None:
        paged = account.client("ec2", region).can_paginate(operation)
        request = {"PaginationConfig": {"PageSize": _PAGE}} if paged else {}
        found = list(account.pages("ec2", operation, key, region, **request))
        file.write(json.dumps({key: found}, default=_moment).encode())

    return fetch


def _moment(value: Any) -> str:  # noqa: ANN401
    """A time as the AWS CLI writes it.

    Raises:
        TypeError: It is none.
    """
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(value)
