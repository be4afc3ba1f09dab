"""Writes docs/cli.md from the commands: `python scripts/print_commands.py`, or `make commands`."""

import sys
from pathlib import Path

import click

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "cli.md"
HEAD = """# Command line

The command line is `ipbr-rank [OPTIONS] [COMMAND]`; options may come before or after the command.
Each command accepts the options listed for it. This page is generated from the program by
`make commands`.

The default paths `out`, `cache` and `data/ipbr.duckdb` are in the project. Paths that you give on
the command line, or in `IPBR_OUT`, `IPBR_CACHE` or `IPBR_DATABASE`, are relative to the working
directory.

For compatibility with the program that this one reimplements, `all`, `fetch`, `score`, `render`,
`list-models`, `triage` and `verify-sources` also accept `--out --coefficients --aliases --cache
--offline --only --now` and the three key-file options, even where these have no effect; a message
then says so. Only `--offline` is refused by `fetch` and `verify-sources`.

A run is an *experiment* if it uses other coefficients, models, reported values or pairs than those
in `data/`, or if `--only` or `--except` restricts its sources. The board of an experiment goes into
a database of its own, is not added to the history, and cannot be published
([decision 55](decisions/0055-experiments.md)).

Exit codes:

- 0: success; there may be warnings
- 1: the run failed
- 2: wrong usage or configuration
- 3: a data invariant failed
- 4: `score` or `all` refused a board that would replace a better one (see `--accept-loss`), or
  `check-publish` found that nothing has changed since the published board
- 130: interrupted

With codes 1 to 4, nothing is published: `--out` and the database are unchanged.

Your shell can complete commands, models, roles and sources:

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
