"""Commands over a cloud whose bucket is a folder: the same answers as over the files themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from obstore.store import LocalStore

from egresscost.cli import clouds
from egresscost.cli.options import Data, Select
from egresscost.conversation import explain
from egresscost.errors import NothingToReadError, UsageError
from egresscost.pipeline import Request, run
from egresscost.settings import Loaded, Settings
from egresscost.sources import registry
from egresscost.sources.collect import Fetching
from egresscost.sources.live import Errand, LiveSource, Missed, What
from egresscost.sources.protocols import Provider

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

BILLS = Path(__file__).parent / "fixtures" / "conformance" / "aws"
FILE = "cur2.csv"
GAP = Missed(What.FLOWS, "eu-west-1", "the region is not enabled")


class Memo:
    """A cloud with one bucket, which is a folder, and a list of what it cannot give."""

    keys: tuple[str, ...] = ()
    schemes = {"memo": 0}  # noqa: RUF012
    steps: tuple[Errand | Missed | str, ...] = ()

    def store(self, _url: str, _source: LiveSource) -> LocalStore:
        return LocalStore(BILLS)

    def plan(self, _source: LiveSource, _ask: object) -> Iterator[Errand | Missed | str]:
        yield from self.steps


@pytest.fixture
def memo(monkeypatch: pytest.MonkeyPatch) -> Memo:
    cloud = Memo()
    known = registry.providers()
    provider = Provider(name="memo", title="Memo", live=lambda: cloud)  # type: ignore[arg-type,return-value]
    monkeypatch.setattr(registry, "providers", lambda: {**known, "memo": provider})
    return cloud


@pytest.fixture
def fetching(tmp_path: Path) -> Fetching:
    return Fetching(sources=(LiveSource("home", "memo"),), folder=tmp_path / "kept")


def test_explain_reads_what_clouds_hold_and_says_what_is_missing(memo: Memo, fetching: Fetching) -> None:
    memo.steps = (f"memo://bucket/{FILE}", GAP)
    (far,) = explain(Request((), fetching=fetching), None)
    (near,) = explain(Request((str(BILLS / FILE),)), None)
    assert [notice.message for notice in far.notices if notice.code == "not-fetched"] == [
        "home: no flows of eu-west-1: the region is not enabled"
    ]
    assert far.title == near.title  # type: ignore[union-attr]
    (named,) = explain(Request((f"memo://bucket/{FILE}",), fetching=replace(fetching, sources=())), None)
    assert named.title == near.title  # type: ignore[union-attr]


def test_where_only_an_inventory_comes_the_reasons_for_the_rest_are_said(memo: Memo, fetching: Fetching) -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"{}")

    memo.steps = (Errand(What.INVENTORY, "subnets", "subnets.json", "subnets", write), GAP)
    with pytest.raises(NothingToReadError, match="gave no bill and no logs") as caught:
        run(Request((), fetching=fetching))
    assert caught.value.details == ("home: no flows of eu-west-1: the region is not enabled",)


def loaded(**sources: str) -> Loaded:
    return Loaded(Settings.model_validate({"sources": {name: {"provider": each} for name, each in sources.items()}}))


def test_a_cloud_that_is_left_out_is_not_asked() -> None:
    three = loaded(a="aws", g="gcp", z="azure")
    chosen = clouds.sources(three, Data(), Select(provider=["!gcp", "!az*"]))
    assert [each.name for each in chosen] == ["a"]
    assert [each.name for each in clouds.sources(three, Data(), Select(provider=["gcp"]))] == ["g"]


@pytest.mark.parametrize("other", [{"refresh": True}, {"cache": False}])
def test_offline_goes_with_nothing_that_would_have_to_ask(other: dict[str, bool]) -> None:
    with pytest.raises(UsageError, match="do not go together"):
        clouds.fetching(loaded(), Data(offline=True, **other), (), None)
