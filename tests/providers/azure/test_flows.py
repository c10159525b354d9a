"""Azure's flow logs: every form of file, every state of a tuple, and what counts once."""

from __future__ import annotations

import gzip
import io
import json
from random import Random
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from boundary.azure import nsg_record, nsg_tuple, vnet_record, vnet_tuple

from egresscost.errors import DamagedFileError, OversizeError
from egresscost.providers.azure.flow_records import records
from egresscost.providers.azure.flow_tuples import decode
from egresscost.providers.azure.flows import recognize
from egresscost.scan.local import Options, scan
from egresscost.scan.places import PlaceTable
from egresscost.sources.limits import Limits
from egresscost.sources.storage import Blob

if TYPE_CHECKING:
    from pathlib import Path

    from egresscost.scan.counts import Totals
    from egresscost.scan.sightings import Sightings

PLACES = PlaceTable.of([("10.0.0.0/8", 1), ("20.0.0.0/8", 2)], [False, True, False])
WEB, OUT = "10.0.1.5", "20.1.1.1"


def found(*paths: Path, workers: int = 1, limits: Limits | None = None) -> Sightings:
    files = [recognize(Blob(path, path.name)) for path in paths]
    kept = [file for file in files if file is not None]
    assert len(kept) == len(paths)
    return scan(kept, PLACES, None, Options(workers=workers, limits=limits or Limits()))


