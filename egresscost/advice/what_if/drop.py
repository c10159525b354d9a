"""`--drop PATTERN`: what is no longer sent, or no longer there.

Goes in: a pattern. Comes out: the change that takes everything of that name. Never: says what is used instead.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from egresscost.advice.scenario import Found, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from egresscost.advice.case import Case

_NAMED: Final = ("resource", "workload", "service", "peer", "account", "boundary", "charge", "path", "usage_type")
"""Columns in which names are looked for."""
_ORDER: Final = 100


def drop(pattern: str) -> Wanted:
    """Everything that has a name like the pattern is no longer sent."""

    def find(case: Case) -> Iterable[Found]:
        yield Found(case.taking(named(case.rows, pattern)))

    def names(case: Case) -> Iterable[str]:
        return {str(name) for column in _NAMED for name in case.rows[column].drop_nulls().unique() if name}

    hint = "`egresscost report --group-by resource` and `--group-by service` list the names; * stands for any text"
    return Wanted(f"--drop {pattern}", pattern, _ORDER, find, names, hint)


def named(rows: pl.DataFrame, pattern: str) -> pl.DataFrame:
    """Rows in which something has a name like the pattern, or a path that ends with it; `*` stands for any text."""
    import polars as pl  # noqa: PLC0415

    hits = pl.lit(value=False)
    for column in _NAMED:
        values = [str(value) for value in rows[column].drop_nulls().unique()]
        found = [value for value in values if _is_like(value.lower(), pattern.lower())]
        hits = hits | pl.col(column).is_in(found).fill_null(value=False)
    return rows.filter(hits)


def _is_like(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(name.rpartition("/")[2], pattern)
