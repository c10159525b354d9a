"""egresscost: where a cloud bill's data-transfer money goes.

Goes in: billing files. Comes out: a `Report` whose `bill` is a pandas frame. Never: imports pandas before it is needed.

    >>> import egresscost
    >>> report = egresscost.analyze("cur/")            # doctest: +SKIP
    >>> report.totals[0].network                       # doctest: +SKIP
    Decimal('12698.1508')
    >>> report.bill.groupby("boundary", observed=True)["bytes"].sum()   # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.errors import EgressCostError

if TYPE_CHECKING:
    from egresscost.pipeline import analyze
    from egresscost.results import Report

    __version__: str

__all__ = ["EgressCostError", "Report", "__version__", "analyze"]


def __getattr__(name: str) -> object:
    """Find the version and load the heavy names when they are first used."""
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

        try:
            return version("egresscost")
        except PackageNotFoundError:  # a checkout that was never installed
            return "0+unknown"
    if name == "analyze":
        from egresscost.pipeline import analyze  # noqa: PLC0415

        return analyze
    if name == "Report":
        from egresscost.results import Report  # noqa: PLC0415

        return Report
    message = f"module 'egresscost' has no attribute {name!r}"
    raise AttributeError(message)
