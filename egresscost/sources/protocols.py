"""What a provider must offer, and what it may count on.

Goes in: nothing. Comes out: the contracts between the house and a cloud (or a plug-in). Never: behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from egresscost.frame import Boundary, Charge, ChargeClass, Confidence, Direction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from importlib.resources.abc import Traversable

    import polars as pl

    from egresscost.sources.accessfiles import AccessFile
    from egresscost.sources.address_lists import AddressList
    from egresscost.sources.flowfiles import FlowFile
    from egresscost.sources.inventories import Snapshot
    from egresscost.sources.live import Live
    from egresscost.sources.networks import Network
    from egresscost.sources.plays import Play
    from egresscost.sources.sites import Site
    from egresscost.sources.storage import Blob


@dataclass(frozen=True)
class Placement:
    """Where a line of a bill belongs.

    Attributes:
        boundary, direction, charge: As in the frame.
        rule: The id of the rule that decided.
        confidence: How sure it is.
        src_region, dst_region: The ends, where the line tells them.
        own_end: Which of the two is the billed side (`src` or `dst`): its zone is the line's zone.
        path: The hops, where the line tells them.
        network_tier: The quality of the network that was paid for, where a cloud sells several (`premium`, `standard`).
        dst_geo: The part of the world that the bytes reach, in the cloud's words, where the price goes by it.
        unit: The unit of the quantity; None keeps the bill's own word. A quantity in another unit of bytes becomes GB
            where this says GB.
        has_bytes: Whether the quantity is GB of traffic. A surcharge on bytes that another line counts has none.
    """

    boundary: Boundary
    direction: Direction
    charge: Charge
    rule: str
    confidence: Confidence
    src_region: str | None = None
    dst_region: str | None = None
    own_end: str = "src"
    path: str = "unknown"
    network_tier: str | None = None
    dst_geo: str | None = None
    unit: str | None = None
    has_bytes: bool = False


NOT_NETWORK = Placement(Boundary.NOT_NETWORK, Direction.UNKNOWN, Charge.OTHER, "not-network", Confidence.HIGH)


@dataclass(frozen=True)
class Rule:
    """A rule in words, for `explain` and the reference.

    Attributes:
        id: Its name.
        pattern: What it looks at in a usage type, as it is written in the rule table; empty where no pattern decides.
        text_pattern: The same for descriptions.
        title: What such a line is, in a few words.
        why: Who is charged for what and why, for somebody who meets it for the first time.
        source: Where the fact comes from.
        free_since: The day since which such lines cost nothing, by the provider's word: one that costs is pointed out.
    """

    id: str
    pattern: str
    text_pattern: str
    title: str
    why: str
    source: str
    free_since: date | None = None


PIECES = "\x1e"
"""Between the pieces of a line's tags."""
PREFIX = "\x1f"
"""In a piece: before it a prefix for every key (often nothing), after it a JSON object."""
PART = "__part__"
"""Which line of its row a line is, where a layout splits rows: 0 for the row itself."""


@dataclass(frozen=True)
class Lines:
    """How one layout of billing files maps to bill lines. Expressions are over the raw columns of the file.

    Attributes:
        identity: Raw columns that together name a row within a delivery; empty where the layout has none.
        start, end: Raw columns with the period of a row; `end` may be absent.
        texts: Keys of a line (`egresscost.formats.lines.KEYS`) by name. `tags` is JSON objects, see `PIECES` and
            `PREFIX`.
        quantity: The raw column with the billed quantity; it only matters for network rows.
        numbers: Raw number columns and when they matter, over the keys of a line (None: always). In `measures` each
            stands for its exact value.
        measures: `cost`, `list_cost`, `net_cost`, `amortized_cost` over the numbers and the keys of a line.
        network: Whether a row may be a network row; a superset, for the rest is folded at once. Never a row of tax.
        needed: Every raw column used above.
        tag_key: What people call the tag with this raw key.
        split: Makes the lines of each row, where a row holds several (a use, and the credits for it). It adds `PART`;
            rows are counted by the lines with 0 there.
        made: Columns that `split` adds, with their types. They may be used above like those of the file.
        products: Amounts that the file does not write, as two expressions over raw columns, both doubles: in `measures`
            each name stands for their product, rounded to the decimals kept.
        doubtful: Rows whose own price does not explain their cost, over raw columns: counted as billed, and pointed out.
        dates: How dates are written that are no ISO dates, as `strptime` has it.
        views: Where one period is exported in several views of the same usage: what marks each, over the keys and
            measures of the summed lines, the view that counts first. Two views of a period are never added.
    """

    identity: tuple[str, ...]
    start: str
    end: str | None
    texts: Mapping[str, pl.Expr]
    quantity: str | None
    numbers: Mapping[str, pl.Expr | None]
    measures: Mapping[str, pl.Expr]
    network: pl.Expr
    needed: tuple[str, ...]
    tag_key: Callable[[str], str] = str
    split: Callable[[pl.LazyFrame], pl.LazyFrame] | None = None
    made: Mapping[str, pl.DataType] = field(default_factory=dict)
    products: Mapping[str, tuple[pl.Expr, pl.Expr]] = field(default_factory=dict)
    doubtful: pl.Expr | None = None
    dates: str = ""
    views: Mapping[str, pl.Expr] = field(default_factory=dict)


