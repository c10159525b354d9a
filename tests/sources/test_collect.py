from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import LocalStore

from egresscost.errors import (
    CredentialsError,
    MissingSourceError,
    OfflineError,
    PermissionRefusedError,
    PullLimitError,
    ServiceError,
    SourceError,
    UsageError,
)
from egresscost.periods import Window
from egresscost.sources import objects, registry
from egresscost.sources.cache import Cache, Kept
from egresscost.sources.collect import Collected, Deaf, Fetching, collect
from egresscost.sources.live import Ask, Errand, LiveSource, Missed, TransientError, What
from egresscost.sources.planning import source_for
from egresscost.sources.protocols import Provider
from egresscost.sources.pulling import laid, patiently
from egresscost.sources.storage import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 1, tzinfo=UTC)
OCTOBER = Window(date(2026, 10, 1), date(2026, 11, 1))
ALL = frozenset({What.BILL, What.FLOWS, What.INVENTORY})
ASK = Ask(OCTOBER, OCTOBER, ALL, NOW)
SOURCE = LiveSource("home", "memo")


@dataclass
class Memo:
    """A cloud whose buckets are folders."""

    folder: Path
    steps: Callable[[], Iterable[Errand | Missed | str]] = tuple
    keys: tuple[str, ...] = ()
    schemes: dict[str, int] = field(default_factory=lambda: {"memo": 0})

    def store(self, url: str, source: LiveSource) -> LocalStore:
        assert source.provider == "memo"
        return LocalStore(self.folder / url.removeprefix("memo://"))

    def plan(self, _source: LiveSource, _ask: Ask) -> Iterable[Errand | Missed | str]:
        return self.steps()


@pytest.fixture
def memo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Memo:
    cloud = Memo(tmp_path / "cloud")
    cloud.folder.mkdir()
    provider = Provider(name="memo", title="Memo", live=lambda: cloud)  # type: ignore[arg-type,return-value]
    monkeypatch.setattr(registry, "providers", lambda: {"memo": provider})
    return cloud


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "kept"


@dataclass
class Answer:
    """Writes a content, and counts how often it was asked for."""

    content: bytes = b"content"
    asked: int = 0
    first: list[Exception] = field(default_factory=list)

    def __call__(self, file: BinaryIO) -> None:
        self.asked += 1
        if self.first:
            file.write(b"only a part")
            raise self.first.pop(0)
        file.write(self.content)

    def errand(self, name: str = "one", **other: object) -> Errand:
        return Errand(What.BILL, name, f"{name}.json", name, self, **other)


def run(kept: Path, *urls: str, ask: Ask = ASK, **options: object) -> tuple[Collected, dict[str, bytes]]:
    options.setdefault("sources", () if urls else (SOURCE,))
    with Workspace() as workspace:
        got = collect(list(urls), ask, Fetching(folder=kept, **options), workspace)
        return got, {blob.name: blob.path.read_bytes() for blob in got.blobs}


# Answers that are kept.


def test_an_answer_is_asked_for_once_while_it_counts(memo: Memo, kept: Path) -> None:
    answer = Answer()
    memo.steps = lambda: [answer.errand(lasts=timedelta(hours=6))]
    for later, asked in ((0, 1), (5, 1), (7, 2), (8, 2)):
        ask = Ask(OCTOBER, OCTOBER, ALL, NOW + timedelta(hours=later))
        assert run(kept, ask=ask)[1] == {"one": b"content"}
        assert answer.asked == asked


def test_refresh_asks_again_and_without_a_cache_nothing_is_kept(memo: Memo, kept: Path) -> None:
    answer = Answer()
    memo.steps = lambda: [answer.errand()]
    run(kept, keep=False)
    assert not kept.exists()
    run(kept)
    run(kept, refresh=True)
    assert answer.asked == 3


