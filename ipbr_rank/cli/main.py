"""`ipbr-rank`: its commands by what they are for, and how a command line ends."""

import os
import signal
import sys
import threading

import click

from base.errors import IpbrError
from base.text import printable
from ipbr_rank.cli.commands import (
    all as all_,
)
from ipbr_rank.cli.commands import (
    check_publish,
    compare,
    diff,
    explain,
    fetch,
    history,
    list_models,
    query,
    render,
    score,
    shell,
    status,
    triage,
    verify_sources,
    what_if,
)
from ipbr_rank.cli.options import Commands
from ipbr_rank.run.run_log import LOG

cli = Commands(
    {
        "Look": [
            explain.command,
            compare.command,
            history.command,
            status.command,
            list_models.command,
            query.command,
            shell.command,
        ],
        "Run": [all_.command, fetch.command, score.command, render.command],
        "Try": [what_if.command, diff.command],
        "Maintain": [triage.command, verify_sources.command],
        "Publish": [check_publish.command],
    },
    default="all",
    name="ipbr-rank",
    help="Ranks language models for idea, planning, building and reviewing work.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Stopped(BaseException):
    """A signal asked the process to end; like KeyboardInterrupt this unwinds everything."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = 128 + number


def main() -> None:
    """Runs the command line; ends the process with the exit code of the contract."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    code = run(sys.argv[1:])
    if threading.active_count() > 1:
        # A source that was given up may still hang in a thread; DuckDB, which cannot tidy up then,
        # would complain.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Runs one command line to its end, errors told; its exit code."""
    try:
        return cli(arguments, prog_name="ipbr-rank", standalone_mode=False) or 0
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        told = error.format_message()
        if context and not LOG.is_json:
            told += f"\nsee `{context.command_path} --help`"
        return _failed(told, error.exit_code)
    except Stopped as stopped:
        return _failed("interrupted; nothing was published", stopped.exit_code)
    except IpbrError as error:
        return _failed(printable(str(error)), error.exit_code)
    except BrokenPipeError:
        # The reader of the output has gone, as in `list-models | head -1`; nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _failed(message: str, code: int) -> int:
    if LOG.is_json:
        LOG.event("failed", "error", message=message, exit_code=code)
    else:
        click.echo(f"error: {message}", err=True)
    return code


def _stop(number: int, _frame: object) -> None:
    raise Stopped(number)
