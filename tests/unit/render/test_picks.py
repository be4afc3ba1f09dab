"""The leaderboard's script answers as SQL does: mixes of roles, and picks of what fits."""

import json
import subprocess
from pathlib import Path

import duckdb
import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.support.made_up import N_MODELS
from tests.support.made_up_picks import project_macros

SCRIPT = Path(__file__).resolve().parents[3] / "render/static/index.js"
# Weights of the four roles, the highest price, open weights only, the least own evidence, and which
# values count.
QUESTIONS = [
    ((1, 0, 0, 0), None, False, 0.0, ""),
    ((0, 0, 1, 0), 2.0, False, 0.0, ""),
    ((0, 0, 60, 40), None, True, 0.0, ""),
    ((25, 25, 25, 25), 3.0, True, 0.0, ""),
    ((5, 80, 0, 15), 3.0, False, 0.8, ""),
    ((0, 0, 0, 1), 0.0, False, 0.0, ""),
    ((0, 0, 1, 0), None, False, 0.0, "claimed"),
    ((0, 0, 1, 0), None, False, 0.0, "measured"),
    ((1, 1, 1, 1), None, False, 0.0, "measured"),
    ((0, 70, 0, 30), 5.0, True, 0.0, "claimed"),
]
# What fct_mix_inputs would hold if only these values counted.
INPUTS = {
    "": "marts.fct_mix_inputs",
    "claimed": "(select * replace (claimed_score as score) from marts.fct_mix_inputs)",
    "measured": (
        "(select * replace (measured_score as score, measured_share as own_share, "
        "measured_families as families) from marts.fct_mix_inputs)"
    ),
}
RUN = """
const board = require(process.argv[1]);
const [state, questions] = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(questions.map(([weights, ceiling, isOpenOnly, floor, values]) => {
  const stands = board.mixed(state, weights, values);
  const all = state.models.map(([slug, , , isOpen, price], index) => {
    const { score, shares, isRanked, place } = stands[index];
    const own = shares[0] + shares[1];
    return { id: slug, score, price, isOpen: isOpen === 1, own, isRanked, place };
  });
  const fitting = all.filter(({ isRanked, price, isOpen, own }) => isRanked && own >= floor - 1e-6
    && (ceiling === null || (price !== null && price <= ceiling)) && (!isOpenOnly || isOpen));
  const picks = board.picked(fitting, state.rules.value, state.phrases);
  return {
    all: all.map(({ id, score, own, isRanked, place }) => [id, score, own, isRanked, place]),
    picks: Object.fromEntries(Object.entries(picks)
      .map(([key, { one, reason }]) => [key, one && [one.id, reason]])),
  };
})));
"""


@pytest.fixture(scope="module")
def computed(node: str, site: Path) -> list[dict]:
    """What the script answers to each question."""
    page = LexborHTMLParser((site / "index.html").read_text(encoding="utf-8"))
    state = json.loads(page.css_first("#board").attributes["data-state"])
    process = subprocess.run(
        [node, "-e", RUN, str(SCRIPT)],
        input=json.dumps([state, QUESTIONS]),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


@pytest.mark.parametrize("number", range(len(QUESTIONS)))
def test_the_script_answers_as_sql_does(computed: list[dict], database: Path, number: int) -> None:
    weights, ceiling, is_open_only, floor, values = QUESTIONS[number]
    macros = project_macros()
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute(
            f"create temp table rules as {macros['pick_rules']('marts.dim_thresholds')}"
        )
        connection.execute(
            "create temp table mixes as select 0 as mix_id, "
            "unnest(['i', 'p', 'b', 'r']) as role_id, unnest(?::double[]) as weight",
            [list(weights)],
        )
        mixed = macros["mixed"](INPUTS[values], "mixes")
        connection.execute(
            "create temp table scored as select scored.*, models.slug, models.blended_cost_usd, "
            f"models.open_weights from ({mixed}) as scored "
            "inner join marts.rpt_scoreboard as models using (canonical_id)"
        )
        scored = connection.execute(
            "select slug, score, own_share, status = 'ranked', coalesce(place, 0) from scored "
            "order by slug"
        ).fetchall()
        connection.execute(
            "create temp table candidates as from scored where status = 'ranked' "
            "and own_share >= $1 - 1e-6 and ($2 is null or blended_cost_usd <= $2) "
            "and (not $3 or open_weights)",
            [floor, ceiling, is_open_only],
        )
        picks = {
            pick: [slug, reason]
            for pick, slug, reason in connection.execute(
                f"select pick, slug, reason from ({macros['picked']('candidates')}) "
                "inner join marts.rpt_scoreboard using (canonical_id)"
            ).fetchall()
        }
    answer = computed[number]
    assert len(answer["all"]) == len(scored) == N_MODELS
    for found, expected in zip(sorted(answer["all"]), scored, strict=True):
        assert found[0] == expected[0]
        assert found[1:3] == pytest.approx(expected[1:3], abs=3e-6)
        assert tuple(found[3:]) == expected[3:]
    assert answer["picks"] == {key: picks.get(key) for key in ("best", "value", "open")}


def test_most_questions_have_an_answer(computed: list[dict]) -> None:
    assert [answer["picks"]["best"] is None for answer in computed].count(True) <= 2


@pytest.mark.parametrize(
    ("pick", "cost", "score", "words"),
    [
        ("best", 1.0, 1.0, "the highest score of 7 ranked models"),
        ("value", 0.5, 0.91, "91 % of the score and 50 % of the price of the best model"),
        ("value", 1.0, 1.0, "the best model itself; no model with a similar score is cheaper"),
        ("value", None, 0.91, "91 % of the best score; the price of the best model is not known"),
        ("open", 0.1, 0.75, "the highest score with open weights, 75 % of the best score"),
        ("open", 1.0, 1.0, "the best model itself has open weights"),
    ],
)
def test_a_pick_says_why(pick: str, cost: float | None, score: float, words: str) -> None:
    row = (
        "select $pick as pick, $score::double as best_score_share, $cost::double as "
        "best_cost_share, 0.8 as own_share, 7 as n_candidates"
    )
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select {project_macros()['pick_reason']()} from ({row})",
            {"pick": pick, "score": score, "cost": cost},
        ).fetchone()
    assert found == (f"{words}; own evidence 80 %",)
