"""Buckets of Cloud Storage.

Goes in: a `gs://` URL. Comes out: an obstore store, with Google's own chain of credentials. Never: credentials to a test server.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from egresscost.errors import CredentialsError
from egresscost.providers.gcp.api.cloud import HOSTS, LOGIN, is_plain
from egresscost.sources.live import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from egresscost.providers.gcp.api.cloud import Cloud


def bucket(url: str, cloud: Cloud) -> Any:  # noqa: ANN401  obstore.store.GCSStore
    """The bucket of a URL.

    Raises:
        CredentialsError: There are no credentials, or they are no longer good.
        TransientError: Nobody can say so now.
        UsageError: The address of the service has no TLS and is not on this machine.
    """
    from obstore.store import GCSStore  # noqa: PLC0415

    name, base = urlsplit(url).netloc, cloud.endpoint("storage")
    if is_plain(base):
        return GCSStore(name, config={"base_url": base, "skip_signature": True}, client_options={"allow_http": True})
    elsewhere = {} if base == HOSTS["storage"] else {"base_url": base}
    token = _provider(cloud)
    token()
    return GCSStore(name, config=elsewhere or None, credential_provider=token)  # type: ignore[arg-type]


def _provider(cloud: Cloud) -> Callable[[], dict[str, Any]]:
    """What gives the store a token whenever the last one has run out."""
    credentials = cloud.credentials()

    def token() -> dict[str, Any]:
        from google.auth import exceptions  # noqa: PLC0415
        from google.auth.transport.requests import Request  # noqa: PLC0415

        try:
            if not credentials.valid:
                credentials.refresh(Request())
        except exceptions.TransportError as error:
            message = f"a token for Cloud Storage: {type(error).__name__}"
            raise TransientError(message) from error
        except exceptions.GoogleAuthError as error:
            message = "the credentials of this shell are no longer good for Cloud Storage"
            raise CredentialsError(message, hint=LOGIN) from error
        end: datetime | None = credentials.expiry
        return {"token": credentials.token, "expires_at": end.replace(tzinfo=UTC) if end else None}

    return token
