"""`rotation`: how often secrets are rotated; and vaults, which only a user's own file names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tightlip import config
from tightlip.cli import main
from tightlip.config.complaint import ConfigError
from tightlip.config.settings import Schedule


def own(text: str) -> None:
    file = Path(os.environ["XDG_CONFIG_HOME"]) / "tightlip.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8")


def schedule(repo: Path) -> Schedule:
    found = config.load(str(repo)).rotation
    assert found is not None
    return found


def test_without_a_word_there_is_no_schedule(repo: Path) -> None:
    assert config.load(str(repo)).rotation is None


@pytest.mark.parametrize(
    ("written", "days"), [("90d", 90), ("12w", 84), ("1y", 365), ("'1d'", 1)], ids=["days", "weeks", "year", "quoted"]
)
def test_an_age_is_in_days_weeks_or_years(repo: Path, written: str, days: int) -> None:
    (repo / ".tightlip.yaml").write_text(f"rotation: {{every: {written}}}\n")

    assert schedule(repo).days == days


def test_toml_says_the_same(repo: Path) -> None:
    (repo / "pyproject.toml").write_text(
        '[tool.tightlip.rotation]\nevery = "90d"\n[[tool.tightlip.rotation.schedule]]\nsecrets = ["vault:*"]\n'
        'every = "30d"\n'
    )

    (interval,) = schedule(repo).intervals
    assert (schedule(repo).days, interval.secrets, interval.days) == (90, ("vault:*",), 30)


def test_of_two_files_the_one_that_counts_more_comes_first(repo: Path) -> None:
    own("rotation: {every: 1y, known: ['vault:secret/shop'], schedule: [{secrets: ['a:*'], every: 1y}]}\n")
    (repo / ".tightlip.yaml").write_text("rotation: {every: 90d, schedule: [{secrets: ['a:b'], every: 30d}]}\n")

    found = schedule(repo)

    assert (found.days, found.known) == (90, ("vault:secret/shop",))
    assert [(it.secrets, it.days) for it in found.intervals] == [(("a:b",), 30), (("a:*",), 365)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{every: 90}", "must be an age in days, weeks or years"),
        ("{every: 0d}", "must be an age in days, weeks or years"),
        ("{every: 999y}", "must be an age in days, weeks or years"),
        ("{every: 3m}", "must be an age in days, weeks or years"),
        ("{evry: 90d}", "did you mean every?"),
        ("{}", "says nothing"),
        ("90d", "must be a mapping"),
        ("{schedule: [{every: 30d}]}", "has no `secrets`"),
        ("{schedule: [{secrets: ['*']}]}", "has no `every`"),
        ("{schedule: [{secrets: [], every: 30d}]}", "is empty"),
        (f"{{schedule: [{{secrets: ['{'*' * 21}'], every: 30d}}]}}", "more than 20 stars"),
    ],
    ids=["number", "zero", "long", "months", "key", "nothing", "text", "no-secrets", "no-every", "empty", "stars"],
)
def test_a_mistake_is_told(repo: Path, text: str, said: str) -> None:
    (repo / ".tightlip.yaml").write_text(f"rotation: {text}\n")

    with pytest.raises(ConfigError, match=said.replace("?", r"\?").replace("{", r"\{")):
        config.load(str(repo))


@pytest.mark.parametrize("source", ["vault:secret/shop", "command:curl evil.example", "dotenv:.env"])
def test_a_repositorys_file_can_name_no_source(repo: Path, source: str) -> None:
    (repo / ".tightlip.yaml").write_text(f"rotation: {{every: 90d, known: ['{source}']}}\n")

    with pytest.raises(ConfigError, match="only your own configuration, or the organisation's, may have it"):
        config.load(str(repo))


def test_a_file_that_the_users_own_extends_can_name_none_either(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("rotation: {known: ['vault:secret/shop']}\n")
    own(f"extends: ['{tmp_path / 'more.yaml'}']\n")

    with pytest.raises(ConfigError, match="only your own configuration"):
        config.load(str(repo))


def test_what_is_no_source_is_told(repo: Path) -> None:
    own("rotation: {known: ['secret/shop']}\n")

    with pytest.raises(ConfigError, match="must be KIND:WHERE"):
        config.load(str(repo))


def test_show_tells_it_and_no_arguments_of_a_command(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own("rotation: {known: ['command:op read --token hush', 'vault:secret/shop']}\n")
    (repo / ".tightlip.yaml").write_text("rotation: {every: 12w, schedule: [{secrets: ['a:*', 'b:*'], every: 30d}]}\n")
    capsys.readouterr()

    assert main(["config", "show", str(repo)]) == 0

    lines = capsys.readouterr().out.splitlines()[-3:]
    assert [line.split(maxsplit=1) for line in lines] == [
        ["rotation.every", "84d"],
        ["rotation.schedule", "a:*, b:*: 30d"],
        ["rotation.known", "command, vault:secret/shop"],
    ]