def test_offline_takes_what_is_kept_however_old_and_names_what_is_not(memo: Memo, kept: Path) -> None:
    answer, other = Answer(), Answer(first=[ServiceError("down")])
    memo.steps = lambda: [answer.errand(lasts=timedelta(0))]
    run(kept)
    later = Ask(OCTOBER, OCTOBER, ALL, NOW + timedelta(days=30))
    got, files = run(kept, ask=later, offline=True)
    assert files == {"one": b"content"}
    assert [notice.code for notice in got.notices] == ["as-it-was"]
    assert "as of 2026-11-01 00:00 UTC" in got.notices[0].message
    memo.steps = lambda: [answer.errand(), other.errand("Cost Explorer, October 2026")]
    run(kept)
    with pytest.raises(OfflineError, match="1 answer would") as caught:
        run(kept, offline=True)
    assert caught.value.details == ("Cost Explorer, October 2026",)
    assert (answer.asked, other.asked) == (1, 1)


def test_offline_asks_no_cloud_what_there_is(memo: Memo, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(memo, {"cur/a.csv": b"a", "cur/b.csv": b"b"})
    gap = Missed(What.FLOWS, "eu-west-1", "the region is not enabled", expected=True)
    memo.steps = lambda: ["memo://bucket/cur", gap]
    with pytest.raises(OfflineError, match="1 answer") as caught:
        run(kept, offline=True)
    assert caught.value.details == ("what source home leads to, for these days and filters",)
    with pytest.raises(OfflineError) as caught:
        run(kept, "memo://bucket/cur", offline=True)
    assert caught.value.details == ("what memo://bucket/cur holds",)
    asked, files = run(kept)
    listed = run(kept, "memo://bucket/cur")[1]

    def ask(*_: object) -> None:
        message = "the cloud is asked"
        raise AssertionError(message)

    monkeypatch.setattr(Memo, "plan", ask)
    monkeypatch.setattr(Memo, "store", ask)
    got, again = run(kept, offline=True)
    assert again == files == listed == run(kept, "memo://bucket/cur", offline=True)[1]
    assert got.notices[0] == asked.notices[0], "gaps stay gaps"
    bill = Ask(OCTOBER, OCTOBER, frozenset({What.BILL}), NOW)
    got, again = run(kept, ask=bill, offline=True)
    assert again == files
    assert [notice.code for notice in got.notices] == ["as-it-was"], "flow logs are not asked for"


def test_days_that_go_on_are_there_offline_the_next_day_too(memo: Memo, kept: Path) -> None:
    memo.steps = lambda: [Answer().errand()]
    for day, offline in ((1, False), (2, True), (3, True)):
        window = Window(date(2026, 10, 1), date(2026, 11, day + 1))
        ask = Ask(window, window, ALL, datetime(2026, 11, day, 12, tzinfo=UTC))
        assert run(kept, ask=ask, offline=offline)[1] == {"one": b"content"}
    over = Window(date(2026, 10, 1), date(2026, 11, 1))
    with pytest.raises(OfflineError):
        run(kept, ask=Ask(over, over, ALL, NOW), offline=True)


def test_a_run_that_was_stopped_goes_on_from_there(memo: Memo, kept: Path) -> None:
    answers = [Answer(bytes([number])) for number in range(5)]
    stopping = Answer(first=[KeyboardInterrupt()])  # type: ignore[list-item]
    memo.steps = lambda: [*(each.errand(str(at)) for at, each in enumerate(answers)), stopping.errand("last")]
    with pytest.raises(KeyboardInterrupt):
        run(kept, threads=1)
    assert len(run(kept, threads=1)[1]) == 6
    assert [each.asked for each in answers] == [1] * 5


# Trouble.


def test_a_cloud_that_asks_to_come_again_is_asked_again_and_no_half_answer_is_kept(memo: Memo, kept: Path) -> None:
    answer = Answer(first=[TransientError("slow down", after=0.001)] * 3)
    memo.steps = lambda: [answer.errand()]
    assert run(kept)[1] == {"one": b"content"}
    assert answer.asked == 4


def test_waiting_is_what_the_cloud_says_then_longer_and_longer_and_ends() -> None:
    waits: list[float] = []

    def failing(*errors: Exception) -> Callable[[], str]:
        left: Iterator[Exception] = iter(errors)

        def call() -> str:
            for error in left:
                raise error
            return "done"

        return call

    assert patiently(failing(TransientError("", after=7)), "x", 300, waits.append) == "done"
    assert 7 <= waits[0] <= 7.7
    waits.clear()
    with pytest.raises(ServiceError, match="x: tried 6 times: busy"):
        patiently(failing(*[TransientError("busy")] * 9), "x", 300, waits.append)
    assert len(waits) == 5
    assert all(0.5 * 2**at / 2 <= wait <= 2 * 2**at for at, wait in enumerate(waits))
    waits.clear()
    with pytest.raises(ServiceError, match="asks to wait for 3,600 s"):
        patiently(failing(TransientError("quota", after=3600)), "x", 300, waits.append)
    assert waits == []
    with pytest.raises(CredentialsError):
        patiently(failing(CredentialsError("who?")), "x", 300, waits.append)


def test_one_account_that_fails_is_a_named_gap_and_the_rest_is_there(memo: Memo, kept: Path) -> None:
    refused = [PermissionRefusedError("no permission for ce:GetCostAndUsage", hint="attach it")]
    memo.steps = lambda: [
        Answer().errand("111111111111"),
        Answer(first=list(refused)).errand("222222222222"),
        Answer(first=list(refused)).errand("333333333333"),
        Missed(What.FLOWS, "eu-west-1", "the region is not enabled"),
    ]
    got, files = run(kept)
    assert list(files) == ["111111111111"]
    assert sorted(notice.message for notice in got.notices) == [
        "home: no bill of 222222222222, 333333333333: no permission for ce:GetCostAndUsage (attach it)",
        "home: no flows of eu-west-1: the region is not enabled",
    ]
    assert all(notice.partial for notice in got.notices)


def test_a_source_that_gives_nothing_at_all_is_an_error(memo: Memo, kept: Path) -> None:
    memo.steps = lambda: [Answer(first=[CredentialsError("no credentials", hint="aws sso login")]).errand()]
    with pytest.raises(CredentialsError, match="no credentials"):
        run(kept)


def test_a_source_of_which_all_is_missing_is_an_error_that_says_why(memo: Memo, kept: Path) -> None:
    memo.steps = lambda: [Missed(What.BILL, "cur", "no permission for cur:DescribeReportDefinitions")]
    with pytest.raises(MissingSourceError, match="source home gives nothing") as caught:
        run(kept)
    assert caught.value.details == ("home: no bill of cur: no permission for cur:DescribeReportDefinitions",)


def test_what_two_addresses_share_is_fetched_once(memo: Memo, kept: Path) -> None:
    filled(memo, {"cur/a.csv": b"a", "cur/b.csv": b"b"})
    got, files = run(kept, "memo://bucket/cur/b.csv", "memo://bucket/cur/", "memo://bucket")
    assert [(blob.name, blob.named) for blob in got.blobs] == [
        ("memo://bucket/cur/b.csv", True),
        ("memo://bucket/cur/a.csv", False),
    ]
    assert files["memo://bucket/cur/b.csv"] == b"b"
    answer = Answer()
    memo.steps = lambda: [answer.errand(), answer.errand(), answer.errand()]
    assert run(kept)[1] == {"one": b"content"}
    assert answer.asked == 1


def test_flow_logs_that_cannot_be_listed_are_no_missing_bill(memo: Memo, kept: Path) -> None:
    filled(memo, {"cur/a.csv": b"a"})
    memo.steps = lambda: ["memo://bucket/cur", "memo://bucket/logs"]
    source = LiveSource("home", "memo", bill=("memo://bucket/cur",), flows=("memo://bucket/logs",))
    got, _ = run(kept, sources=(source,))
    assert got.notices[0].message.startswith("home: no flows of memo://bucket/logs: does not exist")


def test_a_plan_that_fails_is_an_error_of_its_source(memo: Memo, kept: Path) -> None:
    def plan() -> Iterator[Errand]:
        yield Answer().errand()
        message = "no credentials"
        raise CredentialsError(message)

    memo.steps = plan
    with pytest.raises(CredentialsError):
        run(kept)


def test_a_provider_that_cannot_be_asked_is_named(memo: Memo, kept: Path) -> None:
    assert memo.keys == ()
    with pytest.raises(UsageError, match="'other' cannot be asked"):
        run(kept, sources=(LiveSource("x", "other"),))


# What was agreed to.


def test_more_bytes_or_money_than_agreed_to_is_refused_with_figures(memo: Memo, kept: Path) -> None:
    answer = Answer()
    memo.steps = lambda: [
        answer.errand("a", size=3 * 2**30, away=True, requests=7),
        answer.errand("b", fee=Decimal("0.40"), requests=40),
    ]
    with pytest.raises(
        PullLimitError, match=r"47 requests, 3.0 GB, 1 answers of unknown size, \$0.40 in fees"
    ) as caught:
        run(kept, most_bytes=2**30)
    assert "at most about $0.36" in caught.value.details[1]
    with pytest.raises(PullLimitError):
        run(kept, most_fee=Decimal("0.39"))
    assert answer.asked == 0
    assert len(run(kept, most_bytes=0, most_fee=Decimal(0), agreed=True)[1]) == 2
    assert len(run(kept, most_bytes=0, most_fee=Decimal(0))[1]) == 2, "kept answers cost nothing"


def test_answers_of_unknown_size_end_where_the_agreement_does(memo: Memo, kept: Path) -> None:
    answers = [Answer(b"x" * 60), Answer(b"y" * 60)]
    memo.steps = lambda: [each.errand(str(at)) for at, each in enumerate(answers)]
    with pytest.raises(PullLimitError, match="stopped at 1: more than 100 bytes came"):
        run(kept, most_bytes=100, threads=1)
    assert len(run(kept, most_bytes=60, threads=1)[1]) == 2, "the first is kept, and goes on from there"
    assert len(run(kept, most_bytes=0, refresh=True, agreed=True)[1]) == 2


def test_a_stop_ends_what_is_being_written(memo: Memo, kept: Path) -> None:
    begun, ended = threading.Event(), threading.Event()

    def endless(file: BinaryIO) -> None:
        try:
            while True:
                file.write(b"x")
                begun.set()
        finally:
            ended.set()

    def stopping(_: BinaryIO) -> None:
        begun.wait(10)
        raise KeyboardInterrupt

    memo.steps = lambda: [Errand(What.BILL, str(at), str(at), str(at), do) for at, do in enumerate((endless, stopping))]
    with pytest.raises(KeyboardInterrupt):
        run(kept, threads=2)
    assert ended.is_set()


# Objects.


def filled(memo: Memo, files: dict[str, bytes]) -> None:
    for key, content in files.items():
        path = memo.folder / "bucket" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def test_every_object_below_an_address_comes_with_its_name(memo: Memo, kept: Path) -> None:
    filled(memo, {"cur/a.csv": b"a", "cur/deep/b.csv": b"bb", "cur/.hidden": b"", "other/c.csv": b"c"})
    assert run(kept, "memo://bucket/cur/")[1] == {
        "memo://bucket/cur/a.csv": b"a",
        "memo://bucket/cur/deep/b.csv": b"bb",
    }
    assert run(kept, "memo://bucket/cur/a.csv")[1] == {"memo://bucket/cur/a.csv": b"a"}
    assert len(run(kept, "memo://bucket")[1]) == 3


def test_folders_stay_as_they_are_in_the_bucket(memo: Memo, kept: Path) -> None:
    filled(memo, {"cur/20261001-20261101/part-1.csv": b"a"})
    with Workspace() as workspace:
        got = collect(["memo://bucket/cur"], ASK, Fetching(folder=kept), workspace)
        (path,) = [blob.path for blob in got.blobs]
    assert path.parts[-3:] == ("cur", "20261001-20261101", "part-1.csv")


def test_an_object_is_fetched_again_only_when_it_changed(
    memo: Memo, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(memo, {"a": b"1", "b": b"2"})
    run(kept, "memo://bucket")
    filled(memo, {"b": b"changed"})
    fetched = []
    original = objects._getter  # noqa: SLF001
    monkeypatch.setattr(
        objects,
        "_getter",
        lambda store, url, *rest: lambda file: (fetched.append(url), original(store, url, *rest)(file)),
    )
    assert run(kept, "memo://bucket")[1] == {"memo://bucket/a": b"1", "memo://bucket/b": b"changed"}
    assert fetched == ["memo://bucket/b"]


def test_an_object_that_goes_between_listing_and_reading_is_a_named_gap(memo: Memo, kept: Path) -> None:
    filled(memo, {"a": b"1", "b": b"2"})
    memo.steps = lambda: [*objects.errands("memo://bucket", memo, SOURCE, What.BILL)]  # type: ignore[arg-type]
    steps = memo.steps()
    memo.steps = lambda: steps
    (memo.folder / "bucket" / "b").unlink()
    got, files = run(kept)
    assert files == {"memo://bucket/a": b"1"}
    assert [notice.message.partition(" (")[0] for notice in got.notices] == [
        "home: no bill of memo://bucket/b: does not exist"
    ]


@pytest.mark.parametrize(
    ("url", "error", "text"),
    [
        ("memo://bucket/none/", MissingSourceError, "none/ does not exist"),
        ("memo://", UsageError, "names no bucket"),
        ("memo://bucket/*.csv", UsageError, "is a pattern"),
        ("memo://bucket/a?sv=2024&sig=SECRET", UsageError, "memo://bucket/a.… holds credentials"),
        ("memo://user:SECRET@bucket/a", UsageError, "memo://…@bucket/a holds credentials"),
        ("ftp://host/x", UsageError, "nothing here reads ftp://"),
    ],
)
def test_addresses_that_mean_nothing_are_errors(
    memo: Memo, kept: Path, url: str, error: type[SourceError], text: str
) -> None:
    filled(memo, {"a": b"1"})
    with pytest.raises(error, match=text) as caught:
        run(kept, url)
    assert "SECRET" not in str(caught.value)


@settings(deadline=None)
@given(names=st.lists(st.text(min_size=1), min_size=1, max_size=6, unique=True))
def test_no_name_leads_out_of_the_tree_or_takes_anothers_place(
    names: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    tree = folder / "tree"
    places = []
    for number, name in enumerate(names):
        content = folder / f"content-{number}"
        content.write_bytes(str(number).encode())
        try:
            name.encode()
        except UnicodeEncodeError:
            continue
        places.append((laid(content, tree, name), str(number)))
    for place, text in places:
        assert place.resolve().is_relative_to(tree.resolve())
        assert place.read_text() == text


def test_three_answers_of_one_name_all_have_a_place(tmp_path: Path) -> None:
    places = []
    for number in range(3):
        content = tmp_path / str(number)
        content.write_text(str(number))
        places.append(laid(content, tmp_path / "tree", "one.json"))
    assert [place.read_text() for place in places] == ["0", "1", "2"]
    assert {place.name for place in places} == {"one.json"}


def test_an_answer_that_another_process_deleted_is_a_named_gap(
    memo: Memo, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memo.steps = lambda: [Answer().errand("one"), Answer().errand("two")]
    original = Cache.put

    def put(self: Cache, key: str, *rest: object) -> Kept:
        answer = original(self, key, *rest)  # type: ignore[arg-type]
        if key == "two":
            answer.path.unlink()
        return answer

    monkeypatch.setattr(Cache, "put", put)
    got, files = run(kept)
    assert list(files) == ["one"]
    assert "home: no bill of two: what was fetched cannot be laid out" in got.notices[0].message


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../../b", "..", "a//b", "x" * 500 + ".csv.gz"])
def test_hostile_names_stay_inside(tmp_path: Path, name: str) -> None:
    content = tmp_path / "content"
    content.write_bytes(b"1")
    place = laid(content, tmp_path / "tree", name)
    assert place.resolve().is_relative_to((tmp_path / "tree").resolve())
    assert place.name == "%2E%2E" if name == ".." else place.name.endswith(name.rpartition("/")[2][-7:])


def test_an_address_is_read_with_the_credentials_of_the_source_that_names_it() -> None:
    ours = LiveSource("ours", "memo", bill=("memo://bucket/cur/",))
    theirs = LiveSource("theirs", "memo", flows=("memo://logs",))
    both = (ours, theirs)
    assert source_for("memo", both, "memo://logs/AWSLogs/1") is theirs
    assert source_for("memo", both, "memo://bucket/cur/2026") is ours
    assert source_for("memo", both, "memo://logs-of-others/1") == LiveSource("memo", "memo"), "only its name begins so"
    assert source_for("memo", both, "memo://else") == LiveSource("memo", "memo")
    assert source_for("memo", (ours,), "memo://else") is ours


def test_errands_run_side_by_side(memo: Memo, kept: Path) -> None:
    together = threading.Barrier(3)

    def meet(file: BinaryIO) -> None:
        together.wait(10)
        file.write(b"met")

    memo.steps = lambda: [Errand(What.BILL, str(at), str(at), str(at), meet) for at in range(3)]
    assert run(kept, threads=3)[1] == {"0": b"met", "1": b"met", "2": b"met"}


def test_one_source_of_several_that_fails_is_a_gap_and_all_that_fail_are_an_error(memo: Memo, kept: Path) -> None:
    """The second source is refused as a whole."""
    both = (SOURCE, LiveSource("away", "memo"))
    answers = {"home": Answer(), "away": Answer(first=[CredentialsError("no credentials", hint="sign in")] * 2)}
    memo.plan = lambda source, _ask: [answers[source.name].errand(source.name)]  # type: ignore[method-assign]
    got, files = run(kept, sources=both)
    assert list(files) == ["home"]
    assert [(each.message, each.partial) for each in got.notices] == [
        ("away: nothing could be fetched: no credentials (sign in)", True)
    ]
    with pytest.raises(CredentialsError):
        run(kept, sources=both[1:])


def test_what_fetching_takes_is_said_before_it_begins(memo: Memo, kept: Path) -> None:
    said: list[str] = []

    class Listening(Deaf):
        def announce(self, text: str) -> None:
            said.append(text)

    memo.steps = lambda: [Answer().errand(fee=Decimal("0.21"), requests=21)]
    with Workspace() as workspace:
        collect([], ASK, Fetching(folder=kept, sources=(SOURCE,)), workspace, Listening())
        collect([], ASK, Fetching(folder=kept, sources=(SOURCE,)), workspace, Listening())
    assert said == ["home: fetching takes 21 requests, 1 answers of unknown size, $0.21 in fees"]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Error performing GET: Server returned non-2xx status code: 404 Not Found", MissingSourceError),
        ("Server returned non-2xx status code: 401 Unauthorized", CredentialsError),
        ("Server returned non-2xx status code: 403 Forbidden", PermissionRefusedError),
        ("Server returned non-2xx status code: 412 Precondition Failed", ServiceError),
        ("Server returned non-2xx status code: 500 Internal Server Error", TransientError),
        ("error sending request", TransientError),
    ],
)
def test_what_a_store_says_without_a_kind_of_its_own_is_told_by_its_status(text: str, meaning: type[Exception]) -> None:
    from obstore.exceptions import GenericError

    with pytest.raises(meaning), objects.said("memo://bucket/a"):
        raise GenericError(text)


def test_kinds_that_a_store_has_are_told_apart() -> None:
    from obstore.exceptions import InvalidPathError, PreconditionError

    with pytest.raises(ServiceError, match="does not take such a request"), objects.said("memo://bucket/a"):
        raise InvalidPathError
    with pytest.raises(ServiceError, match="was changed while it was fetched"), objects.said("memo://bucket/a"):
        raise PreconditionError
