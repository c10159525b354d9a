"""egresscost.toml, variables, and where each value came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from egresscost.errors import SettingsError
from egresscost.money import CostKind
from egresscost.settings import Settings, documented, load

EXAMPLE = Path(__file__).parents[1] / "egresscost.example.toml"


def write(folder: Path, text: str) -> Path:
    path = folder / "egresscost.toml"
    path.write_text(text)
    return path


def test_without_a_file_everything_is_default(tmp_path: Path) -> None:
    loaded = load(start=tmp_path, environment={})
    assert loaded.settings == Settings()
    assert loaded.origins == {}


def test_the_nearest_file_up_to_the_repository_is_used_and_remembered(tmp_path: Path) -> None:
    write(tmp_path, '[report]\ncost = "list"\n')
    repository = tmp_path / "repository"
    inner = repository / "deep" / "er"
    inner.mkdir(parents=True)
    (repository / ".git").mkdir()
    assert load(start=inner, environment={}).settings.report.cost is CostKind.BILLED
    path = write(repository, '\n[report]\ntop = 5\ncost = "net"\n')
    loaded = load(start=inner, environment={})
    assert loaded.settings.report.cost is CostKind.NET
    assert loaded.origins["report.cost"] == f"{path}:4"


def test_the_project_wins_over_the_user_and_variables_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = tmp_path / "config" / "egresscost"
    user.mkdir(parents=True)
    (user / "config.toml").write_text("[report]\ntop = 3\nsettling_days = 1\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    write(tmp_path, "[report]\ntop = 5\n")
    loaded = load(
        start=tmp_path, environment={"EGRESSCOST_REPORT_COST": "net", "EGRESSCOST_REPORT_GROUP_BY": "service,tag:team"}
    )
    assert (loaded.settings.report.top, loaded.settings.report.settling_days) == (5, 1)
    assert loaded.settings.report.group_by == ("service", "tag:team")
    assert loaded.origins["report.cost"] == "$EGRESSCOST_REPORT_COST"


def test_config_names_a_file_or_none(tmp_path: Path) -> None:
    path = write(tmp_path, "[report]\ntop = 5\n")
    assert load(str(path), start=Path("/"), environment={}).settings.report.top == 5
    assert load("none", start=tmp_path, environment={}).settings.report.top == 10
    with pytest.raises(SettingsError, match="does not exist"):
        load(str(tmp_path / "no.toml"), environment={})


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('[report]\nprovder = "aws"\n', r"egresscost.toml:2: unknown key 'provder' in \[report\]", "known:"),
        ("[report]\ncst = 1\n", r":2: unknown key 'cst' in \[report\]", 'did you mean "cost"'),
        ("[reprot]\ntop = 1\n", ":1: unknown key 'reprot'", 'did you mean "report"'),
        ('[report]\ncost = "gross"\n', "report.cost is 'gross'", "help config"),
        ("[report]\ntop = 0\n", "report.top is 0", "help config"),
        ("report = 5\n", r"report must be a section", None),
        ("[report\n", "is no TOML", "egresscost.example.toml"),
    ],
)
def test_a_wrong_file_is_named_by_line_with_a_hint(tmp_path: Path, text: str, message: str, hint: str | None) -> None:
    write(tmp_path, text)
    with pytest.raises(SettingsError, match=message) as caught:
        load(start=tmp_path, environment={})
    if hint is not None:
        assert hint in str(caught.value.hint)


def test_an_unknown_variable_is_an_error() -> None:
    with pytest.raises(SettingsError, match="EGRESSCOST_REPORT_CST is no setting") as caught:
        load("none", environment={"EGRESSCOST_REPORT_CST": "net"})
    assert "EGRESSCOST_REPORT_COST" in str(caught.value.hint)


def test_the_example_shows_every_setting_with_its_default() -> None:
    text = EXAMPLE.read_text()
    for key, _, _, _ in documented():
        section, _, name = key.rpartition(".")
        assert f"[{section.replace('NAME', 'prod')}]" in text
        assert name == "ID" or f"{name} =" in text
    uncommented = "\n".join(
        line.removeprefix("# ") if (" = " in line or line.startswith("# [")) and line.startswith("# ") else line
        for line in text.splitlines()
    )
    import tomllib

    settings = Settings.model_validate(tomllib.loads(uncommented))
    assert settings.report.model_dump() == Settings().report.model_dump() | {"group_by": settings.report.group_by}
