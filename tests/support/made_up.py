"""A database of made-up marts, so that rendering is tested without a run.

The models, weights and names are the project's own; every figure is drawn from a fixed seed and
means nothing. Nothing made here is published.
"""

from __future__ import annotations

import csv
import itertools
import json
import math
import random
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from tests.support.made_up_picks import add_picks

PROJECT = Path(__file__).resolve().parents[2]

# Names that are to appear as they are and to do nothing.
HOSTILE_NAMES = [
    "<script>alert(1)</script>",
    "\"quoted\" & 'single' </title></table>{{ 7 * 7 }}",
    "four byte \U0001f98a \U0001d54f",
    "right \u202e to \u202c left \u05e2\u05d1\u05e8\u05d9\u05ea",
    "L" + "o" * 9999,
    "https://evil.example/ javascript:alert(1) data:text/html,x",
]
SITE_URL = "https://ipbr.example/board/"
# Enough for every kind of row; a page for each of the project's own models takes minutes.
N_MODELS = 24
# So many leading models have draws; fewer than a real board's, since pairs take long to write.
DRAWN_MODELS = 40
GENERATED_AT = datetime(2026, 6, 20, 11, 35, 46, tzinfo=UTC)

TABLES = {
    "dim_runs": (
        "generated_at timestamp, generator varchar, edition varchar, methodology varchar, "
        "is_experiment boolean, is_demo boolean, compared_at timestamp"
    ),
    "dim_roles": (
        "role_id varchar, role_order integer, letter varchar, display_name varchar, "
        "score_key varchar, description varchar"
    ),
    "dim_groups": (
        "group_id varchar, group_order integer, display_name varchar, description varchar"
    ),
    "dim_models": (
        "canonical_id varchar, display_name varchar, vendor varchar, vendor_name varchar, "
        "aliases varchar[], thinking_effort varchar, source_ids varchar[], is_active boolean"
    ),
    "dim_metrics": (
        "metric_id varchar, display_name varchar, unit varchar, metric_class varchar, "
        "metric_kind varchar, task_count integer, task_count_source varchar, "
        "description varchar, higher_better boolean, log_scale boolean, transform varchar, "
        "group_ids varchar[], source_ids varchar[], is_weighted boolean, baseline_basis varchar, "
        "baseline_count bigint, lower_bound double, upper_bound double"
    ),
    "dim_sources": (
        "source_id varchar, display_name varchar, family varchar, home_page varchar, "
        "endpoint varchar, licence varchar, redistribution varchar, attribution varchar, "
        "status varchar, message varchar, n_rows_ingested bigint, n_rows_matched bigint, "
        "n_rows_ignored bigint, n_rows_unmatched bigint, n_measurements bigint, "
        "fetched_at timestamp, content_changed_at timestamp, sha256 varchar, "
        "scale_version varchar"
    ),
    "fct_weights": (
        "weight_kind varchar, parent_id varchar, child_id varchar, weight double, position bigint"
    ),
    "fct_metric_shares": (
        "metric_id varchar, role_id varchar, weight_share double, total_share double"
    ),
    "rpt_withheld_weight": (
        "metric_id varchar, role_id varchar, is_without_board boolean, weight_share double, "
        "lost_share double"
    ),
    "fct_settings": "setting_id varchar, value double",
    "fct_measurements": (
        "canonical_id varchar, metric_id varchar, metric_kind varchar, is_present boolean, "
        "evidence_class varchar, source_id varchar, source_model_name varchar, effort varchar, "
        "harness varchar, observed_on date, standard_error double, interval_lower double, "
        "interval_upper double, synthesis_path varchar[], url varchar, raw_value double, "
        "normalised_value double, discount_share double, value double, "
        "donor_id varchar, synthesis_category varchar, synthesis_hops integer, note varchar, "
        "rank bigint"
    ),
    "fct_metric_contributions": (
        "canonical_id varchar, metric_id varchar, input_metric_id varchar, weight double, "
        "value double, contribution double"
    ),
    "fct_group_contributions": (
        "canonical_id varchar, group_id varchar, metric_id varchar, weight double, value double, "
        "contribution double, is_pull boolean"
    ),
    "fct_group_scores": (
        "canonical_id varchar, group_id varchar, score double, coverage double, "
        "weighted_mean double, trust double, rank bigint"
    ),
    "fct_role_contributions": (
        "canonical_id varchar, role_id varchar, group_id varchar, weight double, "
        "group_score double, contribution double"
    ),
    "fct_role_scores": (
        "canonical_id varchar, role_id varchar, score double, rank bigint, previous_rank integer, "
        "rank_change bigint, previous_status varchar, previous_place bigint"
    ),
    "fct_score_intervals": (
        "canonical_id varchar, role_id varchar, p05_score double, p50_score double, "
        "p95_score double, p05_rank integer, p95_rank integer, best_share double, "
        "top_three_share double, best_rank bigint, worst_rank bigint, tier integer"
    ),
    "rpt_scoreboard": (
        "canonical_id varchar, slug varchar, display_name varchar, vendor varchar, "
        "vendor_name varchar, thinking_effort varchar, open_weights boolean, release_date date, "
        "i_raw double, p_raw double, b_raw double, r double, i_adj double, p_adj double, "
        "b_adj double, i_rank bigint, p_rank bigint, b_rank bigint, r_rank bigint, "
        "balanced double, balanced_rank bigint, coverage_share double, blended_cost_usd double, "
        "output_speed_tokens_per_second double, output_speed_effort varchar, "
        "time_to_first_token_seconds double, time_to_first_token_effort varchar, "
        "context_window_tokens double, n_direct bigint, n_reported bigint, n_synthesised bigint, "
        "synthesis_dominant boolean, missing_metrics varchar[], groups_shrunk varchar[]"
    ),
    "fct_role_evidence": (
        "canonical_id varchar, role_id varchar, score double, direct_share double, "
        "reported_share double, synthesised_share double, missing_share double, own_share double, "
        "n_families bigint, n_possible_families bigint, status varchar, place bigint, "
        "place_p05 bigint, place_p95 bigint, "
        "place_best bigint, place_worst bigint, tier integer, "
        "is_robust boolean, ceiling_share double, floor_share double"
    ),
    "fct_expected_scores": (
        "canonical_id varchar, role_id varchar, expected_score double, expected_error double, "
        "expected_p05 double, expected_p95 double, expected_rank bigint, disagreement varchar"
    ),
    "rpt_backtest": (
        "predictor varchar, role_id varchar, band varchar, n bigint, n_models bigint, rmse double, "
        "bias double, mean_rank_error double, inside_share double, mean_width double"
    ),
    "rpt_calibration": (
        "tested_on date, board_as_of date, board_models integer, predictor varchar, "
        "role_id varchar, band varchar, n integer, n_models integer, inside_share double, "
        "mean_width double"
    ),
    "rpt_role_agreement": (
        "role_id varchar, other_role_id varchar, spearman double, effective_families double, "
        "largest_family varchar, largest_family_share double"
    ),
    "rpt_score_timeline": (
        "scored_on date, generated_at timestamp, coefficients_sha256 varchar, "
        "canonical_id varchar, display_name varchar, "
        "role_id varchar, score double, rank bigint, score_p05 double, score_p95 double, "
        "status varchar, place bigint, own_share double, scale_versions varchar"
    ),
    "rpt_population_changes": (
        "canonical_id varchar, change_kind varchar, display_name varchar, best_role_id varchar, "
        "best_rank bigint"
    ),
    "fct_score_history": (
        "generated_at timestamp, methodology varchar, edition varchar, "
        "coefficients_sha256 varchar, "
        "canonical_id varchar, display_name varchar, role_id varchar, score double, rank bigint, "
        "score_p05 double, score_p95 double, status varchar, place bigint, own_share double, "
        "scale_versions varchar"
    ),
    "dim_thresholds": "threshold_id varchar, value double, unit varchar, reason varchar",
    "rpt_largest_moves": (
        "canonical_id varchar, role_id varchar, left_out_kind varchar, left_out_id varchar, "
        "n_metrics bigint, score double, rank integer, score_change double, rank_change bigint, "
        "place_for_model bigint, place_among_models bigint"
    ),
    "rpt_robustness": (
        "canonical_id varchar, role_id varchar, model_rank_change bigint, model_id varchar, "
        "weights_p05_rank integer, weights_p95_rank integer, leader_share double, is_robust boolean"
    ),
    "rpt_order_agreement": (
        "scenario_kind varchar, scenario_key varchar, role_id varchar, kendall_tau double"
    ),
    "rpt_metric_quality": (
        "metric_id varchar, n_models bigint, covered_share double, kendall_tau double, "
        "nearest_metric_id varchar, nearest_correlation double, is_near_duplicate boolean, "
        "top_five_errors double, is_saturated boolean, content_age_days bigint, "
        "ceiling_share double, floor_share double, n_reported_compared bigint, "
        "n_direct_compared bigint, reported_offset double, reported_offset_error double, "
        "is_reported_not_comparable boolean"
    ),
    "rpt_result_changes": (
        "canonical_id varchar, metric_id varchar, change_kind varchar, earlier_value double, "
        "value double, total_share double"
    ),
    "fct_score_leads": (
        "role_id varchar, canonical_id varchar, other_id varchar, score_lead double, "
        "ahead_share double, is_clear boolean"
    ),
    "rpt_missing_results": (
        "canonical_id varchar, role_id varchar, position integer, metric_id varchar, "
        "family varchar, added_share double"
    ),
    "rpt_warnings": "warning_kind varchar, subject varchar, message varchar",
}


