"""LMArena leaderboard dataset: the paged form `{"configs": {config: [{"rows": [{"row": …}]}]}}`.

`latest` of a config is one small Parquet file, whose address does not change; DuckDB reads it. The
viewer's interface gives the same rows page by page, which takes some 110 requests for `text`.
"""

import contextlib
import json
import tempfile
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import duckdb

from base.errors import FetchError, SourceError
from base.files import replace_file
from ingest.contract import Fields, Record, decode_json, member, records
from ingest.fetch.client import Client
from ingest.registry import RemoteSource
from ingest.sources import Parts

SOURCE_ID = "lmarena"
CONFIGS = ("text", "webdev", "search", "document")
# Not without which there is no board: they came later, and the pages are not asked for them.
OPTIONAL_CONFIGS = ("text_style_control", "search_style_control", "document_style_control", "agent")
# Each of some 25 categories has a row for every model; those of the optional configs that are read.
OPTIONAL_CATEGORIES = ("overall", "creative_writing", "hard_prompts", "coding")
FIELDS = {
    **dict.fromkeys((*CONFIGS, *OPTIONAL_CONFIGS), Fields(("model_name",), ("rating",))),
    "agent": Fields(("model_name",), ("score",)),
}
SPLIT = "latest"
DATASET = "lmarena-ai/leaderboard-dataset"
FILE = "{config}/latest-00000-of-00001.parquet"
PAGES = "https://datasets-server.huggingface.co/"
# The most that the interface gives at once.
PAGE_LENGTH = 100
# Ten times what the largest config has.
MAXIMUM_ROWS = 100_000
# The interface of the pages, besides the data set's own site.
SECRET_HOSTS = ("datasets-server.huggingface.co",)
LOCKED = b"is locked"
# How the interface names the types; others keep DuckDB's name.
TYPES = {
    "VARCHAR": "string",
    "DOUBLE": "float64",
    "FLOAT": "float32",
    "BIGINT": "int64",
    "INTEGER": "int32",
    "BOOLEAN": "bool",
}

Configs = dict[str, list[Record]]


class _NoParquetError(Exception):
    """The Parquet files cannot be had, but the pages may be."""


def parse(body: bytes) -> Parts:
    """One part per config: its rows over all pages and all categories."""
    configs = member(SOURCE_ID, decode_json(SOURCE_ID, body), "configs", dict, "the response")
    found = [*CONFIGS, *(config for config in OPTIONAL_CONFIGS if config in configs)]
    return {config: _rows(configs, config) for config in found}


def _rows(configs: Record, config: str) -> list[Record]:
    anchor = f"configs.{config}[].rows[]"
    rows: list[Any] = []
    total = 0
    for page in member(SOURCE_ID, configs, config, list, "configs"):
        entries = member(SOURCE_ID, page, "rows", list, f"a page of configs.{config}")
        rows += [member(SOURCE_ID, entry, "row", dict, anchor) for entry in entries]
        stated = page.get("num_rows_total")
        if isinstance(stated, int):
            total = max(total, stated)
    # A missing page would leave out part of the board without a trace.
    if len(rows) < total:
        raise SourceError(
            SOURCE_ID, f"{total} rows at {anchor}, as the response states", f"{len(rows)}"
        )
    figure = FIELDS[config].figures[0]
    return records(SOURCE_ID, rows, anchor, ("model_name", figure, "category"))


def fetch(client: Client, source: RemoteSource, pages: Path) -> bytes:
    """The whole data set in the paged form, the same bytes on whichever way it was got.

    Parquet files are the cheap way. Without them, page by page: finished pages are kept in
    `pages`, and the next run goes on from there. A locked data set gives its first rows only.
    """
    try:
        configs = _from_parquet(client, source)
    except _NoParquetError:
        try:
            configs = {config: _from_pages(client, config, pages) for config in CONFIGS}
        except FetchError as error:
            if not is_final(error):
                raise
            configs = {config: [_page(client, _url("first-rows", config))] for config in CONFIGS}
            client.warnings.append("the data set is locked, so only its first rows are read")
    return _compact({"dataset": DATASET, "split": SPLIT, "configs": configs})


def is_final(error: FetchError) -> bool:
    """Whether the data set is locked, which the interface tells under several statuses."""
    return error.status == HTTPStatus.NOT_IMPLEMENTED or LOCKED in error.excerpt.lower()


