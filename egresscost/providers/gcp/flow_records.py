"""A record of VPC Flow Logs or of a Cloud NAT log, in the words of the scan.

Goes in: entries of Cloud Logging with nested fields. Comes out: columns by role. Never: turns a record round: bytes go from
`src` to `dest` whoever reports them, and who reports is the near end.

Who stands at an end is the VM (project, zone, name) and, on GKE, the workload in it; else the gateway, the private endpoint,
the network with the subnet, or for strangers the network owner's number and the country. Both reporters of one conversation
name the same two ends, whatever addresses they saw.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from egresscost.providers.gcp.tables import rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

ROLES: Final = (
    "action",
    "direction",
    "src",
    "dst",
    "service_src",
    "service_dst",
    "interface",
    "account",
    "vpc",
    "subnet",
    "instance",
    "zone",
    "region",
    "interface_type",
    "workload",
    "hop",
    "hop_subnet",
    "hop_zone",
    "hop_vpc",
    "hop_type",
    "hop_account",
    "hop_region",
    "hop_instance",
    "hop_workload",
    "hop_country",
    "hop_owner",
    "bytes",
    "packets",
    "start",
)
"""What a decoded record has."""
NUMBERS: Final = ("bytes", "packets", "start")
CLOUD_NAT: Final = "cloud_nat"
PRIVATE_SERVICE_CONNECT: Final = "private_service_connect"
LOGS: Final[Mapping[str, str]] = {
    "compute.googleapis.com": "compute.googleapis.com/vpc_flows",
    "networkmanagement.googleapis.com": "networkmanagement.googleapis.com/vpc_flows",
    "nat": "compute.googleapis.com/nat_flows",
}
"""The flow logs there are, by what their names contain. The two of VPC Flow Logs may record one VM at a time."""

_FACTS: Final = ("account", "vpc", "subnet", "instance", "zone", "region", "interface_type", "workload")
_HOPS: Final = ("subnet", "zone", "vpc", "type", "account", "region", "instance", "workload", "country", "owner")
_WHOLE: Final = r"^\d{1,18}(?:\.0*)?$"
_END: Final[Mapping[str, tuple[str, ...]]] = {
    "instance": ("project_id", "region", "zone", "vm_name"),
    "vpc": ("project_id", "vpc_name", "subnetwork_name", "subnetwork_region"),
    "location": ("country", "asn"),
    "google_service": ("type", "service_name", "connectivity"),
    "gateway": ("project_id", "location", "type", "name"),
}


def _text(*names: str) -> pl.Struct:
    import polars as pl  # noqa: PLC0415

    return pl.Struct(dict.fromkeys(names, pl.String()))


def _end_schema(side: str) -> dict[str, pl.DataType]:
    import polars as pl  # noqa: PLC0415

    plain: dict[str, pl.DataType] = {f"{side}_{name}": _text(*fields) for name, fields in _END.items()}
    group = pl.Struct({"name": pl.String()})
    plain[f"{side}_instance"] = pl.Struct(
        {**dict.fromkeys(_END["instance"], pl.String()), "managed_instance_group": group}
    )
    pod = {"pod_name": pl.String(), "pod_namespace": pl.String(), "pod_workload": _text("workload_name")}
    details: dict[str, pl.DataType] = {"cluster": _text("cluster_name"), "pod": pl.Struct(pod)}
    details["service"] = pl.List(_text("service_name", "service_namespace"))
    plain[f"{side}_gke_details"] = pl.Struct(details)
    return plain


def _entry_schema() -> dict[str, pl.DataType]:
    import polars as pl  # noqa: PLC0415

    texts = ("reporter", "bytes_sent", "packets_sent", "start_time", "end_time", "allocation_status")
    payload: dict[str, pl.DataType] = dict.fromkeys(texts, pl.String())
    payload |= {"connection": _text("src_ip", "dest_ip"), **_end_schema("src"), **_end_schema("dest")}
    payload |= {
        "gateway_identifiers": _text("gateway_name", "router_name", "region"),
        "endpoint": _text(*_END["instance"]),
        "vpc": _text(*_END["vpc"]),
    }
    labels = _text("project_id", "location", "subnetwork_name")
    return {
        "logName": pl.String(),
        "timestamp": pl.String(),
        "jsonPayload": pl.Struct(payload),
        "resource": pl.Struct({"labels": labels}),
    }


ENTRY: Final = _entry_schema()
"""The fields of an entry that mean something, every one of them a text."""


@cache
def _countries() -> Mapping[str, str]:
    """Two letters for three."""
    return {row["alpha_3"]: row["alpha_2"] for row in rows("countries.csv")}


def records(entries: pl.DataFrame) -> pl.DataFrame:
    """`ROLES` and `flow_log` of entries."""
    import polars as pl  # noqa: PLC0415

    payload = pl.col("jsonPayload").struct
    flat = entries.select(
        "logName",
        "timestamp",
        *(payload.field(name).alias(name) for name in ENTRY["jsonPayload"].to_schema()),  # type: ignore[attr-defined]
        labels=pl.col("resource").struct.field("labels"),
    )
    flat = flat.with_columns(
        is_nat=pl.col("gateway_identifiers").struct.field("gateway_name").is_not_null(),
        at_gateway=pl.col("reporter").str.ends_with("_GATEWAY").fill_null(value=False),
        src_near=pl.col("reporter").str.starts_with("SRC") != pl.col("reporter").str.ends_with("_GATEWAY"),
        src_ip=pl.col("connection").struct.field("src_ip"),
        dest_ip=pl.col("connection").struct.field("dest_ip"),
    )
    ended = flat.with_columns(*_end("src"), *_end("dest"))
    return ended.with_columns(_recorder()).select(
        *_columns(), flow_log=_log(), bytes=_number("bytes_sent"), packets=_number("packets_sent"), start=_start()
    )


def _given(name: str, field: str) -> pl.Expr:
    """A field of a structure, missing where it is empty."""
    import polars as pl  # noqa: PLC0415

    found = pl.col(name).struct.field(field)
    return pl.when(found != "").then(found)


def _joined(*parts: pl.Expr) -> pl.Expr:
    """Names one after another, missing where one is."""
    import polars as pl  # noqa: PLC0415

    return pl.concat_str(parts, separator="/")


def _end(side: str) -> list[pl.Expr]:
    """All that is told of an end, under `side.`: its id, what it is, where it is, who it is."""
    import polars as pl  # noqa: PLC0415

    instance, network, place = f"{side}_instance", f"{side}_vpc", f"{side}_location"
    gateway, service = f"{side}_gateway", f"{side}_google_service"
    machine = _joined(*(_given(instance, name) for name in ("project_id", "zone", "vm_name")))
    pod, workload = _gke(side)
    vpc = _joined(_given(network, "project_id"), _given(network, "vpc_name"))
    region = pl.coalesce(_given(instance, "region"), _given(network, "subnetwork_region"))
    subnet = _joined(vpc, pl.coalesce(region, pl.lit("")), _given(network, "subnetwork_name"))
    hybrid = _joined(*(_given(gateway, name) for name in ("project_id", "location", "name")))
    by_owner = _owner(place)
    country = _given(place, "country").str.to_lowercase()
    stranger = pl.concat_str([by_owner, country], separator=" ", ignore_nulls=True)
    private = _given(service, "type").str.contains("PRIVATE_SERVICE_CONNECT")
    endpoint = pl.when(private).then(_joined(pl.lit("psc"), pl.col(f"{side}_ip")))
    group = pl.col(instance).struct.field("managed_instance_group").struct.field("name")
    named = pl.when(pod.is_not_null()).then(pl.concat_str([machine, pod], separator=" ")).otherwise(machine)
    found = {
        "id": pl.coalesce(named, hybrid, endpoint, subnet, vpc, pl.when(stranger != "").then(stranger)),
        "hybrid": hybrid,
        "hybrid_type": _given(gateway, "type").str.to_lowercase(),
        "type": pl.when(machine.is_null() & hybrid.is_not_null())
        .then(_given(gateway, "type").str.to_lowercase())
        .when(machine.is_null() & private)
        .then(pl.lit(PRIVATE_SERVICE_CONNECT)),
        "hybrid_place": _given(gateway, "location"),
        "hybrid_account": _given(gateway, "project_id"),
        "account": pl.coalesce(_given(instance, "project_id"), _given(network, "project_id")),
        "vpc": vpc,
        "subnet": subnet,
        "instance": _given(instance, "vm_name"),
        "zone": _given(instance, "zone"),
        "region": region,
        "workload": pl.coalesce(workload, pl.when(group != "").then(group)),
        "country": country.replace_strict(_countries(), default=None, return_dtype=pl.String),
        "owner": by_owner,
        "service": _service(service),
    }
    return [each.alias(f"{side}.{name}") for name, each in found.items()]


def _gke(side: str) -> tuple[pl.Expr, pl.Expr]:
    """The workload of a pod; and the best name for what runs there: that, else a service, else the cluster."""
    import polars as pl  # noqa: PLC0415

    details = pl.col(f"{side}_gke_details").struct
    pod, cluster = details.field("pod").struct, details.field("cluster").struct.field("cluster_name")
    name = pl.coalesce(pod.field("pod_workload").struct.field("workload_name"), pod.field("pod_name"))
    workload = pl.concat_str([pod.field("pod_namespace"), name], separator="/")
    first = details.field("service").list.first().struct
    service = pl.concat_str([first.field("service_namespace"), first.field("service_name")], separator="/")
    return workload, pl.coalesce(workload, service, pl.when(cluster != "").then(cluster))


def _owner(place: str) -> pl.Expr:
    """The number of an autonomous system as people write it."""
    import polars as pl  # noqa: PLC0415

    number = _given(place, "asn").str.extract(r"^([1-9]\d*)(?:\.0*)?$")
    return pl.concat_str([pl.lit("AS"), number])


def _service(service: str) -> pl.Expr:
    """A service of Google's by its name, else by its type: `Google API`."""
    import polars as pl  # noqa: PLC0415

    kind = _given(service, "type").str.replace_all("_", " ")
    words = {"GOOGLE API": "Google API", "PRIVATE SERVICE CONNECT": "Private Service Connect"}
    return pl.coalesce(_given(service, "service_name"), kind.replace(words))


