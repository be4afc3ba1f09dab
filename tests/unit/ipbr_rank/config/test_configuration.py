"""Every fault in the four TOML files: file, table, key, what was found and what is valid."""

import copy
import math
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings, strategies

from base.errors import ConfigurationError
from ingest.registry import load_sources
from ipbr_rank.config import (
    Configuration,
    ConfigurationFiles,
    read_coefficients,
    read_configuration,
)

Edit = Callable[[dict[str, Any]], object]
METRIC = {"higher_better": True, "log_scale": False, "transform": "percentile", "groups": ["CRE"]}
FILES = ("coefficients", "aliases", "overrides", "synthesis")


def valid() -> dict[str, dict[str, Any]]:
    """A small configuration without fault."""
    groups = ["CRE", "GEN", "PLAN", "BUILD", "LM_ARENA_REVIEW_PROXY"]
    groups += ["OPS_long", "OPS_precision", "OPS_review"]
    return {
        "coefficients": {
            "group_weights": {
                "CRE": {"LMArenaText": 0.75, "BrowseComp": 0.25},
                **{group: {"LMArenaText": 1} for group in groups[1:]},
                "BUILD": {"SWEComposite": 1.0},
            },
            "composite_metrics": {"SWEComposite": {"SWEBenchPro": 0.3, "SWERebench": 0.7}},
            "final_score_weights": {
                "I_raw": {"CRE": 0.9, "GEN": 0.1},
                "P_raw": {"PLAN": 1.0},
                "B_raw": {"BUILD": 1.0},
                "R": {"BUILD": 1.0},
            },
            "synthesis": {"per_model_cap": 0.55, "per_source_cap": 0.65},
            "aggregation": {"trust_threshold": 0.7, "trust_transition_width": 0.2},
            "penalties": {"synthesis": 0.15, "override_reported": 0.1},
            "metrics": {
                metric_id: copy.deepcopy(METRIC)
                for metric_id in ("LMArenaText", "BrowseComp", "SWEBenchPro", "SWERebench")
            },
        },
        "aliases": {
            "models": {
                "openai/gpt-5.5": {"vendor": "openai", "aliases": ["gpt-5.5", "gpt-5-5"]},
                "openai/gpt-5.4": {
                    "vendor": "openai",
                    "aliases": ["gpt-5.4"],
                    "display_name": "GPT-5.4",
                    "release_date": "2026-03-05",
                    "open_weights": False,
                },
            }
        },
        "overrides": {
            "entries": [
                {
                    "canonical_id": "openai/gpt-5.5",
                    "metric": "BrowseComp",
                    "value": 84.4,
                    "note": "OpenAI, launch page",
                    "url": "https://openai.com/",
                    "date": "2026-04-23",
                }
            ]
        },
        "synthesis": {
            "pair": [
                {"target": "openai/gpt-5.4", "from": "openai/gpt-5.5", "category": "conservative"},
                {
                    "target": "openai/gpt-5.5",
                    "from": "openai/gpt-5.4",
                    "category": "same_series_forward",
                    "sources": ["hil_bench"],
                },
            ]
        },
    }


def read(folder: Path, project: Path, texts: dict[str, str | bytes]) -> Configuration:
    """Writes the four files and checks them."""
    for name, text in texts.items():
        body = text if isinstance(text, bytes) else text.encode()
        (folder / f"{name}.toml").write_bytes(body)
    files = ConfigurationFiles(*(folder / f"{name}.toml" for name in FILES))
    return read_configuration(files, project, load_sources(project))


def refused(folder: Path, project: Path, name: str, edit: Edit | str | bytes) -> str:
    """The message for one file edited, or replaced by a text."""
    tables = valid()
    if callable(edit):
        edit(tables[name])
    texts: dict[str, str | bytes] = {file: tomli_w.dumps(tables[file]) for file in FILES}
    if not callable(edit):
        texts[name] = edit
    with pytest.raises(ConfigurationError) as caught:
        read(folder, project, texts)
    assert caught.value.exit_code == 2
    return str(caught.value)


