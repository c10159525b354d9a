"""The façade."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import made
import pytest

import egresscost
from egresscost.errors import EgressCostError, ExitCode

if TYPE_CHECKING:
    from pathlib import Path


def test_all_is_true() -> None:
    assert egresscost.__all__ == sorted(egresscost.__all__)
    for name in egresscost.__all__:
        assert getattr(egresscost, name) is not None


def test_what_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_like_it"):
        egresscost.nothing_like_it  # noqa: B018


def test_a_report_has_the_frame(tmp_path: Path) -> None:
    report = egresscost.analyze(made.write(tmp_path / "b.csv", [made.line()]))
    assert isinstance(report, egresscost.Report)
    assert report.bill.groupby("boundary", observed=True)["bytes"].sum().to_dict() == {"internet": 2 * 2**30}


def test_analyze_has_everything_documented() -> None:
    text = inspect.getdoc(egresscost.analyze) or ""
    for name in inspect.signature(egresscost.analyze).parameters:
        assert f"{name}:" in text


def subclasses(kind: type[EgressCostError]) -> list[type[EgressCostError]]:
    return [each for child in kind.__subclasses__() for each in (child, *subclasses(child))]


def test_every_error_has_a_code_of_its_own_an_exit_code_and_words() -> None:
    kinds = subclasses(EgressCostError)
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        assert kind.code.startswith("EC-")
        assert kind.exit_code in set(ExitCode) - {ExitCode.OK}
        assert kind.__doc__


def test_an_error_puts_its_hint_last() -> None:
    error = EgressCostError("It broke", details=["because"], hint="mend it")
    assert str(error).splitlines() == ["It broke   [EC-00]", "  because", "hint: mend it"]
