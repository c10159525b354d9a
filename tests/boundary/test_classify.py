"""What holds for every input: total, exact, blind to order, and turned around when the ends are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pytest
from boundary.scenes import PLACES, WORLD, Seen, group, inventory, scenes, sightings, table
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from egresscost.boundary.classify import Crossings, classify
from egresscost.boundary.rules import decide
from egresscost.boundary.schema import GROUPS, HOPS, INTERFACES, ROWS, SUMS
from egresscost.boundary.sharing import shared
from egresscost.errors import FrameError
from egresscost.flows.hours import RULE as HOURS
from egresscost.frame import Boundary, Charge, Confidence, Direction, PeerKind
from egresscost.providers.aws.network import network

if TYPE_CHECKING:
    import random

    from boundary.scenes import Scene

NAMES = [*WORLD, "edge*", "twin*", "west*", "172.16.0.9", "10.0.2.77", *(name for name in PLACES if name != "private")]
FILES = ("internet.txt", "nat.txt", "zones.txt", "services.txt", "devices.txt")
ALL = [scene for name in FILES for scene in scenes(name)]
SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

ends = st.sampled_from(NAMES)
records = st.fixed_dictionaries(
    {
        "at": st.sampled_from([*WORLD, "tgw:tgw-attach-a"]),
        "way": st.sampled_from(["out", "in", "unknown"]),
        "from": ends,
        "to": ends,
        "pkt from": st.one_of(st.just(""), ends),
        "pkt to": st.one_of(st.just(""), ends),
        "path": st.sampled_from(list("012345678")),
        "next": st.one_of(st.just(""), st.sampled_from(list(WORLD))),
        "hour": st.sampled_from(["0", "1", "9"]),
        "service to": st.sampled_from(["", "S3", "EC2", "AMAZON", "CLOUDFRONT"]),
        "bytes": st.integers(0, 2**40).map(str),
    }
)
options = st.fixed_dictionaries(
    {
        "fields": st.sampled_from(["v2", "v5", "v11"]),
        "inventory": st.sampled_from(["all", "none", "web nat db tgw-a kms"]),
    }
)


def run(seen: Seen, scene: Scene) -> Crossings:
    return classify(seen, network(), list(PLACES.values()), inventory(scene))


def as_scene(given_records: list[dict[str, str]], given_options: dict[str, str]) -> Scene:
    return replace(ALL[0], records=given_records, options=given_options)


def rows_of(found: Crossings, *columns: str) -> list[tuple[Any, ...]]:
    texts = found.rows.select(columns or ROWS).with_columns(pl.col(pl.Categorical).cast(pl.String))
    return sorted(texts.iter_rows(), key=str)


@SETTINGS
@given(st.lists(records, min_size=1, max_size=25), options)
def test_every_byte_has_one_answer(given_records: list[dict[str, str]], given_options: dict[str, str]) -> None:
    scene = as_scene(given_records, given_options)
    found = run(sightings(scene), scene)
    assert found.tally["bytes"].sum() == sum(int(record["bytes"]) for record in given_records)
    assert found.tally["records"].sum() == len(given_records)
    assert found.tally.null_count().sum_horizontal().item() == 0
    at_vantage = found.tally.filter(pl.col("role").is_in(["vantage", "step"]))
    transfer = found.rows.filter(pl.col("charge") == "transfer")
    assert [transfer[name].sum() for name in SUMS] == [at_vantage[name].sum() for name in SUMS]
    for column, words in (
        ("boundary", Boundary),
        ("direction", Direction),
        ("charge", Charge),
        ("peer_kind", PeerKind),
        ("confidence", Confidence),
    ):
        assert set(found.rows[column].cast(pl.String)) <= set(words)
    assert set(found.rows["rule"].cast(pl.String)) <= set(network().words)


@SETTINGS
@given(st.lists(records, min_size=1, max_size=25), options, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    given_records: list[dict[str, str]], given_options: dict[str, str], chance: random.Random
) -> None:
    scene = as_scene(given_records, given_options)
    seen = sightings(scene)
    order = list(range(seen.table.num_rows))
    chance.shuffle(order)
    back = pa.array(range(seen.interfaces.num_rows - 1, -1, -1), pa.int64())
    turned = Seen(seen.table.take(order), seen.interfaces.take(back), seen.hops)
    assert rows_of(run(turned, scene)) == rows_of(run(seen, scene))


@SETTINGS
@given(st.lists(records, min_size=1, max_size=15), options)
def test_rows_that_were_not_merged_give_the_same(
    given_records: list[dict[str, str]], given_options: dict[str, str]
) -> None:
    scene = as_scene(given_records, given_options)
    whole, seen = run(sightings(scene), scene), sightings(scene)
    twice = Seen(pa.concat_tables([seen.table, seen.table]), seen.interfaces, seen.hops)
    counts = {name: whole.rows[name].sum() * 2 for name in SUMS}
    assert {name: run(twice, scene).rows[name].sum() for name in SUMS} == counts


@SETTINGS
@given(st.sampled_from(["web", "db", "six", "edge"]), ends, st.sampled_from(["v2", "v5"]), st.booleans())
def test_swapping_the_ends_swaps_the_direction(near: str, far: str, fields: str, known: bool) -> None:  # noqa: FBT001
    assume(far.removesuffix("*") != near)
    sent = {"at": near, "way": "out", "from": near, "to": far, "bytes": "1"}
    received = {**sent, "way": "in", "from": far, "to": near}
    given_options = {"fields": fields, "inventory": "all" if known else "none"}
    one, other = (as_scene([record], given_options) for record in (sent, received))
    found = (run(sightings(scene), scene).rows for scene in (one, other))
    out, back = (rows.filter(pl.col("charge") == "transfer").row(0, named=True) for rows in found)
    same = ("boundary", "charge", "path", "account", "resource", "workload", "peer", "peer_kind", "rule", "confidence")
    assert [out[name] for name in same] == [back[name] for name in same]
    assert (out["direction"], back["direction"]) == ("out", "in")
    for name in ("region", "zone", "network"):
        assert (out[f"src_{name}"], out[f"dst_{name}"]) == (back[f"dst_{name}"], back[f"src_{name}"])


@pytest.mark.parametrize("scene", ALL, ids=lambda scene: scene.title)
def test_hours_do_not_change_what_a_scene_is(scene: Scene) -> None:
    if any("hour" in record for record in scene.records):
        pytest.skip("the scene is about hours")
    later = replace(scene, records=[{**record, "hour": "0"} for record in scene.records])
    spread = sightings(later)
    hours = pa.array([hour + 3600 * 24 * number for number, hour in enumerate(spread.table["hour"].to_pylist())])
    at = spread.table.column_names.index("hour")
    spread = replace(spread, table=spread.table.set_column(at, "hour", hours))
    keys = ["boundary", "direction", "charge", "path", "resource", "rule"]
    one, other = (run(seen, scene).rows for seen in (sightings(later), spread))
    summed = [
        rows.group_by(keys).agg(pl.col("bytes").sum()).with_columns(pl.col(keys).cast(pl.String))
        for rows in (one, other)
    ]
    assert sorted(summed[0].iter_rows()) == sorted(summed[1].iter_rows())


def test_no_records_make_no_rows() -> None:
    empty = Seen(table([], GROUPS), table([], INTERFACES), table([], HOPS))
    found = classify(empty, network(), list(PLACES.values()))
    assert found.rows.is_empty()
    assert found.rows.columns == list(ROWS)
    assert found.tally.is_empty()


def test_a_missing_column_is_named() -> None:
    seen = sightings(ALL[0])
    with pytest.raises(FrameError, match="no column hour"):
        classify(replace(seen, table=seen.table.drop_columns("hour")), network(), list(PLACES.values()))


def test_texts_may_come_as_dictionaries() -> None:
    seen = sightings(ALL[0])
    coded = [column.dictionary_encode() if column.type == pa.string() else column for column in seen.table.columns]
    again = replace(seen, table=pa.table(coded, seen.table.column_names))
    assert rows_of(run(again, ALL[0])) == rows_of(run(seen, ALL[0]))


def test_every_rule_is_explained_and_every_explanation_is_of_a_rule() -> None:
    aws = network()
    used = {rule.rule for rule in (*aws.rules, *aws.charges)}
    assert used | {HOURS} == set(aws.words)
    assert all(words.title and words.why and words.source for words in aws.words.values())


def test_every_rule_decides_some_scene() -> None:
    seen: set[str] = set()
    for scene in ALL:
        found = run(sightings(scene), scene)
        seen |= {*found.tally["rule"].cast(pl.String), *found.rows["rule"].cast(pl.String)}
    never = {rule.rule for rule in (*network().rules, *network().charges)} - seen
    assert never <= {"unplaced"}


def test_the_last_rule_fits_everything() -> None:
    assert not network().rules[-1].when
    gap = replace(network(), rules=network().rules[:1])
    with pytest.raises(FrameError, match="no rule of aws fits"):
        decide({"far": "own"}, gap)


@SETTINGS
@given(
    st.lists(
        st.tuples(st.integers(0, 2**62), st.lists(st.integers(1, 2**62), min_size=1, max_size=6)),
        min_size=1,
        max_size=5,
    )
)
def test_shares_add_up_and_are_fair(amounts: list[tuple[int, list[int]]]) -> None:
    known = pl.DataFrame(
        [
            {
                "level": 0,
                "nat": f"nat-{at}",
                "way": "out",
                "end_place": 1,
                "end_address": None,
                "who": f"w{number}",
                "hour": 0,
                "weight": weight,
            }
            for at, (_, weights) in enumerate(amounts)
            for number, weight in enumerate(weights)
        ],
        schema_overrides={"end_address": pl.String},
    )
    given_amounts = pl.DataFrame(
        [
            {
                "row": at,
                "hour": 0,
                "nat": f"nat-{at}",
                "way": "out",
                "end_place": 1,
                "end_address": None,
                "bytes": amount,
                "records": 7,
                "records_without_bytes": 0,
            }
            for at, (amount, _) in enumerate(amounts)
        ],
        schema_overrides={"end_address": pl.String},
    )
    parts = shared(given_amounts, known)
    for at, (amount, weights) in enumerate(amounts):
        mine = {row["who"]: row for row in parts.filter(pl.col("row") == at).iter_rows(named=True)}
        assert sum(row["bytes"] for row in mine.values()) == amount
        assert sum(row["records"] for row in mine.values()) == 7
        for number, weight in enumerate(weights):
            exact = amount * weight // sum(weights)
            assert mine[f"w{number}"]["bytes"] - exact in {0, 1}


def test_a_router_is_told_by_its_deeds() -> None:
    record = {"at": "router", "way": "in", "from": "web", "to": "DE", "bytes": "1"}
    assert group(record)["interface"] == "eni-router"
