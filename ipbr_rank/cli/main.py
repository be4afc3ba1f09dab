"""`ipbr-rank`: options, commands and exit codes. What a command does is imported when it runs."""

import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from base.errors import IpbrError
from base.text import printable
from ipbr_rank import __version__
from ipbr_rank.run.editions import CONSENTS, EDITIONS, FULL
from ipbr_rank.run.run_log import FORMATS, LOG
from ipbr_rank.run.settings import (
    DATABASES,
    EXPERIMENT,
    Settings,
    find_project,
    make_settings,
    parse_now,
    parse_site_url,
)

# Exit code of check-publish, beside those of the errors.
NOTHING_NEW = 4


class Stopped(BaseException):
    """A signal asked the process to end; like KeyboardInterrupt this unwinds everything."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = 128 + number


class AbsolutePath(click.Path):
    """A path relative to the caller's directory, made absolute; links stay as they are."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Path:
        """The absolute path."""
        return Path(os.path.abspath(super().convert(value, param, ctx)))  # noqa: PTH100


class SourceIds(click.ParamType):
    """Source ids, separated by commas."""

    name = "ids"

    def convert(self, value: Any, param: Any, ctx: Any) -> list[str]:
        """The ids in the order given."""
        return [part.strip() for part in value.split(",") if part.strip()]


class Time(click.ParamType):
    """ISO 8601; without a zone it is UTC."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """The time in UTC, whole seconds."""
        try:
            return parse_now(value)
        except ValueError as error:
            return self.fail(str(error), param, ctx)


class DayOrTime(Time):
    """ISO 8601; a day alone means its end."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """The time in UTC, whole seconds."""
        is_day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", value.strip())
        return super().convert(f"{value.strip()}T23:59:59Z" if is_day else value, param, ctx)


class SiteUrl(click.ParamType):
    """The address under which the site will stand."""

    name = "url"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """The address, ending in a slash."""
        try:
            return parse_site_url(value)
        except ValueError as error:
            return self.fail(str(error), param, ctx)


class FileOrAddress(click.ParamType):
    """A readable file, made absolute, or an https address."""

    name = "path|url"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """The absolute path, or the address as it is."""
        # It brings DuckDB along, which no other option needs.
        from ingest.landing.past_boards import is_address

        return value if is_address(value) else str(FILE.convert(value, param, ctx))


def keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keeps an option that was given, over one given earlier and over the environment."""
    assert parameter.name
    given = context.find_root().ensure_object(dict)
    source = context.get_parameter_source(parameter.name)
    if source is ParameterSource.COMMANDLINE:
        given[parameter.name] = value
    elif source is ParameterSource.ENVIRONMENT:
        given.setdefault(parameter.name, value)


