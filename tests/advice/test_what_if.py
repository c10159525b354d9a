"""Changes that a user names, alone and stacked, by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest
from advice.ledgers import GB, case
from advice.logs import logs
from hypothesis import given, settings
from hypothesis import strategies as st

from egresscost.advice import what_if
from egresscost.advice.build import installed
from egresscost.advice.ledger import ATOMS
from egresscost.advice.scenario import Wanted, play
from egresscost.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.advice.case import Case
    from egresscost.advice.scenario import Played

IDEAS = installed()
MONTH = Decimal(730)
HEAD = "charge | boundary | direction | from | to | via | path | service | src_network | dst_network | src_zone | resource | workload | peer | peer_kind | evidence | amount"
NAT = """
nat      | provider_service | out | us-east-1 |           | nat | nat | AmazonEC2 | vpc-a | | az1 | nat-1 | etl | aws us-east-1 S3     | provider_service | flow | 1000 gb
nat      | provider_service | in  | us-east-1 |           | nat | nat | AmazonEC2 | | vpc-a | | nat-1 | etl | aws us-east-1 S3     | provider_service | flow | 500 gb
nat      | provider_service | out | us-east-1 |           | nat | nat | AmazonEC2 | vpc-b | | az1 | nat-2 | api | aws us-east-1 AMAZON | provider_service | flow | 1000 gb
transfer | provider_service | out | us-east-1 | us-east-1 |     | nat | AmazonEC2 | vpc-a | | az1 | nat-1 | etl | aws us-east-1 S3     | provider_service | flow | 1000 gb
""".strip()
PAIR = """
transfer | region | out | us-east-1 | eu-west-1 | | direct | AmazonEC2 | | | | i-r | render | web    | workload | flow | 1000 gb
transfer | region | in  | us-east-1 | eu-west-1 | | direct | AmazonEC2 | | | | i-w | web    | render | workload | flow | 1000 gb
""".strip()
WEB = """
transfer | edge     | out | edge-US   | | | direct  | AmazonCloudFront | | | | arn:aws:cloudfront::1:distribution/E1 | | | | bill | 5120 gb
transfer | edge     | out | edge-EU   | | | direct  | AmazonCloudFront | | | | arn:aws:cloudfront::1:distribution/E1 | | | | bill | 5120 gb
""".strip()
FILMS = "transfer | internet | out | us-east-1 | | | unknown | AmazonS3 | | | | lumen-films | | | | bill | 30000 gb"
EVIDENCE = """
service          | resource    | host              | edge    | content_type     | encoded | requests | bytes_out
AmazonCloudFront | E1          | cdn.example       | edge-US | application/json | no      | 10       | 400,000
AmazonCloudFront | E1          | cdn.example       | edge-US | text/html        | no      | 10       | 100,000
AmazonCloudFront | E1          | cdn.example       | edge-US | text/css         | yes     | 10       | 100,000
AmazonCloudFront | E1          | cdn.example       | edge-US | image/jpeg       | already | 10       | 200,000
AmazonCloudFront | E1          | cdn.example       | edge-US | video/mp4        | already | 10       | 200,000
AmazonS3         | lumen-films | a.example         | none    | video/mp4        | already | 768      | 3,221,225,472
AmazonS3         | lumen-films | b.example         | none    | video/mp4        | already | 256      | 1,073,741,824
"""


def made(*rows: str, **given_: Decimal) -> Case:
    """A case of 730 hours over some of the tables above."""
    return case("\n".join([HEAD, *rows]), IDEAS, hours=MONTH, http=logs(EVIDENCE), **given_)


def amounts(played: Played) -> list[tuple[Decimal | None, Decimal | None, Decimal | None]]:
    """What falls away, what is paid instead, and what is saved, by step."""
    return [(each.gross, each.new_cost, each.net) for each in played.steps]


def dollars(*texts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(text) for text in texts)


def test_a_gateway_endpoint_takes_both_directions_from_the_nat_gateway_and_leaves_the_transfer() -> None:
    played = play(made(NAT), [what_if.endpoint("s3")])
    # (1,000 + 500) x 0.045, free instead.
    assert amounts(played) == [dollars("67.5", "0", "67.5")]
    transfer = played.after.rows.filter(pl.col("charge") == "transfer")
    assert transfer[ATOMS].sum() == 1000 * GB
    assert played.steps[0].said == ("S3 gateway endpoint for vpc-a, free: 1,500 GB no longer through a NAT gateway",)


def test_where_no_free_endpoint_leads_hours_and_bytes_are_paid() -> None:
    played = play(made(NAT), [what_if.endpoint("AMAZON")])
    # 1,000 x 0.045 = 45; one zone 730 h x 0.01 = 7.30, and 1,000 x 0.01 = 10.
    assert amounts(played) == [dollars("45", "17.3", "27.7")]
    assert [each.name for each in played.steps[0].assumptions] == ["endpoints_needed"]
    endpoint = played.after.rows.filter((pl.col("charge") == "private_endpoint") & (pl.col("unit") == "GB"))
    assert endpoint[ATOMS].sum() == 1000 * GB


def test_what_is_dropped_may_be_named_by_the_end_of_its_path() -> None:
    played = play(made(NAT, WEB), [what_if.drop("E1"), what_if.drop("nat-?")])
    # (10,240 - 1,024 free) x 0.085; 2,500 x 0.045. The transfer row of nat-1 is free and goes as well.
    assert amounts(played) == [dollars("783.36", "0", "783.36"), dollars("112.5", "0", "112.5")]
    assert played.after.rows.is_empty()


def test_all_endpoints_are_both_kinds_and_assumptions_count() -> None:
    # 67.50 + 45; 5 endpoints are 36.50 and 10.
    assert amounts(play(made(NAT, endpoints_needed=Decimal(5)), [what_if.endpoint("all")])) == [
        dollars("112.5", "46.5", "66")
    ]


@pytest.mark.parametrize(
    ("same_zone", "new"),
    [
        ("0", "20"),  # between zones at both ends: 1,000 x 2 x 0.01
        ("0.33", "13.4"),  # 670 of them
        ("1", "0"),
    ],
)
def test_a_move_to_its_partner_leaves_what_crosses_zones(same_zone: str, new: str) -> None:
    played = play(made(PAIR, moved_same_zone=Decimal(same_zone)), [what_if.move("render:eu-west-1")])
    # 1,000 x 0.02 between regions falls away.
    assert [(each[0], round(each[1] or 0, 6)) for each in amounts(played)] == [(Decimal(20), Decimal(new))]
    ends = played.after.rows.filter(pl.col("direction") == "out")
    assert ends[ATOMS].sum() == 1000 * GB


def test_what_has_to_be_moved_along_is_paid_once_and_not_each_month() -> None:
    played = play(made(PAIR, moved_gb=Decimal(100), moved_same_zone=Decimal(0)), [what_if.move("render:eu-west-1")])
    # 100 GB x 0.02.
    assert (played.steps[0].one_off, played.steps[0].net) == dollars("2", "0")


def test_a_kind_of_content_shrinks_by_its_share_of_the_access_logs() -> None:
    played = play(made(WEB), [what_if.compress("json:0.2")])
    # 40 % of 10,240 GB lose 80 %: 3,276.8 GB x 0.085. The CDN compresses by itself: no processor.
    assert amounts(played) == [dollars("278.528", "0", "278.528")]
    assert played.steps[0].fees == ()


def test_two_kinds_of_content_are_shares_of_all_that_was_sent() -> None:
    played = play(made(WEB), [what_if.compress("json:0.2"), what_if.compress("text/html:25%")])
    # 278.528, and 75 % of 10 % of 10,240 GB: 768 GB x 0.085. Together what advice says: 343.808.
    assert [round(each[2] or 0, 5) for each in amounts(played)] == [Decimal("278.528"), Decimal("65.28")]


def test_a_picture_may_get_smaller_though_it_is_compressed_and_a_text_may_not() -> None:
    # 20 % of 10,240 GB lose half: 1,024 GB x 0.085.
    assert amounts(play(made(WEB), [what_if.compress("image/jpeg:0.5")])) == [dollars("87.04", "0", "87.04")]
    with pytest.raises(UsageError, match=r"--compress css:0\.2 finds nothing"):
        play(made(WEB), [what_if.compress("css:0.2")])


def test_by_name_all_that_somebody_sends_shrinks_wherever_it_is_charged() -> None:
    rows = PAIR.replace("region", "zone").replace("eu-west-1", "us-east-1")
    played = play(made(rows), [what_if.compress("render:0.5")])
    # 500 GB at both ends at 0.01; the processor compresses 1,000 GB at 0.001.
    assert amounts(played) == [dollars("10", "1", "9")]


def test_a_cdn_serves_from_edges_and_charges_requests() -> None:
    played = play(
        made(FILMS.replace("lumen-films", "reels"), mean_object_kb=Decimal(1024)), [*what_if.behind_cdn(["reels:0.75"])]
    )
    # As in the advice on a CDN: 2,592.70 falls away, 2,369.28 at the edge and 30.72 for 30,720,000 requests.
    assert amounts(played) == [dollars("2592.7", "2400", "192.7")]
    kept = played.after.rows.group_by("boundary").agg(pl.col(ATOMS).sum())
    assert dict(kept.iter_rows()) == {"edge": 30000 * GB, "origin": 7500 * GB}


def test_two_hosts_of_one_bucket_each_take_their_part() -> None:
    played = play(made(FILMS), what_if.behind_cdn(["a.example:0.5", "B.EXAMPLE:0.5"]))
    first, second = played.steps
    # a has 3 of 4 GB. 22,500 GB fall away from the top: 19,660 x 0.085 + 2,840 x 0.09 = 1,926.70; of 22,500 at the edge
    # 1,024 are free, 10,240 x 0.085, 11,236 x 0.08 = 1,769.28; 22,500 GB / 4 MB = 576 x 10,000 requests x 0.01.
    assert (first.gross, first.new_cost) == dollars("1926.7", "1775.04")
    # b: 7,400 x 0.09 beyond the free 100; 7,500 x 0.08 and 192 x 0.01. All 30,000 GB are gone from the bucket.
    assert (second.gross, second.new_cost) == dollars("666", "601.92")
    assert played.after.rows.filter(pl.col("boundary") == "internet").is_empty()


def test_changes_are_made_in_the_order_of_the_ledger_and_not_of_the_command_line() -> None:
    changes = [
        *what_if.behind_cdn(["a.example:0.5"]),
        what_if.compress("render:0.5"),
        what_if.compress("json:0.2"),
        what_if.move("render:eu-west-1"),
        what_if.endpoint("s3"),
        what_if.drop("nat-2"),
    ]
    played = play(made(NAT, PAIR, WEB, FILMS), changes)
    options = ["--drop", "--endpoint", "--move", "--compress", "--compress", "--cdn"]
    assert [each.option.split()[0] for each in played.steps] == options
    assert [each.option for each in played.steps if "compress" in each.option] == [
        "--compress json:0.2",
        "--compress render:0.5",
    ]


def test_what_was_moved_can_go_behind_a_cdn() -> None:
    changes = [*what_if.behind_cdn(["lumen-films:1"]), what_if.move("lumen-films:eu-west-1")]
    played = play(made(FILMS), changes)
    # Out of eu-west-1, 100 GB free, 10,240 x 0.09 and 19,660 x 0.085 as before: the move saves nothing, the CDN takes all.
    assert played.steps[0].net == 0
    assert played.steps[1].gross == Decimal("2592.7")
    assert played.steps[1].fees[0].quantity == Decimal(768)


CHANGES = {
    "drop": lambda: [what_if.drop("nat-2")],
    "endpoint": lambda: [what_if.endpoint("s3")],
    "move": lambda: [what_if.move("render:eu-west-1")],
    "json": lambda: [what_if.compress("json:0.2")],
    "name": lambda: [what_if.compress("lumen-films:0.9")],
    "cdn": lambda: what_if.behind_cdn(["a.example:0.8", "b.example:0.3"]),
}


@settings(max_examples=25, deadline=None)
@given(st.permutations(sorted(CHANGES)), st.integers(1, len(CHANGES)), st.integers(1, 90_000))
def test_the_savings_of_stacked_changes_are_before_less_after(names: Sequence[str], count: int, size: int) -> None:
    changes: list[Wanted] = [each for name in names[:count] for each in CHANGES[name]()]
    played = play(made(NAT, PAIR, WEB, FILMS.replace("30000", str(size))), changes)
    fees = sum((fee.cost for step in played.steps for fee in step.fees), Decimal(0))
    nets = sum((step.net or Decimal(0) for step in played.steps), Decimal(0))
    assert played.before.cost["USD"] - played.after.cost["USD"] == nets + fees
    assert all(step.net is not None for step in played.steps)
    kept = {"drop", "endpoint", "move"}
    if kept.issuperset(names[:count]):
        sent = (pl.col("charge") == "transfer") & (pl.col("direction") == "out")
        before, after = (each.rows.filter(sent)[ATOMS].sum() for each in (played.before, played.after))
        assert before == after


@pytest.mark.parametrize(
    ("option", "text", "message", "hint"),
    [
        ("move", "render", "no NAME:REGION", "--move live-encoder:ap-southeast-2"),
        ("move", "render:", "no NAME:REGION", "--move live-encoder:ap-southeast-2"),
        ("move", "render:eu-vest-1", "no region 'eu-vest-1'", "did you mean eu-west-1"),
        ("compress", "json", "no TYPE:RATIO", "--compress json:0.2"),
        ("compress", "json:1.2", "no share from 0 to 1", "what is left"),
        ("compress", "json:-0.1", "no share from 0 to 1", "what is left"),
        ("compress", "json:small", "no share from 0 to 1", "what is left"),
        ("compress", "json:nan", "no share from 0 to 1", "what is left"),
        ("behind_cdn", "a.example", "no HOST:HITRATIO", "--cdn www.example.com:0.9"),
        ("behind_cdn", "a.example:101%", "no share from 0 to 1", "the caches have"),
    ],
)
def test_a_value_that_is_none_is_refused_with_a_hint(option: str, text: str, message: str, hint: str) -> None:
    make = getattr(what_if, option)
    with pytest.raises(UsageError, match=message) as caught:
        make([text] if option == "behind_cdn" else text)
    assert hint in str(caught.value.hint)


@pytest.mark.parametrize(
    ("changes", "message", "detail", "hint"),
    [
        ([what_if.drop("lumen-film")], "finds nothing", "lumen-films", "stands for any text"),
        ([what_if.endpoint("sqs")], "finds nothing", "s3", "flow logs"),
        ([what_if.move("rendr:eu-west-1")], "finds nothing", "render", "--group-by workload"),
        ([what_if.move("render:us-east-1")], "in us-east-1 already", "", "another region"),
        ([what_if.compress("rendr:0.5")], "finds nothing", "render", "a media type"),
        ([what_if.compress("application/jsom:0.5")], "finds nothing", "application/json", "access logs"),
        ([*what_if.behind_cdn(["a.exampel:0.5"])], "finds nothing", "a.example", "name a host"),
        ([*what_if.behind_cdn(["cdn.example:0.5"])], "by a CDN already", "", "hit ratio"),
    ],
)
def test_what_finds_nothing_names_what_there_is_and_the_next_step(
    changes: Sequence[Wanted], message: str, detail: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        play(made(NAT, PAIR, WEB, FILMS), changes)
    assert detail in " ".join(caught.value.details)
    assert hint in str(caught.value.hint)


def test_a_service_without_any_endpoint_is_said_to_have_none() -> None:
    with pytest.raises(UsageError, match="has no endpoint") as caught:
        play(made(NAT, NAT.splitlines()[2].replace("AMAZON", "CLOUDFRONT")), [what_if.endpoint("cloudfront")])
    assert caught.value.details == ("there is: amazon, s3",)
