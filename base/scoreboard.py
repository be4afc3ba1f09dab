"""scoreboard.toml as types: they write it, read it, check it, and give its JSON Schema.

A class is a table of the file, a field a key; docs/output-schema.md says what they mean. What is
None has no key. `Scoreboard` is the whole file, from 1.1 on; `Compared` is what a later run
compares itself with, which files of 1.0 have too.
"""

import tomllib
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self, TypeVar, get_args

import tomli_w
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from base.editions import FULL
from base.times import moment_text

SCHEMA_VERSION = "1.4.0"
ROLES = ("i", "p", "b", "r")
# The file calls the score of a role otherwise than its rank.
# What evidence and places are told of: the roles, and the mean of all four.
BALANCED = "balanced"
ROLE_VIEWS = (*ROLES, BALANCED)
SCORE_KEYS = {"i": "i_raw", "p": "p_raw", "b": "b_raw", "r": "r"}
UNFIT = ("stale", "failed")

LONGEST_SHOWN = 80


class NotAScoreboardError(ValueError):
    """A text is no scoreboard.toml: what stands in it is not what was expected.

    `expected` is None where it cannot be read as TOML at all. `told` goes on after `expected a`.
    """

    def __init__(self, expected: str | None, found: str) -> None:
        self.expected = expected
        self.found = found
        what = "" if expected is None else f" with {expected}"
        self.told = f"scoreboard.toml{what}, found {found}"
        super().__init__(f"expected a {self.told}")


class PlainFloat(float):
    """A float that is written without an exponent, as `0.00005` and not as `5e-05`."""

    def __str__(self) -> str:
        text = repr(float(self))
        return text if "e" not in text else f"{float(self):.6f}".rstrip("0")


def six_decimals(value: float) -> float:
    """Half to even, and never `-0.0`."""
    return PlainFloat(round(float(value), 6) + 0.0)


def _moment(value: object) -> datetime:
    """A time of the file: text or TOML's own; without a zone it is UTC."""
    try:
        time = value if isinstance(value, datetime) else datetime.fromisoformat(value)  # type: ignore[arg-type]
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise PydanticCustomError("moment", "an ISO 8601 time") from error


def _each_once(models: list[Any]) -> list[Any]:
    for canonical_id, count in Counter(model.canonical_id for model in models).items():
        if count > 1:
            raise PydanticCustomError("twice", "every model once", {"found": canonical_id})
    return models


# The type would be serialised as a plain float again.
PLAIN = PlainSerializer(PlainFloat, return_type=Any)
Version = Annotated[str, Field(pattern=r"^1\.")]
Moment = Annotated[datetime, BeforeValidator(_moment), PlainSerializer(moment_text)]
Score = Annotated[float, Field(ge=0, le=100), PLAIN]
Share = Annotated[float, Field(ge=0, le=1), PLAIN]
Rank = Annotated[int, Field(ge=1, lt=2**31)]
Count = Annotated[int, Field(ge=0, lt=2**63)]
Status = Literal["verified", "stale", "skipped", "failed", "withheld"]
EvidenceClass = Literal["direct", "reported", "synthesised"]
RoleStatus = Literal["ranked", "provisional"]
# How much of its own evidence was left of a model in a back-test, as a share.
Band = Literal["< 0.2", "0.2-0.4", "0.4-0.6", "0.6-0.8", ">= 0.8"]
BANDS: tuple[str, ...] = get_args(Band)


class _Table(BaseModel):
    # A key of a later 1.x is kept, and makes two boards differ.
    model_config = ConfigDict(
        strict=True, frozen=True, extra="allow", allow_inf_nan=False, validate_by_name=True
    )


class SourceEntry(_Table):
    """[sources.<id>]"""

    status: Status
    n_rows_ingested: Count | None = None
    n_rows_matched: Count | None = None
    n_rows_ignored: Count | None = None
    n_rows_unmatched: Count | None = None
    fetched_at: Moment | None = None
    content_changed_at: Moment | None = None
    sha256: str | None = None
    licence: str | None = None
    redistribution: str | None = None
    attribution: str | None = None
    scale_version: str | None = None


