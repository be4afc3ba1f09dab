"""The what-if page computes what `ipbr-rank score --coefficients` computes in SQL."""

import json
import subprocess
from pathlib import Path

import duckdb
import pytest
from selectolax.lexbor import LexborHTMLParser

PROJECT = Path(__file__).resolve().parents[2]
SCRIPT = PROJECT / "render/static/what-if.js"

# Runs the page's own module; what it prints is compared with the database.
RUN = """
const whatIf = require(process.argv[1]);
const board = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const weights = whatIf.official(board);
const asIs = whatIf.score(board, weights);
weights.roles.B_raw = weights.roles.B_raw.map((weight, index) => weight + 0.3 * index);
weights.roles.I_raw[1] = 0;
weights.groups.PLAN = weights.groups.PLAN.map((weight, index) => (index % 3 ? weight : weight / 4));
weights.groups.BUILD[0] = 0;
weights.groups.GEN[0] = 0.9;
console.log(JSON.stringify({
  asIs,
  scores: whatIf.score(board, weights),
  toml: whatIf.coefficients(board, weights),
  tau: [
    whatIf.tau([1, 2, 3], [1, 2, 3]),
    whatIf.tau([1, 2, 3], [3, 2, 1]),
    whatIf.tau([1, 2, 2], [1, 2, 3]),
  ],
  ranks: whatIf.ranks([5, 9, 9.0000000001, 1]),
}));
"""


@pytest.fixture(scope="module")
def computed(node, board):
    """What the script computes on the page of the fixtures' board, and the page's data."""
    page = LexborHTMLParser((board.out / "site/what-if.html").read_text(encoding="utf-8"))
    payload = page.css_first("#what-if").attributes["data-board"]
    process = subprocess.run(
        [node, "-e", RUN, str(SCRIPT)],
        input=payload,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert process.returncode == 0, process.stderr
    return json.loads(payload), json.loads(process.stdout)


def scores_of(database: Path) -> dict[tuple[str, str], float]:
    """Scores by slug and role."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            """
            select models.slug, scores.role_id, scores.score
            from marts.fct_role_scores as scores
            inner join marts.dim_models as models using (canonical_id)
            """
        ).fetchall()
    return {(slug, role_id): score for slug, role_id, score in rows}


def differences(payload, scores, expected):
    """Scores of the script that are not those of the database to 1e-6."""
    found = {
        (model["slug"], role["id"]): scores[position][number]
        for position, role in enumerate(payload["roles"])
        for number, model in enumerate(payload["models"])
    }
    assert found.keys() == expected.keys()
    return [key for key, score in found.items() if abs(score - expected[key]) > 1e-6]


def test_official_weights_give_the_official_scores(computed, board):
    payload, result = computed
    assert differences(payload, result["asIs"], scores_of(board.database)) == []


def test_other_weights_give_what_sql_gives(computed, board, ipbr_rank, tmp_path):
    payload, result = computed
    (tmp_path / "coefficients.toml").write_text(result["toml"], encoding="utf-8")
    process = ipbr_rank(
        *("score", "--offline", "--cache", PROJECT / "data/fixtures", "--now", board.now),
        *("--out", tmp_path / "out", "--database", tmp_path / "ipbr.duckdb"),
        *("--coefficients", tmp_path / "coefficients.toml"),
    )
    assert process.returncode == 0, process.stderr
    expected = scores_of(tmp_path / "ipbr.duckdb")
    assert differences(payload, result["scores"], expected) == []
    official = scores_of(board.database)
    changed = [key for key, score in expected.items() if abs(score - official[key]) > 0.01]
    assert len(changed) > len(expected) / 2


def test_ranks_and_their_correlation(computed):
    _, result = computed
    assert result["ranks"] == [3, 1, 1, 4]
    assert result["tau"] == pytest.approx([1, -1, 0.816496580927726])
