"""Azure Resource Manager, one request at a time: what each answer means, and pages to their end.

Goes in: requests. Comes out: answers as they were sent. Never: follows a link to another host, tries again by itself, or takes
a part for the whole.

The SDK's client signs and sends; its own retries, redirects and registrations are left out. It would wait by one header where
Azure sends several, follow where it is sent, and register resource providers, which is a change. Measured with
azure-mgmt-costmanagement 5.0.0 and azure-core 1.41.0. Names of the throttle headers: Azure/azqr issue 745.
"""

from __future__ import annotations

import json
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from egresscost.errors import CredentialsError, PermissionRefusedError, ServiceError
from egresscost.providers.azure.api import identity
from egresscost.sources.live import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from azure.core.credentials import TokenCredential
    from azure.mgmt.costmanagement import CostManagementClient

    from egresscost.providers.azure.api.places import Places

CLIENT_TYPE: Final = "egresscost"
"""Callers with a name of their own have a quota of their own (electrolux-oss/azure-cost-exporter pull request 8)."""
_THROTTLE: Final = re.compile(r"^(?:retry-after|x-ms-ratelimit-[\w.-]+-retry-after)$", re.IGNORECASE)
_MILLISECONDS: Final = ("retry-after-ms", "x-ms-retry-after-ms")
_ACTION: Final = re.compile(r"perform action '([^']+)'")
_CLIENT: Final = re.compile(r"[Tt]he client '([^']+)'")
_EXPIRED: Final = ("InvalidAuthenticationToken", "ExpiredAuthenticationToken", "AuthenticationFailed")
_OK: Final = frozenset({200, 202, 204})
_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _BAD_GATEWAY = 401, 403, 429, 500
_TIMEOUT: Final = 408


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        status: 200, 202 (later) or 204 (nothing).
        headers: By lower-case name.
        text: The body, as it was sent.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)

    def content(self, name: str) -> dict[str, Any]:
        """The body as an object.

        Raises:
            ServiceError: It is another kind of JSON.
            TransientError: It is no JSON: it was cut.
        """
        try:
            found = json.loads(self.text)
        except json.JSONDecodeError as error:
            message = f"{name}: the answer is no JSON ({error.msg}, {len(self.text):,} characters)"
            raise TransientError(message) from None
        if not isinstance(found, dict):
            message = f"{name}: the answer has another shape than it should"
            raise ServiceError(message, hint="has the service changed? Try the newest egresscost")
        return found


class RefusedError(ServiceError):
    """The service takes the question for a wrong one: its code, and what it says."""

    def __init__(self, message: str, *, status: int, reason: str, said: str) -> None:
        super().__init__(message, hint="egresscost doctor shows what this source lets be read")
        self.status = status
        self.reason = reason
        self.said = said


