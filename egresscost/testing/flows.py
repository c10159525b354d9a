"""Flow logs: whose a file is, that each record and each byte has one answer, and that the answer turns with the ends.

Goes in: a provider, samples of its flow logs. Comes out: checks. Never: another scan than the program's.
"""

from __future__ import annotations

import gzip
import tempfile
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from egresscost.flows.read import FlowOptions, recognize, seen_by
from egresscost.formats.reading import Options
from egresscost.frame import Boundary
from egresscost.sources.flowfiles import Shape
from egresscost.sources.storage import Blob, Workspace, find
from egresscost.testing import foreign
from egresscost.testing.demands import demand, never_raises, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import polars as pl
    import pyarrow as pa

    from egresscost.addresses.places import Places
    from egresscost.boundary.classify import Crossings
    from egresscost.flows.read import Seen
    from egresscost.sources.protocols import Provider
    from egresscost.testing.samples import FlowSample, Samples

_DAMAGE: Final = "this is no record"
_TURNED: Final = {"in": "out", "out": "in"}
_ONE_END: Final = (Boundary.INTERNET, Boundary.EDGE, Boundary.PRIVATE_LINE, Boundary.PROVIDER_SERVICE, Boundary.ORIGIN)
"""Boundaries of which one end is somebody else's: what goes out of them comes in when the ends are swapped."""


def checks(provider: Provider, samples: Samples) -> Iterator[tuple[str, Callable[[], None]]]:
    """The checks of flow logs."""
    if provider.network is not None or samples.flows:
        yield "there are flow logs to check", partial(_samples, provider, samples)
    yield "other files are no flow logs of this cloud", partial(_foreign, provider)
    for sample in samples.flows:
        name = Path(sample.path).name
        once = cache(partial(_scan, provider, sample, Path(sample.path)))
        yield f"{name}: the flow log is recognised", partial(_recognised, provider, sample)
        yield f"{name}: each record and each byte has an answer", partial(_whole, provider, sample, once)
        yield f"{name}: turned round, the direction turns", partial(_swapped, provider, once)
        yield f"{name}: compressed and given twice it counts the same", partial(_again, provider, sample, once)
        if sample.header is not None:
            yield f"{name}: split and turned round it counts the same", partial(_split, provider, sample, once)
            yield f"{name}: a damaged line costs itself", partial(_damaged, provider, sample)


@cache
def _places() -> Places:
    from egresscost.addresses.known import known  # noqa: PLC0415

    return known()


def _scan(provider: Provider, sample: FlowSample, *paths: Path) -> Seen:
    """What the scan sees in files and folders."""
    with Workspace() as workspace:
        mine, _ = recognize(find([str(path) for path in paths], workspace), sample.fields)
        demand(
            list(mine) == [provider.name],
            f"{paths[0].name} is a flow log of {', '.join(mine) or 'nobody'}",
            "flow_file must recognise it by its content, however it is called or compressed",
        )
        how = FlowOptions(fields=sample.fields, inventory=tuple(map(str, sample.inventory)))
        with never_raises(f"{paths[0].name} cannot be read", "look at FlowFile.roles and FlowFile.decode"):
            return seen_by(provider, mine[provider.name], _places(), how, how=(Options(on_bad_row="skip"), None))


def _classified(provider: Provider, seen: Seen, table: pa.Table | None = None) -> Crossings:
    from egresscost.boundary.classify import classify  # noqa: PLC0415

    assert provider.network is not None  # noqa: S101  demanded before
    sightings = seen.sightings if table is None else replace(seen.sightings, table=table)
    with never_raises("records cannot be placed", "the last rule of Network.rules must fit everything"):
        return classify(sightings, provider.network(), seen.known.places, seen.snapshots)


def _samples(provider: Provider, samples: Samples) -> None:
    demand(provider.network, "there are flow logs and no rules for them", "give the provider its `network`")
    demand(samples.flows, "the network rules have no sample", "give Samples.flows a small flow log")


def _foreign(provider: Provider) -> None:
    with Workspace() as workspace:
        for title, content in foreign.files(provider.name):
            path = workspace.file("foreign")
            path.write_bytes(content)
            with never_raises(f"{title} is not survived", "flow_file answers None to what is not its own"):
                found = provider.flow_file(Blob(path, title), "")
            is_other = found is None or found.shape is Shape.EMPTY
            demand(is_other, f"{title} is taken for a flow log", "look for what only your logs have")


