"""Odd but legitimate input: carried to the ledger, counted, and never fatal."""

import json
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

HOSTILE = {
    "markup": "<script>alert(1)</script>",
    "quotes": '\'; drop table "x"; --',
    "four_bytes": "model \U0001f9ea\U00020000",
    "right_to_left": "\u202emodel\u202c \u05d0",
    "long": "very " * 2000 + "long",
    "formula": '=HYPERLINK("x")',
    "nul": "with \u0000 nul",
}
UNUSABLE = {
    "text": ("about forty", "not a number"),
    "nan": (float("nan"), "not a finite number"),
    "infinity": (float("inf"), "not a finite number"),
    "negative": (-3, "below the lowest possible value"),
    "above": (140.5, "above the highest possible value"),
    "dashes": ("--", "no figure"),
    "of a program": ("1_0", "not a number"),
}
# LMArena's intervals of the first models, one after the other: its own ends are changed to these.
ERRORS = {
    "upside down": ((1505.2, 1495.3), "the lower end of the interval is above the upper end"),
    "infinite": (("-Infinity", "Infinity"), "not a finite error or interval"),
    "of a program": (("1_400", 1500.5), "one end of the interval is missing"),
}
# As SWE-bench serves them since the autumn of 2026: name, agent, effort, figure, warning.
SUBMISSIONS = [
    ("Claude 4.5 Opus (high)", "mini-SWE-agent", "high", 76.8, None),
    ("Claude 4.5 Opus (20251101) (medium)", "mini-SWE-agent", "medium", 74.4, None),
    ("live-SWE-agent + Claude 4.5 Opus medium (20251101)", "live-SWE-agent", "medium", 79.2, None),
    ("Sonar Foundation Agent + Claude 4.5 Opus", "Sonar Foundation Agent", None, 79.2, None),
    ("Made-up Agent + Claude 4.5 Opus (high)", "Made-up Agent", "high", 99.0, "not reproducible"),
]


@pytest.fixture(scope="module")
def odd_run(project, tmp_path_factory, ipbr_rank):
    """A run on the fixtures with odd rows in GSO and no ranked model in LiveCodeBench.

    ARC writes every second share as a percentage, SciCode has become percent without saying so, and
    LMArena's first intervals are none.
    """
    folder = tmp_path_factory.mktemp("odd")
    cache = folder / "cache"
    shutil.copytree(project / "data/fixtures", cache)
    gso = json.loads((cache / "gso.json").read_text(encoding="utf-8"))
    usual = next(row for row in gso["models"] if row["name"] == "Claude Opus 4.7")
    gso["models"] += [usual | {"name": name} for name in HOSTILE.values()]
    gso["models"] += [
        usual | {"name": "Claude Fable 5", "score_hack_control": value}
        for value, _ in UNUSABLE.values()
    ]
    gso["models"] += [usual, usual]
    (cache / "gso.json").write_text(json.dumps(gso), encoding="utf-8")
    text = (cache / "livecodebench.json").read_text(encoding="utf-8")
    assert "Gemini-2.5-Pro" in text
    (cache / "livecodebench.json").write_text(
        text.replace("Gemini-2.5-Pro", "Nobody-1"), encoding="utf-8"
    )
    swebench = json.loads((cache / "swebench_leaderboards.json").read_text(encoding="utf-8"))
    (verified,) = (board for board in swebench["leaderboards"] if board["name"] == "Verified")
    verified["results"] = [
        result for result in verified["results"] if "Claude 4.5 Opus" not in result["name"]
    ] + [
        {
            "name": name,
            "agent": agent,
            "model_display": "Claude 4.5 Opus",
            "model_org": "Anthropic",
            "reasoning_effort": effort,
            "resolved": resolved,
            "tags": ["Model: claude-4-5-opus", "Org: Anthropic"],
            "warning": warning,
        }
        for name, agent, effort, resolved, warning in SUBMISSIONS
    ]
    swebench["leaderboards"] = [verified]
    (cache / "swebench_leaderboards.json").write_text(json.dumps(swebench), encoding="utf-8")
    lmarena = json.loads((cache / "lmarena_overall.json").read_text(encoding="utf-8"))
    page = lmarena["configs"]["document"][-1]
    row = next(entry["row"] for entry in page["rows"] if entry["row"]["category"] == "overall")
    earlier = {"rating": row["rating"] + 40, "leaderboard_publish_date": "2026-03-01"}
    page["rows"].append({"row": row | earlier})
    (cache / "lmarena_overall.json").write_text(json.dumps(lmarena), encoding="utf-8")
    change_units(cache)
    process = ipbr_rank(
        *("all", "--offline", "--cache", cache, "--now", "2026-01-01T00:00:00Z"),
        *("--out", folder / "out", "--database", folder / "ipbr.duckdb"),
    )
    assert process.returncode == 0, process.stderr
    with duckdb.connect(str(folder / "ipbr.duckdb"), read_only=True) as connection:
        yield connection


