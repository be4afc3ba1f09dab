"""Scores without borrowed and claimed values are those of boards that never had them."""

import json
from pathlib import Path

import duckdb
import pytest

# No source has these, so that without any override the configuration would be refused.
ONLY_CLAIMED = ("BrowseComp", "GDPval", "HLETools", "OSWorldVerified", "Toolathlon")
MADE_UP = """
[models."openai/claimant"]
display_name = "Claimant"
vendor = "openai"
aliases = ["claimant"]
"""
CLAIM = """
[[entries]]
canonical_id = "openai/claimant"
metric = "{}"
value = 50.0
date = 2026-01-01
note = "made up, 2026-01-01"
"""


@pytest.mark.parametrize("kind", ["claimed", "measured"])
def test_a_board_without_these_values_has_these_scores(
    board, ipbr_rank, project: Path, tmp_path: Path, kind: str
) -> None:
    """`what-if` scores the board without pairs, and without the vendors' values besides.

    A made-up model keeps the metrics alive that vendors alone publish; nobody else has one then.
    """
    (tmp_path / "synthesis.toml").write_text("", encoding="utf-8")
    files = ["--synthesis", tmp_path / "synthesis.toml"]
    if kind == "measured":
        models = (project / "data/required_aliases.toml").read_text(encoding="utf-8")
        (tmp_path / "aliases.toml").write_text(models + MADE_UP, encoding="utf-8")
        claims = "".join(CLAIM.format(metric_id) for metric_id in ONLY_CLAIMED)
        (tmp_path / "overrides.toml").write_text(claims, encoding="utf-8")
        files += ["--aliases", tmp_path / "aliases.toml"]
        files += ["--overrides", tmp_path / "overrides.toml"]
    told = ipbr_rank("what-if", *files, "--format", "json", "--database", board.database)
    assert told.returncode == 0, told.stderr
    scored = {
        (row["canonical_id"], row["role_id"]): row["score_after"]
        for row in json.loads(told.stdout)["scores"]
        if row["score_after"] is not None
    }
    with duckdb.connect(str(board.database), read_only=True) as connection:
        rows = connection.execute(
            f"select canonical_id, role_id, {kind}_score, score from marts.fct_mix_inputs"
        ).fetchall()
    for canonical_id, role_id, score, _ in rows:
        # What has no value at all is not on such a board, and stands at 50 here.
        expected = scored.get((canonical_id, role_id), 50.0)
        assert score == pytest.approx(expected, abs=1e-9), (canonical_id, role_id)
    assert len({model for model, *_ in rows} - {model for model, _ in scored}) < 10
    assert sum(abs(score - published) > 0.1 for *_, score, published in rows) > len(rows) / 4
