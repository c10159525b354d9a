"""The conformance kit finds what is wrong: each way to break a provider is told, with what to mend."""

from __future__ import annotations

import ast
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import egresscost.testing
from egresscost.errors import ConformanceError
from egresscost.frame import Boundary, Confidence
from egresscost.providers import aws, gcp
from egresscost.providers.gcp.billing_export import STANDARD
from egresscost.providers.gcp.flows import _file
from egresscost.providers.gcp.network import network
from egresscost.sources.networks import CrossingRule
from egresscost.sources.packaged import rate_cards
from egresscost.sources.plays import Play
from egresscost.sources.protocols import Provider
from egresscost.testing import BillSample, FlowSample, InventorySample, Samples, checks, conformance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FOLDER = Path(__file__).parents[1] / "fixtures" / "conformance"
BILL = BillSample(FOLDER / "gcp" / "standard.csv", "gcp", rows=9, totals={"EUR": "2.3536"})
FLOWS = FlowSample(FOLDER / "gcp" / "vpc.json", records=9, bytes=2 * 1070 + 14 + 560 + 44)
SUBNETS = FOLDER / "aws" / "describe-subnets.json"
SAMPLES = Samples(bills=(BILL,), flows=(FLOWS,), day=date(2026, 11, 1))


def fails(provider: Provider, samples: Samples, name: str, message: str) -> None:
    """The one check whose name ends so says so, and what to mend."""
    (check,) = [each for each in checks(provider, samples) if each.name.endswith(name)]
    with pytest.raises(ConformanceError, match=message) as caught:
        check.run()
    assert caught.value.hint


class Broken:
    """The layout of Google's bills with something else in it."""

    def __init__(self, **changes: Callable[..., Any]) -> None:
        self.__dict__.update(changes)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the layout has
        return getattr(STANDARD, name)


def with_layout(**changes: Callable[..., Any]) -> Provider:
    return replace(gcp.PROVIDER, bill_formats=lambda: (Broken(**changes),))


def with_network(**changes: Any) -> Provider:  # noqa: ANN401  fields of many kinds
    return replace(gcp.PROVIDER, network=lambda: replace(network(), **changes))


def raising(*_: object) -> Any:  # noqa: ANN401  it never answers
    message = "no such meter"
    raise KeyError(message)


def test_a_provider_that_nobody_installed_is_told_all_that_is_wrong_at_once() -> None:
    with pytest.raises(ConformanceError, match="Ghost breaks 2 of what every cloud must hold to") as caught:
        conformance(Provider(name="ghost!", title="Ghost"))
    first, second = caught.value.details
    assert "no entry point is called 'ghost!'" in first
    assert "egresscost.providers" in first
    assert "the provider's name 'ghost!' cannot be typed" in second


@pytest.mark.parametrize(
    ("provider", "name", "message"),
    [
        (with_layout(place=raising), "gcp: every line has one place", "placing .* fails: KeyError"),
        (replace(gcp.PROVIDER, rules=dict), "gcp: every line has one place", "without words"),
        (with_layout(charge_class=lambda _: "usage"), "every kind of line has a class", "is 'usage'"),
        (with_layout(recognizes=lambda _: True), "other tables are no bills of this cloud", "takes an AWS CUR 2.0"),
        (with_layout(missing=lambda _: []), "other tables are no bills of this cloud", "lacks nothing"),
        (replace(gcp.PROVIDER, manifest=lambda blob: blob), "neither manifests nor answers", "taken for a manifest"),
        (replace(gcp.PROVIDER, manifest=raising), "neither manifests nor answers", "is not survived: KeyError"),
        (
            replace(gcp.PROVIDER, flow_file=lambda blob, _: _file(blob, "log")),
            "other files are no flow logs of this cloud",
            "is taken for a flow log",
        ),
        (replace(gcp.PROVIDER, region_aliases=lambda: {"moon": "moon-1"}), "known names", "regions that are not known"),
        (replace(gcp.PROVIDER, focus_names=frozenset({"aws"})), "nobody else's", "another provider has the same"),
        (replace(gcp.PROVIDER, focus_network=None), "FOCUS lines are answered for", "one of three is missing"),
        (with_network(rules=network().rules[:-1]), "every situation has one rule", "the last rule asks"),
        (with_network(words={}), "every network rule and charge is said in words", "rules have no words"),
        (with_network(devices={}), "the network speaks known words", "no device is called machine"),
        (replace(gcp.PROVIDER, rate_cards=lambda: None), "load and are clean", "no rate cards"),
    ],
)
def test_what_breaks_is_told(provider: Provider, name: str, message: str) -> None:
    fails(provider, SAMPLES, name, message)