def put(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def each_way(sightings: Sightings) -> dict[str, tuple[int, int]]:
    """Bytes, and records without bytes, by direction."""
    sums = sightings.in_order().group_by("direction").agg(pl.col("bytes").sum(), pl.col("records_without_bytes").sum())
    return {way: (size, without) for way, size, without in sums.iter_rows()}


def counts(totals: Totals) -> dict[str, int]:
    return {name: count for name, count in vars(totals).items() if count and name != "lines"}


def groups(sightings: Sightings) -> list[tuple[Any, ...]]:
    return sightings.in_order().rows()


def nsg_lines(*tuples: str) -> str:
    return json.dumps({"records": [nsg_record("web", tuples)]})


def vnet_lines(*tuples: str) -> str:
    return json.dumps({"records": [vnet_record("web", tuples)]})


def test_bytes_that_leave_are_field_11_of_o_and_field_13_of_i(tmp_path: Path) -> None:
    text = vnet_lines(vnet_tuple("O", WEB, OUT, 700, 50), vnet_tuple("I", OUT, WEB, 30, 9000))
    assert each_way(found(put(tmp_path / "a.json", text))) == {"out": (9700, 0), "in": (80, 0)}


def test_counts_of_continuing_and_ended_flows_are_added_and_begun_and_denied_ones_are_not(tmp_path: Path) -> None:
    text = vnet_lines(
        vnet_tuple("O", WEB, OUT, 0, 0, state="B"),
        vnet_tuple("O", WEB, OUT, 100, 10, state="C"),
        vnet_tuple("O", WEB, OUT, 40, 4, state="E"),
        vnet_tuple("O", WEB, OUT, 999, 999, state="D"),
    )
    sightings = found(put(tmp_path / "a.json", text))
    assert each_way(sightings) == {"out": (140, 0), "in": (14, 0)}
    assert counts(sightings.totals) == {"counted": 2, "nodata": 1, "refused": 1}


def test_a_begun_flow_that_a_security_group_denies_is_refused(tmp_path: Path) -> None:
    text = nsg_lines(f"1791201600,{OUT},{WEB},1,80,T,I,D,B,,,,", f"1791201600,{OUT},{WEB},1,80,T,I,A,B,,,,")
    assert counts(found(put(tmp_path / "a.json", text)).totals) == {"nodata": 1, "refused": 1}


def test_version_1_has_no_bytes_and_they_are_unknown_in_both_directions(tmp_path: Path) -> None:
    text = nsg_lines(f"1791201600,{WEB},{OUT},1,80,T,O,A", f"1791201600,{OUT},{WEB},1,80,T,I,D")
    sightings = found(put(tmp_path / "a.json", text))
    assert each_way(sightings) == {"out": (0, 1), "in": (0, 1)}
    assert counts(sightings.totals) == {"counted": 1, "refused": 1}


def test_packets_without_a_byte_were_not_counted_and_no_packets_are_none(tmp_path: Path) -> None:
    many = f"1791201600000,{OUT},{WEB},1,80,6,I,E,NX,12,0,9,0"
    assert each_way(found(put(tmp_path / "a.json", vnet_lines(many)))) == {"out": (0, 1), "in": (0, 1)}
    nothing = f"1791201600000,{WEB},{OUT},1,80,6,O,C,NX,0,0,0,0"
    assert each_way(found(put(tmp_path / "b.json", vnet_lines(nothing)))) == {"out": (0, 0)}


def test_the_time_is_in_seconds_or_milliseconds(tmp_path: Path) -> None:
    hours = [
        found(put(tmp_path / f"{number}.json", text)).in_order()["hour"].unique().to_list()
        for number, text in enumerate(
            (vnet_lines(vnet_tuple("O", WEB, OUT, 1, 1)), nsg_lines(nsg_tuple("O", WEB, OUT, 1, 1)))
        )
    ]
    assert hours == [[1791201600], [1791201600]]


def test_encryption_is_kept_with_every_row() -> None:
    text = vnet_lines(vnet_tuple("O", WEB, OUT, 1, 1).replace(",NX,", ",X,"))
    said = list(decode(io.BytesIO(text.encode()), ()))
    assert [each.rows.column("encryption").to_pylist() for each in said] == [["X"], ["X"]]


FORMS = {
    "records": lambda each: json.dumps({"records": each}),
    "indented": lambda each: json.dumps({"records": each}, indent=2),
    "with a byte order mark": lambda each: "\ufeff" + json.dumps({"records": each}),
    "a record a line": lambda each: "\n".join(json.dumps(one) for one in each) + "\r\n",
    "records a line": lambda each: "\n".join(json.dumps({"records": [one]}) for one in each),
    "records without anything between": lambda each: "".join(json.dumps({"records": [one]}) for one in each),
    "a list": json.dumps,
    "other keys first": lambda each: json.dumps({"flowLogGUID": "x", "records": each}),
    "not closed": lambda each: json.dumps({"records": each})[:-2],
}


@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_a_file_changes_nothing(form: str, tmp_path: Path) -> None:
    several = [vnet_record("web", [vnet_tuple("O", WEB, OUT, 10**at, 1)], time=f"{at}") for at in range(3)]
    sightings = found(put(tmp_path / "PT1H.json", FORMS[form](several)))
    assert each_way(sightings) == {"out": (111, 0), "in": (3, 0)}
    assert counts(sightings.totals) == {"counted": 3}


def test_one_bare_record_and_a_packed_file_are_read(tmp_path: Path) -> None:
    text = json.dumps(vnet_record("web", [vnet_tuple("O", WEB, OUT, 7, 1)]), indent=1)
    assert each_way(found(put(tmp_path / "a.json", text)))["out"] == (7, 0)
    assert each_way(found(put(tmp_path / "b.json.gz", gzip.compress(text.encode()))))["out"] == (7, 0)


@pytest.mark.parametrize("indent", [None, 2])
def test_a_record_that_is_cut_off_is_named_and_those_before_it_count(indent: int | None, tmp_path: Path) -> None:
    several = [vnet_record("web", [vnet_tuple("O", WEB, OUT, 10**at, 1)], time=f"{at}") for at in range(3)]
    text = json.dumps({"records": several}, indent=indent)
    cut = put(tmp_path / "PT1H.json", text[: text.rindex("flowTuples") + 20])
    sightings = found(cut)
    assert each_way(sightings) == {"out": (11, 0), "in": (2, 0)}
    assert counts(sightings.totals) == {"counted": 2, "malformed": 1}
    assert sightings.files[0].first_malformed == ((3, "a record that is cut off"),)


def test_reading_goes_on_after_a_damaged_record(tmp_path: Path) -> None:
    good = json.dumps(vnet_record("web", [vnet_tuple("O", WEB, OUT, 7, 1)]))
    sightings = found(put(tmp_path / "a.json", f"{good[:-40]}\n{good}\n"))
    assert counts(sightings.totals) == {"counted": 1, "malformed": 1}


BAD = {
    "1791201600000,10.0.1.5,20.1.1.1,1,80,6,O": "not as many fields as the log has",
    "": "not as many fields as the log has",
    "1791201600000,10.0.1.5,20.1.1.1,1,80,6,Z,E,NX,1,1,1,1": "not as many fields as the log has",
    "later,10.0.1.5,20.1.1.1,1,80,6,O,E,NX,1,1,1,1": "no time where the start must be",
    "1791201600000,10.0.1.5,20.1.1.1,1,80,6,O,F,NX,1,1,1,1": "an unknown log status",
    "1791201600000,10.0.1.5,20.1.1.1,1,80,6,O,E,NX,1,x,1,1": "no whole number of bytes",
    "1791201600000,10.0.1.5,20.1.1.1,1,80,6,O,E,NX,1,1,1,-5": "no whole number of bytes",
    "1791201600000,ten,20.1.1.1,1,80,6,O,E,NX,1,1,1,1": "no address where one must be",
}


@pytest.mark.parametrize("text", BAD)
def test_a_malformed_tuple_counts_in_no_direction_and_is_named(text: str, tmp_path: Path) -> None:
    sightings = found(put(tmp_path / "a.json", vnet_lines(vnet_tuple("O", WEB, OUT, 7, 1), text)))
    assert each_way(sightings) == {"out": (7, 0), "in": (1, 0)}
    assert counts(sightings.totals) == {"counted": 1, "malformed": 1}
    assert sightings.files[0].first_malformed == ((2, BAD[text]),)


def test_a_record_that_stands_twice_counts_once_in_a_file_and_over_files(tmp_path: Path) -> None:
    one, other = (vnet_record("web", [vnet_tuple("O", WEB, OUT, size, 1)], time=str(size)) for size in (7, 8))
    alone = found(put(tmp_path / "alone.json", json.dumps([one, other])))
    same = found(put(tmp_path / "same.json", json.dumps([one, other, one])))
    apart = found(
        put(tmp_path / "a.json", json.dumps([one, other])), put(tmp_path / "b.json", json.dumps([one])), workers=2
    )
    assert groups(alone) == groups(same) == groups(apart)
    assert [each.totals.duplicate for each in (alone, same, apart)] == [0, 1, 1]
    assert [(each.name, each.duplicate) for each in apart.files] == [("a.json", 0), ("b.json", 1)]
    assert [notice.code for notice in apart.notices()] == ["repeated-records"]


def test_tuples_that_stand_twice_in_one_record_both_count(tmp_path: Path) -> None:
    same = vnet_tuple("O", WEB, OUT, 7, 1)
    assert each_way(found(put(tmp_path / "a.json", vnet_lines(same, same)))) == {"out": (14, 0), "in": (2, 0)}


def test_logs_of_the_subnet_the_interface_and_the_network_count_once(tmp_path: Path) -> None:
    nsg = [nsg_tuple("O", WEB, OUT, 700, 50), nsg_tuple("I", OUT, WEB, 30, 900)]
    vnet = [vnet_tuple("O", WEB, OUT, 700, 50), vnet_tuple("I", OUT, WEB, 30, 900)]
    made = [nsg_record("web", nsg, "NSG-SUBNET"), nsg_record("web", nsg, "NSG-NIC"), vnet_record("web", vnet)]
    apart = [put(tmp_path / f"{at}.json", json.dumps(each)) for at, each in enumerate(made)]
    for paths in (apart, [put(tmp_path / "together.json", "\n".join(map(json.dumps, made)))]):
        sightings = found(*paths).without_overlap()
        assert each_way(sightings) == {"out": (1600, 0), "in": (80, 0)}
        assert counts(sightings.totals) == {"counted": 2, "duplicate": 4}


def test_splitting_and_reordering_files_changes_nothing(tmp_path: Path) -> None:
    random = Random(5)  # noqa: S311  nothing is secret here
    several = []
    for minute in range(60):
        name = random.choice(["web", "api", "db"])
        ends = (f"10.0.{random.randrange(3)}.{random.randrange(9)}", f"20.1.1.{random.randrange(9)}")
        tuples = [
            vnet_tuple(random.choice("OI"), *random.sample(ends, 2), random.randrange(999), random.randrange(999))
            for _ in range(random.randrange(1, 9))
        ]
        several.append(vnet_record(name, tuples, time=f"{minute}"))
    several += several[:5]
    whole = found(put(tmp_path / "whole.json", json.dumps({"records": several})))
    for number in range(4):
        random.shuffle(several)
        cuts = sorted(random.sample(range(len(several)), 5))
        parts = [several[one:other] for one, other in zip([0, *cuts], [*cuts, None], strict=True)]
        paths = [
            put(tmp_path / f"{number}-{at}.json", json.dumps(part) if part else "[]") for at, part in enumerate(parts)
        ]
        random.shuffle(paths)
        split = found(*(path for path in paths if path.read_text() != "[]"), workers=1 + number % 2)
        assert groups(split) == groups(whole)
        assert counts(split.totals) == counts(whole.totals)


def test_a_file_that_unpacks_too_far_is_refused(tmp_path: Path) -> None:
    text = vnet_lines(*[vnet_tuple("O", WEB, OUT, 7, 1)] * 200_000)
    path = put(tmp_path / "bomb.json.gz", gzip.compress(text.encode()))
    with pytest.raises(OversizeError):
        found(path, limits=Limits(ratio=10, size=1 << 20))


def test_a_damaged_packed_file_ends_the_scan(tmp_path: Path) -> None:
    packed = gzip.compress(vnet_lines(*(vnet_tuple("O", WEB, OUT, at, 1) for at in range(9999))).encode())
    with pytest.raises(DamagedFileError):
        found(put(tmp_path / "a.json.gz", packed[:-9]))


@pytest.mark.parametrize("text", ["", "{}", "a b c", '{"records": []}', '{"category": "AuditEvent"}', "[1, 2]"])
def test_what_is_no_flow_log_is_none(text: str, tmp_path: Path) -> None:
    path = put(tmp_path / "a.json", text)
    assert recognize(Blob(path, path.name)) is None


def test_a_record_without_an_interface_is_named_by_what_was_logged() -> None:
    record = vnet_record("web", [vnet_tuple("O", WEB, OUT, 1, 1)]) | {"macAddress": "00-00-00-00-00-00"}
    (read,) = records(json.dumps(record))
    assert read.origin.interface is None
    assert read.origin.resource == read.origin.network
