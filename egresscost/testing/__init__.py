"""The conformance kit: what every cloud must hold to, for the tests of whoever writes a provider.

Goes in: a provider, and small files of its own with what is in them. Comes out: nothing, or a `ConformanceError` that says
what to mend. Never: needs a test runner, or a network.

    import pytest
    from egresscost.testing import BillSample, Samples, checks

    SAMPLES = Samples(bills=(BillSample("bill.csv", "acme", rows=3, totals={"USD": "12.50"}),))

    @pytest.mark.parametrize("check", checks(PROVIDER, SAMPLES), ids=str)
    def test_conformance(check):
        check.run()
"""

from __future__ import annotations

from egresscost.errors import ConformanceError
from egresscost.testing.checks import Check, checks, conformance
from egresscost.testing.samples import BillSample, FlowSample, InventorySample, Samples

__all__ = [
    "BillSample",
    "Check",
    "ConformanceError",
    "FlowSample",
    "InventorySample",
    "Samples",
    "checks",
    "conformance",
]
