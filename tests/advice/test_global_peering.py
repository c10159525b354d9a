"""VPN gateways or peering, by hand from the rate cards of October 2026: 744 hours."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import case

from egresscost.advice import advise
from egresscost.advice.ideas.global_peering import IDEA
from egresscost.results import Standing, Sureness

HEAD = "provider | charge | boundary | direction | from | to | path | via | service | resource | evidence | amount"


def rows(*lines: str) -> str:
    return "\n".join([HEAD, *lines])


def azure(start: str, amount: str, end: str = "") -> str:
    return f"azure|transfer|region|out|{start}|{end}|vpn|vpn|Microsoft.Network|gw-{start}|bill|{amount} gb"


def gateway(region: str, via: str = "vpn_gw1") -> str:
    return f"azure|private_line|private_line||{region}||{via}|{via}|Microsoft.Network|gw-{region}|bill|744 h"


def test_little_traffic_does_not_pay_for_gateways() -> None:
    made = case(rows(azure("eastus", "1000"), azure("westeurope", "500"), gateway("eastus")), [IDEA])
    (advice,) = advise(made, [IDEA]).items
    # 1,500 GB x 0.035 and 744 h x 0.19 = 141.36 fall away; peering charges 1,500 GB at both ends, 0.07 a GB.
    assert (advice.gross, advice.new_cost) == (Decimal("52.5") + Decimal("141.36"), Decimal(105))
    assert (advice.net, advice.standing) == (Decimal("88.86"), Standing.SAVES)
    assert advice.title == "Global peering of eastus and westeurope"
    assert (advice.sureness, advice.key) == (Sureness.LOW, "global-peering:111111111111:eastus:westeurope")
    assert (
        advice.because
        == "what else the gateways carry is not known; the bill names the sending regions only: there are just two"
    )
    # Without the hours it costs 52.50 more.
    assert [(point.value, point.net) for point in advice.curve] == [
        (Decimal(0), Decimal("-52.5")),
        (Decimal("0.5"), Decimal("18.18")),
        (Decimal(1), Decimal("88.86")),
    ]


def test_much_traffic_is_cheaper_through_the_gateways() -> None:
    made = case(rows(azure("eastus", "10000", "westeurope"), gateway("eastus")), [IDEA])
    (advice,) = advise(made, [IDEA]).items
    # 350 + 141.36 against 700.
    assert (advice.net, advice.standing) == (Decimal("-208.64"), Standing.DOES_NOT_PAY)


def test_each_end_of_peering_pays_its_own_zone() -> None:
    (advice,) = advise(case(rows(azure("eastus", "1000", "australiaeast")), [IDEA]), [IDEA]).items
    # Sender 0.035, receiver in Australia 0.09.
    assert advice.new_cost == Decimal(125)
    assert "the gateways stay, and their hours" in advice.change


def test_gateways_that_carry_a_line_keep_their_hours() -> None:
    line = "azure|transfer|private_line|in||eastus|vpn|vpn|Microsoft.Network|gw-eastus|bill|10 gb"
    (advice,) = advise(case(rows(azure("eastus", "1000", "westeurope"), gateway("eastus"), line), [IDEA]), [IDEA]).items
    assert (advice.gross, advice.new_cost) == (Decimal(35), Decimal(70))


@pytest.mark.parametrize("regions", [("eastus",), ("eastus", "westeurope", "northeurope")])
def test_the_other_end_is_not_guessed(regions: tuple[str, ...]) -> None:
    (advice,) = advise(case(rows(*(azure(each, "1000") for each in regions)), [IDEA]), [IDEA]).items
    assert advice.standing is Standing.NOT_JUDGED
    assert advice.at_stake == Decimal(35) * len(regions)
    assert advice.missing.startswith("between which regions the VPN gateways send")


def test_google_charges_peering_as_one_network_and_tunnels_fall_away() -> None:
    bytes_ = "gcp|transfer|region|out|us-central1|europe-west1|vpn|vpn|Compute Engine||bill|1000 gb"
    hours = "gcp|private_line|private_line||us-central1||vpn|vpn|Compute Engine|t-1|bill|1488 h"
    (advice,) = advise(case(rows(bytes_, hours), [IDEA]), [IDEA]).items
    # The bytes cost the rate between regions either way; two tunnels x 744 h x 0.05.
    assert advice.net == Decimal("74.4")
    assert advice.title == "Peering of the networks in europe-west1 and us-central1"
