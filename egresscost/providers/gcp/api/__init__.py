"""Google Cloud asked through its APIs: billing export, flow logs, networks.

Goes in: a source, and what is wanted of it. Comes out: errands whose answers are files that this cloud's readers know. Never:
changes anything in the cloud, or keeps a credential.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from egresscost.providers.gcp.api.cloud import Cloud
from egresscost.sources.live import What

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from egresscost.sources.live import Ask, Errand, Finding, LiveSource, Missed


class GcpLive:
    """What Google Cloud can fetch (`egresscost.sources.live.Live`)."""

    keys: Final = frozenset({"project", "accounts", "endpoints"})
    schemes: Final[Mapping[str, int]] = {"gs": 0}
    price_list: Final = None

    def store(self, url: str, source: LiveSource) -> Any:  # noqa: ANN401  see the protocol
        """The bucket of a `gs://` URL."""
        from egresscost.providers.gcp.api.store import bucket  # noqa: PLC0415

        return bucket(url, Cloud(source))

    def plan(self, source: LiveSource, ask: Ask) -> Iterator[Errand | Missed | str]:
        """The bill from BigQuery, flow logs from wherever they go, networks from Compute Engine."""
        from egresscost.providers.gcp.api import bill, flows, networks  # noqa: PLC0415

        cloud = Cloud(source)
        if What.BILL in ask.what:
            yield from bill.plan(cloud, ask)
        if What.FLOWS in ask.what:
            yield from flows.plan(cloud, ask)
        if What.INVENTORY in ask.what and source.inventory:
            yield from networks.plan(cloud, ask)

    def policy(self, source: LiveSource) -> str:
        """A role for `gcloud iam roles create egresscost --project PROJECT --file role.json`."""
        del source
        return files(__package__).joinpath("role.json").read_text(encoding="utf-8")

    def check(self, source: LiveSource, ask: Ask) -> Iterable[Finding]:
        """Try each permission; find billing exports, sinks, and how subnets log."""
        from egresscost.providers.gcp.api.checks import check  # noqa: PLC0415

        return check(Cloud(source), ask)