def at(*keys: str | int, to: object = None, drop: bool = False) -> Edit:
    """An edit that sets or drops the value at a path of keys."""

    def edit(tables: Any) -> None:
        for key in keys[:-1]:
            tables = tables[key]
        if drop:
            del tables[keys[-1]]
        else:
            tables[keys[-1]] = to

    return edit


def renamed(*keys: str, to: str) -> Edit:
    """An edit that gives the value at a path of keys another key."""

    def edit(tables: Any) -> None:
        for key in keys[:-1]:
            tables = tables[key]
        tables[to] = tables.pop(keys[-1])

    return edit


CRE = ("group_weights", "CRE")
FAULTS: list[tuple[str, Edit | str | bytes, str]] = [
    # Weights
    ("coefficients", renamed(*CRE, "LMArenaText", to="LMArenaTxt"),
     "[group_weights.CRE] LMArenaTxt: unknown metric; did you mean LMArenaText"),
    ("coefficients", renamed("composite_metrics", "SWEComposite", "SWEBenchPro", to="SWEPro"),
     "[composite_metrics.SWEComposite] SWEPro: unknown metric; did you mean"),
    ("coefficients", renamed("final_score_weights", "I_raw", "CRE", to="CREE"),
     "[final_score_weights.I_raw] CREE: unknown group; did you mean CRE?"),
    ("coefficients", at(*CRE, "LMArenaText", to=0.85),
     "[group_weights.CRE]: the weights sum to 1.1; they must sum to 1"),
    ("coefficients", at("composite_metrics", "SWEComposite", "SWERebench", to=0.6),
     "[composite_metrics.SWEComposite]: the weights sum to 0.9; they must sum to 1"),
    ("coefficients", at("final_score_weights", "R", "BUILD", to=1 + 3e-9),
     "[final_score_weights.R]: the weights sum to 1.000000003; they must sum to 1"),
    ("coefficients", at(*CRE, to={}), "[group_weights.CRE]: the weights sum to 0;"),
    ("coefficients", at(*CRE, "BrowseComp", to=-0.25),
     "[group_weights.CRE] BrowseComp: found -0.25; a weight cannot be negative"),
    ("coefficients", at(*CRE, "BrowseComp", to="a lot"),
     '[group_weights.CRE] BrowseComp: found "a lot"; a number between 0 and 1 was expected'),
    ("coefficients", at(*CRE, "BrowseComp", to=math.nan), "BrowseComp: found nan; a number"),
    ("coefficients", at(*CRE, "BrowseComp", to=math.inf), "BrowseComp: found inf; a number"),
    ("coefficients", at(*CRE, "BrowseComp", to=True), "BrowseComp: found true; a number"),
    ("coefficients", at(*CRE, "BrowseComp", to=10**400), "BrowseComp: found 1000"),
    ("coefficients", at(*CRE, "BrowseComp", to=[0.25]), "BrowseComp: found a list; a number"),
    ("coefficients", at(*CRE, to=0.5), "[group_weights] CRE: found 0.5; a table was expected"),
    # Tables
    ("coefficients", at("group_weigths", to={}),
     "[group_weigths]: unknown table; did you mean group_weights?"),
    ("coefficients", at("version", to=1), "version: unknown key; valid: group_weights"),
    ("coefficients", at(*CRE, drop=True), "[group_weights.CRE]: missing; needed: CRE, GEN"),
    ("coefficients", at("group_weights", drop=True), "[group_weights.OPS_review]: missing"),
    ("coefficients", at("group_weights", to=3), "[group_weights]: found 3; one table per"),
    ("coefficients", at("final_score_weights", "R", drop=True),
     "[final_score_weights.R]: missing; needed: I_raw, P_raw, B_raw, R"),
    ("coefficients", at("group_weights", "OPS", to={"LMArenaText": 1.0}),
     "[group_weights.OPS]: unknown group; valid: CRE, GEN"),
    ("coefficients", at("final_score_weights", "Q", to={"CRE": 1.0}),
     "[final_score_weights.Q]: unknown role; valid: I_raw, P_raw, B_raw, R"),
    ("coefficients", at("metrics", to={}), "[metrics]: no metric is declared"),
    # Thresholds
    ("coefficients", at("penalties", drop=True), "[penalties]: missing; this table needs synth"),
    ("coefficients", at("penalties", "synthesis", drop=True), "[penalties] synthesis: missing"),
    ("coefficients", at("penalties", "synthesis", to=15),
     "[penalties] synthesis: found 15; a number from 0 to 1 was expected"),
    ("coefficients", at("synthesis", "per_model_cap", to=-0.1), "per_model_cap: found -0.1;"),
    ("coefficients", at("aggregation", "trust_threshold", to="0.7"),
     'trust_threshold: found "0.7"; a number from 0 to 1'),
    ("coefficients", at("aggregation", "trust_transition_width", to=0.0),
     "trust_transition_width: found 0.0; a number above 0"),
    ("coefficients", at("aggregation", "trust", to=0.1),
     "[aggregation] trust: unknown key; valid: trust_threshold"),
    # Metrics
    ("coefficients", at("metrics", "LMArenaText", "transform", to="percentil"),
     '[metrics.LMArenaText] transform: unknown transform "percentil"; did you mean percentile?'),
    ("coefficients", at("metrics", "LMArenaText", "transform", to=1),
     "transform: unknown transform 1; valid: percentile, tail_penalty, as_score"),
    ("coefficients", at("metrics", "LMArenaText", "transform", drop=True),
     "[metrics.LMArenaText] transform: missing"),
    ("coefficients", at("metrics", "LMArenaText", "higher_better", to="yes"),
     '[metrics.LMArenaText] higher_better: found "yes"; valid: true, false'),
    ("coefficients", renamed("metrics", "LMArenaText", "log_scale", to="logscale"),
     "[metrics.LMArenaText] logscale: unknown key; did you mean log_scale?"),
    ("coefficients", at("metrics", "LMArenaText", "groups", to=["CRE", "ALL"]),
     '[metrics.LMArenaText] groups: unknown group "ALL"; valid: CRE'),
    ("coefficients", at("metrics", "LMArenaText", "groups", to="CRE"),
     'groups: found "CRE"; a list of strings was expected'),
    ("coefficients", at("metrics", "LMArenaText", "groups", to=[1]), "groups: found 1;"),
    ("coefficients",
     at("metrics", "LMArenaText",
        to={"transform": "as_score", "log_scale": True, "higher_better": True, "groups": []}),
     "[metrics.LMArenaText] log_scale: found true, but the transform as_score"),
    ("coefficients", at("metrics", "LMArenaText", to=1),
     "[metrics] LMArenaText: found 1; a table was expected"),
    ("coefficients", renamed("metrics", "SWERebench", to="../SWERebench"),
     '[metrics] "../SWERebench": not a metric id'),
    ("coefficients", at("metrics", "SWEComposite", to=METRIC),
     "[metrics.SWEComposite]: is also declared as a composite"),
    ("coefficients", at("composite_metrics", "Other", to={"SWEComposite": 1.0}),
     "[composite_metrics.Other] SWEComposite: is itself a composite"),
    ("overrides", at("entries", to=[]),
     "[group_weights.CRE] BrowseComp: has a weight, but no source or override"),
    # Broken files
    ("coefficients", "[group_weights\n", "invalid TOML: Expected ']' at the end of a table"),
    ("coefficients", "a = 1\na = 2\n", "invalid TOML: Cannot overwrite a value (at line 2"),
    ("aliases", b"[models]\nx = '\xff'\n", "line 2 is not valid UTF-8"),
    ("overrides", "entries = ", "overrides.toml: invalid TOML"),
    ("synthesis", "[[pair]\n", "synthesis.toml: invalid TOML"),
    ("aliases", "", "[models]: no model is listed"),
    # Models
    ("aliases", at("models", "openai/gpt-5.4", "aliases", to=["gpt-5.4", "GPT 5.5"]),
     '"GPT 5.5" of openai/gpt-5.4 are the same name'),
    ("aliases", at("models", "openai/gpt-5.4", "display_name", to="openai/gpt-5.5"),
     '"openai/gpt-5.5" of openai/gpt-5.4 are the same name in the same spelling'),
    ("aliases", at("models", "openai/gpt-5.4", "aliases", to=["gpt5.5"]),
     '"gpt5.5" of openai/gpt-5.4 are the same name apart from blanks and signs'),
    ("aliases", at("models", "openai/gpt-5.4", "aliases", to=["!?"]),
     'aliases: found "!?"; a name needs at least one letter or digit'),
    ("aliases", at("models", "openai/gpt-5.4", "aliases", to=[""]),
     'aliases: found ""; a non-empty string'),
    ("aliases", at("models", "openai/gpt-5.4", "aliases", to="gpt-5.4"),
     'aliases: found "gpt-5.4"; a list of strings was expected'),
    ("aliases", at("models", "openai/gpt-5.4", "aliases", drop=True), "aliases: missing"),
    ("aliases", at("models", "openai/gpt-5.4", "vendor", drop=True), "vendor: missing"),
    ("aliases", at("models", "openai/gpt-5.4", "vendor", to=1), "vendor: found 1; a non-empty str"),
    ("aliases", at("models", "openai/gpt-5.4", "alias", to=["x"]),
     '[models."openai/gpt-5.4"] alias: unknown key; did you mean aliases?'),
    ("aliases", at("models", "openai/gpt-5.4", "open_weights", to="no"),
     'open_weights: found "no"; valid: true, false'),
    ("aliases", at("models", "openai/gpt-5.4", "release_date", to="March 2026"),
     'release_date: found "March 2026"; a date such as 2026-04-23'),
    ("aliases", at("models", "openai/gpt-5.4", "stamps", to=["0305", "20260230x"]),
     'stamps: found "20260230x"; a date as written in names was expected'),
    ("aliases", at("models", "openai/gpt-5.4", "stamps", to="0305"),
     'stamps: found "0305"; a list of strings was expected'),
    ("aliases", renamed("models", "openai/gpt-5.4", to="gpt-5.4"),
     '[models."gpt-5.4"]: not a canonical id; expected vendor/model'),
    ("aliases", renamed("models", "openai/gpt-5.4", to="openai/../gpt"), "not a canonical id"),
    ("aliases", at("models", "openai/gpt-5.4", "stamps", to=["0309", 309]),
     "stamps: found 309; a date as written in names was expected, such as 20260423, 260423 or 04"),
    ("aliases", at("model", to={}), "[model]: unknown table; did you mean models?"),
    # Overrides
    ("overrides", at("entries", 0, "note", drop=True),
     '[[entries]] 1 ("openai/gpt-5.5", "BrowseComp") note: missing'),
    ("overrides", at("entries", 0, "note", to=" "),
     'note: found " "; a string that cites the publication was expected'),
    ("overrides", at("entries", 0, "canonical_id", to="openai/gpt-5.6"),
     'canonical_id: unknown model "openai/gpt-5.6"; did you mean openai/gpt-5.5'),
    ("overrides", at("entries", 0, "metric", to="BrowsComp"),
     'metric: unknown metric "BrowsComp"; did you mean BrowseComp?'),
    ("overrides", at("entries", 0, "metric", to="SWEComposite"),
     "it is a composite and is computed from its inputs"),
    ("overrides", at("entries", 0, "value", to=math.nan), "value: found nan; a finite number"),
    ("overrides", at("entries", 0, "value", to=-math.inf), "value: found -inf; a finite number"),
    ("overrides", at("entries", 0, "value", to="84.4"), 'value: found "84.4"; a finite number'),
    ("overrides", at("entries", 0, "value", to=True), "value: found true; a finite number"),
    ("overrides", at("entries", 0, "value", drop=True), "value: missing"),
    ("overrides", at("entries", 0, "source", to="x"), "source: unknown key; valid: canonical_id"),
    ("overrides", at("entries", 0, "url", to="javascript:1"), 'url: found "javascript:1"; https'),
    ("overrides", at("entries", 0, "date", to="2026-02-30"), 'date: found "2026-02-30"; a date'),
    ("overrides", lambda tables: tables["entries"].append({**tables["entries"][0], "value": 1}),
     "[[entries]] 2 (\"openai/gpt-5.5\", \"BrowseComp\"): second value for this model and metric"),
    ("overrides", at("entries", to=3), "[[entries]]: expected an array of tables"),
    ("overrides", at("entries", to=[3]), "[[entries]] 1: found 3; a table was expected"),
    ("overrides", renamed("entries", to="entrys"), "[entrys]: unknown table; did you mean entries"),
    # Synthesis
    ("synthesis", at("pair", 0, "target", to="openai/gpt-9"),
     'target: unknown model "openai/gpt-9"; did you mean openai/gpt-5.'),
    ("synthesis", at("pair", 0, "from", to="openai/gpt-9"), 'from: unknown model "openai/gpt-9"'),
    ("synthesis", at("pair", 0, "from", to="openai/gpt-5.4"),
     '[[pair]] 1 ("openai/gpt-5.4" from "openai/gpt-5.4") from: is the same model as target'),
    ("synthesis", at("pair", 0, "category", to="forward"),
     'category: unknown category "forward"; '),
    ("synthesis", at("pair", 0, "category", drop=True), "category: missing"),
    ("synthesis", at("pair", 0, "sources", to=["hilbench"]),
     'sources: unknown source "hilbench"; did you mean hil_bench or livebench?'),
    ("synthesis", at("pair", 0, "sources", to=[]), "sources: found an empty list"),
    ("synthesis", at("pair", 0, "note", to="x"), "note: unknown key; valid: target, from"),
    ("synthesis", lambda tables: tables["pair"].append(dict(tables["pair"][0])),
     "repeats [[pair]] 1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "edit", "expected"), FAULTS, ids=[f"{name}-{said[:50]}" for name, _, said in FAULTS]
)
def test_fault_is_told(
    tmp_path: Path, project: Path, name: str, edit: Edit | str | bytes, expected: str
) -> None:
    message = refused(tmp_path, project, name, edit)
    assert expected in message
    told_of = "coefficients" if "or override" in expected else name
    assert f"{told_of}.toml: " in message


def test_small_configuration_is_valid(tmp_path: Path, project: Path) -> None:
    assert read(
        tmp_path, project, {name: tomli_w.dumps(tables) for name, tables in valid().items()}
    )


def test_own_configuration_is_valid_and_quickly_checked(project: Path) -> None:
    data = project / "data"
    files = ConfigurationFiles(
        data / "coefficients.toml",
        data / "required_aliases.toml",
        data / "score_overrides.toml",
        data / "synthesis_aliases.toml",
    )
    started = time.monotonic()
    read_configuration(files, project, load_sources(project))
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("name", ["overrides", "synthesis"])
def test_overrides_and_pairs_may_be_absent(tmp_path: Path, project: Path, name: str) -> None:
    tables = valid()
    del tables["coefficients"]["group_weights"]["CRE"]["BrowseComp"]
    tables["coefficients"]["group_weights"]["CRE"]["LMArenaText"] = 1.0
    texts: dict[str, str | bytes] = {file: tomli_w.dumps(tables[file]) for file in FILES}
    texts[name] = "# nothing\n"
    assert read(tmp_path, project, texts)


def test_weight_of_zero_and_whole_numbers_are_valid(tmp_path: Path, project: Path) -> None:
    tables = valid()
    tables["coefficients"]["group_weights"]["CRE"] = {"LMArenaText": 1, "BrowseComp": 0}
    assert read(tmp_path, project, {name: tomli_w.dumps(table) for name, table in tables.items()})


def test_all_problems_are_told_at_once_one_per_line(tmp_path: Path, project: Path) -> None:
    tables = valid()
    tables["coefficients"]["group_weights"]["CRE"]["LMArenaText"] = 0.85
    tables["overrides"]["entries"][0]["value"] = math.nan
    tables["synthesis"]["pair"][0]["from"] = "nobody/nothing"
    texts: dict[str, str | bytes] = {file: tomli_w.dumps(tables[file]) for file in FILES}
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, project, texts)
    first, *lines = str(caught.value).splitlines()
    assert first == "3 problems in the configuration"
    assert [line.split(".toml")[0].rsplit("/", 1)[-1] for line in lines] == [
        "coefficients",
        "overrides",
        "synthesis",
    ]


