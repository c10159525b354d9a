"""What `prices check` finds, and what differs between two sets of cards."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from egresscost.errors import MissingSourceError, SettingsError
from egresscost.pricing import cards
from egresscost.pricing.check import check
from egresscost.pricing.listing import Side, Wanted, difference, entries

if TYPE_CHECKING:
    from egresscost.results import Finding

ROOT = Path(__file__).parents[2] / "pricing"
TODAY = date(2026, 11, 1)
HEAD = "charge,boundary,direction,from,to,via,network_tier,dst_geo,unit,tier_start,tier_end,price,currency,tier_pool,allowance_pool,valid_from,valid_to,as_of,basis,confidence,source,confirmed_by,note"
GOOD = "nat,,both,mars-1,,nat,,,GB,0,,0.05,USD,,,,,2026-10-01,observed,high,made,,"


def folder(place: Path, *rows: str, name: str = "nat.csv") -> cards.Cards:
    cloud = place / "mars"
    cloud.mkdir(exist_ok=True)
    (cloud / "sources.csv").write_text("source,kind,date,title\nmade,dataset,,Made up\n", encoding="utf-8")
    (cloud / "allowances.csv").write_text(
        "allowance,quantity,unit,scope,valid_from,valid_to,as_of,confidence,source,note\n"
        "free,100,GB,organization and month,,,,high,made,\n",
        encoding="utf-8",
    )
    (cloud / name).write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return cards.of_folder(place)


def found(place: Path, *rows: str) -> list[Finding]:
    return list(check(folder(place, *rows), TODAY, 400).findings)


def changed(**cells: str) -> str:
    columns = HEAD.split(",")
    row = dict(zip(columns, GOOD.split(","), strict=True)) | {name.rstrip("_"): text for name, text in cells.items()}
    return ",".join(row[column] for column in columns)


def test_our_own_cards_have_no_errors() -> None:
    result = check(cards.default(), TODAY, 400)
    assert [each for each in result.findings if each.severity == "error"] == []
    assert {each.code for each in result.findings} == {"ends", "old", "inferred", "doubtful", "undated"}
    assert sum(result.rates.values()) == sum(
        len(file.read_text(encoding="utf-8").splitlines()) - 1
        for file in ROOT.glob("*/*.csv")
        if file.name not in {"sources.csv", "allowances.csv", "groups.csv"}
    )


def test_our_own_gaps_are_named() -> None:
    found = check(cards.default(), TODAY, 400, "aws").gaps
    gaps = {(each.charge, each.boundary, each.via, each.unit): each for each in found}
    nat = gaps["nat", "", "nat", "GB"]
    assert (nat.known, nat.inferred) == (34, 8)
    assert "eusc-de-east-1" in nat.missing
    assert gaps["public_address", "", "", "hours"].missing == ()
    assert not any("edge-EU" in each.missing for each in gaps.values())


def test_a_gap_of_one_network_tier_is_a_gap() -> None:
    gaps = [each for cloud in ("azure", "gcp") for each in check(cards.default(), TODAY, 400, cloud).gaps]
    internet = {
        (each.provider, each.network_tier): each for each in gaps if (each.boundary, each.via) == ("internet", "")
    }
    assert {"brazilsouth", "chinanorth", "austriaeast"} <= set(internet["azure", "internet_routing"].missing)
    assert "austriaeast" not in internet["azure", ""].missing
    assert internet["gcp", "standard"].missing == ("europe-west5", "us-east7")
    assert internet["gcp", ""].missing == ()


def test_a_good_card_has_nothing_to_say(tmp_path: Path) -> None:
    assert found(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("rows", "code", "severity", "message", "places"),
    [
        ([GOOD, changed(price="0.06")], "conflict", "error", "0.05 USD and 0.06 USD", ("mars/nat.csv:2", "mars/nat.csv:3")),
        ([GOOD, changed(currency="EUR")], "conflict", "error", "0.05 USD and 0.05 EUR", ("mars/nat.csv:2", "mars/nat.csv:3")),
        ([GOOD, GOOD], "repeated", "warning", "the same rate twice", ("mars/nat.csv:2", "mars/nat.csv:3")),
        ([changed(tier_start="10")], "hole", "error", "begins at 10", ("mars/nat.csv:2",)),
        ([changed(tier_end="10"), changed(tier_start="20")], "hole", "error", "no tier from 10 to 20", ("mars/nat.csv:2", "mars/nat.csv:3")),
        ([changed(tier_end="10"), changed(tier_start="10", price="1")], "dearer", "warning", "gets dearer at 10", ("mars/nat.csv:3",)),
        ([changed(tier_end="10")], "ends", "warning", "no rate above 10", ("mars/nat.csv:2",)),
        ([changed(source="heard")], "unknown-source", "error", "'heard'", ("mars/nat.csv:2",)),
        ([changed(confirmed_by="made|heard")], "unknown-source", "error", "'heard'", ("mars/nat.csv:2",)),
        ([changed(allowance_pool="gift")], "unknown-allowance", "error", "'gift'", ("mars/nat.csv:2",)),
        (
            [changed(tier_pool="p", tier_end="10"), changed(tier_pool="p", tier_start="10"), changed(tier_pool="p", via="other")],
            "pool-differs",
            "error",
            "the pool p",
            ("mars/nat.csv:2", "mars/nat.csv:4"),
        ),
        ([changed(as_of="2024")], "old", "warning", "1 rates of mars are older than 400 days", ("mars/nat.csv:2",)),
        ([changed(as_of="")], "undated", "note", "1 rates of mars have no date", ("mars/nat.csv:2",)),
        ([changed(basis="inferred")], "inferred", "note", "1 rates of mars were never observed", ("mars/nat.csv:2",)),
        ([changed(confidence="low")], "doubtful", "note", "low confidence", ("mars/nat.csv:2",)),
        ([changed(unit="TB")], "unreadable", "error", "mars/nat.csv:2: unit is 'TB'", None),
        ([changed(price="x")], "unreadable", "error", "mars/nat.csv:2: price is 'x'", None),
        ([changed(price="NaN")], "unreadable", "error", "mars/nat.csv:2: price is 'NaN'", None),
        ([changed(valid_from="2026-13-01")], "unreadable", "error", "no day", None),
        ([changed(tier_start="5", tier_end="5")], "unreadable", "error", "ends at 5 and begins at 5", None),
        (["nat,,"], "unreadable", "error", "3 cells", None),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_card_is_found(  # noqa: PLR0917  the columns of the table
    tmp_path: Path, rows: list[str], code: str, severity: str, message: str, places: tuple[str, ...] | None
) -> None:
    (finding,) = found(tmp_path, *rows)
    assert (finding.code, finding.severity) == (code, severity)
    assert message in finding.message
    assert places is None or finding.details == places


def test_rates_that_follow_each_other_are_no_conflict(tmp_path: Path) -> None:
    assert found(tmp_path, changed(valid_to="2026-01-01"), changed(valid_from="2026-01-01", price="0.06")) == []


def test_one_bad_row_does_not_hide_another(tmp_path: Path) -> None:
    rows = (changed(unit="TB"), GOOD, changed(price="0.07"), changed(via="other", source="heard"))
    assert [each.code for each in found(tmp_path, *rows)] == ["conflict", "unknown-source", "unreadable"]


def test_files_that_are_no_cards_are_found(tmp_path: Path) -> None:
    made = folder(tmp_path, GOOD)
    (tmp_path / "mars" / "broken.csv").write_bytes(b"\xff\xfe")
    (tmp_path / "mars" / "allowances.csv").write_text("quantity\n100\n", encoding="utf-8")
    (tmp_path / "mars" / "few.csv").write_text("charge,unit\nnat,GB\n", encoding="utf-8")
    messages = [each.message for each in check(made, TODAY, 400).findings]
    assert len(messages) == 3
    assert any("no text" in message for message in messages)
    assert any("no column allowance" in message for message in messages)
    assert any("mars/few.csv:2: no column boundary" in message for message in messages)


def test_a_card_with_an_unknown_source_is_not_used(tmp_path: Path) -> None:
    made = folder(tmp_path, changed(source="heard"))
    with pytest.raises(SettingsError, match="'heard' does not stand in"):
        made.ladders("mars")


def test_of_several_rows_for_one_tier_an_observed_and_then_the_newest_counts(tmp_path: Path) -> None:
    rows = (
        changed(price="1", as_of="2025"),
        changed(price="2", as_of="2026"),
        changed(price="3", as_of="2027", basis="inferred"),
    )
    found_ = folder(tmp_path, *rows).ladder(
        "mars", {"charge": "nat", "unit": "GB", "direction": "out", "from": "mars-1", "via": "nat"}, TODAY
    )
    assert found_ is not None
    assert [rate.price for rate in found_.rates] == [Decimal(2)]


def test_a_path_fits_by_each_of_its_hops(tmp_path: Path) -> None:
    made = folder(tmp_path, GOOD)
    keys = {"charge": "nat", "unit": "GB", "direction": "in", "from": "mars-1"}
    assert made.ladder("mars", {**keys, "via": "nat>public_ip"}, TODAY) is not None
    assert made.ladder("mars", {**keys, "via": "nat_of_another_kind"}, TODAY) is None


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "absent"):
        with pytest.raises(MissingSourceError, match="no folder of rate cards"):
            cards.of_folder(place)


def test_two_days_of_one_folder_differ_by_what_came_into_force() -> None:
    days = [Side(str(day), cards.default(), day) for day in (date(2024, 1, 31), date(2024, 2, 1))]
    result = difference(*days, Wanted())
    assert {(each.status, each.keys["charge"]) for each in result.changes} == {("new", "public_address")}
    back = difference(*reversed(days), Wanted(what="public_address", places=("us-east-1",)))
    (gone,) = back.changes
    assert (gone.status, gone.currency_after, gone.relative) == ("gone", "", None)


def test_two_folders_differ_by_their_prices(tmp_path: Path) -> None:
    shutil.copytree(ROOT, tmp_path / "pricing")
    path = tmp_path / "pricing" / "aws" / "nat.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("nat,,both,us-east-1,,nat,,,GB,0,,0.045", "nat,,both,us-east-1,,nat,,,GB,0,,0.054"),
        encoding="utf-8",
    )
    sides = [Side("old", cards.default(), TODAY), Side("new", cards.of_folder(tmp_path / "pricing"), TODAY)]
    result = difference(*sides, Wanted())
    (change,) = result.changes
    assert (change.status, change.relative) == ("changed", Decimal("0.2"))
    assert [rate.price for rate in (*change.before, *change.after)] == [Decimal("0.045"), Decimal("0.054")]
    assert result.same > 1500
    assert difference(*sides, Wanted(provider="other")).changes == ()


def test_the_list_has_what_is_in_force_and_asked_for() -> None:
    everything = entries(cards.default(), Wanted(), TODAY).entries
    assert len({each.id for each in everything}) == len(everything) > 1500
    nat = entries(cards.default(), Wanted(what="nat", places=("eu-*",)), TODAY).entries
    assert {each.keys["charge"] for each in nat} == {"nat"}
    assert all(each.keys["from"].startswith("eu-") for each in nat)
    (one,) = entries(cards.default(), Wanted("aws", "region", ("us-east-1",), "us-east-2"), TODAY).entries
    assert (one.as_of, one.age_days, one.confidence) == ("2026-04", 214, "high")
    assert [
        each.keys["via"]
        for each in entries(
            cards.default(), Wanted(via="vpn", what="private_line", places=("us-east-1",)), TODAY
        ).entries
    ] == ["vpn", "vpn"]
