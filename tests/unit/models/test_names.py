"""Names as sources write them, through the resolver itself: the project's SQL, macros and seeds.

`spellings.csv` holds names with a known answer, none where the name is another model's.
"""

import csv
import html
import json
import tomllib
import unicodedata
from pathlib import Path
from types import SimpleNamespace

import duckdb
import jinja2
import pytest

from ipbr_rank.config.models import DAY, MONTH

HERE = Path(__file__).parent
MACROS = ("macros/html.sql", "macros/stamps.sql", "macros/names.sql", "macros/thresholds.sql")
SEEDS = (
    "name_suffixes",
    "name_hosts",
    "vendor_spellings",
    "vendors",
    "harnesses",
    "effort_policy",
    "thresholds",
    "folded_letters",
    "html_entities",
)
CONFIGURATION = ("stg_config__models", "stg_config__aliases")
STEPS = (
    "int_names_normalised",
    "int_names_without_hosts",
    "int_names_without_suffixes",
    "int_names_looked_up",
    "int_names_resolved",
)


def read(path):
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def resolve(project):
    """Resolves (name, vendor hint) pairs of a source; name and hint to what was found."""
    macros = {}
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(project), undefined=jinja2.StrictUndefined, autoescape=False
    )
    environment.globals["ref"] = str
    for name in MACROS:
        module = environment.get_template(name).make_module(macros)
        macros |= {key: value for key, value in vars(module).items() if not key.startswith("_")}
    environment.globals.update(macros)

    connection = duckdb.connect()
    for seed in SEEDS:
        connection.execute(
            f"create table {seed} as from read_csv(?, nullstr = '', quote = '\"', escape = '\"')",
            [str(project / f"seeds/{seed}.csv")],
        )
    ranked = tomllib.loads((project / "data/required_aliases.toml").read_text(encoding="utf-8"))
    connection.execute("create table stg_config__files (file_id varchar, content json)")
    connection.execute(
        "insert into stg_config__files values ('aliases', ?)", [json.dumps(ranked, default=str)]
    )
    for model in CONFIGURATION:
        sql = environment.get_template(f"models/staging/config/{model}.sql").render()
        connection.execute(f"create table {model} as {sql}")
    steps = {
        step: environment.get_template(f"models/intermediate/{step}.sql").render() for step in STEPS
    }

    def found(pairs, source_id="lmarena"):
        names, hints = zip(*((name, hint or None) for name, hint in pairs), strict=True)
        connection.execute(
            "create or replace table int_observations_unioned as"
            " select $1 as source_id, unnest($2) as candidate_name, unnest($3) as vendor_hint,"
            " cast(null as varchar) as own_name",
            [source_id, names, hints],
        )
        for step, sql in steps.items():
            connection.execute(f"create or replace table {step} as {sql}")
        cursor = connection.execute("from int_names_resolved")
        columns = [column[0] for column in cursor.description]
        rows = [
            SimpleNamespace(**dict(zip(columns, row, strict=True))) for row in cursor.fetchall()
        ]
        return {(row.candidate_name, row.vendor_hint or ""): row for row in rows}

    yield found
    connection.close()


def test_every_spelling_has_its_answer(resolve):
    spellings = read(HERE / "spellings.csv")
    answers = {
        (row["name"], row["vendor_hint"]): (row["canonical_id"], row["effort"]) for row in spellings
    }
    assert len(answers) == len(spellings)
    assert sum(bool(answer) for answer, _ in answers.values()) >= 1050
    assert sum(not answer for answer, _ in answers.values()) >= 930
    found = {
        pair: (row.canonical_id or "", (row.name_effort or "") if row.canonical_id else "")
        for pair, row in resolve(answers).items()
    }
    assert found == answers


def test_python_and_sql_write_months_and_days_alike(project):
    text = (project / "macros/stamps.sql").read_text(encoding="utf-8")
    module = jinja2.Environment(autoescape=False).from_string(text).module
    assert (module.month_pattern(), module.day_pattern()) == (MONTH, DAY)


