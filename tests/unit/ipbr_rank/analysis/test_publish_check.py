"""check-publish: what may take the place of the published board."""

import http.server
import json
import threading
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
import tomli_w

from base.errors import ConfigurationError, IpbrError
from ingest.fetch.client import TransportSettings
from ipbr_rank.analysis.publish_check import Allowed, check_publish
from tests.support.tested_database import write_tested

HARMLESS = {"source": "s", "class": "direct"}
LENT = {"source": "s", "class": "synthesised", "donor": "d/d", "category": "c", "hops": 1}
MODEL = {
    "display_name": "M",
    "vendor": "v",
    "aliases": [],
    "sources": ["s"],
    "scores": dict.fromkeys(("i_raw", "p_raw", "b_raw", "r", "i_adj", "p_adj", "b_adj"), 50.0),
    "ranks": dict.fromkeys("ipbr", 1),
    "groups": {},
    "coverage": {},
    "metrics": {},
    "raw_metrics": {},
    "missing": {"metrics": [], "groups_shrunk": [], "synthesis_dominant": False},
}
NOW = datetime(2026, 11, 7, 12, tzinfo=UTC)
SITE = "https://board.example"


def board(
    n_models: int,
    per_model: int = 2,
    *,
    edition: str = "publishable",
    stale: int = 0,
    age: timedelta = timedelta(0),
) -> str:
    """A scoreboard.toml with so many models and figures, and a borrowed figure per model."""
    at = (NOW - age).isoformat().replace("+00:00", "Z")
    sources = {
        f"s{i}": {"status": "stale" if i < stale else "verified", "fetched_at": at}
        for i in range(9)
    }
    evidence = {f"M{i}": dict(HARMLESS) for i in range(per_model)}
    evidence["Lent"] = LENT
    evidence["Mean"] = {"class": "direct"}
    models = [{"canonical_id": f"v/{n}", **MODEL, "evidence": evidence} for n in range(n_models)]
    return tomli_w.dumps(
        {
            "schema_version": "1.2.0",
            "generated_at": at,
            "generator": "test",
            "methodology": "v1",
            "edition": edition,
            "sources": sources,
            "models": models,
        }
    )


