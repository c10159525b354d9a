"""Conversations between clouds, by hand from the rate cards of October 2026."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import case

from egresscost.advice import advise
from egresscost.advice.ideas.between_clouds import IDEA
from egresscost.results import Standing, Sureness

HEAD = (
    "provider | charge | boundary | direction | from | to | dst_geo | workload | peer | peer_kind | evidence | amount"
)
TO_GOOGLE = "aws|transfer|internet|out|us-east-1|||etl|gcp us-central1|network_owner|flow|5100 gb"
FROM_AWS = "gcp|transfer|internet|in||us-central1||warehouse|aws us-east-1 EC2|network_owner|flow|4900 gb"
BACK = "gcp|transfer|internet|out|us-central1||Americas|warehouse|aws us-east-1 EC2|network_owner|flow|1001 gb"
KEY = "between-clouds:aws:us-east-1:gcp:us-central1"


def rows(*lines: str) -> str:
    return "\n".join([HEAD, *lines])


def test_both_sides_are_one_conversation_that_waits_for_a_price() -> None:
    (advice,) = advise(case(rows(TO_GOOGLE, FROM_AWS, BACK), [IDEA]), [IDEA]).items
    # AWS 5,000 GB x 0.09 = 450 beyond the free 100; Google 1,000 x 0.12 = 120 beyond the free one. What arrives is free.
    assert (advice.key, advice.standing, advice.at_stake) == (KEY, Standing.NOT_JUDGED, Decimal(570))
    assert advice.missing == (
        "what a private line to Google Cloud costs by the month isn't known: flow logs of both clouds"
        " (5,100 GB leave AWS and 4,900 GB arrive in Google Cloud; 1,001 GB leave Google Cloud and 0 GB arrive in AWS)"
    )
    ends = [(each.keys["provider"], each.keys["direction"], each.cost) for each in advice.seen]
    assert ends == [("aws", "out", Decimal(450)), ("gcp", "out", Decimal(120)), ("gcp", "in", Decimal(0))]


def test_a_line_is_weighed_when_its_price_is_given() -> None:
    made = case(rows(TO_GOOGLE, FROM_AWS, BACK), [IDEA], line_month=Decimal(300))
    (advice,) = advise(made, [IDEA]).items
    # Over the line 5,100 x 0.02 and 1,001 x 0.02, and 300 for the line: 570 - 102 - 20.02 - 300.
    assert (advice.gross, advice.new_cost, advice.net) == (Decimal(570), Decimal("422.02"), Decimal("147.98"))
    assert advice.title == "A private line from AWS us-east-1 to Google Cloud us-central1"
    assert "Evidence: flow logs of both clouds" in advice.change
    assert advice.sureness is Sureness.MEDIUM


def test_one_side_alone_does_not_show_whose_the_other_is() -> None:
    made = case(rows(TO_GOOGLE), [IDEA], line_month=Decimal(100))
    (advice,) = advise(made, [IDEA]).items
    assert advice.net == Decimal(450) - Decimal(102) - Decimal(100)
    assert (advice.sureness, advice.because) == (
        Sureness.LOW,
        "the far address says which cloud it is in, and not whose it is",
    )
    (unpriced,) = advise(case(rows(TO_GOOGLE), [IDEA]), [IDEA]).items
    assert unpriced.missing.endswith("the far addresses are Google Cloud's; nothing of yours there is in the input")


def test_other_things_paid_there_are_no_proof_either() -> None:
    elsewhere = "gcp|transfer|internet|out|europe-west1||EMEA|shop|AS3320 de|network_owner|flow|10 gb"
    (advice,) = advise(case(rows(TO_GOOGLE, elsewhere), [IDEA]), [IDEA]).items
    assert advice.missing.endswith("where you pay for other things; its flow logs do not show these bytes")


def test_each_pair_of_regions_is_a_conversation_of_its_own() -> None:
    other = "azure|transfer|internet|out|westeurope|||api|aws eu-west-1 EC2|network_owner|flow|2000 gb"
    nowhere = "azure|transfer|internet|out|westeurope|||api|gcp|network_owner|flow|4000 gb"
    keys = {each.key for each in advise(case(rows(TO_GOOGLE, other, nowhere), [IDEA]), [IDEA]).items}
    assert keys == {
        KEY,
        "between-clouds:aws:eu-west-1:azure:westeurope",
        "between-clouds:azure:westeurope:gcp:an-unknown-region",
    }


def test_a_cdn_of_another_cloud_and_the_own_cloud_are_no_conversation() -> None:
    cdn = "azure|transfer|internet|in||westeurope||web|aws CLOUDFRONT|network_owner|flow|9000 gb"
    sent = "azure|transfer|internet|out|westeurope|||web|aws us-east-1 CLOUDFRONT|network_owner|flow|9000 gb"
    own = "aws|transfer|internet|out|us-east-1|||web|aws us-east-1 EC2|network_owner|flow|9000 gb"
    assert advise(case(rows(cdn, sent, own), [IDEA]), [IDEA]).items == ()


@pytest.mark.parametrize(
    ("amount", "given", "said"),
    [
        # 100 GB are free, and 0.09 each: $100 without the price of a line, or the least saving with one.
        ("1211", {}, 0),
        ("1212", {}, 1),
        ("110", {"line_month": Decimal(0)}, 0),
        ("112", {"line_month": Decimal(0)}, 1),
    ],
)
def test_little_is_not_worth_a_word(amount: str, given: dict[str, Decimal], said: int) -> None:
    made = case(rows(TO_GOOGLE.replace("5100", amount)), [IDEA], **given)
    assert len(advise(made, [IDEA]).items) == said