def _recorder() -> list[pl.Expr]:
    """What recorded it, under the names of the roles."""
    import polars as pl  # noqa: PLC0415

    def near(name: str) -> pl.Expr:
        return pl.when("src_near").then(f"src.{name}").otherwise(f"dest.{name}")

    def hybrid(name: str) -> pl.Expr:
        """The gateway stands at the side of the end that is beyond it."""
        return pl.when("src_near").then(f"dest.{name}").otherwise(f"src.{name}")

    is_nat, at_gateway = pl.col("is_nat"), pl.col("at_gateway")
    where = pl.col("labels").struct
    project, place = where.field("project_id"), where.field("location")
    own = pl.when("src_near").then("src_ip").otherwise("dest_ip")
    bare = pl.concat_str(
        [project, where.field("subnetwork_name").fill_null(""), own],
        separator="/",
    )
    region = place.str.replace(r"^([a-z]+-[a-z]+\d+)-[a-z]$", "$1")
    nat = {
        "interface": _joined(project.fill_null(""), _nat("region").fill_null(""), _nat("gateway_name")),
        "account": pl.coalesce(project, _given("endpoint", "project_id")),
        "vpc": _joined(_given("vpc", "project_id"), _given("vpc", "vpc_name")),
        "region": _nat("region"),
        "interface_type": pl.lit(CLOUD_NAT),
    }
    vm = {name: near(name) for name in ("account", "vpc", "subnet", "instance", "zone", "region", "workload")}
    is_own = near("instance").is_not_null()
    vm["interface"] = pl.when(is_own).then(near("id")).otherwise(bare)
    vm["account"] = pl.coalesce(near("account"), project)
    vm["region"] = pl.coalesce(near("region"), pl.when(region != "").then(region))
    gateway = {
        "interface": pl.coalesce(hybrid("hybrid"), bare),
        "account": pl.coalesce(hybrid("hybrid_account"), project),
        "region": hybrid("hybrid_place"),
        "vpc": near("vpc"),
        "interface_type": pl.coalesce(hybrid("hybrid_type"), pl.lit("gateway")),
    }
    return [
        pl.when(is_nat)
        .then(nat.get(name, pl.lit(None, pl.String)))
        .when(at_gateway)
        .then(gateway.get(name, pl.lit(None, pl.String)))
        .otherwise(vm.get(name, pl.lit(None, pl.String)))
        .alias(f"at.{name}")
        for name in ("interface", *_FACTS)
    ]


