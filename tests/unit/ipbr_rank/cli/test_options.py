"""Options before and after the command, defaults, exit codes of wrong usage, list-models."""

import csv
import inspect
import io
import json
import re
import shutil
import subprocess
import sys
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from ipbr_rank import __version__
from ipbr_rank.cli import main as cli
from ipbr_rank.run import pipeline
from ipbr_rank.run.settings import parse_now, parse_site_url

# The original program's, and what it takes of each; see outputs of the command line in docs.
ORIGINAL = ("fetch", "score", "render", "all", "verify-sources", "list-models", "triage")
# Of these the commands that refuse --offline.
ONLINE = ("fetch", "verify-sources")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any, Any]]:
    """What the command line asked the pipeline to do: name, settings, the rest."""
    calls: list[tuple[str, Any, Any]] = []

    def score(settings: Any, *, with_site: bool, **_: Any) -> None:
        calls.append(("all" if with_site else "score", settings, None))

    def render(settings: Any, *rest: Any) -> None:
        calls.append(("render", settings, rest))

    monkeypatch.setattr(pipeline, "score", score)
    monkeypatch.setattr(pipeline, "render", render)
    return calls


def invoke(*arguments: object) -> None:
    result = CliRunner().invoke(cli.cli, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output


def test_default_command_is_all(asked: list, tmp_path: Path) -> None:
    invoke("--offline", "--out", tmp_path / "o")
    assert [call[0] for call in asked] == ["all"]
    assert asked[0][1].out == tmp_path / "o"


def test_options_stand_before_or_after_the_command(asked: list, tmp_path: Path) -> None:
    invoke("--out", tmp_path / "o", "--quiet", "score")
    invoke("score", "--out", tmp_path / "o", "--quiet")
    assert asked[0][1].out == asked[1][1].out == tmp_path / "o"
    assert asked[0][1].verbosity == asked[1][1].verbosity == "quiet"


def test_the_later_one_wins(asked: list, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    invoke("--out", first, "score", "--out", second)
    invoke("--out", first, "--out", second, "score")
    invoke("score", "--out", first, "--out", second)
    assert {call[1].out for call in asked} == {second}
    invoke("--quiet", "score", "--verbose", "--out", first)
    invoke("--verbose", "--quiet", "score", "--out", first)
    assert [call[1].verbosity for call in asked[3:]] == ["verbose", "quiet"]


def test_a_default_after_the_command_does_not_undo_what_stood_before(
    asked: list, tmp_path: Path
) -> None:
    invoke("--offline", "--only", "gso, bfcl", "--out", tmp_path / "o", "all")
    assert asked[0][1].offline is True
    assert asked[0][1].only == ["gso", "bfcl"]


def test_all_options_reach_the_run(asked: list, tmp_path: Path) -> None:
    previous = tmp_path / "scoreboard.toml"
    previous.touch()
    key = tmp_path / "key"
    key.touch()
    invoke(
        *("all", "--offline", "--out", tmp_path / "o", "--cache", tmp_path / "c"),
        *("--database", tmp_path / "d.duckdb", "--coefficients", "a.toml", "--aliases", "b.toml"),
        *("--overrides", "c.toml", "--synthesis", "d.toml", "--prev", previous),
        *("--now", "2026-01-01T02:00:00.9+02:00", "--aa-api-key-file", key),
        *("--openrouter-api-key-file", key, "--hf-token-file", key),
    )
    settings = asked[0][1]
    assert settings.cache == tmp_path / "c"
    assert settings.database == tmp_path / "d.duckdb"
    assert settings.files.coefficients == Path.cwd() / "a.toml"
    assert settings.files.synthesis == Path.cwd() / "d.toml"
    assert settings.previous == previous
    assert settings.now == datetime(2026, 1, 1, tzinfo=UTC)


def test_defaults(asked: list, tmp_path: Path, project: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    invoke("score")
    settings = asked[0][1]
    assert (settings.out, settings.cache) == (project / "out", project / "cache")
    assert settings.database == project / "data" / "ipbr.duckdb"
    assert settings.files.aliases == project / "data" / "required_aliases.toml"
    assert abs((datetime.now(UTC) - settings.now).total_seconds()) < 60
    assert settings.now.microsecond == 0


def test_the_three_places_have_variables(
    asked: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPBR_OUT", "o")
    monkeypatch.setenv("IPBR_CACHE", "c")
    monkeypatch.setenv("IPBR_DATABASE", "d.duckdb")
    invoke("score")
    invoke("--out", "other", "score", "--database", "other.duckdb")
    places = [(call[1].out, call[1].cache, call[1].database) for call in asked]
    assert places == [
        (tmp_path / "o", tmp_path / "c", tmp_path / "d.duckdb"),
        (tmp_path / "other", tmp_path / "c", tmp_path / "other.duckdb"),
    ]


def test_a_wrong_variable_is_named_where_it_is_read_and_nowhere_else(ipbr_rank) -> None:
    assert ipbr_rank("list-models", IPBR_SITE_URL="not a url").returncode == 0
    process = ipbr_rank("render", IPBR_SITE_URL="not a url")
    assert process.returncode == 2
    assert "Invalid value for $IPBR_SITE_URL: found 'not a url'" in process.stderr


def test_the_address_of_the_site_is_an_option_or_a_variable(
    asked: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "o"
    invoke("all", "--offline", "--out", out)
    monkeypatch.setenv("IPBR_SITE_URL", "https://variable.example")
    invoke("all", "--offline", "--out", out)
    invoke("--site-url", "https://option.example/x", "render", "--out", out)
    invoke("render", "--site-url", "https://option.example/x", "--out", out)
    assert [call[1].site_url for call in asked] == [
        *(None, "https://variable.example/"),
        *("https://option.example/x/", "https://option.example/x/"),
    ]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://ipbr.example", "https://ipbr.example/"),
        (" https://ipbr.example/a/b// ", "https://ipbr.example/a/b/"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/"),
        ("https://ipbr.example/%C3%A9", "https://ipbr.example/%C3%A9/"),
    ],
)
def test_addresses_of_a_site(text: str, address: str) -> None:
    assert parse_site_url(text) == address


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ipbr.example", "must begin with https://"),
        ("ftp://ipbr.example/", "must begin with https://"),
        ("https:///x", "have a host"),
        ("https://[broken", "Invalid IPv6"),
        ("https://ipbr.example:x/", "expected an address"),
        ("https://ipbr.example/?a=b", "query or a fragment"),
        ("https://ipbr.example/#", "query or a fragment"),
        ("https://me:secret@ipbr.example/", "user's name"),
        ('https://ipbr.example/"><script>', "characters"),
        ("https://ipbr.example/a b", "characters"),
    ],
)
def test_what_is_no_address_of_a_site(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_site_url(text)


def test_render_takes_a_scoreboard(asked: list, tmp_path: Path) -> None:
    scoreboard = tmp_path / "scoreboard.toml"
    scoreboard.touch()
    invoke("render", "--scoreboard", scoreboard, "--out", tmp_path / "o", "--coefficients", "x")
    assert asked[0][2] == (scoreboard, Path.cwd() / "x", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01 01:30+01:30", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)),
        ("20260101T000000Z", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_now(text: str, expected: datetime) -> None:
    assert parse_now(text) == expected


@pytest.mark.parametrize("text", ["", "now", "01/02/2026", "2026-13-01", "0001-01-01T00:00+23:00"])
def test_now_that_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="expected a time in ISO 8601"):
        parse_now(text)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["scor"], "No such command 'scor'"),
        (["score", "--ot", "x"], "No such option"),
        (["--now", "yesterday"], "expected a time in ISO 8601"),
        (["render", "--site-url", "ipbr.example"], "must begin with https://"),
        (["score", "--prev", "nowhere.toml"], "'nowhere.toml' does not exist"),
        (["--aa-api-key-file", "nowhere"], "'nowhere' does not exist"),
        (["list-models", "--format", "xml"], "'xml' is not one of"),
        (["triage", "--format", "xml"], "'xml' is not one of"),
        (["triage", "--min-count", "0"], "0 is not in the range"),
        (
            ["triage", "--fail-on-new", "file"],
            "expected output of `ipbr-rank triage --format json`",
        ),
        (["fetch", "--only", "gpo"], "found 'gpo'"),
        (["fetch", "--cache", "file"], "expected a writable directory"),
        (["fetch", "--aa-api-key-file", "file", "--hf-token-file", "words"], "HF_TOKEN: expected"),
        (["score", "--out", "."], "contains the working directory"),
        (["score", "--out", "/"], "choose a separate folder"),
        (["score", "--out", "./o", "--cache", "o/c"], "contains the cache"),
        (["score", "--out", "./o", "--database", "o/d.duckdb"], "contains the database"),
        (["score", "--out", "file"], "is a file; a directory was expected"),
        (["score", "--database", "."], "is a directory; a DuckDB file was expected"),
        (["score", "--database", "Marts.duckdb"], "choose a name other than main,"),
        (["score", "--database", "information_schema.duckdb"], "choose a name other than main,"),
        (["score", "--database", 'd"b.duckdb'], "quotation marks"),
        (["score", "--database", "a\nb.duckdb"], "quotation marks or line breaks"),
        (["score", "--database", "protected.duckdb"], "is write-protected (mode 444)"),
        (["score", "--history", "http://a.example/history.parquet"], "expected an https address"),
        (["score", "--keep-raw", "abc"], "'abc' is not a valid whole number"),
        (["board", "--max-price", "abc"], "'abc' is not a valid number"),
        (["render", "--scoreboard", "file"], "expected a scoreboard.toml"),
        (["score", "--cache", "nowhere"], "nowhere is not a directory"),
        (["score", "--coefficients", "no.toml"], "no.toml: cannot be read"),
        (["all", "--offline", "--only", "gso,gpo"], "found 'gpo'"),
        (["all", "--offline", "--only", ","], "--only"),
        (["all", "--offline", "--prev", "file"], "expected an earlier scoreboard.toml"),
        (["all", "--offline", "--prev", "later.toml"], "found one made at 2999-01-01T00:00:00Z"),
    ],
)
def test_wrong_usage_is_one_message_and_exit_code_2(
    ipbr_rank, tmp_path: Path, project: Path, arguments: list[str], told: str
) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "words").write_text("no token")
    later = 'schema_version = "1.4.0"\ngenerated_at = 2999-01-01T00:00:00Z\n'
    (tmp_path / "later.toml").write_text(later)
    (tmp_path / "protected.duckdb").touch(0o444)
    if "--database" not in arguments:
        arguments = ["--database", str(tmp_path / "d.duckdb"), *arguments]
    if "--offline" in arguments:
        arguments = ["--cache", str(project / "data" / "fixtures"), *arguments]
    process = ipbr_rank(*arguments, cwd=tmp_path)
    assert process.returncode == 2, process.stderr
    assert told in process.stderr
    assert "Traceback" not in process.stderr
    assert process.stdout == ""
    assert not (tmp_path / "out").exists()


