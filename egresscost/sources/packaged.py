"""Data that travels with the program outside the folder of the cloud that it is about.

Goes in: a cloud's name. Comes out: its folder. Never: reads it.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def rate_cards(cloud: str) -> Traversable:
    """The rate cards of a built-in cloud: inside the installed package, or at the top of a checkout."""
    packaged = files("egresscost").joinpath("_pricing")
    return (packaged if packaged.is_dir() else files("egresscost").joinpath("../pricing")).joinpath(cloud)