def change_units(cache: Path) -> None:
    """Writes units and errors into cached responses that their sources do not have today."""
    path = cache / "arc_agi.json"
    arc = json.loads(path.read_text(encoding="utf-8"))
    for entry in arc["evaluations"][::2]:
        entry["score"] = f"{Decimal(str(entry['score'])) * 100}%"
    path.write_text(json.dumps(arc), encoding="utf-8")
    path = cache / "artificial_analysis_llms.json"
    listed = json.loads(path.read_text(encoding="utf-8"))
    for entry in listed["data"]:
        if entry.get("evaluations", {}).get("scicode") is not None:
            entry["evaluations"]["scicode"] *= 100
    path.write_text(json.dumps(listed), encoding="utf-8")
    path = cache / "lmarena_overall.json"
    arena = json.loads(path.read_text(encoding="utf-8"))
    for entry, (ends, _) in zip(arena["configs"]["text"][0]["rows"], ERRORS.values(), strict=False):
        entry["row"]["rating_lower"], entry["row"]["rating_upper"] = ends
    path.write_text(json.dumps(arena), encoding="utf-8")


def test_hostile_names_are_carried_and_counted_as_unmatched(odd_run):
    rows = odd_run.execute(
        """
        select source_model_name, resolution from marts.fct_observation_ledger
        where source_id = 'gso'
        """
    ).fetchall()
    found = dict(rows)
    for name in HOSTILE.values():
        assert found[name.replace("\0", "\ufffd")] == "unmatched"