def test_version_and_help(ipbr_rank, project: Path) -> None:
    assert ipbr_rank("--version").stdout == f"ipbr-rank {__version__}\n"
    declared = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    assert declared["project"]["version"] == __version__
    overview = ipbr_rank("--help")
    assert overview.returncode == 0
    assert ipbr_rank("-h").stdout == overview.stdout
    for name, command in cli.cli.commands.items():
        assert f"\n  {name} " in overview.stdout
        assert command.example.startswith(f"ipbr-rank {name}")
        told = ipbr_rank(name, "-h").stdout
        assert command.example in told
        assert max(map(len, told.splitlines())) <= 80


def test_help_is_a_command_as_well(ipbr_rank) -> None:
    assert ipbr_rank("help").stdout == ipbr_rank("--help").stdout
    assert ipbr_rank("help", "pick").stdout == ipbr_rank("pick", "--help").stdout


def test_help_fits_a_terminal(ipbr_rank) -> None:
    lines = ipbr_rank("--help", COLUMNS="80").stdout.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines[1:] if line.endswith(("...", "…"))]


@pytest.mark.parametrize("name", ONLINE)
def test_offline_is_refused_and_not_offered_by_what_asks_the_live_sources(
    ipbr_rank, name: str
) -> None:
    assert "--offline" not in ipbr_rank(name, "--help").stdout
    for arguments in ([name, "--offline"], ["--offline", name]):
        process = ipbr_rank(*arguments)
        assert (process.returncode, process.stdout) == (2, "")
        assert f"`{name}` requests the live sources; leave out --offline" in process.stderr