def build_database(
    path: Path,
    *,
    names: list[str] | None = None,
    n_models: int | None = None,
    has_previous: bool = True,
    source_status: str | None = None,
) -> Path:
    """Write a database with every mart that render reads.

    `names` replaces the display names (and the number) of models, `n_models` takes or repeats
    the project's own; `source_status` is given to every source.
    """
    board = _MadeUp(names, n_models, has_previous, source_status)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        for table, columns in TABLES.items():
            connection.execute(f"create table marts.{table} ({columns})")
            rows = board.rows[table]
            if rows:
                fields = [column.split()[0] for column in columns.split(", ")]
                # Via a list parameter: one statement per table, whatever the number of rows.
                connection.execute(
                    f"insert into marts.{table} select {_unpacked(columns)} "
                    "from (select unnest(?::json[]) as r)",
                    [[_json({field: row.get(field) for field in fields}) for row in rows]],
                )
        add_picks(connection)
    return path


def _unpacked(columns: str) -> str:
    return ", ".join(
        f"from_json(r->'$.{name}', '[\"varchar\"]')"
        if kind == "varchar[]"
        else f"(r->>'$.{name}')::{kind}"
        for name, kind in (column.split(" ") for column in columns.split(", "))
    )


def _json(row: dict[str, Any]) -> str:
    return json.dumps(row, default=str)


def _seed(name: str) -> list[dict[str, Any]]:
    with (PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{key: text or None for key, text in row.items()} for row in csv.DictReader(file)]


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((PROJECT / "data" / name).read_text(encoding="utf-8"))


