"""What AWS's plays say: short titles, and no place left open that a word should fill."""

from __future__ import annotations

import re

import pytest

from egresscost.advice.ideas import (
    fewer_nats,
    gateway_endpoint,
    idle_device,
    interface_endpoint,
    nat_per_zone,
    public_addressing,
    remove_endpoint,
    transit_gateway_to_peering,
)
from egresscost.sources import registry

IDEAS = (
    fewer_nats.IDEA,
    gateway_endpoint.IDEA,
    idle_device.IDEA,
    interface_endpoint.IDEA,
    nat_per_zone.IDEA,
    public_addressing.IDEA,
    remove_endpoint.IDEA,
    transit_gateway_to_peering.IDEA,
)
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


@pytest.mark.parametrize("idea", IDEAS, ids=lambda idea: idea.kind)
def test_a_play_is_whole_and_its_title_fits_a_line(idea: object) -> None:
    play = registry.providers()["aws"].plays()[idea.kind]  # type: ignore[attr-defined]
    assert all((play.title, play.change, play.risk, play.missing, play.evidence_cost, play.source))
    service = max(play.facts.get("names", ("",)), key=len)
    assert len(play.title.format(**LONGEST, service=service)) <= 60
    text, command = play.steps[-1]
    assert text.startswith("A week later see")
    assert command.startswith("egresscost report")


@pytest.mark.parametrize("idea", IDEAS, ids=lambda idea: idea.kind)
def test_a_play_asks_for_words_of_its_own_only(idea: object) -> None:
    play = registry.providers()["aws"].plays()[idea.kind]  # type: ignore[attr-defined]
    words = set(
        re.findall(r"{(\w+)}", " ".join((play.title, play.change, play.risk, *(str(step) for step in play.steps))))
    )
    known = {
        *LONGEST,
        "region",
        "service",
        "gb",
        "command",
        "subject",
        "zones",
        "endpoints",
        "instead",
        "between",
        "attachments",
        "there",
    }
    assert words <= known
