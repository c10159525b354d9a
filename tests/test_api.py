"""The façade."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import made
import pytest

import egresscost
from egresscost.errors import EgressCostError, ExitCode, SettingsError, UsageError

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


def test_a_filter_may_be_one_text_or_several(tmp_path: Path) -> None:
    path = made.write(tmp_path / "b.csv", [made.line(cost="1"), made.line(cost="2", service="AmazonS3")])
    assert egresscost.analyze(path, filters={"service": "AmazonS3"}).totals[0].network == 2
    assert egresscost.analyze(path, filters={"service": ["AmazonS3", "AmazonEC2"]}).totals[0].network == 3
    assert egresscost.analyze(path, group_by="service").breakdowns[0].keys == ("service",)


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"filters": {"servce": ["AmazonS3"]}}, "'servce' is no filter", 'did you mean "service"?'),
        ({"filters": {"colour": "red"}}, "'colour' is no filter", None),
        ({"on_bad_row": "skp"}, "on_bad_row is 'skp'", 'did you mean "skip"?'),
        ({"same_period": "old"}, "same_period is 'old'", None),
        ({"cost": "amortised"}, "cost is 'amortised'", 'did you mean "amortized"?'),
    ],
)
def test_what_analyze_does_not_know_is_an_error_that_says_what_there_is(
    tmp_path: Path, options: dict[str, Any], message: str, hint: str | None
) -> None:
    path = made.write(tmp_path / "b.csv", [made.line()])
    with pytest.raises(UsageError, match=message) as caught:
        egresscost.analyze(path, **options)
    assert caught.value.details[0].startswith("known: ")
    assert caught.value.hint == hint


@pytest.mark.parametrize("text", ["abc", "1.5", "99999999999999", "9" * 30, "-1"])
def test_a_present_that_is_none_is_an_error_in_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    with pytest.raises(SettingsError, match=f"SOURCE_DATE_EPOCH is '{text}', not seconds since 1970"):
        egresscost.analyze(made.write(tmp_path / "b.csv", [made.line()]))


def subclasses(kind: type[EgressCostError]) -> list[type[EgressCostError]]:
    return [each for child in kind.__subclasses__() for each in (child, *subclasses(child))]


def test_every_error_has_a_code_of_its_own_an_exit_code_and_words() -> None:
    kinds = [kind for kind in subclasses(EgressCostError) if kind.__module__ == EgressCostError.__module__]
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        assert kind.code.startswith("EC-")
        assert kind.exit_code in set(ExitCode) - {ExitCode.OK}
        assert kind.__doc__


def test_an_error_puts_its_hint_last() -> None:
    error = EgressCostError("It broke", details=["because"], hint="mend it")
    assert str(error).splitlines() == ["It broke   [EC-00]", "  because", "hint: mend it"]
