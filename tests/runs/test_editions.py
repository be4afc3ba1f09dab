"""The publishable edition: no figure of a source that may not be passed on is in any output."""

import csv
import json
import re
import shutil
import tomllib
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from base.errors import ConfigurationError
from ingest.landing.previous import read_previous
from ingest.registry import load_sources
from ipbr_rank.run.editions import read_consents, require_same_edition, withheld_sources
from tests.support.publishable import Run, publishable

# Shorter numbers are met by chance: a width in a page, a date, and of 329 with five digits once
# in a contribution. That nothing follows from these figures is shown by the unchanged bytes.
DISTINCTIVE_DIGITS = 6


@pytest.fixture(scope="module")
def restricted(project: Path) -> set[str]:
    """Ids of the sources that may not be passed on."""
    found = {
        s.source_id for s in load_sources(project).values() if s.redistribution == "restricted"
    }
    assert "artificial_analysis" in found
    return found


@pytest.fixture(scope="module")
def edition(
    tmp_path_factory: pytest.TempPathFactory, project: Path, ipbr_rank: Run
) -> SimpleNamespace:
    """The publishable edition of the fixtures."""
    return publishable(ipbr_rank, tmp_path_factory.mktemp("edition"), project / "data" / "fixtures")


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_restricted_answers_change_no_byte(
    edition: SimpleNamespace,
    restricted: set[str],
    tmp_path: Path,
    project: Path,
    ipbr_rank: Run,
) -> None:
    """Where nothing of the answers is read, their ruin is not noticed: nothing can be passed on."""
    cache = tmp_path / "cache"
    shutil.copytree(project / "data" / "fixtures", cache)
    for source in load_sources(project).values():
        if source.source_id in restricted:
            assert source.cache_file
            (cache / source.cache_file).write_text("ruined")
    # What was made of the answers that can be read is taken over.
    shutil.copy(edition.database, tmp_path)
    other = publishable(ipbr_rank, tmp_path, cache, "score")
    found, expected = files(other.out), files(edition.out)
    # The site depends on the board alone.
    assert found.keys() == {name for name in expected if not name.startswith("site/")}
    assert len(found) >= 3
    assert [name for name in found if found[name] != expected[name]] == []


def test_restricted_answers_are_not_in_the_database(
    edition: SimpleNamespace, restricted: set[str]
) -> None:
    with duckdb.connect(str(edition.database), read_only=True) as connection:
        for table in ("raw.raw_responses", "raw.raw_records", "marts.fct_observation_ledger"):
            ids = {
                row[0] for row in connection.execute(f"select source_id from {table}").fetchall()
            }
            assert ids
            assert not ids & restricted, table
        runs = connection.execute("select source_id, status from raw.source_runs").fetchall()
    assert {source_id for source_id, status in runs if status == "withheld"} == restricted


def test_no_figure_names_a_restricted_source(
    edition: SimpleNamespace, restricted: set[str]
) -> None:
    data = edition.out / "site" / "data"
    scoreboard = tomllib.loads((edition.out / "scoreboard.toml").read_text())
    assert scoreboard["edition"] == "publishable"
    named = {
        evidence.get("source")
        for model in scoreboard["models"]
        for evidence in model["evidence"].values()
    }
    named |= {source for model in scoreboard["models"] for source in model["sources"]}
    with (data / "figures.csv").open(encoding="utf-8", newline="") as file:
        named |= {row["source_id"] for row in csv.DictReader(file)}
    for model in json.loads((data / "scoreboard.json").read_text())["models"]:
        named |= {figure["source_id"] for figure in model["figures"].values()}
    named |= {
        row[0]
        for row in duckdb.sql(
            f"select source_id from read_parquet('{data / 'figures.parquet'}')"
        ).fetchall()
    }
    with duckdb.connect(str(data / "ipbr.duckdb"), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from information_schema.columns "
            "where column_name = 'source_id' and table_name != 'dim_sources'"
        ).fetchall()
        assert len(tables) >= 2
        for (table,) in tables:
            rows = connection.execute(f"select distinct source_id from marts.{table}").fetchall()
            named |= {row[0] for row in rows}
    assert "swebench" in named
    assert not named & restricted
    for source_id, entry in scoreboard["sources"].items():
        assert (entry["status"] == "withheld") is (source_id in restricted)
        if source_id in restricted:
            assert "sha256" not in entry
            assert entry["n_rows_ingested"] == 0
    # A page that shows a figure credits its source; these are credited nowhere.
    for path in edition.out.rglob("*.html"):
        for line in re.findall(r'<p class="credits">.*', path.read_text(encoding="utf-8")):
            credited = set(re.findall(r"sources\.html#([a-z0-9_-]+)", line))
            assert credited
            assert not credited & restricted, path


