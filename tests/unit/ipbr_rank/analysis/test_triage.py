"""`triage` on the recorded data with 102 hand-made names among it: 60 with an answer, 42 traps;
and with rows of other builds and models whose names are close to a ranked one's.

`triage --apply` on the recorded board itself."""

import copy
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import duckdb
import pytest

from base.errors import IpbrError
from ingest.registry import load_sources
from ipbr_rank.analysis.name_suggestions import Suggester
from ipbr_rank.analysis.triage.apply import require_no_other
from ipbr_rank.analysis.triage.blocks import BRACKETS, Namer, compact
from ipbr_rank.config import ConfigurationFiles, read_configuration, read_models

with (Path(__file__).parent / "spellings.csv").open(encoding="utf-8", newline="") as file:
    SPELLINGS = {row["name"]: row["canonical_id"] or None for row in csv.DictReader(file)}
ANSWERS = {name: canonical_id for name, canonical_id in SPELLINGS.items() if canonical_id}
TRAPS = [name for name, canonical_id in SPELLINGS.items() if not canonical_id]
# Slug and release date of rows that Artificial Analysis lists too, each a copy of a ranked model's
# row; and why it is not that model's.
OTHER_BUILDS = {
    ("deepseek-v4-flash-0915", "2026-09-15", "deepseek-v4-flash"): (
        "stamp 0915 is 144 days from the release 2026-04-24 of deepseek/deepseek-v4-flash"
    ),
    ("deepseek-v4-pro-1015", "2026-10-15", "deepseek-v4-pro"): (
        "stamp 1015 is 174 days from the release 2026-04-24 of deepseek/deepseek-v4-pro"
    ),
    # The same slug, used again.
    ("deepseek-v4-pro", "2026-08-13", "deepseek-v4-pro"): (
        "the source dates the model 2026-08-13, 111 days from the release 2026-04-24 of "
        "deepseek/deepseek-v4-pro"
    ),
    ("gpt-5.5-instant", "2026-05-05", "gpt-5-5"): "no ranked model has this name",
    ("gpt-5.5-ｍｉｎｉ", "2026-05-05", "gpt-5-5"): "no ranked model has this name",
}
# What SWE-bench lists under the tag of a ranked model, and is a fine-tune of it.
FINE_TUNE = "GLM-4.6-SWE-Tuned"
HOSTILE = 'bad "name" \\ \x1b[2J # ]\n[models]'


@pytest.fixture(scope="module")
def database(project, tmp_path_factory, ipbr_rank):
    """A run on the fixtures in which GSO lists the hand-made names too, and Artificial Analysis
    OTHER_BUILDS, each a tenth better than its original."""
    folder = tmp_path_factory.mktemp("triage")
    shutil.copytree(project / "data/fixtures", folder / "cache")
    path = folder / "cache/gso.json"
    gso = json.loads(path.read_text(encoding="utf-8"))
    # Without a vendor, which would catch traps of other vendors by itself.
    usual = {key: value for key, value in gso["models"][0].items() if key != "model_org"}
    gso["models"] += [usual | {"name": name} for name in (*SPELLINGS, HOSTILE)]
    path.write_text(json.dumps(gso), encoding="utf-8")
    path = folder / "cache/artificial_analysis_llms.json"
    analysis = json.loads(path.read_text(encoding="utf-8"))
    rows = {row["slug"]: row for row in analysis["data"]}
    for slug, released, original in OTHER_BUILDS:
        row = copy.deepcopy(rows[original]) | {"slug": slug, "release_date": released}
        row["evaluations"] = {
            key: value and 1.1 * value for key, value in row["evaluations"].items()
        }
        analysis["data"].append(row)
    path.write_text(json.dumps(analysis), encoding="utf-8")
    path = folder / "cache/swebench_leaderboards.json"
    swebench = json.loads(path.read_text(encoding="utf-8"))
    verified = next(one for one in swebench["leaderboards"] if one["name"] == "Verified")
    verified["results"].append(
        copy.deepcopy(verified["results"][0])
        | {"name": FINE_TUNE, "resolved": 99.0, "tags": ["Model: GLM-4.6"]}
    )
    path.write_text(json.dumps(swebench), encoding="utf-8")
    process = ipbr_rank(
        *("score", "--offline", "--cache", folder / "cache", "--now", "2026-01-01T00:00:00Z"),
        *("--out", folder / "out", "--database", folder / "ipbr.duckdb"),
    )
    assert process.returncode == 0, process.stderr
    return folder / "ipbr.duckdb"


