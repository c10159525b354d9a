"""Bills: whose a file is, and that reading loses nothing.

Goes in: a provider, samples of its bills. Comes out: checks. Never: adds up with the provider's own code.
"""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from egresscost.frame import C
from egresscost.sources.storage import Blob, Workspace
from egresscost.testing import foreign
from egresscost.testing.demands import demand, never_raises, same
from egresscost.testing.reading import look, read, takers, told, totals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from egresscost.formats.bill import BillRead
    from egresscost.sources.protocols import Provider
    from egresscost.testing.samples import BillSample, Samples

_ROOM = "recognizes must look for columns that only this layout has"


def checks(provider: Provider, samples: Samples) -> Iterator[tuple[str, Callable[[], None]]]:
    """The checks of bills."""
    if provider.bill_formats() or samples.bills:
        yield "every layout of bills has a sample", partial(_samples, provider, samples)
        yield "other tables are no bills of this cloud", partial(_foreign, provider)
    yield "files of others are neither manifests nor answers", partial(_other_files, provider)
    for sample in samples.bills:
        name = Path(sample.path).name
        once = cache(partial(read, Path(sample.path)))
        yield f"{name}: the layout is recognised", partial(_recognised, provider, sample)
        yield f"{name}: nothing is lost", partial(_lossless, provider, sample, once)
        yield f"{name}: rules and regions are known", partial(_known, provider, once)


def _samples(provider: Provider, samples: Samples) -> None:
    mine = {layout.name for layout in provider.bill_formats()}
    lacking = sorted(mine - {sample.format for sample in samples.bills})
    demand(not lacking, "a layout has no sample", "give Samples.bills a small file for each layout", lacking)


def _foreign(provider: Provider) -> None:
    for layout in provider.bill_formats():
        for title, columns in foreign.tables(provider.name):
            with never_raises(f"{layout.name} does not survive {title}", "recognizes must take any columns"):
                demand(not layout.recognizes(columns), f"{layout.name} takes {title} for its own", _ROOM, columns)
        demand(
            layout.missing([]),
            f"{layout.name} says that it lacks nothing of a table without columns",
            "missing names what the layout cannot do without",
        )


def _other_files(provider: Provider) -> None:
    with Workspace() as workspace:
        for title, content in foreign.files(provider.name):
            path = workspace.file("foreign")
            path.write_bytes(content)
            blob = Blob(path, title)
            with never_raises(f"{title} is not survived", "manifest and saved_table answer None to what is not theirs"):
                demand(provider.manifest(blob) is None, f"{title} is taken for a manifest", "look for your own keys")
                demand(provider.saved_table(blob) is None, f"{title} is taken for an answer", "look for your own keys")


def _recognised(provider: Provider, sample: BillSample) -> None:
    path = Path(sample.path)
    with Workspace() as workspace:
        sniffed = look(path, workspace)
        table = sniffed.table
        if table is None:
            return  # an answer of an API, or an archive: the reading itself says whether it is recognised
        columns = list(table.columns)
    names = [layout.name for layout in takers(columns)]
    mend = f"the layout {sample.format!r} must take it before others of this cloud: {_ROOM}"
    demand(names[:1] == [sample.format], f"{path.name} is taken by {', '.join(names) or 'nobody'}", mend, columns)
    others = sorted(set(names) - {layout.name for layout in provider.bill_formats()})
    demand(not others, f"{path.name} is taken by layouts of others, too", _ROOM, others)
    absent = takers(columns)[0].missing(columns)
    demand(not absent, f"{sample.format} lacks columns of its own sample", "missing names what is not there", absent)


def _lossless(provider: Provider, sample: BillSample, once: Callable[[], BillRead]) -> None:
    path = Path(sample.path)
    wanted = told(sample)
    mend = "give the sample `rows` and `totals`, or a `reader`"
    if wanted is None:
        demand(holds=False, message=f"nothing says what is in {path.name}", mend=mend)
        return
    with never_raises(f"{path.name} cannot be read", "look at the layout's lines()"):
        bill = once()
    titles = [layout.title for layout in provider.bill_formats() if layout.name == sample.format]
    same([source.format for source in bill.sources], titles, f"{path.name} was read as", "the layout must take it")
    lost = "every row becomes a line: see lines().network and lines().split"
    same(sum(source.rows for source in bill.sources), wanted.rows, f"rows of {path.name}", lost)
    same(int(bill.frame[C.RECORDS].sum()), wanted.rows, f"rows of {path.name} in the frame", lost)
    found = {currency: f"{cost:f}" for currency, cost in totals(bill).items()}
    exact = {currency: cost for currency, cost in totals(bill).items() if cost or currency in wanted.totals}
    demand(
        exact == dict(wanted.totals),
        f"{path.name} is billed {found}, and it must be {dict(wanted.totals)}",
        "lines().measures['cost'] is the cost as the bill writes it; a credit is a line of its own",
    )
    mine = set(bill.frame[C.PROVIDER])
    same(mine, {provider.name}, f"the provider of the rows of {path.name}", "lines().texts['provider'] is a literal")


def _known(provider: Provider, once: Callable[[], BillRead]) -> None:
    frame = once().frame
    rules = {*provider.rules(), "not-network"}
    strange = sorted({str(rule) for rule in frame[C.RULE].dropna()} - rules)
    demand(not strange, "lines are placed by rules without words", "put them into `rules`", strange)
    known = provider.regions()
    for column in (C.SRC_REGION, C.DST_REGION):
        named = {str(name) for name in frame[column].dropna() if not str(name).startswith("edge")}
        demand(
            not known or named <= known,
            "lines are in regions that are not known",
            "turn names into region ids, and list them in `regions`",
            sorted(named - known),
        )
    network = frame[frame[C.BOUNDARY] != "not_network"]
    demand(
        len(network),
        "no row of the sample is of the network",
        "put network rows into the sample, or widen lines().network",
    )
