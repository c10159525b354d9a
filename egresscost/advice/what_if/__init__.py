"""Changes that a user can name, one kind a file.

Goes in: texts of a command line. Comes out: `Wanted`s for `egresscost.advice.scenario`. Never: weighs them.
"""

from __future__ import annotations

from egresscost.advice.what_if.compress import compress
from egresscost.advice.what_if.drop import drop
from egresscost.advice.what_if.endpoint import endpoint
from egresscost.advice.what_if.move import move
from egresscost.advice.what_if.web_cache import behind_cdn

__all__ = ["behind_cdn", "compress", "drop", "endpoint", "move"]