@pytest.fixture(scope="module")
def report(database, ipbr_rank):
    """The JSON report."""
    process = ipbr_rank("triage", "--format", "json", "--database", database)
    assert (process.returncode, process.stderr) == (0, "")
    return json.loads(process.stdout)


def valid_models(path, project):
    """The models of an aliases file beside the project's own other files, once they are checked."""
    data = project / "data"
    others = (data / "score_overrides.toml", data / "synthesis_aliases.toml")
    read_configuration(
        ConfigurationFiles(data / "coefficients.toml", path, *others),
        project,
        load_sources(project),
    )
    return tomllib.loads(path.read_text(encoding="utf-8"))["models"]


def entry_of(report, name):
    """The entry that holds one of the hand-made names."""
    (entry,) = [
        entry
        for entry in report["unmatched_names"]
        if any(row["name"] == name and row["source_id"] == "gso" for row in entry["names"])
    ]
    return entry


def test_the_list_is_as_long_as_promised():
    assert (len(ANSWERS), len(TRAPS)) == (60, 42)


def test_the_first_suggestion_is_right(report):
    found = {name: entry_of(report, name)["suggestions"] for name in ANSWERS}
    wrong = {
        name: suggestions
        for name, suggestions in found.items()
        if not suggestions or suggestions[0]["canonical_id"] != ANSWERS[name]
    }
    share = 1 - len(wrong) / len(ANSWERS)
    print(f"first suggestion right: {len(ANSWERS) - len(wrong)} of {len(ANSWERS)} ({share:.0%})")
    assert share >= 0.9, wrong