@pytest.mark.parametrize(
    ("name", "option"),
    [
        (name, option)
        for name in ORIGINAL
        for option in (
            *("--out=o", "--coefficients=c.toml", "--aliases=a.toml", "--cache=c", "--offline"),
            *("--only=gso", "--aa-api-key-file=key", "--openrouter-api-key-file=key"),
            *("--hf-token-file=key", "--now=2026-01-01"),
        )
        if option != "--offline" or name not in ONLINE
    ],
)
def test_the_original_options_are_taken_by_the_original_commands(
    name: str, option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").touch()
    command = cli.cli.commands[name]
    monkeypatch.setattr(command, "callback", lambda **_: None)
    before = CliRunner().invoke(cli.cli, [option, name])
    after = CliRunner().invoke(cli.cli, [name, option])
    assert (before.exit_code, after.exit_code) == (0, 0)
    (parameter,) = (one for one in command.params if option.split("=")[0] in one.opts)
    told = f"{option.split('=')[0]} has no effect on `{name}`\n"
    expected = "" if parameter.expose_value else told
    assert before.stderr == after.stderr == expected


def test_an_option_is_read_by_the_command_that_takes_it() -> None:
    """What a command takes it hands on: nothing is accepted and ignored."""
    for name, command in cli.cli.commands.items():
        source = inspect.getsource(sys.modules[f"ipbr_rank.cli.commands.{name.replace('-', '_')}"])
        whole = "make_settings(given)" in source
        for parameter in command.params:
            if parameter.expose_value and parameter.name not in (
                "database",
                "edition",
                "verbosity",
            ):
                mentions = len(re.findall(rf"\b{parameter.name}\b", source))
                assert whole or mentions > 1 or "files_of(given)" in source, (name, parameter.name)


def test_options_mean_the_same_wherever_they_are_taken() -> None:
    values: dict[str, set[bool]] = {}
    for command in cli.cli.commands.values():
        for parameter in command.params:
            for option in parameter.opts if parameter.param_type_name == "option" else ():
                values.setdefault(option, set()).add(parameter.is_flag)
    assert {option for option, found in values.items() if len(found) > 1} == set()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["query", "select 42", "--only", "x"], "`query` does not take --only; these commands do:"),
        (["--keep-raw", "3", "list-models"], "`list-models` does not take --keep-raw; these"),
        (["render", "--prev", "x"], "`render` does not take --prev; these commands do: all, score"),
        (["explain", "x", "--coefficients", "x"], "`explain` does not take --coefficients; these"),
        (["status", "--site-url", "x"], "`status` does not take --site-url; these commands do: al"),
        (
            ["board", "--offline"],
            "`board` does not take --offline; these commands do: all, score\n",
        ),
    ],
)
def test_a_wrong_option_is_told_with_the_commands_that_have_it(
    ipbr_rank, arguments: list[str], told: str
) -> None:
    process = ipbr_rank(*arguments)
    assert (process.returncode, process.stdout) == (2, "")
    assert told in process.stderr


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ex", ["explain"]),
        ("explain gpt-5.5", ["gpt-5.5", "gpt-5.5-pro"]),
        ("explain openai/gpt-5.5", ["openai/gpt-5.5", "openai/gpt-5.5-pro"]),
        ("compare a b --role b", ["building"]),
        ("fetch --only gso,bf", ["gso,bfcl"]),
    ],
)
def test_the_shell_completes_commands_models_roles_and_sources(
    ipbr_rank_process, words: str, found: list[str]
) -> None:
    process = ipbr_rank_process(
        _IPBR_RANK_COMPLETE="bash_complete",
        COMP_WORDS=f"ipbr-rank {words}",
        COMP_CWORD=str(len(words.split())),
    )
    assert [line.removeprefix("plain,") for line in process.stdout.splitlines()] == found