class BillFormat(Protocol):
    """A layout of billing files."""

    @property
    def name(self) -> str:
        """Short name: `cur2`."""

    @property
    def title(self) -> str:
        """What people call it: `AWS CUR 2.0`."""

    @property
    def invoices(self) -> bool:
        """Whether a row without an invoice says that the month is still open (many vendors never fill it)."""

    def recognizes(self, columns: Sequence[str]) -> bool:
        """Whether a table with these columns is in this layout."""

    def missing(self, columns: Sequence[str]) -> list[str]:
        """Columns that the layout cannot do without and that are not there."""

    def lines(self, columns: Mapping[str, pl.DataType]) -> Lines:
        """The mapping for a table with these columns."""

    def charge_class(self, line_type: str | None) -> ChargeClass:
        """What kind of line a row is, by the bill's own word for it."""

    def place(self, keys: Mapping[str, str | None]) -> Placement:
        """Where a line with these keys belongs. Total: whatever the keys, there is an answer."""


@dataclass(frozen=True)
class Manifest:
    """What a provider says about one delivery.

    Attributes:
        name: The manifest file, for messages.
        export: Which export it belongs to.
        period: First day of the billing period.
        delivery: The id of the delivery (assembly, execution).
        files: Path endings of its files, as the provider names them.
        current: Whether the provider marks this delivery as the period's newest.
        made: A text that sorts by time, where the provider gives one.
        view: Which view of the usage it is (`Lines.views`), where the provider says so.
    """

    name: str
    export: str
    period: date | None
    delivery: str
    files: tuple[str, ...]
    current: bool = False
    made: str = ""
    view: str = ""


@dataclass(frozen=True)
class SavedTable:
    """A table in a JSON file: a saved answer of an API.

    Attributes:
        columns: Their names.
        rows: The rows, their numbers as the file writes them.
        missing: What the answer lacks, in words; empty when it is whole.
        assumed: What had to be assumed to read it, in words.
        coarse: What was asked for and the service did not tell, in words.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[str | None]]
    missing: str = ""
    assumed: str = ""
    coarse: str = ""


@dataclass(frozen=True)
class Provider:
    """A cloud. Every capability is optional and made when first asked for.

    Attributes:
        name: As in the frame and on the command line: `aws`.
        title: As people write it: `AWS`.
        bill_formats: Layouts of its bills.
        manifest: Reads a JSON file as a manifest, None when it is none of this provider's.
        saved_table: Reads a JSON file as a table in one of its layouts, None when it is none.
        focus_names: What FOCUS files call it (`ProviderName`), lower case.
        focus_network: A pattern that every network line's meter or description matches, for FOCUS files.
        place_focus: Places a FOCUS line of this provider.
        rules: Its rules in words, by id.
        regions: Every region it has, so that an unknown one can be pointed out.
        region_aliases: What people, price lists and bills call its regions, in lower case; a name of several is none.
        sites: Where its regions are, by region; a region that is not there is nobody knows where.
        rate_cards: The folder of its rate cards (`pricing/README.md` says what lies in it), None where it brings none.
        address_list: Its public addresses, None where the packaged ranges have them or nobody publishes any.
        service_code: Its code for a service that a bill names otherwise.
        flow_file: What a file of its flow logs is, None when it is none; the text names the fields of files without a
            header.
        access_file: What a file of its access logs is, None when it is none.
        inventory: Reads saved inventories of its networks, from files and folders.
        network: Its words and rules for traffic; needed where there are flow logs.
        plays: How it carries out changes that save, by the kind of idea.
        live: How it is asked through its API; None where only files are read.
    """

    name: str
    title: str
    bill_formats: Callable[[], Sequence[BillFormat]] = tuple
    manifest: Callable[[Blob], Manifest | None] = field(default=lambda _: None)
    saved_table: Callable[[Blob], SavedTable | None] = field(default=lambda _: None)
    focus_names: frozenset[str] = frozenset()
    focus_network: Callable[[], str] | None = None
    place_focus: Callable[[Mapping[str, str | None]], Placement] | None = None
    rules: Callable[[], Mapping[str, Rule]] = dict
    sites: Callable[[], Mapping[str, Site]] = dict
    rate_cards: Callable[[], Traversable | None] = field(default=lambda: None)
    address_list: Callable[[], AddressList | None] = field(default=lambda: None)
    service_code: Callable[[str], str] = str
    regions: Callable[[], frozenset[str]] = frozenset
    region_aliases: Callable[[], Mapping[str, str]] = dict
    flow_file: Callable[[Blob, str], FlowFile | None] = field(default=lambda *_: None)
    access_file: Callable[[Blob], AccessFile | None] = field(default=lambda _: None)
    inventory: Callable[[Sequence[str]], Sequence[Snapshot]] = field(default=lambda _: ())
    network: Callable[[], Network] | None = None
    plays: Callable[[], Mapping[str, Play]] = dict
    live: Callable[[], Live] | None = None
