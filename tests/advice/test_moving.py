"""What a move does to every row, by hand. List prices: us-east-1 and eu-west-1 send to each other at $0.02 a GB."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import case

from egresscost.advice import advise
from egresscost.advice.ideas import zone_affinity
from egresscost.advice.ideas.move_region import IDEA
from egresscost.advice.moving import Mover, moved, standing
from egresscost.results import Standing

HEAD = (
    "charge | boundary | direction | from | to | path | via | service | workload | resource | peer | peer_kind | amount"
)
MOVER = Mover("aws", "render", "us-east-1", free=("AmazonS3",), stays=("S3",))


def rows(*lines: str) -> str:
    return "\n".join([HEAD, *lines])


def weighed(*lines: str, to: str = "eu-west-1") -> tuple[Decimal, Decimal]:
    """What falls away and what is paid instead."""
    made = case(rows(*lines))
    found = made.weigh(moved(made.rows, MOVER, to, Decimal(744)))
    assert not found.unpriced
    return found.gross.get("USD", Decimal(0)), found.new.get("USD", Decimal(0))


@pytest.mark.parametrize(
    ("lines", "gross", "new"),
    [
        pytest.param(
            # To a partner there: 1,000 x 0.02 falls away; both ends of a zone crossing: 1,000 x 2 x 0.01.
            ["transfer|region|out|us-east-1|eu-west-1|||AmazonEC2|render||web|workload|1000 gb"],
            "20",
            "20",
            id="a partner of the new region is a zone away",
        ),
        pytest.param(
            # Both ends' rows are the same bytes, once.
            [
                "transfer|region|out|us-east-1|eu-west-1|||AmazonEC2|render||web|workload|1000 gb",
                "transfer|region|in|us-east-1|eu-west-1|||AmazonEC2|web||render|workload|1000 gb",
            ],
            "20",
            "20",
            id="both ends are the same bytes",
        ),
        pytest.param(
            # From a partner there, which pays 1,000 x 0.02 now; only the receiver's free end has a row.
            ["transfer|region|in|eu-west-1|us-east-1|||AmazonEC2|render||web|workload|1000 gb"],
            "0",
            "20",
            id="an end without a row is not free afterwards",
        ),
        pytest.param(
            # The partner pays for what it sends.
            ["transfer|region|out|eu-west-1|us-east-1|||AmazonEC2|web||render|workload|1000 gb"],
            "20",
            "20",
            id="what partners send counts, too",
        ),
        pytest.param(
            # 1,000 x 2 x 0.01 between zones falls away; 1,000 x 0.02 between regions comes.
            [
                "transfer|zone|out|us-east-1|us-east-1|||AmazonEC2|render||db|workload|1000 gb",
                "transfer|zone|in|us-east-1|us-east-1|||AmazonEC2|db||render|workload|1000 gb",
            ],
            "20",
            "20",
            id="a partner of the old region is a region away",
        ),
        pytest.param(
            ["transfer|none|in|us-east-1|us-east-1|||AmazonEC2|render||db|workload|1000 gb"],
            "0",
            "20",
            id="and one of the same zone is no longer free",
        ),
        pytest.param(
            # us-east-1 to us-east-2 costs 0.01, eu-west-1 to us-east-2 0.02.
            ["transfer|region|out|us-east-1|us-east-2|||AmazonEC2|render||etl|workload|1000 gb"],
            "10",
            "20",
            id="a third region is paid from the new one",
        ),
        pytest.param(
            # Data in a bucket stays: it is sent from there at 0.02; what is sent to it, too.
            [
                "transfer|provider_service|in|us-east-1|us-east-1|||AmazonEC2|render||aws us-east-1 S3|provider_service|500 gb",
                "transfer|provider_service|out|us-east-1|us-east-1|||AmazonEC2|render||aws us-east-1 S3|provider_service|100 gb",
            ],
            "0",
            "12",
            id="buckets stay where they are",
        ),
        pytest.param(
            ["transfer|region|out|us-east-1|eu-west-1|||AmazonEC2|render||aws eu-west-1 S3|provider_service|500 gb"],
            "10",
            "0",
            id="a bucket of the new region is free",
        ),
        pytest.param(
            [
                "transfer|provider_service|out|us-east-1|us-east-1|||AmazonEC2|render||aws us-east-1 AMAZON|provider_service|9 gb"
            ],
            "0",
            "0",
            id="other services of the provider are in every region",
        ),
        pytest.param(
            # 1,000 GB: 100 free, 900 x 0.09 in us-east-1; the same from eu-west-1.
            ["transfer|internet|out|us-east-1||||AmazonEC2|render||||1000 gb"],
            "81",
            "81",
            id="the internet costs what the new region asks",
        ),
        pytest.param(
            # NAT: 1,000 x 0.045 there; 1,000 x 0.048 and 744 hours x 0.048 of a gateway here.
            ["nat|internet|out|us-east-1||nat|nat|AmazonEC2|render|nat-1|||1000 gb"],
            "45",
            "83.712",
            id="a NAT gateway is needed in the new region",
        ),
        pytest.param(
            # Between zones there as here: 1,000 x 2 x 0.01.
            [
                "transfer|zone|out|us-east-1|us-east-1|||AmazonEC2|render||render|workload|1000 gb",
                "transfer|zone|in|us-east-1|us-east-1|||AmazonEC2|render||render|workload|1000 gb",
            ],
            "20",
            "20",
            id="what it says to itself moves along",
        ),
        pytest.param(
            ["transfer|unknown|out|us-east-1|us-east-1|||AmazonEC2|render||10.9.9.9|prefix|1000 gb"],
            "0",
            "0",
            id="what is not known stays",
        ),
    ],
)
def test_every_row_of_a_mover_is_looked_up_from_its_new_place(lines: list[str], gross: str, new: str) -> None:
    assert weighed(*lines) == (Decimal(gross), Decimal(new))


def test_a_service_moves_with_all_that_belongs_to_it() -> None:
    made = case(
        rows(
            "transfer|region|out|us-east-1|eu-west-1|||AmazonS3||films|eu-west-1|region|1000 gb",
            "transfer|region|out|us-east-1|eu-west-1|||AmazonS3|||eu-west-1|region|500 gb",
            "transfer|region|out|us-east-1|eu-west-1|||AmazonEC2|render||web|workload|3000 gb",
            "transfer|internet|out|us-west-2||||AmazonS3||west|||50 gb",
        )
    )
    movers = standing(made.rows, "AmazonS3", MOVER.free, MOVER.stays)
    assert [(each.region, each.called) for each in movers] == [
        ("us-east-1", ["AmazonS3", "films"]),
        ("us-west-2", ["AmazonS3", "west"]),
    ]
    found = made.weigh(moved(made.rows, movers[0], "eu-west-1", Decimal(744)))
    # (1,000 + 500) x 0.02 = $30: with and without a bucket's name. Machines stay.
    assert (found.gross["USD"], found.new["USD"]) == (Decimal(30), Decimal(0))
    assert [each.name for each in standing(made.rows, "render")] == ["render"]


def test_what_others_send_each_other_stays() -> None:
    line = "transfer|region|out|us-east-1|eu-west-1|||AmazonEC2|other||web|workload|1000 gb"
    made = case(rows(line))
    assert made.weigh(moved(made.rows, MOVER, "eu-west-1", Decimal(744))).gross == {}


def test_a_workload_whose_partners_are_elsewhere_is_moved_there() -> None:
    bucket = [
        "transfer|region|out|us-east-1|eu-west-1|||AmazonS3||films|eu-west-1|region|20000 gb",
        "transfer|provider_service|out|us-east-1|us-east-1|||AmazonS3||films|||2000 gb",
        "transfer|internet|out|us-east-1||||AmazonS3||films|||1000 gb",
    ]
    (advice,) = advise(case(rows(*bucket), [IDEA]), [IDEA]).items
    # Now: 20,000 x 0.02 = 400, internet 900 x 0.09 = 81, inside the region free. There: 2,000 x 0.02 = 40 and 81.
    assert (advice.key, advice.title) == ("move-region:films:us-east-1", "Move films from us-east-1 to eu-west-1")
    assert (advice.gross, advice.new_cost, advice.net) == (Decimal(481), Decimal(121), Decimal(360))
    # $360 x 12 / 0.02 = 216,000 GB may be moved along if it is to pay back within a year.
    assert "less than 216,000 GB" in advice.change
    assert [(point.value, point.net) for point in advice.curve] == [
        (Decimal(0), Decimal(360)),
        (Decimal(54000), Decimal(270)),
        (Decimal(108000), Decimal(180)),
        (Decimal(216000), Decimal(0)),
    ]


def test_chance_keeps_a_third_of_what_then_crosses_zones_in_one() -> None:
    line = "transfer|region|out|us-east-1|eu-west-1|||AmazonEC2|render||web|workload|10000 gb"
    (advice,) = advise(case(rows(line), [IDEA], moved_same_zone=Decimal("0.25")), [IDEA]).items
    # 10,000 x 0.02 = $200 falls away; three quarters cross zones, at both ends: 7,500 x 2 x 0.01 = $150.
    assert (advice.gross, advice.new_cost, advice.net) == (Decimal(200), Decimal(150), Decimal(50))


def test_what_has_to_be_moved_along_is_paid_once() -> None:
    line = "transfer|region|out|us-east-1|eu-west-1|||AmazonS3||films|eu-west-1|region|20000 gb"
    (advice,) = advise(case(rows(line), [IDEA], moved_gb=Decimal(50000)), [IDEA]).items
    # 50,000 x 0.02 = $1,000, and $400 a month come back: 2.5 months.
    assert (advice.net, advice.one_off, advice.payback_months) == (Decimal(400), Decimal(1000), Decimal("2.5"))


@pytest.mark.parametrize(
    ("far", "near", "standing"),
    # A bucket: each far GB saves 0.02, each near one costs 0.02 afterwards; from $1 a month on it is worth it.
    [("1050", "1000", Standing.SAVES), ("1049", "1000", Standing.DOES_NOT_PAY), ("900", "1000", None)],
)
def test_it_pays_from_the_volume_on_at_which_more_is_far_than_near(
    far: str, near: str, standing: Standing | None
) -> None:
    table = rows(
        f"transfer|region|out|us-east-1|eu-west-1|||AmazonS3||films|eu-west-1|region|{far} gb",
        f"transfer|provider_service|out|us-east-1|us-east-1|||AmazonS3||films|||{near} gb",
    )
    assert [each.standing for each in advise(case(table, [IDEA]), [IDEA]).items] == ([standing] if standing else [])


def test_a_bucket_is_not_moved_to_where_its_copies_are() -> None:
    table = """
