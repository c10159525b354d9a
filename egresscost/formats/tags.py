"""Tags of a bill line: from columns, maps or JSON texts to one JSON object with sorted keys.

Goes in: pieces as `Lines.texts["tags"]` describes them. Comes out: text such as `{"env":"prod","team":"web"}`. Never:
loses a tag; what is no JSON is kept under the key `unreadable`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from egresscost.sources.protocols import PIECES, PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable

UNREADABLE = "unreadable"


def json_text(value: pl.Expr) -> pl.Expr:
    """A text column as JSON strings."""
    escaped = value.str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)
    return pl.lit('"') + escaped.str.replace_all(r"[\x00-\x1f]", " ") + pl.lit('"')


def map_text(column: str) -> pl.Expr:
    """A map column as JSON objects."""
    key, value = (pl.element().struct[part].cast(pl.String) for part in ("key", "value"))
    pairs = pl.col(column).list.eval(json_text(key) + pl.lit(":") + json_text(value)).list.join(",")
    return pl.lit("{") + pairs + pl.lit("}")


def canonical(pieces: str, tag_key: Callable[[str], str]) -> str | None:
    r"""One JSON object of all pieces, None when there is no tag in them.

    >>> canonical('\x1f{"user_team":"web"}', lambda key: key.removeprefix("user_"))
    '{"team":"web"}'
    """
    tags: dict[str, str] = {}
    for piece in pieces.split(PIECES):
        prefix, _, text = piece.partition(PREFIX)
        try:
            found = json.loads(text)
        except json.JSONDecodeError:
            found = {UNREADABLE: text}
        for key, value in found.items() if isinstance(found, dict) else [(UNREADABLE, text)]:
            if value not in (None, ""):
                tags[prefix + tag_key(str(key))] = value if isinstance(value, str) else json.dumps(value)
    return json.dumps(tags, sort_keys=True, ensure_ascii=False, separators=(",", ":")) if tags else None