def write_site(folder: Path, text: str, boards: tuple[int, ...] = (1,)) -> Path:
    """A site with a board, and with the history of boards of those days."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "scoreboard.toml").write_text(text)
    days = ", ".join(f"(timestamp '2026-11-{day:02}')" for day in boards)
    with duckdb.connect() as connection:
        rows = connection.sql(f"select * from (values {days}) as t (generated_at)")
        rows.write_parquet(str(folder / "history.parquet"))
    return folder


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., bool]:
    """Judges a new board against a published one, both as text, or against an address."""

    def run(
        new: str,
        published: str | None,
        *,
        history: tuple[int, ...] = (1,),
        published_history: tuple[int, ...] = (1,),
        is_first: bool = False,
        force: bool = False,
        base: str | None = None,
        database: Path | None = None,
        form: str = "text",
    ) -> bool:
        out = tmp_path / "out"
        write_site(out / "site", new, history)
        (out / "scoreboard.toml").write_text(new)
        if published and not published.startswith("http"):
            published = str(write_site(tmp_path / "published", published, published_history))
        return check_publish(
            out,
            "publishable",
            published,
            TransportSettings("test", base_url_override=base, maximum_tries=1),
            database=database or write_tested(tmp_path / "board.duckdb", NOW),
            allowed=Allowed(2, is_first, force),
            form=form,
        )

    return run


@pytest.mark.parametrize(
    ("new", "published"),
    [
        # A third may go, no more.
        (board(6), board(9)),
        (board(9, 4), board(9, 6)),
        (board(60), board(6)),
        (board(6, stale=2), board(6)),
        (board(6), board(6, age=timedelta(hours=6, minutes=1))),
    ],
)
def test_a_board_that_is_fit(judge: Callable[..., bool], new: str, published: str) -> None:
    assert judge(new, published, history=(1, 2, 3), published_history=(1, 3))


def test_the_result_as_json(judge: Callable[..., bool], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(IpbrError):
        judge(board(4).replace('edition = "', 'demo = true\nedition = "'), board(9), form="json")
    said = json.loads(capsys.readouterr().out)
    assert (said["is_fit"], said["is_new"], said["edition"]) == (False, True, "publishable")
    assert [fault.partition(":")[0] for fault in said["faults"]] == [
        "it is a demonstration",
        "it has 4 models, but the published one has 9",
        "it has 8 values, but the published one has 18",
    ]
    assert (said["n_values"], said["n_values_published"]) == (8, 18)


def test_the_same_board_again_is_nothing_new(
    judge: Callable[..., bool], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not judge(board(6), board(6, age=timedelta(hours=5)))
    assert (
        "nothing has changed since the board published 5:00:00 earlier" in capsys.readouterr().out
    )


def test_the_same_board_again_is_deployed_by_force(judge: Callable[..., bool]) -> None:
    assert judge(board(6), board(6), force=True)


@pytest.mark.parametrize(("new", "is_refused"), [((1, 3), True), ((1, 2, 3, 4), False)])
def test_a_history_that_has_lost_boards(
    judge: Callable[..., bool], new: tuple[int, ...], is_refused: bool
) -> None:
    arguments = (board(6), board(6, age=timedelta(days=1)))
    if not is_refused:
        assert judge(*arguments, history=new, published_history=(1, 2, 3))
        return
    told = r"lacks 1 of the 3 published boards \(2026-11-02 00:00:00 to 2026-11-02 00:00:00\)"
    with pytest.raises(IpbrError, match=told):
        judge(*arguments, history=new, published_history=(1, 2, 3))


@pytest.mark.parametrize(
    ("new", "published", "told"),
    [
        (
            board(5, 9),
            board(9),
            "it has 5 models, but the published one has 9: over a third is lost",
        ),
        (
            board(9, 3),
            board(9, 5),
            "it has 27 values, but the published one has 45: over a third is lost",
        ),
        (
            board(6, stale=3),
            board(6),
            "3 sources are stale or failed; at most 2 may be: s0, s1, s2",
        ),
        (board(6, edition="full"), board(6), "it is the full edition; expected the publishable"),
        (board(6), board(6, edition="full"), "the published board is the full edition"),
    ],
)
def test_a_board_that_is_refused(
    judge: Callable[..., bool], new: str, published: str | None, told: str
) -> None:
    with pytest.raises(IpbrError, match=told) as caught:
        judge(new, published)
    assert caught.value.exit_code == 1
    assert "--force" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "is_refused"), [("verified", True), ("stale", False), ("skipped", False)]
)
def test_a_metric_that_is_gone_while_its_source_was_read(
    status: str, is_refused: bool, judge: Callable[..., bool]
) -> None:
    """As SWE-bench's `bash-only` in September 2026: two values less, and nothing said so."""

    def named(text: str, **sources: dict) -> str:
        tables = tomllib.loads(text)
        tables["sources"] |= sources
        return tomli_w.dumps(tables)

    before = named(board(9, 3).replace('source = "s"', 'source = "swebench"'))
    now = named(
        board(9, 2).replace('source = "s"', 'source = "swebench"'), swebench={"status": status}
    )
    if not is_refused:
        assert judge(now, before)
        return
    told = (
        "M2 no longer has any value from swebench, although the source was read; the published bo"
    )
    with pytest.raises(IpbrError, match=told):
        judge(now, before)


def test_a_board_whose_tests_nobody_has_run(judge: Callable[..., bool], tmp_path: Path) -> None:
    untested = write_tested(tmp_path / "untested.duckdb", NOW, [])
    with pytest.raises(IpbrError, match="was built without its tests"):
        judge(board(6), board(9), database=untested)


@pytest.mark.parametrize(
    ("days", "told"),
    [(0, "does not exist, so the board"), (1, "expected the board of 2026-11-07 12:00:00 UTC")],
)
def test_a_board_that_is_not_of_the_database(
    judge: Callable[..., bool], tmp_path: Path, days: int, told: str
) -> None:
    other = tmp_path / "other.duckdb"
    if days:
        write_tested(other, NOW - timedelta(days=days))
    with pytest.raises(IpbrError, match=told):
        judge(board(6), board(9), database=other)


def test_force_tells_and_lets_pass(
    judge: Callable[..., bool], capsys: pytest.CaptureFixture[str]
) -> None:
    judge(board(1), board(9), force=True)
    assert "over a third is lost" in capsys.readouterr().err