@pytest.mark.parametrize("name", FILES)
def test_broken_file_is_told_once_not_by_all_that_refer_to_it(
    tmp_path: Path, project: Path, name: str
) -> None:
    message = refused(tmp_path, project, name, "[models\n")
    assert len(message.splitlines()) == 1
    assert f"{name}.toml: invalid TOML" in message


def test_faults_of_types_hide_none_between_values(tmp_path: Path, project: Path) -> None:
    def edit(tables: dict[str, Any]) -> None:
        tables["metrics"]["LMArenaText"] |= {"higher_better": 1, "groups": ["CRE", "CREE"]}
        tables["metrics"]["LMArenaText"] |= {"transform": "as_score", "log_scale": True}
        tables["group_weights"]["CRE"] = {"LMArenaTxt": 0.5, "BrowseComp": 0.25}
        tables["group_weights"]["GEN"]["LMArenaText"] = "1"
        del tables["group_weights"]["PLAN"], tables["penalties"]["synthesis"]

    message = refused(tmp_path, project, "coefficients", edit)
    told = {line.partition("coefficients.toml: ")[2] for line in message.splitlines()[1:]}
    starts = [
        "[metrics.LMArenaText] higher_better: found 1; valid: true, false",
        '[metrics.LMArenaText] groups: unknown group "CREE"; did you mean CRE?',
        "[metrics.LMArenaText] log_scale: found true, but the transform as_score",
        "[group_weights.CRE] LMArenaTxt: unknown metric; did you mean LMArenaText?",
        "[group_weights.CRE]: the weights sum to 0.75;",
        '[group_weights.GEN] LMArenaText: found "1"; a number between 0 and 1 was expected',
        "[group_weights.PLAN]: missing; needed: CRE, GEN",
        "[penalties] synthesis: missing; this table needs synthesis, override_reported",
    ]
    assert len(told) == len(starts)
    for start in starts:
        assert any(line.startswith(start) for line in told), (start, told)


