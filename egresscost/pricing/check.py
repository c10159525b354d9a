"""What is wrong with rate cards, and what they do not know.

Goes in: a folder of cards. Comes out: findings, each with its file and line or its ladder, and gaps. Never: repairs
anything, or stops at the first mistake.

Errors are what makes a price wrong or ambiguous. Warnings make one doubtful: old rates, ladders that end. What is only
not known, or inferred, is a note.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Final

from egresscost.errors import EgressCostError, SettingsError
from egresscost.pricing.cards import ALLOWANCES, tables
from egresscost.pricing.gaps import gaps
from egresscost.pricing.groups import COLUMNS, GROUPS
from egresscost.pricing.ladders import key_id
from egresscost.pricing.listing import age
from egresscost.pricing.rows import PLACES, check_word, parse, read
from egresscost.pricing.sources import SOURCES
from egresscost.results import CardCheck, Finding, Gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date
    from importlib.resources.abc import Traversable

    from egresscost.pricing.cards import Cards
    from egresscost.pricing.rows import CardRow

ERROR, WARNING, NOTE = "error", "warning", "note"
_ORDER: Final = (ERROR, WARNING, NOTE)


def check(cards: Cards, on: date, older_than: int, provider: str | None = None) -> CardCheck:
    """Look at every row.

    Args:
        cards: The cards.
        on: The day for age and gaps.
        older_than: Days after which a rate is old.
        provider: Only this cloud.
    """
    findings: list[Finding] = []
    bases: Counter[str] = Counter()
    missing: list[Gap] = []
    for cloud in cards.providers():
        if provider in {None, cloud}:
            rows, unread = _rows(cards.folders[cloud], cloud)
            bases.update(row.basis for row in rows)
            found = [
                *unread,
                *_sources(cards.folders[cloud], rows, cloud),
                *_overlaps(rows),
                *_tiers(cloud, rows),
            ]
            found += [*_groups(cards.folders[cloud], rows, cloud)]
            found += [*_pools(rows, on), *_ages(cloud, rows, on, older_than)]
            findings += found
            if not any(each.severity == ERROR for each in found):
                missing += gaps(cards.ladders(cloud), cloud, on)
    findings.sort(key=lambda each: (_ORDER.index(each.severity), each.code, each.message))
    return CardCheck(on, dict(sorted(bases.items())), tuple(findings), tuple(missing))


def _rows(folder: Traversable, cloud: str) -> tuple[list[CardRow], list[Finding]]:
    """The rows that are rows, and a finding for each that is none."""
    rows, findings = [], []
    for file in tables(folder):
        try:
            for place, cells in read(file.read_text(encoding="utf-8"), f"{cloud}/{file.name}"):
                try:
                    rows.append(parse(cells, place))
                except SettingsError as error:
                    findings.append(_of_error(error))
        except (SettingsError, UnicodeDecodeError) as error:
            findings.append(_of_error(error))
    return rows, findings


def _of_error(error: Exception) -> Finding:
    if isinstance(error, EgressCostError):
        return Finding("unreadable", ERROR, error.message, (*error.details, *([error.hint] if error.hint else [])))
    return Finding("unreadable", ERROR, f"a file is no text: {error}")


def _sources(folder: Traversable, rows: Iterable[CardRow], cloud: str) -> Iterator[Finding]:
    """Sources and allowances that are named and do not exist."""
    lists = {"source": SOURCES, "allowance": ALLOWANCES}
    known: dict[str, set[str]] = {}
    for column, name in lists.items():
        cells, unread = _cells(folder, name, cloud, (column,))
        known[column] = {row[column] for _, row in cells}
        yield from unread
    for row in rows:
        for name in (row.source, *row.confirmed_by):
            if name not in known["source"]:
                yield Finding(
                    "unknown-source", ERROR, f"the source {name!r} does not stand in {lists['source']}", (row.place,)
                )
        if row.allowance_pool and row.allowance_pool not in known["allowance"]:
            message = f"the allowance {row.allowance_pool!r} does not stand in {ALLOWANCES}"
            yield Finding("unknown-allowance", ERROR, message, (row.place,))


def _cells(
    folder: Traversable, name: str, cloud: str, columns: Iterable[str]
) -> tuple[list[tuple[str, dict[str, str]]], list[Finding]]:
    """The rows of a table that is no table of rates; none, and a finding, where it is no table with these columns."""
    file = folder.joinpath(name)
    try:
        cells = list(read(file.read_text(encoding="utf-8"), f"{cloud}/{name}")) if file.is_file() else []
    except (SettingsError, UnicodeDecodeError) as error:
        return [], [_of_error(error)]
    absent = [column for column in columns if any(column not in row for _, row in cells)]
    if absent:
        return [], [_of_error(SettingsError(f"{cloud}/{name}: no column {', '.join(absent)}"))]
    return cells, []


def _groups(folder: Traversable, rows: Iterable[CardRow], cloud: str) -> Iterator[Finding]:
    """Places in two groups of one map, sources that are named and do not exist, and groups that no rate is for."""
    cells, unread = _cells(folder, GROUPS, cloud, COLUMNS)
    yield from unread
    sources = {row.get("source") for _, row in _cells(folder, SOURCES, cloud, ())[0]}
    homes: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for place, row in cells:
        homes[row["map"], row["place"]].append((row["group"], place))
        if row["source"] not in sources:
            yield Finding(
                "unknown-source", ERROR, f"the source {row['source']!r} does not stand in {SOURCES}", (place,)
            )
        try:
            check_word("confidence", row["confidence"], place)
        except SettingsError as error:
            yield _of_error(error)
    for (of, name), groups in homes.items():
        if len(groups) > 1:
            told = " and ".join(group for group, _ in groups)
            yield Finding(
                "two-groups",
                ERROR,
                f"{name} is in two groups of the map {of}: {told}",
                tuple(each for _, each in groups),
            )
    used = {row.keys[name] for row in rows for name in PLACES}
    unused = {row["group"]: place for place, row in reversed(cells) if row["group"] not in used}
    for group, place in sorted(unused.items()):
        yield Finding("unused-group", WARNING, f"no rate is for the group {group}", (place,))


def _overlaps(rows: Iterable[CardRow]) -> Iterator[Finding]:
    """Rows of one key that are in force at once and overlap in their tiers."""
    by_key: dict[tuple[str, ...], list[CardRow]] = defaultdict(list)
    for row in rows:
        by_key[tuple(row.keys.values())].append(row)
    for same in by_key.values():
        for one, other in combinations(same, 2):
            if not (_meet(one, other) and _share_days(one, other)):
                continue
            places = (one.place, other.place)
            if (one.price, one.currency) != (other.price, other.currency):
                prices = f"{one.price} {one.currency} and {other.price} {other.currency}"
                yield Finding("conflict", ERROR, f"two prices for one thing: {prices}", places)
            else:
                yield Finding("repeated", WARNING, f"the same rate twice: {one.price} {one.currency}", places)


def _meet(one: CardRow, other: CardRow) -> bool:
    return (one.end is None or other.start < one.end) and (other.end is None or one.start < other.end)


def _share_days(one: CardRow, other: CardRow) -> bool:
    begins = max((row.valid_from for row in (one, other) if row.valid_from), default=None)
    ends = min((row.valid_to for row in (one, other) if row.valid_to), default=None)
    return begins is None or ends is None or begins < ends


def _tiers(cloud: str, rows: Iterable[CardRow]) -> Iterator[Finding]:
    """Holes in a ladder, ladders that end, and tiers that get dearer."""
    for (key, *_), steps in _ladders(cloud, rows).items():
        places = (steps[0].place,)
        if steps[0].start:
            yield Finding("hole", ERROR, f"{key} begins at {steps[0].start}, not at 0", places)
        for lower, upper in pairwise(steps):
            if lower.end is not None and lower.end < upper.start:
                yield Finding(
                    "hole", ERROR, f"{key} has no tier from {lower.end} to {upper.start}", (lower.place, upper.place)
                )
            elif lower.end == upper.start and lower.price and (upper.price or 0) > lower.price:
                yield Finding("dearer", WARNING, f"{key} gets dearer at {upper.start}", (upper.place,))
        if steps[-1].end is not None:
            yield Finding("ends", WARNING, f"{key} has no rate above {steps[-1].end}", places)


def _ladders(cloud: str, rows: Iterable[CardRow]) -> dict[tuple[object, ...], list[CardRow]]:
    found: dict[tuple[object, ...], list[CardRow]] = defaultdict(list)
    for row in rows:
        if row.price is not None:
            found[key_id(cloud, row.keys), row.currency, row.valid_from, row.valid_to].append(row)
    return {key: sorted(same, key=lambda row: row.start) for key, same in found.items()}


def _pools(rows: Iterable[CardRow], on: date) -> Iterator[Finding]:
    """Pools whose ladders have different tiers: their bytes could not be added up to find one."""
    by_pool: dict[str, dict[tuple[object, ...], list[CardRow]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        is_open = (row.valid_from is None or row.valid_from <= on) and (row.valid_to is None or on < row.valid_to)
        if row.tier_pool and is_open:
            by_pool[row.tier_pool][tuple(row.keys.values())].append(row)
    for pool, ladders in by_pool.items():
        kinds = {_shape(same): same[0].place for same in ladders.values()}
        if len(kinds) > 1:
            yield Finding(
                "pool-differs", ERROR, f"the ladders of the pool {pool} have different tiers", tuple(kinds.values())
            )


def _shape(rows: Iterable[CardRow]) -> tuple[object, ...]:
    return tuple(sorted((row.start, row.end or -1, row.keys["unit"], row.currency, row.allowance_pool) for row in rows))


def _ages(cloud: str, rows: Iterable[CardRow], on: date, older_than: int) -> Iterator[Finding]:
    """Rates that are old, undated, inferred or of low confidence: one finding for each kind."""
    told: Mapping[str, tuple[str, list[str]]] = {
        "old": (f"rates of {cloud} are older than {older_than} days", []),
        "undated": (f"rates of {cloud} have no date", []),
        "inferred": (f"rates of {cloud} were never observed", []),
        "doubtful": (f"observed rates of {cloud} have low confidence", []),
    }
    for row in rows:
        days = age(row.as_of, on)
        for code, applies in (
            ("old", days is not None and days > older_than),
            ("undated", days is None and row.basis == "observed"),
            ("inferred", row.basis == "inferred"),
            ("doubtful", row.basis == "observed" and row.confidence == "low"),
        ):
            if applies:
                told[code][1].append(row.place)
    for code, (words, places) in told.items():
        if places:
            severity = WARNING if code == "old" else NOTE
            yield Finding(code, severity, f"{len(places):,} {words}", tuple(places))
