"""The same rows from other boundaries, and the keys that rates are looked up by."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from boundary.scenes import PLACES, inventory, scenes, sightings

from egresscost.boundary.classify import classify
from egresscost.boundary.uses import uses
from egresscost.boundary.views import relative_to
from egresscost.frame import View
from egresscost.pricing import cards
from egresscost.providers.aws.network import network

VIEWS = [
    # scene, zone, region, vpc, account, cloud
    ("a machine with a public address sends and receives", "in out", "in out", "in out", "in out", "in out"),
    ("both ends of a crossing between zones are charged", "in in out out", *["inside inside inside inside"] * 4),
    ("inside one zone nothing is charged", *["inside"] * 5),
    (
        "peering inside the region, to another zone",
        "inside inside out",
        "inside inside inside",
        "out out out",
        "out out out",
        "inside inside inside",
    ),
    (
        "peering to another region",
        "in out",
        "in out",
        "in out",
        "inside inside",
        "inside inside",
    ),
    ("S3 of the region by the internet gateway", "in out", "inside inside", "in out", "in out", "inside inside"),
    ("CloudFront fetches from its origin", "in out", "in out", "in out", "in out", "inside inside"),
    ("VPN or Direct Connect", "in out", "in out", "in out", "in out", "in out"),
    ("an unknown private peer stays unknown", *["unknown unknown"] * 5),
]
SCENES = {
    scene.title: scene
    for name in ("internet.txt", "nat.txt", "zones.txt", "services.txt", "devices.txt")
    for scene in scenes(name)
}


def rows(title: str) -> pl.DataFrame:
    scene = next(scene for name, scene in SCENES.items() if name.startswith(title))
    return classify(sightings(scene), network(), list(PLACES.values()), inventory(scene)).rows


@pytest.mark.parametrize(("title", "seen"), [(each[0], dict(zip(View, each[1:], strict=True))) for each in VIEWS])
def test_what_is_egress_depends_on_the_boundary(title: str, seen: dict[View, str]) -> None:
    crossed = rows(title).filter(pl.col("charge") == "transfer")
    for view, expected in seen.items():
        from_there = relative_to(crossed, view)
        assert " ".join(sorted(from_there["relative"])) == expected, view
        assert from_there.drop("relative").equals(crossed)


def test_uses_have_what_a_rate_card_asks_for() -> None:
    found = uses(rows("six records of one talk"), network())
    transfer, nat = found.filter(pl.col("direction") == "out").sort("charge", descending=True).iter_rows(named=True)
    assert transfer | {"quantity": 0} == {
        "provider": "aws",
        "charge": "transfer",
        "boundary": "internet",
        "direction": "out",
        "from": "us-east-1",
        "to": None,
        "via": "nat",
        "unit": "GB",
        "month": date(2026, 10, 1),
        "network_tier": "",
        "dst_geo": "",
        "quantity": 0,
    }
    assert (nat["charge"], nat["via"], nat["from"], nat["to"], nat["quantity"]) == (
        "nat",
        "nat",
        "us-east-1",
        None,
        1000,
    )


PRICES = [
    # scene, charge, direction, price of a GB, or of the first tier
    ("six records of one talk", "transfer", "out", "0.09"),
    ("six records of one talk", "transfer", "in", "0"),
    ("six records of one talk", "nat", "in", "0.045"),
    ("both ends of a crossing between zones are charged", "transfer", "in", "0.01"),
    ("both ends of a crossing between zones are charged", "transfer", "out", "0.01"),
    ("inside one zone nothing is charged", "transfer", "out", "0"),
    ("a transit gateway without its log", "transfer", "out", "0"),
    ("a transit gateway without its log", "transit_gateway", "out", "0.02"),
    ("an interface endpoint: processing once", "private_endpoint", "in", "0.01"),
    ("an endpoint to a partner's service in another zone", "transfer", "out", "0"),
    ("a machine of another region by its public address", "transfer", "out", "0.02"),
    ("a machine of another region by its public address", "transfer", "in", "0"),
    ("a public address of the own region is zone traffic", "transfer", "out", "0.01"),
]


@pytest.mark.parametrize(("title", "charge", "direction", "price"), PRICES)
def test_rate_cards_find_the_rate_of_a_use(title: str, charge: str, direction: str, price: str) -> None:
    found = uses(rows(title), network()).filter((pl.col("charge") == charge) & (pl.col("direction") == direction))
    for use in found.iter_rows(named=True):
        ladder = cards.ladder("aws", {name: use[name] for name in use if name != "quantity"}, use["month"])
        assert ladder is not None
        assert str(ladder.rates[0].price.normalize()) == price
