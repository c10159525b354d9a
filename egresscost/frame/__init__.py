"""The normalized frame: one declaration, many uses.

Goes in: rows of a bill, or later of flow logs. Comes out: a pandas frame with the columns, types and order declared
here. Never: reads a file, or knows a cloud.

A row is an amount of bytes that crossed one boundary in one direction in one period, or a cost laid on the network
(processing, hours). The bill table holds *all* of a bill: what is no network cost is folded to account, service and
charge class, so that the sums tie out to the invoice. `COLUMNS` gives the empty frame, casting, validation, the
reference page, the JSON Schema and the column order of every export.
"""

from __future__ import annotations

from egresscost.frame.columns import BY_NAME, COLUMNS, KEYS, MONEY, NAMES, SUMMED, C, Column, Kind
from egresscost.frame.table import arrow_schema, empty, from_arrow, json_schema, scale_of, validate
from egresscost.frame.vocabulary import (
    Basis,
    Boundary,
    Charge,
    ChargeClass,
    Confidence,
    Direction,
    Evidence,
    PeerKind,
    Relative,
    View,
)

__all__ = [
    "BY_NAME",
    "COLUMNS",
    "KEYS",
    "MONEY",
    "NAMES",
    "SUMMED",
    "Basis",
    "Boundary",
    "C",
    "Charge",
    "ChargeClass",
    "Column",
    "Confidence",
    "Direction",
    "Evidence",
    "Kind",
    "PeerKind",
    "Relative",
    "View",
    "arrow_schema",
    "empty",
    "from_arrow",
    "json_schema",
    "scale_of",
    "validate",
]