class Scores(_Table):
    """[models.scores]"""

    i_raw: Score
    p_raw: Score
    b_raw: Score
    r: Score
    i_adj: Score
    p_adj: Score
    b_adj: Score


class Ranks(_Table):
    """[models.ranks] over all models, and where there are [models.intervals] their spread and tier.

    Provisional models are counted; use the places of [models.roles].
    """

    i: Rank
    p: Rank
    b: Rank
    r: Rank
    b_best_rank: Rank | None = None
    b_worst_rank: Rank | None = None
    b_tier: Rank | None = None
    i_best_rank: Rank | None = None
    i_worst_rank: Rank | None = None
    i_tier: Rank | None = None
    p_best_rank: Rank | None = None
    p_worst_rank: Rank | None = None
    p_tier: Rank | None = None
    r_best_rank: Rank | None = None
    r_worst_rank: Rank | None = None
    r_tier: Rank | None = None


class Intervals(_Table):
    """[models.intervals]: a role without a single figure of the model has none."""

    b_p05_score: Score | None = None
    b_p50_score: Score | None = None
    b_p95_score: Score | None = None
    b_p05_rank: Rank | None = None
    b_p95_rank: Rank | None = None
    b_best_share: Share | None = None
    b_top_three_share: Share | None = None
    i_p05_score: Score | None = None
    i_p50_score: Score | None = None
    i_p95_score: Score | None = None
    i_p05_rank: Rank | None = None
    i_p95_rank: Rank | None = None
    i_best_share: Share | None = None
    i_top_three_share: Share | None = None
    p_p05_score: Score | None = None
    p_p50_score: Score | None = None
    p_p95_score: Score | None = None
    p_p05_rank: Rank | None = None
    p_p95_rank: Rank | None = None
    p_best_share: Share | None = None
    p_top_three_share: Share | None = None
    r_p05_score: Score | None = None
    r_p50_score: Score | None = None
    r_p95_score: Score | None = None
    r_p05_rank: Rank | None = None
    r_p95_rank: Rank | None = None
    r_best_share: Share | None = None
    r_top_three_share: Share | None = None


class Evidence(_Table):
    """[models.evidence.<metric>]; of a composite the class alone, as it has no source of its own"""

    evidence_class: EvidenceClass = Field(alias="class")
    source: str | None = None
    name: str | None = None
    effort: str | None = None
    note: str | None = None
    donor: str | None = None
    category: str | None = None
    hops: Rank | None = None

    @property
    def is_synthesised(self) -> bool:
        """Whether another model lent the figure."""
        return self.evidence_class == "synthesised"

    @model_validator(mode="after")
    def _tell_who_lent(self) -> Self:
        if self.is_synthesised and self.source is not None:
            for key in ("donor", "category", "hops"):
                if getattr(self, key) is None:
                    raise _absent(key)
        return self


class RoleEntry(_Table):
    """[models.roles.<role>]: what a score stands on; a provisional model has no place."""

    status: RoleStatus
    place: Rank | None = None
    place_p05: Rank | None = None
    place_p95: Rank | None = None
    tier: Rank | None = None
    own_share: Share
    direct_share: Share
    reported_share: Share
    synthesised_share: Share
    missing_share: Share
    expected: Score | None = None
    expected_p05: Score | None = None
    expected_p95: Score | None = None

    @model_validator(mode="after")
    def _placed_if_ranked(self) -> Self:
        """Who is ranked has a place, and nobody else has one."""
        if self.status == "ranked" and self.place is None:
            raise _absent("place")
        if self.status == "provisional":
            for key in ("place", "place_p05", "place_p95", "tier"):
                if getattr(self, key) is not None:
                    raise PydanticCustomError(
                        "placed", "no {key} where the status is provisional", {"key": key}
                    )
        if self.expected is not None:
            for key in ("expected_p05", "expected_p95"):
                if getattr(self, key) is None:
                    raise _absent(key)
        return self


