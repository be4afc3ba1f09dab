"""Writes docs/cli.md from the commands: `python scripts/print_commands.py`, or `make commands`."""

import sys
from pathlib import Path

import click

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "cli.md"
HEAD = """# Command line

`ipbr-rank [OPTIONS] [COMMAND]`; options stand before or after the command, and belong to the
commands that read them. This page is made from the program by `make commands`.

Places that are not given are in the project: `out`, `cache`, `data/ipbr.duckdb`. Given ones are
relative to the working directory, also in `IPBR_OUT`, `IPBR_CACHE` and `IPBR_DATABASE`. The options
of the original program (`--out --coefficients --aliases --cache --offline --only --now` and the
three key files) are accepted by its seven commands; where one has no effect, a line says so.

Exit codes: 0 done (warnings are listed) · 1 the run failed · 2 wrong usage or configuration · 3 a
data invariant failed · 4 refused since it loses too much (`score`, `all`; `--accept-loss`), or
nothing new to publish (`check-publish`) · 130 interrupted. With 1 to 4 nothing is published:
`--out` and the database stay as they were.

The shell completes commands, models, roles and sources:

    eval "$(_IPBR_RANK_COMPLETE=bash_source ipbr-rank)"   # ~/.bashrc; also zsh_source, fish_source
"""


def page() -> str:
    """The whole page."""
    from ipbr_rank.cli.main import cli
    from ipbr_rank.cli.options import GLOBAL

    lines = [HEAD, "## Every command", "", *_table(GLOBAL)]
    for title, commands in cli.sections.items():
        lines += ["", f"## {title}"]
        for command in commands:
            own = [one for one in command.params if one not in GLOBAL]
            lines += ["", f"### {command.name}", "", (command.help or "").strip(), ""]
            lines += [f"    {command.example}"]
            table = _table(own)
            lines += ["", *table] if len(table) > 2 else []
    return "\n".join(lines) + "\n"


def _table(params: list[click.Parameter] | tuple[click.Parameter, ...]) -> list[str]:
    """The options that help shows, as rows of Markdown."""
    context = click.Context(click.Command("x"))
    records = [record for one in params if (record := one.get_help_record(context))]
    cells = [[cell.replace("|", "\\|").strip() for cell in record] for record in records]
    return ["| option | meaning |", "|---|---|", *(f"| `{a}` | {b} |" for a, b in cells)]


if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT))
    PAGE.write_text(page(), encoding="utf-8")