def set_log_format(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    """Takes effect at once: what goes wrong from here on is logged in this format."""
    if value is not None:
        LOG.form = value


def common(*names: str, **options: Any) -> Callable[..., Any]:
    """An option that every command knows and that may also stand before the command."""
    return click.option(*names, callback=keep, expose_value=False, **options)


PATH = AbsolutePath()
FILE = AbsolutePath(exists=True, dir_okay=False, readable=True)
COMMON = [
    common("--out", type=PATH, metavar="DIR", help="Folder for the results.  [out]"),
    common("--cache", type=PATH, metavar="DIR", help="Folder of cached responses.  [cache]"),
    common("--database", type=PATH, metavar="FILE", help="DuckDB file.  [data/ipbr.duckdb]"),
    common("--coefficients", type=PATH, metavar="PATH", help="Weights, thresholds, transforms."),
    common("--aliases", type=PATH, metavar="PATH", help="Ranked models and their names."),
    common("--overrides", type=PATH, metavar="PATH", help="Reported figures with citations."),
    common("--synthesis", type=PATH, metavar="PATH", help="Which model stands in for which."),
    common("--offline", is_flag=True, help="Use the cache only, whatever its age."),
    common("--only", type=SourceIds(), metavar="A,B", help="Only these sources."),
    common("--aa-api-key-file", type=FILE, metavar="PATH", help="Artificial Analysis key."),
    common("--openrouter-api-key-file", type=FILE, metavar="PATH", help="OpenRouter key."),
    common("--hf-token-file", type=FILE, metavar="PATH", help="Hugging Face token."),
    common("--now", type=Time(), metavar="ISO8601", help="Time of the run.  [the clock's]"),
    common("--prev", type=FILE, metavar="PATH", help="Earlier scoreboard.toml, for rank changes."),
    common(
        "--history",
        type=FileOrAddress(),
        metavar="PATH|URL",
        help="Published history.parquet, to go on with it.",
    ),
    common(
        "--keep-raw",
        type=click.IntRange(1),
        metavar="N",
        help="Keep the responses of the last N runs in the cache, for score --as-of.",
    ),
    common(
        "--site-url",
        type=SiteUrl(),
        metavar="URL",
        envvar="IPBR_SITE_URL",
        help="Where the site will stand, for sitemap, feed and cards.  [$IPBR_SITE_URL]",
    ),
    common(
        "--edition",
        type=click.Choice(EDITIONS),
        help=f"Publishable leaves out what may not be passed on, but for ${CONSENTS}.  [full]",
    ),
    click.option(
        "--log-format",
        type=click.Choice(FORMATS),
        callback=set_log_format,
        expose_value=False,
        help="How progress and errors are told on standard error.  [text]",
    ),
    common("--quiet", "verbosity", flag_value="quiet", help="Say nothing but errors."),
    common("--verbose", "verbosity", flag_value="verbose", help="Show dbt's log as well."),
    click.version_option(__version__, message="ipbr-rank %(version)s"),
]


def with_common_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the common options to a command, in the order of the list."""
    for option in reversed(COMMON):
        command = option(command)
    return command


def form_of(*forms: str) -> Callable[..., Any]:
    """The option for what a result is printed as; the first form is the default."""
    return click.option(
        "--format", "form", type=click.Choice(forms), default=forms[0], show_default=True
    )


ALLOW_FILES = click.option(
    "--allow-files",
    "may_use_files",
    is_flag=True,
    help="SQL may also read and write other files; the database itself stays read-only.",
)


@click.group(invoke_without_command=True, context_settings={"max_content_width": 100})
@with_common_options
@click.pass_context
def cli(context: click.Context) -> None:
    """Ranks language models for idea, planning, building and reviewing work.

    Without a command it does all. Options stand before or after the command.
    """
    context.ensure_object(dict)
    if context.invoked_subcommand is None:
        context.invoke(all_)


@cli.command()
@with_common_options
@click.pass_obj
def fetch(given: dict[str, Any]) -> None:
    """Download every source into the cache."""
    from ipbr_rank.run import fetching

    fetching.fetch(*settings_of(given))


@cli.command()
@with_common_options
@click.option(
    "--as-of",
    type=DayOrTime(),
    metavar="DATE",
    help="The responses kept then (--keep-raw), scored anew; a day alone means its end.",
)
@click.pass_obj
def score(given: dict[str, Any], as_of: Any) -> None:
    """Land the cache, run dbt, write the three TOML files."""
    from ipbr_rank.run import pipeline

    if as_of and not {"out", "database"} <= given.keys():
        raise click.UsageError(
            "--as-of makes a board beside the published one: name its --out and --database"
        )
    pipeline.score(*settings_of(given), with_site=False, as_of=as_of)


@cli.command()
@with_common_options
@click.option(
    "--scoreboard", type=FILE, metavar="FILE", help="Render this scoreboard.toml, no database."
)
@click.pass_obj
def render(given: dict[str, Any], scoreboard: Path | None) -> None:
    """Write the site from the built database."""
    from ipbr_rank.run import pipeline

    tell_without_meaning(given, () if scoreboard else ("coefficients",))
    tell_without_meaning(given, ("aliases", "overrides", "synthesis", "only"))
    pipeline.render(
        *settings_of(given), scoreboard, given.get("coefficients"), given.get("edition")
    )


@cli.command("all")
@with_common_options
@common(
    "--rest-from-cache",
    is_flag=True,
    help="With --only: the board is no experiment if the cache holds every other source.",
)
@click.pass_obj
def all_(given: dict[str, Any]) -> None:
    """Fetch, score and render (the default)."""
    from ipbr_rank.run import pipeline

    if "rest_from_cache" in given and "only" not in given:
        raise click.UsageError("--rest-from-cache says what --only leaves out: give both")
    pipeline.score(*settings_of(given), with_site=True)


@cli.command("verify-sources")
@with_common_options
@click.pass_obj
def verify_sources(given: dict[str, Any]) -> None:
    """Check every source against its live endpoint."""
    from ipbr_rank.analysis import verify_sources as verifying

    verifying.verify(*settings_of(given))


@cli.command("list-models")
@with_common_options
@form_of("table", "json", "csv")
@click.pass_obj
def list_models(given: dict[str, Any], form: str) -> None:
    """Show canonical ids and vendors."""
    from base.tables import WRITERS
    from ipbr_rank.config import read_models

    models = read_models(given.get("aliases") or find_project() / "data/required_aliases.toml")
    rows = [(canonical_id, models[canonical_id]["vendor"]) for canonical_id in sorted(models)]
    WRITERS[form](["canonical_id", "vendor"], rows, sys.stdout)


@cli.command()
@with_common_options
@form_of("table", "json")
@click.pass_obj
def status(given: dict[str, Any], form: str) -> int:
    """Show the last run, its sources, their ages, and what is due next.

    Exit code 1 if a source is stale or failed.
    """
    from ipbr_rank.analysis import status as module

    require_no_conditions(given)
    settings = make_settings(given)
    return module.status(settings.database, settings.cache, settings.now, form)


@cli.command("check-publish")
@with_common_options
@click.option("--published", metavar="PATH|URL", help="The published site: its folder or address.")
@click.option("--first", "is_first", is_flag=True, help="There is no published site yet.")
@click.option(
    "--max-stale",
    type=click.IntRange(0),
    metavar="N",
    help="So many sources may be stale or failed.  [5]",
)
@click.option("--force", "is_forced", is_flag=True, help="Only tell what is wrong.")
@click.pass_obj
def check_publish(
    given: dict[str, Any],
    published: str | None,
    is_first: bool,
    max_stale: int | None,
    is_forced: bool,
) -> int:
    """Check that the board in --out may take the place of the published one.

    Exit code 4 if it says the same as one published in the last six hours.
    """
    from ingest.fetch.run import transport_settings
    from ipbr_rank.analysis import publish_check as guard
    from ipbr_rank.run.fetching import USER_AGENT

    require_no_conditions(given)
    settings = make_settings(given)
    is_new = guard.check_publish(
        settings.out,
        settings.edition,
        published,
        transport_settings(USER_AGENT, os.environ),
        database=settings.database,
        stale_allowed=guard.STALE_ALLOWED if max_stale is None else max_stale,
        is_first=is_first,
        is_forced=is_forced,
    )
    return 0 if is_new else NOTHING_NEW


@cli.command()
@with_common_options
@form_of("table", "json", "toml")
@click.option(
    "--min-count", type=click.IntRange(1), default=1, metavar="N", help="Only names with N figures."
)
@click.option(
    "--fail-on-new",
    type=FILE,
    metavar="BASELINE",
    help="Exit code 1 if a name is not in this earlier JSON report.",
)
@click.pass_obj
def triage(given: dict[str, Any], form: str, min_count: int, fail_on_new: Path | None) -> None:
    """List unmatched names with suggestions, new models, gaps and stale entries."""
    from ipbr_rank.analysis.triage import triage as run_triage

    tell_without_meaning(given, CONDITIONS)
    run_triage(database_of(given), form, min_count=min_count, baseline=fail_on_new)


@cli.command()
@with_common_options
@form_of("table", "json", "csv")
@click.option(
    "--at",
    type=DayOrTime(),
    metavar="DATE",
    help="The board as it stood then; a day alone means its end.",
)
@click.argument("model", metavar="[MODEL]", required=False)
@click.pass_obj
def history(given: dict[str, Any], form: str, at: Any, model: str | None) -> None:
    """Show how a model moved, a board as published, or all boards."""
    from ipbr_rank.analysis.board_history import history as run_history

    require_no_conditions(given)
    run_history(database_of(given), model, at, form)


@cli.command()
@with_common_options
@form_of("table", "json", "csv")
@ALLOW_FILES
@click.argument("sql", metavar="SQL")
@click.pass_obj
def query(given: dict[str, Any], sql: str, form: str, may_use_files: bool) -> None:
    """Run SQL on the built database, read-only; with - the SQL is read from standard input."""
    from ipbr_rank.analysis.query import query as run_query

    require_no_conditions(given)
    run_query(database_of(given), sql, form, may_use_files=may_use_files)


ROLE = click.option("--role", metavar="ROLE", help="Only this role: i, p, b, r or its name.")


@cli.command()
@with_common_options
@form_of("table", "json", "csv")
@ROLE
@click.argument("model", metavar="MODEL")
@click.pass_obj
def explain(given: dict[str, Any], model: str, role: str | None, form: str) -> None:
    """Show what the scores of a model are made of, down to single figures."""
    from ipbr_rank.analysis.explain import explain as run_explain

    require_no_conditions(given)
    run_explain(database_of(given), model, role, form)


@cli.command()
@with_common_options
@form_of("table", "json", "csv")
@ROLE
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.pass_obj
def compare(given: dict[str, Any], first: str, second: str, role: str | None, form: str) -> None:
    """Show which figures make the gap between two models."""
    from ipbr_rank.analysis.explain import compare as run_compare

    require_no_conditions(given)
    run_compare(database_of(given), first, second, role, form)


@cli.command()
@with_common_options
@form_of("text", "json", "csv")
@ROLE
@click.option("--model", metavar="MODEL", help="Only this model, by key or name.")
@click.option(
    "--prev-coefficients",
    type=FILE,
    metavar="PATH",
    help="Its coefficients.  [coefficients.toml beside --prev]",
)
@click.pass_obj
def diff(
    given: dict[str, Any],
    model: str | None,
    role: str | None,
    prev_coefficients: Path | None,
    form: str,
) -> None:
    """Show why each rank moved since an earlier board (--prev)."""
    from ipbr_rank.analysis.rank_changes.report import diff as run_diff

    require_no_conditions(given)
    if "prev" not in given:
        raise click.UsageError("name the earlier board: --prev scoreboard.toml")
    run_diff(
        find_project(), database_of(given), given["prev"], prev_coefficients, model, role, form
    )


@cli.command("what-if")
@with_common_options
@form_of("text", "json", "csv")
@ROLE
@click.option("--model", metavar="MODEL", help="Only this model, by key or name.")
@click.pass_obj
def what_if(given: dict[str, Any], model: str | None, role: str | None, form: str) -> None:
    """Show what other coefficients or names would change."""
    from ipbr_rank.analysis.what_if import what_if as run_what_if

    files = make_settings(given).files
    run_what_if(find_project(), database_of(given), files, model, role, form)


@cli.command()
@with_common_options
@ALLOW_FILES
@click.pass_obj
def shell(given: dict[str, Any], may_use_files: bool) -> None:
    """Open DuckDB's own prompt on the built database, read-only."""
    from ipbr_rank.analysis.query import shell as run_shell

    require_no_conditions(given)
    run_shell(database_of(given), may_use_files=may_use_files)


# Under other conditions than the project's own there is another board (ipbr_rank.run.experiment).
CONDITIONS = ("coefficients", "aliases", "overrides", "synthesis", "only")


def require_no_conditions(given: dict[str, Any]) -> None:
    """UsageError for a question under a condition to a command that shows the built board: the
    answer would come without it."""
    names = [f"--{name}" for name in CONDITIONS if name in given]
    if names:
        raise click.UsageError(
            f"{' and '.join(names)}: this command shows a board as it was built; build another "
            f"with `ipbr-rank score {names[0]} …`, and name its database: --database "
            f"data/{EXPERIMENT}"
        )


def tell_without_meaning(given: dict[str, Any], names: Sequence[str]) -> None:
    """One line for each option that changes nothing here."""
    for name in names:
        if name in given:
            click.echo(f"--{name} means nothing here: the board is shown as it was built", err=True)


def database_of(given: dict[str, Any]) -> Path:
    """The database to read: for commands that need no other setting."""
    edition = given.get("edition", FULL)
    return given.get("database") or find_project() / "data" / DATABASES[edition]


def settings_of(given: dict[str, Any]) -> tuple[Settings, str]:
    """The settings of the run and how much it says."""
    return make_settings(given), given.get("verbosity", "normal")


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
        if LOG.is_json:
            _log_failure(error.format_message(), error.exit_code)
        else:
            error.show()
        return error.exit_code
    except Stopped as stopped:
        if LOG.is_json:
            _log_failure("interrupted; nothing was published", stopped.exit_code)
        else:
            click.echo("interrupted; nothing was published", err=True)
        return stopped.exit_code
    except IpbrError as error:
        if LOG.is_json:
            _log_failure(printable(str(error)), error.exit_code)
        else:
            click.echo(f"error: {printable(str(error))}", err=True)
        return error.exit_code
    except BrokenPipeError:
        # The reader of the output has gone, as in `list-models | head -1`; nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _log_failure(message: str, code: int) -> None:
    LOG.event("failed", "error", message=message, exit_code=code)


def _stop(number: int, frame: object) -> None:
    raise Stopped(number)
