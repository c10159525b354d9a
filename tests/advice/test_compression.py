"""Compression of text, by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from advice.ledgers import case
from advice.logs import logs

from egresscost.advice import advise
from egresscost.advice.compressing import families, text_of
from egresscost.advice.ideas.cdn import IDEA as CDN
from egresscost.advice.ideas.compression import IDEA
from egresscost.results import Standing, Sureness

HEAD = "charge | boundary | direction | from | service | workload | resource | path | evidence | amount\n"
EDGE = (
    HEAD
    + """
transfer | edge | out | edge-US | AmazonCloudFront | | arn:aws:cloudfront::1:distribution/E1 | direct | bill | 5120 gb
transfer | edge | out | edge-EU | AmazonCloudFront | | arn:aws:cloudfront::1:distribution/E1 | direct | bill | 5120 gb
""".strip()
)


def test_text_that_is_sent_uncompressed_falls_away_by_its_share() -> None:
    # The log covers 1 MB of it: 40 % JSON, 10 % HTML, uncompressed; the rest is video. Its amounts count for nothing.
    evidence = logs("""
service          | resource | edge    | content_type     | encoded | requests | bytes_out
AmazonCloudFront | E1       | edge-US | application/json | no      | 10       | 400,000
AmazonCloudFront | E1       | edge-US | text/html        | no      | 10       | 100,000
AmazonCloudFront | E1       | edge-US | text/css         | yes     | 10       | 100,000
AmazonCloudFront | E1       | edge-US | video/mp4        | already | 10       | 400,000
AmazonCloudFront | E2       | edge-US | text/html        | no      | 10       | 900,000
""")
    (advice,) = advise(case(EDGE, [IDEA], http=evidence), [IDEA]).items
    # JSON loses 80 % of 0.4, HTML 75 % of 0.1: 0.395 of 10,240 GB = 4,044.8 GB. All of it at 0.085: 343.808; the free
    # 1,024 GB stay used up. CloudFront compresses by itself: no processor.
    assert (advice.key, advice.standing, advice.sureness) == ("compression:E1", Standing.SAVES, Sureness.MEDIUM)
    assert (advice.gross, advice.new_cost, advice.fees) == (Decimal("343.808"), Decimal(0), ())
    assert [each.name for each in advice.assumptions] == ["compress_html", "compress_json"]
    assert "json 40%, html 10%" in advice.change
    # JSON at 0.10 and 0.25: 0.36 + 0.075 and 0.30 + 0.075 of 870.40.
    assert [(each.name, each.value, round(each.net, 3)) for each in advice.curve] == [
        ("compress_json", Decimal("0.10"), Decimal("378.624")),
        ("compress_json", Decimal("0.25"), Decimal("326.4")),
    ]


def test_where_nobody_knows_what_is_compressed_the_saving_is_a_guess() -> None:
    rows = (
        HEAD
        + "transfer | internet | out | us-east-1 | AWSELB | | arn:x:loadbalancer/app/api/5 | unknown | bill | 10100 gb"
    )
    evidence = logs("""
service | resource  | content_type     | requests | bytes_out
AWSELB  | app/api/5 | application/json | 100      | 1,000,000
""")
    (advice,) = advise(case(rows, [IDEA], http=evidence), [IDEA]).items
    # 30 % of it is taken to be uncompressed: 0.3 x 0.8 = 0.24 of 10,100 GB = 2,424 GB x 0.09 = 218.16.
    # The processor compresses 3,030 GB at 0.001: 3.03.
    assert (advice.key, advice.gross, advice.new_cost) == (
        "compression:us-east-1:api",
        Decimal("218.16"),
        Decimal("3.03"),
    )
    assert (advice.sureness, advice.standing) == (Sureness.LOW, Standing.SAVES)
    curve = {each.value: each.net for each in advice.curve if each.name == "uncompressed_share"}
    # 72.72 less the processor's 1.01 for 1,010 GB, 218.16 less 3.03, 727.20 less 10.10.
    assert curve == {Decimal("0.1"): Decimal("71.71"), Decimal("0.3"): Decimal("215.13"), Decimal(1): Decimal("717.1")}


@pytest.mark.parametrize(
    ("price", "standing"),
    # 2,424 GB fewer save 218.16; 3,030 GB are compressed: they meet at 0.072 a GB, a dollar a month earlier counts.
    [("0.0716", Standing.SAVES), ("0.0718", Standing.DOES_NOT_PAY)],
)
def test_a_dear_processor_eats_the_saving(price: str, standing: Standing) -> None:
    rows = HEAD + "transfer | internet | out | us-east-1 | AWSELB | api | eni | direct | flow | 10100 gb"
    evidence = logs("""
