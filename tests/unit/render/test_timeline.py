"""Courses on the pages of models, the page of the timeline, arrivals and departures."""

import csv
import dataclasses
import hashlib
import json
import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from selectolax.lexbor import LexborHTMLParser

from render.board import Board, TimelinePoint
from render.build import render_site
from render.changes import change_of
from render.files.dated_boards import kept_days, write_dated_boards
from render.from_marts import read_board
from render.lookup import Lookup
from render.pages.timeline import DAYS_IN_TABLE, Timeline, timeline_context
from tests.support.made_up import GENERATED_AT, build_database

SITE_URL = "https://example.org/board/"
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_database(tmp_path_factory.mktemp("timeline") / "x.duckdb", n_models=12)


@pytest.fixture(scope="module")
def made_up(database: Path) -> Board:
    return read_board(database)


@pytest.fixture(scope="module")
def site(database: Path, made_up: Board, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    render_site(made_up, folder, database=database, site_url=SITE_URL)
    return folder


def made_point(day: date, model: str, name: str, score: float, rank: int) -> TimelinePoint:
    """A point in Idea, of a board of before places were kept."""
    at = datetime.combine(day, time(12), UTC)
    known = (score, rank, None, None, None, None, None, None)
    return TimelinePoint(day, at, "a" * 64, model, name, "i", *known)


def with_points(board: Board, *points: tuple[str, float, int]) -> Timeline:
    """A timeline of two models: v/a at these days, scores and ranks, v/b on five days."""
    model = board.scoreboard[0].canonical_id
    timeline = [
        made_point(date.fromisoformat(day), model, "A", score, rank) for day, score, rank in points
    ]
    timeline += [made_point(date(2026, 1, day), "v/b", "B", 50, 1) for day in (1, 2, 3, 4, 5)]
    return Timeline(Lookup(dataclasses.replace(board, timeline=tuple(timeline))))


def test_a_curve_by_hand(made_up):
    """200 by 40 with a margin of 4: day 1 is at 4, day 5 at 196; 40 points from bottom to top."""
    timeline = with_points(
        made_up, ("2026-01-01", 40, 3), ("2026-01-02", 80, 1), ("2026-01-05", 60, 2)
    )
    (course,) = timeline.sparklines(made_up.scoreboard[0].canonical_id)
    assert course.segments == ("M4 36L52 4", "M196 20h0")
    assert course.end == ("196", "20")
    assert course.words == (
        "Idea: 40.0 on 2026-01-01, 60.0 on 2026-01-05; lowest 40.0, highest 80.0, best rank 1st"
    )
    assert course.bands == course.marks == ()


def test_a_curve_that_hardly_moves_looks_like_one(made_up):
    """One point of the five that are drawn at least is a fifth of the 32 units of height."""
    timeline = with_points(made_up, ("2026-01-01", 50, 1), ("2026-01-05", 51, 1))
    (course,) = timeline.sparklines(made_up.scoreboard[0].canonical_id)
    assert course.segments == ("M4 23.2", "M196 16.8h0") or course.segments == (
        "M4 23.2h0",
        "M196 16.8h0",
    )


def test_every_model_page_has_its_courses(made_up, site):
    for row in made_up.scoreboard:
        page = LexborHTMLParser((site / "models" / f"{row.slug}.html").read_text(encoding="utf-8"))
        curves = page.css("svg.spark")
        assert len(curves) == 4
        for role, curve in zip(made_up.roles, curves, strict=True):
            words = curve.attributes["aria-label"]
            score = getattr(row, role.score_key.lower())
            assert words.startswith(f"{role.display_name}: ")
            assert f", {score:.1f} on 2026-06-20;" in words
            # The weights changed once. The last two days, on one scale, have intervals.
            assert len(curve.css("path.mark")) == 1
            assert len(curve.css("path.band")) == 1


def test_intervals_are_drawn_where_all_days_have_them(made_up):
    points = [point for point in made_up.timeline if point.score_p05 is not None]
    lookup = Lookup(dataclasses.replace(made_up, timeline=tuple(points)))
    course = Timeline(lookup).sparklines(made_up.scoreboard[0].canonical_id)[0]
    # Three days, of which the first is on another scale: one alone has no band.
    (band,) = course.bands
    assert band.count("L") == 2 * 2 - 1
    assert band.endswith("Z")


def test_chips_stand_on_model_pages(made_up, site):
    chips = 0
    lookup = Lookup(made_up)
    for row in made_up.scoreboard:
        page = LexborHTMLParser((site / "models" / f"{row.slug}.html").read_text(encoding="utf-8"))
        for role, fact in zip(made_up.roles, page.css(".roles > div"), strict=True):
            score = next(
                score
                for score in made_up.role_scores
                if (score.canonical_id, score.role_id) == (row.canonical_id, role.role_id)
            )
            chip = fact.css_first(".change [aria-hidden]")
            change = change_of(score, lookup)
            expected = change and change.text
            assert (chip and chip.text()) == expected
            chips += expected is not None
    assert chips > 10


def test_the_table_says_what_the_chart_draws(made_up, site):
    """Places are known of the last three days; before the second of them an index was rescaled."""
    page = LexborHTMLParser((site / "timeline.html").read_text(encoding="utf-8"))
    context = timeline_context(Lookup(made_up))
    assert len(context["charts"]) == len(page.css(".course")) == 4
    for chart, section in zip(context["charts"], page.css(".course"), strict=True):
        rows = section.css("tbody tr")
        assert [row.css_first("th").text() for row in rows] == [
            point.display_name for point, _ in chart.table
        ]
        lines = section.css("svg g.line")
        assert len(lines) == len(rows)
        assert all(1 <= point.place <= 10 for point, _ in chart.table)
        days = [node.text() for node in section.css("thead th")][1:]
        assert days == ["2026-06-18", "2026-06-19", "2026-06-20"]
        point = chart.table[0][0]
        assert rows[0].css("td")[-1].text() == f"1st {point.score:.1f}"
        assert rows[0].css("td")[0].text().startswith("2nd ")
        # A point alone, and a line over the two days on one scale.
        assert len(section.css("path.cut")) == 1
        first = [path.attributes["d"] for path in lines[0].css("path")]
        assert [path.count("L") for path in first] == [0, 1]
        assert first[0].endswith("h0")


def test_a_table_of_many_days_shows_some(made_up):
    days = [date(2026, 1, day) for day in range(1, 12)]
    model = made_up.scoreboard[0].canonical_id
    points = tuple(
        dataclasses.replace(
            made_point(day, model, "A", 50, 1), status="ranked", place=2 - (day == days[-1])
        )
        for day in days
    )
    (chart,) = timeline_context(Lookup(dataclasses.replace(made_up, timeline=points)))["charts"]
    assert len(chart.table_days) == DAYS_IN_TABLE
    assert (chart.table_days[0], chart.table_days[-1]) == (days[0], days[-1])
    assert chart.lines[0].has_moved


def test_boards_without_places_draw_none(made_up):
    points = tuple(
        dataclasses.replace(point, status=None, place=None) for point in made_up.timeline
    )
    assert timeline_context(Lookup(dataclasses.replace(made_up, timeline=points)))["charts"] == []


def test_changes_of_method_are_told(site):
    page = LexborHTMLParser((site / "timeline.html").read_text(encoding="utf-8"))
    text = page.css_first("#coefficients").parent.text()
    assert "2026-06-16" in text
    assert "2026-06-19: the scale of a source changed: Artificial Analysis (4.0 → 4.1)." in text


def test_scores_by_release_date_are_of_ranked_models(made_up, site):
    page = LexborHTMLParser((site / "timeline.html").read_text(encoding="utf-8"))
    figures = page.css("#releases ~ .quartet figure")
    assert len(figures) == 4
    evidence = Lookup(made_up).evidence
    for role, figure in zip(made_up.roles, figures, strict=True):
        ranked = {
            row.display_name
            for row in made_up.scoreboard
            if row.release_date and evidence[row.canonical_id, role.role_id].is_ranked
        }
        assert {title.text() for title in figure.css("circle title")} == ranked


def test_a_model_page_says_what_became_of_its_places_and_results(made_up, site):
    lookup = Lookup(made_up)
    seen = set()
    for row in made_up.scoreboard:
        page = LexborHTMLParser((site / "models" / f"{row.slug}.html").read_text(encoding="utf-8"))
        section = page.css_first("#course").parent
        text = section.css_first("p").text()
        assert text.startswith("Since the board of 11 June 2026: ")
        changed = [
            entry for entry in made_up.result_changes if entry.canonical_id == row.canonical_id
        ]
        assert len(section.css("details tbody tr")) == len(changed)
        for role in made_up.roles:
            score = next(
                entry
                for entry in made_up.role_scores
                if (entry.canonical_id, entry.role_id) == (row.canonical_id, role.role_id)
            )
            change = change_of(score, lookup)
            if change and "new on the board" not in text:
                words = "provisional → " if change.text == "ranked" else change.words
                assert f"{role.display_name} {words}" in text
                seen.add(change.text)
    assert {"new", "ranked"} & seen
    assert any(text.startswith("▲") for text in seen)
    assert any(text.startswith("▼") for text in seen)


def test_who_came_and_who_left(made_up, site):
    for name, moment in (("index.html", "11 June 2026"), ("timeline.html", "2026-06-11 11:35 UTC")):
        text = (site / name).read_text(encoding="utf-8")
        assert "Gone 1" in text
        assert moment in text
    root = ElementTree.parse(site / "feed.xml").getroot()
    titles = [node.text for node in root.findall("a:entry/a:title", ATOM)]
    assert "Gone 1: left the board; was 7th in Building" in titles


def test_runs_that_compare_with_the_same_board_do_not_repeat_entries(made_up, tmp_path):
    ids = []
    for hours in (0, 1):
        run = dataclasses.replace(made_up.run, generated_at=GENERATED_AT.replace(hour=11 + hours))
        board = dataclasses.replace(made_up, run=run)
        render_site(board, tmp_path / str(hours), site_url=SITE_URL)
        root = ElementTree.parse(tmp_path / str(hours) / "feed.xml").getroot()
        ids.append([node.text for node in root.findall("a:entry/a:id", ATOM)])
    assert ids[0] == ids[1]
    assert len(ids[0]) > 5
    assert all("2026-06-11T11:35:46Z" in entry for entry in ids[0])


def test_one_board_alone(tmp_path):
    path = build_database(tmp_path / "x.duckdb", n_models=3, has_previous=False)
    render_site(read_board(path), tmp_path / "site", database=path)
    page = (tmp_path / "site" / "timeline.html").read_text(encoding="utf-8")
    assert "only one day of history so far" in page
    assert 'class="ranks"' not in page
    for model in (tmp_path / "site" / "models").iterdir():
        text = model.read_text(encoding="utf-8")
        assert "only one day of history so far" in text
        assert not re.search(r'class="spark"|class="change', text)


def test_the_history_is_offered_as_a_file(database, site, tmp_path, made_up):
    render_site(made_up, tmp_path / "again", database=database, site_url=SITE_URL)
    first = (site / "history.parquet").read_bytes()
    assert first[:4] == b"PAR1"
    assert first == (tmp_path / "again" / "history.parquet").read_bytes()


# The boards of single days


def test_days_kept_are_the_last_sixty_and_the_ends_of_months():
    last = date(2026, 6, 20)
    days = [last - timedelta(days=back) for back in range(120)]
    kept = kept_days(days)
    assert kept[:2] == [date(2026, 2, 28), date(2026, 3, 31)]
    assert kept[2:] == sorted(days)[-60:]
    assert kept_days([]) == []


def test_a_dated_board_has_a_page_and_files_that_later_runs_do_not_change(made_up, site, tmp_path):
    days = sorted({point.scored_on for point in made_up.timeline})
    folders = {path.name: path for path in (site / "boards").iterdir()}
    assert sorted(folders) == [day.isoformat() for day in days]
    # A later run: one more day, another program, the models of today renamed.
    later = [
        dataclasses.replace(
            point,
            scored_on=point.scored_on + timedelta(days=1),
            generated_at=point.generated_at + timedelta(days=1),
        )
        for point in made_up.timeline
        if point.scored_on == days[-1]
    ]
    run = dataclasses.replace(made_up.run, generator="ipbr-rank 9", generated_at=GENERATED_AT)
    board = dataclasses.replace(made_up, run=run, timeline=(*made_up.timeline, *later))
    again = write_dated_boards(board, tmp_path)
    assert [entry.day for entry in again] == sorted(
        {point.scored_on for point in board.timeline}, reverse=True
    )
    for entry in again[1:]:
        page = (folders[entry.day.isoformat()] / "index.html").read_text(encoding="utf-8")
        for name, digest in (("board.json", entry.json_sha256), ("board.csv", entry.csv_sha256)):
            body = (site / entry.folder / name).read_bytes()
            assert body == (tmp_path / entry.folder / name).read_bytes()
            assert hashlib.sha256(body).hexdigest() == digest
            assert digest in page
            assert digest in page.split("application/ld+json", 1)[1].split("</script>", 1)[0]


def test_a_dated_board_shows_what_was_published(made_up, site):
    days = sorted({point.scored_on for point in made_up.timeline})
    for day, has_places in ((days[0], False), (days[-1], True)):
        folder = site / "boards" / day.isoformat()
        points = {
            (point.canonical_id, point.role_id): point
            for point in made_up.timeline
            if point.scored_on == day
        }
        rows = json.loads((folder / "board.json").read_text(encoding="utf-8"))["rows"]
        with (folder / "board.csv").open(encoding="utf-8", newline="") as file:
            in_csv = list(csv.DictReader(file))
        assert len(rows) == len(in_csv) == len(points) > 0
        for row, cells in zip(rows, in_csv, strict=True):
            point = points[row["canonical_id"], row["role_id"]]
            assert (row["status"], row["place"]) == (point.status, point.place)
            assert row["score"] == float(cells["score"]) == pytest.approx(point.score, abs=1e-6)
            assert cells["place"] == ("" if point.place is None else str(point.place))
        page = LexborHTMLParser((folder / "index.html").read_text(encoding="utf-8"))
        first = page.css_first("table.dated tbody tr")
        name = first.css_first("th").text()
        building = next(
            point
            for point in points.values()
            if point.role_id == "b" and point.display_name == name
        )
        leader = min(
            p.place if has_places else p.rank
            for p in points.values()
            if p.role_id == "b" and (p.place or not has_places)
        )
        assert first.css("td.place")[2].text() == str(leader)
        assert (building.place if has_places else building.rank) == leader
        assert ("ranks among all models" in page.css_first(".lead").text()) != has_places


def test_the_page_of_data_cites_a_board_that_stands(site):
    page = LexborHTMLParser((site / "data.html").read_text(encoding="utf-8"))
    cited = f"{SITE_URL}boards/2026-06-20/"
    assert f"url    = {{{cited}}}" in page.css_first("#cite").parent.text()
    assert (site / "boards/2026-06-20/index.html").is_file()
    described = json.loads(page.css_first('script[type="application/ld+json"]').text(deep=True))
    assert described["@type"] == "Dataset"
    for item in described["distribution"]:
        file = site / item["contentUrl"].removeprefix(SITE_URL)
        assert hashlib.sha256(file.read_bytes()).hexdigest() == item["sha256"]
