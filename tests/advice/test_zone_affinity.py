"""Pairs of workloads that talk across zones, by hand. List price in us-east-1: $0.01 a GB at each end."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import case

from egresscost.advice import advise
from egresscost.advice.ideas.zone_affinity import IDEA
from egresscost.frame import Basis
from egresscost.results import Standing, Sureness

HEAD = "charge | boundary | direction | from | to | path | via | workload | peer | peer_kind | src_zone | dst_zone | amount"


def rows(*lines: str) -> str:
    return "\n".join([HEAD, *lines])


def crossing(sender: str, receiver: str, zones: str, size: str, path: str = "direct") -> list[str]:
    """Both ends of bytes from one zone to another."""
    start, end = zones.split(">")
    return [
        f"transfer | zone | {way} | us-east-1 | us-east-1 | {path} | {path} | {own} | {other} | workload | {start} | {end} | {size} gb"
        for way, own, other in (("out", sender, receiver), ("in", receiver, sender))
    ]


def test_both_ends_of_what_two_workloads_send_each_other_are_saved() -> None:
    table = rows(
        *crossing("app", "cache", "a>b", "3000"),
        *crossing("cache", "app", "b>a", "6000"),
        *crossing("app", "cache", "b>a", "1000"),
    )
    (advice,) = advise(case(table, [IDEA], local_share=Decimal("0.75")), [IDEA]).items
    # 10,000 GB cross, charged at two ends: 10,000 x 2 x $0.01 = $200.00; three quarters of that: $150.00.
    assert (advice.key, advice.gross, advice.net) == ("zone-affinity:us-east-1:app:cache", Decimal(150), Decimal(150))
    assert (advice.title, advice.standing) == ("Keep app ↔ cache in one zone", Standing.SAVES)
    # Both were seen in zones a and b: routing can do it. The share is an assumption all the same.
    assert (advice.sureness, advice.basis) == (Sureness.MEDIUM, Basis.ESTIMATED)
    assert [(point.value, point.net) for point in advice.curve] == [
        (Decimal("0.25"), Decimal(50)),
        (Decimal("0.5"), Decimal(100)),
        (Decimal("0.75"), Decimal(150)),
        (Decimal(1), Decimal(200)),
    ]


def test_what_stands_in_one_zone_only_makes_the_saving_a_guess() -> None:
    table = rows(*crossing("app", "db", "a>b", "5000"), *crossing("app", "db", "c>b", "5000"))
    (advice,) = advise(case(table, [IDEA]), [IDEA]).items
    # 10,000 GB x 2 x $0.01 x 0.67 = $134.00; db was seen in zone b only.
    assert (advice.net, advice.sureness) == (Decimal(134), Sureness.LOW)
    assert "single zone" in advice.because


@pytest.mark.parametrize(
    ("size", "net", "standing", "subject"),
    # Half of 100 GB x 2 x $0.01 is $1.00, the least saving a month that is worth anybody's time.
    [
        ("100", "1", Standing.SAVES, "us-east-1:app:cache"),
        ("99", "0.99", Standing.DOES_NOT_PAY, "aws:smaller-pairs"),
        ("101", "1.01", Standing.SAVES, "us-east-1:app:cache"),
    ],
)
def test_a_pair_is_worth_it_from_the_least_saving_on(size: str, net: str, standing: Standing, subject: str) -> None:
    made = case(rows(*crossing("app", "cache", "a>b", size)), [IDEA], local_share=Decimal("0.5"))
    (advice,) = advise(made, [IDEA]).items
    assert (advice.subject, advice.net, advice.standing) == (subject, Decimal(net), standing)


def test_small_pairs_are_one_proposal() -> None:
    pairs = [line for number in range(4) for line in crossing("app", f"svc-{number}", "a>b", "50")]
    # Four times 50 GB x 2 x $0.01 = $1.00: enough for a proposal each. At half of it each saves $0.50, together $2.00.
    assert len(advise(case(rows(*pairs), [IDEA], local_share=Decimal(1)), [IDEA]).savings) == 4
    (advice,) = advise(case(rows(*pairs), [IDEA], local_share=Decimal("0.5")), [IDEA]).items
    assert (advice.key, advice.title, advice.net) == (
        "zone-affinity:aws:smaller-pairs",
        "Keep 4 smaller pairs in one zone",
        Decimal(2),
    )


def test_what_is_free_between_zones_or_spoken_of_elsewhere_is_not_proposed() -> None:
    table = rows(
        *crossing("db-1", "db-2", "a>b", "9000", "managed_service"),
        *crossing("app", "nat-1", "a>b", "9000", "nat"),
        *crossing("app", "api", "a>a", "9000", "public_ip"),
        *crossing("app", "far", "a>b", "9000", "transit_gateway"),
        "transfer | none | out | us-east-1 | us-east-1 | direct | direct | app | api | workload | a | a | 9000 gb",
    )
    assert advise(case(table, [IDEA]), [IDEA]).items == ()


def test_without_names_of_both_ends_nothing_can_be_judged() -> None:
    table = """
charge   | boundary | direction | from      | to        | evidence | resource | operation    | amount
transfer | zone     | out       | us-east-1 | us-east-1 | bill     | i-1      | InterZone-Out | 22000 gb
transfer | zone     | in        | us-east-1 | us-east-1 | bill     | i-2      | InterZone-In  | 22000 gb
"""
    (advice,) = advise(case(table, [IDEA], has_flows=False, has_bill=True), [IDEA]).items
    # 44,000 GB x $0.01 = $440.00
    assert (advice.standing, advice.at_stake) == (Standing.NOT_JUDGED, Decimal(440))
    assert "inventory" in advice.missing
