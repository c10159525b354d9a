"""A CDN before what is served, by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import case
from advice.logs import logs

from egresscost.advice import advise
from egresscost.advice.edges import Geographies
from egresscost.advice.ideas.cdn import IDEA
from egresscost.pricing import cards
from egresscost.results import Standing, Sureness
from egresscost.sources import registry

HEAD = "charge | boundary | direction | from | service | workload | resource | path | peer | peer_country | evidence | operation | amount\n"
FILMS = (
    HEAD
    + "transfer | internet | out | us-east-1 | AmazonS3 | | lumen-films | unknown | | | bill | GetObject | 30000 gb"
)


@pytest.mark.parametrize(
    ("size", "standing", "net"),
    [
        # Internet, us-east-1: 100 GB free, 10,240 x 0.09 = 921.60, 19,660 x 0.085 = 1,671.10: 2,592.70.
        # Edge, US: 1,024 GB free, 10,240 x 0.085 = 870.40, 18,736 x 0.08 = 1,498.88: 2,369.28. Bytes save 223.42.
        # Requests: 30,000 x 1,048,576 KB / size, each 10,000 at 0.01: 31,457.28 / size. They meet at 140.8 KB.
        (140, Standing.DOES_NOT_PAY, Decimal("-1.2749")),
        (141, Standing.DOES_NOT_PAY, Decimal("0.3187")),  # less than a dollar a month is nobody's time
        (142, Standing.SAVES, Decimal("1.8898")),
        (1024, Standing.SAVES, Decimal("192.7000")),  # 30.72 for requests
    ],
)
def test_requests_of_small_objects_cost_more_than_a_cdn_saves(size: int, standing: Standing, net: Decimal) -> None:
    (advice,) = advise(case(FILMS, [IDEA], mean_object_kb=Decimal(size)), [IDEA]).items
    assert (advice.key, advice.standing, advice.gross) == ("cdn:us-east-1:lumen-films", standing, Decimal("2592.7"))
    assert advice.net is not None
    assert abs(advice.net - net) < Decimal("0.0002")
    assert advice.title == "CloudFront in front of lumen-films"
    assert (advice.sureness, advice.because) == (Sureness.LOW, f"no access logs: answers of {size:,} KB are assumed")


def test_access_logs_tell_the_size_of_answers_and_what_is_asked_for_again() -> None:
    # 4 GB in 1,024 requests to the internet: 4 MB each; the copy inside of the region counts for nothing. 3 of 4 GB again.
    evidence = logs("""
service  | resource    | client      | requests  | bytes_out     | repeated_bytes
AmazonS3 | lumen-films | internet    | 1024      | 4,294,967,296 | 3,221,225,472
AmazonS3 | lumen-films | same_region | 1,000,000 | 1,000,000     | 0
AmazonS3 | films       | internet    | 1,000,000 | 1,000,000     | 0
""")
    (advice,) = advise(case(FILMS, [IDEA], http=evidence), [IDEA]).items
    # 30,000 GB / 4 MB = 7,680,000 requests = 768 x 10,000 at 0.01.
    (fee,) = advice.fees
    assert (fee.title, fee.quantity, fee.cost) == ("HTTPS requests, edge-US", Decimal(768), Decimal("7.68"))
    assert advice.net == Decimal("223.42") - Decimal("7.68")
    assert (advice.standing, advice.sureness) == (Standing.SAVES, Sureness.MEDIUM)
    assert "mean_object_kb" not in [each.name for each in advice.assumptions]
    assert "4,096 KB a request" in advice.change
    assert "(75%" in advice.change
    origin = [pool for pool in advice.pools if pool.pool.startswith("aws:transfer,origin,out")]
    assert [(pool.before, pool.after, pool.cost_after) for pool in origin] == [(Decimal(0), Decimal(7500), Decimal(0))]


def test_the_hit_ratio_decides_what_a_cdn_of_another_company_saves() -> None:
    (advice,) = advise(case(FILMS, [IDEA], mean_object_kb=Decimal(1024), cdn_price=Decimal("0.03")), [IDEA]).items
    curve = {each.value: each.net for each in advice.curve if each.name == "hit_ratio"}
    # Half: 15,000 GB stay: 100 free, 10,240 x 0.09, 4,660 x 0.085 = 1,317.70, so 1,275.00 go; 30,000 x 0.03 = 900.
    assert curve[Decimal("0.5")] == Decimal(375)
    # 95 %: 1,500 GB stay, 1,400 x 0.09 = 126, so 2,466.70 go.
    assert curve[Decimal("0.95")] == Decimal("1566.7")
    sizes = {each.value: each.net for each in advice.curve if each.name == "mean_object_kb"}
    assert sizes[Decimal(10000)] == Decimal("223.42") - Decimal("3.145728")


def test_viewers_are_priced_at_the_edges_of_their_countries() -> None:
    rows = (
        HEAD
        + """
transfer | internet | out | us-east-1 | AWSELB | shop-alb | eni-1 | application_load_balancer |  | BR | flow | | 4000 gb
transfer | internet | out | us-east-1 | AWSELB | shop-alb | eni-1 | application_load_balancer |  | DE | flow | | 4000 gb
transfer | internet | out | us-east-1 | AWSELB | shop-alb | eni-1 | application_load_balancer |  |    | flow | | 4000 gb
""".strip()
    )
    evidence = logs("""
