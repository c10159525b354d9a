"""The user's own rates over the list, and rates learned from a bill."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import egresscost
from egresscost.errors import MissingSourceError, SettingsError
from egresscost.frame import C
from egresscost.money import CostKind
from egresscost.pricing import cards
from egresscost.pricing.effective import as_overlay, effective_rates
from egresscost.pricing.learned import learn
from egresscost.pricing.overlay import Overlaid, Overlay
from egresscost.pricing.overlay_file import load

if TYPE_CHECKING:
    from egresscost.pricing.ladders import Ladder

TODAY = date(2026, 11, 1)
DEMO = Path(egresscost.__file__).parent / "demo" / "bill"
TOML = """
[[discount]]
percent = 10

[[discount]]
charge = "transfer"
boundary = "internet"
from = "us-*"
percent = 12.5
valid_from = 2026-01-01

[[rate]]
provider = "aws"
charge = "transfer"
boundary = "region"
direction = "out"
from = "us-east-1"
unit = "GB"
price = 0.015
currency = "USD"

[[rate]]
provider = "aws"
charge = "transfer"
boundary = "zone"
unit = "GB"
price = "0.008"
currency = "USD"
tier_pool = "none"

[[rate]]
provider = "aws"
charge = "transfer"
boundary = "internet"
direction = "out"
from = "eu-west-1"
unit = "GB"
tier_start = 0
tier_end = 5000
price = 0.08
currency = "USD"

[[rate]]
provider = "aws"
charge = "transfer"
boundary = "internet"
direction = "out"
from = "eu-west-1"
unit = "GB"
tier_start = 5000
price = 0.06
currency = "USD"
"""
CSV = """provider,charge,boundary,direction,from,to,unit,price,currency,percent,tier_pool,allowance_pool
# a comment
aws,transfer,internet,out,sa-east-1,,GB,0.1,USD,,none,none

