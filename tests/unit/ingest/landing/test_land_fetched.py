"""How fetching went is landed with the responses."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingest.landing.land import LandedSource, land
from ingest.registry import FetchStatus, load_sources

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def landed(
    project: Path, fixtures: Path, tmp_path: Path, fetched: dict[str, FetchStatus] | None
) -> tuple[dict[str, LandedSource], Callable[[str], list[tuple]]]:
    database = tmp_path / "landed.duckdb"
    rows = land(
        database,
        load_sources(project),
        fixtures,
        generated_at=NOW,
        generator="test",
        offline=False,
        fetched=fetched,
    )

    def query(sql: str) -> list[tuple]:
        with duckdb.connect(str(database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    return {row.source_id: row for row in rows}, query


def test_status_and_message_of_fetching_are_landed(
    project: Path, fixtures: Path, tmp_path: Path
) -> None:
    fetched = {
        "gso": FetchStatus("gso", "stale", "gso: no answer; the response of 2026-04-27 is used"),
        "bfcl": FetchStatus("bfcl", "failed", "bfcl: no answer; there is no earlier response"),
        "lmarena": FetchStatus("lmarena", "skipped", "HF_TOKEN is not set"),
        "sonar": FetchStatus("sonar", "verified", "2 of 60 metrics files are missing"),
    }
    rows, query = landed(project, fixtures, tmp_path, fetched)
    runs = {source_id: FetchStatus(source_id, *rest) for source_id, *rest in query(
        "select * from raw.source_runs")}  # fmt: skip
    for source_id, status in fetched.items():
        assert runs[source_id] == status
    assert runs["swebench"] == FetchStatus("swebench", "verified")
    # What has failed or was skipped has no rows, whatever is in the cache.
    with_rows = {row[0] for row in query("select distinct source_id from raw.raw_records")}
    assert {"gso", "sonar"} <= with_rows
    assert not {"bfcl", "lmarena"} & with_rows
    assert rows["gso"].n_records == 28


def test_fingerprint_and_hash_of_every_response_are_landed(
    project: Path, fixtures: Path, tmp_path: Path
) -> None:
    _, query = landed(project, fixtures, tmp_path, None)
    rows = query("select source_id, content_sha256, fingerprint from raw.raw_responses")
    assert len(rows) == len(list(fixtures.glob("*.meta.json"))) > 0
    assert len({row[1] for row in rows}) == len(rows)
    by_source = {source_id: json.loads(text) for source_id, _, text in rows}
    assert by_source["gso"]["models[].score_hack_control"] == "number"
    assert by_source["bfcl"]["rows[].Overall Acc"] == "text"


def test_change_of_shape_that_fetch_has_noted_is_told_by_later_runs(
    project: Path, fixtures: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    for path in fixtures.iterdir():
        (cache / path.name).write_bytes(path.read_bytes())
    sidecar = json.loads((cache / "gso.json.meta.json").read_bytes())
    sidecar["shape_change"] = (
        "the structure of the response has changed; paths: 1 new (models[].new)"
    )
    (cache / "gso.json.meta.json").write_text(json.dumps(sidecar), encoding="utf-8")
    rows, _ = landed(project, cache, tmp_path, None)
    assert (rows["gso"].status, rows["gso"].message) == ("verified", sidecar["shape_change"])