class Management:
    """Azure Resource Manager of one cloud, as one identity."""

    def __init__(self, places: Places, credential: TokenCredential, *, read_timeout: float = 180) -> None:
        self.places = places
        self._credential = credential
        self._read_timeout = read_timeout

    @cached_property
    def _client(self) -> CostManagementClient:
        from azure.core.pipeline import policies  # noqa: PLC0415
        from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy  # noqa: PLC0415
        from azure.mgmt.costmanagement import CostManagementClient  # noqa: PLC0415

        return CostManagementClient(
            self._credential,
            self.places.management,
            policies=[
                policies.HeadersPolicy({"ClientType": CLIENT_TYPE, "Accept": "application/json"}),
                policies.UserAgentPolicy(CLIENT_TYPE),
                ARMChallengeAuthenticationPolicy(self._credential, self.places.scope),
            ],
            connection_timeout=10,
            read_timeout=self._read_timeout,
        )

    def ask(self, method: str, url: str, *, name: str, permission: str, body: object = None) -> Answer:
        """Send a request.

        Args:
            method: `GET` or `POST`.
            url: A path with its query, or a link of an earlier answer.
            name: What is asked for, for messages.
            permission: What it takes, as roles name it.
            body: What is sent as JSON.

        Raises:
            CredentialsError: There are none, or they are not accepted.
            PermissionRefusedError: The permission is missing.
            TransientError: Azure asks to come again, or the connection broke.
            RefusedError: The question is not accepted.
            ServiceError: The answer is none.
        """
        from azure.core.rest import HttpRequest  # noqa: PLC0415

        self._check_host(url, name)
        with _connection(name), identity.refusals():
            response = self._client.send_request(HttpRequest(method, url, json=body))
            headers = {key.lower(): value for key, value in response.headers.items()}
            answer = Answer(response.status_code, headers, response.text())
        if answer.status not in _OK:
            raise self._refusal(answer, name, permission)
        return answer

    def pages(self, url: str, *, name: str, permission: str) -> Iterator[list[dict[str, Any]]]:
        """The items of a list, page by page, to its end.

        Raises:
            ServiceError: A page has another shape, or names one that was there already.
        """
        seen: set[str] = set()
        link: str | None = url
        while link:
            seen.add(link)
            content = self.ask("GET", link, name=name, permission=permission).content(name)
            items, link = content.get("value"), content.get("nextLink")
            if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
                message = f"{name}: the answer is no list"
                raise ServiceError(message, hint="has the service changed? Try the newest egresscost")
            check_next(link, seen, name)
            yield items

    def items(self, url: str, *, name: str, permission: str) -> list[dict[str, Any]]:
        """All items of a list."""
        return [item for page in self.pages(url, name=name, permission=permission) for item in page]

    def identity(self) -> str:
        """Who asks.

        Raises:
            CredentialsError: Nobody can be found.
        """
        with _connection("Microsoft Entra"), identity.refusals():
            return identity.who(self._credential.get_token(self.places.scope).token)

    def _check_host(self, url: str, name: str) -> None:
        """A link leads to the service itself: nobody else gets the token."""
        if url.startswith("/"):
            return
        here, there = urlsplit(self.places.management), urlsplit(url)
        if (there.scheme, there.netloc) != (here.scheme, here.netloc):
            message = f"{name}: the answer leads to another host, {there.netloc or 'none'}; it is not followed"
            raise ServiceError(message, hint=f"the management's address is {self.places.management}")

    def _refusal(self, answer: Answer, name: str, permission: str) -> Exception:
        code, said = _error_of(answer.text)
        reason = f"{name}: {said or f'HTTP {answer.status}'}"
        if answer.status in {_TOO_MANY, _TIMEOUT} or answer.status >= _BAD_GATEWAY:
            busy = "is asked too often" if answer.status == _TOO_MANY else f"fails (HTTP {answer.status})"
            return TransientError(f"{name}: Azure {busy}", after=wait_of(answer.headers, time.time))
        if answer.status == _UNAUTHORIZED and (code in _EXPIRED or not code):
            return CredentialsError(
                f"{name}: Azure does not accept the token", details=[said] * bool(said), hint=identity.HINT
            )
        if answer.status in {_UNAUTHORIZED, _FORBIDDEN}:
            return self._permission(name, permission, said)
        if answer.status < _UNAUTHORIZED - 1:
            return ServiceError(f"{name}: Azure sends elsewhere (HTTP {answer.status}); it is not followed")
        return RefusedError(reason, status=answer.status, reason=code, said=said)

    def _permission(self, name: str, permission: str, said: str) -> PermissionRefusedError:
        action, client = _ACTION.search(said), _CLIENT.search(said)
        whose = self.identity() if client is None else client[1]
        message = f"{name}: {whose} lacks the permission {action[1] if action else permission}"
        return PermissionRefusedError(
            message, hint="egresscost doctor --provider azure --show-policy prints a role with all that is needed"
        )


def check_next(link: object, seen: set[str], name: str) -> None:
    """Make sure that a link to the next page is one, and a new one.

    Raises:
        ServiceError: It is not.
    """
    if link is not None and not isinstance(link, str):
        message = f"{name}: the answer's nextLink is no link"
        raise ServiceError(message)
    if link and link in seen:
        message = f"{name}: the answer goes round in circles: its next page was there already"
        raise ServiceError(message, hint="try again later")


def wait_of(headers: Mapping[str, str], clock: Callable[[], float]) -> float | None:
    """Seconds to wait: the longest that any header asks for; None where none does.

    >>> wait_of({"retry-after": "2", "x-ms-ratelimit-microsoft.costmanagement-entity-retry-after": "7"}, lambda: 0.0)
    7.0
    """
    found = []
    for name, value in headers.items():
        lower = name.lower()
        if lower in _MILLISECONDS and value.strip().isdigit():
            found.append(int(value) / 1000)
        elif _THROTTLE.match(lower):
            seconds = _seconds(value.strip(), clock)
            found += [seconds] if seconds is not None else []
    return max(found) if found else None


def _seconds(text: str, clock: Callable[[], float]) -> float | None:
    """Seconds from now of a number or a date; None for neither."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - clock())
    except ValueError:
        return None


def _error_of(text: str) -> tuple[str, str]:
    """Code and message of an error, as Azure writes them; empty where it writes something else."""
    try:
        error = json.loads(text)["error"]
        code, message = error["code"], error["message"]
    except (ValueError, KeyError, TypeError):
        return "", ""
    return str(code or ""), " ".join(str(message or "").split())[:400]


@contextmanager
def _connection(name: str) -> Iterator[None]:
    """Say what a connection that fails means.

    Raises:
        TransientError: It may work next time.
        ServiceError: The certificate is not trusted: it will not.
    """
    from azure.core import exceptions as sdk  # noqa: PLC0415

    try:
        yield
    except sdk.ClientAuthenticationError:
        raise
    except (sdk.ServiceRequestError, sdk.ServiceResponseError, sdk.HttpResponseError) as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            message = f"{name}: the server's certificate is not trusted"
            raise ServiceError(message, hint="REQUESTS_CA_BUNDLE names a file with authorities of your own") from None
        message = f"{name}: the connection broke ({type(error).__name__})"
        raise TransientError(message) from None
