"""`kill -9` at any moment of `all`: nothing is ever half-written, and the next run is right.

Two boards take turns, so that an old result can be told from a new one. IPBR_KILLS is how many
runs are killed; continuous integration kills 50.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import duckdb
import pytest

from ingest.fetch.cache import read_cached
from ingest.registry import Source
from ingest.sources import parse_whole
from tests.support.played_sources import KEYS, Played

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("IPBR_KILLS", "3"))
# Each begins where the one before has told its end. The long one comes more than once.
MOMENTS = [
    *("Scoring", "Fetching", "Publishing", "Scoring", "Site", "Landing"),
    *("Scoring", "Export", "Fetching", "Configuration"),
]
STAGES = ["Configuration", "Fetching", "Landing", "Scoring", "Export", "Site", "Publishing"]
TIMES = ["2026-11-23T12:00:00Z", "2026-11-25T12:00:00Z"]
LONG_AGO = 1_700_000_000

Tree = dict[str, bytes]


@dataclass
class Place:
    """A cache, a database and an --out, and the server that plays the sources."""

    folder: Path
    played: Played
    answers: list[dict[str, bytes]]
    """What the server answers for either board."""

    def begin(self, number: int) -> subprocess.Popen[str]:
        """Start `all` for one of the two boards."""
        self.played.answers = self.answers[number]
        arguments = ["--cache", "cache", "--database", "board.duckdb", "--out", "out"]
        return subprocess.Popen(
            [sys.executable, "-m", "ipbr_rank", "all", "--now", TIMES[number], *arguments],
            cwd=self.folder,
            env={**os.environ, **KEYS, "IPBR_BASE_URL": self.played.base, "PYTHONPATH": self.code},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, number: int) -> dict[str, float]:
        """Run `all` to its end, which must be a good one; seconds by stage."""
        process = self.begin(number)
        assert process.stderr
        seconds: dict[str, float] = {}
        said = []
        at = time.monotonic()
        for line in process.stderr:
            said.append(line)
            stage = line.partition(":")[0]
            if stage in STAGES:
                seconds[stage], at = time.monotonic() - at, time.monotonic()
        assert process.wait() == 0, "".join(said)
        assert list(seconds) == STAGES, said
        return seconds

    def kill(self, number: int, stage: str, seconds: float, *, with_children: bool) -> bool:
        """Start `all`, kill it so long after the beginning of a stage; whether it still ran."""
        process = self.begin(number)
        assert process.stderr
        before = STAGES.index(stage)
        while before and process.stderr.readline().partition(":")[0] != STAGES[before - 1]:
            assert process.poll() is None
        time.sleep(seconds)
        # Held at this moment, so that no child is born after they were counted.
        process.send_signal(signal.SIGSTOP)
        children = children_of(process.pid) if with_children else []
        process.kill()
        for child in children:
            os.kill(child, signal.SIGKILL)
        process.stderr.close()
        return process.wait() == -signal.SIGKILL

    @property
    def code(self) -> str:
        return str(Path(__file__).resolve().parents[2])

    @property
    def out(self) -> Tree:
        """Every published file's bytes by its path."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in (self.folder / "out").rglob("*")
            if path.is_file()
        }

    def age(self) -> None:
        """Make every cached response too old to be used without asking."""
        for path in (self.folder / "cache").iterdir():
            os.utime(path, (LONG_AGO, LONG_AGO))


def children_of(process_id: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process_id)], capture_output=True, text=True
    )
    return [int(word) for word in listed.stdout.split()]


def with_other_figures(played: Played) -> dict[str, bytes]:
    """Every body another, but for the Parquet files; one figure, too."""
    answers = {path: body + b"\n" for path, body in played.answers.items()}
    (gso,) = [path for path in answers if path.startswith("/gso-bench")]
    response = json.loads(answers[gso])
    for model in response["models"]:
        model["score_hack_control"] += 0.5
    return {**answers, gso: json.dumps(response).encode()}


def check_cache(place: Place, sources: dict[str, Source], bodies: dict[str, set[bytes]]) -> None:
    """Every cached body is whole, an old one or a new one, and its sidecar knows it."""
    cache = place.folder / "cache"
    for source in sources.values():
        if not source.cache_file:
            continue
        response = read_cached(source, cache)
        assert response.body in bodies[source.source_id], source.source_id
        assert response.http_status in (200, 304), f"{source.source_id}: not the body's sidecar"
        parse_whole(source, response.body)
    for path in cache.rglob("*.json"):
        json.loads(path.read_bytes())


def check_database(place: Place, times: list[str]) -> None:
    """The published database is one that a run has finished."""
    with duckdb.connect(str(place.folder / "board.duckdb"), read_only=True) as connection:
        ((at, n_models),) = connection.execute(
            "select strftime(generated_at, '%Y-%m-%dT%H:%M:%SZ'),"
            " (select count(*) from marts.rpt_scoreboard) from marts.dim_runs"
        ).fetchall()
    assert at in times
    assert n_models > 0


def test_killed_at_any_moment_of_a_whole_run(
    played: Played, sources: dict[str, Source], tmp_path: Path, record_property: Callable
) -> None:
    place = Place(tmp_path, played, [played.answers, with_other_figures(played)])
    # The very first run, too: there is no board then, rather than half of one.
    assert place.kill(0, "Scoring", 1, with_children=False)
    assert not (tmp_path / "out").exists() and not (tmp_path / "board.duckdb").exists()
    boards: list[Tree] = []
    bodies: dict[str, set[bytes]] = {source_id: set() for source_id in sources}
    seconds: dict[str, float] = {}
    # Twice: a board also shows the history, which holds both of them from the second lap on.
    for number in (0, 1, 0, 1):
        seconds = place.finish(number)
        boards = [*boards[-1:], place.out]
        for source_id, found in bodies.items():
            if cache_file := sources[source_id].cache_file:
                found.add((tmp_path / "cache" / cache_file).read_bytes())
        place.age()
    assert boards[0]["out/scoreboard.toml"] != boards[1]["out/scoreboard.toml"]
    chance = random.Random(20)
    hit: list[str] = []
    for count, stage in enumerate(islice(cycle(MOMENTS), KILLS)):
        number = count % 2
        share = chance.random()
        what = f"kill {count + 1}: board {number}, {share:.3f} of {stage}"
        # The other way round on every lap, so that every stage meets both.
        with_children = (count + count // len(MOMENTS)) % 2 == 0
        # A run that was quicker than the one before may have ended by then: again, a stage earlier.
        while not place.kill(number, stage, share * seconds[stage], with_children=with_children):
            assert place.out == boards[number], what
            stage = STAGES[STAGES.index(stage) - 1]
            place.age()
        hit.append(stage)
        assert place.out in boards, what
        check_cache(place, sources, bodies)
        check_database(place, TIMES)
        seconds = place.finish(number)
        assert place.out == boards[number], what
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            *(".ipbr", "board.duckdb", "cache", "out"),
        ], what
        assert not list(tmp_path.glob("cache/**/.*")), what
        print(f"{what}, {'with' if with_children else 'without'} its children: right again")
        place.age()
    record_property("hit", hit)
    assert len(hit) == KILLS
