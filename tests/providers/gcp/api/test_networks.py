"""Networks: whole lists, and what reports then know."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from providers.gcp.api.objects import SHOP
from providers.gcp.api.server import Reply, compute, error, served

from egresscost.errors import PermissionRefusedError, ServiceError
from egresscost.periods import Window
from egresscost.providers.gcp.api import GcpLive
from egresscost.providers.gcp.inventory import read_inventory
from egresscost.sources.live import Ask, Errand, LiveSource, TransientError, What

if TYPE_CHECKING:
    from pathlib import Path

    from providers.gcp.api.server import Server

DAYS = Window(date(2026, 10, 1), date(2026, 11, 1))
ASK = Ask(DAYS, DAYS, frozenset({What.INVENTORY}), datetime(2026, 11, 1, tzinfo=UTC))


def errands(server: Server) -> list[Errand]:
    source = LiveSource("home", "gcp", project="shop-1", endpoints={"compute": server.url})
    found = list(GcpLive().plan(source, ASK))
    assert all(isinstance(each, Errand) for each in found)
    return found  # type: ignore[return-value]


def written(errand: Errand, folder: Path) -> Path:
    path = folder / errand.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        errand.fetch(file)
    return path


def test_lists_over_many_pages_are_an_inventory(tmp_path: Path) -> None:
    with served(compute(SHOP, size=1)) as server:
        for each in errands(server):
            written(each, tmp_path)
        assert len(server.seen) == 8
    found = read_inventory([str(tmp_path)])
    assert sorted(each.what for each in found) == ["address", "instance", "router", "subnetwork"]
    assert {each.id for one in found for each in one.interfaces if each.addresses} == {
        "shop-1/us-central1-a/web",
        "shop-1/us-central1-a/web2",
        "shop-1/us-central1-b/db",
        "shop-1/europe-west1-b/eu",
    }


def test_an_empty_project_is_an_inventory_of_nothing(tmp_path: Path) -> None:
    with served(compute({})) as server:
        paths = [written(each, tmp_path) for each in errands(server)]
    assert [each.interfaces for each in read_inventory([str(path) for path in paths])] == [()] * 4


@pytest.mark.parametrize(
    "content",
    [
        {"kind": "compute#instanceAggregatedList", "items": {}, "unreachables": ["zones/us-central1-a"]},
        {"kind": "compute#instanceAggregatedList", "items": {"zones/a": {"warning": {"code": "UNREACHABLE"}}}},
    ],
)
def test_a_zone_that_does_not_answer_is_no_empty_zone(tmp_path: Path, content: dict[str, object]) -> None:
    with served(compute(SHOP)) as server:
        server.faults.append(Reply(content))
        with pytest.raises(TransientError, match="no answer from"):
            written(errands(server)[0], tmp_path)


@pytest.mark.parametrize("content", [{"items": {}}, {"kind": "compute#instanceAggregatedList", "items": []}])
def test_another_shape_is_no_list(tmp_path: Path, content: dict[str, object]) -> None:
    with served(compute(SHOP)) as server:
        server.faults.append(Reply(content))
        with pytest.raises(ServiceError, match="another shape"):
            written(errands(server)[0], tmp_path)


def test_who_may_not_list_reads_which_permission_it_takes(tmp_path: Path) -> None:
    with served(compute(SHOP)) as server:
        server.faults.append(error(403, "PERMISSION_DENIED", "Required 'compute.instances.list' permission"))
        with pytest.raises(PermissionRefusedError, match=r"\(compute\.instances\.list\)"):
            written(errands(server)[0], tmp_path)


def test_the_fake_refuses_what_compute_engine_refuses() -> None:
    import requests

    with served(compute(SHOP)) as server:
        for name in ("maxResults=900", "pageSize=5"):
            answer = requests.get(f"{server.url}/compute/v1/projects/shop-1/aggregated/instances?{name}", timeout=5)
            assert answer.status_code == 400
    with served(compute({"instances": [*SHOP["instances"], {"selfLink": "x", "networkTear": 1}]})) as server:
        answer = requests.get(f"{server.url}/compute/v1/projects/shop-1/aggregated/instances", timeout=5)
        assert answer.status_code == 400
