"""Containers of Azure's storage: opening one, and walking down its folders.

Goes in: `az://account/container/key`. Comes out: stores, folders, objects. Never: reads an object, or sends a token without TLS.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import AccessError, PermissionRefusedError, UsageError
from egresscost.providers.azure.api import identity
from egresscost.providers.azure.api.places import ACCOUNT, is_loopback
from egresscost.sources.objects import said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from azure.core.credentials import TokenCredential
    from obstore.store import AzureStore

    from egresscost.providers.azure.api.places import Places

SCHEME: Final = "az"
PERMISSION: Final = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
_KEYS: Final = ("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCESS_KEY", "AZURE_STORAGE_KEY")
_SAS: Final = ("AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_SAS_KEY")
_ACCOUNT: Final = ("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME")
_BUNDLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_PARTS: Final = 2
_ACCOUNT_NAME: Final = re.compile(r"[a-z0-9]{3,24}")
_CONTAINER_NAME: Final = re.compile(r"\$?[a-z0-9-]{3,63}")
"""Names of storage accounts and containers, by Azure's own rules."""


@dataclass(frozen=True)
class Container:
    """A container of a storage account.

    Raises:
        UsageError: Its names are none that Azure gives. They become part of a host's name, and a token goes there.
    """

    account: str
    name: str

    def __post_init__(self) -> None:
        if not _ACCOUNT_NAME.fullmatch(self.account) or not _CONTAINER_NAME.fullmatch(self.name):
            message = f"{self.url} names no container of a storage account"
            raise UsageError(message, hint=f"write {SCHEME}://account/container/key")

    @property
    def url(self) -> str:
        """How it is written."""
        return f"{SCHEME}://{self.account}/{self.name}"


@dataclass(frozen=True)
class Stored:
    """An object: its key, when it was last changed, its bytes."""

    key: str
    changed: datetime
    size: int


def container_of(url: str) -> Container:
    """The container of a URL.

    Raises:
        UsageError: It names none.
    """
    parts = url.partition("://")[2].split("/")
    if len(parts) < _PARTS or not all(parts[:_PARTS]):
        message = f"{url} names no container"
        raise UsageError(message, hint=f"write {SCHEME}://account/container/key")
    return Container(parts[0], parts[1])


def open_container(container: Container, places: Places, credential: TokenCredential) -> AzureStore:
    """The store that a container is: with the key or the signature of the shell's variables, else as the user.

    Raises:
        CredentialsError: There are none.
        UsageError: A token would be sent without TLS.
    """
    from obstore.store import AzureStore  # noqa: PLC0415

    endpoint = places.blob.replace(ACCOUNT, container.account)
    secrets = _of_shell(container.account)
    options: dict[str, Any] = {}
    if not secrets:
        if not endpoint.startswith("https://"):
            message = f"{endpoint} is not https, and a token is sent only with TLS"
            raise UsageError(
                message, hint="set AZURE_STORAGE_ACCOUNT and AZURE_STORAGE_KEY for an emulator without TLS"
            )
        options["credential_provider"] = _tokens(credential)
    client: dict[str, Any] = {
        "allow_http": is_loopback(endpoint),
        "connect_timeout": timedelta(seconds=10),
        "timeout": timedelta(hours=1),
        "read_timeout": timedelta(minutes=2),
        **_authorities(),
    }
    return AzureStore(
        container.name,
        account_name=container.account,
        endpoint=endpoint,
        client_options=client,  # type: ignore[arg-type]
        retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=20)},
        **secrets,
        **options,
    )


def _of_shell(account: str) -> dict[str, Any]:
    """A key or a signature that the shell has for this account, as the `az storage` commands take them."""
    if account not in {os.environ.get(name) for name in _ACCOUNT}:
        return {}
    for names, option in ((_KEYS, "account_key"), (_SAS, "sas_key")):
        for name in names:
            if os.environ.get(name):
                return {option: os.environ[name].lstrip("?")}
    return {}


def _tokens(credential: TokenCredential) -> Any:  # noqa: ANN401  what obstore calls for tokens
    """What gives the store its tokens. The first is asked for at once, so that its refusal is said well."""
    from obstore.auth.azure import AzureCredentialProvider  # noqa: PLC0415

    any_credential: Any = credential  # its annotation names classes, and calls get_token only
    provider = AzureCredentialProvider(any_credential)
    with identity.refusals():
        provider()
    return provider


def _authorities() -> dict[str, bytes]:
    """Authorities of the user's own, from the variable that the SDK reads too.

    Raises:
        AccessError: The file that it names cannot be read.
    """
    for name in _BUNDLES:
        if os.environ.get(name):
            try:
                return {"root_certificate": Path(os.environ[name]).read_bytes()}
            except OSError as error:
                message = f"{name} names {os.environ[name]}, which cannot be read: {error.strerror}"
                raise AccessError(message, hint="it is a file of certificates (PEM)") from error
    return {}


def folders(store: AzureStore, container: Container, prefix: str) -> list[str]:
    """The folders right below a prefix, whole paths without a slash at the end.

    Raises:
        SourceError: The container cannot be listed.
        TransientError: Not now.
    """
    import obstore  # noqa: PLC0415

    with _said(container, prefix):
        found = obstore.list_with_delimiter(store, prefix or None)
    return sorted(str(each) for each in found["common_prefixes"])


def objects_below(store: AzureStore, container: Container, prefix: str) -> Iterator[Stored]:
    """The objects below a prefix.

    Raises:
        SourceError: The container cannot be listed.
        TransientError: Not now.
    """
    import obstore  # noqa: PLC0415

    with _said(container, prefix):
        for chunk in obstore.list(store, prefix=prefix or None):
            for meta in chunk:
                yield Stored(str(meta["path"]), meta["last_modified"], int(meta["size"]))


@contextmanager
def _said(container: Container, prefix: str) -> Iterator[None]:
    """What the storage's errors mean, with the permission that is missing."""
    try:
        with said(f"{container.url}/{prefix}"):
            yield
    except PermissionRefusedError as error:
        message = f"{error.message}; it takes {PERMISSION}"
        hint = "the role Storage Blob Data Reader has it; or the account's firewall does not let this machine in"
        raise PermissionRefusedError(message, hint=hint) from None
