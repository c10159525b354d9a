"""Azure's Retail Prices: the public price list, by service, to the last page.

Goes in: regions. Comes out: errands that write a service's entries, and rows of rate cards. Never: sends a credential, or follows a
link to another host.

Source: Microsoft Learn, "Azure Retail Prices overview" (2023-01-01-preview: values of a filter count with their case).
"""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from egresscost.errors import ServiceError
from egresscost.providers.azure.api.places import places
from egresscost.providers.azure.api.service import check_next, wait_of
from egresscost.sources.live import Errand, TransientError, What

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date
    from pathlib import Path
    from typing import BinaryIO

    from egresscost.sources.live import LiveSource, Missed, NewCards

VERSION: Final = "2023-01-01-preview"
SERVICES: Final = ("Bandwidth", "Virtual Network", "NAT Gateway", "Load Balancer", "Virtual WAN", "VPN Gateway")
"""Services whose meters of traffic are understood."""
_EVERYWHERE: Final = ("", "Global", *(f"Zone {number}" for number in range(1, 6)))
"""What stands in place of a region for meters of no region."""
_FRESH: Final = timedelta(days=1)
_TIMEOUTS: Final = (10, 120)
_OK, _TOO_MANY, _FAULT = 200, 429, 500


class RetailPrices:
    """The price list."""

    def prices(self, source: LiveSource, regions: Collection[str]) -> Iterator[Errand | Missed]:
        """One errand for each service."""
        base = places(source).prices
        for service in SERVICES:
            yield Errand(
                what=What.PRICES,
                name=f"Azure retail prices, {service}",
                path=f"retail-prices/{service.lower().replace(' ', '-')}.json",
                key=f"azure retail prices {base} {VERSION} {_filter(service, regions)}",
                fetch=_writer(base, service, regions),
                lasts=_FRESH,
                requests=3,
            )

    def cards(self, files: Sequence[Path], asked: date) -> NewCards:
        """Rate cards of fetched entries.

        Raises:
            ServiceError: A file holds something else.
        """
        from egresscost.providers.azure.api.price_rows import cards  # noqa: PLC0415

        return cards([item for path in files for item in _entries(path)], asked)


def _filter(service: str, regions: Collection[str]) -> str:
    """What is asked for, in OData."""
    text = f"serviceName eq '{service}' and priceType eq 'Consumption'"
    if not regions:
        return text
    names = " or ".join(f"armRegionName eq '{name}'" for name in (*sorted(regions), *_EVERYWHERE))
    return f"{text} and ({names})"


def _writer(base: str, service: str, regions: Collection[str]) -> Any:  # noqa: ANN401  what an errand calls
    def fetch(file: BinaryIO) -> None:
        asked = _filter(service, regions)
        pages = list(_pages(base, asked, f"retail prices of {service}"))
        file.write(f'{{"asked": {json.dumps(asked)}, "pages": ['.encode())
        file.write(",\n".join(pages).encode())
        file.write(b"]}\n")

    return fetch


def _pages(base: str, asked: str, name: str) -> Iterator[str]:
    """Every page, as it was sent."""
    link: str | None = f"{base}/api/retail/prices?api-version={VERSION}&currencyCode=USD&$filter={quote(asked)}"
    seen: set[str] = set()
    while link:
        seen.add(link)
        text = _get(link, base, name)
        content = _content(text, name)
        items = content.get("Items")
        if not isinstance(items, list) or content.get("Count") != len(items):
            message = f"{name}: the answer is no list of prices, or not a whole one"
            raise ServiceError(message, hint="has the service changed? Try the newest egresscost")
        link = content.get("NextPageLink") or None
        check_next(link, seen, name)
        yield text.strip()


def _content(text: str, name: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"{name}: the answer is no JSON ({error.msg})"
        raise TransientError(message) from None
    return content if isinstance(content, dict) else {}


def _get(link: str, base: str, name: str) -> str:
    """A page.

    Raises:
        ServiceError: The link leads elsewhere, or the question is not accepted.
        TransientError: Not now.
    """
    import requests  # noqa: PLC0415

    here, there = urlsplit(base), urlsplit(link)
    if (here.scheme, here.hostname, here.port or 443) != (there.scheme, there.hostname, there.port or 443):
        message = f"{name}: the answer leads to another host, {there.netloc}; it is not followed"
        raise ServiceError(message)
    try:
        answer = requests.get(link, timeout=_TIMEOUTS, allow_redirects=False)
    except requests.RequestException as error:
        message = f"{name}: the connection broke ({type(error).__name__})"
        raise TransientError(message) from None
    if answer.status_code == _TOO_MANY or answer.status_code >= _FAULT:
        message = f"{name}: Azure answers HTTP {answer.status_code}"
        raise TransientError(message, after=wait_of(dict(answer.headers), time.time))
    if answer.status_code != _OK:
        message = f"{name}: Azure answers HTTP {answer.status_code}"
        raise ServiceError(message, details=[" ".join(answer.text.split())[:200]])
    return answer.content.decode("utf-8", "replace")


def _entries(path: Path) -> list[dict[str, Any]]:
    """The entries of a fetched file, prices as they are written."""
    try:
        pages = json.loads(path.read_bytes(), parse_float=str, parse_int=str)["pages"]
        return [item for page in pages for item in page["Items"]]
    except (ValueError, KeyError, TypeError) as error:
        message = f"{path} holds no retail prices"
        raise ServiceError(message, hint="fetch them again") from error
