"""What flow logs cost, by hand: $0.50 a GB to the log service, $0.25 to storage."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import GB, case

from egresscost.advice import Logs, advise
from egresscost.advice.ideas.flow_log_cost import IDEA
from egresscost.results import AdviceList, Standing, Sureness

ROWS = """
charge   | boundary | direction | from      | amount
transfer | internet | out       | us-east-1 | 1100 gb
"""


def found(size: Decimal, destination: str = "", seconds: int | None = None, **given: Decimal) -> AdviceList:
    logs = Logs("aws", 4_000_000, int(size * GB), destination, seconds)
    return advise(case(ROWS, [IDEA], logs=(logs,), **given), [IDEA])


def test_storage_takes_them_for_half_of_what_the_log_service_asks() -> None:
    result = found(Decimal(400), "log_service", 600)
    (advice,) = result.items
    # 400 GB x $0.50 = $200.00, and 400 x $0.25 = $100.00 instead.
    assert (advice.key, advice.gross, advice.new_cost, advice.net) == (
        "flow-log-cost:aws:to_storage",
        Decimal(200),
        Decimal(100),
        Decimal(100),
    )
    assert [(each.title, each.cost) for each in advice.spared] == [("delivery to the log service", Decimal(200))]
    assert (advice.title, advice.sureness) == ("Flow logs to S3 instead of CloudWatch Logs", Sureness.LOW)
    assert "400.00 GB unpacked, 4,000,000 records" in advice.change
    # What is spared outside of the ledger is in the cost that savings are a part of: 1,000 x $0.09, and $200.00.
    assert (result.total, result.cost) == ({"USD": Decimal(100)}, {"USD": Decimal(290)})


def test_longer_windows_make_fewer_records_at_the_price_that_is_left() -> None:
    storage, window = found(Decimal(400), "log_service", 60).items
    assert (storage.subject, storage.net) == ("aws:to_storage", Decimal(100))
    # 400 GB x 0.3 x $0.25 = $30.00.
    assert (window.subject, window.net, window.pools) == ("aws:longer_window", Decimal(30), ())


@pytest.mark.parametrize(
    ("size", "destination", "seconds", "standing"),
    [
        # $0.50 - $0.25 = $0.25 a GB; $1.00 is 4 GB.
        ("4", "log_service", None, Standing.SAVES),
        ("3.9", "log_service", None, Standing.DOES_NOT_PAY),
        # 0.5 x $0.25 = $0.125 a GB; $1.00 is 8 GB.
        ("8", "storage", 60, Standing.SAVES),
        ("7.9", "storage", 60, Standing.DOES_NOT_PAY),
    ],
)
def test_it_is_worth_it_from_the_least_saving_on(
    size: str, destination: str, seconds: int | None, standing: Standing
) -> None:
    (advice,) = found(Decimal(size), destination, seconds, window_share=Decimal("0.5")).items
    assert advice.standing is standing


def test_where_they_go_must_be_known() -> None:
    (advice,) = found(Decimal(400)).items
    # At least 400 GB x $0.25 = $100.00 are at stake.
    assert (advice.standing, advice.at_stake, advice.currency) == (Standing.NOT_JUDGED, Decimal(100), "USD")


def test_what_costs_the_least_already_is_left_alone() -> None:
    assert found(Decimal(400), "storage", 600).items == ()
    assert advise(case(ROWS, [IDEA]), [IDEA]).items == ()
