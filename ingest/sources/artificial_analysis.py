"""Artificial Analysis: JSON `{"data": [model]}` in one of three shapes, whole or as pages."""

from ingest.reading import decode_json, member, records
from ingest.sources import Parts

SOURCE_ID = "artificial_analysis"
# Single benchmarks, which the free endpoint leaves out.
PAID_EVALUATIONS = {"gpqa_diamond", "hle", "scicode"}


def parse(body: bytes) -> Parts:
    """Part `models`: one record per model and effort, with the `shape` that was seen.

    `llms_models` is the former endpoint, `language_models` the paid and `language_models_free`
    the free one of today. The latter two come in pages, cached as `{"pages": [page]}`.
    """
    response = decode_json(SOURCE_ID, body)
    if isinstance(response, dict) and "pages" in response:
        pages = member(SOURCE_ID, response, "pages", list, "the response")
    else:
        pages = [response]
    data = [
        model for page in pages for model in member(SOURCE_ID, page, "data", list, "the response")
    ]
    models = records(SOURCE_ID, data, "data[]", ("slug", "evaluations"))
    shape = _shape(pages, models)
    return {"models": [{**model, "shape": shape} for model in models]}


def _shape(pages: list[dict], models: list[dict]) -> str:
    if not any("pagination" in page for page in pages):
        return "llms_models"
    # The `tier` of a page is that of the key, not that of the answer.
    for model in models:
        evaluations = model.get("evaluations")
        if isinstance(evaluations, dict) and PAID_EVALUATIONS & evaluations.keys():
            return "language_models"
    return "language_models_free"