@pytest.mark.parametrize(
    ("date", "is_valid"),
    [("2026-03-05", True), ("20260305", False), ("2026-W10-4", False), ("2026-03-05T00:00", False)],
)
def test_dates_have_the_one_form_that_sql_reads(
    tmp_path: Path, project: Path, date: str, is_valid: bool
) -> None:
    edit = at("models", "openai/gpt-5.4", "release_date", to=date)
    if is_valid:
        tables = valid()
        edit(tables["aliases"])
        assert read(tmp_path, project, {file: tomli_w.dumps(tables[file]) for file in FILES})
    else:
        assert f'release_date: found "{date}"' in refused(tmp_path, project, "aliases", edit)


ANYTHING = strategies.recursive(
    strategies.one_of(
        *(strategies.booleans(), strategies.integers(), strategies.floats(), strategies.dates()),
        strategies.sampled_from(
            ["", "x", "CRE", "LMArenaText", "openai/gpt-5.5", "\x1b[1m{}", "from"]
        ),
    ),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(
            strategies.sampled_from(["x", "CRE", "metric", "a.b", "{0}"]), inner
        )
    ),
    max_leaves=4,
)


def places(tables: Any, *above: str | int) -> list[tuple[str | int, ...]]:
    """The keys to every value of a document."""
    keys = range(len(tables)) if isinstance(tables, list) else tables
    inner = keys if isinstance(tables, dict | list) else ()
    return [place for key in inner for place in [(*above, key), *places(tables[key], *above, key)]]