charge   | boundary | direction | from      | to        | service  | resource | operation        | peer      | evidence | amount
transfer | region   | out       | us-east-1 | eu-west-1 | AmazonS3 | films    | PutObjectForRepl | eu-west-1 | bill     | 20000 gb
"""
    assert advise(case(table, [IDEA], has_bill=True, has_flows=False), [IDEA]).items == ()


def test_a_replica_stands_elsewhere_on_purpose() -> None:
    line = "transfer|region|out|us-east-1|eu-west-1|||AmazonEC2|cache||eu-replica|workload|20000 gb"
    assert advise(case(rows(line), [IDEA], moved_same_zone=Decimal(1)), [IDEA]).items == ()


def test_without_a_name_nobody_knows_what_to_move() -> None:
    table = """
charge   | boundary | direction | from      | to        | service  | operation | peer      | evidence | amount
transfer | region   | out       | us-east-1 | eu-west-1 | AmazonS3 | GetObject | eu-west-1 | bill     | 20000 gb
"""
    (advice,) = advise(case(table, [IDEA], has_bill=True, has_flows=False), [IDEA]).items
    assert (advice.standing, advice.at_stake) == (Standing.NOT_JUDGED, Decimal(400))


def test_one_move_is_seen_by_the_next() -> None:
    table = rows(
        "transfer|region|out|us-east-1|eu-west-1|||AmazonS3||films|render|workload|20000 gb",
        "transfer|region|in|us-east-1|eu-west-1|||AmazonEC2|render||films|workload|20000 gb",
    )
    # 20,000 x 0.02 = $400 when the bucket comes to Ireland. After that `render` has no reason to move to the bucket.
    (advice,) = advise(case(table, [IDEA]), [IDEA]).items
    assert (advice.subject, advice.net) == ("films:us-east-1", Decimal(400))


def test_what_zone_affinity_keeps_local_would_still_have_to_follow_a_move() -> None:
    table = rows(
        "transfer|zone|out|us-east-1|us-east-1|||AmazonEC2|app||cache|workload|10000 gb",
        "transfer|zone|in|us-east-1|us-east-1|||AmazonEC2|cache||app|workload|10000 gb",
        "transfer|region|out|us-east-1|eu-west-1|||AmazonEC2|cache||reader|workload|5000 gb",
    )
    made = case(table, [zone_affinity.IDEA, IDEA], local_share=Decimal(1), moved_same_zone=Decimal(1))
    first, *others = advise(made, [zone_affinity.IDEA, IDEA]).items
    # 10,000 x 2 x 0.01 = $200 when both share a zone. Then nothing of that is paid, and moving the cache to its reader would
    # save 5,000 x 0.02 = $100 and cost 10,000 x 0.02 = $200.
    assert (first.kind, first.net) == ("zone-affinity", Decimal(200))
    assert [(each.subject, each.net) for each in others if "cache" in each.subject] == []
    assert [each.subject for each in others if each.standing is Standing.SAVES] == ["reader:eu-west-1"]


def test_a_device_does_not_move() -> None:
    table = rows(
        "transfer|region|out|us-east-1|eu-west-1|nat|nat|AmazonEC2||nat-1|aws eu-west-1 S3|provider_service|20000 gb",
        "nat|region|out|us-east-1||nat|nat|AmazonEC2||nat-1|aws eu-west-1 S3|provider_service|20000 gb",
    )
    assert advise(case(table, [IDEA]), [IDEA]).items == ()


TO_EUROPE = "transfer|region|out|us-east-1|eu-west-1|||AmazonEC2|render||web|workload|1500 gb"
TO_CANADA = "transfer|region|out|us-east-1|ca-central-1|||AmazonEC2|render||api|workload|{} gb"


@pytest.mark.parametrize(
    ("canada", "to", "net", "distance"),
    [
        # To Canada 1,000 x 0.02 becomes 670 x 2 x 0.01; to Europe 1,500 x 0.02 becomes 1,005 x 2 x 0.01, which saves more.
        ("1000", "ca-central-1", "6.6", "791 km away on the same continent"),
        # In Canada 100 GB would save 0.66, which is not worth a word.
        ("100", "eu-west-1", "9.9", "5,464 km away on another continent (Europe)"),
    ],
)
def test_a_region_of_the_own_continent_goes_before_one_that_saves_more(
    canada: str, to: str, net: str, distance: str
) -> None:
    made = case(rows(TO_EUROPE, TO_CANADA.format(canada)), [IDEA], moved_same_zone=Decimal("0.33"))
    advice = next(each for each in advise(made, [IDEA]).items if each.key == "move-region:render:us-east-1")
    assert advice.title == f"Move render from us-east-1 to {to}"
    assert advice.net == Decimal(net)
    assert distance in advice.change


def test_nobody_knows_how_far_a_region_without_a_site_is() -> None:
    made = case(rows("transfer|region|out|us-east-1|eu-west-1|||AmazonEC2|render||web|workload|9000 gb"), [IDEA])
    made.sites = {}
    advice = next(each for each in advise(made, [IDEA]).items if each.key == "move-region:render:us-east-1")
    assert "nobody knows how far away" in advice.change


def test_more_workloads_than_are_weighed_are_said() -> None:
    lines = [
        f"transfer|region|out|us-east-1|eu-west-1|||AmazonEC2|w{each:02}|||unknown|{1000 - each} gb"
        for each in range(12)
    ]
    (others,) = (each for each in advise(case(rows(*lines), [IDEA]), [IDEA]).items if each.key == "move-region:others")
    # The two smallest, 990 and 989 GB x 0.02.
    assert others.at_stake == Decimal("39.58")
    assert others.missing.startswith("workloads and buckets beyond the 10 that are weighed: 2;")