service | resource  | content_type     | requests | bytes_out
AWSELB  | app/api/5 | application/json | 100      | 1,000,000
""")
    (advice,) = advise(case(rows, [IDEA], http=evidence, cpu_per_gb=Decimal(price)), [IDEA]).items
    assert advice.standing is standing


def test_small_answers_and_formats_that_are_compressed_are_no_text() -> None:
    found = text_of(
        logs("""
service | resource | content_type             | encoded | requests | bytes_out
AWSELB  | api      | application/json         | no      | 1001     | 1,000,000
AWSELB  | api      | image/svg+xml            | no      | 10       | 500,000
AWSELB  | api      | image/png                | already | 10       | 250,000
AWSELB  | api      | application/javascript   | yes     | 10       | 150,000
AWSELB  | api      | application/octet-stream | unknown | 10       | 100,000
""")
    )
    assert (found.known, found.unknown) == ({"svg": Fraction(1, 4)}, {})


def test_every_family_has_a_middle_between_its_ends() -> None:
    assert [each.name for each in families()] == ["html", "css", "js", "json", "xml", "svg", "text"]
    assert all(0 < each.least <= each.left <= each.most < 1 for each in families())


def test_without_access_logs_compression_cannot_be_judged() -> None:
    (advice,) = advise(case(EDGE, [IDEA]), [IDEA]).items
    # 10,240 GB less 1,024 free, at 0.085 = 783.36.
    assert (advice.standing, advice.at_stake) == (Standing.NOT_JUDGED, Decimal("783.36"))
    assert "no access logs" in advice.missing


def test_machines_and_other_boundaries_are_left_alone() -> None:
    rows = HEAD + "transfer | internet | out | us-east-1 | AmazonEC2 | web | i-1 | direct | flow | 9000 gb\n"
    rows += "transfer | region | out | us-east-1 | AWSELB | web | eni | direct | flow | 9000 gb"
    assert advise(case(rows, [IDEA]), [IDEA]).items == ()


def test_what_is_compressed_first_still_pays_its_requests_at_a_cdn() -> None:
    rows = (
        HEAD
        + "transfer | internet | out | us-east-1 | AWSELB | | arn:x:loadbalancer/app/api/5 | unknown | bill | 30000 gb"
    )
    evidence = logs("""
service | resource  | content_type     | encoded | requests | bytes_out
AWSELB  | app/api/5 | application/json | no      | 1024     | 1,073,741,824
""")
    found = advise(case(rows, [IDEA, CDN], http=evidence), [CDN, IDEA]).items
    by_kind = {each.kind: each for each in found}
    # Compression leaves 6,000 of 30,000 GB. The requests stay: 30,000 x 1,024 of 1 MB = 3,072 x 10,000 at 0.01.
    assert by_kind["compression"].standing is Standing.SAVES
    assert [each.cost for each in by_kind["cdn"].fees] == [Decimal("30.72")]
    # 6,000 GB: 5,900 x 0.09 = 531.00; edge 4,976 x 0.085 = 422.96.
    assert (by_kind["cdn"].gross, by_kind["cdn"].new_cost) == (Decimal(531), Decimal("422.96") + Decimal("30.72"))