def _recognised(provider: Provider, sample: FlowSample) -> None:
    path = Path(sample.path)
    with Workspace() as workspace:
        mine, _ = recognize(find([str(path)], workspace), sample.fields)
    same(
        list(mine), [provider.name], f"the clouds that take {path.name}", "flow_file must take it, and nobody before it"
    )
    (file,) = mine[provider.name]
    demand(file.title.strip(), "the flow log has no title", "say in FlowFile.title what people call it")
    demand("start" in file.roles, "a record tells no time", "give FlowFile.roles the position of `start`")
    demand("bytes" in file.roles, "a record tells no bytes", "give FlowFile.roles the position of `bytes`")


def _whole(provider: Provider, sample: FlowSample, once: Callable[[], Seen]) -> None:
    seen = once()
    found = seen.sightings.totals
    parts = {name: getattr(found, name) for name in found.__dataclass_fields__ if name != "lines"}
    same(
        sum(parts.values()),
        found.lines,
        f"counted, refused and so on add up ({parts})",
        "Decoded says each record once",
    )
    same(
        found.lines,
        sample.records,
        f"records of {Path(sample.path).name}",
        "no record may be left out: flaws are words",
    )
    size = sum(each or 0 for each in seen.sightings.table.column("bytes").to_pylist())
    same(size, sample.bytes, f"bytes of {Path(sample.path).name}", "bytes are whole, and of counted records only")
    crossings = _classified(provider, seen)
    same(int(crossings.tally["bytes"].sum()), size, "bytes that have an answer", "each byte has one rule")
    _known(provider, crossings)


def _known(provider: Provider, crossings: Crossings) -> None:
    assert provider.network is not None  # noqa: S101  demanded before
    words = provider.network().words
    rules = {str(rule) for rule in crossings.tally["rule"].unique()}
    demand(rules <= words.keys(), "records are placed by rules without words", "put them into Network.words", rules)
    for name in ("src_region", "dst_region"):
        theirs = crossings.rows.filter(crossings.rows["boundary"].cast(str).is_in(["zone", "region", "none"]))
        named = {str(region) for region in theirs[name].drop_nulls().unique()}
        strange = named - provider.regions()
        demand(not strange, "records are in regions that are not known", "list them in `regions`", sorted(strange))


@dataclass(frozen=True)
class _Flow:
    """Bytes of transfer by where they come from and where they go, as one value that can be turned round."""

    amounts: dict[tuple[str, str, str, str], int]

    def turned(self) -> _Flow:
        """The same with the ends swapped."""
        return _Flow({(b, _way(b, way), dst, src): count for (b, way, src, dst), count in self.amounts.items()})


def _way(boundary: str, way: str) -> str:
    return _TURNED.get(way, way) if boundary in _ONE_END else way


def _transfer(rows: pl.DataFrame) -> _Flow:
    import polars as pl  # noqa: PLC0415

    keys = ("boundary", "direction", "src_region", "dst_region")
    counted = rows.filter((pl.col("charge") == "transfer") & ~pl.col("repeats"))
    # Between own places a byte is said once, at whichever end is priced: its way is what its ends say.
    texts = counted.with_columns(pl.col(name).cast(pl.String).fill_null("") for name in keys)
    direction = (
        pl.when(pl.col("boundary").is_in([each.value for each in _ONE_END])).then("direction").otherwise(pl.lit(""))
    )
    summed = texts.with_columns(direction.alias("direction")).group_by(keys).agg(pl.col("bytes").sum()).sort(keys)
    return _Flow({(b, way, src, dst): count for b, way, src, dst, count in summed.rows() if count})


def _swapped(provider: Provider, once: Callable[[], Seen]) -> None:
    seen = once()
    table = seen.sightings.table
    there = _transfer(_classified(provider, seen).rows)
    back = _transfer(_classified(provider, seen, _turned(table)).rows)
    changed = sorted(set(there.turned().amounts.items()) ^ set(back.amounts.items()))
    mend = "a rule that asks for `direction` or `side` must have its mirror"
    demand(not changed, "swapping the ends of each record changes more than the direction", mend, changed)


