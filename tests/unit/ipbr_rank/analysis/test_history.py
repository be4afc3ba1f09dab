"""`ipbr-rank history`, and what becomes of the history from run to run."""

import csv
import io
import json
import re
import shutil
import tomllib

import duckdb
import pytest

HISTORY = "site/history.parquet"


@pytest.fixture(scope="module")
def n_models(board):
    """How many models the published board has."""
    return len(tomllib.loads((board.out / "scoreboard.toml").read_text("utf-8"))["models"])


@pytest.fixture(scope="module")
def two_boards(board, tmp_path_factory):
    """A copy of the database with one board more, a week earlier: v/gone leads, all else lags."""
    database = tmp_path_factory.mktemp("history") / "ipbr.duckdb"
    database.write_bytes(board.database.read_bytes())
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "insert into marts.fct_score_history select * replace (generated_at - interval 7 day "
            "as generated_at, score / 2 as score, rank + 1 as rank) from marts.fct_score_history"
        )
        connection.execute(
            "insert into marts.fct_score_history select distinct on (role_id) * replace "
            "('v/gone' as canonical_id, 'Gone 1' as display_name, 99.5 as score, 1 as rank) "
            "from marts.fct_score_history where generated_at < '2026-01-01'"
        )
    return database


def rows_of(ipbr_rank, database, *arguments):
    """The rows that the command prints as CSV."""
    result = ipbr_rank("history", "--database", database, "--format", "csv", *arguments)
    assert result.returncode == 0, result.stderr
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_a_run_is_in_the_history_of_the_site(board, n_models):
    with duckdb.connect(str(board.database), read_only=True) as connection:
        in_file = connection.execute(f"select * from '{board.out / HISTORY}'").fetchall()
        assert (
            in_file
            == connection.execute("select * from marts.fct_score_history order by all").fetchall()
        )
        assert connection.execute(
            "select count(*) from marts.fct_score_history natural join marts.fct_role_scores"
        ).fetchall() == [(len(in_file),)]
    assert len(in_file) == 4 * n_models


def test_the_boards(ipbr_rank, two_boards, n_models):
    rows = rows_of(ipbr_rank, two_boards)
    assert [(row["generated_at"], row["n_models"]) for row in rows] == [
        ("2025-12-25T00:00:00Z", str(n_models + 1)),
        ("2026-01-01T00:00:00Z", str(n_models)),
    ]


@pytest.mark.parametrize("name", ["anthropic/claude-opus-4.7", "claude OPUS 4.7"])
def test_one_model(ipbr_rank, two_boards, name):
    rows = rows_of(ipbr_rank, two_boards, name)
    roles = ["Idea", "Planning", "Building", "Reviewing"]
    assert [row["role_name"] for row in rows] == roles * 2
    assert {row["model"] for row in rows} == {"anthropic/claude-opus-4.7"}
    for before, after in zip(rows[:4], rows[4:], strict=True):
        assert float(before["score"]) * 2 == float(after["score"])
        assert int(before["rank"]) == int(after["rank"]) + 1


def test_a_model_that_has_left(ipbr_rank, two_boards):
    rows = rows_of(ipbr_rank, two_boards, "gone 1")
    assert [(row["generated_at"], row["rank"]) for row in rows] == [
        ("2025-12-25T00:00:00Z", "1")
    ] * 4


@pytest.mark.parametrize(
    ("at", "expected", "n_gone"),
    [
        ("2025-12-25", "2025-12-25T00:00:00Z", 1),
        ("2025-12-31T23:59:59Z", "2025-12-25T00:00:00Z", 1),
        ("2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z", 0),
        ("2027-01-01", "2026-01-01T00:00:00Z", 0),
    ],
)
def test_the_board_as_published(ipbr_rank, two_boards, n_models, at, expected, n_gone):
    rows = rows_of(ipbr_rank, two_boards, "--at", at)
    assert {row["generated_at"] for row in rows} == {expected}
    assert len(rows) == 4 * (n_models + n_gone)


