"""Where clients are, by their addresses.

Goes in: addresses as texts, places. Comes out: a word for each. Never: guesses; what is no address is unknown.
"""

from __future__ import annotations

from ipaddress import ip_address
from socket import AF_INET, inet_pton
from typing import TYPE_CHECKING, Final

import numpy as np

from egresscost.access.columns import Client
from egresscost.addresses.places import as_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from egresscost.addresses.places import Place, Places

IN_PROVIDER: Final = "provider "
"""Before the region of a client in the resource's own provider, until the resource's region is known."""


class Clients:
    """From addresses to words: members of `Client`, or `IN_PROVIDER` and a region.

    Args:
        places: Where addresses belong.
        provider: Whose logs it is about.
        cdn: What address lists call its caches.
    """

    def __init__(self, places: Places, provider: str, cdn: frozenset[str]) -> None:
        self._places = places
        self._words = np.array([_word(place, provider, cdn) for place in places.places], object)

    def words(self, addresses: pl.Series) -> pl.DataFrame:
        """For each different address its word: `client` and `where`."""
        import polars as pl  # noqa: PLC0415

        texts = addresses.drop_nulls().unique(maintain_order=True).to_list()
        return pl.DataFrame(
            {"client": texts, "where": self._find(texts)}, schema={"client": pl.String, "where": pl.String}
        )

    def _find(self, texts: Sequence[str]) -> list[str]:
        found = [Client.UNKNOWN.value] * len(texts)
        numbers: dict[int, list[tuple[int, int]]] = {4: [], 6: []}
        for position, text in enumerate(texts):
            if (known := _number(text)) is not None:
                numbers[known[1]].append((position, known[0]))
        for family, pairs in numbers.items():
            if pairs:
                ids = self._places.ranges[family].find(np.array([number for _, number in pairs], np.uint64))
                for (position, _), word in zip(pairs, self._words[ids], strict=True):
                    found[position] = str(word)
        return found


def _number(text: str) -> tuple[int, int] | None:
    """An address as a number, and its family; None for what is no address."""
    try:
        return int.from_bytes(inet_pton(AF_INET, text)), 4  # many times as fast as the way below
    except (OSError, ValueError):
        try:
            return as_number(ip_address(text))
        except ValueError:
            return None


def _word(place: Place, provider: str, cdn: frozenset[str]) -> str:
    """What a place is to a provider's logs."""
    if place.is_special:
        return Client.PRIVATE.value if place.is_private else Client.UNKNOWN.value
    if place.provider != provider:
        return Client.INTERNET.value
    return Client.CDN.value if place.service in cdn else IN_PROVIDER + place.region


def related(word: pl.Expr, region: pl.Expr) -> pl.Expr:
    """Words as members of `Client`, once the resource's region is known."""
    import polars as pl  # noqa: PLC0415

    theirs = word.str.strip_prefix(IN_PROVIDER)
    no_region = (theirs == "") | (theirs == "GLOBAL") | region.is_null()
    inside = (
        pl.when(no_region)
        .then(pl.lit(Client.PROVIDER.value))
        .when(theirs == region)
        .then(pl.lit(Client.SAME_REGION.value))
        .otherwise(pl.lit(Client.OTHER_REGION.value))
    )
    return pl.when(word.str.starts_with(IN_PROVIDER)).then(inside).otherwise(word)
