"""`pick`: which model to take for a need and a budget."""

import sys
from typing import Unpack

import click

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Place, database_of


class Mix(click.ParamType[dict[str, float]]):
    """Weights by role, as in building=60,planning=40."""

    name = "mix"

    def convert(
        self, value: str, param: options.Parameter, ctx: options.Context
    ) -> dict[str, float]:
        """The weights by the names that were given."""
        mix: dict[str, float] = {}
        for part in value.split(","):
            role, _, weight = part.partition("=")
            try:
                mix[role.strip()] = float(weight)
            except ValueError:
                self.fail(
                    f"expected weights such as building=60,planning=40, found {part!r}", param, ctx
                )
        if not all(0 <= weight < float("inf") for weight in mix.values()) or not any(mix.values()):
            self.fail("expected weights of 0 or more, at least one above 0", param, ctx)
        return mix


@options.command(
    "pick",
    options.ROLE,
    click.Option(
        ["--mix"], type=Mix(), metavar="ROLE=N,…", help="Combine several roles with these weights."
    ),
    *options.WANTED,
    options.form_of("table", "json", "csv"),
    example="ipbr-rank pick --role building --max-price 2",
)
def command(
    role: str | None,
    mix: dict[str, float] | None,
    form: str,
    max_price: float | None,
    only_open: bool,
    own_evidence: float | None,
    **place: Unpack[Place],
) -> None:
    """Recommend models: the best, the best value, the best open one."""
    from base.output import WRITERS
    from ipbr_rank.analysis.leaderboard import Wanted, pick
    from ipbr_rank.cli.drawn import digits

    share = None if own_evidence is None else own_evidence / 100
    header, rows = pick(database_of(place), role, mix or {}, Wanted(max_price, only_open, share))
    if form != "table":
        WRITERS[form](header, rows, sys.stdout)
        return
    for row in (dict(zip(header, values, strict=True)) for values in rows):
        if row["model"] is None:
            click.echo(f"{row['pick']:<12}{row['reason']}")
            continue
        price = "price unknown" if row["price_usd"] is None else f"${digits(row['price_usd'], 2)}"
        click.echo(f"{row['pick']:<12}{row['name']:<28}{digits(row['score'], 1):>6}  {price}")
        click.echo(f"{'':<12}{row['reason']}")