class _MadeUp:
    """All rows of all tables, derived from one another as scoring.md says."""

    def __init__(
        self,
        names: list[str] | None,
        n_models: int | None,
        has_previous: bool,
        source_status: str | None,
    ) -> None:
        self.random = random.Random(7)
        self.rows: dict[str, list[dict[str, Any]]] = {table: [] for table in TABLES}
        self.coefficients = _toml("coefficients.toml")
        self.has_previous = has_previous
        self.models = self._choose_models(names, n_models)
        self.source_of = {row["metric_id"]: row["source_id"] for row in _seed("source_metrics")}
        self._settings_and_names(source_status)
        self._measurements()
        self._averages()
        self._places_and_shares()
        self._board()

    def _earlier_places(self) -> None:
        """Places on the earlier board, of which some models had none; and results since then."""
        places = {
            (row["canonical_id"], row["role_id"]): row.get("place")
            for row in self.rows["fct_role_evidence"]
        }
        for number, row in enumerate(self.rows["fct_role_scores"]):
            place = places[row["canonical_id"], row["role_id"]]
            if row["previous_rank"] is None:
                continue
            had_place = place is not None and number % 13 != 7
            row["previous_status"] = "ranked" if had_place else "provisional"
            if had_place:
                row["previous_place"] = max(1, place + row["rank_change"])
        if not self.has_previous:
            return
        kinds = ("new", "changed", "gone")
        for number, share in enumerate(self.rows["fct_metric_shares"][:12]):
            kind = kinds[number % 3]
            self.rows["rpt_result_changes"].append(
                {
                    "canonical_id": self.models[0]["canonical_id"],
                    "metric_id": share["metric_id"],
                    "change_kind": kind,
                    "earlier_value": None if kind == "new" else 40.5,
                    "value": None if kind == "gone" else 50.25,
                    "total_share": share["total_share"],
                }
            )

    def _history(
        self, scores: dict[str, dict[str, float]], ranks: dict[str, dict[str, int]]
    ) -> None:
        """Ten days, on the first of which nobody but the first third of the models was there.

        One model has left; weights changed on the fifth day; the last three days have intervals,
        places and own shares, and between the first two of them an index was rescaled.
        """
        names = {model["canonical_id"]: model["display_name"] for model in self.models}
        evidence = {
            (row["canonical_id"], row["role_id"]): row for row in self.rows["fct_role_evidence"]
        }
        n_days = 10 if self.has_previous else 1
        for number in range(n_days):
            at = GENERATED_AT - timedelta(days=n_days - 1 - number)
            for role_id, of_role in scores.items():
                for place, (canonical_id, score) in enumerate(sorted(of_role.items())):
                    if number == 0 and n_days > 1 and place % 3:
                        continue
                    drift = self.random.uniform(-3, 3) if number < n_days - 1 else 0
                    moved = min(max(score + drift, 0.0), 100.0)
                    row = {
                        "scored_on": at.date(),
                        "generated_at": at,
                        "methodology": "v1",
                        "edition": "full",
                        "coefficients_sha256": "a" * 64 if number < 5 else "b" * 64,
                        "canonical_id": canonical_id,
                        "display_name": names[canonical_id],
                        "role_id": role_id,
                        "score": moved,
                        "rank": ranks[role_id][canonical_id],
                        "score_p05": max(0.0, moved - 2) if number > 6 else None,
                        "score_p95": min(100.0, moved + 2) if number > 6 else None,
                    }
                    if number > 6:
                        known = evidence[canonical_id, role_id]
                        row |= {key: known.get(key) for key in ("status", "place", "own_share")}
                        row["scale_versions"] = f"artificial_analysis 4.{min(number, 8) - 7}"
                        if number == 7 and row["place"]:
                            # The first and the second, the third and the fourth had changed places.
                            row["place"] += 1 if row["place"] % 2 else -1
                    self.rows["rpt_score_timeline"].append(row)
                    self.rows["fct_score_history"].append(row)
        if self.has_previous:
            self.rows["rpt_population_changes"].append(
                {
                    "canonical_id": "made-up/gone",
                    "change_kind": "departure",
                    "display_name": "Gone 1",
                    "best_role_id": "b",
                    "best_rank": 7,
                }
            )

    def _choices(
        self, scores: dict[str, dict[str, float]], ranks: dict[str, dict[str, int]]
    ) -> None:
        """What scores would be without a metric of their role, or without the family LMArena."""
        self.rows["dim_thresholds"] = _seed("thresholds")
        shown = float(
            next(
                row["value"]
                for row in self.rows["dim_thresholds"]
                if row["threshold_id"] == "robustness_moves_shown"
            )
        )
        # Of its own, so that every other figure stays what it was.
        chance = random.Random(11)
        composites = self.coefficients["composite_metrics"]
        moves: list[dict[str, Any]] = []
        for role in self.rows["dim_roles"]:
            role_id = role["role_id"]
            metric_ids = sorted(
                {
                    input_id
                    for group_id in self.coefficients["final_score_weights"][role["score_key"]]
                    for metric_id in self.coefficients["group_weights"][group_id]
                    for input_id in composites.get(metric_id, [metric_id])
                }
            )
            for metric_id in metric_ids:
                self.rows["rpt_order_agreement"].append(
                    {
                        "scenario_kind": "metric",
                        "scenario_key": metric_id,
                        "role_id": role_id,
                        "kendall_tau": None if metric_id == "GSO" else chance.uniform(0.9, 1),
                    }
                )
            leader = min(ranks[role_id], key=lambda key: (ranks[role_id][key], key))
            for canonical_id, rank in ranks[role_id].items():
                is_first = canonical_id == leader
                self.rows["rpt_robustness"].append(
                    {
                        "canonical_id": canonical_id,
                        "role_id": role_id,
                        "model_rank_change": int(not is_first) if len(ranks[role_id]) > 1 else None,
                        "model_id": None if is_first else leader,
                        "weights_p05_rank": max(1, rank - 1),
                        "weights_p95_rank": rank + 1,
                        "leader_share": 0.875 if is_first else 0.0,
                        "is_robust": rank % 2 == 1,
                    }
                )
                of_model = []
                for kind, key in [("family", "LMArena"), *(("metric", key) for key in metric_ids)]:
                    change = chance.uniform(-5, 5)
                    of_model.append(
                        {
                            "canonical_id": canonical_id,
                            "role_id": role_id,
                            "left_out_kind": kind,
                            "left_out_id": key,
                            "n_metrics": 5 if kind == "family" else 1,
                            "score": scores[role_id][canonical_id] + change,
                            "rank": rank,
                            "score_change": change,
                            "rank_change": round(change / 2),
                        }
                    )
                _place(of_model, "place_for_model")
                moves += of_model
        for _, group in itertools.groupby(sorted(moves, key=_left_out), key=_left_out):
            _place(list(group), "place_among_models")
        self.rows["rpt_largest_moves"] = [
            row
            for row in moves
            if row["place_for_model"] <= shown or row["place_among_models"] <= shown
        ]

    def _evidence(self, scores: dict[str, dict[str, float]]) -> None:
        """Shares of weight by class of evidence; who has enough, and their places."""
        is_capability = {
            row["metric_id"]: row.get("metric_class") == "capability"
            for row in self.rows["dim_metrics"]
        }
        flattened: dict[str, dict[str, float]] = {"balanced": {}}
        for row in self.rows["fct_metric_shares"]:
            if is_capability[row["metric_id"]]:
                of_role = flattened.setdefault(row["role_id"], {})
                of_role[row["metric_id"]] = row["weight_share"]
                flattened["balanced"][row["metric_id"]] = row["total_share"]
        views = scores | {
            "balanced": {
                canonical_id: sum(scores[role_id][canonical_id] for role_id in sorted(scores)) / 4
                for canonical_id in self.groups
            }
        }
        for role_id, of_role in views.items():
            shares = flattened[role_id]
            rows = [
                self._evidence_row(canonical_id, role_id, score, shares)
                for canonical_id, score in sorted(of_role.items())
            ]
            ranked = {
                row["canonical_id"]: row["score"] for row in rows if row["status"] == "ranked"
            }
            for canonical_id, place in _ranks(ranked).items():
                row = next(row for row in rows if row["canonical_id"] == canonical_id)
                row |= {
                    "place": place,
                    "place_p05": max(place - 1, 1),
                    "place_p95": place + 2,
                    "place_best": max(place - 2, 1),
                    "place_worst": place + 3,
                    "tier": 1 + place // 4,
                    "is_robust": place % 2 == 1,
                }
            self.rows["fct_role_evidence"] += rows
            for row in rows:
                if row["status"] == "provisional":
                    self._missing_results(row["canonical_id"], role_id, shares)
            if role_id != "balanced":
                self._leads(role_id, ranked)
            expected = {
                row["canonical_id"]: row["score"] + 2 * row["missing_share"] for row in rows
            }
            expected_ranks = _ranks(expected)
            for canonical_id, score in expected.items():
                self.rows["fct_expected_scores"].append(
                    {
                        "canonical_id": canonical_id,
                        "role_id": role_id,
                        "expected_score": score,
                        "expected_error": 3.0,
                        "expected_p05": max(score - 7.5, 0.0),
                        "expected_p95": min(score + 7.5, 100.0),
                        "expected_rank": expected_ranks[canonical_id],
                    }
                )
        for predictor, rmse in (("v1", 16.0), ("expected", 12.0)):
            for band in ("< 0.2", ">= 0.8", "all"):
                self.rows["rpt_backtest"].append(
                    {
                        "predictor": predictor,
                        "role_id": "all",
                        "band": band,
                        "n": 40,
                        "n_models": 10,
                        "rmse": rmse,
                        "bias": -1.5,
                        "mean_rank_error": 4.25,
                        "inside_share": 0.9 if predictor == "expected" else None,
                        "mean_width": 31.5 if predictor == "expected" else None,
                    }
                )
                self.rows["rpt_calibration"].append(
                    {
                        "tested_on": "2026-01-02",
                        "board_as_of": "2026-01-01",
                        "board_models": 12,
                        "predictor": predictor,
                        "role_id": "all",
                        "band": band,
                        "n": 40,
                        "n_models": 10,
                        "inside_share": 0.875,
                        "mean_width": 30.25,
                    }
                )
        for role_id in scores:
            for other_id in scores:
                self.rows["rpt_role_agreement"].append(
                    {
                        "role_id": role_id,
                        "other_role_id": other_id,
                        "spearman": 1.0 if role_id == other_id else 0.875,
                        "effective_families": 2.5,
                        "largest_family": "LMArena",
                        "largest_family_share": 0.625,
                    }
                )

    def _leads(self, role_id: str, scores: dict[str, float]) -> None:
        """A lead of ten points is one in all draws, and from eight on it is clear."""
        places = _ranks(scores)
        order = sorted(scores, key=lambda model: (places[model], model))[:DRAWN_MODELS]
        for number, model in enumerate(order):
            for other in order[number + 1 :]:
                lead = scores[model] - scores[other]
                self.rows["fct_score_leads"].append(
                    {
                        "role_id": role_id,
                        "canonical_id": model,
                        "other_id": other,
                        "score_lead": lead,
                        "ahead_share": min(1.0, 0.5 + lead / 20),
                        "is_clear": lead >= 8,
                    }
                )

    def _missing_results(self, canonical_id: str, role_id: str, shares: dict[str, float]) -> None:
        """The heaviest two benchmarks that are not known or borrowed."""
        lacking = [
            metric_id
            for metric_id in sorted(shares, key=lambda metric_id: (-shares[metric_id], metric_id))
            if self.evidence.get((canonical_id, metric_id)) not in ("direct", "reported")
        ]
        for position, metric_id in enumerate(lacking[:2], 1):
            self.rows["rpt_missing_results"].append(
                {
                    "canonical_id": canonical_id,
                    "role_id": role_id,
                    "position": position,
                    "metric_id": metric_id,
                    "family": "Family",
                    "added_share": shares[metric_id] / sum(shares.values()),
                }
            )

    def _evidence_row(
        self, canonical_id: str, role_id: str, score: float, shares: dict[str, float]
    ) -> dict[str, Any]:
        total = sum(shares.values())
        told = dict.fromkeys(("direct", "reported", "synthesised", "missing"), 0.0)
        for metric_id, share in shares.items():
            told[self.evidence.get((canonical_id, metric_id), "missing")] += share / total
        own = told["direct"] + told["reported"]
        return {
            "canonical_id": canonical_id,
            "role_id": role_id,
            "score": score,
            **{f"{kind}_share": share for kind, share in told.items()},
            "own_share": own,
            "n_families": 3,
            "n_possible_families": 5,
            "status": "ranked" if own >= 0.6 else "provisional",
            "ceiling_share": 0.125,
            "floor_share": 0.0,
        }

    def _quality(self) -> None:
        """Of every third metric all is known, of the others one thing or another is not."""
        count = len(self.models)
        names = sorted(self.coefficients["metrics"])
        present = {
            metric_id: sum(metric_id in values for values in self.values.values())
            for metric_id in names
        }
        for number, metric_id in enumerate(names):
            is_known = number % 3 > 0 and present[metric_id] >= 10
            self.rows["rpt_metric_quality"].append(
                {
                    "metric_id": metric_id,
                    "n_models": present[metric_id],
                    "covered_share": present[metric_id] / count,
                    "kendall_tau": 0.5 if is_known else None,
                    "nearest_metric_id": names[number - 1] if is_known else None,
                    "nearest_correlation": 0.9 + number / 1000 if is_known else None,
                    "is_near_duplicate": is_known and number == 4,
                    "top_five_errors": number / 10 if number % 3 > 1 else None,
                    "is_saturated": number < 30 if number % 3 > 1 else None,
                    "content_age_days": number - 1 if number % 4 else None,
                    "ceiling_share": 0.25 if present[metric_id] >= 10 else None,
                    "floor_share": 0.0 if present[metric_id] >= 10 else None,
                    "n_reported_compared": 5 if metric_id == "SWEBenchPro" else None,
                    "n_direct_compared": 9 if metric_id == "SWEBenchPro" else None,
                    "reported_offset": 30.5 if metric_id == "SWEBenchPro" else None,
                    "reported_offset_error": 6.25 if metric_id == "SWEBenchPro" else None,
                    "is_reported_not_comparable": metric_id == "SWEBenchPro",
                }
            )

    def _choose_models(self, names: list[str] | None, n_models: int | None) -> list[dict[str, Any]]:
        vendors = {row["vendor"]: row["display_name"] for row in _seed("vendors")}
        known = [
            {
                "canonical_id": canonical_id,
                "display_name": entry.get("display_name", canonical_id),
                "vendor": entry["vendor"],
                "vendor_name": vendors[entry["vendor"]],
                "aliases": entry["aliases"],
                "open_weights": entry.get("open_weights"),
                "release_date": entry.get("release_date"),
            }
            for canonical_id, entry in _toml("required_aliases.toml")["models"].items()
        ]
        count = len(names) if names is not None else n_models or len(known)
        models = []
        for number in range(count):
            model = dict(known[number % len(known)])
            if number >= len(known):
                model["canonical_id"] += f"-{number}"
                model["display_name"] += f" {number}"
            if names is not None:
                model["display_name"] = names[number]
            models.append(model)
        return models

    def _settings_and_names(self, source_status: str | None) -> None:
        rows = self.rows
        rows["dim_runs"].append(
            {
                "generated_at": GENERATED_AT,
                "generator": "ipbr-rank 0.0.0",
                "edition": "full",
                "methodology": "v1",
                "is_experiment": False,
                "is_demo": False,
                "compared_at": GENERATED_AT - timedelta(days=9) if self.has_previous else None,
            }
        )
        rows["dim_roles"] = _seed("roles")
        rows["dim_groups"] = _seed("groups")
        for kind, table in (
            ("composite", "composite_metrics"),
            ("group", "group_weights"),
            ("role", "final_score_weights"),
        ):
            for parent_id, children in self.coefficients[table].items():
                for position, (child_id, weight) in enumerate(children.items(), start=1):
                    rows["fct_weights"].append(
                        {
                            "position": position,
                            "weight_kind": kind,
                            "parent_id": parent_id,
                            "child_id": child_id,
                            "weight": weight,
                        }
                    )
        for table in ("synthesis", "aggregation", "penalties"):
            for key, value in self.coefficients[table].items():
                rows["fct_settings"].append({"setting_id": f"{table}.{key}", "value": value})
        states = {"gso": "stale", "artificial_analysis": "skipped", "hil_bench": "failed"}
        for number, source in enumerate(_seed("sources")):
            status = source_status or states.get(source["source_id"], "verified")
            has_figures = status in ("verified", "stale")
            rows["dim_sources"].append(
                {
                    **source,
                    "status": status,
                    "message": None if status == "verified" else f"made up to be {status}",
                    "n_rows_ingested": 100 + number if has_figures else 0,
                    "n_rows_matched": 60 if has_figures else 0,
                    "n_rows_ignored": 5 if has_figures else 0,
                    "n_rows_unmatched": 35 + number if has_figures else 0,
                    "n_measurements": 40 if has_figures else 0,
                    "fetched_at": GENERATED_AT - timedelta(hours=3 * number + 1)
                    if has_figures
                    else None,
                    "content_changed_at": GENERATED_AT - timedelta(days=number + 1)
                    if has_figures
                    else None,
                    "sha256": f"{number:064x}" if has_figures else None,
                    "scale_version": "4.3" if number == 0 and has_figures else None,
                }
            )

    def _measurements(self) -> None:
        """Draw raw figures, normalise them, discount them."""
        names = {row["metric_id"]: row for row in _seed("metrics")}
        weighted = {row["child_id"] for row in self.rows["fct_weights"]}
        ability = {model["canonical_id"]: self.random.gauss(0, 1) for model in self.models}
        self.values: dict[str, dict[str, float]] = {
            model["canonical_id"]: {} for model in self.models
        }
        self.evidence: dict[tuple[str, str], str] = {}
        penalties = self.coefficients["penalties"]
        for metric_id, entry in self.coefficients["metrics"].items():
            named = names[metric_id]
            is_operational = named["metric_class"] == "operational"
            presence = self.random.uniform(0.4, 1) if not is_operational else 0.92
            sign = 1 if entry["higher_better"] else -1
            raw: dict[str, float] = {}
            for model in self.models:
                canonical_id = model["canonical_id"]
                quality = 0.0 if is_operational else ability[canonical_id]
                drawn = sign * quality + self.random.gauss(0, 0.6)
                if self.random.random() < presence:
                    raw[canonical_id] = _in_unit(metric_id, named["unit"], drawn)
            classes = {
                canonical_id: "direct"
                if is_operational
                else self.random.choices(["direct", "reported", "synthesised"], [80, 8, 12])[0]
                for canonical_id in raw
            }
            scaled = {
                canonical_id: math.log(value) if entry["log_scale"] else value
                for canonical_id, value in raw.items()
            }
            baseline = sorted(scaled[key] for key in scaled if classes[key] == "direct")
            baseline = baseline if len(baseline) >= 2 else sorted(scaled.values())
            low_share, high_share = (
                (0.05, 0.95) if entry["transform"] == "percentile" else (0.02, 0.98)
            )
            lower = _quantile(baseline, low_share)
            upper = _quantile(baseline, high_share)
            self.rows["dim_metrics"].append(
                {
                    "metric_id": metric_id,
                    "display_name": named["display_name"],
                    "unit": named["unit"],
                    "metric_class": named["metric_class"],
                    "metric_kind": "metric",
                    "task_count": named["task_count"],
                    "task_count_source": named["task_count_source"],
                    "description": named["description"],
                    "higher_better": entry["higher_better"],
                    "log_scale": entry["log_scale"],
                    "transform": entry["transform"],
                    "group_ids": entry["groups"],
                    "source_ids": [self.source_of.get(metric_id, "overrides")],
                    "is_weighted": metric_id in weighted,
                    "baseline_basis": "direct",
                    "baseline_count": len(baseline),
                    "lower_bound": lower,
                    "upper_bound": upper,
                }
            )
            for model in self.models:
                canonical_id = model["canonical_id"]
                row = {
                    "canonical_id": canonical_id,
                    "metric_id": metric_id,
                    "metric_kind": "metric",
                    "is_present": canonical_id in raw,
                }
                if canonical_id in raw:
                    position = 0.5
                    if lower is not None and upper - lower > 1e-12:
                        position = min(
                            max((scaled[canonical_id] - lower) / (upper - lower), 0.0), 1.0
                        )
                    if not entry["higher_better"]:
                        position = 1 - position
                    normalised = 100 * position
                    if entry["transform"] == "tail_penalty":
                        normalised = (
                            70 + (position - 0.2) / 0.8 * 30
                            if position >= 0.2
                            else position / 0.2 * 70
                        )
                    evidence_class = classes[canonical_id]
                    discount = {
                        "direct": 0.0,
                        "reported": penalties["override_reported"],
                        "synthesised": penalties["synthesis"],
                    }[evidence_class]
                    value = normalised * (1 - discount) + 50 * discount
                    self.values[canonical_id][metric_id] = value
                    self.evidence[canonical_id, metric_id] = evidence_class
                    row |= {
                        "evidence_class": evidence_class,
                        "source_id": "overrides"
                        if evidence_class == "reported"
                        else self.source_of.get(metric_id, "overrides"),
                        "source_model_name": model["aliases"][0],
                        "effort": "high" if evidence_class == "direct" else None,
                        "raw_value": raw[canonical_id],
                        "normalised_value": normalised,
                        "discount_share": discount,
                        "value": value,
                    }
                    if evidence_class == "reported":
                        row["note"] = "made-up launch announcement, https://example.invalid/post"
                        row["url"] = "https://example.invalid/post"
                    if evidence_class == "synthesised":
                        row |= {
                            "donor_id": "openai/gpt-5.5",
                            "synthesis_category": "conservative",
                            "synthesis_hops": 1,
                            "synthesis_path": [canonical_id, "openai/gpt-5.5"],
                        }
                self.rows["fct_measurements"].append(row)

    def _average(
        self, weights: dict[str, float], values: dict[str, float]
    ) -> tuple[
        float, float, float | None, float, list[tuple[str | None, float | None, float, float]]
    ]:
        """score, coverage, mean, trust, contributions (child, weight, value, contribution)."""
        settings = self.coefficients["aggregation"]
        theta, delta = settings["trust_threshold"], settings["trust_transition_width"]
        present = {
            child_id: weights[child_id] for child_id in sorted(weights) if child_id in values
        }
        total = sum(present.values())
        coverage = total / sum(weights.values())
        t = min(max((coverage - (theta - delta / 2)) / delta, 0), 1)
        trust = t * t * (3 - 2 * t)
        kept = coverage * (1 - trust) + trust
        mean = (
            sum(weight * values[child_id] for child_id, weight in present.items()) / total
            if total
            else None
        )
        parts: list[tuple[str | None, float | None, float, float]] = [
            (child_id, weight, values[child_id], kept * weight * values[child_id] / total)
            for child_id, weight in present.items()
        ]
        parts.append((None, None, 50.0, 50 * (1 - kept)))
        return sum(part[3] for part in parts), coverage, mean, trust, parts

    def _averages(self) -> None:
        """Composites, groups and roles with their contributions."""
        worst = ["direct", "reported", "synthesised"]
        for metric_id, weights in self.coefficients["composite_metrics"].items():
            self.rows["dim_metrics"].append(
                {
                    "metric_id": metric_id,
                    "display_name": metric_id.replace("Composite", " composite"),
                    "unit": "points, 0 to 100",
                    "metric_kind": "composite",
                    "description": "Weighted average of several related metrics",
                    "higher_better": True,
                    "log_scale": False,
                    "transform": "composite",
                    "group_ids": ["BUILD"],
                    "source_ids": [],
                    "is_weighted": True,
                }
            )
            for canonical_id, values in self.values.items():
                row = {
                    "canonical_id": canonical_id,
                    "metric_id": metric_id,
                    "metric_kind": "composite",
                    "is_present": any(child_id in values for child_id in weights),
                }
                if row["is_present"]:
                    score, _, _, _, parts = self._average(weights, values)
                    row["value"] = values[metric_id] = score
                    row["evidence_class"] = max(
                        (self.evidence[canonical_id, part[0]] for part in parts if part[0]),
                        key=worst.index,
                    )
                    for child_id, weight, value, contribution in parts:
                        self.rows["fct_metric_contributions"].append(
                            {
                                "canonical_id": canonical_id,
                                "metric_id": metric_id,
                                "input_metric_id": child_id,
                                "weight": weight,
                                "value": value,
                                "contribution": contribution,
                            }
                        )
                self.rows["fct_measurements"].append(row)
        self.groups: dict[str, dict[str, tuple[float, float]]] = {}
        for canonical_id, values in self.values.items():
            self.groups[canonical_id] = {}
            for group_id, weights in self.coefficients["group_weights"].items():
                score, coverage, mean, trust, parts = self._average(weights, values)
                self.groups[canonical_id][group_id] = (score, coverage)
                self.rows["fct_group_scores"].append(
                    {
                        "canonical_id": canonical_id,
                        "group_id": group_id,
                        "score": score,
                        "coverage": coverage,
                        "weighted_mean": mean,
                        "trust": trust,
                    }
                )
                for child_id, weight, value, contribution in parts:
                    self.rows["fct_group_contributions"].append(
                        {
                            "canonical_id": canonical_id,
                            "group_id": group_id,
                            "metric_id": child_id,
                            "weight": weight,
                            "value": value,
                            "contribution": contribution,
                            "is_pull": child_id is None,
                        }
                    )

    def _places_and_shares(self) -> None:
        """Ranks of figures and group scores; shares of the weight, way by way."""
        is_higher_better = {
            row["metric_id"]: row["higher_better"] for row in self.rows["dim_metrics"]
        }

        def of_figure(row: dict[str, Any]) -> float:
            shown: float = row.get("raw_value", row["value"])
            return shown if is_higher_better[row["metric_id"]] else -shown

        figures = [
            row
            for row in self.rows["fct_measurements"]
            if row["is_present"]
            and (row["metric_kind"] == "composite" or row["evidence_class"] != "synthesised")
        ]
        for rows, group, worth in (
            (figures, "metric_id", of_figure),
            (self.rows["fct_group_scores"], "group_id", lambda row: round(row["score"], 6)),
        ):
            in_order = sorted(rows, key=lambda row: row[group])
            for _, of_group in itertools.groupby(in_order, key=lambda row: row[group]):
                entries = list(of_group)
                for row in entries:
                    row["rank"] = 1 + sum(worth(other) > worth(row) for other in entries)
        shares: dict[tuple[str, str], float] = {}
        for role in self.rows["dim_roles"]:
            groups = self.coefficients["final_score_weights"][role["score_key"]]
            for group_id, in_role in groups.items():
                for metric_id, in_group in self.coefficients["group_weights"][group_id].items():
                    inputs = self.coefficients["composite_metrics"].get(metric_id, {})
                    for child_id, part in {metric_id: 1.0, **inputs}.items():
                        key = child_id, role["role_id"]
                        shares[key] = shares.get(key, 0.0) + in_role * in_group * part
        for (metric_id, role_id), share in shares.items():
            of_metric = [other for (key, _), other in shares.items() if key == metric_id]
            self.rows["fct_metric_shares"].append(
                {
                    "metric_id": metric_id,
                    "role_id": role_id,
                    "weight_share": share,
                    "total_share": sum(of_metric) / len(self.rows["dim_roles"]),
                }
            )

    def _board(self) -> None:
        scores: dict[str, dict[str, float]] = {}
        ranks: dict[str, dict[str, int]] = {}
        for role in self.rows["dim_roles"]:
            role_id = role["role_id"]
            weights = self.coefficients["final_score_weights"][role["score_key"]]
            scores[role_id] = {}
            for canonical_id, groups in self.groups.items():
                for group_id, weight in weights.items():
                    self.rows["fct_role_contributions"].append(
                        {
                            "canonical_id": canonical_id,
                            "role_id": role_id,
                            "group_id": group_id,
                            "weight": weight,
                            "group_score": groups[group_id][0],
                            "contribution": weight * groups[group_id][0],
                        }
                    )
                scores[role_id][canonical_id] = sum(
                    weights[group_id] * groups[group_id][0] for group_id in sorted(weights)
                )
            ranks[role_id] = _ranks(scores[role_id])
            for number, (canonical_id, score) in enumerate(sorted(scores[role_id].items())):
                rank = ranks[role_id][canonical_id]
                change = (0, 2, -1)[number % 3]
                is_known = self.has_previous and number % 11 != 5
                self.rows["fct_role_scores"].append(
                    {
                        "canonical_id": canonical_id,
                        "role_id": role_id,
                        "score": score,
                        "rank": rank,
                        "previous_rank": rank + change if is_known else None,
                        "rank_change": change if is_known else None,
                    }
                )
                self.rows["fct_score_intervals"].append(
                    {
                        "canonical_id": canonical_id,
                        "role_id": role_id,
                        "p05_score": max(score - 3.25, 0.0),
                        "p50_score": score,
                        "p95_score": min(score + 2.75, 100.0),
                        "p05_rank": max(rank - 1, 1),
                        "p95_rank": rank + 2,
                        "best_share": 0.5 if rank == 1 else 0.0,
                        "top_three_share": 1.0 if rank == 1 else 0.25,
                        "best_rank": max(rank - 2, 1),
                        "worst_rank": rank + 3,
                        "tier": 1 + rank // 4,
                    }
                )
        self._evidence(scores)
        self._earlier_places()
        self._history(scores, ranks)
        self._choices(scores, ranks)
        self._quality()
        balanced = {
            canonical_id: sum(scores[role_id][canonical_id] for role_id in sorted(scores)) / 4
            for canonical_id in self.groups
        }
        balanced_ranks = _ranks(balanced)
        weighted = {row["child_id"] for row in self.rows["fct_weights"]}
        metric_ids = set(self.coefficients["metrics"]) & weighted
        role_weights = self.coefficients["final_score_weights"]
        by_model: dict[str, dict[str, dict[str, Any]]] = {}
        for row in self.rows["fct_measurements"]:
            by_model.setdefault(row["canonical_id"], {})[row["metric_id"]] = row
        for model in self.models:
            canonical_id = model["canonical_id"]
            measured = by_model[canonical_id]
            cited = [
                row["evidence_class"]
                for row in measured.values()
                if row["is_present"] and row["metric_kind"] == "metric"
            ]
            groups = self.groups[canonical_id]
            synthesised = cited.count("synthesised")
            self.rows["dim_models"].append(
                {
                    **model,
                    "thinking_effort": "default",
                    "source_ids": sorted(
                        {row["source_id"] for row in measured.values() if row.get("source_id")}
                    ),
                    "is_active": True,
                }
            )
            self.rows["rpt_scoreboard"].append(
                {
                    **model,
                    "slug": "".join(c if c.isalnum() else "-" for c in canonical_id),
                    "thinking_effort": "default",
                    "i_raw": scores["i"][canonical_id],
                    "p_raw": scores["p"][canonical_id],
                    "b_raw": scores["b"][canonical_id],
                    "r": scores["r"][canonical_id],
                    "i_adj": scores["i"][canonical_id],
                    "p_adj": scores["p"][canonical_id],
                    "b_adj": scores["b"][canonical_id],
                    **{f"{role_id}_rank": ranks[role_id][canonical_id] for role_id in ranks},
                    "balanced": balanced[canonical_id],
                    "balanced_rank": balanced_ranks[canonical_id],
                    "coverage_share": sum(
                        weight * groups[group_id][1]
                        for weights in role_weights.values()
                        for group_id, weight in weights.items()
                    )
                    / 4,
                    "blended_cost_usd": measured["BlendedCost"].get("raw_value"),
                    "output_speed_tokens_per_second": measured["OutputSpeed"].get("raw_value"),
                    "output_speed_effort": measured["OutputSpeed"].get("effort"),
                    "time_to_first_token_seconds": measured["TTFT"].get("raw_value"),
                    "time_to_first_token_effort": measured["TTFT"].get("effort"),
                    "context_window_tokens": measured["ContextWindow"].get("raw_value"),
                    "n_direct": cited.count("direct"),
                    "n_reported": cited.count("reported"),
                    "n_synthesised": synthesised,
                    "synthesis_dominant": synthesised > 0.2 * len(cited),
                    "missing_metrics": sorted(
                        metric_id
                        for metric_id in metric_ids
                        if not measured[metric_id]["is_present"]
                    ),
                    "groups_shrunk": sorted(
                        group_id for group_id, (_, coverage) in groups.items() if coverage < 0.8
                    ),
                }
            )
        self.rows["dim_models"].append(
            {
                "canonical_id": "zz/unranked",
                "display_name": "Listed but Unranked",
                "vendor": "meta",
                "vendor_name": "Meta",
                "aliases": ["unranked"],
                "thinking_effort": "default",
                "source_ids": [],
                "is_active": False,
            }
        )
        self.rows["rpt_warnings"].append(
            {"warning_kind": "source_stale", "subject": "gso", "message": "made up to be stale"}
        )


