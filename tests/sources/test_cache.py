from __future__ import annotations

import os
import stat
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO

import pytest

from egresscost.errors import CacheError
from egresscost.sources.cache import Cache, Kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def writing(content: bytes) -> Callable[[BinaryIO], None]:
    def write(file: BinaryIO) -> None:
        file.write(content)

    return write


def put(cache: Cache, key: str, content: bytes) -> Kept:
    return cache.put(key, key, writing(content), None, NOW)


def content(cache: Cache, key: str) -> bytes | None:
    kept = cache.get(key)
    return None if kept is None else kept.path.read_bytes()


def test_an_answer_is_found_by_its_question_and_no_other(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    put(cache, "one", b"1")
    assert content(cache, "one") == b"1"
    assert cache.get("two") is None
    assert Cache(tmp_path).get("one") == Kept(cache.get("one").path, 1, NOW)  # type: ignore[union-attr]


def test_a_newer_answer_takes_the_place_of_an_older_one_and_leaves_a_reader_of_it_alone(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    with put(cache, "one", b"old").path.open("rb") as reader:
        put(cache, "one", b"newer")
        assert reader.read() == b"old"
    assert content(cache, "one") == b"newer"


@pytest.mark.parametrize("damage", ["shorter", "longer", "other", "gone", "note gone", "note cut", "note of another"])
def test_what_does_not_agree_with_its_note_is_not_there_and_heals(tmp_path: Path, damage: str) -> None:
    cache = Cache(tmp_path)
    path = put(cache, "one", b"content").path
    note = path.with_suffix(".json")
    match damage:
        case "shorter":
            path.write_bytes(b"cont")
        case "longer":
            path.write_bytes(b"content and more")
        case "other":
            path.write_bytes(b"CONTENT")
        case "gone":
            path.unlink()
        case "note gone":
            note.unlink()
        case "note cut":
            note.write_bytes(note.read_bytes()[:20])
        case "note of another":
            note.write_bytes(b"[1, 2]")
    assert cache.get("one") is None
    put(cache, "one", b"content")
    assert content(cache, "one") == b"content"


def test_what_fails_while_it_is_written_leaves_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    def half(file: BinaryIO) -> None:
        file.write(b"half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        cache.put("one", "one", half, None, NOW)
    assert cache.get("one") is None
    assert not list((tmp_path / "partial").iterdir())


def test_only_its_owner_sees_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    put(Cache(folder), "one", b"1")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_longest_unused_goes_first_and_what_this_run_used_stays(tmp_path: Path) -> None:
    before = Cache(tmp_path)
    for age, key in enumerate(("new", "old", "oldest")):
        note = put(before, key, bytes(100)).path.with_suffix(".json")
        os.utime(note, ((NOW - timedelta(days=age)).timestamp(),) * 2)
    cache = Cache(tmp_path)
    assert cache.get("oldest") is not None
    assert cache.size() == 300
    assert cache.trim(200) == 100
    assert [key for key in ("new", "old", "oldest") if cache.get(key)] == ["new", "oldest"]
    assert cache.trim(0) == 0


def test_half_written_files_of_the_dead_go_and_those_of_the_living_stay(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    put(cache, "one", b"1")
    dead, living = tmp_path / "partial" / "dead", tmp_path / "partial" / "living"
    for path in (dead, living):
        path.write_bytes(b"half")
    os.utime(dead, (0, 0))
    cache.trim(1000)
    assert (dead.exists(), living.exists()) == (False, True)


def test_the_files_time_is_when_the_cloud_made_it(tmp_path: Path) -> None:
    made = datetime(2026, 10, 3, 4, 5, 6, tzinfo=UTC)
    kept = Cache(tmp_path).put("one", "one", writing(b"1"), made, NOW)
    assert datetime.fromtimestamp(kept.path.stat().st_mtime, UTC) == made


def test_a_folder_that_is_none_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CacheError, match="cannot be used") as caught:
        put(Cache(tmp_path / "file"), "one", b"1")
    assert "--no-cache" in str(caught.value.hint)


def test_a_process_killed_at_any_moment_leaves_only_whole_answers(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import sys
        from datetime import UTC, datetime
        from pathlib import Path
        from egresscost.sources.cache import Cache
        cache = Cache(Path(sys.argv[1]))
        print("begun", flush=True)
        number = 0
        while True:
            key = str(number % 5)
            cache.put(key, key, lambda file: [file.write(key.encode() * 1000) for _ in range(50)], None, datetime.now(UTC))
            number += 1
    """)
    for moment in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, env={**os.environ}
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"begun\n"
            for _ in range(moment * 400):
                os.sched_yield()
            child.kill()
        cache = Cache(tmp_path)
        for key in map(str, range(5)):
            assert content(cache, key) in {None, key.encode() * 50_000}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a disk that is full is a device of Linux")  # noqa: PTH110
def test_a_full_disk_is_named_wherever_it_shows(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    def fill(file: BinaryIO) -> None:
        with open("/dev/full", "wb") as full:  # noqa: PTH123
            os.dup2(full.fileno(), file.fileno())
        file.write(b"x" * (1 << 20))

    with pytest.raises(CacheError, match="cannot be used: No space left"):
        cache.put("one", "one", fill, None, NOW)
    assert cache.get("one") is None
    assert not list((tmp_path / "partial").iterdir())


@pytest.mark.parametrize("moment", ['"soon"', "NaN", "1e300", "-5", "null"])
def test_a_note_of_no_time_that_can_be_counts_as_not_there(tmp_path: Path, moment: str) -> None:
    cache = Cache(tmp_path)
    note = put(cache, "one", b"content").path.with_suffix(".json")
    note.write_text(note.read_text().replace(f"{NOW.timestamp()}", moment))
    assert cache.get("one") is None
    put(cache, "one", b"content")
    assert content(cache, "one") == b"content"
