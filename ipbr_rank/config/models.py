"""The four configuration files as types. A description is what messages and editors expect."""

import datetime
import math
from contextlib import suppress
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ipbr_rank.config.rules import CANONICAL_ID, METRIC_ID

SUM_TOLERANCE = 1e-9


def _day(value: Any) -> Any:
    """The date that a text such as 2026-04-23 is."""
    with suppress(TypeError, ValueError):
        day = datetime.date.fromisoformat(value)
        return day if day.isoformat() == value else value
    return value


def _not_negative(weight: float) -> float:
    if weight < 0:
        raise ValueError(f"found {weight:g}; a weight cannot be negative")
    return weight


def _sum_to_one(weights: dict[str, float]) -> dict[str, float]:
    total = math.fsum(weights.values())
    if abs(total - 1) > SUM_TOLERANCE:
        raise ValueError(f"the weights sum to {total:.12g}; they must sum to 1")
    return weights


def _tables_of(what: str, names: str | None = None) -> Any:
    """A field of tables by name; rules.py says which of them there must be."""
    pattern: Any = {"propertyNames": {"pattern": f"^({names})$"}} if names else None
    return Field({}, description=f"one table per {what}", json_schema_extra=pattern)


Text = Annotated[str, Field(pattern=r"\S", description="a non-empty string")]
Note = Annotated[str, Field(pattern=r"\S", description="a string that cites the publication")]
Url = Annotated[str, Field(pattern="^https?://", description="https://…")]
Texts = Annotated[list[Text], Field(description="a list of strings")]
SomeTexts = Annotated[list[Text], Field(min_length=1, description="a list of strings")]
Date = Annotated[
    datetime.date, BeforeValidator(_day), Field(description="a date such as 2026-04-23")
]
# As macros/stamps.sql has them: files are checked before any SQL runs.
MONTH = "0[1-9]|1[0-2]"
DAY = "0[1-9]|[12][0-9]|3[01]"
# As names carry them: 20260813, 2026-08-13, 260813, 0813.
STAMP = rf"^(20[0-9]{{2}}-?|2[0-9])?({MONTH})-?({DAY})$"
Stamp = Annotated[
    str,
    Field(
        pattern=STAMP,
        description="a date as written in names, such as 20260423, 260423 or 0423",
    ),
]
Stamps = Annotated[list[Stamp], Field(description="a list of strings")]
Flag = Annotated[bool, Field(description="true or false")]
Number = Annotated[float, Field(description="a finite number")]
Share = Annotated[float, Field(ge=0, le=1, description="a number from 0 to 1")]
# The trust curve divides by its width.
Width = Annotated[float, Field(gt=0, le=1, description="a number above 0 and up to 1")]
Weight = Annotated[
    float,
    AfterValidator(_not_negative),
    Field(description="a number between 0 and 1", json_schema_extra={"minimum": 0}),
]
Weights = Annotated[dict[str, Weight], AfterValidator(_sum_to_one), Field(description="a table")]


class Table(BaseModel):
    """A table of a file."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Metric(Table):
    """How the figures of a metric become scores, and in which groups it may have a weight."""

    higher_better: Flag
    log_scale: Flag
    groups: Texts
    transform: Literal["percentile", "tail_penalty", "as_score"]


class Caps(Table):
    """How much of a score may be borrowed, over all and from one source."""

    per_model_cap: Share
    per_source_cap: Share


class Aggregation(Table):
    """The share of a score's weights from which it is trusted in full, and how gradually."""

    trust_threshold: Share
    trust_transition_width: Width


class Penalties(Table):
    """By how much a borrowed and a reported figure count less."""

    synthesis: Share
    override_reported: Share


class Coefficients(Table):
    """Every number of the methodology. Weights of each group, composite and role sum to 1."""

    group_weights: dict[str, Weights] = _tables_of("group")
    composite_metrics: dict[str, Weights] = _tables_of("composite", METRIC_ID.pattern)
    final_score_weights: dict[str, Weights] = _tables_of("role")
    synthesis: Caps
    aggregation: Aggregation
    penalties: Penalties
    metrics: dict[str, Metric] = _tables_of("metric", METRIC_ID.pattern)


class Model(Table):
    """A ranked model, and every name under which a source lists it."""

    vendor: Text
    aliases: Texts
    display_name: Text | None = None
    release_date: Date | None = None
    open_weights: Flag | None = None
    stamps: Stamps | None = None
    source_aliases: dict[str, SomeTexts] | None = None


class Aliases(Table):
    """The models that are ranked."""

    models: dict[str, Model] = _tables_of("model", CANONICAL_ID.pattern)


class Entry(Table):
    """A figure as the model's vendor reports it, and where."""

    canonical_id: Text
    metric: Text
    value: Number
    note: Note
    url: Url | None = None
    date: Date | None = None


class Overrides(Table):
    """Reported figures, used where no source has its own."""

    entries: list[Entry] = []


class Pair(Table):
    """A model whose figures may stand in where another has none."""

    target: Text
    donor: Text = Field(alias="from")
    category: Literal["conservative", "same_series_forward"]
    sources: SomeTexts | None = None


class Synthesis(Table):
    """Which model may stand in for which. A from B beside B from A is legitimate."""

    pair: list[Pair] = []


FILES: dict[str, type[Table]] = {
    "coefficients": Coefficients,
    "aliases": Aliases,
    "overrides": Overrides,
    "synthesis": Synthesis,
}
