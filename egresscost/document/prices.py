"""The answers of `egresscost prices` as JSON documents, and their schemas.

Goes in: a quote, a list of cards, a check, a comparison. Comes out: JSON-ready values that name their schema. Never:
prices anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from egresscost.document.encoding import encode
from egresscost.document.schema import whole
from egresscost.results import CardCheck, CardDifference, CardList, QuoteSheet

if TYPE_CHECKING:
    from collections.abc import Mapping

QUOTE_SCHEMA: Final = "egresscost/quote/1"
CARDS_SCHEMA: Final = "egresscost/rate-cards/1"
CHECK_SCHEMA: Final = "egresscost/rate-card-check/1"
CARD_DIFFERENCE_SCHEMA: Final = "egresscost/rate-card-difference/1"
_NAMES: Final[Mapping[type, tuple[str, str]]] = {
    QuoteSheet: (QUOTE_SCHEMA, "An answer of egresscost prices quote"),
    CardList: (CARDS_SCHEMA, "Rate cards: egresscost prices list and show"),
    CardCheck: (CHECK_SCHEMA, "A check of rate cards: egresscost prices check"),
    CardDifference: (CARD_DIFFERENCE_SCHEMA, "Two sets of rate cards: egresscost prices diff"),
}


def of_prices(answer: QuoteSheet | CardList | CardCheck | CardDifference) -> dict[str, Any]:
    """An answer as a document."""
    return {"schema": _NAMES[type(answer)][0], **encode(answer)}


def prices_schema(kind: type) -> dict[str, Any]:
    """JSON Schema of the document of one kind of answer."""
    name, title = _NAMES[kind]
    return whole(title, name, kind)
