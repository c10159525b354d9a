"""Groups of places: a zone map is data, a rate for a group holds for what is in it, and no surer than that."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from egresscost.errors import SettingsError
from egresscost.pricing import cards
from egresscost.pricing.check import check
from egresscost.pricing.groups import read_groups
from egresscost.pricing.listing import Wanted, entries
from egresscost.pricing.sources import read_sources

if TYPE_CHECKING:
    from egresscost.pricing.ladders import Ladder

TODAY = date(2026, 11, 1)
HEAD = "charge,boundary,direction,from,to,via,network_tier,dst_geo,unit,tier_start,tier_end,price,currency,tier_pool,allowance_pool,valid_from,valid_to,as_of,basis,confidence,source,confirmed_by,note"
GROUPS = "map,group,place,as_of,confidence,source,note"
RATES = (
    "nat,,both,,,,,,GB,0,,1,USD,,,,,2026-10-01,observed,high,made,,",
    "nat,,both,red-*,,,,,GB,0,,2,USD,,,,,2026-10-01,observed,high,made,,",
    "nat,,both,valley,,,,,GB,0,,3,USD,,,,,2026-10-01,observed,high,made,,a note",
    "nat,,both,red-peak,,,,,GB,0,,4,USD,,,,,2026-10-01,observed,high,made,,",
    "transfer,region,out,valley,hills,,,,GB,0,,5,USD,,,,,2026-10-01,observed,high,made,,",
)
PLACES = (
    "land,valley,red-dale,,high,made,",
    "land,valley,red-peak,,high,made,",
    "land,valley,blue-dale,,low,made,said by one map only",
    "land,hills,blue-hill,,medium,made,",
)


def made(place: Path, rates: tuple[str, ...] = RATES, groups: tuple[str, ...] = PLACES) -> cards.Cards:
    cloud = place / "mars"
    cloud.mkdir()
    (cloud / "sources.csv").write_text("source,kind,date,title\nmade,dataset,,Made up\n", encoding="utf-8")
    (cloud / "rates.csv").write_text("\n".join([HEAD, *rates]) + "\n", encoding="utf-8")
    (cloud / "groups.csv").write_text("\n".join([GROUPS, *groups]) + "\n", encoding="utf-8")
    return cards.of_folder(place)


def nat(found: cards.Cards, region: str) -> Ladder:
    ladder = found.ladder("mars", {"charge": "nat", "unit": "GB", "direction": "both", "from": region}, TODAY)
    assert ladder is not None
    return ladder


@pytest.mark.parametrize(
    ("region", "price"),
    [("green-sea", 1), ("red-sea", 2), ("red-dale", 3), ("red-peak", 4), ("blue-dale", 3), ("valley", 3)],
)
def test_a_place_counts_before_its_group_a_group_before_a_pattern_and_that_before_any(
    tmp_path: Path, region: str, price: int
) -> None:
    assert nat(made(tmp_path), region).rates[0].price == Decimal(price)


def test_a_rate_is_no_surer_than_that_the_place_is_in_the_group(tmp_path: Path) -> None:
    found = made(tmp_path)
    sure, doubtful = (nat(found, region).rates[0] for region in ("red-dale", "blue-dale"))
    assert (sure.confidence, sure.note) == ("high", "a note")
    assert (doubtful.confidence, doubtful.note) == ("low", "a note; said by one map only")
    assert nat(found, "blue-dale").id == "mars:nat,,both,valley,,,,,GB"


def test_both_ends_may_be_groups(tmp_path: Path) -> None:
    found = made(tmp_path)
    keys = {"charge": "transfer", "unit": "GB", "boundary": "region", "direction": "out", "from": "blue-dale"}
    near = found.ladder("mars", {**keys, "to": "blue-hill"}, TODAY)
    assert near is not None
    assert near.rates[0].confidence == "low"
    assert found.ladder("mars", {**keys, "to": "red-dale"}, TODAY) is None
    assert found.ladder("mars", keys, TODAY) is None


def test_a_list_finds_the_rates_of_a_place_in_its_groups(tmp_path: Path) -> None:
    found = entries(made(tmp_path), Wanted(what="nat", places=("blue-dale",)), TODAY).entries
    assert [each.keys["from"] for each in found] == ["valley"]
    assert found[0].groups == {"from": ("blue-dale", "red-dale", "red-peak")}


@pytest.mark.parametrize(
    ("groups", "code", "severity", "said"),
    [
        (
            (*PLACES, "land,hills,red-dale,,high,made,"),
            "two-groups",
            "error",
            "in two groups of the map land: valley and hills",
        ),
        ((*PLACES, "land,hills,red-dale,,high,unheard,"), "unknown-source", "error", "'unheard'"),
        ((*PLACES, "land,hills,red-sea,,sure,made,"), "unreadable", "error", "confidence is 'sure'"),
        ((*PLACES, "sea,deep,red-sea,,high,made,"), "unused-group", "warning", "no rate is for the group deep"),
    ],
)
def test_what_is_wrong_with_groups_is_found(
    tmp_path: Path, groups: tuple[str, ...], code: str, severity: str, said: str
) -> None:
    found = check(made(tmp_path, groups=groups), TODAY, 400).findings
    assert [(each.code, each.severity) for each in found if said in each.message] == [(code, severity)]


def test_a_place_may_be_in_groups_of_several_maps(tmp_path: Path) -> None:
    rates = (*RATES, "firewall,,both,deep,,,,,GB,0,,6,USD,,,,,2026-10-01,observed,high,made,,")
    found = made(tmp_path, rates, (*PLACES, "sea,deep,red-dale,,high,made,"))
    assert check(found, TODAY, 400).findings == ()
    ladder = found.ladder("mars", {"charge": "firewall", "unit": "GB", "direction": "in", "from": "red-dale"}, TODAY)
    assert ladder is not None


def test_groups_without_a_column_are_said_to_lack_it(tmp_path: Path) -> None:
    found = made(tmp_path)
    (tmp_path / "mars" / "groups.csv").write_text("map,place\nland,red-dale\n", encoding="utf-8")
    messages = [each.message for each in check(found, TODAY, 400).findings if each.severity == "error"]
    assert messages == ["mars/groups.csv: no column group, confidence, source, note"]
    with pytest.raises(SettingsError, match="no column group"):
        found.ladders("mars")


def test_three_maps_of_one_cloud_put_a_region_in_three_zones() -> None:
    azure = Path(__file__).parents[2] / "pricing" / "azure"
    groups = read_groups(azure, read_sources(azure))
    homes = {name for name, members in groups.items() if "australiacentral" in members}
    assert homes == {"bandwidth-2", "peering-1", "cdn-4", "oceania"}
    assert "Canberra" in groups["expressroute-1"]
