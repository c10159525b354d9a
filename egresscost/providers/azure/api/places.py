"""Where the services of Azure's clouds answer.

Goes in: a source. Comes out: addresses. Never: an address without TLS, other than of this very machine.

Sources: the endpoints that `az cloud list` prints for AzureCloud, AzureUSGovernment and AzureChinaCloud.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from egresscost.errors import SettingsError

if TYPE_CHECKING:
    from egresscost.sources.live import LiveSource

MANAGEMENT, BLOB, LOGIN, PRICES = "management", "blob", "login", "prices"
WORDS: Final = (MANAGEMENT, BLOB, LOGIN, PRICES)
"""What `endpoints` of a source may name."""
ACCOUNT: Final = "{account}"
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Places:
    """Addresses of one cloud.

    Attributes:
        management: Of Azure Resource Manager.
        blob: Of a storage account, with `{account}` in it.
        login: Of Microsoft Entra; empty for what the SDK takes by itself.
        prices: Of the public price list.
        is_own: Whether `login` is an address of the user's that Microsoft does not know.
    """

    management: str
    blob: str
    login: str = ""
    prices: str = "https://prices.azure.com"
    is_own: bool = False

    @property
    def scope(self) -> str:
        """What a token for the management is asked for."""
        return f"{self.management}/.default"


_PUBLIC: Final = Places("https://management.azure.com", "https://{account}.blob.core.windows.net")
_SOVEREIGN: Final = (
    Places(
        "https://management.usgovcloudapi.net",
        "https://{account}.blob.core.usgovcloudapi.net",
        "https://login.microsoftonline.us",
    ),
    Places(
        "https://management.chinacloudapi.cn",
        "https://{account}.blob.core.chinacloudapi.cn",
        "https://login.chinacloudapi.cn",
    ),
)


def places(source: LiveSource) -> Places:
    """Where a source's services answer: a sovereign cloud is known by the address of its management.

    Raises:
        SettingsError: An endpoint has no such name, or is not safe.
    """
    for name, address in source.endpoints.items():
        if name not in WORDS:
            message = f"sources.{source.name}: Azure has no endpoint {name!r}"
            raise SettingsError(message, hint=f"known: {', '.join(WORDS)}")
        _check(source.name, name, address)
    named = {name: address.rstrip("/") for name, address in source.endpoints.items()}
    known = [each for each in _SOVEREIGN if each.management == named.get(MANAGEMENT)]
    found = known[0] if known else replace(_PUBLIC, management=named.get(MANAGEMENT, _PUBLIC.management))
    if BLOB in named:
        address = named[BLOB]
        found = replace(found, blob=address if ACCOUNT in address else f"{address}/{ACCOUNT}")
    found = replace(found, prices=named.get(PRICES, found.prices))
    return replace(found, login=named[LOGIN], is_own=True) if LOGIN in named else found


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    return urlsplit(address).hostname in _LOOPBACK


def _check(source: str, name: str, address: str) -> None:
    parts = urlsplit(address)
    if parts.username or parts.password or parts.query or parts.fragment:
        message = f"sources.{source}: endpoint {name!r} holds more than an address"
        raise SettingsError(message, hint="write scheme, host and port only; credentials never stand in settings")
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and is_loopback(address) and name == BLOB:
        return
    message = f"sources.{source}: endpoint {name!r} is no https:// address: {address}"
    raise SettingsError(message, hint="TLS always; only a blob emulator on this machine may do without")
