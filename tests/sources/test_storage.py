"""Finding files: what may not be looked at is said, and never taken for absent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from egresscost.errors import AccessError, ExitCode, MissingSourceError
from egresscost.sources.storage import Workspace, find


def refuse(*_: object, **__: object) -> Any:  # noqa: ANN401  takes the place of any function
    raise PermissionError(13, "Permission denied")


def test_a_pattern_in_a_folder_that_may_not_be_entered_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(AccessError, match="Permission denied") as caught, Workspace(tmp_path) as workspace:
        find([str(tmp_path / "in" / "*.csv")], workspace)
    assert caught.value.exit_code is ExitCode.SOURCE
    assert str(tmp_path / "in") in caught.value.message


def test_a_pattern_in_a_folder_that_may_not_be_listed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("a\n")
    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(AccessError, match=r"in cannot be read: Permission denied"), Workspace(tmp_path) as workspace:
        find([str(tmp_path / "in" / "*" / "*.csv")], workspace)


def test_a_pattern_that_matches_nothing_in_a_folder_that_is_not_there_matches_no_file(tmp_path: Path) -> None:
    with pytest.raises(MissingSourceError, match="matches no file"), Workspace(tmp_path) as workspace:
        find([str(tmp_path / "nowhere" / "*.csv")], workspace)


def test_a_missing_file_in_a_folder_that_may_not_be_listed_says_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(MissingSourceError, match="does not exist") as caught, Workspace(tmp_path) as workspace:
        find([str(tmp_path / "b.csv")], workspace)
    assert "cannot be listed: Permission denied" in str(caught.value.hint)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("mode", [0o000, 0o100, 0o400])
def test_a_folder_without_permission_is_refused_however_it_is_named(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text("a\n")
    folder.chmod(mode)
    try:
        with pytest.raises(AccessError), Workspace(tmp_path / "work") as workspace:
            find([str(folder / "*.csv")], workspace)
    finally:
        folder.chmod(0o700)
