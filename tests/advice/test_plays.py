"""What the clouds' plays say: short titles, no place left open that a word should fill, and all facts that ideas ask for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import typer

from egresscost.advice import installed
from egresscost.cli.app import app
from egresscost.sources import registry

if TYPE_CHECKING:
    from egresscost.sources.plays import Play

LONGEST = {
    "nat": "nat-0a1b2c3d4e5f67890",
    "kept": "nat-1b2c3d4e5f678901a",
    "network": "vpc-0a1b2c3d4e5f67890",
    "one": "web-frontend",
    "other": "orders-api",
    "endpoint": "vpce-0a1b2c3d4e5f67890",
    "device": "transit attachment tgw-attach-0a1b2c3d4e5f67890",
    "zone": "us-east-1a",
}
FIT = {
    "fewer-nats",
    "gateway-endpoint",
    "idle-device",
    "interface-endpoint",
    "nat-per-zone",
    "public-addressing",
    "remove-endpoint",
    "transit-gateway-to-peering",
}
"""Ideas whose titles name ids, and must fit a line of 60 characters all the same."""
WORDS = {
    "accelerator": "what name slower step",
    "between-clouds": "region other there amount evidence",
    "cdn": "name region amount ratio size",
    "cdn-hit-ratio": "name ratio good",
    "cdn-price-class": "name amount dear cheap",
    "compress-replication": "name region to saved",
    "compression": "name place saved text",
    "fewer-nats": "network zone kept nat region gb",
    "flow-log-cost": "what size records",
    "gateway-endpoint": "region network service subject there",
    "global-peering": "one other hours",
    "idle-device": "device command region gb",
    "image-pulls": "region network",
    "interface-endpoint": "region network service subject zones endpoints",
    "move-region": "name region to volume distance",
    "nat-per-zone": "region network zone instead",
    "network-tier": "name region amount",
    "other-cdn": "name region amount ratio",
    "public-addressing": "region one other between",
    "remove-endpoint": "endpoint region gb",
    "replication-audit": "bucket region to",
    "telemetry": "sender receiver",
    "transit-gateway-to-peering": "region one other attachments",
    "vendor-endpoint": "vendor region network",
    "vpn-hairpin": "region network",
    "zone-affinity": "pair region one other",
}
"""What each idea fills in."""
SENDERS = "serving machines not_answers"
FACTS = {
    "between-clouds": "called not_own title line",
    "cdn": f"cdn {SENDERS} dearest request_factors regions countries",
    "cdn-hit-ratio": "cdn",
    "cdn-price-class": "cdn instead",
    "compress-replication": "machines text",
    "compression": "edges serving compresses",
    "gateway-endpoint": "services names subjects way there what",
    "global-peering": "through instead",
    "idle-device": "vias names commands",
    "image-pulls": "owners endpoints",
    "interface-endpoint": "general without services names subjects unnamed",
    "move-region": "free_inside stays apart copies",
    "network-tier": "target services not_by not_in",
    "other-cdn": SENDERS,
    "replication-audit": "fast copies",
    "telemetry": "vendors senders",
    "transit-gateway-to-peering": "peering_charged",
    "vendor-endpoint": "vendors",
    "vpn-hairpin": "endpoints called exits behind",
    "zone-affinity": "elsewhere",
}
"""What each idea asks its play for."""
PLAYS = [(name, kind) for name, provider in sorted(registry.providers().items()) for kind in provider.plays()]
BUILT_IN = ("aws", "azure", "gcp")


def play_of(name: str, kind: str) -> Play:
    return registry.providers()[name].plays()[kind]


def texts(play: Play) -> str:
    return " ".join((play.title, play.change, play.risk, *(str(step) for step in play.steps)))


def test_every_play_is_of_an_idea_and_every_idea_has_a_play() -> None:
    kinds = {each.kind for each in installed()}
    assert {kind for _, kind in PLAYS} == kinds
    assert set(WORDS) == kinds


@pytest.mark.parametrize(("name", "kind"), PLAYS)
def test_a_play_asks_for_words_of_its_own_idea_only(name: str, kind: str) -> None:
    plain = texts(play_of(name, kind)).replace("{{", "").replace("}}", "")
    assert set(re.findall(r"{(\w+)}", plain)) <= set(WORDS[kind].split())


@pytest.mark.parametrize(("name", "kind"), PLAYS)
def test_a_play_has_the_facts_that_its_idea_asks_for(name: str, kind: str) -> None:
    assert set(FACTS.get(kind, "").split()) <= set(play_of(name, kind).facts)


@pytest.mark.parametrize(("name", "kind"), PLAYS)
def test_a_place_that_the_idea_can_fill_is_not_left_to_the_reader(name: str, kind: str) -> None:
    filled = {word for word in WORDS[kind].split() if word not in {"network", "region", "name"}}
    left = {word for step in play_of(name, kind).steps for word in re.findall(r"<(\w+)>", step[1])}
    assert not filled & left


@pytest.mark.parametrize(("name", "kind"), PLAYS)
def test_a_play_is_whole(name: str, kind: str) -> None:
    play = play_of(name, kind)
    assert all((play.title, play.change, play.risk, play.source, play.steps))
    assert not (play.missing and not play.evidence_cost)
    lists = [play.facts[each] for each in ("services", "names", "subjects") if each in play.facts]
    assert kind == "network-tier" or len({len(each) for each in lists}) <= 1


@pytest.mark.parametrize(("name", "kind"), [each for each in PLAYS if each[1] in FIT])
def test_a_title_with_ids_fits_a_line_and_its_effect_can_be_seen(name: str, kind: str) -> None:
    play = play_of(name, kind)
    assert all((play.missing, play.evidence_cost))
    service = max((*play.facts.get("names", ()), *play.facts.get("unnamed", ()), ""), key=len)
    assert len(play.title.format(**LONGEST, service=service)) <= 60
    text, command = play.steps[-1]
    assert text.startswith("A week later see")
    assert command.startswith("egresscost report")


@pytest.mark.parametrize(("name", "kind"), PLAYS)
def test_commands_of_egresscost_have_options_that_it_knows(name: str, kind: str) -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for _, command in play_of(name, kind).steps:
        if command.startswith("egresscost "):
            _, called, *words = command.split()
            known = {option for each in commands[called].params for option in each.opts}
            assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("name", BUILT_IN)
def test_prices_of_plays_are_numbers(name: str) -> None:
    for play in registry.providers()[name].plays().values():
        if "monthly" in play.facts:
            title, price, source = play.facts["monthly"]
            assert title
            assert float(price) > 0
            assert source
        for each in play.facts.get("price", ()):
            assert float(each) > 0
