"""Names as sources write them, through the resolver itself: the project's SQL, macros and seeds.

`spellings.csv` holds names with a known answer, none where the name is another model's.
"""

import csv
import json
import tomllib
import unicodedata
from pathlib import Path
from types import SimpleNamespace

import duckdb
import jinja2
import pytest

HERE = Path(__file__).parent
MACROS = ("macros/names.sql", "macros/stamps.sql")
SEEDS = ("name_suffixes", "vendor_spellings", "effort_policy", "thresholds", "folded_letters")
CONFIGURATION = ("stg_config__models", "stg_config__aliases")


def read(path):
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def resolve(project):
    """Resolves (name, vendor hint) pairs in one statement; name and hint to what was found."""
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
    sql = environment.get_template("models/intermediate/int_names_resolved.sql").render()

    def found(pairs):
        connection.execute(
            "create or replace table int_observations_unioned"
            " (candidate_name varchar, vendor_hint varchar)"
        )
        connection.executemany(
            "insert into int_observations_unioned values (?, ?)",
            [(name, hint or None) for name, hint in pairs],
        )
        cursor = connection.execute(sql)
        columns = [column[0] for column in cursor.description]
        rows = [
            SimpleNamespace(**dict(zip(columns, row, strict=True))) for row in cursor.fetchall()
        ]
        return {(row.candidate_name, row.vendor_hint or ""): row for row in rows}

    yield found
    connection.close()


def test_every_spelling_has_its_answer(resolve):
    spellings = read(HERE / "spellings.csv")
    answers = {(row["name"], row["vendor_hint"]): row["canonical_id"] for row in spellings}
    assert len(answers) == len(spellings)
    assert sum(bool(answer) for answer in answers.values()) >= 450
    assert sum(not answer for answer in answers.values()) >= 90
    found = {pair: row.canonical_id or "" for pair, row in resolve(answers).items()}
    assert found == answers


CASES = [
    # A stamp is the model's within 25 days of its release, and else another build's.
    ("deepseek-v4-flash-0731", "", None, None, "stamp 0731 is 98 days from the release 2026-04-24"),
    ("deepseek-v4-pro-0813", "", None, None, "stamp 0813 is 111 days from the release 2026-04-24"),
    ("deepseek-v4-pro-high-20260813", "", None, "high", "stamp 20260813 is 111 days from the"),
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
    ("Muse Spark", "Adobe", None, None, "the source names the vendor Adobe, and meta/muse-spark"),
    ("GPT-5.5", "Anthropic", None, None, "the source names the vendor Anthropic, and openai/gpt-5"),
    ("GLM-5.1", "zai-org", "z-ai/glm-5.1", None, None),
    ("GPT-5.5", "poe", "openai/gpt-5.5", None, None),
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