@pytest.mark.timed
def test_help_and_list_models_are_fast(ipbr_rank) -> None:
    for arguments in (["--help"], ["list-models"]):
        times = []
        for _ in range(3):
            started = time.monotonic()
            ipbr_rank(*arguments)
            times.append(time.monotonic() - started)
        assert min(times) < 1


def test_list_models(ipbr_rank, project: Path, tmp_path: Path) -> None:
    listed = tomllib.loads((project / "data" / "required_aliases.toml").read_text("utf-8"))
    expected = [
        {"canonical_id": key, "vendor": model["vendor"]}
        for key, model in sorted(listed["models"].items())
    ]
    as_json = ipbr_rank("list-models", "--format", "json", cwd=tmp_path)
    assert json.loads(as_json.stdout) == expected
    as_csv = ipbr_rank("list-models", "--format", "csv", cwd=tmp_path)
    assert list(csv.DictReader(io.StringIO(as_csv.stdout))) == expected
    as_table = ipbr_rank("list-models", cwd=tmp_path)
    assert [tuple(line.split()) for line in as_table.stdout.splitlines()] == [
        ("canonical_id", "vendor"),
        *(tuple(row.values()) for row in expected),
    ]
    assert as_json.stderr == as_csv.stderr == as_table.stderr == ""


