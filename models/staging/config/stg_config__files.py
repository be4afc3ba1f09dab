"""The four configuration files as JSON, read afresh on every run."""

import hashlib
import json
import math
import tomllib
from pathlib import Path


def finite_or_text(text):
    """A TOML float as a number; nan and inf stay the text they are written as."""
    number = float(text)
    return number if math.isfinite(number) else text


def model(dbt, session):
    """One row per file: file_id, path, sha256 of its bytes, content as JSON text."""
    dbt.config(materialized="table")
    # dbt reads the keys from the source text, so each call names its key literally.
    paths = {
        "coefficients": dbt.config.get("coefficients_path"),
        "aliases": dbt.config.get("aliases_path"),
        "overrides": dbt.config.get("overrides_path"),
        "synthesis": dbt.config.get("synthesis_path"),
    }
    rows = []
    for file_id, path in paths.items():
        text = Path(path).read_bytes()
        # JSON has no nan and inf: they pass as text, for the tests to find.
        content = json.dumps(
            tomllib.loads(text.decode("utf-8"), parse_float=finite_or_text), default=str
        )
        rows.append(
            {
                "file_id": file_id,
                "path": path,
                "sha256": hashlib.sha256(text).hexdigest(),
                "content": content,
            }
        )
    return session.sql(
        """
        select row->>'file_id' as file_id, row->>'path' as path, row->>'sha256' as sha256,
            (row->>'content')::json as content
        from (select unnest(cast($rows as json[])) as row)
        """,
        params={"rows": json.dumps(rows)},
    )
