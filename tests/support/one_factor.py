"""The model of one ability in plain Python, written from its description and not from the SQL."""

from __future__ import annotations

from collections import defaultdict

Cells = dict[tuple[str, str], float]
STEPS, LEVEL, SLOPE, VARIANCE, PRIOR_VALUES, START = 30, 50.0, 15.0, 144.0, 4.0, 0.1


def fit(cells: Cells) -> tuple[dict[str, tuple[float, float, float]], dict[str, tuple]]:
    """Level, slope and variance by metric; ability and its variance by model."""
    of_metric: dict[str, list[tuple[str, float]]] = defaultdict(list)
    of_model: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (model, metric), value in cells.items():
        of_metric[metric].append((model, value))
        of_model[model].append((metric, value))

    start = {
        metric: (sum(value for _, value in column) + LEVEL) / (len(column) + 1)
        for metric, column in of_metric.items()
    }
    residuals = {
        model: sum(value - start[metric] for metric, value in row) / len(row)
        for model, row in of_model.items()
    }
    mean = sum(residuals.values()) / len(residuals)
    spread = (sum((one - mean) ** 2 for one in residuals.values()) / len(residuals)) ** 0.5
    abilities = {
        model: (one / spread if spread >= 1e-9 else 0.0, START) for model, one in residuals.items()
    }
    common, parameters = SLOPE, {}
    for _ in range(STEPS):
        parameters = {
            metric: _line(column, abilities, common) for metric, column in of_metric.items()
        }
        slopes = sum(parameters[metric][1] * len(column) for metric, column in of_metric.items())
        common = slopes / len(cells)
        abilities = {model: _ability(row, parameters) for model, row in of_model.items()}
    return parameters, abilities


def _ability(row: list, parameters: dict[str, tuple[float, float, float]]) -> tuple[float, float]:
    precision, pull = 1.0, 0.0
    for metric, value in row:
        level, slope, variance = parameters[metric]
        precision += slope * slope / variance
        pull += slope * (value - level) / variance
    return pull / precision, 1.0 / precision


def _line(column: list, abilities: dict[str, tuple], common: float) -> tuple[float, float, float]:
    # Normal equations of value = level + slope · ability, one value of 50 at ability 0 and a
    # ridge of 1 that draws the slope to the common one added.
    n, sz, szz, sy, szy = 1.0, 0.0, 1.0, LEVEL, common
    for model, value in column:
        z, v = abilities[model]
        n, sz, szz, sy, szy = n + 1, sz + z, szz + z * z + v, sy + value, szy + value * z
    det = n * szz - sz * sz
    level, slope = (szz * sy - sz * szy) / det, (n * szy - sz * sy) / det
    squares = PRIOR_VALUES * VARIANCE
    for model, value in column:
        z, v = abilities[model]
        squares += (value - level - slope * z) ** 2 + slope * slope * v
    return level, slope, squares / (len(column) + PRIOR_VALUES)
