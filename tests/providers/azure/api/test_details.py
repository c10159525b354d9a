"""Cost-details reports: made on demand, looked at again, and fetched by signed links."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from providers.azure.api.cloud import SIGNATURE, SUB, Cloud, Fault, Usage
from providers.azure.api.test_query import EGRESS
from providers.azure.exports import ea, read, text

from egresscost.errors import ServiceError
from egresscost.periods import Window
from egresscost.providers.azure.api.live import AzureLive
from egresscost.sources.live import Ask, Errand, LiveSource, TransientError, What

if TYPE_CHECKING:
    from pathlib import Path

SCOPE = f"/subscriptions/{SUB}"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OCTOBER = Window(date(2026, 10, 1), date(2026, 11, 1))
ROW = ea(Date="10/21/2026", BillingPeriodStartDate="10/01/2026")


@pytest.fixture(autouse=True)
def _report(cloud: Cloud) -> None:
    cloud.reports = {SCOPE: [text([ROW, ROW], bom=True), text([ROW], bom=True)]}
    cloud.lists[f"{SCOPE}/providers/Microsoft.CostManagement/exports"] = []


def errand(source: LiveSource, text: str = f"cost-details:{SCOPE}") -> Errand:
    asked = LiveSource(
        "home", "azure", accounts=(SUB,), bill=(text,), flows=("none",), inventory=False, endpoints=source.endpoints
    )
    (step,) = AzureLive().plan(asked, Ask(OCTOBER, OCTOBER, frozenset({What.BILL}), NOW))
    assert isinstance(step, Errand)
    return step


def fetched(errand: Errand, *, polls: int = 2) -> bytes:
    """The answer; what is still being made is looked at again at once."""
    for _ in range(polls):
        with pytest.raises(TransientError) as caught:
            errand.fetch(io.BytesIO())
        assert (caught.value.after, caught.value.progress) == (3, True)
    file = io.BytesIO()
    errand.fetch(file)
    return file.getvalue()


def bill(content: bytes, folder: Path) -> Decimal:
    path = folder / "report"
    path.write_bytes(content)
    return read(path).total()


def test_a_report_in_several_files_is_one_table(source: LiveSource, tmp_path: Path) -> None:
    content = fetched(errand(source))
    assert content.count(b"BillingAccountId") == 1
    assert bill(content, tmp_path) == 24


def test_a_gzipped_report_is_unpacked(cloud: Cloud, source: LiveSource, tmp_path: Path) -> None:
    cloud.reports[SCOPE] = [gzip.compress(blob) for blob in cloud.reports[SCOPE]]
    assert bill(fetched(errand(source)), tmp_path) == 24


def test_a_file_without_a_last_line_end_does_not_run_into_the_next(
    cloud: Cloud, source: LiveSource, tmp_path: Path
) -> None:
    cloud.reports[SCOPE] = [blob.rstrip() for blob in cloud.reports[SCOPE]]
    assert bill(fetched(errand(source)), tmp_path) == 24


def test_the_signed_link_shows_nowhere(cloud: Cloud, source: LiveSource) -> None:
    step = errand(source)
    for fault in (Fault("/blobs/", 403), Fault("/blobs/", 503), Fault("/blobs/", how="cut")):
        cloud.faults = [fault]
        fails: list[BaseException] = []
        for _ in range(3):
            try:
                step.fetch(io.BytesIO())
            except (ServiceError, TransientError) as error:
                fails.append(error)
        shown = "".join(
            f"{each!r} {each} {each.__context__ if not each.__suppress_context__ else ''}" for each in fails
        )
        assert len(fails) == 3
        assert SIGNATURE not in shown + repr(step) + step.key + step.name


def test_files_with_other_columns_are_no_table(cloud: Cloud, source: LiveSource) -> None:
    cloud.reports[SCOPE] = [text([ROW]), text([{"Another": "x"}])]
    step = errand(source)
    for _ in range(2):
        with pytest.raises(TransientError):
            step.fetch(io.BytesIO())
    with pytest.raises(ServiceError, match="its columns are others"):
        step.fetch(io.BytesIO())


def test_a_gzip_file_that_is_cut_is_tried_again(cloud: Cloud, source: LiveSource) -> None:
    packed = gzip.compress(cloud.reports[SCOPE][0])
    cloud.reports[SCOPE] = [packed[:-12]]
    step = errand(source)
    for _ in range(2):
        with pytest.raises(TransientError):
            step.fetch(io.BytesIO())
    with pytest.raises(TransientError, match="it is cut"):
        step.fetch(io.BytesIO())


@pytest.mark.parametrize("why", ["not made", "no lines", "no permission"])
def test_by_itself_the_query_api_is_asked_where_there_is_no_report(
    cloud: Cloud, source: LiveSource, tmp_path: Path, why: str
) -> None:
    cloud.usage = [Usage(date(2026, 10, 2), "8.25", "100", EGRESS)]
    if why == "not made":
        cloud.reports = {}
    elif why == "no lines":
        cloud.reports[SCOPE] = []
    else:
        cloud.denied = {"generateCostDetailsReport"}
    step = errand(source, "auto")
    assert bill(fetched(step, polls=2 if why == "no lines" else 0), tmp_path) == Decimal("8.25")


def test_a_report_that_is_asked_for_by_name_is_not_replaced(cloud: Cloud, source: LiveSource) -> None:
    cloud.reports = {}
    with pytest.raises(ServiceError, match="not supported for this subscription type"):
        errand(source).fetch(io.BytesIO())
    cloud.reports = {SCOPE: []}
    step = errand(source)
    for _ in range(2):
        with pytest.raises(TransientError):
            step.fetch(io.BytesIO())
    with pytest.raises(ServiceError, match="has no lines for these days"):
        step.fetch(io.BytesIO())


def test_a_report_that_failed_is_said_and_begun_anew(cloud: Cloud, source: LiveSource, tmp_path: Path) -> None:
    step = errand(source)
    for _ in range(2):
        with pytest.raises(TransientError):
            step.fetch(io.BytesIO())
    cloud.faults = [
        Fault("/operations/", 200, body='{"status": "Failed", "error": {"code": "x", "message": "out of luck"}}')
    ]
    with pytest.raises(ServiceError, match="ends with Failed: out of luck"):
        step.fetch(io.BytesIO())
    assert bill(fetched(step), tmp_path) == 24


def test_a_report_is_not_looked_at_again_without_a_pause(cloud: Cloud, source: LiveSource) -> None:
    cloud.faults = [
        Fault("generateCostDetailsReport", 202, {"Location": f"{cloud.url}/operations/x", "Retry-After": "0"})
    ]
    with pytest.raises(TransientError) as caught:
        errand(source).fetch(io.BytesIO())
    assert caught.value.after == 1


def test_a_report_whose_place_is_not_said_or_elsewhere_is_none(cloud: Cloud, source: LiveSource) -> None:
    cloud.faults = [Fault("generateCostDetailsReport", 202)]
    with pytest.raises(ServiceError, match="does not say where"):
        errand(source).fetch(io.BytesIO())
    cloud.faults = [Fault("generateCostDetailsReport", 202, {"Location": "https://elsewhere.example/x"})]
    step = errand(source)
    with pytest.raises(TransientError):
        step.fetch(io.BytesIO())
    with pytest.raises(ServiceError, match="leads to another host"):
        step.fetch(io.BytesIO())