CASES = [
    # A stamp is the model's within 25 days of its release, and else another build's.
    (
        "deepseek-v4-flash-0915",
        "",
        None,
        None,
        "stamp 0915 is 144 days from the release 2026-04-24",
    ),
    ("deepseek-v4-pro-1015", "", None, None, "stamp 1015 is 174 days from the release 2026-04-24"),
    # Two builds that are ranked themselves.
    ("deepseek-v4-flash-0731", "", "deepseek/deepseek-v4-flash-0731", None, None),
    ("deepseek-v4-pro-0813", "", "deepseek/deepseek-v4-pro-0813", None, None),
    ("deepseek-v4-pro-high-20261015", "", None, "high", "stamp 20261015 is 174 days from the"),
    ("deepseek-v4-pro-0424", "", "deepseek/deepseek-v4-pro", None, None),
    ("deepseek-v3-2-251201", "", "deepseek/deepseek-v3.2", None, None),
    ("deepseek-v3-2-250925", "", None, None, "stamp 250925 is 67 days from the release 2025-12-01"),
    ("claude-opus-4-5-20251101", "", "anthropic/claude-opus-4.5", None, None),
    # Words that are models of their own.
    ("gpt-5.5-instant", "", None, None, None),
    ("kimi-k2.5-instant", "", "moonshotai/kimi-k2.5", "non-reasoning", None),
    ("gpt-5.3-codex-max", "", None, None, None),
    ("gpt-5.3-codex max effort", "", "openai/gpt-5.3-codex", "max", None),
    ("kimi-k2-turbo-preview", "", None, None, None),
    ("MiniMax M2.7 Highspeed", "", None, None, None),
    # A budget in tokens is no date.
    ("claude-sonnet-4-thinking:1024", "", "anthropic/claude-sonnet-4", "thinking", None),
    # Other forms of ASCII letters are read as these, other letters and the plus sign are words.
    ("GPT-5.4 ｍｉｎｉ", "", "openai/gpt-5.4-mini", None, None),
    ("GPT-5.4 𝗺𝗶𝗻𝗶", "", "openai/gpt-5.4-mini", None, None),
    ("GPT-5.4 ⓜⓘⓝⓘ", "", "openai/gpt-5.4-mini", None, None),
    ("GPT-5.5 ｍｉｎｉ", "", None, None, None),
    ("gpt-５.５", "", "openai/gpt-5.5", None, None),
    ("Gemini 2.5 Flash 轻量版", "", None, None, None),
    ("DeepSeek V3.2 实验版", "", None, None, None),
    ("GLM-5极速版", "", None, None, None),
    ("Gemini 2.5 Flash 라이트", "", None, None, None),
    ("Grok 4 β", "", None, None, None),
    ("Grok 4+", "", None, None, None),
    ("GPT-5.5 Plus", "", None, None, None),
    ("GLM-5.1（非思考）", "", "z-ai/glm-5.1", "non-reasoning", None),
    ("智谱GLM-5.1 思考", "", "z-ai/glm-5.1", "thinking", None),
    # A footnote is no number of a version.
    ("GPT-5.5²", "", "openai/gpt-5.5", None, None),
    # A vendor that is known to be another one; an unknown word may be a host.
    ("Muse Spark", "Adobe", None, None, "the source states the vendor Adobe, but meta/muse-spark"),
    ("GPT-5.5", "Anthropic", None, None, "the source states the vendor Anthropic, but openai/gpt"),
    ("GLM-5.1", "zai-org", "z-ai/glm-5.1", None, None),
    # One that serves others' models, too.
    ("minimaxai/minimax-m3", "nvidia", "minimax/minimax-m3", None, None),
    ("tencent/kimi-k2.7-code", "tencent", "moonshotai/kimi-k2.7-code", None, None),
    ("GPT-5.5", "poe", "openai/gpt-5.5", None, None),
    ("anthropic/gpt-5.5", "", None, None, "the name contains the vendor anthropic, but openai/"),
    ("vertex_ai/anthropic/claude-opus-4.7", "", "anthropic/claude-opus-4.7", None, None),
    # A preview that is dated as the release is the release, and another one is another build.
    ("gemini-2.5-flash-preview-05-20", "", "google/gemini-2.5-flash", None, None),
    ("gemini-2.5-flash-preview-04-17", "", None, None, "stamp 0417 is 33 days from the release"),
    ("gemini-2.5-flash-preview-09-2025", "", None, None, "stamp 2025-09 is not the month of the"),
    ("Gemini 2.5 Pro Preview", "", None, None, None),
    # A context length is no thinking budget.
    ("claude-sonnet-4.5-200k", "", "anthropic/claude-sonnet-4.5", None, None),
    ("GPT-5.4 ≤272k", "", "openai/gpt-5.4", None, None),
    ("Claude Opus 4.8 (64k thinking)", "", "anthropic/claude-opus-4.8", "thinking", None),
    ("claude-opus-4-7-xhigh-effort", "", "anthropic/claude-opus-4.7", "xhigh", None),
    # Every entity is its character.
    ("GPT&#8209;5.5", "", "openai/gpt-5.5", None, None),
    ("GPT&ndash;5.5&trade;", "", "openai/gpt-5.5", None, None),
    ("GPT-5.5&reg;&#xA0;(high)", "", "openai/gpt-5.5", "high", None),
    ("GPT&hyphen;5&period;4&nbsp;&#109;&#x69;ni", "", "openai/gpt-5.4-mini", None, None),
    ("GPT-5.5&plus;", "", None, None, None),
    ("Grok 4 &beta;", "", None, None, None),
    # An agent is no part of the name, and two models are not a model and its agent.
    ("Claude Code (Opus 4.7)", "", "anthropic/claude-opus-4.7", None, None),
    ("GPT-5.5 (Codex CLI) xHigh", "", "openai/gpt-5.5", "xhigh", None),
    ("GPT-5.5-Codex", "", None, None, None),
    ("Claude Opus 4.6 + GPT-5.5", "", None, None, None),
]


