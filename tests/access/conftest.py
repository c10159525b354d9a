"""The packaged address ranges are laid over one another once for all tests here."""

from __future__ import annotations

from functools import cache

import pytest

from egresscost.addresses import places


@pytest.fixture(scope="session", autouse=True)
def _loaded_once():
    loaded, load = cache(places.load), places.load
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "load", lambda newer=(): load(newer) if newer else loaded())
        yield