PLACES = [(name, place) for name in FILES for place in places(valid()[name])]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(at_place=strategies.sampled_from(PLACES), value=ANYTHING)
def test_any_value_at_any_place_is_valid_or_told(
    tmp_path: Path, project: Path, at_place: tuple[str, tuple[str | int, ...]], value: object
) -> None:
    name, place = at_place
    tables = valid()
    at(*place, to=value)(tables[name])
    try:
        read(tmp_path, project, {file: tomli_w.dumps(tables[file]) for file in FILES})
    except ConfigurationError as error:
        assert all(line.isprintable() for line in str(error).splitlines())


def test_list_models_does_not_load_pydantic(project: Path) -> None:
    """It takes as long as all the rest of the command; what is listed is checked without."""
    program = (
        "import sys\nfrom pathlib import Path\nfrom ipbr_rank.config import read_models\n"
        "assert len(read_models(Path('data/required_aliases.toml'))) > 40\n"
        "assert 'pydantic' not in sys.modules"
    )
    process = subprocess.run([sys.executable, "-c", program], cwd=project, timeout=60)
    assert process.returncode == 0


def test_control_characters_and_long_values_are_made_harmless(
    tmp_path: Path, project: Path
) -> None:
    edit = at("entries", 0, "canonical_id", to="a\x1b[31m\n\u202e" + "x" * 10_000)
    message = refused(tmp_path, project, "overrides", edit)
    assert message.isprintable()
    assert len(message) < 1000


