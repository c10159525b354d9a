"""Google's flow logs: what each kind of record is, from whatever it is stored in; every answer counted by hand."""

from __future__ import annotations

import io
import json
import random
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from providers.gcp.entries import COMPUTE, MANAGEMENT, entry, lines, moved, nat

import egresscost
from egresscost.errors import DamagedFileError
from egresscost.flows import FlowOptions
from egresscost.frame import C
from egresscost.pipeline import Request, run
from egresscost.providers.gcp.flow_entries import decode
from egresscost.providers.gcp.flow_records import records
from egresscost.providers.gcp.flows import recognize
from egresscost.providers.gcp.network import network
from egresscost.sources.storage import Blob

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from egresscost.results import Report

Row = tuple[str, str, str, str, str, int, int]

# What is logged | boundary, direction, charge, path, rule, bytes, records: a row for each that is priced.
# Evidence is in no row.
TALKS: dict[str, tuple[Sequence[str], list[Row]]] = {
    "both ends of a talk between zones report it, the sender's counts": (
        ["SRC web db 1000 10", "DEST web db 1000 10", "SRC db web 70 2", "DEST db web 70 2"],
        [("zone", "out", "transfer", "direct", "zone", 1070, 2)],
    ),
    "a receiver counts where the sender keeps no log": (
        ["DEST web db 1000 10"],
        [("zone", "in", "transfer", "direct", "zone", 1000, 1)],
    ),
    "within a zone": (["SRC web web2 5 1"], [("none", "out", "transfer", "direct", "same-zone", 5, 1)]),
    "to another region": (["SRC web eu 7 1"], [("region", "out", "transfer", "direct", "region", 7, 1)]),
    "by external addresses each reporter shows another pair, in one zone": (
        ["SRC web web2@ext 300 3", "DEST web@ext web2 300 3"],
        [("zone", "out", "transfer", "public_ip", "external-address", 300, 1)],
    ),
    "by external addresses to another region": (
        ["SRC web eu@ext 300 3", "DEST web@ext eu 300 3"],
        [("region", "out", "transfer", "public_ip", "region-external", 300, 1)],
    ),
    "a machine of another customer, by Google's ranges": (
        ["SRC web stranger 11 1"],
        [("zone", "out", "transfer", "public_ip", "external-address", 11, 1)],
    ),
    "to and from the internet": (
        ["SRC web ripe 400 4", "DEST ripe web 9 1"],
        [
            ("internet", "in", "transfer", "unknown", "internet", 9, 1),
            ("internet", "out", "transfer", "unknown", "internet", 400, 1),
        ],
    ),
    "a service of Google's by its name or by its address": (
        ["SRC web api 100 1", "SRC web bare-api 10 1"],
        [("provider_service", "out", "transfer", "unknown", "google-service", 110, 2)],
    ),
    "Private Service Connect": (
        ["SRC web psc 100 1"],
        [
            ("provider_service", "out", "private_endpoint", "private_endpoint", "endpoint-processing", 100, 1),
            ("provider_service", "out", "transfer", "private_endpoint", "endpoint", 100, 1),
        ],
    ),
    "a tunnel that keeps no log": (
        ["SRC web on-prem 100 1", "DEST on-prem web 8 1"],
        [
            ("private_line", "in", "transfer", "vpn", "private-line", 8, 1),
            ("private_line", "out", "transfer", "vpn", "private-line", 100, 1),
        ],
    ),
    "a tunnel that keeps a log counts there, even where the machine's record does not name it": (
        [
            "SRC web hidden 100 1",
            "DEST_GATEWAY web on-prem 100 1",
            "DEST on-prem web 8 1",
            "SRC_GATEWAY on-prem web 8 1",
        ],
        [
            ("private_line", "in", "transfer", "vpn", "gateway", 8, 1),
            ("private_line", "out", "transfer", "vpn", "gateway", 100, 1),
        ],
    ),
    "a private address that nothing tells about stays unknown": (
        ["SRC web hidden 100 1"],
        [("unknown", "out", "transfer", "unknown", "private-peer-unknown", 100, 1)],
    ),
    "a subnet is known, the machine in it is not": (
        ["SRC web subnet 100 1"],
        [("unknown", "out", "transfer", "direct", "zone-unknown", 100, 1)],
    ),
    "empty packets are bytes of 0, not unknown": (
        ["SRC web ripe 0 12"],
        [("internet", "out", "transfer", "unknown", "internet", 0, 1)],
    ),
}