def test_list_models_reads_the_aliases_it_is_given(ipbr_rank, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[models."v/m"]\nvendor = "v"\naliases = []\n')
    process = ipbr_rank("list-models", "--aliases", "a.toml", cwd=tmp_path)
    assert process.stdout == "canonical_id  vendor\nv/m           v\n"
    (tmp_path / "a.toml").write_text('[models."v/m"]\naliases = []\n')
    process = ipbr_rank("list-models", "--aliases", "a.toml", cwd=tmp_path)
    assert (process.returncode, process.stdout) == (2, "")
    assert 'a.toml: [models."v/m"] vendor: missing' in process.stderr


def test_a_reader_that_goes_away_is_no_defect(project: Path) -> None:
    process = subprocess.run(
        f"{sys.executable} -m ipbr_rank list-models --format json | head -n 1",
        shell=True,
        cwd=project,
        capture_output=True,
        text=True,
    )
    assert process.stdout == "[\n"
    assert process.stderr == ""


def test_render_without_a_database_takes_the_board_of_out(
    ipbr_rank, board: SimpleNamespace, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in ("scoreboard.toml", "coefficients.toml"):
        shutil.copy(board.out / name, out)
    process = ipbr_rank("render", "--out", out, "--database", tmp_path / "none.duckdb")
    assert process.returncode == 0, process.stderr
    assert "There is no database, so the site shows " in process.stderr
    assert (out / "site" / "data" / "scoreboard.toml").is_file()


def test_render_says_that_the_file_beside_is_another_board(
    ipbr_rank, board: SimpleNamespace, tmp_path: Path
) -> None:
    (tmp_path / "scoreboard.toml").write_text('generated_at = "2026-01-02T00:00:00Z"\n')
    process = ipbr_rank("render", "--out", tmp_path, "--database", board.database)
    assert process.returncode == 0, process.stderr
    assert "has a different board" in process.stderr


def test_a_preset_stands_for_the_coefficients(asked: list) -> None:
    invoke("score", "--preset", "measured")
    coefficients = asked[0][1].files.coefficients
    assert coefficients.is_file()
    assert coefficients.parts[-3:] == ("data", "presets", "measured.toml")


@pytest.mark.parametrize(
    "options, told",
    [
        (("--preset", "measured", "--coefficients", "x.toml"), "give only one of them"),
        (("--preset", "mesured"), "expected one of measured, no-operations"),
    ],
    ids=["beside coefficients", "unknown"],
)
def test_a_preset_that_says_nothing_clear_is_refused(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], told: str
) -> None:
    assert cli.run(["score", *options]) == 2
    assert told in capsys.readouterr().err
