"""A fortnight of daily runs of scripts/refresh.sh: a source that changes, machines that are lost, a
history that stays, boards that must not be published.

What is expected is worked out from the scoreboards of the days alone, by other means than the
program's: the calendar in Python, places counted by hand.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest
import tomli_w
from selectolax.lexbor import LexborHTMLParser

from tests.support.played_sources import Played, body, faults_at, status
from tests.support.project_copy import copy_project

pytestmark = pytest.mark.slow

FIRST = datetime(2026, 11, 7, 12, tzinfo=UTC)  # a Saturday
N_DAYS = 16
SITE_URL = "https://board.example/"
SITE = "/board.example"
PROJECT = Path(__file__).parents[2]
ATOM = {"a": "http://www.w3.org/2005/Atom"}
ROLES = {"i": "Idea", "p": "Planning", "b": "Building", "r": "Reviewing"}
# Sources that are gone: all but gso and the one whose key is not set.
N_GONE = "27"
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


def cut(listed: bytes) -> bytes:
    """The list without its second half."""
    document = json.loads(listed)
    del document["models"][len(document["models"]) // 2 :]
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
    chips: dict[str, dict[str, str]] = {}
    for role in ROLES:
        for key, model in now.items():
            place = model["roles"][role].get("place")
            if place is None:
                continue
            if key not in then:
                chips.setdefault(key, {})[role] = "new"
                continue
            before = then[key]["roles"][role].get("place")
            if before is None:
                chips.setdefault(key, {})[role] = "ranked"
            elif before != place:
                sign = "▲" if before > place else "▼"
                chips.setdefault(key, {})[role] = f"{sign}{abs(before - place)}"
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
        for role, fact in zip(ROLES, shown.css(".roles > div"), strict=True):
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
    note = page(site, "index.html").css_first("[aria-labelledby=since]")
    timeline = page(site, "timeline.html")
    if then is None:
        assert note is None
    else:
        moved = timeline.css_first("[aria-labelledby=changes]")
        assert f"{FIRST + timedelta(days=since):%Y-%m-%d %H:%M} UTC" in moved.text()
        for key in gone:
            assert f"Left: {then[key]['display_name']}" in note.text()
        for key in set(now) - set(then):
            assert f"New: {now[key]['display_name']}" in note.text()
        assert len(timeline.css("li[id^=left-]")) == len(gone)
        # One line per model, with the chips of all roles in order.
        lines = moved.css(".moved tbody tr")
        assert len(lines) == len(chips)
        for line in lines:
            link = line.css_first("a").attributes["href"]
            key = next(key for key in chips if link == f"models/{slug(key)}.html")
            found = [cell.css_first(".change [aria-hidden]") for cell in line.css("td")]
            assert [chip and chip.text() for chip in found] == [chips[key].get(r) for r in ROLES]
    if day:
        dates = [node.text() for node in timeline.css_first(".course").css("thead th")][1:]
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


@dataclass
class Machine:
    """Where refresh.sh runs, with the real program and a wrangler that copies what it is given.

    What was deployed is what the played server answers for the site. All sources but gso are gone,
    and have never been cached: in this copy of the project little evidence is enough for a place.
    """

    folder: Path
    played: Played
    copy: Path
    n_deployed: int = 0

    def __post_init__(self) -> None:
        (self.folder / "scripts").mkdir(parents=True)
        shutil.copy(PROJECT / "scripts" / "refresh.sh", self.folder / "scripts")
        thresholds = self.copy / "seeds" / "thresholds.csv"
        rules = thresholds.read_text("utf-8")
        for name, value, enough in (("share", "0.6", "0.02"), ("families", "2", "1")):
            assert f"\nranked_minimum_{name},{value}," in rules
            rules = rules.replace(
                f"\nranked_minimum_{name},{value},", f"\nranked_minimum_{name},{enough},"
            )
        thresholds.write_text(rules, encoding="utf-8")
        (self.folder / "bin").mkdir()
        for name, script in (
            ("wrangler", f'rm -rf {self.site}\ncp -r "$3" {self.site}'),
            ("ipbr-rank", f'PYTHONPATH={self.copy} exec {sys.executable} -m ipbr_rank "$@"'),
        ):
            program = self.folder / "bin" / name
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)
        for source in self.played.sources.values():
            if source.cache_file and source.source_id != "gso":
                self.played.faults |= faults_at(source, status(404))

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def database(self) -> Path:
        return self.folder / "ipbr.duckdb"

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @property
    def site(self) -> Path:
        """What wrangler deployed last."""
        return self.folder / "deployed"

    def refresh(
        self, now: datetime, *arguments: object, code: int = 0, is_deployed: bool = True
    ) -> str:
        """Runs the script; what it said."""
        shutil.rmtree(self.site, ignore_errors=True)
        process = subprocess.run(
            [
                *(self.folder / "scripts" / "refresh.sh", "--publish", "--edition", "full"),
                *("--max-stale", N_GONE, "--quiet", "--now", now.isoformat(), "--out", self.out),
                *("--database", self.database, "--cache", self.cache, *map(str, arguments)),
            ],
            env={
                "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin",
                "IPBR_RANK": str(self.folder / "bin" / "ipbr-rank"),
                "IPBR_BASE_URL": self.played.base,
                "IPBR_SITE_URL": SITE_URL,
                "CLOUDFLARE_ACCOUNT_ID": "account-1",
            },
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert process.returncode == code, process.stderr
        assert self.site.exists() == is_deployed, process.stdout
        if is_deployed:
            self.n_deployed += 1
            for name in ("data/scoreboard.toml", "history.parquet"):
                self.played.answers[f"{SITE}/{name}"] = (self.site / name).read_bytes()
        return process.stdout + process.stderr

    def lose(self) -> None:
        """A new machine: nothing is left."""
        self.database.unlink()
        shutil.rmtree(self.cache)
        shutil.rmtree(self.out)


def test_every_day_is_right_whatever_was_lost(
    played: Played,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    ipbr_rank: Callable[..., Any],
) -> None:
    copy = copy_project(tmp_path_factory.mktemp("copy"))
    machine = Machine(tmp_path / "machine", played, copy)
    out, database = machine.out, machine.database
    boards: list[Board] = []
    chips = []

    def refuses(now: datetime, told: str, *arguments: object, code: int = 1) -> None:
        """The run is refused and what is published stays."""
        before = dict(played.answers)
        said = machine.refresh(now, *arguments, code=code, is_deployed=False)
        assert told in said
        assert played.answers == before

    def with_few_reported_figures(now: datetime) -> str:
        """What is said of a board that another machine made with a list that was cut."""
        few, other = tmp_path / "few.toml", tmp_path / "other"
        listed = tomllib.loads((PROJECT / "data" / "score_overrides.toml").read_text("utf-8"))
        first = {entry["metric"]: entry for entry in reversed(listed["entries"])}
        few.write_text(tomli_w.dumps({"entries": list(first.values())}), encoding="utf-8")
        made = ipbr_rank(
            *("all", "--offline", "--only", "gso", "--quiet", "--now", now.isoformat()),
            *("--overrides", few, "--cache", machine.cache, "--out", other),
            *("--database", tmp_path / "other.duckdb"),
        )
        assert made.returncode == 0, made.stderr
        checked = ipbr_rank(
            *("check-publish", "--published", SITE_URL, "--out", other),
            *("--database", tmp_path / "other.duckdb"),
            IPBR_BASE_URL=played.base,
        )
        assert checked.returncode == 1
        return checked.stderr

    for day in range(N_DAYS):
        now = FIRST + timedelta(days=day)
        played.serve("gso", answer(played, day))
        for path in machine.cache.glob("*"):
            os.utime(path, (1_700_000_000, 1_700_000_000))
        if day == 0:
            # That nothing is published yet has to be said.
            refuses(now, "found 404")
            machine.refresh(now, "--first")
            refuses(now, "--first was given, but a board is already published", "--first")
        elif day == 4:
            machine.lose()
            machine.refresh(now)
        elif day == 7:
            # A source that has lost half of its list is not believed, and not fit to be published
            # where no more may be stale.
            played.serve("gso", cut(answer(played, day)))
            refuses(now, "28 sources are stale or failed; at most 27 may be: ")
            assert "over a third is lost" in with_few_reported_figures(now)
            played.serve("gso", answer(played, day))
            os.utime(machine.cache / "gso.json", (1_700_000_000, 1_700_000_000))
            machine.refresh(now)
        elif day == 8:
            # A machine whose database was restored from two days before.
            shutil.copy(tmp_path / "day6.duckdb", database)
            machine.refresh(now)
        elif day == 10:
            # The site does not answer, or with something else; nothing is begun anew or mixed.
            before = [database.read_bytes(), (out / "scoreboard.toml").read_bytes()]
            played.faults[f"{SITE}/history.parquet"] = status(404)
            refuses(now, "a new history would replace")
            broken = played.answers[f"{SITE}/history.parquet"][:-100]
            played.faults[f"{SITE}/history.parquet"] = body(broken)
            refuses(now, "expected a whole Parquet file", code=2)
            assert before == [database.read_bytes(), (out / "scoreboard.toml").read_bytes()]
            del played.faults[f"{SITE}/history.parquet"]
            # Nor is a history deployed that goes on with an old one.
            machine.lose()
            refuses(now, "lacks 4 of the 10 published boards", "--history", tmp_path / "day5")
            machine.lose()
            machine.refresh(now)
        else:
            machine.refresh(now)
        if day == 2:
            # The same run again adds nothing.
            once = (out / "site" / "history.parquet").read_bytes()
            assert "nothing has changed" in machine.refresh(now, is_deployed=False)
            assert (out / "site" / "history.parquet").read_bytes() == once
        boards.append(read(out / "scoreboard.toml"))
        check_history(out, database, boards)
        chips.append(check_site(out / "site", day, boards))
        if day == 3:
            # Lost with the machine, since it told nothing new.
            later = now + timedelta(hours=1)
            assert "nothing has changed" in machine.refresh(later, is_deployed=False)
        elif day == 5:
            shutil.copy(out / "site" / "history.parquet", tmp_path / "day5")
        elif day == 6:
            shutil.copy(database, tmp_path / "day6.duckdb")
    assert machine.n_deployed == N_DAYS
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