aws,nat,,,,,,,,20,,
"""


def overlaid(folder: Path, text: str, name: str = "rates.toml") -> Overlaid:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return Overlaid(cards.default(), load(str(path)))


def look(prices: Overlaid, day: date = TODAY, **known: str) -> Ladder:
    source = {"source": "from", "destination": "to"}
    keys = {"unit": "GB", "charge": "transfer", **{source.get(name, name): value for name, value in known.items()}}
    found = prices.ladder("aws", keys, day)
    assert found is not None
    return found


def test_a_discount_changes_each_tier_exactly_and_says_so(tmp_path: Path) -> None:
    prices = overlaid(tmp_path, TOML)
    found = look(prices, boundary="internet", direction="out", source="us-east-1")
    assert [str(rate.price) for rate in found.rates] == ["0.07875", "0.074375", "0.06125", "0.04375"]
    assert (found.tier_pool, found.allowance_pool) == ("internet:us-east-1", "internet:free")
    assert found.rates[0].source.id == "overlay rates.toml"
    assert found.rates[0].note == "12.5 % off 0.09 USD of ec2-vps-rates"
    assert found.id.endswith("(overlay rates.toml)")


def test_the_most_particular_discount_counts_alone_and_only_while_it_holds(tmp_path: Path) -> None:
    prices = overlaid(tmp_path, TOML)
    before = look(prices, date(2025, 12, 31), boundary="internet", direction="out", source="us-east-1")
    assert before.rates[0].price == Decimal("0.081")
    nat = look(prices, charge="nat", direction="both", via="nat", source="us-east-1")
    assert nat.rates[0].price == Decimal("0.0405")
    inferred = look(prices, charge="nat", direction="both", via="nat", source="mx-central-1")
    assert inferred.is_inferred


def test_an_absolute_rate_takes_the_place_of_the_list_and_keeps_its_pools(tmp_path: Path) -> None:
    prices = overlaid(tmp_path, TOML)
    region = look(prices, boundary="region", direction="out", source="us-east-1", destination="eu-west-1")
    assert (region.rates[0].price, region.rates[0].basis) == (Decimal("0.015"), "negotiated")
    assert region.rates[0].source.title == f"Own rates, {tmp_path / 'rates.toml'}:12"
    tiers = look(prices, boundary="internet", direction="out", source="eu-west-1")
    assert [(rate.start, rate.end, rate.price) for rate in tiers.rates] == [
        (Decimal(0), Decimal(5000), Decimal("0.08")),
        (Decimal(5000), None, Decimal("0.06")),
    ]
    assert (tiers.tier_pool, tiers.allowance_pool) == ("internet:eu-west-1", "internet:free")


def test_a_rate_for_everything_leaves_what_is_free_by_one_path_free(tmp_path: Path) -> None:
    prices = overlaid(tmp_path, TOML)
    ends = {"boundary": "zone", "direction": "out", "source": "us-east-1", "destination": "us-east-1"}
    assert look(prices, **ends).rates[0].price == Decimal("0.008")
    assert look(prices, **ends, via="transit_gateway").rates[0].price == 0
    assert look(prices, boundary="zone", direction="unknown", source="us-east-1", destination="us-east-1").rates[
        0
    ].price == Decimal("0.008")
    lightsail = {
        "unit": "GB",
        "charge": "transfer",
        "boundary": "internet",
        "direction": "out",
        "from": "us-east-1",
        "via": "lightsail",
    }
    assert prices.ladder("aws", lightsail, TODAY) is None


def test_the_overlay_of_the_guide_is_one(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "guides" / "prices.md").read_text(encoding="utf-8")
    text = page.partition('```toml title="rates.toml"\n')[2].partition("```")[0]
    found = overlaid(tmp_path, text).overlay
    assert (len(found.ladders), len(found.discounts)) == (1, 1)


def test_a_csv_file_says_the_same(tmp_path: Path) -> None:
    prices = overlaid(tmp_path, CSV, "rates.csv")
    flat = look(prices, boundary="internet", direction="out", source="sa-east-1")
    assert (flat.rates[0].price, flat.tier_pool, flat.allowance_pool) == (Decimal("0.1"), "", "")
    assert look(prices, charge="nat", direction="both", via="nat", source="us-east-1").rates[0].price == Decimal(
        "0.036"
    )
    assert prices.allowance("aws", "internet:free", TODAY) is not None
    assert "aws" in prices.providers()
    assert prices.ladders("aws")[0].origin == "overlay rates.csv"


def test_a_cloud_without_cards_can_have_own_rates(tmp_path: Path) -> None:
    prices = overlaid(tmp_path, CSV.replace("aws,transfer", "atlantis,transfer"), "rates.csv")
    assert prices.providers() == ["atlantis", "aws", "azure", "gcp"]
    found = prices.ladder(
        "atlantis",
        {"charge": "transfer", "unit": "GB", "boundary": "internet", "direction": "out", "from": "sa-east-1"},
        TODAY,
    )
    assert found is not None
    assert found.allowance_pool == ""


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[[discount]]\npercnt = 10\n", ":1: unknown key 'percnt' in a discount", 'did you mean "percent"?'),
        ("[[discount]]\n", ":1: the discount says no percent", "docs/guides/prices.md"),
        ("# first\n\n[[discount]]\npercent = 110\n", ":3: percent is 110, more than 100", None),
        ('[[discount]]\npercent = "ten"\n', ":1: percent is 'ten'", "write it plain"),
        (
            '[[discount]]\npercent = 5\nboundary = "interent"\n',
            ":1: boundary is 'interent'",
            'did you mean "internet"?',
        ),
        ('[[discount]]\npercent = 5\nvalid_from = "soon"\n', ":1: valid_from is 'soon', which is no day", "2026-01-31"),
        ('[[rate]]\nprovider = "aws"\n', ":1: the rate says no charge, unit, price, currency", None),
        ("[rate]\nprice = 1\n", ":1: 'rate' is no [[rate]]", None),
        ("a = 1\n[[discounts]]\npercent = 1\n", ":1: 'a' is no [[rate]]", None),
        ("a = \n", "is no TOML", None),
        (
            '[[rate]]\nprovider = "aws"\ncharge = "nat"\nunit = "TB"\nprice = 1\ncurrency = "USD"\n',
            ":1: unit is 'TB'",
            None,
        ),
        (
            '[[rate]]\nprovider = "aws"\ncharge = "nat"\nunit = "GB"\nprice = -1\ncurrency = "USD"\n',
            ":1: price is '-1'",
            None,
        ),
        (
            '[[rate]]\nprovider = "aws"\ncharge = "nat"\nunit = "GB"\nprice = 1\ncurrency = "USD"\n' * 2,
            ":7: a second rate for what",
            None,
        ),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, text: str, message: str, hint: str | None) -> None:
    with pytest.raises(SettingsError) as caught:
        overlaid(tmp_path, text)
    assert message in caught.value.message
    assert hint is None or hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("provider,percent,price\naws,1,1\n", ":2: the row has both a price and a percent"),
        ("provider,percent\naws,\n", ":2: the row has neither"),
        ("provider,percent\naws\n", ":2: 1 cells, and the head has 2"),
        ('provider,percent\n"aws,1\n', "no CSV"),
    ],
)
def test_mistakes_in_csv_are_named_with_their_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message.replace(":", ":?")):
        overlaid(tmp_path, text, "rates.csv")


def test_a_file_that_cannot_be_an_overlay_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingSourceError):
        load(str(tmp_path / "absent.toml"))
    for name, content in (("rates.txt", b"percent"), ("rates.csv", b"\xff\xfe\xff")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SettingsError):
            load(str(tmp_path / name))


def test_the_rates_of_a_bill_are_cost_divided_by_quantity_tier_by_tier() -> None:
    report = egresscost.analyze(DEMO, since="2026-09", until="2026-10")
    rates = effective_rates(report.bill)
    by_kind = {
        (each.keys["charge"], each.keys["boundary"], each.keys["direction"], each.keys["from"], each.keys["unit"]): each
        for each in rates
    }
    internet = by_kind["transfer", "internet", "out", "us-east-1", "GB"]
    assert internet.quantity is not None
    assert internet.cost is not None
    assert internet.rate is not None
    assert abs(internet.rate * internet.quantity - internet.cost) < Decimal("0.0000001")
    assert [part.rate for part in internet.parts] == [Decimal("0.09"), Decimal("0.085"), Decimal("0.07"), Decimal(0)]
    assert (internet.lowest, internet.highest) == (Decimal(0), Decimal("0.09"))
    assert sum(part.cost for part in internet.parts) == internet.cost
    assert [each.cost or 0 for each in rates] == sorted((each.cost or 0 for each in rates), reverse=True)


def test_what_a_bill_does_not_say_is_missing_not_zero() -> None:
    bill = egresscost.analyze(DEMO, since="2026-09", until="2026-10").bill
    nat = (bill[C.CHARGE] == "nat") & (bill[C.UNIT] == "GB")
    bill.loc[nat, C.BILLED_COST] = None
    found = [each for each in effective_rates(bill) if each.keys["charge"] == "nat" and each.keys["unit"] == "GB"]
    assert found
    for each in found:
        assert (each.rate, each.quantity, each.cost, each.lowest, each.parts) == (None, None, None, None, ())
        assert each.incomplete > 0
    assert as_overlay(found, "bill").ladders == ()
    assert effective_rates(bill, CostKind.NET)
    assert effective_rates(bill.iloc[:0]) == ()


def test_learned_rates_count_before_the_list() -> None:
    bill = egresscost.analyze(DEMO, since="2026-09", until="2026-10").bill
    prices = Overlaid(cards.default(), as_overlay(effective_rates(bill), "bill of 2026-09"))
    found = look(prices, boundary="internet", direction="out", source="us-east-1", via="nat")
    assert (found.rates[0].basis, found.rates[0].confidence, found.tier_pool) == ("learned", "medium", "")
    assert found.rates[0].price == Decimal("0.084477718360")
    assert "an average of rates from 0 to 0.09" in found.rates[0].note
    nat = look(prices, charge="nat", direction="both", via="nat", source="us-east-1")
    assert (nat.rates[0].basis, nat.rates[0].confidence) == ("learned", "high")
    listed = look(prices, boundary="internet", direction="out", source="sa-east-1")
    assert listed.rates[0].basis == "observed"
    assert all(ladder.keys["from"] or ladder.keys["to"] for ladder in prices.overlay.ladders)


def test_a_discount_on_rows_of_its_own_teaches_the_price_that_is_paid_and_an_allowance_teaches_nothing() -> None:
    bill = egresscost.analyze(DEMO, since="2026-10").bill
    learned = learn(bill, cards.default(), [date(2026, 10, 1)], CostKind.BILLED)
    prices = Overlaid(cards.default(), Overlay(""), learned)

    def tiers(**keys: str) -> list[Decimal]:
        return [each.price for each in look(prices, direction="out", **keys).rates[:2]]

    # A discount of 20 % on CloudFront: 0.085 x 0.8 and 0.080 x 0.8. Its free TB is on the bill at 0.085 and at no cost.
    assert tiers(boundary="edge", source="edge-US") == [Decimal("0.068"), Decimal("0.064")]
    # 100 GB to the internet are free on the bill and 0.09 on the list: that is the allowance, and no discount.
    assert tiers(boundary="internet", source="us-east-1") == [Decimal("0.09"), Decimal("0.085")]