service | resource          | requests  | bytes_out
AWSELB  | app/shop-alb/50dc | 1,000,000 | 1,048,576,000,000
""")
    (advice,) = advise(case(rows, [IDEA], http=evidence), [IDEA]).items
    # Internet: 11,900 GB: 921.60 + 1,660 x 0.085 = 1,062.70.
    # Edges: 1,024 GB free are shared in thirds; 10,976 GB: 3,658.67 each x (0.11 + 0.085 + 0.085) = 1,024.43 (US, EU, SA).
    # Requests of 1,024 KB: 4,000 x 1,024 = 4,096,000 for each: 409.6 x (0.022 + 0.012 + 0.01) = 18.0224.
    assert advice.gross == Decimal("1062.7")
    assert advice.new_cost is not None
    assert abs(advice.new_cost - Decimal("1024.4267") - Decimal("18.0224")) < Decimal("0.001")
    assert [fee.title for fee in advice.fees] == [f"HTTPS requests, edge-{each}" for each in ("EU", "SA", "US")]
    assert advice.standing is Standing.SAVES


def test_what_goes_through_a_nat_gateway_or_to_another_cdn_is_nobodys_web_page() -> None:
    rows = (
        HEAD
        + """
transfer | internet | out | us-east-1 | AmazonEC2 | etl |       | nat     |            | | flow |            | 9000 gb
transfer | internet | out | us-east-1 | AmazonEC2 |     | nat-1 | unknown |            | | bill | NatGateway | 9000 gb
transfer | internet | out | us-east-1 | AmazonEC2 | web |       | direct  | cloudflare | | flow |            | 9000 gb
transfer | internet | out | us-east-1 | AmazonEC2 |     | arn:aws:ec2:us-east-1:1:natgateway/nat-2 | unknown | | | bill | RunInstances | 9000 gb
transfer | internet | out | us-east-1 | AmazonRDS |     | db    | unknown |            | | bill |            | 9000 gb
transfer | region   | out | us-east-1 | AmazonEC2 | web |       | direct  |            | | flow |            | 9000 gb
""".strip()
    )
    assert advise(case(rows, [IDEA], mean_object_kb=Decimal(1024)), [IDEA]).items == ()


def test_machines_that_send_straight_to_the_internet_are_a_guess() -> None:
    rows = HEAD + "transfer | internet | out | us-east-1 | AmazonEC2 | media | i-1 | direct | | | flow | | 30000 gb"
    (advice,) = advise(case(rows, [IDEA], mean_object_kb=Decimal(1024)), [IDEA]).items
    assert (advice.key, advice.standing, advice.sureness) == ("cdn:us-east-1:media", Standing.SAVES, Sureness.LOW)


def test_without_access_logs_it_is_said_from_which_size_on_it_would_pay() -> None:
    rows = (
        FILMS
        + "\ntransfer | internet | out | us-east-1 | AmazonEC2 | | i-1 | unknown | | | bill | RunInstances | 1000 gb"
    )
    (advice,) = advise(case(rows, [IDEA], has_flows=False, has_bill=True), [IDEA]).items
    # 31,000 GB: 31,000 - 10,340 = 20,660 x 0.085 = 1,756.10 and 921.60 = 2,677.70 are at stake. Alone, the bucket is dearer
    # at the margin: all of it less 1,000 GB of machines, whose 900 GB x 0.09 = 81: 2,596.70; edges 2,369.28: 227.42.
    assert (advice.standing, advice.at_stake) == (Standing.NOT_JUDGED, Decimal("2677.7"))
    # 31,457.28 / 227.42 = 138 KB.
    assert "a CDN before lumen-films pays where its answers have 138 KB or more" in advice.missing
    assert "storage" in advice.evidence_cost


def test_bytes_are_not_taken_where_the_edge_is_dearer() -> None:
    # sa-east-1 pays 0.15, its edge 0.11; us-east-1 to viewers of Hong Kong pays 0.09, the edge 0.12.
    rows = (
        HEAD + "transfer | internet | out | us-east-1 | AmazonS3 | | docs | unknown | | HK | flow | | 9000 gb\n"
        "transfer | internet | out | sa-east-1 | AmazonS3 | | docs | unknown | | | flow | | 9000 gb"
    )
    found = advise(case(rows, [IDEA], mean_object_kb=Decimal(4096)), [IDEA]).items
    assert [(each.subject, each.standing) for each in found] == [
        ("sa-east-1:docs", Standing.SAVES),
        ("us-east-1:docs", Standing.DOES_NOT_PAY),
    ]


def test_every_geography_has_rates_and_each_country_one_geography() -> None:
    play = registry.providers()["aws"].plays()["cdn"]
    places = Geographies.of(play)
    priced = {each.keys["from"] for each in cards.default().ladders("aws") if each.keys["boundary"] == "edge"}
    named = {*places.countries.values(), *places.regions.values(), places.dearest}
    assert named <= priced - {"edge-CN"}
    assert named == set(places.factors)
    words = [word for line in play.facts["countries"] for word in line.split()[1:]]
    assert sorted(words) == sorted(set(words))
    assert [places.at_home(each) for each in ("us-gov-west-1", "ap-northeast-1", "ap-northeast-2", "xx-north-1")] == [
        "edge-US",
        "edge-JP",
        "edge-AP",
        "edge-AP",
    ]