def test_what_identifies_a_model(resolve):
    found = resolve({(name, hint) for name, hint, *_ in CASES})
    for name, hint, canonical_id, effort, refusal in CASES:
        row = found[name, hint]
        assert row.canonical_id == canonical_id, name
        assert row.name_effort == effort or (canonical_id is None and effort is None), name
        assert (row.refusal or "").startswith(refusal or "") and bool(row.refusal) == bool(
            refusal
        ), (name, row.refusal)


def test_an_alias_of_one_source_holds_there_alone(resolve):
    name = ("qwen3-6-max", "alibaba")
    assert resolve([name], "artificial_analysis")[name].canonical_id == "qwen/qwen3.6-max-preview"
    assert resolve([name], "lmarena")[name].canonical_id is None


def test_entities_are_those_of_html(project):
    rows = read(project / "seeds/html_entities.csv")
    assert len(rows) > 700
    for row in rows:
        assert html.unescape(row["entity"]) == chr(int(row["codepoint"]))


def test_folded_letters_are_those_of_unicode(project):
    folded = {row["letter"]: row["plain"] for row in read(project / "seeds/folded_letters.csv")}
    kinds = ("<wide>", "<font>", "<circle>", "<square>")
    expected = {
        letter: plain
        for letter in map(chr, range(0x80, 0x110000))
        if unicodedata.decomposition(letter).startswith(kinds)
        and len(plain := unicodedata.normalize("NFKC", letter)) == 1
        and "!" <= plain <= "~"
    }
    # A newer Python may know letters that the seed does not.
    assert {letter: folded.get(letter) for letter in expected.keys() & folded.keys()} == folded
    assert len(folded) > 900
