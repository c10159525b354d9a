"""Who asks AWS, and through which clients: sessions of the user's own chain, and of the roles that it takes on.

Goes in: a source. Comes out: accounts with sessions, clients, whole answers. Never: keeps a secret beyond the SDK's own objects, or speaks
plain HTTP to another machine.
"""

from __future__ import annotations

import ipaddress
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from egresscost.errors import CredentialsError, UsageError
from egresscost.providers.aws.api.trouble import said
from egresscost.sources.live import TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from egresscost.sources.live import LiveSource

HOME: Final = "us-east-1"
"""Where services that have one place for all regions are, and whoever named no region."""
_MAKING: Final = threading.Lock()
"""Sessions and clients are not made by two threads at once: boto3 doesn't allow it."""


@dataclass
class Account:
    """One account, and whoever asks in it.

    Attributes:
        session: A `boto3.Session`.
        source: Whose endpoints and profile count.
        role: The role that was taken on; empty for the user's own identity.
    """

    session: Any = field(repr=False)
    source: LiveSource = field(repr=False)
    role: str = ""
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)
    _who: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def region(self) -> str:
        """Where the user is at home."""
        return str(self.session.region_name or HOME)

    def client(self, service: str, region: str = "") -> Any:  # noqa: ANN401  boto3's clients have no types
        """A client, made once.

        Raises:
            UsageError: Its endpoint is plain HTTP to another machine.
        """
        key = service, region or self.region
        with _MAKING:
            if key not in self._clients:
                self._clients[key] = _client(self.session, self.source, *key)
            return self._clients[key]

    def who(self) -> dict[str, str]:
        """The account's id and the identity that asks (`Account`, `Arn`).

        Raises:
            CredentialsError: There are no credentials, or they don't count.
        """
        if not self._who:
            with said("who asks", "sts:GetCallerIdentity", self.source.profile):
                answer = self.client("sts").get_caller_identity()
            self._who.update({name: str(answer[name]) for name in ("Account", "Arn")})
        return self._who

    @property
    def id(self) -> str:
        """Twelve digits."""
        return self.who()["Account"]

    def pages(self, service: str, operation: str, key: str, region: str = "", **request: Any) -> Iterator[Any]:  # noqa: ANN401
        """What an operation lists under a key, page after page, to the last one.

        Raises:
            TransientError, SourceError: As `said` says; a page without the key is no answer.
        """
        name = f"{service} {operation} {region}".strip()
        permission = f"{service.removesuffix('-exports') if service == 'cur' else service}:{_camel(operation)}"
        with said(name, permission, self.source.profile):
            client = self.client(service, region)
            answers = (
                client.get_paginator(operation).paginate(**request)
                if client.can_paginate(operation)
                else [getattr(client, operation)(**request)]
            )
            for answer in answers:
                if not isinstance(answer.get(key), list):
                    message = f"{name}: the answer is cut or none: it has no {key}"
                    raise TransientError(message)
                yield from answer[key]


def own(source: LiveSource) -> Account:
    """The user's own identity.

    Raises:
        CredentialsError: The profile doesn't exist.
    """
    import boto3  # noqa: PLC0415

    with _MAKING, said("the profile", "", source.profile):
        return Account(boto3.Session(profile_name=source.profile or None), source)


def all_of(source: LiveSource) -> list[Account]:
    """The user's own identity, and one for each role of the source; a role is taken on when it is first used."""
    mine = own(source)
    return [mine, *(_in_role(mine, role) for role in source.roles)]


def _in_role(mine: Account, role: str) -> Account:
    """The same user in a role. Its credentials are fetched again before they run out."""
    import boto3  # noqa: PLC0415
    import botocore.session  # noqa: PLC0415
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials  # noqa: PLC0415

    with said(role, "sts:AssumeRole", mine.source.profile):
        credentials = mine.session.get_credentials()
    if credentials is None:
        message = "no credentials for AWS"
        raise CredentialsError(message, hint="aws configure, or aws sso login")

    def sts(_service: str, **_given: Any) -> Any:  # noqa: ANN401
        return mine.client("sts")

    fetcher = AssumeRoleCredentialFetcher(sts, credentials, role, extra_args={"RoleSessionName": "egresscost"})
    inner = botocore.session.Session(profile=mine.source.profile or None)
    inner._credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")  # noqa: SLF001  botocore has no other door
    return Account(boto3.Session(botocore_session=inner, region_name=mine.region), mine.source, role)


def _client(session: Any, source: LiveSource, service: str, region: str) -> Any:  # noqa: ANN401
    from botocore.config import Config  # noqa: PLC0415

    config = Config(retries={"mode": "standard"}, connect_timeout=10, read_timeout=60, user_agent_extra="egresscost")
    with said(service, "", source.profile):
        made = session.client(service, region_name=region, endpoint_url=source.endpoints.get(service), config=config)
    check_endpoint(str(made.meta.endpoint_url))
    return made


def check_endpoint(url: str) -> None:
    """Refuse plain HTTP, but for this machine's own test servers.

    Raises:
        UsageError: It is plain HTTP to another machine.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        message = f"the endpoint {parts.scheme}://{parts.hostname} isn't encrypted"
        raise UsageError(message, hint="write https://; plain http is for test servers on this machine")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost"), is_loopback("10.0.0.1")
    (True, True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _camel(operation: str) -> str:
    return "".join(word.capitalize() for word in operation.split("_"))
