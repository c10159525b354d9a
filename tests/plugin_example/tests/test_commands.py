"""Every command knows Nimbus once the package is installed; each figure is worked out by hand beside its test."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from egresscost.cli.app import run

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent / "samples"
STATEMENT, TRAIL = ("-i", str(FOLDER / "statement.csv")), ("-i", str(FOLDER / "shop.trail"))
CARDS = ("--inventory", str(FOLDER / "cards.json"))


@pytest.fixture
def say(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., str]:
    """Run a command line in an empty folder, at the end of October 2026; what it prints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1793500000")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def call(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            run(list(arguments))
        out, err = capsysbinary.readouterr()
        assert (ended.value.code or 0) == code, err.decode()
        return out.decode()

    return call


def test_the_report_sums_up_a_statement_and_its_trail_and_the_idea_speaks(say: Callable[..., str]) -> None:
    """16 + 0.505 + 0.30 + 1.20 + 0.96 = 18.965 of 22.645 before the credit.

    300 GB cost (300 - 100) x 0.08 = 16; half of them (150 - 100) x 0.08 = 4: an umbrella spares 12.
    """
    said = say("report", *STATEMENT, *TRAIL, *CARDS, "--advice")
    assert "nimbus: 1 account" in said
    assert "$18.96 data transfer    83.7 % of the bill ($22.64)    100.0 % placed" in said
    assert "An umbrella for shop" in said
    assert "Inter-region, out: box-far" in said
    assert "Inter-region, out: nimbus sky-2" in said  # a public address of Nimbus's own list is no internet
    assert "charged at both ends" not in said  # the cards say that only the sender pays
    assert "saves $12.00 in the period" in say("explain", "A1", *STATEMENT)


def test_a_quote_goes_by_the_tiers_of_the_package(say: Callable[..., str]) -> None:
    """1,024 x 0.08 + 876 x 0.05 = 125.72 after 100 free; 100 x 0.01 = 1."""
    said = say("prices", "quote", "--provider", "nimbus", "--charge", "internet", "--from", "sky-1", "--gb", "2000")
    assert "sky-1 (nimbus): $125.72" in said
    compared = say("prices", "quote", "--provider", "all", "--charge", "zone", "--from", "low clouds", "--gb", "100")
    assert "sky-1 (nimbus): $1.00" in compared
    assert "no errors" in say("prices", "check", "--provider", "nimbus")


def test_explain_says_why_and_who(say: Callable[..., str]) -> None:
    assert "Nimbus charges the sender." in say("explain", "internet", *STATEMENT)
    talk = say("explain", "box-web", *TRAIL, *CARDS)
    assert "sent <0.001 GB, received <0.001 GB, with 3 other ends" in talk
    assert "The sender pays for each byte that leaves a zone." in say("explain", "10.0.1.5", "10.0.2.9", *TRAIL, *CARDS)


def test_an_export_has_every_row(say: Callable[..., str]) -> None:
    say("export", *STATEMENT, "-o", "bill.csv")
    say("export", *TRAIL, *CARDS, "-o", "flows.csv")
    bill, flows = (list(csv.DictReader(Path(name).read_text().splitlines())) for name in ("bill.csv", "flows.csv"))
    assert sum(Decimal(row["billed_cost"]) for row in bill) == Decimal("22.645")
    assert {row["provider"] for row in (*bill, *flows)} == {"nimbus"}
    sent = [(row["boundary"], int(row["bytes"])) for row in flows if row["charge"] == "transfer"]
    assert sorted(sent) == [
        ("internet", 60),
        ("internet", 300),
        ("internet", 5000),
        ("region", 80),
        ("region", 900),
        ("zone", 7000),
    ]


def test_the_format_of_the_package_is_written(say: Callable[..., str]) -> None:
    say("report", *STATEMENT, "-o", "x.shout")
    assert Decimal(Path("x.shout").read_text().removesuffix(" USD!\n")) == Decimal("18.965")
    assert "report   shout" in say("help", "formats")


def test_doctor_names_all_that_the_package_brings(say: Callable[..., str]) -> None:
    said = say("doctor", *STATEMENT, *TRAIL)
    for line in (
        "provider   nimbus     egresscost-nimbus ok",
        "idea       umbrella   egresscost-nimbus ok",
        "format     shout      egresscost-nimbus ok",
        "nimbus     13 list prices, the newest of 2026-10-01",
        "Nimbus statement, 1 file, 8 rows",
        "Nimbus trail, 1 file, 9 rows",
    ):
        assert line in said
    assert "made up; the ranges are the IANA's own" in said


def test_focus_files_of_nimbus_are_placed(say: Callable[..., str], tmp_path: Path) -> None:
    head = "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ProviderName,ServiceName,RegionId,ChargeDescription"
    day = "holder-1,USD,2026-10-01T00:00:00Z,Usage,2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,Nimbus,Boxes,sky-1"
    rows = [f"5,{day},Sky egress", f"7,{day},Cloud storage"]
    (tmp_path / "focus.csv").write_text("".join(f"{line}\n" for line in [head, *rows]))
    assert "$5.00 data transfer    41.7 % of the bill ($12.00)    100.0 % placed" in say("report", "-i", "focus.csv")
