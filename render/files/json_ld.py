"""What a search engine for data sets reads of a page: schema.org's Dataset, as JSON-LD."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from markupsafe import Markup

from base.times import moment_text
from render.board import Run
from render.files.tables import LICENCE_URL

NAME = "ipbr: which language model thinks, plans, builds and reviews best"
ENCODINGS = {
    "json": "application/json",
    "csv": "text/csv",
    "toml": "application/toml",
    "parquet": "application/vnd.apache.parquet",
    "duckdb": "application/vnd.duckdb",
}


def dataset(
    run: Run, at: datetime, site_url: str | None, address: str, files: dict[str, str]
) -> Markup:
    """The script element of a data set at `address` below the site; `files`: name → SHA-256.

    Empty without the site's own address, since such a description is told by whole addresses.
    """
    if site_url is None:
        return Markup()
    document: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": f"{NAME}, board of {at:%Y-%m-%d}",
        "description": (
            "Scores, intervals, places and evidence of language models in four roles of coding "
            "work, from public benchmarks."
        ),
        "url": site_url + address,
        "version": f"{at:%Y-%m-%d}",
        "datePublished": moment_text(at),
        "license": LICENCE_URL,
        "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": "the ipbr developers", "url": site_url},
        "keywords": ["large language models", "benchmarks", "leaderboard", run.edition],
        "distribution": [
            {
                "@type": "DataDownload",
                "name": name,
                "contentUrl": site_url + path,
                "encodingFormat": ENCODINGS[name.rpartition(".")[2]],
                "sha256": digest,
            }
            for path, digest in files.items()
            if (name := path.rpartition("/")[2])
        ],
    }
    # Within a script element nothing is escaped, and only `<` could end it.
    text = json.dumps(document, ensure_ascii=False).replace("<", "\\u003c")
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(text))  # noqa: S704 of our own
