"""Usage below zero: corrections on a bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import made

from egresscost import pipeline
from egresscost.reporters import Look
from egresscost.reporters import advice as reporter
from egresscost.reporters.page import Page

if TYPE_CHECKING:
    from pathlib import Path


def test_a_correction_does_not_stop_advice_and_is_said(tmp_path: Path) -> None:
    lines = [
        made.line(usage="USE1-APS2-AWS-Out-Bytes", service="AmazonS3", amount="5000", cost="100", resource="films"),
        made.line(usage="USE1-EU-AWS-Out-Bytes", service="AmazonS3", amount="-20", cost="-0.40", resource="films"),
    ]
    path = made.write(tmp_path / "b.csv", lines)
    found = pipeline.run(pipeline.Request([str(path)], advice=pipeline.Wish(wanted=True))).advice
    assert found is not None
    assert found.corrections == 1
    assert found.items
    page = Page(Look(width=100))
    reporter.table(page, found, Look())
    assert "1 kind of use is below zero, as corrections are, and left out of this." in page.bytes().decode()
