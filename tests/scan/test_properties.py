"""The scan against the oracle, on logs of all kinds, cut and mixed in all ways."""

from __future__ import annotations

import gzip
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scan.logs import EXACT, PREFIXES, START, V2, V5, V11, known, places, text
from scan.oracle import FACTS, HOP_FACTS, KEYS, SUMS, Answer, Log, Places, answer

from egresscost.scan.local import Options, scan
from egresscost.scan.sightings import Sightings, merge

ADDRESSES = [
    "10.1.0.5",
    "10.1.0.6",
    "10.200.3.4",
    "52.95.128.7",
    "52.1.2.3",
    "8.8.8.8",
    "255.255.255.255",
    "0.0.0.0",  # noqa: S104  an address in a log
    "2600:1f18::1",
    "2600:1f18:0:0:0:0:0:1",
    "2600:1fff:ffff::",
    "fd00::10.1.0.5",
    "::",
    "2a00:1450:4001:81b::200e",
]
BAD_ADDRESSES = [
    "10.1.0",
    "10.1.0.256",
    "10.01.0.5",
    "1.2.3.4.5",
    "fe80::1%eth0",
    "2600:::1",
    "12345::",
    "x",
    ":",
    "1:2",
]
NAMES = st.sampled_from(["-", "a", "eni-0123456789abcdef0", "eni-1", "x" * 40, "ü", "1234567", "12345678", "123456789"])
NUMBERS = st.one_of(
    st.integers(0, 10**6).map(str),
    st.sampled_from(["0", "-", "00012", "4611686018427387", "99999999", "100000000"]),
)
BAD_NUMBERS = st.sampled_from(["1.0", "x", "+1", "1e3", "4611686018427387905", "9" * 19, "9" * 25, "12 34", "١"])
STARTS = st.integers(START - 4000, START + 8000).map(str)


def values(field: str, bad: bool) -> st.SearchStrategy[str]:  # noqa: FBT001
    """What may stand in a field; what may not, when `bad`."""
    if field.endswith("addr"):
        good = st.sampled_from([*ADDRESSES, "-"])
        return st.one_of(good, st.sampled_from(BAD_ADDRESSES)) if bad else good
    if field in {"bytes", "packets"}:
        return st.one_of(NUMBERS, BAD_NUMBERS) if bad else NUMBERS
    choices = {
        "start": st.one_of(STARTS, st.sampled_from(["-", "x", "1099511627776", "start"])) if bad else STARTS,
        "action": st.sampled_from(["ACCEPT"] * 5 + ["REJECT"] + (["-", "ACCEPTED", "accept"] if bad else [])),
        "log-status": st.sampled_from(
            ["OK"] * 5 + ["NODATA", "SKIPDATA"] + (["-", "OKAY", "SKIPDATA2"] if bad else [])
        ),
        "flow-direction": st.sampled_from(["ingress", "egress", "-", "sideways"]),
        "traffic-path": st.sampled_from(["-", "1", "8", "127", *(["128", "a"] if bad else [])]),
        "pkt-src-aws-service": st.sampled_from(["-", "S3", "EC2", "AMAZON"]),
        "pkt-dst-aws-service": st.sampled_from(["-", "S3", "CLOUDFRONT"]),
    }
    return choices.get(field, NAMES)


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """A file of one of several formats, with lines of which some may be anything."""
    fields = list(draw(st.sampled_from([V2, V5, V11])))
    for name in draw(st.sets(st.sampled_from(["log-status", "action", "bytes", "interface-id", "version", "end"]))):
        if name in fields:
            fields.remove(name)
    order = draw(st.sampled_from(["given", "sorted", "shuffled"]))
    if order == "sorted":
        fields.sort()
    elif order == "shuffled":
        random.Random(draw(st.integers(0, 99))).shuffle(fields)  # noqa: S311
    fields += draw(st.sampled_from([[], ["a-field-of-tomorrow"]]))
    bad = draw(st.booleans())
    lines = draw(
        st.lists(
            st.one_of(
                st.tuples(*(values(name, bad) for name in fields)).map(" ".join),
                *([st.sampled_from(["", "x", "a b c", "- " * 30, " ", "x" * 40_000])] if bad else []),
            ),
            max_size=30,
        )
    )
    return Log("", fields, lines, draw(st.sampled_from(["", "fl-0aa1", "fl-0bb2"])))


def rows(table: pa.Table | pd.DataFrame) -> list[tuple[Any, ...]]:
    """The rows of a table, sorted, nothing as None."""
    frame = table.to_pandas() if isinstance(table, pa.Table) else table
    frame = frame[[*KEYS, *SUMS]].astype(object)
    found = frame.where(pd.notna(frame), None).itertuples(index=False, name=None)
    return sorted((tuple(each) for each in found), key=repr)