def test_one_model_at_a_time_as_json(ipbr_rank, two_boards):
    result = ipbr_rank(
        *("history", "v/gone", "--at", "2025-12-26", "--format", "json"),
        *("--database", two_boards),
    )
    assert [row["score"] for row in json.loads(result.stdout)] == [99.5] * 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--at", "2025-12-24"], "there was no board yet; the first board is from 2025-12-25"),
        (["Claude 99"], "no board in the history has the model 'Claude 99'"),
        (["--at", "yesterday"], "expected a time in ISO 8601"),
    ],
)
def test_what_is_not_there(ipbr_rank, two_boards, arguments, message):
    result = ipbr_rank("history", "--database", two_boards, *arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_a_database_without_history(ipbr_rank, tmp_path):
    duckdb.connect(str(tmp_path / "old.duckdb")).close()
    result = ipbr_rank("history", "--database", tmp_path / "old.duckdb")
    assert result.returncode == 1
    assert "has no history" in result.stderr


def test_a_wrong_history_stops_the_run_before_anything_is_built(
    board, ipbr_rank, tmp_path, project
):
    (tmp_path / "history.parquet").write_bytes((board.out / HISTORY).read_bytes()[:-9])
    result = ipbr_rank(
        *("score", "--offline", "--cache", project / "data" / "fixtures", "--quiet"),
        *("--history", tmp_path / "history.parquet"),
        *("--out", tmp_path / "out", "--database", tmp_path / "ipbr.duckdb"),
    )
    assert result.returncode == 2
    assert result.stderr.startswith("error: --history ")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "ipbr.duckdb").exists()


def test_kept_responses_are_scored_anew_beside_the_published_board(ipbr_rank, tmp_path, project):
    cache = tmp_path / "cache"
    shutil.copytree(project / "data" / "fixtures", cache)

    def run(name, *arguments):
        places = ("--out", tmp_path / name, "--database", tmp_path / f"{name}.duckdb")
        return ipbr_rank("score", "--cache", cache, "--quiet", *places, *arguments)

    now = "2026-11-07T12:00:00Z"
    kept = run("published", "--offline", "--keep-raw", "2", "--now", now)
    assert kept.returncode == 0, kept.stderr
    published = (tmp_path / "published" / "scoreboard.toml").read_bytes()
    (cache / "lmarena_overall.json").unlink()
    shutil.copy(tmp_path / "published.duckdb", tmp_path / "again.duckdb")
    again = run("again", "--as-of", "2026-11-07")
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again" / "scoreboard.toml").read_bytes() == published
    # Today's method: other coefficients than those of the published board.
    text = (project / "data" / "coefficients.toml").read_text(encoding="utf-8")
    changed = re.sub(r"^trust_threshold = \S+", "trust_threshold = 0.9", text, flags=re.MULTILINE)
    assert changed != text
    (tmp_path / "other.toml").write_text(changed, encoding="utf-8")
    other = run("other", "--as-of", "2026-11-08", "--coefficients", tmp_path / "other.toml")
    assert other.returncode == 0, other.stderr
    assert (tmp_path / "other" / "scoreboard.toml").read_bytes() != published
    assert [row["generated_at"] for row in rows_of(ipbr_rank, tmp_path / "again.duckdb")] == [
        "2026-11-07T12:00:00Z"
    ]
    experiment = ipbr_rank("history", "--database", tmp_path / "other.duckdb")
    assert "has no history: its board is an experiment" in experiment.stderr
    early = run("early", "--as-of", "2026-11-06")
    assert early.returncode == 2
    assert "the first are from 2026-11-07T120000Z" in early.stderr
    assert not (tmp_path / "early").exists()
    alone = ipbr_rank("score", "--as-of", "2026-11-07", "--cache", cache)
    assert alone.returncode == 2
    assert "--out and --database" in alone.stderr


def test_a_board_is_taken_out_of_the_history(ipbr_rank, two_boards, tmp_path, n_models):
    database = tmp_path / "ipbr.duckdb"
    shutil.copy(two_boards, database)
    first, last = (row["generated_at"] for row in rows_of(ipbr_rank, database))
    dropped = ipbr_rank("history", "--drop", first, "--database", database)
    assert dropped.returncode == 0, dropped.stderr
    assert f"UTC from the history ({4 * (n_models + 1)} rows)" in dropped.stderr
    assert [row["generated_at"] for row in rows_of(ipbr_rank, database)] == [last]
    for time, told in {first: "there is no board of that time", last: "the current board"}.items():
        refused = ipbr_rank("history", "--drop", time, "--database", database)
        assert refused.returncode == 2
        assert told in refused.stderr