@pytest.mark.parametrize(("value", "reason"), UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_values_stand_in_the_ledger_with_their_reason(odd_run, value, reason):
    rows = odd_run.execute(
        """
        select is_used, outcome from marts.fct_observation_ledger
        where source_id = 'gso' and canonical_id = 'anthropic/claude-fable-5'
            and lower(raw_text) = lower(?)
        """,
        [{"nan": "NaN", "inf": "Infinity"}.get(str(value), str(value))],
    ).fetchall()
    assert rows == [(False, reason)]


def test_unusable_values_are_missing_and_never_direct(odd_run):
    rows = odd_run.execute(
        """
        select evidence_class from marts.fct_measurements
        where canonical_id = 'anthropic/claude-fable-5' and metric_id = 'GSO'
        """
    ).fetchall()
    assert rows and rows[0][0] in (None, "synthesised")


def test_a_percentage_is_none_of_a_hundred_times_as_many(odd_run, board):
    """Half of the figures are written in percent, and mean what they meant as shares."""
    query = """
        select source_model_name, effort, raw_value, is_used from marts.fct_observation_ledger
        where metric_id = 'ARC_AGI_2' order by all
    """
    with duckdb.connect(str(board.database), read_only=True) as connection:
        usual = connection.execute(query).fetchall()
    assert len(usual) > 100
    assert odd_run.execute(query).fetchall() == usual


@pytest.mark.parametrize(("place", "reason"), [*enumerate([why for _, why in ERRORS.values()], 1)])
def test_a_bad_error_costs_that_error_alone(odd_run, place, reason):
    rows = odd_run.execute(
        """
        select raw_value > 1000, error_issue
        from marts.fct_observation_ledger
        where source_id = 'lmarena' and source_metric_name = 'text/overall' and position = ?
        """,
        [place],
    ).fetchall()
    assert rows == [(True, reason)]


def test_what_is_odd_about_a_source_is_warned_of(odd_run, board):
    query = """
        select warning_kind, subject, message from marts.rpt_warnings
        where warning_kind in ('unusable_figures', 'unusable_errors', 'mixed_units') order by all
    """
    with duckdb.connect(str(board.database), read_only=True) as connection:
        assert connection.execute(query).fetchall() == []
    rows = odd_run.execute(query).fetchall()
    assert [row[:2] for row in rows] == [
        *(("mixed_units", f"arc_agi ARC_AGI_{version}") for version in (2, 3)),
        ("unusable_errors", "lmarena LMArenaText"),
        ("unusable_figures", "artificial_analysis SciCode"),
    ]
    assert (
        "errors or intervals cannot be used: "
        + ", ".join(sorted(why for _, why in ERRORS.values()))
        in rows[2][2]
    )
    assert rows[3][2].endswith("values cannot be used: above the highest possible value")


def test_duplicate_rows_count_once_as_a_figure(odd_run):
    outcomes = odd_run.execute(
        """
        select outcome, count(*) from marts.fct_observation_ledger
        where source_id = 'gso' and canonical_id = 'anthropic/claude-opus-4.7'
        group by outcome order by outcome
        """
    ).fetchall()
    assert outcomes == [("the same value again", 2), ("used", 1)]


def test_a_source_without_any_ranked_model_is_shown_with_its_rows(odd_run):
    row = odd_run.execute(
        """
        select status, n_rows_ingested, n_rows_matched, n_rows_unmatched
        from marts.dim_sources where source_id = 'livecodebench'
        """
    ).fetchone()
    assert row == ("verified", 16, 0, 16)


def test_a_source_that_lost_half_of_its_rows_is_warned_of(board, project, tmp_path, ipbr_rank):
    text = (board.out / "scoreboard.toml").read_text(encoding="utf-8")
    assert "n_rows_ingested = 26\n" in text
    earlier = tmp_path / "earlier.toml"
    # GSO had 26 rows; on an earlier board that says 52 it has lost half of them.
    earlier.write_text(text.replace("n_rows_ingested = 26\n", "n_rows_ingested = 52\n"))
    database = Path(shutil.copy(board.database, tmp_path))
    process = ipbr_rank(
        *("score", "--offline", "--cache", project / "data/fixtures", "--prev", earlier),
        *("--now", "2026-01-01T00:00:00Z", "--out", tmp_path / "out", "--database", database),
    )
    assert process.returncode == 0, process.stderr
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select subject, message from marts.rpt_warnings where warning_kind = 'fewer_rows'"
        ).fetchall()
    assert rows == [("gso", "26 rows, 52 on the earlier board")]


def test_swebench_of_the_autumn_of_2026_gives_effort_and_harness(odd_run):
    rows = odd_run.execute(
        """
        select metric_id, source_model_name, harness, effort, raw_value, outcome
        from marts.fct_observation_ledger
        where source_id = 'swebench' and (
            canonical_id = 'anthropic/claude-opus-4.5' or source_model_name like 'Made-up Agent%'
        )
        order by metric_id, raw_value, harness
        """
    ).fetchall()
    names = [name for name, *_ in SUBMISSIONS]
    other = "another effort is preferred"
    assert rows == [
        ("SWEBenchVerified", names[1], "mini-SWE-agent", "medium", 74.4, other),
        ("SWEBenchVerified", names[0], "mini-SWE-agent", "high", 76.8, "used"),
        ("SWEBenchVerified", names[3], "Sonar Foundation Agent", "default", 79.2, other),
        ("SWEBenchVerified", names[2], "live-SWE-agent", "medium", 79.2, other),
        (
            *("SWEBenchVerified", names[4], "Made-up Agent", "high", 99.0),
            "the source warns of it: not reproducible",
        ),
        ("SWEBenchVerifiedBashOnly", names[1], "mini-SWE-agent", "medium", 74.4, other),
        ("SWEBenchVerifiedBashOnly", names[0], "mini-SWE-agent", "high", 76.8, "used"),
    ]


def test_an_earlier_board_does_not_win_by_its_figure(odd_run):
    rows = odd_run.execute(
        """
        select window_end::varchar, outcome from marts.fct_observation_ledger
        where source_id = 'lmarena' and source_model_name in (
            select source_model_name from marts.fct_observation_ledger
            where window_end = '2026-03-01'
        ) and metric_id = 'LMArenaDocument'
        order by window_end
        """
    ).fetchall()
    assert rows == [("2026-03-01", "a newer window counts"), ("2026-04-22", "used")]