class RoleEntries(_Table):
    """[models.roles], from 1.3 on."""

    i: RoleEntry
    p: RoleEntry
    b: RoleEntry
    r: RoleEntry
    balanced: RoleEntry


class Missing(_Table):
    """[models.missing]"""

    metrics: list[str]
    groups_shrunk: list[str]
    synthesis_dominant: bool


class ModelEntry(_Table):
    """[[models]]"""

    canonical_id: str
    display_name: str
    vendor: str
    thinking_effort: str | None = None
    aliases: list[str]
    sources: list[str]
    scores: Scores
    ranks: Ranks
    intervals: Intervals | None = None
    roles: RoleEntries | None = None
    groups: dict[str, Score]
    coverage: dict[str, Share]
    metrics: dict[str, Score]
    raw_metrics: dict[str, float]
    evidence: dict[str, Evidence]
    missing: Missing

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for group_id in self.groups:
            if group_id not in self.coverage:
                raise _absent(f"coverage.{group_id}")
        for metric_id in (*self.metrics, *self.raw_metrics):
            if metric_id not in self.evidence:
                raise _absent(f"evidence.{metric_id}")
        for metric_id in self.raw_metrics:
            if self.evidence[metric_id].source is None:
                raise _absent(f"evidence.{metric_id}.source")
        return self

    @model_validator(mode="after")
    def _as_sure_as_told(self) -> Self:
        """What is told of how sure a role is, is told in full."""
        for role in ROLES if self.intervals is not None else ():
            own = [key for key in Intervals.model_fields if key.startswith(f"{role}_")]
            if any(getattr(self.intervals, key) is not None for key in own):
                for key in own:
                    if getattr(self.intervals, key) is None:
                        raise _absent(f"intervals.{key}")
                for key in ("best_rank", "worst_rank", "tier"):
                    if getattr(self.ranks, f"{role}_{key}") is None:
                        raise _absent(f"ranks.{role}_{key}")
        return self


class CalibrationBand(_Table):
    """[[calibration.bands]]: back-tests in which so much of the own evidence was left."""

    band: Band
    n: Count
    n_models: Count
    inside_share: Share
    mean_width: Score


class CalibrationEntry(_Table):
    """[calibration], from 1.4 on: how often 90 % intervals held the score in back-tests."""

    tested_on: str
    board_as_of: str
    board_models: Count
    n: Count
    n_models: Count
    inside_share: Share
    mean_width: Score
    bands: list[CalibrationBand]


class Scoreboard(_Table):
    """The whole file."""

    schema_version: Version
    generated_at: Moment
    generator: str
    methodology: str
    # Boards from before there were editions are full.
    edition: str = FULL
    # Of an edition that leaves out sources: which, and that what is left of the weights is divided
    # by its sum.
    withheld_sources: list[str] | None = None
    weights: Literal["renormalised"] | None = None
    # Of a board that was scored under other conditions than the project's own.
    experiment: Literal[True] | None = None
    # Of a board of recorded responses.
    demo: Literal[True] | None = None
    calibration: CalibrationEntry | None = None
    sources: dict[str, SourceEntry]
    models: Annotated[list[ModelEntry], AfterValidator(_each_once)]


class _Part(BaseModel):
    # What is not compared may be as it will.
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class ComparedRanks(_Part):
    """Ranks of a model; files of 1.0 have none."""

    i: Rank | None = None
    p: Rank | None = None
    b: Rank | None = None
    r: Rank | None = None


class ComparedRole(_Part):
    """Whether a model had a place in a role, and which; files of before 1.3 do not say it."""

    status: RoleStatus | None = None
    place: Rank | None = None


class ComparedRoles(_Part):
    """The roles of a model."""

    i: ComparedRole = ComparedRole()
    p: ComparedRole = ComparedRole()
    b: ComparedRole = ComparedRole()
    r: ComparedRole = ComparedRole()


class ComparedEvidence(_Part):
    """Where a value came from; files of 1.0 do not say it."""

    evidence_class: str | None = Field(default=None, alias="class")
    source: str | None = None


