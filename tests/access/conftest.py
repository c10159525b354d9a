"""The packaged address ranges are laid over one another once for all tests here."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from egresscost.addresses import places

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", autouse=True)
def _loaded_once() -> Iterator[None]:
    loaded, load = cache(places.load), places.load
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "load", lambda newer=(): load(newer) if newer else loaded())
        yield