@pytest.mark.parametrize(
    ("samples", "name", "message"),
    [
        (replace(SAMPLES, bills=()), "every layout of bills has a sample", "a layout has no sample"),
        (replace(SAMPLES, flows=()), "there are flow logs to check", "have no sample"),
        (replace(SAMPLES, bills=(replace(BILL, rows=8),)), "nothing is lost", "rows of standard.csv: 9"),
        (replace(SAMPLES, bills=(replace(BILL, totals={"EUR": "2.36"}),)), "nothing is lost", "it must be"),
        (replace(SAMPLES, bills=(replace(BILL, rows=None),)), "nothing is lost", "nothing says what is in"),
        (replace(SAMPLES, bills=(replace(BILL, format="gcp-detailed"),)), "the layout is recognised", "taken by gcp"),
        (replace(SAMPLES, flows=(replace(FLOWS, records=8),)), "has an answer", "records of vpc.json: 9"),
        (replace(SAMPLES, flows=(replace(FLOWS, bytes=1),)), "has an answer", "bytes of vpc.json"),
        (replace(SAMPLES, unpriced={"nat": "unknown"}), "a price or a named gap", "gaps are named that are none"),
    ],
)
def test_what_the_samples_say_is_compared(samples: Samples, name: str, message: str) -> None:
    fails(gcp.PROVIDER, samples, name, message)


def test_an_answer_that_changes_is_told() -> None:
    answers = iter(["INTERNET", "ZONE"] * 10_000)
    place = STANDARD.place

    def moody(keys: Mapping[str, str | None]) -> Any:  # noqa: ANN401  a placement
        return replace(place(keys), boundary=Boundary[next(answers)])

    fails(with_layout(place=moody), SAMPLES, "gcp: every line has one place", "is placed in two ways")


def test_a_rule_without_its_mirror_is_told() -> None:
    """What is sent to the internet is internet, what comes from it is called a private line."""
    one_way = CrossingRule(
        "internet", {"direction": frozenset({"in"})}, "vantage", Boundary.PRIVATE_LINE, "", Confidence.HIGH
    )
    provider = with_network(rules=(one_way, *network().rules))
    fails(provider, SAMPLES, "turned round, the direction turns", "changes more than the direction")


def test_cards_that_are_wrong_or_lack_a_charge_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "gcp"
    shutil.copytree(Path(str(rate_cards("gcp"))), folder)
    (folder / "nat.csv").unlink()
    provider = replace(gcp.PROVIDER, rate_cards=lambda: folder)
    fails(provider, SAMPLES, "a price or a named gap", "rules charge what no card knows")
    (folder / "zone.csv").write_text((folder / "zone.csv").read_text().replace("0.01", "-0.01"))
    fails(provider, SAMPLES, "more never costs less", "costs less than a part of it|cannot be read")


def test_an_inventory_that_lists_less_is_told() -> None:
    samples = Samples(inventories=(InventorySample(SUBNETS, subnets=3),))
    fails(aws.PROVIDER, samples, "the inventory loads", "subnets of describe-subnets.json: 2, and it must be 3")


def test_a_play_that_cannot_be_filled_is_told() -> None:
    play = Play("cdn", title="A {title", change="x", risk="y", source="z")
    provider = replace(gcp.PROVIDER, plays=lambda: {"cdn": play})
    fails(provider, SAMPLES, "plays are whole", "has a place that is none")


def test_the_kit_needs_no_test_runner() -> None:
    folder = Path(egresscost.testing.__file__).parent
    nodes = [node for path in folder.glob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    named = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    named |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    assert "egresscost.sources" in named
    assert not {name for name in named if name.partition(".")[0] in {"pytest", "_pytest", "hypothesis", "unittest"}}
