"""What people call networks and devices, for the titles of advice.

Goes in: rows of the ledger, names of accounts. Comes out: a short name by id. Never: a name in the place of an id in a command.

A network goes by its account, a device by its own name; both keep the beginning of their id, or the end of an id that is a path,
which is enough to find them.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from egresscost.advice.uses import device_name
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

_LONG: Final = re.compile(r"([a-z]+(?:-[a-z]+)*-[0-9a-f]{8})[0-9a-f]{4,}")
"""An id of a word and many digits, such as clouds make them."""


def names(rows: pl.DataFrame, accounts: Mapping[str, str]) -> dict[str, str]:
    """Networks of one named account, and devices by the hour that have a name.

    Args:
        rows: Of a ledger.
        accounts: Names by id.
    """
    import polars as pl  # noqa: PLC0415

    into = pl.col("direction") == "in"
    own = rows.select("account", network=pl.when(into).then("dst_network").otherwise("src_network")).drop_nulls()
    owners = own.filter(pl.col("account").is_in(list(accounts))).group_by("network").agg(pl.col("account").unique())
    alone = owners.filter(pl.col("account").list.len() == 1).iter_rows()
    found = _last_parts(own["network"].unique().to_list())
    found |= {network: f"{accounts[mine[0]]} {found.get(network, short(network))}" for network, mine in alone}
    hours = (
        rows.filter(pl.col("unit") == Unit.HOURS).select(device=device_name(), name="workload").drop_nulls().unique()
    )
    several = hours.filter(pl.col("device").n_unique().over("name") > 1)["name"]
    for device, name in hours.iter_rows():
        found[device] = f"{name} {short(device)}" if name in set(several) else name
    return found


def _last_parts(networks: Iterable[str]) -> dict[str, str]:
    """The names at the end of ids that are whole paths, where no two end alike."""
    paths = [each for each in networks if each.startswith("/")]
    ends = Counter(each.rpartition("/")[2] for each in paths)
    return {each: end for each in paths if ends[end := each.rpartition("/")[2]] == 1}


def short(name: str) -> str:
    """The beginning of a long id; another name whole.

    >>> short("vpc-0fd2e949e8e7458b1"), short("tgw-attach-05a1c8e37f94d2b60"), short("default"), short("vpc-a")
    ('vpc-0fd2e949', 'tgw-attach-05a1c8e3', 'default', 'vpc-a')
    """
    match = _LONG.fullmatch(name)
    return match[1] if match else name


def called(text: str, known: Mapping[str, str]) -> str:
    """A text with names in the place of ids.

    >>> called("NAT for vpc-0fd2e949e8e7458b1", {"vpc-0fd2e949e8e7458b1": "shop vpc-0fd2e949"})
    'NAT for shop vpc-0fd2e949'
    """
    for name in sorted(known, key=len, reverse=True):
        if name in text:
            text = text.replace(name, known[name])
    return text
