"""`new-source`: all parts or none, and a clear message in the second case."""

import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.errors import ConfigurationError, IpbrError
from ingest.source import load_sources
from ipbr_rank import new_source as module
from ipbr_rank.new_source import METRICS_FILE, SHARED_FILES, Facts, new_source, write_all

TOY = Facts(
    source_id="made_up_bench",
    name="Made-up Bench",
    about="A made-up board, with commas, and “quotes”.",
    endpoint="https://toy.example/board.json",
    metrics={"solved": "SciCode", "time s": "TTFT"},
    minimum_rows=3,
)


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    """What new-source needs of the project, in a folder that is no git repository."""
    for path in (*SHARED_FILES, METRICS_FILE):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(project / path, tmp_path / path)
    return tmp_path


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file below a folder, but for git's own."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def test_all_parts_are_written(copy: Path) -> None:
    before = contents(copy)
    written, unfilled = new_source(copy, TOY)
    after = contents(copy)
    assert after.keys() - before.keys() == set(written)
    assert {path for path in before if before[path] != after[path]} == set(SHARED_FILES)
    assert len(unfilled) == 5
    for path in unfilled:
        assert b"TODO" in after[path]
    source = load_sources(copy)["made_up_bench"]
    assert (source.display_name, source.cache_file) == ("Made-up Bench", "made_up_bench.json")
    assert source.home_page == "https://toy.example/board.json"
    rows = after[Path("seeds/source_metrics.csv")].decode().splitlines()[-2:]
    # Both metrics have a source already: the new one comes after it.
    assert rows == ["made_up_bench,solved,SciCode,2,1", "made_up_bench,time s,TTFT,2,1"]
    union = after[Path("models/intermediate/int_observations_unioned.sql")].decode()
    assert '    "made_up_bench",\n] -%}' in union
    section = (
        after[Path("docs/sources.md")].decode().split("## Made-up Bench (`made_up_bench`)\n\n")[1]
    )
    assert section.startswith("A made-up board, with commas, and “quotes”.\n\n- Fetched: <https://")
    tomllib.loads(after[Path("tests/python/ingest/sources/made_up_bench.toml")].decode())
    compile(after[Path("ingest/sources/made_up_bench.py")], "made_up_bench.py", "exec")


def test_fractions_become_percent(copy: Path) -> None:
    new_source(copy, replace(TOY, is_fraction=True))
    rows = (copy / "seeds/source_metrics.csv").read_text().splitlines()[-2:]
    assert [row.rsplit(",", 1)[1] for row in rows] == ["100", "100"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source_id": "Toy-Bench"}, "'Toy-Bench' cannot be an id: expected lower snake case"),
        ({"source_id": "2toy"}, "cannot be an id"),
        ({"source_id": "toy__bench"}, "cannot be an id"),
        ({"source_id": "toy_"}, "cannot be an id"),
        ({"source_id": ""}, "cannot be an id"),
        ({"source_id": "../toy"}, "cannot be an id"),
        ({"source_id": "tóy"}, "cannot be an id"),
        ({"source_id": "toy\n"}, "cannot be an id"),
        ({"source_id": "t" * 41}, "at most 40 characters"),
        ({"source_id": "class"}, "choose a word that is not taken"),
        ({"source_id": "overrides"}, "choose a word that is not taken"),
        ({"source_id": "gso"}, "gso is there already, in seeds/sources.csv, seeds/source_metrics"),
        ({"cache_file": "gso.json"}, "--cache-file gso.json: this is the file of gso"),
        ({"cache_file": "../gso.json"}, "--cache-file '../gso.json': expected a file name"),
        ({"endpoint": "http://toy.example"}, "--endpoint 'http://toy.example': expected an https"),
        ({"endpoint": "https://toy.example/a b"}, "expected an https"),
        ({"endpoint": "https://[toy"}, "expected an https"),
        ({"home_page": "toy"}, "--home-page 'toy': expected an https"),
        ({"name": " "}, "--name ' ': expected one line of text"),
        ({"about": "a\nb"}, "--about"),
        ({"metrics": {"solved": "SciCod"}}, "has no such metric; did you mean SciCode"),
        ({"metrics": {"solved": "Unheard of"}}, "docs/adding-a-metric.md says how to add"),
        ({"metrics": {"it's": "SciCode"}}, "characters that a JSON path cannot hold"),
    ],
    ids=str,
)
def test_what_cannot_be_is_told_and_nothing_is_written(change, message, copy: Path) -> None:
    before = contents(copy)
    with pytest.raises(ConfigurationError) as caught:
        new_source(copy, replace(TOY, **change))
    assert message in str(caught.value)
    assert contents(copy) == before


