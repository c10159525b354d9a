"""AWS flow logs in every form that they come in: what a file is, and what becomes of its lines."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scan.logs import START, V2, V5, V11, known, line, places, text, write

from egresscost.errors import DamagedFileError, MissingColumnError, UnknownFormatError, UsageError
from egresscost.providers.aws.flows import recognize, roles
from egresscost.scan.local import Options, scan
from egresscost.scan.roles import ROLES
from egresscost.sources.flowfiles import FlowFile, Shape
from egresscost.sources.storage import Blob, Workspace, find

if TYPE_CHECKING:
    from pathlib import Path

    from egresscost.scan.counts import FileCounts
    from egresscost.scan.sightings import Sightings

TGW = [
    "version",
    "resource-type",
    "account-id",
    "tgw-id",
    "tgw-attachment-id",
    "tgw-src-vpc-account-id",
    "tgw-dst-vpc-account-id",
    "tgw-src-vpc-id",
    "tgw-dst-vpc-id",
    "tgw-src-subnet-id",
    "tgw-dst-subnet-id",
    "tgw-src-eni",
    "tgw-dst-eni",
    "tgw-src-az-id",
    "tgw-dst-az-id",
    "tgw-pair-attachment-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "log-status",
    "type",
    "packets-lost-no-route",
    "packets-lost-blackhole",
    "packets-lost-mtu-exceeded",
    "packets-lost-ttl-expired",
    "tcp-flags",
    "region",
    "flow-direction",
    "pkt-src-aws-service",
    "pkt-dst-aws-service",
]


def read(*paths: Path, fields: str = "", since: int = 0, until: int = 2**62) -> Sightings:
    return scan(known(*paths, fields=fields), places(), None, Options(since=since, until=until))


def only(seen: Sightings) -> FileCounts:
    (counts,) = seen.files
    return counts


def sums(seen: Sightings) -> tuple[int, int, int]:
    return tuple(sum(seen.table.column(name).to_pylist()) for name in ("bytes", "packets", "records"))  # type: ignore[return-value]


def row(seen: Sightings) -> dict[str, Any]:
    (only_row,) = seen.table.to_pylist()
    return only_row


def file_of(path: Path, fields: str = "") -> FlowFile | None:
    return recognize(Blob(path, path.name), fields)


def test_every_role_in_the_field_table_is_one_of_the_scan() -> None:
    assert {role for kind in roles().values() for role in kind.values() if role} <= ROLES.keys()


@pytest.mark.parametrize("fields", [V2, V5, V11, sorted(V11)], ids=["v2", "v5", "v11", "alphabetical"])
def test_text_with_a_header_in_any_order(tmp_path: Path, fields: list[str]) -> None:
    path = write(tmp_path / "a", text([line(fields), line(fields, bytes=7, packets=1)], fields), packed=True)
    seen = read(path)
    assert sums(seen) == (1007, 11, 2)
    assert only(seen).fields == tuple(fields)
    first = row(seen)
    assert first["interface"] == "eni-0123456789abcdef0"
    assert (first["src_address"], first["src_place"], first["dst_address"], first["dst_place"]) == (
        "10.1.0.5",
        2,
        None,
        4,
    )
    assert first["hour"] == START
    assert first["direction"] == ("out" if "flow-direction" in fields else "unknown")
    assert first["service_dst"] == ("S3" if "pkt-dst-aws-service" in fields else None)
    assert first["traffic_path"] == (8 if "traffic-path" in fields else 0)


def test_a_header_name_may_hold_digits_and_an_unknown_one_is_kept_apart(tmp_path: Path) -> None:
    fields = [*V2, "instance-tag-2", "tomorrows-field-9"]
    path = write(tmp_path / "a", text([line(fields, instance_tag_2="web", tomorrows_field_9="x")], fields))
    seen = read(path)
    assert seen.interfaces.column("instance_tag_2").to_pylist() == ["web"]
    assert "tomorrows-field-9" in seen.fields


def test_ends_of_lines_and_of_files(tmp_path: Path) -> None:
    lines = [line(), line()]
    forms = {
        "crlf": text(lines, V2, "\r\n"),
        "bom": b"\xef\xbb\xbf" + text(lines, V2),
        "cut": text(lines, V2).removesuffix(b"\n"),
        "cut crlf": text(lines, V2, "\r\n").removesuffix(b"\r\n"),
        "empty lines": text(["", lines[0], "", lines[1], "", ""], V2),
        "header twice": text([lines[0], " ".join(V2), lines[1]], V2),
    }
    for name, content in forms.items():
        for packed in (False, True):
            seen = read(write(tmp_path / f"{name}{packed}", content, packed=packed))
            assert sums(seen) == (2000, 20, 2), name
            assert only(seen).lines == only(seen).counted == 2, name


def test_empty_files_hold_nothing(tmp_path: Path) -> None:
    for number, content in enumerate([b"", b"\n", gzip.compress(b""), gzip.compress(b"") * 2, text([], V2)]):
        seen = read(write(tmp_path / str(number), content))
        assert (only(seen).lines, seen.table.num_rows) == (0, 0)


def test_short_lines_and_bad_numbers_cost_only_themselves(tmp_path: Path) -> None:
    lines = [
        line(),
        "2 123456789012 eni-1",
        line(bytes="12x"),
        line() + " more",
        line(start="yesterday"),
        line(srcaddr="10.0.0.256"),
        line(action="MAYBE"),
        line(log_status="FINE"),
        line(packets=2**62 + 1),
        line(bytes=2**61),
    ]
    seen = read(write(tmp_path / "a", text(lines, V2)))
    counts = only(seen)
    assert (counts.lines, counts.counted, counts.malformed) == (10, 2, 8)
    assert counts.first_malformed == (
        (3, "not as many fields as the log has"),
        (4, "no whole number of bytes"),
        (5, "not as many fields as the log has"),
    )
    assert sums(seen)[0] == 1000 + 2**61
    (notice,) = seen.notices()
    assert notice.code == "malformed-lines"
    assert notice.details[0] == "a, line 3: not as many fields as the log has"


def test_a_line_longer_than_any_record_is_one_malformed_line(tmp_path: Path) -> None:
    for length in (32_767, 32_768, 40_000, 3_000_000):
        content = text([line(), "x" * length, line(), "y " * length, line()], V2)
        for packed in (False, True):
            counts = only(read(write(tmp_path / f"{length}{packed}", content, packed=packed)))
            assert (counts.lines, counts.counted, counts.malformed) == (5, 3, 2)
            assert [number for number, _ in counts.first_malformed] == [3, 5]


def test_refused_no_data_and_lost_records_are_counted_apart(tmp_path: Path) -> None:
    empty = dict.fromkeys(["srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "action"], "-")
    lines = [
        line(),
        line(action="REJECT", bytes=10**9),
        line(log_status="NODATA", **empty),
        line(log_status="SKIPDATA", **empty),
        line(start=START - 1),
    ]
    seen = read(write(tmp_path / "a", text(lines, V2)), since=START, until=START + 3600)
    counts = only(seen)
    assert (counts.counted, counts.refused, counts.nodata, counts.skipdata, counts.outside) == (1, 1, 1, 1, 1)
    assert counts.lines == 5
    assert sums(seen) == (1000, 10, 1)
    (notice,) = seen.notices()
    assert (notice.code, notice.count, notice.partial) == ("skipdata", 1, True)
    assert "lost by the cloud" in notice.message


def test_a_log_without_status_tells_no_data_by_its_missing_ends(tmp_path: Path) -> None:
    fields = [name for name in V2 if name not in {"log-status", "action"}]
    lines = [line(fields), line(fields, srcaddr="-", dstaddr="-", bytes="-", packets="-")]
    counts = only(read(write(tmp_path / "a", text(lines, fields))))
    assert (counts.counted, counts.nodata) == (1, 1)


def test_bytes_that_are_not_known_are_not_zero(tmp_path: Path) -> None:
    fields = [name for name in V2 if name != "bytes"]
    first = row(read(write(tmp_path / "a", text([line(fields)], fields))))
    assert (first["bytes"], first["records"], first["records_without_bytes"]) == (0, 1, 1)
    second = row(read(write(tmp_path / "b", text([line(bytes="-")], V2))))
    assert (second["bytes"], second["records_without_bytes"]) == (0, 1)


def test_the_packets_own_ends_are_the_interfaces_where_the_log_has_none(tmp_path: Path) -> None:
    first = row(read(write(tmp_path / "a", text([line()], V2))))
    assert (first["pkt_src_address"], first["pkt_dst_place"]) == ("10.1.0.5", 4)
    assert "pkt-srcaddr" not in read(tmp_path / "a").fields
    second = row(read(write(tmp_path / "b", text([line(V5, pkt_srcaddr="10.1.9.9", pkt_dstaddr="8.8.8.8")], V5))))
    assert (second["src_address"], second["pkt_src_address"]) == ("10.1.0.5", "10.1.9.9")
    assert (second["dst_place"], second["pkt_dst_place"], second["pkt_dst_address"]) == (4, 0, None)


def test_a_regional_nat_gateway_is_known_by_its_resource(tmp_path: Path) -> None:
    path = write(tmp_path / "a", text([line(V11, interface_id="-", resource_id="nat-0a1b2c3d")], V11))
    seen = read(path)
    assert row(seen)["interface"] == "nat-0a1b2c3d"
    assert seen.interfaces.column("resource").to_pylist() == ["nat-0a1b2c3d"]


def test_next_hops_and_what_is_told_of_them(tmp_path: Path) -> None:
    hop = {
        "next_hop_interface_id": "eni-hop",
        "next_hop_az_id": "use1-az2",
        "next_hop_interface_type": "nat_gateway",
        "next_hop_vpc_id": "vpc-2",
    }
    path = write(tmp_path / "a", text([line(V11, **hop), line(V11, start=START + 7200, **hop)], V11))
    seen = read(path)
    assert set(seen.table.column("next_hop").to_pylist()) == {"eni-hop"}
    (found,) = seen.hops.to_pylist()
    assert {name: value for name, value in found.items() if value is not None} == (
        {
            "next_hop": "eni-hop",
            "zone": "use1-az2",
            "vpc": "vpc-2",
            "interface_type": "nat_gateway",
            "first_hour": START,
            "last_hour": START + 7200,
        }
    )


def test_without_a_header_the_user_names_the_fields(tmp_path: Path) -> None:
    path = write(tmp_path / "a", text([line(V5), line(V5)]), packed=True)
    assert file_of(path) is None
    for fields in (" ".join(V5), " ".join(f"${{{name}}}" for name in V5)):
        assert sums(read(path, fields=fields)) == (2000, 20, 2)
    assert file_of(path, fields="version start bytes") is None
    with pytest.raises(UsageError, match="neither start nor end"):
        file_of(path, fields="version bytes")


def test_without_a_header_the_default_format_is_known(tmp_path: Path) -> None:
    assert sums(read(write(tmp_path / "a", text([line(version=2)])))) == (1000, 10, 1)


def test_an_export_of_cloudwatch_logs_has_a_time_before_each_line(tmp_path: Path) -> None:
    stamp = "2026-10-01T00:01:00.000Z "
    assert sums(read(write(tmp_path / "a", text([stamp + line(version=2)]), packed=True))) == (1000, 10, 1)
    path = write(tmp_path / "b", text([stamp + line(V5)]))
    assert sums(read(path, fields=" ".join(V5))) == (1000, 10, 1)


EVENT = {"logStreamName": "eni-1-all", "timestamp": START * 1000, "message": line(version=2), "eventId": "1"}


@pytest.mark.parametrize(
    "content",
    [
        "".join(json.dumps(EVENT) + "\n" for _ in range(3)),
        "\ufeff" + "\n".join(json.dumps(EVENT) for _ in range(3)),
        "".join(json.dumps({"message": EVENT["message"]}) for _ in range(3)),
        json.dumps([EVENT] * 3),
        json.dumps([EVENT] * 3, indent=2),
        json.dumps({"events": [EVENT] * 3, "searchedLogStreams": []}, indent=4),
        json.dumps({"messageType": "DATA_MESSAGE", "logEvents": [EVENT] * 3}),
        json.dumps([{"@timestamp": "2026-10-01", "body": EVENT["message"], "event": {"name": "flow_log"}}] * 3),
        "\n".join(json.dumps(EVENT | {"message": f"{EVENT['message']}\n"}) for _ in range(3)),
    ],
    ids=["ndjson", "bom", "firehose", "array", "pretty", "cli", "subscription", "opensearch", "line ends"],
)
def test_lines_in_json_events(tmp_path: Path, content: str) -> None:
    for packed in (False, True):
        path = write(tmp_path / f"a{packed}", content.encode(), packed=packed)
        found = file_of(path)
        assert found
        assert found.shape is Shape.EVENTS
        assert sums(read(path)) == (3000, 30, 3)


def test_an_event_that_is_none_is_a_malformed_line(tmp_path: Path) -> None:
    good = json.dumps(EVENT)
    path = write(tmp_path / "a", "\n".join([good, '{"message": 7}', good[:40], "", good, "[]"]).encode())
    counts = only(read(path))
    assert (counts.lines, counts.counted, counts.malformed) == (4, 2, 2)
    assert [number for number, _ in counts.first_malformed] == [2, 3]


def test_a_json_document_that_ends_early_is_damaged(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", json.dumps([EVENT] * 3, indent=1).encode()[:-5])
    with pytest.raises(DamagedFileError, match=r"a\.json is damaged"):
        read(path)


def parquet(path: Path, columns: dict[str, Any]) -> Path:
    pq.write_table(pa.table(columns), path, compression="gzip")
    return path


def as_columns(lines: list[str], fields: list[str]) -> dict[str, list[str | None]]:
    table = [[None if word == "-" else word for word in each.split(" ")] for each in lines]
    return {name.replace("-", "_"): list(column) for name, column in zip(fields, zip(*table, strict=True), strict=True)}


INTEGERS = {
    "version",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "traffic_path",
    "tcp_flags",
}


@pytest.mark.parametrize("kind", ["int", "float", "text", "dictionary"])
def test_parquet_says_what_text_says_whatever_became_of_its_numbers(tmp_path: Path, kind: str) -> None:
    lines = [
        line(V11, bytes=2**40 + 1),
        line(V11, srcaddr="2600:1f18::1", flow_direction="ingress", traffic_path="-"),
        line(V11, log_status="NODATA", srcaddr="-", dstaddr="-", bytes="-", packets="-", action="-"),
        line(V11, action="REJECT"),
        line(V11, bytes="-"),
        line(V11, next_hop_interface_id="eni-hop", instance_tag="a b"),
    ]
    columns: dict[str, Any] = as_columns([each.replace("a b", "a_b") for each in lines], V11)
    for name in INTEGERS & columns.keys():
        numbers = pa.array([None if each is None else int(each) for each in columns[name]], pa.int64())
        columns[name] = {
            "int": numbers,
            "float": numbers.cast(pa.float64()),
            "text": pa.array([None if each is None else f"{each}.0" for each in columns[name]]),
            "dictionary": pa.array(["None" if each is None else each for each in columns[name]]).dictionary_encode(),
        }[kind]
    columns = {
        name: pa.array(values, pa.string()) if isinstance(values, list) else values for name, values in columns.items()
    }
    seen = read(parquet(tmp_path / "a", columns))
    expected = read(write(tmp_path / "b", text([each.replace("a b", "a_b") for each in lines], V11)))
    assert seen.in_order().equals(expected.in_order())
    assert seen.interfaces.to_pylist() == expected.interfaces.to_pylist()
    assert (only(seen).counted, only(seen).refused, only(seen).nodata) == (4, 1, 1)


def test_parquet_rows_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    columns = as_columns([line(), line(bytes="x"), line(bytes="1.5"), line(srcaddr="nowhere"), line(bytes="-5")], V2)
    counts = only(read(parquet(tmp_path / "a", {name: pa.array(each, pa.string()) for name, each in columns.items()})))
    assert (counts.lines, counts.counted, counts.malformed) == (5, 1, 4)
    assert counts.first_malformed[0] == (2, "no whole number of bytes")


def test_a_parquet_file_that_is_cut_is_damaged(tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "a.parquet", {name: pa.array(each, pa.string()) for name, each in as_columns([line()], V2).items()}
    )
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DamagedFileError, match=r"a\.parquet is damaged"):
        file_of(path)


def tgw(**changes: object) -> str:
    record = {
        "version": "6",
        "resource_type": "TransitGateway",
        "account_id": "111122223333",
        "tgw_id": "tgw-1",
        "tgw_attachment_id": "tgw-attach-1",
        "tgw_src_vpc_account_id": "444455556666",
        "tgw_src_vpc_id": "vpc-1",
        "tgw_dst_vpc_id": "vpc-2",
        "tgw_src_az_id": "use1-az1",
        "tgw_dst_az_id": "use1-az2",
        "tgw_pair_attachment_id": "tgw-attach-2",
        "log_status": "OK",
        "flow_direction": "ingress",
        "region": "us-east-1",
    }
    return line(TGW, **record | changes)


@pytest.mark.parametrize("header", [True, False])
def test_transit_gateway_logs_have_a_kind_of_their_own(tmp_path: Path, header: bool) -> None:  # noqa: FBT001
    out = tgw(flow_direction="egress", tgw_attachment_id="tgw-attach-2", tgw_pair_attachment_id="tgw-attach-1")
    seen = read(write(tmp_path / "a", text([tgw(), out], TGW if header else None)))
    by_direction = {each["direction"]: each for each in seen.table.to_pylist()}
    assert by_direction["in"]["source_kind"] == by_direction["out"]["source_kind"] == "tgw"
    assert (by_direction["in"]["interface"], by_direction["in"]["next_hop"]) == ("tgw-attach-1", "tgw-attach-2")
    assert by_direction["in"]["bytes"] == 1000
    facts = {each["interface"]: each for each in seen.interfaces.to_pylist()}
    assert facts["tgw-attach-1"]["account"] == "444455556666"
    assert (facts["tgw-attach-1"]["vpc"], facts["tgw-attach-1"]["zone"]) == ("vpc-1", "use1-az1")
    assert facts["tgw-attach-2"]["vpc"] is None  # what goes out tells of the other side
    assert {(each["next_hop"], each["vpc"]) for each in seen.hops.to_pylist()} >= {("tgw-attach-2", "vpc-2")}


def test_a_cloud_wan_log_and_a_log_without_time_are_refused_by_name(tmp_path: Path) -> None:
    fields = ["version", "account-id", "core-network-id", "srcaddr", "dstaddr", "bytes", "start", "end"]
    with pytest.raises(UnknownFormatError, match="Cloud WAN"):
        file_of(write(tmp_path / "wan", text([], fields)))
    with pytest.raises(MissingColumnError, match="without a time"):
        file_of(write(tmp_path / "timeless", text([], ["interface-id", "srcaddr", "dstaddr", "bytes"])))


def test_other_files_are_none_of_ours(tmp_path: Path) -> None:
    others = [
        b"bill/PayerAccountId,lineItem/UsageType\n1,2\n",
        b'{"hello": "world"}',
        b'{"message": "not a flow log"}\n',
        b"the quick brown fox\n",
        b"\x00\x01\x02",
        b"PK\x03\x04",
        b"start end\tand more\n",
    ]
    for number, content in enumerate(others):
        assert file_of(write(tmp_path / str(number), content)) is None
    assert file_of(parquet(tmp_path / "p", {"start": [1], "region": ["x"], "end": [2], "type": ["y"]})) is None
    with pytest.raises(DamagedFileError):
        file_of(write(tmp_path / "gz", b"\x1f\x8b" + b"\0" * 30))


LAYOUTS = {
    "plain": "AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/10/01",
    "hourly": "AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/10/01/00",
    "organization": "AWSLogs/o-abc123/111122223333/vpcflowlogs/us-east-1/2026/10/01",
    "hive": "AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=us-east-1/year=2026/month=10/day=01",
    "loose": "",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_trees_as_they_lie_in_buckets(tmp_path: Path, layout: str) -> None:
    folder = tmp_path / LAYOUTS[layout]
    for number in range(3):
        name = f"111122223333_vpcflowlogs_us-east-1_fl-0abc{number // 2}_20261001T0005Z_{number}.log.gz"
        write(folder / name, text([line(bytes=number)], V2), packed=True)
    with Workspace() as workspace:
        found = [recognize(blob) for blob in find([str(tmp_path)], workspace)]
        seen = scan([each for each in found if each], places())
    assert sums(seen) == (3, 30, 3)
    assert set(seen.table.column("flow_log").to_pylist()) == {"fl-0abc0", "fl-0abc1"}


def test_standard_input_is_a_file_like_any(tmp_path: Path) -> None:
    program = (
        "from egresscost.sources.storage import Workspace, find\n"
        "from egresscost.providers.aws.flows import recognize\n"
        "with Workspace() as workspace:\n"
        "    print(recognize(find(['-'], workspace)[0]).fields)\n"
    )
    content = gzip.compress(text([line()], V2))
    done = subprocess.run([sys.executable, "-c", program], input=content, capture_output=True, check=True, cwd=tmp_path)
    assert b"log-status" in done.stdout


S3_TREE = (
    "s3-tree/AWSLogs/216782312663/vpcflowlogs/us-east-1/2021/09/02/"
    "216782312663_vpcflowlogs_us-east-1_fl-01b07217476488e53_20210902T2145Z_c2ed8707.log.gz"
)
SAMPLES = {
    f"aws-vpc/{S3_TREE}": {"counted": 32, "refused": 67, "bytes": 8_639_078},
    "aws-vpc/s3/default-nodata.log": {"counted": 10, "nodata": 7, "bytes": 559},
    "aws-vpc/s3/default-small.log.gz": {"counted": 2, "bytes": 9156},
    "aws-vpc/s3/docs-v3-tcpflags.log": {"counted": 8, "bytes": 23_462_480},
    "aws-vpc/s3/docs-v5-services.log": {"counted": 2, "bytes": 15_515},
    "aws-vpc/s3/v11-doc.log": {"counted": 1, "refused": 1, "without": 1, "bytes": 0},
    "aws-vpc/cloudwatch/default-v2-docs.ndjson": {
        "counted": 1,
        "refused": 1,
        "nodata": 1,
        "skipdata": 1,
        "bytes": 4249,
    },
    "aws-vpc/parquet/flows.parquet": {"counted": 1, "nodata": 2, "bytes": 840},
    "aws-vpc/enriched/opensearch-sample.json": {"counted": 22, "bytes": 968},
    "aws-tgw/tgw-header.log": {"counted": 1, "bytes": 1000},
}
"""Counted in each file with awk; a line that is not named is none."""


@pytest.mark.samples
@pytest.mark.parametrize("name", SAMPLES)
def test_public_samples(samples: Path, name: str) -> None:
    path = samples.parent / "flows" / name
    seen = read(path)
    counts, expected = only(seen), SAMPLES[name]
    for verdict in ("counted", "nodata", "skipdata", "refused", "malformed", "outside", "duplicate"):
        assert getattr(counts, verdict) == expected.get(verdict, 0), verdict
    assert counts.lines == sum(expected.get(each, 0) for each in ("counted", "nodata", "skipdata", "refused"))
    assert sum(seen.table.column("bytes").to_pylist()) == expected["bytes"]
    assert sum(seen.table.column("records_without_bytes").to_pylist()) == expected.get("without", 0)


@pytest.mark.samples
def test_every_public_sample_of_aws_flow_logs_is_known(samples: Path) -> None:
    folder = samples.parent / "flows"
    files = {path for kind in ("aws-vpc", "aws-tgw") for path in (folder / kind).rglob("*") if path.is_file()}
    assert files == {folder / name for name in SAMPLES}
    others = [path for path in folder.rglob("*") if path.is_file() and path not in files]
    assert [path for path in others if recognize(Blob(path, path.name))] == []
