"""The documentation says what is there: commands, options, queries, files."""

import re
import runpy
import shlex
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PRINT_QUERIES = runpy.run_path(str(ROOT / "scripts/print_queries.py"))


def documents() -> list[Path]:
    """All Markdown files of the project."""
    names = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
    return [*(ROOT / name for name in names), *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_page_of_the_commands_is_what_they_say():
    page = runpy.run_path(str(ROOT / "scripts/print_commands.py"))["page"]
    assert (ROOT / "docs/cli.md").read_text(encoding="utf-8") == page(), "`make commands`"


def test_the_coefficients_in_the_methodology_are_those_of_the_file():
    rewritten = runpy.run_path(str(ROOT / "scripts/print_coefficients.py"))["rewritten"]
    text = (ROOT / "docs/methodology.md").read_text(encoding="utf-8")
    assert rewritten(text, ROOT) == text, "`make coefficients`"


def test_the_board_in_the_readme_is_the_one_of_the_demo(board, ipbr_rank):
    shown = re.search(r"`ipbr-rank (board [^`]+)`:\n\n```text\n(.*?)```", README, re.DOTALL)
    arguments = [*shown[1].split(), "--database", board.database]
    assert ipbr_rank(*arguments, COLUMNS="80").stdout == shown[2]


def test_links_between_documents_lead_somewhere():
    links = [
        (path, target)
        for path in documents()
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
        if not target.startswith(("http://", "https://", "mailto:"))
    ]
    assert len(links) > 100
    assert [link for link in links if not (link[0].parent / link[1]).exists()] == []


def test_paths_that_are_named_exist():
    named = [
        (path, name)
        for path in documents()
        for name in re.findall(
            r"`((?:base|models|seeds|macros|ingest|ipbr_rank|render|tests|scripts)/[\w./-]+)`",
            path.read_text(encoding="utf-8"),
        )
        # The source that docs/adding-a-source.md makes up is added in test_adding.py; what is
        # superseded speaks of what was.
        if "toy_bench" not in name and "\nSuperseded by " not in path.read_text(encoding="utf-8")
    ]
    assert len(named) > 30
    assert [(path, name) for path, name in named if not (ROOT / name.rstrip("/")).exists()] == []


@pytest.mark.parametrize(
    ("name", "at_least"),
    [
        *(("README.md", 3), ("docs/cookbook.md", 15), ("docs/database.md", 3)),
        ("docs/first-five-minutes.md", 1),
    ],
)
def test_the_queries_of_the_documents_print_what_they_show(board, name, at_least):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert name in PRINT_QUERIES["DOCUMENTS"]
    results = [result for *_, result in PRINT_QUERIES["PAIR"].findall(text)]
    assert len(results) >= at_least
    # A result is a header and at least one row.
    assert all(result.count("\n") >= 2 for result in results)
    assert len(results) == len(re.findall(r"```(?:sql|python)\n", text))
    printed = PRINT_QUERIES["rewritten"](text, board.database)
    assert printed == text, "`make queries` prints the results anew"


@pytest.mark.timed
def test_every_query_of_the_cookbook_takes_less_than_a_second(board):
    text = (ROOT / "docs/cookbook.md").read_text(encoding="utf-8")
    for _, query, _ in PRINT_QUERIES["PAIR"].findall(text):
        started = time.monotonic()
        PRINT_QUERIES["run_sql"](query, board.database)
        assert time.monotonic() - started < 1, query


def test_the_make_targets_that_are_named_exist():
    targets = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), flags=re.M))
    for path in documents():
        text = path.read_text(encoding="utf-8")
        named = re.findall(r"(?:^\s*|`)make ([a-z][a-z ]*[a-z])", text, flags=re.M)
        assert {target for names in named for target in names.split()} <= targets, path
    assert "make demo" in README and "make test" in README


def test_what_the_demo_ends_with_can_be_typed(board):
    from click.testing import CliRunner

    from ipbr_rank.cli.main import cli

    recipe = (ROOT / "Makefile").read_text().split("\ndemo:", 1)[1].split("\n\n", 1)[0]
    commands = re.findall(r'@echo "  \$\(BIN\)/ipbr-rank (.+)"', recipe)
    assert len(commands) >= 3
    # It ends with Ctrl-C only; tests/unit/ipbr_rank/cli/test_streams.py serves a site.
    commands.remove("serve")
    for command in commands:
        result = CliRunner().invoke(cli, [*shlex.split(command), "--database", str(board.database)])
        assert (result.exit_code, result.stderr) == (0, ""), command
        assert result.stdout.count("\n") > 3, command
    # From a shell that has not been told where the program is.
    assert "`.venv/bin/ipbr-rank`" in README.split("\n## Query")[0]


def test_nothing_is_promised_of_older_clients():
    for path in documents():
        assert not re.search(r"any\s+DuckDB\s+client", path.read_text("utf-8"), re.I), path


def test_the_help_of_the_command_line_is_complete(ipbr_rank):
    result = ipbr_rank("--help")
    assert result.returncode == 0
    for word in ("fetch", "score", "render", "all", "verify-sources", "list-models", "triage"):
        assert word in result.stdout