class ComparedModel(_Part):
    """A model's ranks and values, and its name for when it has left."""

    canonical_id: str
    display_name: str | None = None
    ranks: ComparedRanks = ComparedRanks()
    roles: ComparedRoles = ComparedRoles()
    raw_metrics: dict[str, float] = {}
    evidence: dict[str, ComparedEvidence] = {}


class ComparedSource(_Part):
    """How many rows a source had, on which scale."""

    n_rows_ingested: Count | None = None
    scale_version: str | None = None


class Compared(_Part):
    """What a later run compares itself with."""

    schema_version: Version
    generated_at: Moment
    edition: str = FULL
    sources: dict[str, ComparedSource] = {}
    models: Annotated[list[ComparedModel], AfterValidator(_each_once)] = []


Document = TypeVar("Document", Scoreboard, Compared)


def read(body: bytes, kind: type[Document]) -> Document:
    """The document in the bytes of a file; NotAScoreboardError if there is none."""
    return checked(parsed(body), kind)


def parsed(body: bytes) -> dict[str, Any]:
    """The tables in the bytes of a file, unchecked; NotAScoreboardError if it is no TOML."""
    try:
        return tomllib.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise NotAScoreboardError(None, f"an unreadable file: {error}") from error


def checked(tables: dict[str, Any], kind: type[Document]) -> Document:
    """The document of these tables; NotAScoreboardError names the first that is not as it must be.

    Raised for a board that is to be written, too.
    """
    try:
        return kind.model_validate(tables)
    except ValidationError as error:
        raise _not_a_scoreboard(error, tables) from error


def tables_of(board: Scoreboard) -> dict[str, Any]:
    """The board as plain tables, in the order of the file."""
    return board.model_dump(by_alias=True, exclude_none=True)


def toml_of(tables: Mapping[str, Any]) -> str:
    """The text of a file with these tables."""
    return tomli_w.dumps(tables)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of scoreboard.toml."""
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        **Scoreboard.model_json_schema(schema_generator=_Schema),
        "title": f"scoreboard.toml, schema {SCHEMA_VERSION}",
    }


class _Schema(GenerateJsonSchema):
    """TOML has no null: a key that may be absent is not required, and that is all."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 the library passes it
        return False


def _absent(key: str) -> PydanticCustomError:
    return PydanticCustomError("absent", "{key}", {"key": key})


# What a value must be, by the type of pydantic's error and with its context.
KINDS = {
    "string_type": "a string",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "greater_than_equal": "a number from {ge:g} up",
    "less_than_equal": "a number up to {le:g}",
    "less_than": "a number below {lt}",
    "literal_error": "{expected}",
    # The one pattern there is.
    "string_pattern_mismatch": "a version 1.…",
}


def _not_a_scoreboard(error: ValidationError, tables: dict[str, Any]) -> NotAScoreboardError:
    """The first fault, in words."""
    fault = error.errors(include_url=False)[0]
    kind, context, loc = fault["type"], fault.get("ctx", {}), fault["loc"]
    if kind == "missing":
        return NotAScoreboardError(_place(loc, tables), "nothing")
    if kind == "absent":
        return NotAScoreboardError(_place((*loc, context["key"]), tables), "nothing")
    if kind == "twice":
        return NotAScoreboardError(fault["msg"], f"{context['found']!r} twice")
    what = KINDS[kind].format(**context) if kind in KINDS else fault["msg"]
    return NotAScoreboardError(
        f"{what} as {_place(loc, tables)}", repr(fault["input"])[:LONGEST_SHOWN]
    )


def _place(loc: tuple[int | str, ...], tables: dict[str, Any]) -> str:
    """Where in the file: a key, `ranks.p of vendor/model`, `model number 3`."""
    if len(loc) < 2 or loc[0] != "models" or not isinstance(loc[1], int):
        return ".".join(map(str, loc))
    entry = tables["models"][loc[1]]
    canonical_id = entry.get("canonical_id") if isinstance(entry, dict) else None
    model = canonical_id if isinstance(canonical_id, str) else f"model number {loc[1] + 1}"
    return " of ".join(part for part in (".".join(map(str, loc[2:])), model) if part)
