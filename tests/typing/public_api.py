"""Never run: read by a type checker, as somebody's notebook or script would be."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import assert_type

import pandas as pd

import egresscost
from egresscost import EgressCostError, Report, analyze
from egresscost.errors import ExitCode, SourceError


def uses() -> None:
    """Use every public name."""
    report = analyze(
        ["cur/", Path("more.parquet")],
        since="2026-10",
        until="2026-11",
        group_by=["service", "tag:team"],
        filters={"account": ["!sandbox"]},
        cost="net",
        account_names={"100000000011": "media-prod"},
    )
    assert_type(report, Report)
    assert_type(egresscost.__version__, str)
    assert_type(report.bill, pd.DataFrame)
    assert_type(report.partial, bool)

    for totals in report.totals:
        assert_type(totals.currency, str)
        assert_type(totals.network, Decimal | None)
        assert_type(totals.share, Decimal | None)

    for line in report.boundaries.lines:
        assert_type(line.bytes, int | None)
        assert_type(line.keys["boundary"], str | None)

    try:
        analyze("cur/")
    except SourceError as error:
        assert_type(error.exit_code, ExitCode)
    except EgressCostError as error:
        assert_type(error.hint, str | None)
        assert_type(error.details, tuple[str, ...])

    analyze("cur/", until=5)  # type: ignore[arg-type]  # a wrong call is found; an ignore that finds nothing is an error
    report.totals[0].network = Decimal(1)  # type: ignore[misc]  # results are frozen