def test_missing_file_is_told(tmp_path: Path, project: Path) -> None:
    files = ConfigurationFiles(*(tmp_path / f"{name}.toml" for name in FILES))
    with pytest.raises(ConfigurationError, match=r"coefficients\.toml: cannot be read \(No such"):
        read_configuration(files, project, load_sources(project))


def test_names_are_compared_as_the_scoring_compares_them(tmp_path: Path, project: Path) -> None:
    """The macros are read from the project: another definition there changes what is a clash."""
    copy = tmp_path / "project"
    shutil.copytree(project / "seeds", copy / "seeds")
    shutil.copytree(project / "macros", copy / "macros")
    texts = {name: tomli_w.dumps(tables) for name, tables in valid().items()}
    read(tmp_path, copy, texts)
    everything_is_one_name = (
        "{% macro normalise_name(expression) %}left({{ expression }}, 0) || 'same'{% endmacro %}"
        "{% macro compact_name(expression) %}{{ normalise_name(expression) }}{% endmacro %}"
    )
    (copy / "macros" / "names.sql").write_text(everything_is_one_name)
    with pytest.raises(ConfigurationError, match="are the same name"):
        read(tmp_path, copy, texts)


@pytest.mark.parametrize(
    "preset, others",
    [
        ("measured", {"synthesis"}),
        ("no-operations", {"final_score_weights"}),
    ],
)
def test_a_preset_differs_in_what_it_is_for(project: Path, preset: str, others: set[str]) -> None:
    file = project / f"data/presets/{preset}.toml"
    own = read_coefficients(project / "data/coefficients.toml", project)
    other = read_coefficients(file, project)
    assert {table for table in own if own[table] != other[table]} == others
    assert own.keys() == other.keys()
    assert "Reason: " in file.read_text(encoding="utf-8").split("\n\n")[0]


def test_without_operations_the_other_groups_keep_their_proportions(project: Path) -> None:
    own = read_coefficients(project / "data/coefficients.toml", project)["final_score_weights"]
    other = read_coefficients(project / "data/presets/no-operations.toml", project)
    for role, weights in other["final_score_weights"].items():
        left = {group: own[role][group] for group in weights}
        assert all(group.startswith("OPS") for group in own[role].keys() - left.keys())
        assert weights == pytest.approx(
            {group: weight / sum(left.values()) for group, weight in left.items()}, abs=1e-11
        )