def _nat(name: str) -> pl.Expr:
    return _given("gateway_identifiers", name)


def _columns() -> list[pl.Expr]:
    """The texts by role. What a gateway reports names the end on this side of it as its other end."""
    import polars as pl  # noqa: PLC0415

    is_nat, at_gateway = pl.col("is_nat"), pl.col("at_gateway")
    far_is_src = pl.col("src_near") == at_gateway

    def far(name: str) -> pl.Expr:
        return pl.when(~is_nat).then(pl.when(far_is_src).then(f"src.{name}").otherwise(f"dest.{name}"))

    reporter = pl.col("reporter")
    received = pl.when(is_nat | reporter.is_in(["DEST", "DEST_GATEWAY"])).then(pl.lit("ingress"))
    direction = received.when(reporter.is_in(["SRC", "SRC_GATEWAY"])).then(pl.lit("egress"))
    dropped = pl.col("allocation_status") == "DROPPED"
    return [
        pl.when(dropped).then(pl.lit("REJECT")).otherwise(pl.lit("ACCEPT")).alias("action"),
        direction.otherwise(pl.lit("")).alias("direction"),
        pl.col("src_ip").alias("src"),
        pl.col("dest_ip").alias("dst"),
        pl.col("src.service").alias("service_src"),
        pl.col("dest.service").alias("service_dst"),
        *(pl.col(f"at.{name}").alias(name) for name in ("interface", *_FACTS)),
        far("id").alias("hop"),
        *(far(name).alias(f"hop_{name}") for name in _HOPS),
    ]