def _in_unit(metric_id: str, unit: str, drawn: float) -> float:
    """A drawn quality as a figure that looks like its unit."""
    if metric_id == "ContextWindow":
        return float(
            [128_000, 200_000, 256_000, 400_000, 1_000_000, 1_048_576][int(abs(drawn) * 3) % 6]
        )
    if metric_id == "BlendedCost":
        return round(math.exp(0.9 + 1.1 * drawn), 4)
    if metric_id == "OutputSpeed":
        return round(math.exp(4.4 + 0.7 * drawn), 2)
    if metric_id == "TTFT":
        return round(math.exp(1.0 + 0.9 * drawn), 2)
    if unit == "rating":
        return round(1400 + 45 * drawn, 6)
    if unit.startswith("issues"):
        return round(max(0.0, 20 + 6 * drawn), 3)
    return round(min(99.0, max(0.0, 50 + 17 * drawn)), 3)


def _place(rows: list[dict[str, Any]], column: str) -> None:
    """Number rows by the size of their change, the largest first."""
    for place, row in enumerate(sorted(rows, key=lambda row: -abs(row["score_change"])), start=1):
        row[column] = place


def _left_out(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["left_out_kind"], row["left_out_id"], row["role_id"]


def _quantile(ordered: list[float], share: float) -> float | None:
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _ranks(scores: dict[str, float]) -> dict[str, int]:
    rounded = {key: round(score, 6) for key, score in scores.items()}
    ordered = sorted(rounded.values(), reverse=True)
    return {key: ordered.index(score) + 1 for key, score in rounded.items()}