def placed(report: Report) -> list[Row]:
    return rows_of(report.bill)


def rows_of(frame: pd.DataFrame) -> list[Row]:
    columns = [C.BOUNDARY, C.DIRECTION, C.CHARGE, C.PATH, C.RULE]
    sums = frame.groupby(columns, observed=True)[[C.BYTES, C.RECORDS]].sum().reset_index()
    found: list[Row] = [
        (*(str(row[each]) for each in columns), int(row[C.BYTES]), int(row[C.RECORDS]))  # type: ignore[misc]
        for _, row in sums.iterrows()
    ]
    return sorted(found)


def read(folder: Path, text: str | bytes, name: str = "log.json", **flows: Any) -> Report:  # noqa: ANN401  options by name
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return run(Request([str(path)], flows=FlowOptions(**flows)))


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Row]]:
    """Every talk in a project of its own, read in one run."""
    entries = [moved(entry(each), f"p-{n}-x") for n, (said, _) in enumerate(TALKS.values()) for each in said]
    frame = read(tmp_path_factory.mktemp("talks"), lines(*entries)).bill
    return {talk: rows_of(frame[frame[C.ACCOUNT] == f"p-{n}-x"]) for n, talk in enumerate(TALKS)}


@pytest.mark.parametrize("talk", TALKS)
def test_each_kind_of_record_is_counted_once_where_it_belongs(talks: Mapping[str, list[Row]], talk: str) -> None:
    assert talks[talk] == TALKS[talk][1]


def test_both_log_names_of_one_machine_are_one_log(tmp_path: Path) -> None:
    said = ["SRC web ripe 400 4", "SRC web db 6 1"]
    report = read(tmp_path, lines(*(entry(each, log) for each in said for log in (COMPUTE, MANAGEMENT))))
    assert [row[5] for row in placed(report)] == [400, 6]
    (notice,) = [each for each in report.notices if each.code == "overlapping-flow-logs"]
    assert notice.count == 2


def test_two_equal_conversations_are_two() -> None:
    """The tuple of addresses and ports may come again in the next interval: it is no identity."""
    found = records(pl.DataFrame([entry("SRC web ripe 400 4")] * 2, schema=_schema()))
    assert found["bytes"].to_list() == [400, 400]


def _schema() -> dict[str, pl.DataType]:
    from egresscost.providers.gcp.flow_records import ENTRY

    return dict(ENTRY)


FORMS = ("lines", "list", "answer", "one after another", "floats", "numbers", "parquet", "gzip")


def stored(entries: list[dict[str, Any]], form: str) -> bytes:
    """The same entries, stored in another way."""
    import gzip

    if form in {"floats", "numbers"}:
        entries = json.loads(json.dumps(entries))
        for each in entries:
            payload, kind = each["jsonPayload"], float if form == "floats" else int
            payload |= {name: kind(payload[name]) for name in ("bytes_sent", "packets_sent")}
            payload["connection"] |= {"src_port": 40000.0, "protocol": 6.0}
            payload["start_time"] = "2026-10-07 21:18:58.489621 UTC"
    if form == "list":
        return json.dumps(entries, indent=2).encode()
    if form == "answer":
        return json.dumps({"entries": entries, "nextPageToken": "x"}).encode()
    if form == "one after another":
        return "\n".join(json.dumps(each, indent=1) for each in entries).encode()
    if form == "parquet":
        buffer = io.BytesIO()
        pl.DataFrame(entries, infer_schema_length=None).write_parquet(buffer)
        return buffer.getvalue()
    text = b"\xef\xbb\xbf" + lines(*entries).encode()
    return gzip.compress(text) if form == "gzip" else text


MIXED = ("SRC web ripe 400 4", "SRC web db 1000 10", "DEST web db 1000 10", "SRC web api 100 1", "SRC web eu 7 1")


