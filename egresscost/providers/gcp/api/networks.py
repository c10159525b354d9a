"""Networks of projects: instances, subnets, routers with NAT, addresses, as Compute Engine lists them.

Goes in: projects. Comes out: one errand for each kind of object, whose answer is what `gcloud compute … list --format=json`
writes. Never: a list that some zone or region is missing from for a whole one.

Sources: Compute Engine API v1, the `aggregated` lists.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import ServiceError
from egresscost.providers.gcp.api.rest import Rest
from egresscost.sources.live import Errand, TransientError, What

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from egresscost.providers.gcp.api.cloud import Cloud
    from egresscost.sources.live import Ask

_LASTS: Final = timedelta(hours=6)
_EMPTY: Final = "NO_RESULTS_ON_PAGE"


@dataclass(frozen=True)
class Kind:
    """A kind of object.

    Attributes:
        name: As the API and gcloud write it.
        permission: What its list takes.
    """

    name: str
    permission: str


KINDS: Final = (
    Kind("instances", "compute.instances.list"),
    Kind("subnetworks", "compute.subnetworks.list"),
    Kind("routers", "compute.routers.list"),
    Kind("addresses", "compute.addresses.list"),
)


def plan(cloud: Cloud, ask: Ask) -> Iterator[Errand]:
    """One errand for each project and kind."""
    for project in cloud.projects(ask.accounts):
        for kind in KINDS:
            yield _errand(project, kind, cloud)


def _errand(project: str, kind: Kind, cloud: Cloud) -> Errand:
    def fetch(file: BinaryIO) -> None:
        file.write(b"[")
        for number, item in enumerate(listed(project, kind, cloud)):
            file.write(b",\n" if number else b"\n")
            file.write(json.dumps(item, ensure_ascii=False).encode())
        file.write(b"\n]\n")

    return Errand(
        what=What.INVENTORY,
        name=f"{kind.name} of {project}",
        path=f"compute/{project}/{kind.name}.json",
        key=f"compute {cloud.endpoint('compute')} {project} {kind.name}",
        fetch=fetch,
        lasts=_LASTS,
    )


def listed(project: str, kind: Kind, cloud: Cloud) -> Iterator[Mapping[str, Any]]:
    """All objects of a kind in a project.

    Raises:
        TransientError: Some zone or region does not answer.
        SourceError: The list is refused, or is none.
    """
    about = f"{kind.name} of {project}"
    pages = Rest(cloud, "compute").pages(
        "GET",
        f"compute/v1/projects/{project}/aggregated/{kind.name}",
        about=about,
        permission=kind.permission,
        params={"maxResults": "500"},
    )
    for page in pages:
        scopes = page.get("items", {})
        if not str(page.get("kind", "")).endswith("AggregatedList") or not isinstance(scopes, dict):
            message = f"{about}: the answer has another shape than Compute Engine's"
            raise ServiceError(message, details=[f"it has {', '.join(sorted(page))}"], hint="is the endpoint right?")
        silent = [*page.get("unreachables", ()), *(name for name, each in scopes.items() if _is_silent(each))]
        if silent:
            message = f"{about}: no answer from {', '.join(map(str, silent[:3]))}"
            raise TransientError(message)
        for scope in scopes.values():
            yield from scope.get(kind.name, ())


def _is_silent(scope: Mapping[str, Any]) -> bool:
    """Whether a zone or region could not say what it has."""
    warning = scope.get("warning")
    return isinstance(warning, dict) and warning.get("code") != _EMPTY
