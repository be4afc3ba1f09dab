"""Artificial Analysis: JSON `{"data": [model]}` in one of three shapes, whole or as pages."""

from http import HTTPStatus
from pathlib import Path

from base.errors import FetchError, SourceError
from ingest.contract import Fields, Record, decode_json, member, records, whole_json
from ingest.fetch.client import Client
from ingest.registry import RemoteSource
from ingest.sources import Parts

SOURCE_ID = "artificial_analysis"
FIELDS = {
    "models": Fields(
        ("slug",),
        (
            *("evaluations", "performance", "pricing"),
            *("median_output_tokens_per_second", "median_time_to_first_token_seconds"),
        ),
    )
}
# Far more than there are models; an answer that never ends is a fault.
MAXIMUM_PAGES = 50
# Single benchmarks, which the free endpoint leaves out.
PAID_EVALUATIONS = {"gpqa_diamond", "hle", "scicode"}
FREE_TIER = (
    "the key is for the free tier, which has indices, prices and speeds, but no individual "
    "evaluations (GPQA, HLE, tau, SciCode, IFBench, Terminal-Bench, long context)"
)


def parse(body: bytes) -> Parts:
    """Part `models`: one record per model and effort, with the `shape` that was seen.

    `llms_models` is the former endpoint, `language_models` the paid and `language_models_free`
    the free one of today. The latter two come in pages, cached as `{"pages": [page]}`, and state
    the version of their index, which each record has as `index_version`.
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
    told = {"shape": _shape(pages, models), **_index_version(pages)}
    return {"models": [{**model, **told} for model in models]}


def secret_headers(secret: str) -> dict[str, str]:
    """How the key is sent."""
    return {"x-api-key": secret}


def fetch(client: Client, source: RemoteSource, _pages: Path) -> bytes:
    """All pages of the paid endpoint, or of the free one if the key is for that only.

    A single page is kept as it came, several as `{"pages": […]}`.
    """
    try:
        bodies = _fetch_pages(client, source.endpoint)
    except FetchError as error:
        if error.status == HTTPStatus.GONE:
            raise FetchError(
                SOURCE_ID,
                error.url,
                "the API that this program uses",
                "410 Gone: the provider has closed it",
                "look for a newer ipbr-rank or for the new address in the provider's documentation",
                status=error.status,
            ) from error
        if error.status != HTTPStatus.FORBIDDEN:
            raise
        bodies = _fetch_pages(client, f"{source.endpoint}/free")
        client.warnings.append(FREE_TIER)
    return bodies[0] if len(bodies) == 1 else b'{"pages":[' + b",".join(bodies) + b"]}"


def _fetch_pages(client: Client, url: str) -> list[bytes]:
    bodies: list[bytes] = []
    while len(bodies) < MAXIMUM_PAGES:
        number = len(bodies) + 1
        if bodies:
            client.pause()
        body = client.get(url if number == 1 else f"{url}?page={number}")
        bodies.append(whole_json(SOURCE_ID, body))
        page = decode_json(SOURCE_ID, body)
        pagination = page.get("pagination") if isinstance(page, dict) else None
        if not isinstance(pagination, dict):
            if number == 1:
                return bodies
            raise SourceError(SOURCE_ID, f'"pagination" in page {number}', "none")
        if pagination.get("page") not in (number, None):
            raise SourceError(
                SOURCE_ID, f"page {number}", f"page {str(pagination.get('page'))[:20]}"
            )
        total = pagination.get("total_pages")
        has_more = pagination.get("has_more")
        if has_more is False or (has_more is None and isinstance(total, int) and number >= total):
            return bodies
        if has_more is not True and not isinstance(total, int):
            raise SourceError(SOURCE_ID, '"has_more" or "total_pages" in "pagination"', "neither")
    raise SourceError(SOURCE_ID, f"at most {MAXIMUM_PAGES} pages", "more")


def _index_version(pages: list[Record]) -> dict[str, str]:
    """The version of the index; values of two versions must not stand on one board."""
    versions = {
        str(page["intelligence_index_version"])
        for page in pages
        if page.get("intelligence_index_version") is not None
    }
    if len(versions) > 1:
        raise SourceError(
            SOURCE_ID,
            "the same intelligence_index_version on all pages",
            ", ".join(sorted(versions)),
        )
    return {"index_version": versions.pop()} if versions else {}


def _shape(pages: list[Record], models: list[Record]) -> str:
    if not any("pagination" in page for page in pages):
        return "llms_models"
    # The `tier` of a page is that of the key, not that of the answer.
    for model in models:
        evaluations = model.get("evaluations")
        if isinstance(evaluations, dict) and PAID_EVALUATIONS & evaluations.keys():
            return "language_models"
    return "language_models_free"
