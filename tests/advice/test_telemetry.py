"""Compressing telemetry, by hand. us-east-1: NAT $0.045 a GB, internet $0.09 beyond the free 100 GB."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import case

from egresscost.advice import advise
from egresscost.advice.ideas.telemetry import IDEA
from egresscost.results import Standing, Sureness

HEAD = "charge | boundary | direction | from | via | workload | peer | amount"
REST = "transfer|internet|out|us-east-1||web||100 gb"
"""Uses up what is free."""


def rows(*lines: str) -> str:
    return "\n".join([HEAD, REST, *lines])


def sent(size: str, workload: str = "fluent-bit", peer: str = "gcp us-central1") -> list[str]:
    return [
        f"transfer|internet|out|us-east-1|nat|{workload}|{peer}|{size} gb",
        f"nat|internet|out|us-east-1|nat|{workload}|{peer}|{size} gb",
    ]


def test_half_of_it_gets_five_times_smaller_on_both_charges() -> None:
    (advice,) = advise(case(rows(*sent("1000")), [IDEA]), [IDEA]).items
    # 0.5 x (1 - 1/5) = 0.4 of 1,000 GB: 400 x (0.09 + 0.045) = $54.00.
    assert (advice.key, advice.net) == ("telemetry:fluent-bit:gcp", Decimal(54))
    assert (advice.title, advice.sureness) == ("Compress what fluent-bit sends to gcp", Sureness.LOW)
    assert [(point.value, point.net) for point in advice.curve][-1] == (Decimal(1), Decimal(108))


@pytest.mark.parametrize(
    ("ratio", "plain", "net"),
    # p x (1 - 1/r) of 1,000 GB x $0.135.
    [("2", "1", "67.5"), ("10", "1", "121.5"), ("4", "0.2", "20.25"), ("5", "0.5", "54")],
)
def test_the_saving_is_the_plain_part_less_what_stays_of_it(ratio: str, plain: str, net: str) -> None:
    made = case(rows(*sent("1000")), [IDEA], telemetry_ratio=Decimal(ratio), telemetry_plain=Decimal(plain))
    (advice,) = advise(made, [IDEA]).items
    assert advice.net == Decimal(net)


@pytest.mark.parametrize(
    ("size", "standing"),
    # 0.4 x $0.135 = $0.054 a GB; $1.00 is 18.52 GB.
    [("19", Standing.SAVES), ("18", Standing.DOES_NOT_PAY)],
)
def test_it_is_worth_it_from_the_least_saving_on(size: str, standing: Standing) -> None:
    (advice,) = advise(case(rows(*sent(size)), [IDEA]), [IDEA]).items
    assert advice.standing is standing


def test_a_vendor_is_known_by_its_addresses_whoever_sends() -> None:
    (advice,) = advise(case(rows(*sent("1000", "web", "datadog us1 intake")), [IDEA]), [IDEA]).items
    assert advice.subject == "web:datadog"


def test_what_is_already_compressed_saves_nothing() -> None:
    for given in ({"telemetry_plain": Decimal(0)}, {"telemetry_ratio": Decimal(1)}):
        assert advise(case(rows(*sent("1000")), [IDEA], **given), [IDEA]).items == ()


def test_other_senders_are_no_telemetry() -> None:
    assert advise(case(rows(*sent("1000", "vector-search")), [IDEA]), [IDEA]).items == ()
