"""A fortnight of daily runs: a source that changes, machines that are lost, a history that stays.

What is expected is worked out from the scoreboards of the days alone, by other means than the
program's: the calendar in Python, places counted by hand.
"""

import json
import os
import re
import shutil
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
from played_sources import Played, body, status
from selectolax.lexbor import LexborHTMLParser

FIRST = datetime(2026, 11, 7, 12, tzinfo=UTC)  # a Saturday
N_DAYS = 16
SITE_URL = "https://board.example/"
HISTORY = "/board.example/history.parquet"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
ROLES = {"i": "Idea", "p": "Planning", "b": "Building", "r": "Reviewing"}
# Of the models on the fixture: one comes on the fourth day, one leaves on the sixth.
COMES, LEAVES = "Gemini 2.5 Pro", "Claude Sonnet 4.5"

Board = dict[str, dict[str, Any]]


def answer(played: Played, day: int) -> bytes:
    """The source's list on a day: its models pass their figures on to one another."""
    document = json.loads(played.fixture("gso"))
    listed = [entry for entry in document["models"] if entry["setting"] == "Opt@1"]
    figures = [entry["score_hack_control"] for entry in listed]
    for number, entry in enumerate(listed):
        entry["score_hack_control"] = figures[(number + day // 2) % len(figures)]
    document["models"] = [
        entry
        for entry in listed
        if not (entry["name"] == COMES and day < 3) and not (entry["name"] == LEAVES and day >= 5)
    ]
    return json.dumps(document).encode()


def read(scoreboard: Path) -> Board:
    """A board by model."""
    document = tomllib.loads(scoreboard.read_text(encoding="utf-8"))
    return {model["canonical_id"]: model for model in document["models"]}


def compared(day: int) -> int | None:
    """The day whose board was the last before last week began; the first day is a Saturday."""
    date = FIRST + timedelta(days=day)
    days_since_sunday = (date.weekday() + 1) % 7
    opened = date.replace(hour=0) - timedelta(days=days_since_sunday + 7)
    before = [number for number in range(day) if FIRST + timedelta(days=number) < opened]
    return before[-1] if before else None


def expected_changes(now: Board, then: Board | None) -> dict[str, dict[str, str]]:
    """The chip of every model and role that has one."""
    if then is None:
        return {}
    both = [key for key in now if key in then]
    chips: dict[str, dict[str, str]] = {}
    for role in ROLES:

        def place(board: Board, key: str, role: str = role) -> int:
            better = [k for k in both if board[k]["ranks"][role] < board[key]["ranks"][role]]
            return 1 + len(better)

        for key in now:
            gained = place(then, key) - place(now, key) if key in both else None
            if gained is None:
                chips.setdefault(key, {})[role] = "new"
            elif gained:
                chips.setdefault(key, {})[role] = f"{'▲' if gained > 0 else '▼'}{abs(gained)}"
    return chips


def slug(canonical_id: str) -> str:
    """The name of a model's page."""
    return re.sub("[^a-z0-9]+", "-", canonical_id.lower())


def page(site: Path, name: str) -> LexborHTMLParser:
    """A page of the site."""
    return LexborHTMLParser((site / name).read_text(encoding="utf-8"))


def check_history(out: Path, database: Path, boards: list[Board]) -> None:
    """File and database hold every board as it was, and nothing else."""
    expected = {
        (FIRST + timedelta(days=day), key, role, round(score, 6), model["ranks"][role])
        for day, board in enumerate(boards)
        for key, model in board.items()
        for role, score in zip(
            ROLES, (model["scores"][name] for name in ("i_raw", "p_raw", "b_raw", "r")), strict=True
        )
    }
    columns = "generated_at, canonical_id, role_id, round(score, 6), rank"
    with duckdb.connect(str(database), read_only=True) as connection:
        for table in ("marts.fct_score_history", f"'{out}/site/history.parquet'"):
            rows = connection.execute(f"select {columns} from {table}").fetchall()
            assert len(rows) == len(expected)
            assert {(row[0].replace(tzinfo=UTC), *row[1:]) for row in rows} == expected


def check_site(site: Path, day: int, boards: list[Board]) -> int:
    """Chips, names, feed and courses of a day; returns how many chips there are."""
    now, since = boards[-1], compared(day)
    then = None if since is None else boards[since]
    chips = expected_changes(now, then)
    gone = set(then or {}) - set(now)
    for key in now:
        shown = page(site, f"models/{slug(key)}.html")
        for role, fact in zip(ROLES, shown.css(".facts > div")[:4], strict=True):
            chip = fact.css_first(".change [aria-hidden]")
            assert (chip and chip.text()) == chips.get(key, {}).get(role), (day, key, role)
        seen = [number for number, board in enumerate(boards) if key in board]
        words = [curve.attributes["aria-label"] for curve in shown.css("svg.spark")]
        assert len(words) == (4 if day else 0)
        for (role, name), told in zip(ROLES.items(), words, strict=False):
            field = {"i": "i_raw", "p": "p_raw", "b": "b_raw", "r": "r"}[role]
            course = [boards[number][key]["scores"][field] for number in seen]
            dates = [(FIRST + timedelta(days=number)).date() for number in (seen[0], seen[-1])]
            best = min(boards[number][key]["ranks"][role] for number in seen)
            assert told.startswith(
                f"{name}: {course[0]:.1f} on {dates[0]}, {course[-1]:.1f} on {dates[1]}; lowest "
                f"{min(course):.1f}, highest {max(course):.1f}, best rank {best}"
            ), (day, key)
    index = page(site, "index.html")
    for role, leaders in zip(ROLES, index.css(".leader"), strict=True):
        for leader in leaders.css("li"):
            link = leader.css_first("a").attributes["href"]
            key = next(key for key in now if link == f"models/{slug(key)}.html")
            chip = leader.css_first(".change [aria-hidden]")
            assert (chip and chip.text()) == chips.get(key, {}).get(role), (day, key, role)
    note = index.css_first("#since")
    timeline = page(site, "timeline.html")
    if then is None:
        assert note is None
    else:
        assert f"{FIRST + timedelta(days=since):%Y-%m-%d %H:%M} UTC" in note.text()
        for key in gone:
            assert f"Left: {then[key]['display_name']}" in note.text()
        for key in set(now) - set(then):
            assert f"New: {now[key]['display_name']}" in note.text()
        assert len(timeline.css("li[id^=left-]")) == len(gone)
    if day:
        dates = [node.text() for node in timeline.css_first("section.course").css("thead th")][1:]
        ends = [f"{FIRST + timedelta(days=number):%Y-%m-%d}" for number in (0, day)]
        assert [dates[0], dates[-1]] == ends
    entries = ElementTree.parse(site / "feed.xml").getroot().findall("a:entry", ATOM)
    told = [entry.find("a:link", ATOM).attrib["href"].removeprefix(SITE_URL) for entry in entries]
    pages = [f"models/{slug(key)}.html" for key in chips]
    assert sorted(link.partition("#")[0] for link in told) == sorted(
        pages + ["timeline.html"] * len(gone)
    )
    return sum(map(len, chips.values()))


def test_calendar_by_hand() -> None:
    """7 November is a Saturday: on Sunday the 15th last week began on the 8th."""
    assert [compared(day) for day in range(N_DAYS)] == [None] * 8 + [0] * 7 + [7]


def test_every_day_is_right_whatever_was_lost(
    played: Played, tmp_path: Path, ipbr_rank: Callable[..., Any]
) -> None:
    out, database, cache = tmp_path / "out", tmp_path / "ipbr.duckdb", tmp_path / "cache"
    boards: list[Board] = []
    chips = []

    def run(day: int, *arguments: object, code: int = 0) -> str:
        result = ipbr_rank(
            *("all", "--only", "gso", "--quiet", "--site-url", SITE_URL),
            *("--now", (FIRST + timedelta(days=day)).isoformat()),
            *("--out", out, "--database", database, "--cache", cache, *arguments),
            IPBR_BASE_URL=played.base,
        )
        assert result.returncode == code, result.stderr
        return result.stderr

    brought_back = ("--history", f"{SITE_URL}history.parquet")
    for day in range(N_DAYS):
        played.serve("gso", answer(played, day))
        for path in cache.glob("*"):
            os.utime(path, (1_700_000_000, 1_700_000_000))
        if day == 4:
            # A new machine.
            database.unlink()
            shutil.rmtree(cache)
            shutil.rmtree(out)
            run(day, *brought_back)
        elif day == 8:
            # A machine whose database was restored from two days before.
            shutil.copy(tmp_path / "day6.duckdb", database)
            run(day, *brought_back)
        elif day == 10:
            # The site does not answer, or with something else; nothing is begun anew or mixed.
            before = [database.read_bytes(), (out / "scoreboard.toml").read_bytes()]
            played.faults[HISTORY] = status(404)
            assert "a history begun anew would replace" in run(day, *brought_back, code=1)
            played.faults[HISTORY] = body(played.answers[HISTORY][:-100])
            assert "expected a whole Parquet file" in run(day, *brought_back, code=2)
            assert before == [database.read_bytes(), (out / "scoreboard.toml").read_bytes()]
            played.faults.clear()
            database.unlink()
            run(day, *brought_back)
        else:
            run(day)
        if day == 2:
            once = (out / "site" / "history.parquet").read_bytes()
            run(day)
            assert (out / "site" / "history.parquet").read_bytes() == once
        if day == 6:
            shutil.copy(database, tmp_path / "day6.duckdb")
        boards.append(read(out / "scoreboard.toml"))
        check_history(out, database, boards)
        chips.append(check_site(out / "site", day, boards))
        played.answers[HISTORY] = (out / "site" / "history.parquet").read_bytes()
    # The play was worth watching: models moved, one came, one left.
    assert [number > 0 for number in chips] == [False] * 8 + [True] * 8
    sizes = [len(board) for board in boards]
    assert sizes == [sizes[0]] * 3 + [sizes[0] + 1] * 2 + [sizes[0]] * 11
    assert any(
        "▲" in chip
        for of in expected_changes(boards[-1], boards[7]).values()
        for chip in of.values()
    )
    # The same scoreboard of the seventh day, asked for long after.
    result = ipbr_rank("history", "--at", "2026-11-13", "--format", "json", "--database", database)
    rows = json.loads(result.stdout)
    assert {row["model"] for row in rows} == set(boards[6])
    for row in rows:
        role = next(role for role, name in ROLES.items() if name == row["role_name"])
        assert row["rank"] == boards[6][row["model"]]["ranks"][role]
