"""Google's plain REST interfaces: one request, or all pages of an answer.

Goes in: a method, a path, parameters. Comes out: JSON objects. Never: a part of an answer for a whole one, or an error of the
library underneath.

A page that the cloud asks to come again for is asked for again alone.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import CredentialsError, ServiceError
from egresscost.providers.gcp.api.cloud import LOGIN
from egresscost.providers.gcp.api.patience import patiently
from egresscost.providers.gcp.api.refusals import refusal
from egresscost.sources.live import TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from egresscost.providers.gcp.api.cloud import Cloud

    Answer = dict[str, Any]

_SUCCESS: Final = range(200, 300)


class Rest:
    """One service.

    Args:
        cloud: Who asks.
        service: The service, as in `HOSTS`.
    """

    def __init__(self, cloud: Cloud, service: str) -> None:
        self._cloud = cloud
        self._service = service
        self._base = cloud.endpoint(service)
        self._session = cloud.session(service)

    def ask(
        self,
        method: str,
        path: str,
        *,
        about: str,
        permission: str,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """One request.

        Args:
            method: `GET` or `POST`.
            path: Below the address of the service.
            params: For the address.
            body: JSON, for `POST`.
            about: What is asked for, for people.
            permission: What it takes.

        Raises:
            TransientError: The cloud asks to come again, or the connection broke.
            SourceError: It refuses.
        """
        import requests  # noqa: PLC0415
        from google.auth import exceptions  # noqa: PLC0415

        url = f"{self._base}/{path.lstrip('/')}"
        try:
            answer = self._session.request(method, url, params=params, json=body, timeout=self._cloud.timeout)
        except requests.TooManyRedirects:
            message = f"{about}: the answer leads to another address, which is not followed"
            raise ServiceError(message, hint="is the endpoint right, or does a proxy stand in between?") from None
        except exceptions.RefreshError as error:
            message = f"{about}: the credentials of this shell are no longer good"
            raise CredentialsError(message, hint=LOGIN) from error
        except (exceptions.TransportError, requests.RequestException) as error:
            message = f"{about}: {type(error).__name__}"
            raise TransientError(message) from error
        content = _json(answer)
        if answer.status_code in _SUCCESS and isinstance(content, dict):
            return content
        if answer.status_code in _SUCCESS:
            message = f"{about}: the answer ends early, or is no JSON object"
            raise TransientError(message)
        raise refusal(
            answer.status_code,
            answer.headers,
            content,
            about=about,
            permission=permission,
            who=self._cloud.identity(self._service),
        )

    def pages(
        self,
        method: str,
        path: str,
        *,
        about: str,
        permission: str,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Iterator[Answer]:
        """Every page of an answer. The token of the next one goes where the others go: into the body where there is one.

        Raises:
            TransientError: The cloud asks to come again too often, or the connection broke.
            SourceError: It refuses, or its pages lead back to one that was there.
        """
        seen: set[str] = set()
        token = ""
        while True:
            mark = {"pageToken": token} if token else {}
            once = partial(
                self.ask,
                *(method, path),
                about=about,
                permission=permission,
                params={**(params or {}), **mark} if body is None else params,
                body={**body, **mark} if body is not None else None,
            )
            page = patiently(once, self._cloud.sleep)
            yield page
            token = str(page.get("nextPageToken") or "")
            if not token:
                return
            if token in seen:
                message = f"{about}: the pages of the answer go round in a circle"
                raise ServiceError(message, hint="run again; if it stays so, the service or a proxy is at fault")
            seen.add(token)


def _json(answer: Any) -> object:  # noqa: ANN401  requests.Response
    """The JSON of an answer, None where it is none."""
    try:
        return answer.json()
    except ValueError:
        return None
