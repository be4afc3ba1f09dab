"""check-publish: what may take the place of the published board."""

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tomli_w

from ingest.errors import ConfigurationError, IpbrError
from ipbr_rank.guard import check_publish

HARMLESS = {"source": "s", "class": "direct"}


def board(
    n_models: int, per_model: int = 2, *, edition: str = "publishable", stale: int = 0
) -> str:
    """A scoreboard.toml with so many models and figures, and a borrowed figure per model."""
    sources = {f"s{i}": {"status": "stale" if i < stale else "verified"} for i in range(9)}
    evidence = {f"M{i}": dict(HARMLESS) for i in range(per_model)}
    evidence["Lent"] = {"source": "s", "class": "synthesised"}
    evidence["Mean"] = {"class": "direct"}
    models = [{"evidence": evidence} for _ in range(n_models)]
    return tomli_w.dumps({"edition": edition, "sources": sources, "models": models})


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., None]:
    """Judges a new board against a published one, both as text."""

    def run(
        new: str, published: str | None, *, stale_allowed: int = 2, force: bool = False
    ) -> None:
        out = tmp_path / "out"
        (out / "site" / "data").mkdir(parents=True)
        for path in (out / "scoreboard.toml", out / "site" / "data" / "scoreboard.toml"):
            path.write_text(new)
        place = None
        if published is not None:
            place = published
            if not published.startswith("http"):
                place = str(tmp_path / "published.toml")
                Path(place).write_text(published)
        check_publish(out, "publishable", place, stale_allowed, is_forced=force)

    return run


@pytest.mark.parametrize(
    ("new", "published"),
    [
        (board(6), None),
        (board(6), board(6)),
        # A third may go, no more.
        (board(6), board(9)),
        (board(9, 4), board(9, 6)),
        (board(60), board(6)),
        (board(6, stale=2), board(6)),
    ],
)
def test_a_board_that_is_fit(judge: Callable[..., None], new: str, published: str | None) -> None:
    judge(new, published)


@pytest.mark.parametrize(
    ("new", "published", "told"),
    [
        (board(5, 9), board(9), "it has 5 models, the published one 9: over a third is lost"),
        (board(9, 3), board(9, 5), "it has 27 figures, the published one 45: over a third is lost"),
        (board(6, stale=3), board(6), "3 sources are stale or failed, 2 are allowed: s0, s1, s2"),
        (board(6, edition="full"), None, "it is the full edition; publishable was to be"),
        (board(6), board(6, edition="full"), "the published board is the full edition"),
    ],
)
def test_a_board_that_is_refused(
    judge: Callable[..., None], new: str, published: str | None, told: str
) -> None:
    with pytest.raises(IpbrError, match=told) as caught:
        judge(new, published)
    assert caught.value.exit_code == 1
    assert "--force" in str(caught.value)


def test_force_tells_and_lets_pass(
    judge: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    judge(board(1), board(9), force=True)
    assert "over a third is lost" in capsys.readouterr().err


def test_a_site_of_another_board(tmp_path: Path) -> None:
    (tmp_path / "site" / "data").mkdir(parents=True)
    (tmp_path / "scoreboard.toml").write_text(board(6))
    (tmp_path / "site" / "data" / "scoreboard.toml").write_text(board(7))
    with pytest.raises(ConfigurationError, match="was not made with"):
        check_publish(tmp_path, "publishable", None, 2, is_forced=True)


@pytest.mark.parametrize("text", ["models = 3\n", "[[", "models = []\nsources = 1\n"])
@pytest.mark.parametrize("is_new", [True, False])
def test_what_is_no_board(judge: Callable[..., None], text: str, is_new: bool) -> None:
    with pytest.raises(IpbrError, match="that does not read"):
        judge(*((text, None) if is_new else (board(6), text)))


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


def test_the_published_board_comes_from_its_site(judge: Callable[..., None], server: tuple) -> None:
    address, answers = server
    answers["/data/scoreboard.toml"] = 200, board(9).encode()
    with pytest.raises(IpbrError, match="it has 5 models, the published one 9"):
        judge(board(5, 9), f"{address}/data/scoreboard.toml")


def test_nothing_is_published_yet(
    judge: Callable[..., None], server: tuple, capsys: pytest.CaptureFixture[str]
) -> None:
    judge(board(5), f"{server[0]}/data/scoreboard.toml")
    assert "nothing is published yet to compare with" in capsys.readouterr().out


def test_a_published_board_that_cannot_be_read_stops(
    judge: Callable[..., None], server: tuple
) -> None:
    address, answers = server
    answers["/broken"] = 503, b""
    with pytest.raises(IpbrError, match=r"/broken answers 503"):
        judge(board(5), f"{address}/broken")