@pytest.mark.parametrize("form", FORMS)
def test_the_same_entries_say_the_same_however_they_are_stored(tmp_path: Path, form: str) -> None:
    entries = [entry(each) for each in MIXED]
    path = tmp_path / "log"
    path.write_bytes(stored(entries, form))
    file = recognize(Blob(path, "log"))
    assert file is not None
    assert decoded(path) == decoded_lines(tmp_path, entries)


def decoded(path: Path) -> list[dict[str, Any]]:
    """Every record of a file."""
    import gzip

    content = path.read_bytes()
    content = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    found = [(each.flow_log, each.rows) for each in decode(io.BytesIO(content), ())]
    return [{"flow_log": log, **row} for log, batch in found for row in batch.to_pylist()]


def decoded_lines(folder: Path, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the entries say when they are stored in the plainest way, checked by hand where forms differ."""
    path = folder / "plain"
    path.write_text(lines(*entries))
    found = decoded(path)
    assert [row["bytes"] for row in found] == [400, 1000, 1000, 100, 7]
    assert [row["packets"] for row in found] == [4, 10, 10, 1, 1]
    assert {row["start"] for row in found} == {1_791_407_938}  # date -ud '2026-10-07 21:18:58' +%s
    assert [row["hop_owner"] for row in found] == ["AS3333", None, None, None, None]
    return found


def test_what_is_no_record_is_counted_and_shown(tmp_path: Path) -> None:
    good = lines(entry("SRC web ripe 400 4"))
    bad = good + '{"jsonPayload": "text"}\nnonsense\n[1]\n' + good + good[:-40]
    report = read(tmp_path, bad)
    assert [row[5:] for row in placed(report)] == [(800, 2)]
    (notice,) = [each for each in report.notices if each.code == "malformed-lines"]
    assert notice.count == 4


def test_a_list_that_is_cut_off_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(DamagedFileError, match="damaged"):
        read(tmp_path, json.dumps([entry("SRC web ripe 400 4")] * 2)[:-30])


def test_how_files_are_split_and_ordered_changes_nothing(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311  always the same order
    said = [each for talk, _ in TALKS.values() for each in talk]
    entries = [entry(each, start=f"2026-10-0{chance.randint(1, 3)}T0{hour}:00:00Z") for each in said for hour in (1, 7)]
    whole = placed(read(tmp_path, lines(*entries)))
    chance.shuffle(entries)
    folder = tmp_path / "parts"
    folder.mkdir()
    while entries:
        count = chance.randint(1, 25)
        (folder / f"{len(entries)}.json").write_text(lines(*entries[:count]))
        entries = entries[count:]
    assert placed(run(Request([str(folder)]))) == whole


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Records with names at their ends, by project."""
    pods = ["SRC web@pod:prod:cart db@pod:prod:store 9 1", "DEST web@pod:prod:cart db@pod:prod:store 9 1"]
    said = {
        "p-china": ["SRC web china 5 1"],
        "p-pods": [*pods, "SRC web ripe 3 1"],
        "p-tunnel": ["DEST_GATEWAY web@pod:prod:cart on-prem 9 1"],
    }
    entries = [moved(entry(each), project) for project, records_ in said.items() for each in records_]
    return read(tmp_path_factory.mktemp("named"), lines(*entries)).bill.set_index([C.ACCOUNT, C.BOUNDARY])


def test_the_country_and_the_network_owner_are_the_record_s_own(named: pd.DataFrame) -> None:
    (row,) = named.loc[[("p-china", "internet")]].to_dict("records")
    assert (row[C.PEER_COUNTRY], row[C.PEER]) == ("CN", "AS4538")


def test_a_workload_of_kubernetes_is_the_workload_at_both_ends(named: pd.DataFrame) -> None:
    (pods,) = named.loc[[("p-pods", "zone")]].to_dict("records")
    (plain,) = named.loc[[("p-pods", "internet")]].to_dict("records")
    assert (pods[C.WORKLOAD], pods[C.PEER]) == ("prod/cart", "prod/store")
    assert pods[C.RESOURCE] == plain[C.RESOURCE] == "web"
    assert str(plain[C.WORKLOAD]) in {"nan", "<NA>", "None"}


def test_what_a_tunnel_logs_names_the_machine_behind_it(named: pd.DataFrame) -> None:
    (row,) = named.loc[[("p-tunnel", "private_line")]].to_dict("records")
    assert (row[C.WORKLOAD], row[C.SRC_ZONE], row[C.RESOURCE]) == (
        "prod/cart",
        "us-central1-a",
        "p-tunnel/us-central1/tunnel-1",
    )


def test_cloud_nat_is_charged_both_ways_by_the_bytes_of_the_machine(tmp_path: Path) -> None:
    said = ["SRC web ripe 400 4", "DEST ripe web 60 2", "SRC web2 ripe 5 1"]
    log = lines(*map(entry, said), nat("web", "ripe"), nat("web2", "ripe", "DROPPED"))
    assert placed(read(tmp_path, log)) == [
        ("internet", "in", "nat", "nat", "nat-processing", 60, 1),
        ("internet", "in", "transfer", "nat", "internet", 60, 1),
        ("internet", "out", "nat", "nat", "nat-processing", 400, 1),
        ("internet", "out", "transfer", "nat", "internet", 400, 1),
        ("internet", "out", "transfer", "unknown", "internet", 5, 1),
    ]


GB = 2**30


def test_headers_are_a_range_beside_the_figures(tmp_path: Path) -> None:
    """10 GB in 10 x 2^20 packets: 28 bytes of each are 0.273 GB, 52 are 0.508 GB. What is received adds nothing."""
    said = [f"SRC web ripe {10 * GB} {10 * 2**20}", f"DEST ripe web {GB} {2**20}"]
    report = read(tmp_path, lines(*map(entry, said)))
    (notice,) = [each for each in report.notices if each.code == "payload-bytes"]
    assert "10.000 GB were sent in 10,485,760 packets" in notice.message
    assert "0.273 to 0.508 GB" in notice.message
    assert sum(row[5] for row in placed(report)) == 11 * GB


def test_a_share_of_records_scales_bytes_and_says_how_far(tmp_path: Path) -> None:
    """A quarter of the records is kept: 10 GB as logged stand for up to 40 GB, and are estimated."""
    text = lines(entry(f"SRC web ripe {10 * GB} 9"), entry("DEST ripe web 1 1"))
    report = read(tmp_path, text, sampling=Fraction(1, 4))
    assert [row[5:] for row in placed(report)] == [(4, 1), (40 * GB, 1)]
    assert set(report.bill[C.BASIS]) == {"estimated"}
    (notice,) = [each for each in report.notices if each.code == "sampled-logs"]
    assert "40.000 GB sent" in notice.message
    assert "10.000 GB; the truth lies between" in notice.message


def test_every_rule_is_explained() -> None:
    gcp = network()
    assert {rule.rule for rule in (*gcp.rules, *gcp.charges)} == set(gcp.words)
    assert all(words.title and words.why and words.source for words in gcp.words.values())
    assert gcp.rules[-1].when == {}


@pytest.mark.samples
def test_the_public_samples_have_their_counts(samples: Path) -> None:
    """Counted with a few lines of Python over the JSON: 6 records by SRC (76,484 bytes, 164 packets), 4 by DEST (5,272)."""
    report = egresscost.analyze(samples.parent / "flows" / "gcp-vpc")
    frame = report.bill
    by_way = frame.groupby(C.DIRECTION, observed=True)[[C.BYTES, C.RECORDS]].sum()
    assert by_way.loc["out"].to_list() == [76_484, 6]
    assert by_way.loc["in"].to_list() == [5_272, 4]
    to = frame.groupby([C.BOUNDARY, C.DIRECTION], observed=True)[C.BYTES].sum().to_dict()
    assert to["internet", "out"] == 36_352
    assert to["provider_service", "out"] == 40_132
    assert to["provider_service", "in"] == 3_400
    assert set(frame[C.WORKLOAD]) == {"andrewvc-flowfixtures-mig", "cluster-3"}