def numbers_in(folder: Path) -> set[str]:
    """Every number in the text files, and every value in the Parquet and DuckDB files."""
    found: set[str] = set()
    for path in folder.rglob("*"):
        if path.suffix in (".html", ".toml", ".csv", ".json", ".xml", ".svg", ".txt", ".js", ""):
            if path.is_file():
                found |= set(re.findall(r"\d+(?:\.\d+)?(?:e-?\d+)?", path.read_text("utf-8")))
        elif path.suffix == ".parquet":
            found |= cells(duckdb.sql(f"from read_parquet('{path}')"))
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                tables = connection.execute(
                    "select table_schema, table_name from information_schema.tables"
                ).fetchall()
                for schema, table in tables:
                    found |= cells(connection.sql(f"from {schema}.{table}"))
    return found


def cells(rows: duckdb.DuckDBPyRelation) -> set[str]:
    return {
        number
        for row in rows.fetchall()
        for number in re.findall(r"\d+(?:\.\d+)?(?:e-?\d+)?", repr(row))
    }


def values_of(database: Path, which: str) -> set[str]:
    """The distinctive figures of some sources, as they spell them and as they were read."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            f"select raw_text, raw_value from marts.fct_observation_ledger where {which}"
        ).fetchall()
    spellings = {text for text, _ in rows if text} | {repr(v) for _, v in rows if v is not None}
    return {
        text for text in spellings if len(re.sub(r"\D", "", text).strip("0")) >= DISTINCTIVE_DIGITS
    }


def test_no_value_of_a_restricted_source_is_in_any_file(
    board: SimpleNamespace, edition: SimpleNamespace, restricted: set[str]
) -> None:
    named = ", ".join(f"'{source_id}'" for source_id in sorted(restricted))
    secret = values_of(board.database, f"source_id in ({named})")
    secret -= values_of(board.database, f"source_id not in ({named})")
    assert len(secret) > 100
    # The search finds them where they are.
    assert len(secret & numbers_in(board.out)) > 100
    assert secret & numbers_in(edition.out) == set()


def test_reported_figures_that_repeat_a_restricted_source_are_withheld(
    board: SimpleNamespace, edition: SimpleNamespace, project: Path
) -> None:
    reported = tomllib.loads((project / "data/score_overrides.toml").read_text(encoding="utf-8"))
    n_reported = len(reported["entries"])
    # Ratings of GDPval-AA are that source's own, whoever states them.
    named = [
        [name in str(entry) for name in ("artificialanalysis.ai", "GDPval-AA")]
        for entry in reported["entries"]
    ]
    n_cited = sum(map(any, named))
    assert n_cited > sum(by_address for by_address, _ in named) > 0
    query = """
        select count(*) filter (where resolution = 'ignored'), count(raw_text)
        from marts.fct_observation_ledger where source_id = 'overrides'
    """
    with duckdb.connect(str(board.database), read_only=True) as connection:
        assert connection.execute(query).fetchone() == (0, n_reported)
    with duckdb.connect(str(edition.database), read_only=True) as connection:
        assert connection.execute(query).fetchone() == (n_cited, n_reported - n_cited)
        warned = connection.execute(
            "select subject, message from marts.rpt_warnings "
            "where warning_kind = 'withheld_figures'"
        ).fetchall()
    message = (
        f"{n_cited} reported values withheld: cited from a source that this edition leaves out"
    )
    assert warned == [("overrides", message)]


def test_a_page_says_what_is_left_out(
    board: SimpleNamespace, edition: SimpleNamespace, restricted: set[str], project: Path
) -> None:
    page = (edition.out / "site" / "left-out.html").read_text(encoding="utf-8")
    sources = load_sources(project)
    for source_id in restricted:
        assert sources[source_id].home_page in page.replace("&amp;", "&")
    for path in (edition.out / "site").glob("*.html"):
        assert "left-out.html" in path.read_text(encoding="utf-8"), path
    # The full edition leaves nothing out and has no such page.
    assert not (board.out / "site" / "left-out.html").exists()


def test_the_files_state_their_licences(board: SimpleNamespace, edition: SimpleNamespace) -> None:
    for run, name in ((board, "full"), (edition, "publishable")):
        manifest = json.loads((run.out / "site" / "data" / "manifest.json").read_text())
        assert (manifest["edition"], manifest["licence"]) == (name, "CC BY 4.0")
        notice = (run.out / "NOTICE").read_text(encoding="utf-8")
        assert notice == (run.out / "site" / "NOTICE").read_text(encoding="utf-8")
        assert "SWE-bench leaderboard data (CC BY-NC 4.0)" in notice
        assert "CC BY 4.0" in (run.out / "site" / "index.html").read_text(encoding="utf-8")
    credit = "from Artificial Analysis (artificialanalysis.ai)"
    assert credit in (board.out / "NOTICE").read_text(encoding="utf-8")
    assert credit not in (edition.out / "NOTICE").read_text(encoding="utf-8")


def test_every_page_with_a_figure_credits_its_source(board: SimpleNamespace) -> None:
    with duckdb.connect(str(board.database), read_only=True) as connection:
        rows = connection.execute(
            """
            select models.slug, sources.attribution
            from marts.fct_measurements as figures
            inner join marts.rpt_scoreboard as models using (canonical_id)
            inner join marts.dim_sources as sources on figures.source_id = sources.source_id
            where figures.is_present
            group by all
            """
        ).fetchall()
    assert len(rows) > 200
    pages = {
        slug: (board.out / "site" / "models" / f"{slug}.html")
        .read_text(encoding="utf-8")
        .partition('class="credits"')[2]
        .replace("&#39;", "'")
        .replace("&amp;", "&")
        for slug, _ in rows
    }
    assert [(slug, credit) for slug, credit in rows if credit not in pages[slug]] == []


def test_a_board_is_not_rendered_as_another_edition(
    board: SimpleNamespace, ipbr_rank: Run, tmp_path: Path
) -> None:
    process = ipbr_rank(
        *("render", "--edition", "publishable", "--database", board.database),
        *("--out", tmp_path / "out"),
    )
    assert process.returncode == 2
    assert "was scored as the full edition" in process.stderr
    assert not (tmp_path / "out").exists()


# The rules alone


def test_which_sources_are_withheld(project: Path, restricted: set[str]) -> None:
    sources = load_sources(project)
    assert withheld_sources(sources, "full", []) == {}
    assert withheld_sources(sources, "publishable", []).keys() == restricted
    agreed = withheld_sources(sources, "publishable", read_consents(" arc_agi, mcp_atlas ,"))
    assert agreed.keys() == restricted - {"arc_agi", "mcp_atlas"}
    assert agreed["artificial_analysis"].endswith(": Artificial Analysis data platform terms")


@pytest.mark.parametrize("edition", ["full", "publishable"])
def test_consent_of_an_unknown_source(project: Path, edition: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"IPBR_CONSENTS: expected source ids .* found 'arcagi'"
    ):
        withheld_sources(load_sources(project), edition, ["arcagi"])


def test_an_earlier_board_is_of_the_same_edition(
    board: SimpleNamespace, edition: SimpleNamespace
) -> None:
    full = read_previous(board.out / "scoreboard.toml").edition
    other = read_previous(edition.out / "scoreboard.toml").edition
    assert (full, other) == ("full", "publishable")
    require_same_edition("full", full)
    with pytest.raises(ConfigurationError, match="is a board of the full edition"):
        require_same_edition("publishable", full)


def test_nobody_is_pulled_to_50_for_what_is_withheld(edition: SimpleNamespace) -> None:
    """What is left of the weights is all of them, so that enough is known of most models."""
    with duckdb.connect(str(edition.database), read_only=True) as connection:
        ranked = dict(
            connection.execute(
                "select role_id, count(place) from marts.fct_role_evidence group by role_id"
            ).fetchall()
        )
        families = connection.execute(
            "select distinct role_id from marts.fct_role_evidence where n_possible_families = 1"
        ).fetchall()
        sums = connection.execute(
            "select distinct round(sum(weight), 9) from marts.fct_weights "
            "group by weight_kind, parent_id"
        ).fetchall()
        blank = connection.execute(
            """select metric_id from marts.fct_weights
            inner join marts.dim_metrics on metric_id = child_id and metric_kind = 'metric'
            where not exists (
                select 1 from marts.fct_measurements
                where fct_measurements.metric_id = dim_metrics.metric_id and is_present
            )"""
        ).fetchall()
    assert ranked["i"] >= 30
    assert ranked["p"] >= 18
    assert ranked["b"] >= 16
    assert families == [("i",)]
    assert sums == [(1.0,)]
    assert blank == []
    scoreboard = tomllib.loads((edition.out / "scoreboard.toml").read_text())
    assert scoreboard["weights"] == "renormalised"


def test_every_page_begins_with_what_the_edition_leaves_out(
    edition: SimpleNamespace, restricted: set[str]
) -> None:
    scoreboard = tomllib.loads((edition.out / "scoreboard.toml").read_text())
    assert set(scoreboard["withheld_sources"]) == restricted
    pages = list((edition.out / "site").rglob("*.html"))
    assert len(pages) > 100
    for page in pages:
        main = page.read_text(encoding="utf-8").partition('<main id="content">\n')[2]
        first = main.lstrip().partition("\n")[0]
        assert first.startswith(
            f'<p class="edition">Publishable edition: {len(restricted)} sources '
        ), page
        assert first.endswith(
            "All places in Idea depend on a single family of benchmarks, LMArena.</p>"
        ), page
