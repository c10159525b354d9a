"""Another tier for the same bytes, by hand from the rate cards of October 2026."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import case

from egresscost.advice import advise
from egresscost.advice.ideas.network_tier import IDEA
from egresscost.results import Standing, Sureness

HEAD = (
    "provider | charge | boundary | direction | from | path | network_tier | dst_geo | service | workload | resource"
    " | evidence | confidence | amount"
)


def rows(*lines: str) -> str:
    return "\n".join([HEAD, *lines])


def azure(amount: str, **cells: str) -> str:
    known = {
        "from": "eastus",
        "path": "unknown",
        "tier": "",
        "service": "Microsoft.Compute",
        "evidence": "bill",
    } | cells
    ends = f"{known['from']}|{known['path']}|{known['tier']}||{known['service']}|web|{known.get('resource', '')}"
    return f"azure|transfer|internet|out|{ends}|{known['evidence']}|{known.get('confidence', '')}|{amount} gb"


def gcp(amount: str, tier: str = "premium", geo: str = "Americas", evidence: str = "bill", sure: str = "") -> str:
    return (
        f"gcp|transfer|internet|out|us-central1|unknown|{tier}|{geo}|Compute Engine|web||{evidence}|{sure}|{amount} gb"
    )


def test_azure_sends_by_the_internet_instead_of_microsofts_network() -> None:
    (advice,) = advise(case(rows(azure("10100")), [IDEA]), [IDEA]).items
    # Zone 1: 100 GB free and 10,000 x 0.087 = 870; by the internet 100 free and 10,000 x 0.08 = 800.
    assert (advice.gross, advice.new_cost, advice.net) == (Decimal(870), Decimal(800), Decimal(70))
    assert advice.title == "Routing preference Internet for web in eastus"
    assert (advice.key, advice.standing) == ("network-tier:eastus:web", Standing.SAVES)
    assert "Quality: longer and less steady ways" in advice.risk


def test_google_sends_by_standard_tier_which_has_free_gb_of_its_own() -> None:
    (advice,) = advise(case(rows(gcp("1001")), [IDEA]), [IDEA]).items
    # Premium: 1 GB free, then 1,000 GB x 0.12 = 120. Standard: 200 GB free, then 801 x 0.085 = 68.085.
    assert (advice.gross, advice.new_cost, advice.net) == (Decimal(120), Decimal("68.085"), Decimal("51.915"))
    assert advice.title == "Standard Tier for web in us-central1"
    assert advice.sureness is Sureness.LOW  # a global load balancer may send it
    assert "<" not in advice.title + advice.change


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(gcp("1001", tier="standard", geo=""), id="already there"),
        pytest.param(azure("5000", tier="internet_routing"), id="already there, on Azure"),
        pytest.param(azure("5000", path="nat"), id="a NAT gateway has no choice"),
        pytest.param(azure("5000", service="Microsoft.Sql"), id="a service without a choice"),
        pytest.param(azure("5000", **{"from": "westus3"}), id="a region without a choice"),
        pytest.param(
            azure("5000", resource="/s/providers/microsoft.network/virtualnetworkgateways/v"), id="a VPN gateway"
        ),
        pytest.param(azure("40"), id="too little for a word"),
    ],
)
def test_nothing_is_said_of(line: str) -> None:
    assert advise(case(rows(line), [IDEA]), [IDEA]).items == ()


def test_flow_logs_do_not_tell_the_tier_and_that_is_said() -> None:
    table = rows(gcp("1001", tier="", evidence="flow"), azure("10100", evidence="flow"))
    google, microsoft = sorted(advise(case(table, [IDEA]), [IDEA]).items, key=lambda each: each.key, reverse=True)
    assert (google.standing, google.key) == (Standing.NOT_JUDGED, "network-tier:gcp tiers")
    assert google.missing.startswith("which tier the addresses have is not in flow logs")
    # 10,000 GB x 0.087.
    assert (microsoft.key, microsoft.at_stake) == ("network-tier:azure tiers", Decimal(870))


def test_the_bill_of_the_same_account_and_region_tells_it() -> None:
    flows, billed = rows(gcp("1001", tier="", evidence="flow")), rows(gcp("1001"))
    (advice,) = advise(case(flows, [IDEA], billed=billed, has_bill=True), [IDEA]).items
    assert advice.net == Decimal("51.915")


def test_a_bill_with_both_tiers_tells_nothing() -> None:
    flows = rows(gcp("1001", tier="", evidence="flow"))
    billed = rows(gcp("500"), gcp("501", tier="standard", geo=""))
    (advice,) = advise(case(flows, [IDEA], billed=billed, has_bill=True), [IDEA]).items
    assert advice.standing is Standing.NOT_JUDGED


def test_bytes_to_nobody_knows_where_have_no_price_and_that_is_said_once() -> None:
    lines = [gcp("1001", geo="", evidence="flow", sure="high")]
    lines.append(gcp("700", geo="", evidence="flow", sure="high").replace("|web|", "|api|"))
    (advice,) = advise(case(rows(*lines), [IDEA]), [IDEA]).items
    assert (advice.standing, advice.at_stake) == (Standing.NOT_JUDGED, None)
    assert (
        advice.missing == "there is no price for these bytes: most often because nothing tells where the receivers are"
    )


@pytest.mark.parametrize(("sure", "standing"), [("high", Standing.SAVES), ("medium", Standing.NOT_JUDGED)])
def test_a_tier_that_was_assumed_makes_a_row_less_sure_and_is_not_told(sure: str, standing: Standing) -> None:
    (google,) = advise(case(rows(gcp("1001", evidence="flow", sure=sure)), [IDEA]), [IDEA]).items
    assert google.standing is standing
    line = azure("10100", tier="microsoft_routing", evidence="flow", confidence=sure)
    (microsoft,) = advise(case(rows(line), [IDEA]), [IDEA]).items
    assert microsoft.standing is standing