def written(folder: Path, log: Log, number: int, form: str) -> Path:
    """A log as a file, in some form."""
    name = (
        f"111122223333_vpcflowlogs_us-east-1_{log.flow_log}_20261001T0000Z_{number}.log"
        if log.flow_log
        else f"{number}"
    )
    path = folder / name
    content = text(log.lines, log.fields, "\r\n" if form == "crlf" else "\n")
    if form == "bom":
        content = b"\xef\xbb\xbf" + content
    if form == "cut":
        content = content.removesuffix(b"\n")
    if form == "gzip":
        content = gzip.compress(content, 1)
    if form == "members":
        middle = len(content) // 2
        content = gzip.compress(content[:middle], 1) + gzip.compress(content[middle:], 9)
    path.write_bytes(content)
    log.name = name
    return path


def same(found: Sightings, expected: Answer) -> None:
    """Whether both say the same."""
    assert rows(found.table) == rows(expected.table)
    for each in found.files:
        counts = expected.counts[each.name]
        names = ("lines", "counted", "nodata", "skipdata", "refused", "malformed", "outside")
        assert {name: getattr(each, name) for name in names} == {name: counts[name] for name in names}, each.name
        assert each.lines == sum(getattr(each, name) for name in (*names[1:], "duplicate"))
        assert len(each.first_malformed) == min(3, each.malformed)
    interfaces = found.interfaces.select(["interface", *FACTS, "first_hour", "last_hour"])
    assert {tuple(row.values()) for row in interfaces.to_pylist()} == expected.interfaces
    hops = found.hops.select(["next_hop", *HOP_FACTS, "first_hour", "last_hour"])
    assert {tuple(row.values()) for row in hops.to_pylist()} == expected.hops


@pytest.fixture(autouse=True, scope="module")
def _compiled() -> None:
    """Compile once, before hypothesis takes the time."""
    from egresscost.scan.worker import Task, scan_here

    scan_here(Task(places()), [])


FORMS = ["plain", "gzip", "members", "crlf", "bom", "cut"]
PLENTY = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@PLENTY
@given(st.lists(st.tuples(logs(), st.sampled_from(FORMS)), min_size=1, max_size=4), st.sampled_from([1, 2, 3]))
def test_scan_says_what_the_oracle_says(found: list[tuple[Log, str]], workers: int) -> None:
    with TemporaryDirectory() as folder:
        paths = [written(Path(folder), log, number, form) for number, (log, form) in enumerate(found)]
        different = {path.read_bytes(): log for path, (log, _) in reversed(list(zip(paths, found, strict=True)))}
        seen = scan(known(*paths), places(), None, Options(workers=workers))
    kept = [log for log, _ in found if any(log is each for each in different.values())]
    expected = answer(kept, Places(PREFIXES, EXACT))
    for each in seen.files:
        if each.same_as:
            expected.counts[each.name] = type(expected.counts[kept[0].name])()
    same(seen, expected)


@PLENTY
@given(logs(), st.integers(-5000, 9000), st.integers(0, 9000))
def test_only_the_period_counts(log: Log, since: int, length: int) -> None:
    window = START + since, START + since + length
    with TemporaryDirectory() as folder:
        path = written(Path(folder), log, 0, "plain")
        seen = scan(known(path), places(), None, Options(since=window[0], until=window[1]))
    same(seen, answer([log], Places(PREFIXES, EXACT), *window))


@PLENTY
@given(logs(), st.integers(1, 5), st.randoms(use_true_random=False))
def test_splitting_reordering_packing_and_merging_change_nothing(log: Log, parts: int, chance: random.Random) -> None:
    log.lines = [line for line in log.lines if len(line) < 1000]
    whole = answer([log], Places(PREFIXES, EXACT))
    lines = list(log.lines)
    chance.shuffle(lines)
    with TemporaryDirectory() as folder:
        pieces = [Log("", log.fields, lines[each::parts], log.flow_log) for each in range(parts)]
        paths = [written(Path(folder), piece, number, chance.choice(FORMS)) for number, piece in enumerate(pieces)]
        seen = [scan(known(path), places(), None, Options(workers=1)) for path in paths]
    chance.shuffle(seen)
    while len(seen) > 1:
        seen = [*seen[2:], merge(seen[:2])]
    assert rows(seen[0].table) == rows(whole.table)
    assert seen[0].totals.lines == whole.counts[log.name]["lines"]
    assert seen[0].totals.malformed == whole.counts[log.name]["malformed"]
