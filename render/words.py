"""What pages say of scores and their evidence, in words."""

from __future__ import annotations

import math

from base.evidence import SHORT
from render import show
from render.board import ExpectedScore, RoleEvidence

UNKNOWN = "Nothing is known: no value is measured, claimed or borrowed"


def evidence_words(evidence: RoleEvidence) -> str:
    """What a score stands on: 52 % measured, 37 % claimed, 11 % not known; together 100 %."""
    shares = (
        (evidence.direct_share, SHORT["direct"]),
        (evidence.reported_share, SHORT["reported"]),
        (evidence.synthesised_share, SHORT["synthesised"]),
        (evidence.missing_share, SHORT["missing"]),
    )
    percents = show.whole_percents([share for share, _ in shares])
    return ", ".join(
        f"{percent} % {word}"
        for percent, (share, word) in zip(percents, shares, strict=True)
        if share > show.NO_SHARE
    )


def score_words(
    value: float, low: float | None, high: float | None, evidence: RoleEvidence | None
) -> str:
    """What is under a score: with its decimal, its interval, its place and its evidence."""
    if evidence is not None and evidence.is_unknown:
        return UNKNOWN
    text = show.number(value, 1)
    if low is not None and high is not None:
        text += f", 90 % interval {show.number(low, 1)} to {show.number(high, 1)}"
    if evidence is not None:
        place = (
            f"place {show.place_range(evidence)}" if evidence.is_ranked else "provisional, no place"
        )
        text += f"; {place}; {evidence_words(evidence)}"
    return text


def reason_words(
    evidence: RoleEvidence,
    name: str,
    expected: ExpectedScore | None,
    thresholds: dict[str, float],
) -> str:
    """What a model without a place lacks for one, what else is known, and what is expected."""
    share = thresholds.get("ranked_minimum_share")
    families = min(
        int(thresholds.get("ranked_minimum_families", 0)), evidence.n_possible_families or 0
    )
    own = show.pct(evidence.own_share, 0)
    # As `ranked_status` in macros/evidence.sql.
    is_short = share is not None and evidence.own_share < share - show.SUM_ERROR
    if is_short and own == show.pct(share, 0):
        # 59.96 % is not the 60 % that are needed.
        own = show.pct(math.floor(1000 * evidence.own_share) / 1000, 1)
    text = f"Measured or claimed results cover {own} of the weight of {name}"
    if is_short:
        text += f" ({show.pct(share, 0)} needed)"
    if evidence.n_families is not None and evidence.n_families < families:
        text += (
            f", from {evidence.n_families or 'no'} "
            f"famil{'y' if evidence.n_families == 1 else 'ies'} of benchmarks ({families} needed)"
        )
    if evidence.synthesised_share > show.NO_SHARE:
        text += f"; {show.pct(evidence.synthesised_share, 0)} is borrowed"
    return f"{text}." if expected is None else f"{text}. {expected_words(expected)}"


def expected_words(expected: ExpectedScore) -> str:
    """The score that would be expected if all were measured, with its interval."""
    low, high = expected.expected_p05, expected.expected_p95
    return (
        "Expected score if all benchmarks were measured: "
        f"{show.number(expected.expected_score, 0)} ({show.number(low, 0)}–{show.number(high, 0)})."
    )
