"""Who asks Google Cloud, and where: credentials, addresses of its services, projects.

Goes in: a source. Comes out: sessions that sign their requests. Never: a credential to an address without TLS, to a host that an
answer leads to, or into a text.

Plain http is for test servers on this machine: they are asked without any credentials.
"""

from __future__ import annotations

import os
import time
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from egresscost.errors import CredentialsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from egresscost.sources.live import LiveSource

HOSTS: Final[Mapping[str, str]] = {
    "bigquery": "https://bigquery.googleapis.com",
    "compute": "https://compute.googleapis.com",
    "logging": "https://logging.googleapis.com",
    "resourcemanager": "https://cloudresourcemanager.googleapis.com",
    "storage": "https://storage.googleapis.com",
}
"""Services by the word that `endpoints` of a source has for them."""
_VARIABLES: Final[Mapping[str, str]] = {"bigquery": "BIGQUERY_EMULATOR_HOST", "storage": "STORAGE_EMULATOR_HOST"}
"""Variables of Google's own libraries that name another address."""
_SCOPES: Final = (
    "https://www.googleapis.com/auth/bigquery",
    "https://www.googleapis.com/auth/cloud-platform.read-only",
    "https://www.googleapis.com/auth/compute.readonly",
    "https://www.googleapis.com/auth/devstorage.read_only",
    "https://www.googleapis.com/auth/logging.read",
)
"""The least that reads; whether a query may run, BigQuery decides by its own scope."""
LOGIN: Final = "gcloud auth application-default login"


@dataclass
class Cloud:
    """A source, and those who ask it.

    Attributes:
        source: Where to ask.
        sleep: Waits so many seconds.
        timeout: Seconds to connect, and to wait for the next bytes of an answer.
    """

    source: LiveSource
    sleep: Callable[[float], object] = field(default=time.sleep, repr=False)
    timeout: tuple[float, float] = (10.0, 120.0)

    def endpoint(self, service: str) -> str:
        """Where a service is.

        Raises:
            UsageError: It would be asked without TLS, and is not on this machine.
        """
        named = self.source.endpoints.get(service) or os.environ.get(_VARIABLES.get(service, ""), "")
        if not named:
            return HOSTS[service]
        url = named if "://" in named else f"http://{named}"
        if not is_plain(url) or _is_loopback(url):
            return url.rstrip("/")
        message = f"{self.source.name}: {url} is asked without TLS, and it is not on this machine"
        raise UsageError(message, hint=f'write https:// in [sources.{self.source.name}.endpoints] {service} = "…"')

    @cached_property
    def _found(self) -> tuple[Any, str]:
        """Credentials and their own project, by Google's chain.

        Raises:
            CredentialsError: There are none.
        """
        import google.auth  # noqa: PLC0415
        from google.auth import exceptions  # noqa: PLC0415

        try:
            with warnings.catch_warnings():
                # That a person's own login has no project for quotas is no matter: every request here names its project.
                warnings.simplefilter("ignore", UserWarning)
                credentials, project = google.auth.default(scopes=_SCOPES)
        except exceptions.GoogleAuthError as error:
            message = f"{self.source.name}: no credentials for Google Cloud"
            details = ["looked at GOOGLE_APPLICATION_CREDENTIALS, at gcloud's own login and at the machine's account"]
            raise CredentialsError(message, details=details, hint=LOGIN) from error
        return credentials, project or ""

    def credentials(self) -> Any:  # noqa: ANN401  google.auth.credentials.Credentials
        """Who asks.

        Raises:
            CredentialsError: Nobody.
        """
        return self._found[0]

    def identity(self, service: str) -> str:
        """Who asks a service, in words."""
        if is_plain(self.endpoint(service)):
            return "nobody (a test server on this machine)"
        found = self.credentials()
        for name in ("service_account_email", "signer_email", "account"):
            text = getattr(found, name, None)
            if isinstance(text, str) and text and text != "default":
                return text
        return "the credentials of this shell"

    def session(self, service: str) -> Any:  # noqa: ANN401  requests.Session
        """What sends requests to a service: signed where it has TLS, and never on to another address."""
        import requests  # noqa: PLC0415

        if is_plain(self.endpoint(service)):
            session = requests.Session()
        else:
            from google.auth.transport.requests import AuthorizedSession  # noqa: PLC0415

            session = AuthorizedSession(self.credentials())  # type: ignore[no-untyped-call]
        session.max_redirects = 0
        return session

    def project(self) -> str:
        """Where queries run.

        Raises:
            UsageError: Nothing says where.
        """
        named = self.source.project or os.environ.get("GOOGLE_CLOUD_PROJECT", "")
        found = named or next(iter(self.source.accounts), "") or self._found[1]
        if not found:
            message = f"{self.source.name}: nothing says which project is meant"
            raise UsageError(message, hint=f'write project = "…" in [sources.{self.source.name}]')
        return found

    def projects(self, only: Collection[str] = ()) -> tuple[str, ...]:
        """Whose networks and logs are looked at, of those that the user filters by where some of them are among them."""
        known = self.source.accounts or (self.project(),)
        return tuple(each for each in known if each in only) or known


def is_plain(url: str) -> bool:
    """Whether an address has no TLS."""
    return urlsplit(url).scheme != "https"


def _is_loopback(url: str) -> bool:
    """Whether an address is on this machine.

    >>> _is_loopback("http://127.0.0.1:8080"), _is_loopback("http://localhost.evil.example")
    (True, False)
    """
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