def _log() -> pl.Expr:
    """Which of `LOGS`; empty where nothing tells."""
    import polars as pl  # noqa: PLC0415

    names = ("networkmanagement.googleapis.com", "compute.googleapis.com")
    by_name = [pl.when(pl.col("logName").str.contains(name, literal=True)).then(pl.lit(LOGS[name])) for name in names]
    return pl.coalesce(pl.when("is_nat").then(pl.lit(LOGS["nat"])), *by_name, pl.lit(""))


def _number(name: str) -> pl.Expr:
    """A whole number as a text, or as a floating-point number that BigQuery made of it; -2 for anything else."""
    import polars as pl  # noqa: PLC0415

    text = pl.col(name).str.strip_chars()
    whole = text.str.extract(r"^(\d{1,18})(?:\.0*)?$").cast(pl.Int64, strict=False)
    number = text.cast(pl.Float64, strict=False)
    exact = pl.when((number == number.floor()) & (number >= 0) & (number < 2.0**62)).then(
        number.cast(pl.Int64, strict=False)
    )
    return pl.when(text != "").then(pl.coalesce(whole, exact, pl.lit(-2)))


def _start() -> pl.Expr:
    """Seconds since 1970 at which a record begins. Where it does not say, its end or the entry's own time stands in."""
    import polars as pl  # noqa: PLC0415

    text = pl.coalesce("start_time", "end_time", "timestamp")
    moment = text.str.slice(0, 19).str.replace("T", " ", literal=True)
    seconds = moment.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us").dt.epoch("s")
    sign = pl.when(text.str.contains(r"\+\d\d:?\d\d$")).then(1).otherwise(-1)
    hours, minutes = (text.str.extract(r"\d[+-](\d\d):?(\d\d)$", each).cast(pl.Int64) for each in (1, 2))
    # Without a zone of its own a time is in UTC; "2025-11-07" alone ends like an offset and is no time.
    offset = pl.when(text.str.len_chars() > 19).then(sign * (hours * 3600 + minutes * 60))  # noqa: PLR2004
    return seconds - offset.fill_null(0)
