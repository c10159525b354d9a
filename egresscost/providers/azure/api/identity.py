"""Who asks: Azure's own chain of credentials, and what its refusals mean.

Goes in: addresses. Comes out: a credential of the SDK. Never: a token in a text.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azure.core.credentials import TokenCredential

    from egresscost.providers.azure.api.places import Places

HINT: Final = "sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
_NAMES: Final = ("upn", "unique_name", "app_displayname", "appid", "azp", "oid")
"""Claims that say who it is, the best for people first."""
_SAID: Final = re.compile(r"^\s*(\w+Credential): (.*)$", re.MULTILINE)
_REFUSED: Final = re.compile(r"Authentication failed|AADSTS")


def credential(places: Places) -> TokenCredential:
    """The first of Azure's own chain that has something: variables, workload or managed identity, the command line.

    No browser is opened, and a login address that Microsoft does not know is not looked up there.
    """
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415

    # What the SDK warns of is said by our errors; whoever sets up logging still gets it.
    logging.getLogger("azure").addHandler(logging.NullHandler())
    options: dict[str, Any] = {"authority": places.login} if places.login else {}
    return DefaultAzureCredential(
        exclude_interactive_browser_credential=True,
        disable_instance_discovery=places.is_own,
        retry_total=1,
        **options,
    )


@contextmanager
def refusals() -> Iterator[None]:
    """Say what the SDK's errors about credentials mean.

    Raises:
        CredentialsError: There are none, or they are not accepted.
    """
    from azure.core.exceptions import ClientAuthenticationError  # noqa: PLC0415

    try:
        yield
    except ClientAuthenticationError as error:
        message = "Azure: no usable credentials"
        raise CredentialsError(message, details=_reasons(str(error)), hint=HINT) from None


def _reasons(text: str) -> list[str]:
    r"""What was refused, by whom; where nothing was refused, where nothing was found.

    >>> _reasons("EnvironmentCredential: Authentication failed: AADSTS7000215: Invalid client secret provided.")
    ['EnvironmentCredential: Authentication failed: AADSTS7000215: Invalid client secret provided.']
    >>> _reasons("Tried:\n  EnvironmentCredential: not configured\n  AzureCliCredential: Azure CLI not found on path")
    ['nothing found by EnvironmentCredential, AzureCliCredential']
    """
    said = _SAID.findall(text)
    refused = [f"{name}: {' '.join(reason.split())[:200]}" for name, reason in said if _REFUSED.search(reason)]
    names = ", ".join(dict.fromkeys(name for name, _ in said))
    return refused or ([f"nothing found by {names}"] if names else [" ".join(text.split())[:200]])


def who(token: str) -> str:
    """Whom a token names, as far as it can be read; `the identity in use` where it cannot."""
    parts = token.split(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, binascii.Error, ValueError):
        claims = None
    if not isinstance(claims, dict):
        return "the identity in use"
    return next((str(claims[name]) for name in _NAMES if claims.get(name)), "the identity in use")