def test_no_hand_made_name_resolves(database):
    """One that does is no work for triage and changes scores: another has to take its place."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select source_model_name, resolution from marts.fct_observation_ledger"
            " where source_id = 'gso' and source_model_name in (select unnest(?))",
            [list(SPELLINGS)],
        ).fetchall()
    assert dict(rows) == dict.fromkeys(SPELLINGS, "unmatched")


def test_no_trap_is_suggested(report):
    caught = {
        name: suggestions
        for name in TRAPS
        if (suggestions := entry_of(report, name)["suggestions"])
    }
    print(f"traps suggested: {len(caught)} of {len(TRAPS)}")
    assert caught == {}


def test_an_entry_says_what_a_maintainer_needs(report):
    entry = entry_of(report, "GPT 4o")
    assert {"gso", "openrouter", "arc_agi"} <= set(entry["source_ids"])
    assert entry["n_figures"] == sum(name["n_figures"] for name in entry["names"])
    assert entry["vendor"].lower() == "openai"
    assert entry["sample_figures"][0].keys() == {"source_id", "metric_id", "value"}
    (suggestion,) = entry_of(report, "Codex v5.3")["suggestions"]
    assert suggestion["toml_table"] == '[models."openai/gpt-5.3-codex"]'
    assert '"Codex v5.3",' in suggestion["toml_lines"]


def test_another_build_changes_no_score_and_is_listed_with_its_reason(
    report, database, board, project
):
    scores = "select canonical_id, role_id, score, rank from marts.fct_role_scores order by all"
    found = {}
    for file in (database, board.database):
        with duckdb.connect(str(file), read_only=True) as connection:
            found[file] = connection.execute(scores).fetchall()
    assert found[database] == found[board.database]
    listed = {
        row["name"]: (row["reason"], entry)
        for entry in report["unmatched_names"]
        for row in entry["names"]
        if row["source_id"] == "artificial_analysis"
    }
    for (slug, _, _), reason in OTHER_BUILDS.items():
        assert listed[slug][0] == reason
        # An alias would make the other build the ranked model.
        for suggestion in listed[slug][1]["suggestions"]:
            assert f'"{slug}",' not in suggestion["toml_lines"]
    (fine_tune,) = [
        row
        for entry in report["unmatched_names"]
        for row in entry["names"]
        if row["source_id"] == "swebench" and row["name"] == FINE_TUNE
    ]
    assert fine_tune["reason"] == f"the name is {FINE_TUNE}, but the tag beside it is GLM-4.6"
    ranked = set(read_models(project / "data/required_aliases.toml"))
    assert not ranked & {model["canonical_id"] for model in report["new_models"]}


def test_every_name_is_in_one_entry(report, database, ipbr_rank):
    listed = [
        (row["source_id"], row["name"])
        for entry in report["unmatched_names"]
        for row in entry["names"]
    ]
    process = ipbr_rank(
        *("query", "--format", "json", "--database", database),
        "select source_id, source_model_name from marts.rpt_unmatched_names",
    )
    expected = {tuple(row.values()) for row in json.loads(process.stdout)}
    assert len(listed) == len(set(listed)) > 1000
    assert set(listed) == {row for row in expected if row[1] is not None}


def test_new_models_are_ready_to_paste(report, project, tmp_path):
    path = tmp_path / "new.toml"
    ranked = (project / "data/required_aliases.toml").read_text(encoding="utf-8")
    with (project / "seeds/vendors.csv").open(encoding="utf-8", newline="") as file:
        vendors = {row["vendor"] for row in csv.DictReader(file)}
    blocks = [model["toml"] for model in report["new_models"] if model["vendor"] in vendors]
    assert len(blocks) > 100
    path.write_text("\n\n".join([ranked, *blocks[:40]]), encoding="utf-8")
    models = valid_models(path, project)
    assert len(models) == len(tomllib.loads(ranked)["models"]) + 40


def test_new_models_come_by_month_then_by_sources(report):
    order = [
        ((model["dated_on"] or "")[:7], len(model["source_ids"])) for model in report["new_models"]
    ]
    assert order == sorted(order, reverse=True)
    assert order[0][0] > "2026-01"
    assert any(n_sources == 1 for _, n_sources in order)


def test_no_two_models_are_in_one_block(report):
    """Those that had been merged: dates, instruct and thinking of open weights, previews, sizes."""
    by_name = {
        name: model["canonical_id"] for model in report["new_models"] for name in model["names"]
    }
    for names in (
        ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06", "openai/gpt-4o-2024-11-20"),
        ("claude-3-5-sonnet-20240620", "claude-3-5-sonnet-20241022"),
        ("qwen3-235b-a22b-instruct-2507", "qwen3-235b-a22b-thinking-2507", "qwen3-235b-a22b"),
        ("qwen3-next-80b-a3b-instruct", "qwen3-next-80b-a3b-thinking"),
        ("qwen3-vl-235b-a22b-instruct", "qwen3-vl-235b-a22b-thinking"),
        ("o1-preview", "openai/o1"),
        ("qwen3-max", "qwen3-max-preview", "qwen3-max-thinking"),
        ("minimax-m1-40k", "minimax-m1-80k"),
    ):
        found = [by_name[name] for name in names if name in by_name]
        assert len(found) > 1, names
        assert len(set(found)) == len(found), found
    # One model, however a source puts its vendor.
    assert by_name["mistralai/mistral-medium-3-5"] == by_name["mistral-medium-3-5"]
    assert by_name["inclusionai/ling-2.6-1t"] == by_name["ling-2-6-1t"]
    assert by_name["GPT-5.1 (Thinking, High)"] == by_name["gpt-5.1-2025-11-13"] == "openai/gpt-5.1"


def test_a_block_says_what_the_sources_state(report):
    (model,) = [one for one in report["new_models"] if one["canonical_id"] == "z-ai/glm-4.7-flash"]
    assert model["toml"].splitlines() == [
        '[models."z-ai/glm-4.7-flash"]',
        'vendor = "zai"',
        'display_name = "GLM-4.7 Flash"',
        "release_date = 2025-12-22",
        "open_weights = true",
        "aliases = [",
        '    "glm-4.7-flash",',
        "]",
    ]
    assert model["context_window"] > 100_000
    assert 0 < model["mean_share_below"] < 1


@pytest.mark.parametrize(
    ("spellings", "expected"),
    [
        (["qwen/qwen3-coder-480b-a35b", "qwen3-coder-480b-a35b"], "Qwen3 Coder 480B A35B"),
        (["openai/gpt-5.4-nano:free", "GPT-5.4 Nano (Low)", "gpt-5-4-nano"], "GPT-5.4 Nano"),
        (["moonshotai/kimi-k2-thinking", "Kimi-K2-Thinking"], "Kimi K2 Thinking"),
        (["gpt-oss-120b"], "GPT OSS 120B"),
        (["Haiku 4.5", "claude-haiku-4-5", "Claude Haiku 4.5"], "Claude Haiku 4.5"),
        (["o4-mini"], "o4 mini"),
    ],
)
def test_a_display_name_is_one_that_a_person_would_write(spellings, expected):
    namer = Namer(
        [
            ("openai/gpt-5.5", "openai", "GPT-5.5"),
            ("openai/gpt-5.4-mini", "openai", "GPT-5.4 mini"),
            ("qwen/qwen3.7-max", "alibaba", "Qwen3.7 Max"),
            ("moonshotai/kimi-k2.6", "moonshot", "Kimi K2.6"),
            ("anthropic/claude-opus-4.8", "anthropic", "Claude Opus 4.8"),
        ]
    )
    block = namer.block(
        {
            "vendor": {"H": "anthropic"}.get(spellings[0][0]),
            "compared_name": compact(BRACKETS.sub("", spellings[-1])).removeprefix("claude"),
            "spellings": [
                {"source_id": "s", "candidate_name": name, "vendor_hint": "v"} for name in spellings
            ],
            "release_date": None,
            "open_weights": None,
        }
    )
    assert block.display_name == expected


@pytest.fixture
def aliases(project, tmp_path):
    """A copy of the aliases file, to add to."""
    return Path(shutil.copy(project / "data/required_aliases.toml", tmp_path))


def test_three_models_are_added_and_what_they_resolve_is_listed(board, project, aliases, ipbr_rank):
    """A difference that a person reads: blocks at the end, and nothing else touched."""
    added = ("moonshotai/kimi-k2-thinking", "openai/gpt-5.1", "qwen/qwen3-coder-480b-a35b-instruct")
    chosen = [word for canonical_id in reversed(added) for word in ("--apply", canonical_id)]
    process = ipbr_rank(
        *("triage", *chosen, "--aliases", aliases, "--database", board.database), cwd=aliases.parent
    )
    assert (process.returncode, process.stderr) == (0, "")
    before = (project / "data/required_aliases.toml").read_text(encoding="utf-8")
    after = aliases.read_text(encoding="utf-8")
    assert after.startswith(before)
    assert list(valid_models(aliases, project))[-3:] == list(added)
    lines = process.stdout.splitlines()
    n_lines = after.removeprefix(before).count("\n")
    assert n_lines < 150
    assert lines[0] == f"Added to required_aliases.toml: 3 models, {n_lines} lines"
    assert "Still unmatched" not in process.stdout
    listed = {tuple(re.split("  +", line)[:3]) for line in lines if " → " in line}
    assert ("arc_agi", "GPT-5.1 (Thinking, High)", "→ openai/gpt-5.1") in listed
    assert ("terminal_bench", "Kimi-K2-Thinking", "→ moonshotai/kimi-k2-thinking") in listed
    assert len(listed) == int(re.search(r"Newly resolved: (\d+)", process.stdout)[1]) > 20
    assert {model for *_, model in listed} == {f"→ {canonical_id}" for canonical_id in added}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["openai/gpt-5.5"], "triage lists no new model with this id"),
        (["gpt-5.1-codex"], "similar ids are openai/gpt-5.1-codex"),
        (["baidu/cobuddy"], "its vendor baidu is unknown; add it to seeds/vendors.csv"),
    ],
)
def test_what_cannot_be_added_leaves_the_file_as_it_is(board, aliases, ipbr_rank, wanted, expected):
    before = aliases.read_bytes()
    chosen = [word for canonical_id in wanted for word in ("--apply", canonical_id)]
    process = ipbr_rank("triage", *chosen, "--aliases", aliases, "--database", board.database)
    assert process.returncode == 2
    assert expected in process.stderr
    assert aliases.read_bytes() == before


def test_nothing_is_added_where_a_ranked_model_would_lose_a_name():
    before = [("s", "Alpha 1", "acme/alpha-1", "exact", "")]
    after = [("s", "Alpha 1", "acme/alpha-1-b", "exact", "")]
    with pytest.raises(IpbrError, match="s: Alpha 1 was acme/alpha-1, would be acme/alpha-1-b"):
        require_no_other(before, after)


def test_the_proposal_is_what_a_reviewer_reads(board, project, aliases, tmp_path):
    """What the weekly workflow writes into its pull request, and nothing where nothing is new."""
    summary = tmp_path / "summary.md"
    command = [project / "scripts/propose_models.sh", summary, "--aliases", aliases]
    command += ["--database", board.database]
    program = tmp_path / "ipbr-rank"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ipbr_rank "$@"\n')
    program.chmod(0o755)

    def propose(since):
        environment = {**os.environ, "IPBR_RANK": str(program), "IPBR_SINCE": since}
        process = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert process.returncode == 0, process.stderr
        return process.stdout

    assert propose("2026-12-01").startswith("Nothing to add")
    assert not summary.exists()
    assert propose("2026-04-20") == ""
    text = summary.read_text(encoding="utf-8")
    added = list(valid_models(aliases, project))[
        len(read_models(project / "data/required_aliases.toml")) :
    ]
    assert "mistralai/mistral-medium-3-5" in added
    assert all(f"\n  {canonical_id}\n" in text for canonical_id in added)
    assert "mistral-medium-3.5            → mistralai/mistral-medium-3-5" in re.sub(
        " +→", "            →", text
    )
    assert "### Scores and ranks\n\n```text\nChanges from the board" in text
    assert text.count("```") == 4


@pytest.mark.slow
def test_names_of_a_cache_are_those_of_its_board(board, project, tmp_path, ipbr_rank):
    asked = ("triage", "--format", "json")
    cache = ("--cache", project / "data/fixtures", "--database", tmp_path / "none.duckdb")
    alone = ipbr_rank(*asked, *cache)
    assert alone.returncode == 0, alone.stderr
    of_cache = json.loads(alone.stdout)
    of_board = json.loads(ipbr_rank(*asked, "--database", board.database).stdout)
    assert list(of_cache) == ["new_models", "names_to_review", "unmatched_names"]
    assert of_cache == {key: of_board[key] for key in of_cache}
    assert not (tmp_path / "none.duckdb").exists()


def test_a_pasted_alias_resolves_to_the_model_alone(report, project, tmp_path):
    text = (project / "data/required_aliases.toml").read_text(encoding="utf-8")
    for name in ANSWERS:
        (first, *_) = entry_of(report, name)["suggestions"]
        lines = "".join(f"    {line}\n" for line in first["toml_lines"])
        head, table, rest = text.partition(first["toml_table"])
        assert table
        text = head + table + rest.replace("aliases = [\n", f"aliases = [\n{lines}", 1)
    path = tmp_path / "aliases.toml"
    path.write_text(text, encoding="utf-8")
    assert valid_models(path, project)


def test_gaps_name_donors_and_the_cap(report):
    gaps = report["synthesis_gaps"]
    assert any(gap["is_cap_blocked"] for gap in gaps)
    assert not all(gap["is_cap_blocked"] for gap in gaps)
    for gap in gaps:
        assert gap["metric_ids"]
        assert 1 <= len(gap["donors"]) <= 3
        assert gap["canonical_id"] not in [donor["donor_id"] for donor in gap["donors"]]
        (pair,) = tomllib.loads(gap["toml"])["pair"]
        assert pair["target"] == gap["canonical_id"]
        assert pair["from"] == gap["donors"][0]["donor_id"]


def test_stale_entries_are_those_of_the_warnings(report, database, ipbr_rank):
    process = ipbr_rank(
        *("query", "--format", "json", "--database", database),
        "select warning_kind, count(*) as n from marts.rpt_warnings group by warning_kind",
    )
    counts = {row["warning_kind"]: row["n"] for row in json.loads(process.stdout)}
    assert len(report["stale_overrides"]) == counts["stale_override"] > 0
    assert len(report["stale_pairs"]) == counts.get("stale_pair", 0)
    assert report["unseen_ignored_names"] == []


def test_unused_aliases_are_those_by_which_no_name_resolves(report, database, project):
    """Of all sources: one made for a single source is warned of, too, and names that source."""
    models = read_models(project / "data/required_aliases.toml")
    given = {
        (canonical_id, alias)
        for canonical_id, model in models.items()
        for alias in model["aliases"]
        if alias not in (canonical_id, model["display_name"])
    }
    with duckdb.connect(str(database), read_only=True) as connection:
        warned = connection.execute(
            "select subject, message from marts.rpt_warnings where warning_kind = 'unused_alias'"
        ).fetchall()
        resolved = connection.execute(
            "select distinct canonical_id, source_model_name, match_method, harness"
            " from marts.fct_observation_ledger where resolution = 'resolved'"
        ).fetchall()
    notes = [(note["subject"], note["message"]) for note in report["unused_aliases"]]
    assert notes[: len(warned)] == sorted(warned)
    unused = {(subject, a) for subject, text in notes[len(warned) :] for a in text.split(", ")}
    assert unused
    assert unused <= given
    # Of a name with an agent in it only the rest is looked up.
    exact = {(row[0], row[1]) for row in resolved if row[2] == "exact" and not row[3]}
    assert len(exact & given) > 20
    assert not unused & exact
    for canonical_id, alias in given - unused:
        words = re.findall("[a-z0-9]+", alias.lower())
        assert any(
            all(word in re.sub("[^a-z0-9]", "", name.lower()) for word in words)
            for model, name, *_ in resolved
            if model == canonical_id
        ), alias


def test_toml_parses_and_carries_hostile_names(database, ipbr_rank):
    process = ipbr_rank("triage", "--format", "toml", "--database", database)
    assert process.returncode == 0
    assert "\x1b" not in process.stdout
    document = tomllib.loads(process.stdout)
    aliases = document["models"]["anthropic/claude-opus-4.8"]["aliases"]
    assert "Cluade Opus 4.8" in aliases
    assert document["pair"]


def test_table_and_min_count(database, ipbr_rank):
    process = ipbr_rank("triage", "--min-count", "40", "--database", database)
    assert process.returncode == 0
    head = process.stdout.splitlines()[0]
    assert head.startswith("Models not on the board, newest month first: ")
    found = re.search("Unmatched names, grouped by model: (.*)", process.stdout)
    assert 10 < int(found[1]) < 100
    assert "Stale overrides: " in process.stdout
    assert "\x1b" not in ipbr_rank("triage", "--database", database).stdout


def test_fail_on_new(report, database, ipbr_rank, tmp_path):
    baseline = tmp_path / "baseline.json"
    baseline.write_text(json.dumps(report), encoding="utf-8")
    arguments = ("triage", "--fail-on-new", baseline, "--database", database)
    assert ipbr_rank(*arguments).returncode == 0
    entry = entry_of(report, "Codex v5.3")
    less = [other for other in report["unmatched_names"] if other is not entry]
    baseline.write_text(json.dumps(report | {"unmatched_names": less}), encoding="utf-8")
    process = ipbr_rank(*arguments)
    assert process.returncode == 1
    assert f"{len(entry['names'])} unmatched names are not in" in process.stderr
    assert "  gso: Codex v5.3" in process.stderr
    assert "Traceback" not in process.stderr
    assert process.stdout.startswith("Models not on the board")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GPT v5.6", None),
        ("GPT v5.6 (Sol)", "openai/gpt-5.6-sol"),
        ("GPT v5.6 Terra", "openai/gpt-5.6-terra"),
        ("GPT v5.6 Luna", None),
    ],
)
def test_a_word_after_the_version_tells_models_of_a_family_apart(name, expected):
    names = {"openai/gpt-5.6-sol": ["GPT-5.6 Sol"], "openai/gpt-5.6-terra": ["GPT-5.6 Terra"]}
    suggester = Suggester(
        names=names,
        vendors=dict.fromkeys(names, "openai"),
        released=dict.fromkeys(names),
        spellings={"openai": "openai"},
    )
    found = [suggestion.canonical_id for suggestion in suggester.suggest(name)]
    assert found == ([expected] if expected else [])


@pytest.fixture
def suggester():
    """Two ranked models of two vendors."""
    return Suggester(
        names={"openai/gpt-5.5": ["GPT-5.5"], "qwen/qwen3.7-max": ["Qwen3.7 Max"]},
        vendors={"openai/gpt-5.5": "openai", "qwen/qwen3.7-max": "alibaba"},
        released={"openai/gpt-5.5": date(2026, 4, 23), "qwen/qwen3.7-max": None},
        spellings={"openai": "openai", "qwen": "alibaba", "google": "google"},
    )


@pytest.mark.parametrize(
    ("name", "hint", "expected"),
    [
        ("GPT v5.5", None, "openai/gpt-5.5"),
        ("GPT v5.5", "OpenAI", "openai/gpt-5.5"),
        # Another vendor, told by the source or in the name; an unknown one may be a host.
        ("GPT v5.5", "google", None),
        ("google/GPT v5.5", None, None),
        ("some-host/GPT v5.5", "some host", "openai/gpt-5.5"),
        # The month of the release, and another one.
        ("GPT-5.5 (04-2026)", None, "openai/gpt-5.5"),
        ("GPT-5.5 (05-2026)", None, None),
        # A word after the name may be a new tier; one in brackets or before the name is none.
        ("GPT-5.5 Lightning", None, None),
        ("GPT-5.5 Instant", None, None),
        # In other letters too; those that are only another form of these are read as these.
        ("GPT v5.5 β", None, None),
        ("GPT v5.5 轻量版", None, None),
        ("GPT v5.5 ｍｉｎｉ", None, None),
        ("ＧＰＴ v5.5", None, "openai/gpt-5.5"),
        ("GPT v5.5 (lightning)", None, "openai/gpt-5.5"),
        ("Someone's GPT v5.5", None, "openai/gpt-5.5"),
        # Max is an effort here and a tier there.
        ("GPT v5.5 (max)", None, "openai/gpt-5.5"),
        ("GPT v5.5 Max", None, None),
        ("Qwen v3.7", None, None),
        ("Qwen v3.7 Max", None, "qwen/qwen3.7-max"),
        ("GPT-5.5 + Qwen3.7 Max", None, None),
        ("", None, None),
        ("()[]/ + @", None, None),
    ],
)
def test_what_tells_models_apart(suggester, name, hint, expected):
    found = [suggestion.canonical_id for suggestion in suggester.suggest(name, hint)]
    assert found == ([expected] if expected else [])