def _turned(table: pa.Table) -> pa.Table:
    """Each record as the answer to it would be: ends swapped, the other way."""
    import pyarrow as pa  # noqa: PLC0415

    names = {name: _other(name) for name in table.column_names}
    swapped = table.rename_columns([names[name] for name in table.column_names]).select(table.column_names)
    at = swapped.column_names.index("direction")
    turned = [_TURNED.get(str(way), str(way)) for way in swapped.column("direction").to_pylist()]
    kind = table.schema.field("direction").type
    plain = pa.array(turned, pa.string())
    return swapped.set_column(at, "direction", plain.dictionary_encode() if pa.types.is_dictionary(kind) else plain)


def _other(name: str) -> str:
    pairs = {"src": "dst", "dst": "src"}
    return "_".join(pairs.get(part, part) for part in name.split("_"))


def _same_rows(found: Seen, wanted: Seen, how: str, mend: str) -> None:
    one, other = (seen.sightings.in_order().drop("flow_log") for seen in (found, wanted))
    demand(one.equals(other), f"{how} it counts otherwise: {one.height} sums, not {other.height}", mend)


_MEND: Final = "a record may not depend on the file's name or on other records"


def _again(provider: Provider, sample: FlowSample, once: Callable[[], Seen]) -> None:
    path = Path(sample.path)
    wanted = once()
    with tempfile.TemporaryDirectory(prefix="egresscost-") as name:
        packed, copy = Path(name) / "packed" / f"{path.name}.gz", Path(name) / "both"
        packed.parent.mkdir()
        packed.write_bytes(gzip.compress(_content(path), mtime=0))
        _same_rows(_scan(provider, sample, packed), wanted, "compressed", _MEND)
        for folder in ("one", "two"):
            (copy / folder).mkdir(parents=True)
            (copy / folder / path.name).write_bytes(path.read_bytes())
        _same_rows(_scan(provider, sample, copy), wanted, "given twice", _MEND)


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


def _lines(sample: FlowSample) -> tuple[list[str], list[str]]:
    """The lines before the records, and the records."""
    lines = _content(Path(sample.path)).decode("utf-8-sig").splitlines()
    header = sample.header or 0
    return lines[:header], [line for line in lines[header:] if line.strip()]


def _written(folder: Path, name: str, lines: Sequence[str]) -> None:
    folder.mkdir(parents=True)
    (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _split(provider: Provider, sample: FlowSample, once: Callable[[], Seen]) -> None:
    path = Path(sample.path)
    wanted = once()
    head, records = _lines(sample)
    half = len(records) // 2
    demand(half, "the sample has fewer than two records", "a sample has several records that differ")
    with tempfile.TemporaryDirectory(prefix="egresscost-") as name:
        _written(Path(name) / "split" / "1", path.name, [*head, *records[:half]])
        _written(Path(name) / "split" / "2", path.name, [*head, *records[half:]])
        _same_rows(_scan(provider, sample, Path(name) / "split"), wanted, "split in two", _MEND)
        _written(Path(name) / "back", path.name, [*head, *records[::-1]])
        _same_rows(_scan(provider, sample, Path(name) / "back"), wanted, "turned round", _MEND)


def _damaged(provider: Provider, sample: FlowSample) -> None:
    path = Path(sample.path)
    head, records = _lines(sample)
    middle = len(records) // 2
    with tempfile.TemporaryDirectory(prefix="egresscost-") as name:
        spoilt = [*records[:middle], _DAMAGE, *records[middle + 1 :]]
        _written(Path(name) / "bad", path.name, [*head, *spoilt])
        _written(Path(name) / "less", path.name, [*head, *records[:middle], *records[middle + 1 :]])
        bad, less = _scan(provider, sample, Path(name) / "bad"), _scan(provider, sample, Path(name) / "less")
    mend = "the decoder gives a row with a Flaw as its start for what is no record"
    totals = bad.sightings.totals
    same(totals.lines, less.sightings.totals.lines + 1, "records seen, one of them damaged", mend)
    same(totals.malformed, less.sightings.totals.malformed + 1, "records that cannot be read", mend)
    _same_rows(bad, less, "with a damaged line", mend)
