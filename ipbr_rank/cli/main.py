"""`ipbr-rank`: its commands by what they are for, and how a command line ends."""

import errno
import io
import os
import signal
import sys
import threading
from contextlib import suppress

import click

from base.errors import IpbrError
from base.text import printable
from ipbr_rank.cli.commands import (
    all as all_,
)
from ipbr_rank.cli.commands import (
    board,
    check_publish,
    compare,
    diff,
    explain,
    fetch,
    history,
    list_models,
    pick,
    query,
    render,
    score,
    serve,
    shell,
    sources,
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
            board.command,
            pick.command,
            explain.command,
            compare.command,
            history.command,
            sources.command,
            status.command,
            list_models.command,
            query.command,
            shell.command,
            serve.command,
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
    _mend_streams()
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
        code = cli(arguments, prog_name="ipbr-rank", standalone_mode=False) or 0
        # A full disk shows here and not in the midst of the process's end.
        sys.stdout.flush()
        return int(code)
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
    except OSError as error:
        # What is left in the buffer would fail once more at the end of the process.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        place = f" ({error.filename})" if error.filename else ": standard output, most likely"
        return _failed(f"cannot read or write: {error.strerror or error}{place}", 1)


class _Closed(io.TextIOBase):
    """Standard output where the caller has closed it: whoever writes there is told."""

    def write(self, _text: str) -> int:
        raise OSError(errno.EBADF, "standard output is closed")


def _mend_streams() -> None:
    """Characters that the terminal's encoding lacks come escaped; a closed output says so."""
    if sys.stdout is None:
        sys.stdout = _Closed()
    if sys.stderr is None:
        sys.stderr = io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _failed(message: str, code: int) -> int:
    if LOG.is_json:
        LOG.event("failed", "error", message=message, exit_code=code)
    else:
        click.echo(f"error: {message}", err=True)
    return code


def _stop(number: int, _frame: object) -> None:
    raise Stopped(number)
