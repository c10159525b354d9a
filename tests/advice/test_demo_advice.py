"""Every advice of the demo, by hand from its tables (tools/demo_bill.py, demo_flows.py, demo_access.py).

October 2026 has 744 hours. Rates are those of the demo's bill: NAT gateway 0.045 a GB and an hour (0.048 in eu-west-1), zone
0.010 at each end, region 0.020, endpoint 0.010 an hour and a GB (0.011 an hour in eu-west-1), transit gateway 0.020 a GB and 0.050
an hour. What follows another advice is priced by what that one left.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import egresscost
from egresscost import advice, money, pipeline
from egresscost.flows import FlowOptions
from egresscost.periods import Window
from egresscost.results import Selection, Standing, Sureness

if TYPE_CHECKING:
    from collections.abc import Callable

    from egresscost.results import Advice, AdviceList

DEMO = Path(egresscost.__file__).parent / "demo"
HOURS = 744


class Found(NamedTuple):
    """What the pipeline says, and what everything costs before and after."""

    list: AdviceList
    before: Decimal
    after: Decimal

    def __getitem__(self, key: object) -> Advice:
        (one,) = (each for each in self.list.items if each.key == key)
        return one


@pytest.fixture(scope="module")
def found() -> Found:
    paths = [str(DEMO / name) for name in ("bill", "flows", "access")]
    request = pipeline.Request(
        paths,
        Selection(window=Window(date(2026, 10, 1), date(2026, 11, 1))),
        flows=FlowOptions(inventory=(str(DEMO / "inventory"),)),
    )
    inputs = pipeline.read_all(request)
    case, ideas = pipeline.advice_case(inputs, request, pipeline.report(inputs, request))
    before = case.ledger.cost
    whole = advice.advise(case, ideas)
    assert set(before) == {"USD"}
    return Found(whole, before["USD"], case.ledger.cost["USD"])


def F(text: str | int) -> Fraction:  # noqa: N802  short, for tables of arithmetic
    return Fraction(text)


def steps(gb: Fraction, *prices: tuple[int, str]) -> Fraction:
    """GB by steps: each up to so many GB at a price."""
    cost, used = F(0), F(0)
    for upto, price in prices:
        part = max(min(gb, F(upto)) - used, F(0))
        cost, used = cost + part * F(price), used + part
    return cost


def internet(us: Fraction) -> Fraction:
    """What leaves to the internet: `us` from us-east-1, 6,200 GB from eu-west-1, 1,900 GB from ap-southeast-2.

    100 GB are free for all regions together and are taken from each by its part. Steps: 10 TB, 40 TB, 100 TB.
    """
    whole = us + 6200 + 1900
    us, eu, sydney = (each - 100 * each / whole for each in (us, F(6200), F(1900)))
    return (
        steps(us, (10240, "0.09"), (51200, "0.085"), (153600, "0.07"))
        + steps(eu, (10240, "0.09"))
        + steps(sydney, (10240, "0.114"))
    )


def edge(us: Fraction, eu: Fraction) -> Fraction:
    """What leaves the CDN: 1,024 GB are free for both together, 20 % less by contract."""
    free = F(1024) / (us + eu)
    us, eu = us - us * free, eu - eu * free
    prices = ((10240, "0.085"), (51200, "0.080"))
    return (steps(us, *prices) + steps(eu, *prices)) * F("0.8")


def sent(objects: int, requests: int, size: int, head: int) -> int:
    """Bytes of a row of the access logs' table: an object differs from the next by a part of a fortieth, in 16ths of it."""
    spread = (number * size // 40 // objects // 16 * 16 if objects > 1 else 0 for number in range(1, objects + 1))
    return sum(requests * (size + each + head) for each in spread)


# CloudFront and the balancer count a head of 420 bytes with each answer, S3 does not.
FILMS = [
    (45, 4, 4_200_000),
    (24, 5, 2_100_000),
    (20, 8, 180_000),
    (1, 90, 640_000),
    (1, 50, 85_000),
    (1, 80, 1_450_000),
]
FILMS += [(1, 80, 92_000), (20, 3, 88_000), (1, 60, 21_000), (1, 30, 310), (1, 9, 1_020)]
SHOP = [(1, 110, 74_000), (1, 130, 310_000), (12, 9, 48_000), (1, 90, 980_000), (10, 8, 420_000), (30, 1, 38_000)]
SHOP += [(20, 1, 260_000), (1, 50, 1_900), (1, 12, 540)]
BUCKET = [(12, 12, 18_000_000), (1, 40, 9_500_000), (1, 60, 2_400_000), (4, 8, 1_100_000)]
ALL_FILMS, ALL_SHOP = (sum(sent(*row, 420) for row in rows) for rows in (FILMS, SHOP))
ALL_BUCKET = sum(sent(*row, 0) for row in BUCKET)


def shrunk(total: int, **text: int) -> tuple[Fraction, Fraction]:
    """Which part of all bytes is text that is sent as it is (3 of 10), and which falls away: gzip leaves so much of each."""
    left = {"html": "0.25", "css": "0.2", "js": "0.33", "json": "0.2", "xml": "0.2", "text": "0.35"}
    plain = F("0.3") * sum(text.values()) / total
    return plain, F("0.3") * sum(size * (1 - F(left[name])) for name, size in text.items()) / total


_, FILMS_LESS = shrunk(
    ALL_FILMS,
    js=sent(1, 80, 1_450_000, 420),
    json=sent(1, 90, 640_000, 420) + sent(1, 50, 85_000, 420),  # the 30 answers of 310 bytes are too small
    html=sent(1, 80, 92_000, 420) + sent(1, 9, 1_020, 420),
    text=sent(20, 3, 88_000, 420),
    css=sent(1, 60, 21_000, 420),
)
SHOP_PACKED, SHOP_LESS = shrunk(
    ALL_SHOP, js=sent(1, 90, 980_000, 420), json=sent(1, 130, 310_000, 420) + sent(12, 9, 48_000, 420)
)
BUCKET_PACKED, BUCKET_LESS = shrunk(ALL_BUCKET, json=sent(1, 60, 2_400_000, 0), xml=sent(4, 8, 1_100_000, 0))

# What us-east-1 sends to the internet: 70,100 GB, of which the bucket 27,000, the ticket shop 6,800, the log shipper 2,600.
# In the ideas' order: the bucket's text, the shop's, telemetry, then the bucket and the shop behind the CDN.
US = [F(70100)]
for step in (27000 * BUCKET_LESS, 6800 * SHOP_LESS, 2600 * F("0.4"), 27000 * (1 - BUCKET_LESS), 6800 * (1 - SHOP_LESS)):
    US.append(US[-1] - step)
LESS = [internet(one) - internet(other) for one, other in pairwise(US)]
# The CDN's 24,024 GB in America and 8,200 in Europe, less text; then the bucket, whose viewers nobody knows: America, where it
# stands. Then the shop, of whose bytes 6,100 go to Europe and 700 to America.
EDGE_US, EDGE_EU = (gb * (1 - FILMS_LESS) for gb in (F(24024), F(8200)))
WITH_BUCKET = EDGE_US + 27000 * (1 - BUCKET_LESS)
WITH_SHOP = (WITH_BUCKET + 700 * (1 - SHOP_LESS), EDGE_EU + 6100 * (1 - SHOP_LESS))
# 0.01 for 10,000 requests, 0.012 in Europe; as many as the bytes before compression are answers of the mean size.
GB = 2**30
BUCKET_FEE = F(27000) * GB / F(ALL_BUCKET) * sum(row[0] * row[1] for row in BUCKET) / 10000 * F("0.01")
SHOP_REQUESTS = F(GB) / F(ALL_SHOP) * sum(row[0] * row[1] for row in SHOP) / 10000
SHOP_FEE = SHOP_REQUESTS * (6100 * F("0.012") + 700 * F("0.01"))

LAKE, FERRIES, FILMS_NET = "vpc-0fd2e949e8e7458b1", "vpc-0cb29ecf14e621151", "vpc-032abc013d148b9f7"
SAVES: dict[str, Fraction] = {
    # The sandbox's NAT gateway carries nothing, and nothing uses its four addresses.
    "idle-device:nat-0d0146b8fe25a9c17": HOURS * F("0.045"),
    "idle-device:addresses:100000000014:us-east-1": 4 * HOURS * F("0.005"),
    # Endpoints in three zones, with 2 and 8 GB; in eu-west-1 with 500.
    "remove-endpoint:vpce-0619c8e4b7d2f5a03": 3 * HOURS * F("0.01") + 2 * (F("0.01") - F("0.045")),
    "remove-endpoint:vpce-0d57b3e08a6f1c942": 3 * HOURS * F("0.01") + 8 * (F("0.01") - F("0.045")),
    "remove-endpoint:vpce-02b95e8d6a1f07c34": 3 * HOURS * F("0.011") + 500 * (F("0.01") - F("0.048")),
    # Uploads over acceleration, once.
    "accelerator:s3-transfer-acceleration:lumen-uploads": 420 * F("0.04"),
    # S3 through the NAT gateways, by etl-a, etl-b, positions and etl-c, both ways; positions hops to another zone as well.
    f"gateway-endpoint:{LAKE}:s3": (1400 + 5600 + 1700 + 4500 + 200 + 1700 + 1000 + 2900) * F("0.045")
    + (200 + 1700) * 2 * F("0.01"),
    f"gateway-endpoint:{LAKE}:dynamodb": (300 + 800 + 200 + 500) * F("0.045"),
    # CloudWatch and others: an endpoint in the three zones of etl-a, etl-b and etl-c.
    f"interface-endpoint:{LAKE}:amazon": (500 + 100 + 400 + 100 + 200 + 100) * (F("0.045") - F("0.01"))
    - 3 * HOURS * F("0.01"),
    # What positions still exchanges through another zone's gateway, when S3 has gone.
    f"nat-per-zone:{LAKE}:use1-az6": (40 + 2060) * 2 * F("0.01") - HOURS * F("0.045"),
    "public-addressing:checkout-1:web-1": (860 + 40) * 2 * F("0.01"),
    # 5,000 + 6,000 GB in one zone, and the attachment of ferries; then 3,000 GB across zones, which cost the same, and both
    # attachments that are left.
    f"transit-gateway-to-peering:{FERRIES}:{LAKE}": (5000 + 6000) * F("0.02") + HOURS * F("0.05"),
    f"transit-gateway-to-peering:{FILMS_NET}:{LAKE}": 3000 * (F("0.02") - 2 * F("0.01")) + 2 * HOURS * F("0.05"),
    # Two thirds of what crosses stays.
    "zone-affinity:us-east-1:app:cache": (600 + 17400) * 2 * F("0.01") * F("0.67"),
    "zone-affinity:us-east-1:web-1:web-2": (5100 + 100) * 2 * F("0.01") * F("0.67"),
    # 19,000 GB to Sydney become traffic between zones but for a third; 300 GB from S3 cross, and 1 GB to it at Sydney's rate.
    "move-region:live-encoder:us-east-1": 19000 * (F("0.02") - F("0.67") * 2 * F("0.01"))
    - 300 * F("0.02")
    - F("0.098"),
    "replication-audit:lumen-films:us-east-1": 9000 * F("0.015"),
    "compression:us-east-1:lumen-films": LESS[0] - 27000 * BUCKET_PACKED * F("0.001"),
    "compression:us-east-1:ticket-shop": LESS[1] - 6800 * SHOP_PACKED * F("0.001"),
    "compression:E2LUMENFILMS1": edge(F(24024), F(8200)) - edge(EDGE_US, EDGE_EU),
    # Half of it shrinks to a fifth: 4 of 10 bytes, at the NAT gateway and on the way out.
    "telemetry:log-shipper:gcp": 2600 * F("0.4") * F("0.045") + LESS[2],
    "cdn:us-east-1:lumen-films": LESS[3] - (edge(WITH_BUCKET, EDGE_EU) - edge(EDGE_US, EDGE_EU)) - BUCKET_FEE,
    "cdn:us-east-1:ticket-shop": LESS[4] - (edge(*WITH_SHOP) - edge(WITH_BUCKET, EDGE_EU)) - SHOP_FEE,
}
DOES_NOT_PAY: dict[str, Fraction] = {
    # 690 GB are just worth the queue's endpoint.
    "remove-endpoint:vpce-0a82d6f5c19e4b730": 3 * HOURS * F("0.01") + 690 * (F("0.01") - F("0.045")),
    # All of 6,000 GB would cross zones; of 11,000 those 4,000 do already that come from positions.
    "fewer-nats:nat-0c95f2e07b1a86d43": HOURS * F("0.045") - 6000 * 2 * F("0.01"),
    "fewer-nats:nat-0b38d6a914e7c0f25": HOURS * F("0.045") - (11000 - 4000) * 2 * F("0.01"),
    # 2,190 GB from networks that serve images: half are layers, of which 9 of 10 are kept. Two endpoints in three zones, and a
    # month of storing the tenth.
    f"image-pulls:{LAKE}": 2190 * F("0.5") * F("0.9") * F("0.045")
    - 2 * 3 * HOURS * F("0.01")
    - 2190 * F("0.5") * F("0.1") * F("0.1"),
    # Fetching from the origin is free.
    "cdn-hit-ratio:E2LUMENFILMS1": F(0),
}


def cents(amount: Fraction | Decimal | None) -> Decimal:
    assert amount is not None
    return Decimal(round(Fraction(amount) * 100)) / 100


@pytest.mark.parametrize("key", SAVES)
def test_what_saves_saves_as_much_as_by_hand(found: Found, key: str) -> None:
    assert (found[key].standing, cents(found[key].net)) == (Standing.SAVES, cents(SAVES[key]))


@pytest.mark.parametrize("key", DOES_NOT_PAY)
def test_what_does_not_pay_misses_by_as_much_as_by_hand(found: Found, key: str) -> None:
    assert (found[key].standing, cents(found[key].net)) == (Standing.DOES_NOT_PAY, cents(DOES_NOT_PAY[key]))


def test_nothing_else_is_weighed_and_at_least_twelve_kinds_save(found: Found) -> None:
    weighed = {each.key for each in found.list.items if each.standing is not Standing.NOT_JUDGED}
    assert weighed == {*SAVES, *DOES_NOT_PAY}
    assert len({each.kind for each in found.list.savings}) >= 12


def test_all_savings_are_what_is_paid_before_less_after_less_fees(found: Found) -> None:
    fees = money.total(fee.cost for each in found.list.savings for fee in each.fees)
    total = money.total(each.net for each in found.list.savings)
    assert fees is not None
    assert total == found.list.total["USD"]
    assert total == money.EXACT.subtract(money.EXACT.subtract(found.before, found.after), fees)
    assert cents(total) == cents(sum(SAVES.values(), F(0)))


def test_the_ledger_costs_what_the_bill_says(found: Found) -> None:
    # 12,871.34 less the 3.10 of the meter that nobody knows. Free GB are taken from all regions by their part, and not all from the
    # first, which is 0.26 less for the 100 GB of the internet, and 1.04 less for the CDN's TB.
    assert round(found.before, 2) == Decimal("12866.94") == Decimal("12871.34") - Decimal("3.10") - Decimal("1.30")


def test_the_first_three_are_what_an_engineer_would_do_first(found: Found) -> None:
    assert [(each.title, each.number) for each in found.list.savings[:3]] == [
        ("S3 gateway endpoint for data-platform vpc-0fd2e949", 1),
        ("CloudFront in front of lumen-films", 2),
        ("Peer shop-prod vpc-0cb29ecf and data-platform vpc-0fd2e949", 3),
    ]
    first = found.list.savings[0]
    assert first.sureness is Sureness.HIGH
    assert "The network has one already" in first.change


def test_savings_stand_in_the_order_of_their_size(found: Found) -> None:
    nets = [each.net or Decimal(0) for each in found.list.savings]
    assert nets == sorted(nets, reverse=True)


WHERE: list[Callable[[str], bool]] = [
    lambda said: said.startswith("no access logs of streamer, ticket-shop (eu-west-1), staging and 2 more: "),
    lambda said: said.startswith("no access logs of ticket-shop (eu-west-1): "),
    lambda said: said.startswith("no flow logs in eu-west-1: "),
    lambda said: said.startswith("who talks to whom across zones in eu-west-1 isn't known"),
    lambda said: said.startswith("which prefixes are replicated"),
    # 2,600 GB of the log shipper, compressed by $119.60 before.
    lambda said: said.startswith("what a private line to Google Cloud costs by the month isn't known"),
]


def test_what_cannot_be_judged_says_where_the_evidence_is_missing(found: Found) -> None:
    missing = {each.missing for each in found.list.items if each.standing is Standing.NOT_JUDGED}
    assert all(any(fits(said) for fits in WHERE) for said in missing), missing
    assert all(any(fits(said) for said in missing) for fits in WHERE), missing