def test_a_site_of_another_board(tmp_path: Path) -> None:
    (tmp_path / "site" / "data").mkdir(parents=True)
    (tmp_path / "scoreboard.toml").write_text(board(6))
    (tmp_path / "site" / "data" / "scoreboard.toml").write_text(board(7))
    with pytest.raises(ConfigurationError, match="does not show the board in"):
        check_publish(
            tmp_path,
            "publishable",
            None,
            TransportSettings("test"),
            database=tmp_path / "board.duckdb",
            allowed=Allowed(2, is_first=True, is_forced=True),
        )


@pytest.mark.parametrize("text", ["models = 3\n", "[[", "models = []\nsources = 1\n"])
@pytest.mark.parametrize("is_new", [True, False])
def test_what_is_no_board(judge: Callable[..., bool], text: str, is_new: bool) -> None:
    with pytest.raises(IpbrError, match=r"expected a scoreboard\.toml.*, found (no|an unreadable)"):
        judge(*((text, board(6)) if is_new else (board(6), text)))


@pytest.fixture
def server() -> Iterator[tuple[str, dict[str, tuple[int, bytes]]]]:
    """A local server: its address and its answers by path, 404 for the rest."""
    answers: dict[str, tuple[int, bytes]] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", answers
        running.shutdown()


def put_site(answers: dict[str, tuple[int, bytes]], site: Path) -> None:
    """Serve a site as the published one."""
    for path in site.rglob("*.*"):
        answers[f"/board.example/{path.relative_to(site)}"] = 200, path.read_bytes()


def test_the_published_board_comes_from_its_site(
    judge: Callable[..., bool], server: tuple, tmp_path: Path
) -> None:
    base, answers = server
    put_site(answers, write_site(tmp_path / "there", board(9), (1, 2)))
    with pytest.raises(IpbrError) as caught:
        judge(board(5, 9), f"{SITE}/", base=base)
    assert "it has 5 models, but the published one has 9" in str(caught.value)
    assert "its history lacks 1 of the 2 published boards" in str(caught.value)


def test_the_first_time(
    judge: Callable[..., bool], server: tuple, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judge(board(5), SITE, base=server[0], is_first=True)
    assert "there is no published site to compare with" in capsys.readouterr().out


def test_the_first_time_without_an_address(judge: Callable[..., bool]) -> None:
    assert judge(board(5), None, is_first=True)


def test_nobody_says_what_is_published(judge: Callable[..., bool]) -> None:
    with pytest.raises(ConfigurationError, match="with --published, or --first"):
        judge(board(5), None)


def test_not_the_first_time_after_all(
    judge: Callable[..., bool], server: tuple, tmp_path: Path
) -> None:
    base, answers = server
    put_site(answers, write_site(tmp_path / "there", board(5)))
    with pytest.raises(IpbrError, match="--first was given, but a board is already published at"):
        judge(board(5), SITE, base=base, is_first=True)


@pytest.mark.parametrize(
    ("lost", "status", "is_first", "told"),
    [
        ("data/scoreboard.toml", 404, False, "found 404"),
        ("data/scoreboard.toml", 503, False, "found 503"),
        ("data/scoreboard.toml", 503, True, "found 503"),
        ("history.parquet", 404, False, "found 404"),
        ("history.parquet", 503, False, "found 503"),
        ("history.parquet", 404, True, "already"),
    ],
)
def test_a_published_site_that_cannot_be_read_stops(
    judge: Callable[..., bool],
    server: tuple,
    tmp_path: Path,
    lost: str,
    status: int,
    is_first: bool,
    told: str,
) -> None:
    base, answers = server
    put_site(answers, write_site(tmp_path / "there", board(5)))
    answers[f"/board.example/{lost}"] = status, b""
    with pytest.raises(IpbrError, match=told):
        judge(board(5), SITE, base=base, is_first=is_first)


def test_a_published_history_that_does_not_read(
    judge: Callable[..., bool], server: tuple, tmp_path: Path
) -> None:
    base, answers = server
    put_site(answers, write_site(tmp_path / "there", board(5)))
    answers["/board.example/history.parquet"] = 200, b"PAR1 no more"
    with pytest.raises(IpbrError, match="the histories cannot be compared: "):
        judge(board(5), SITE, base=base)