def test_a_part_that_is_there_already_is_not_overwritten(copy: Path) -> None:
    (copy / "ingest/sources").mkdir(parents=True)
    (copy / "ingest/sources/made_up_bench.py").write_text("mine\n")
    before = contents(copy)
    with pytest.raises(ConfigurationError, match=r"in ingest/sources/made_up_bench\.py; choose"):
        new_source(copy, TOY)
    assert contents(copy) == before


def test_a_second_time_is_refused(copy: Path) -> None:
    new_source(copy, TOY)
    before = contents(copy)
    with pytest.raises(ConfigurationError, match="made_up_bench is there already"):
        new_source(copy, TOY)
    assert contents(copy) == before


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IpbrError, match=r"no complete ipbr repository: cannot read seeds/sources"):
        new_source(tmp_path, TOY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "old", "message"),
    [
        ("models/intermediate/int_observations_unioned.sql", "{%- set source_ids", "the list"),
        ("docs/sources.md", "## Reported figures (`overrides`)", "found it 0 times"),
    ],
)
def test_a_file_of_another_form_is_refused(path, old, message, copy: Path) -> None:
    text = (copy / path).read_text(encoding="utf-8")
    assert old in text
    (copy / path).write_text(text.replace(old, "something else"), encoding="utf-8")
    before = contents(copy)
    with pytest.raises(IpbrError, match=message):
        new_source(copy, TOY)
    assert contents(copy) == before


def test_changes_that_are_not_committed_are_refused(copy: Path) -> None:
    def git(*arguments: str) -> None:
        name = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")
        subprocess.run(["git", *name, *arguments], cwd=copy, check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "Start")
    with (copy / "docs/sources.md").open("a", encoding="utf-8") as file:
        file.write("\nMy notes.\n")
    (copy / "notes.txt").write_text("not a file that new-source touches\n")
    before = contents(copy)
    with pytest.raises(IpbrError, match=r"not committed: docs/sources\.md; commit or stash"):
        new_source(copy, TOY)
    assert contents(copy) == before
    git("commit", "-a", "-m", "Notes")
    new_source(copy, TOY)
    git("restore", ".")
    git("clean", "-fd", "--exclude", "notes.txt")
    assert contents(copy) == before


def test_a_failure_on_the_way_leaves_nothing_behind(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(copy)
    whole, done = Path.replace, []

    def fails_at_last(self: Path, target: Path) -> Path:
        done.append(target)
        if len(done) == 9:
            raise OSError(28, "No space left on device", str(target))
        return whole(self, target)

    monkeypatch.setattr(module.Path, "replace", fails_at_last)
    with pytest.raises(IpbrError, match="No space left on device; nothing was changed"):
        new_source(copy, TOY)
    assert len(done) == 9
    assert contents(copy) == before
    assert not (copy / "ingest").exists()


def test_an_interruption_leaves_nothing_behind(tmp_path: Path, monkeypatch) -> None:
    def interrupted(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(module.Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_all({tmp_path / "a/b/c.txt": "text"})
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_what_is_missing(ipbr_rank) -> None:
    process = ipbr_rank("new-source", "made_up_bench")
    assert process.returncode == 2
    assert "Missing option '--name'" in process.stderr
    given = ("--name", "T", "--about", "T", "--endpoint", "https://t.example", "--minimum-rows", 1)
    process = ipbr_rank("new-source", "made_up_bench", *given, "--metric", "SciCode")
    assert process.returncode == 2
    assert "found 'SciCode', expected FIELD=METRIC" in process.stderr
    process = ipbr_rank("new-source", "gso", *given, "--metric", "solved=SciCode")
    assert process.returncode == 2
    assert process.stderr.startswith("error: gso is there already")
    assert "Traceback" not in process.stderr


def test_the_stamp_of_an_unknown_source_is_refused(project: Path) -> None:
    script = project / "scripts/make_fixtures.py"
    process = subprocess.run(
        [sys.executable, script, "--stamp", "made_up_bench", "--fetched-at", "2026-01-01"],
        capture_output=True,
        text=True,
    )
    assert process.returncode == 1
    assert process.stderr.startswith(
        "error: --stamp made_up_bench: expected a source with a fixture"
    )