def _from_parquet(client: Client, source: RemoteSource) -> Configs:
    configs: Configs = {}
    try:
        for config in CONFIGS:
            configs[config] = _read_parquet(client.get(_file(source, config)))
    except FetchError as error:
        # Where nothing answers, the pages cannot be had either.
        if error.status is None and not configs:
            raise
        raise _NoParquetError from error
    except (SourceError, duckdb.Error) as error:
        raise _NoParquetError from error
    for config in OPTIONAL_CONFIGS:
        with contextlib.suppress(FetchError, SourceError, duckdb.Error):
            configs[config] = _read_parquet(
                client.get(_file(source, config)), categories=OPTIONAL_CATEGORIES
            )
    return configs


def _file(source: RemoteSource, config: str) -> str:
    return urljoin(source.endpoint, FILE.format(config=config))


def _read_parquet(body: bytes, categories: Sequence[str] | None = None) -> list[Record]:
    """The rows of one config as pages, of some categories or of all; duckdb.Error if the body is
    no Parquet file."""
    with (
        tempfile.TemporaryDirectory(prefix="ipbr-parquet-") as folder,
        duckdb.connect(config={"memory_limit": "1GB", "threads": 1}) as connection,
    ):
        path = Path(folder) / "rows.parquet"
        path.write_bytes(body)
        found = connection.execute(
            "select * from read_parquet($path) "
            "where $categories is null or list_contains($categories, category) limit $limit",
            {"path": str(path), "categories": categories, "limit": MAXIMUM_ROWS + 1},
        )
        columns = [(column[0], str(column[1])) for column in found.description]
        rows = found.fetchall()
    if not rows or len(rows) > MAXIMUM_ROWS:
        raise SourceError(SOURCE_ID, f"1 to {MAXIMUM_ROWS} rows", f"{len(rows)}")
    features = [
        {
            "feature_idx": index,
            "name": name,
            "type": {"dtype": TYPES.get(kind, kind.lower()), "_type": "Value"},
        }
        for index, (name, kind) in enumerate(columns)
    ]
    names = [name for name, _ in columns]
    return [
        {
            "features": features,
            "rows": [
                {
                    "row_idx": start + index,
                    "row": Record(zip(names, row, strict=True)),
                    "truncated_cells": [],
                }
                for index, row in enumerate(rows[start : start + PAGE_LENGTH])
            ],
            "num_rows_total": len(rows),
            "num_rows_per_page": PAGE_LENGTH,
            "partial": False,
        }
        for start in range(0, len(rows), PAGE_LENGTH)
    ]


def _from_pages(client: Client, config: str, pages: Path) -> list[Record]:
    """All pages of one config; those that an earlier run has finished are not asked for again.

    The first page is always asked for: if it is another than the kept one, the data set has
    changed in between and the kept pages of the config do not fit any more.
    """
    found: list[Record] = []
    offset, total = 0, None
    while total is None or offset < total:
        kept = pages / f"{config}-{offset:06}.json"
        page = _kept_page(kept)
        if total is None or page is None or not _fits(page, total):
            before = page
            if client.validators:
                client.pause()
            page = _page(client, _url("rows", config, offset=offset, length=PAGE_LENGTH))
            if not _fits(page, total):
                raise SourceError(
                    SOURCE_ID,
                    f"rows of {config} from {offset} on, {total or f'up to {MAXIMUM_ROWS}'} in all",
                    f"{len(page['rows'])} rows, {str(page.get('num_rows_total'))[:40]} in all",
                )
            if total is None and page != before:
                for path in pages.glob(f"{config}-*.json"):
                    path.unlink()
            pages.mkdir(parents=True, exist_ok=True)
            replace_file(kept, _compact(page))
        found.append(page)
        total = page["num_rows_total"]
        offset += len(page["rows"])
    return found


def _fits(page: Record, total: int | None) -> bool:
    """Whether a page has rows and tells how many there are in all: as many as the pages before."""
    stated, rows = page.get("num_rows_total"), page.get("rows")
    if not isinstance(rows, list) or not rows or type(stated) is not int:
        return False
    return stated == total if total is not None else 0 < stated <= MAXIMUM_ROWS


def _kept_page(path: Path) -> Record | None:
    try:
        page = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return page if isinstance(page, dict) else None


def _page(client: Client, url: str) -> Record:
    page: Record = decode_json(SOURCE_ID, client.get(url))
    member(SOURCE_ID, page, "rows", list, "a page")
    return page


def _url(name: str, config: str, **more: int) -> str:
    query = {"dataset": DATASET, "config": config, "split": SPLIT, **more}
    return urljoin(PAGES, f"{name}?{urlencode(query)}")


def _compact(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.encode("utf-8", "surrogatepass")
