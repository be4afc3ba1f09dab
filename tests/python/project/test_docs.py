"""The documentation says what is there: commands, options, queries, files."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def documents() -> list[Path]:
    """All Markdown files of the project."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_command_and_option_is_described():
    from ipbr_rank.cli import cli

    reference = README.split("## Command line", 1)[1].split("\n## ", 1)[0]
    assert cli.commands
    for name, command in cli.commands.items():
        assert f"`{name}`" in reference, name
        for parameter in command.params:
            long = [option for option in parameter.opts if option.startswith("--")]
            assert not long or f"`{long[0]}" in reference, (name, parameter.name)


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_paths_that_are_named_exist(path):
    text = path.read_text(encoding="utf-8")
    named = re.findall(r"`((?:models|seeds|macros|ingest|render|tests|scripts)/[\w./-]+)`", text)
    for name in named:
        assert (ROOT / name.rstrip("/")).exists(), name


def test_the_queries_of_the_readme_print_what_it_shows(board):
    blocks = re.findall(r"```sql\n(.*?)```\n+```text\n(.*?)```", README, flags=re.S)
    assert len(blocks) >= 5
    import duckdb

    with duckdb.connect(str(board.database), read_only=True) as connection:
        for query, expected in blocks:
            relation = connection.execute(query)
            header = [column[0] for column in relation.description]
            rows = [
                ["" if value is None else str(value) for value in row]
                for row in relation.fetchall()
            ]
            widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
            lines = [
                "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
                for row in [header, *rows]
            ]
            printed = "\n".join(line.rstrip() for line in lines) + "\n"
            assert printed == expected, f"expected output of\n{query}\nis now\n{printed}"


def test_the_make_targets_of_the_readme_exist():
    targets = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), flags=re.M))
    named = set(re.findall(r"^\s*make ([\w-]+)", README, flags=re.M))
    assert {"demo", "test"} <= named <= targets


def test_the_help_of_the_command_line_is_complete(ipbr_rank):
    result = ipbr_rank("--help")
    assert result.returncode == 0
    for word in ("fetch", "score", "render", "all", "verify-sources", "list-models", "triage"):
        assert word in result.stdout
