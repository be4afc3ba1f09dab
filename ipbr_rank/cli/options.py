"""What commands are made of: types of values, the options that several share, and their help.

An option belongs to the commands that read it. Before a command it means the same as after it.
"""

import copy
import csv
import itertools
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from base.editions import EDITIONS
from base.text import is_address
from ipbr_rank import __version__
from ipbr_rank.run.run_log import FORMATS, LOG
from ipbr_rank.run.settings import find_project, own_files, parse_now, parse_site_url, presets

Context = click.Context | None
Parameter = click.Parameter | None

# Types


class AbsolutePath(click.Path):
    """A path relative to the caller's directory, made absolute; links stay as they are."""

    def convert(self, value: Any, param: Parameter, ctx: Context) -> Path:
        """The absolute path."""
        return Path(os.path.abspath(os.fsdecode(super().convert(value, param, ctx))))  # noqa: PTH100


class Named(click.ParamType[str]):
    """The name of a thing; the shell can complete it."""

    def __init__(self, name: str, complete: Callable[[str], Iterable[str]]) -> None:
        self.name = name
        self.complete = complete

    def shell_complete(
        self, _ctx: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """What begins like that."""
        return [CompletionItem(found) for found in self.complete(incomplete)]


class SourceIds(Named):
    """Source ids, separated by commas."""

    def convert(self, value: str, _param: Parameter, _ctx: Context) -> Any:
        """The ids in the order given."""
        return [part.strip() for part in value.split(",") if part.strip()]


class Time(click.ParamType[datetime]):
    """ISO 8601; without a zone it is UTC."""

    name = "time"

    def convert(self, value: str, param: Parameter, ctx: Context) -> datetime:
        """The time in UTC, whole seconds."""
        try:
            return parse_now(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class DayOrTime(Time):
    """ISO 8601; a day alone means its end."""

    def convert(self, value: str, param: Parameter, ctx: Context) -> datetime:
        """The time in UTC, whole seconds."""
        moment = super().convert(value, param, ctx)
        is_day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", value.strip())
        return moment.replace(hour=23, minute=59, second=59) if is_day else moment


class Whole(click.IntRange):
    """A whole number within limits, called so in messages."""

    name = "whole number"


class Number(click.FloatRange):
    """A number within limits, called so in messages."""

    name = "number"


class SiteUrl(click.ParamType[str]):
    """The address under which the site will stand."""

    name = "url"

    def convert(self, value: str, param: Parameter, ctx: Context) -> str:
        """The address, ending in a slash."""
        try:
            return parse_site_url(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class FileOrAddress(click.ParamType[str]):
    """A readable file, made absolute, or an https address."""

    name = "path|url"

    def convert(self, value: str, param: Parameter, ctx: Context) -> str:
        """The absolute path, or the address as it is."""
        if value.startswith("http://"):
            self.fail(
                f"found {value!r}, which could be changed in transit; expected an https address",
                param,
            )
        return value if is_address(value) else str(FILE.convert(value, param, ctx))


def _sources(incomplete: str) -> Iterable[str]:
    """The sources that are fetched, after the last comma."""
    from ingest.registry import load_sources

    before, comma, begun = incomplete.rpartition(",")
    for source in load_sources(find_project()).values():
        if source.cache_file and source.source_id.startswith(begun):
            yield f"{before}{comma}{source.source_id}"


def _models(incomplete: str) -> Iterable[str]:
    """The ranked models by id, with and without vendor."""
    from ipbr_rank.config import read_models

    models = sorted(read_models(own_files(find_project()).aliases))
    names = [*(model.partition("/")[2] for model in models), *models]
    return (name for name in names if name.startswith(incomplete.lower()))


def _roles(incomplete: str) -> Iterable[str]:
    """The roles by name."""
    with (find_project() / "seeds/roles.csv").open(encoding="utf-8", newline="") as file:
        names = [row["display_name"].lower() for row in csv.DictReader(file)]
    return (name for name in names if name.startswith(incomplete.lower()))


def _presets(_incomplete: str) -> Iterable[str]:
    """The named choices of coefficients."""
    return presets(find_project())


def _joined(
    _: click.Context, _parameter: click.Parameter, value: Sequence[list[str]]
) -> list[str] | None:
    """The sources of an option that may be given more than once; None if it was not."""
    return [source_id for given in value for source_id in given] if value else None


# Options

SOURCE_IDS = SourceIds("ids", _sources)
A_MODEL = Named("model", _models)
PATH = AbsolutePath()
FILE = AbsolutePath(exists=True, dir_okay=False, readable=True)


def path_option(*names: str, help: str, **more: Any) -> click.Option:
    """An option that takes a path, which need not exist."""
    return click.Option(names, type=PATH, **{"metavar": "PATH", "help": help, **more})


def file_option(*names: str, help: str) -> click.Option:
    """An option that takes a file that can be read."""
    return click.Option(names, type=FILE, metavar="PATH", help=help)


def flag(*names: str, help: str, **more: Any) -> click.Option:
    """An option without a value."""
    return click.Option(names, is_flag=True, help=help, **more)


def form_of(*forms: str) -> click.Option:
    """The option for what a result is printed as; the first form is the default."""
    return click.Option(
        ["-f", "--format", "form"],
        type=click.Choice(forms),
        default=forms[0],
        help=f"Output format.  [{forms[0]}]",
    )


OUT = path_option(*("-o", "--out"), metavar="DIR", envvar="IPBR_OUT", help="Output folder.  [out]")
CACHE = path_option(
    "--cache", metavar="DIR", envvar="IPBR_CACHE", help="Folder of cached responses.  [cache]"
)
COEFFICIENTS = path_option("--coefficients", help="Use the weights and transforms in this file.")
ALIASES = path_option("--aliases", help="Use the models and aliases in this file.")
OVERRIDES = path_option("--overrides", help="Use the reported values in this file.")
SYNTHESIS = path_option(
    "--synthesis", help="Read from this file between which models values are borrowed."
)
CONFIGURATION = (COEFFICIENTS, ALIASES, OVERRIDES, SYNTHESIS)
PRESET = click.Option(
    ["--preset"],
    type=Named("preset", _presets),
    metavar="NAME",
    help="Use the coefficients of this preset in data/presets.",
)
OFFLINE = flag("--offline", help="Use only the cache, however old it is.")


def _refuse_offline(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        raise click.UsageError(
            f"`{context.info_name}` requests the live sources; leave out --offline"
        )


# Of commands that only make sense online. The original program takes it: help does not offer it,
# and it is refused, since to ignore it would go online against the user's word.
NOT_OFFLINE = flag("--offline", help="", hidden=True, expose_value=False, callback=_refuse_offline)
ONLY = click.Option(
    ["--only"],
    type=SOURCE_IDS,
    multiple=True,
    callback=_joined,
    metavar="A,B",
    help="Use only these sources.",
)
EXCEPT = click.Option(
    ["--except", "excluded"],
    type=SOURCE_IDS,
    multiple=True,
    callback=_joined,
    metavar="A,B",
    help="Use all sources except these.",
)
AA_KEY = file_option(
    "--aa-api-key-file",
    help="File that contains the Artificial Analysis key.  [key in $AA_API_KEY]",
)
OPENROUTER_KEY = file_option(
    "--openrouter-api-key-file",
    help="File that contains the OpenRouter key.  [key in $OPENROUTER_API_KEY]",
)
HF_TOKEN = file_option(
    "--hf-token-file", help="File that contains the Hugging Face token.  [token in $HF_TOKEN]"
)
SECRETS = (AA_KEY, OPENROUTER_KEY, HF_TOKEN)
NOW = click.Option(["--now"], type=Time(), metavar="ISO8601", help="Time of the run.  [now]")

# The original program's own, which its commands take whether they read them or not.
ORIGINAL = (OUT, COEFFICIENTS, ALIASES, CACHE, OFFLINE, ONLY, *SECRETS, NOW)

PREV = file_option("--prev", help="Earlier scoreboard.toml to compare ranks with.")
HISTORY = click.Option(
    ["--history"],
    type=FileOrAddress(),
    metavar="PATH|URL",
    help="Published history.parquet to continue.",
)
KEEP_RAW = click.Option(
    ["--keep-raw"],
    type=Whole(1),
    metavar="N",
    help="Keep the responses of the last N runs, for score --as-of.",
)
ACCEPT_LOSS = flag(
    "--accept-loss", help="Accept a board that has lost over a third of its models or values."
)
SITE_URL = click.Option(
    ["--site-url"],
    type=SiteUrl(),
    metavar="URL",
    envvar="IPBR_SITE_URL",
    help="Public address of the site.  [$IPBR_SITE_URL]",
)
ROLE = click.Option(
    ["-r", "--role"],
    type=Named("role", _roles),
    metavar="ROLE",
    help="Show only this role: i, p, b, r or its full name.",
)
MODEL = click.Option(["--model"], type=A_MODEL, metavar="MODEL", help="Show only this model.")
# What a reader will have of a model: `board` and `pick`.
WANTED = (
    click.Option(
        ["--max-price"],
        type=Number(0),
        metavar="USD",
        help="Maximum price per million tokens.",
    ),
    flag("--open", "only_open", help="Include only models with open weights."),
    click.Option(
        ["--own-evidence"],
        type=Number(0, 100),
        metavar="PCT",
        help="Minimum share of the weight that is measured or claimed.",
    ),
)
ALLOW_FILES = flag("--allow-files", help="Allow the SQL to read and write other files.")


def _set_log_format(arguments: list[str]) -> None:
    """Takes effect before the options are read: a wrong one is logged in this format, too."""
    written = list(itertools.takewhile(lambda argument: argument != "--", arguments))
    for argument, following in itertools.pairwise([*written, ""]):
        name, joined, value = argument.partition("=")
        value = value if joined else following
        if name == "--log-format" and value in FORMATS:
            LOG.form = value


def _show_version(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(f"ipbr-rank {__version__}")
        context.exit()


DATABASE = path_option(
    *("--database",),
    metavar="FILE",
    envvar="IPBR_DATABASE",
    help="DuckDB file.  [data/ipbr.duckdb]",
)
EDITION = click.Option(
    ["--edition"],
    type=click.Choice(EDITIONS),
    metavar="NAME",
    help="Edition: full, or publishable (without restricted sources).",
)
VERSION = click.Option(
    ["--version"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version.",
)
# Those of every command.
GLOBAL = (
    DATABASE,
    EDITION,
    click.Option(
        ["--log-format"],
        type=click.Choice(FORMATS),
        metavar="FORMAT",
        expose_value=False,
        help="Format of progress and errors: text or json.",
    ),
    click.Option(["-q", "--quiet", "verbosity"], flag_value="quiet", help="Show errors only."),
    click.Option(
        ["-v", "--verbose", "verbosity"], flag_value="verbose", help="Also show dbt's log."
    ),
    VERSION,
)


# Commands


class Command(click.Command):
    """A command with its own options, those that all have, and an example of its use."""

    def __init__(self, *args: Any, example: str, is_original: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.example = example
        if is_original:
            taken = {parameter.name for parameter in self.params}
            self.params += [_without_meaning(one) for one in ORIGINAL if one.name not in taken]
        self.params += GLOBAL

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Reads the options; the error for a wrong one names the commands that have it."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            having = _commands_with(ctx.find_root().command, error.option_name)
            if not having:
                raise
            raise click.UsageError(
                f"`{self.name}` does not take {error.option_name}; these commands do: "
                f"{', '.join(having)}",
                ctx,
            ) from error
        except click.BadParameter as error:
            # Else it would be said of an option that nobody has typed.
            if error.param and error.param.name and error.param.envvar:
                source = ctx.get_parameter_source(error.param.name)
                if source is ParameterSource.ENVIRONMENT:
                    error.param_hint = f"${error.param.envvar}"
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's own options; of those that all have, the names."""
        own = [parameter for parameter in self.params if parameter not in GLOBAL]
        records = [record for one in own if (record := one.get_help_record(ctx))]
        if records:
            with formatter.section("Options"):
                formatter.write_dl(records)
        with formatter.section("Example"):
            formatter.write_text(self.example)
        names = ", ".join(one.opts[-1] for one in GLOBAL if one is not VERSION)
        formatter.write_paragraph()
        formatter.write_text(f"Every command takes {names}: see `ipbr-rank --help`.")


class Commands(click.Group):
    """All commands, by what they are for. Without one of them it is `all`."""

    def __init__(self, sections: Mapping[str, Sequence[Command]], default: str, **more: Any):
        super().__init__(params=[VERSION], **more)
        self.sections = sections
        self.default = default
        for command in (command for section in sections.values() for command in section):
            self.add_command(command)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Hands options that stand before the command to it, in front of its own."""
        _set_log_format(args)
        parser = self.make_parser(ctx)
        for command in self.commands.values():
            for parameter in command.params:
                if isinstance(parameter, click.Option) and parameter is not VERSION:
                    parameter.add_to_parser(parser, ctx)
        given, rest, _ = parser.parse_args(list(args))
        for eager in ("help", "version"):
            if given.get(eager):
                return super().parse_args(ctx, [f"--{eager}"])
        before = args[: len(args) - len(rest)]
        if rest[:1] == ["help"]:
            return super().parse_args(ctx, [*rest[1:2], "--help"])
        if not rest and not ctx.resilient_parsing:
            rest = [self.default]
            if not args:
                click.echo(
                    f"running `{self.default}`; `ipbr-rank --help` lists all commands", err=True
                )
        return super().parse_args(ctx, [*rest[:1], *before, *rest[1:]])

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """The sections, each with the example of its first command."""
        width = max(map(len, self.commands))
        formatter.write_paragraph()
        for title, commands in self.sections.items():
            formatter.write(f"{title:<{width + 4}}{commands[0].example}\n")
            for command in commands:
                formatter.write(f"  {command.name:<{width + 2}}{command.get_short_help_str(200)}\n")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options of all commands, after the commands."""
        self.format_commands(ctx, formatter)
        with formatter.section("Options of every command"):
            formatter.write_dl(
                [record for one in GLOBAL if (record := one.get_help_record(ctx))], col_spacing=2
            )


def command(
    name: str,
    *params: click.Parameter,
    example: str,
    is_original: bool = False,
    cls: type[Command] = Command,
) -> Callable[[Callable[..., Any]], Command]:
    """Makes a function a command. Its summary is the first line of the docstring.

    `is_original` are the commands of the original program; see ORIGINAL.
    """
    return click.command(
        name, cls=cls, params=list(params), example=example, is_original=is_original
    )


def _without_meaning(option: click.Option) -> click.Option:
    """The option as a command has it that does not read it: one line says so."""

    def say(context: click.Context, parameter: click.Parameter, value: object) -> None:
        source = context.get_parameter_source(parameter.name or "")
        if source is ParameterSource.COMMANDLINE and value is not None:
            click.echo(f"{parameter.opts[-1]} has no effect on `{context.info_name}`", err=True)

    ignored = copy.copy(option)
    ignored.hidden, ignored.expose_value, ignored.callback = True, False, say
    ignored.envvar = None
    return ignored


def _commands_with(group: click.Command, option: str) -> list[str]:
    """The commands that read an option."""
    commands = group.commands if isinstance(group, click.Group) else {}
    return [
        name
        for name, one in commands.items()
        if any(
            option in parameter.opts and parameter.expose_value
            for parameter in one.params
            if isinstance(parameter, click.Option)
        )
    ]
