"""A server on this machine that plays all sources from the fixtures, and their faults.

`https://host/path` is asked for at `<base>/host/path`. Every answer has an ETag and honours
If-None-Match. A fault takes the place of the answers whose path begins as it says, up to the end of
a word. What is posted counts as the end of the path: `{"package": "a/b", "name": "c"}` as `/a/b/c`.
"""

import functools
import hashlib
import io
import json
import re
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import duckdb

from ingest.registry import Source
from ingest.sources import module_of
from ingest.sources.osworld_2 import FILE as OSWORLD_FILE
from tests.support.unrecorded import UNRECORDED

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEYS = {
    "AA_API_KEY": "aa-secret-1f4c09d2",
    "OPENROUTER_API_KEY": "or-secret-77ab31e0",
    "HF_TOKEN": "hf-secret-5d20c9b4",
}

AA = "/artificialanalysis.ai/api/v2/language/models"
HUB = "/datasets-server.huggingface.co"
FILES = "/huggingface.co/datasets/lmarena-ai/leaderboard-dataset/resolve/main"
CDN = "/cas-bridge.example"
SONAR = "/www.sonarsource.com/the-coding-personalities-of-leading-llms/leaderboard"
ARC = "/arcprize.org/media/data"
# Sources of several requests, alone on their host.
ONE_HOST = ("lmarena", "artificial_analysis", "sonar", "arc_agi", "livebench", "tau2_bench")

# Sources that are asked by POST, whose answers cannot be asked for with the condition of a change.
POSTED = ("terminal_bench", "terminal_bench_2_1", "terminal_bench_3_0", "terminal_bench_4_0")

Fault = Callable[["Handler"], None]


@dataclass
class Played:
    """What the server answers, and what it was asked."""

    fixtures: Path
    sources: dict[str, Source]
    parquet: dict[str, bytes]
    answers: dict[str, bytes] = field(default_factory=dict)
    """Body by path without query."""
    faults: dict[str, Fault] = field(default_factory=dict)
    """By beginning of the path; the longest that fits counts."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Path with query and headers (names in lower case) of every request."""
    n_bodies: int = 0
    aa_key: str | None = None
    """The only key that Artificial Analysis accepts; None: any."""
    base: str = ""

    def __post_init__(self) -> None:
        for source in self.sources.values():
            if source.cache_file and source.source_id != "lmarena":
                self.serve(source.source_id, self.fixture(source.source_id))

    def serve(self, source_id: str, body: bytes) -> None:
        """Answer with this content of a cache file, in as many parts as the source does."""
        if source_id == "lmarena":
            self.parquet = parquet_files(body)
        elif source_id == "sonar":
            self.answers[f"{SONAR}/data.json"] = body
        elif source_id == "arc_agi":
            for name, value in json.loads(body).items():
                self.answers[f"{ARC}/{name}.json"] = json.dumps(
                    value, ensure_ascii=False, separators=(",", ":")
                ).encode()
        elif source_id == "livebench":
            for name, value in json.loads(body).items():
                path = path_of(self.sources[source_id]).replace("/table_", f"/{name}_")
                if name == "categories":
                    path, value = path.replace(".csv", ".json"), json.dumps(value)
                self.answers[path] = value.encode()
        elif source_id == "tau2_bench":
            path, response = path_of(self.sources[source_id]), json.loads(body)
            self.answers[path] = json.dumps(response["manifest"]).encode()
            for name, value in response["submissions"].items():
                place = f"{path.removesuffix('manifest.json')}{quote(name)}/submission.json"
                self.answers[place] = json.dumps(value).encode()
        elif source_id == "osworld_2":
            archive = io.BytesIO()
            with zipfile.ZipFile(archive, "w") as files:
                files.writestr(zipfile.ZipInfo("README.md"), "Others, too")
                files.writestr(zipfile.ZipInfo(OSWORLD_FILE), body)
            self.answers[path_of(self.sources[source_id])] = archive.getvalue()
        else:
            self.answers[path_of(self.sources[source_id])] = body

    def fixture(self, source_id: str) -> bytes:
        """The recorded body of a source, or a made-up one."""
        if not self.sources[source_id].is_recorded:
            return UNRECORDED[source_id]
        return (self.fixtures / self.sources[source_id].cache_file).read_bytes()

    def paths(self) -> list[str]:
        """What was asked for, without queries."""
        return [urlsplit(path).path for path, _ in self.asked]

    def forget(self) -> None:
        """Begin to count anew."""
        self.asked.clear()
        self.n_bodies = 0

    def answer(self, handler: "Handler", path: str, query: dict[str, str]) -> None:
        """Send what a source in good health would send."""
        if path == AA and self.aa_key and handler.headers.get("x-api-key") != self.aa_key:
            handler.send(b'{"error":"unauthorized"}', status=401)
        elif path.startswith(HUB):
            self._answer_hub(handler, path.removeprefix(HUB), query)
        elif path.startswith(FILES):
            handler.redirect(f"https:/{CDN}{path.removeprefix(FILES)}?Signature=x")
        elif path.startswith(CDN) and path.split("/")[2] in self.parquet:
            handler.send(self.parquet[path.split("/")[2]])
        elif path in self.answers:
            handler.send(self.answers[path])
        else:
            handler.send(b"<html>not here</html>", status=404)

    def _answer_hub(self, handler: "Handler", name: str, query: dict[str, str]) -> None:
        page = _pages(self.fixtures / self.sources["lmarena"].cache_file)[query["config"]]
        if name == "/rows":
            number = int(query["offset"]) // int(query["length"])
            handler.send(json.dumps(page[number]).encode())
        elif name == "/first-rows":
            first = {key: page[0][key] for key in ("features", "rows")}
            handler.send(json.dumps({**first, "truncated": False}).encode())


@functools.cache
def _pages(path: Path) -> dict[str, list[dict]]:
    return json.loads(path.read_bytes())["configs"]


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    # Else every answer waits 40 ms for the client to confirm its headers.
    disable_nagle_algorithm = True
    played: Played

    def do_POST(self) -> None:
        """Take what is posted for the end of the path."""
        self.posted = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Type"] == "application/json":
            self.path = "/".join([self.path, *json.loads(self.posted).values()])
        self.do_GET()

    def do_GET(self) -> None:
        """Note the request, then answer or fail."""
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.played.asked.append((self.path, headers))
        fitting = [
            beginning
            for beginning in self.played.faults
            # A board's path may go on as another's: `/board` and `/board_v2`.
            if re.match(rf"{re.escape(beginning)}(?!(?<=\w)\w)", parts.path)
        ]
        try:
            if fitting:
                self.played.faults[max(fitting, key=len)](self)
            else:
                self.play()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def play(self) -> None:
        """Answer as the source does."""
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.played.answer(self, parts.path, query)

    def send(
        self,
        body: bytes,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        cut: int | None = None,
    ) -> None:
        """Send an answer; only its first `cut` bytes if told so."""
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if status == 200 and self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.send_response(status)
        sent = {"Content-Length": str(len(body)), "ETag": etag, **(headers or {})}
        for name, value in sent.items():
            self.send_header(name, value)
        self.end_headers()
        if status == 200:
            self.played.n_bodies += 1
        self.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            self.close_connection = True

    def redirect(self, location: str, status: int | None = None) -> None:
        """Send the client elsewhere, with what it has posted if it has."""
        self.send_response(status or (307 if self.command == "POST" else 302))
        self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


def faults_at(source: Source, fault: Fault) -> dict[str, Fault]:
    """The fault in the place of every answer to a source, and to no other."""
    path = path_of(source)
    host = f"/{path.split('/')[1]}"
    places = [HUB, host] if source.source_id == "lmarena" else [host]
    return dict.fromkeys(places if source.source_id in ONE_HOST else [path], fault)


def path_of(source: Source) -> str:
    """Where the server is asked for the endpoint of a source."""
    parts = urlsplit(source.endpoint)
    board = getattr(module_of(source.source_id), "BOARD", {})
    return "/".join([f"/{parts.hostname}{parts.path}", *board.values()])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # All sources come at once. Who finds the queue full is heard a second later: too late for some.
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are part of the play."""


def start(played: Played) -> ThreadingHTTPServer:
    """Play on a free port; `played.base` is the address."""
    handler = type("PlayingHandler", (Handler,), {"played": played})
    server = _Server(("127.0.0.1", 0), handler)
    played.base = f"http://127.0.0.1:{server.server_port}"
    # Looks for the end more often than it would on its own.
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    return server


def parquet_files(lmarena: bytes) -> dict[str, bytes]:
    """One Parquet file per config, with the rows and types of the fixture's pages."""
    types = {"string": "VARCHAR", "float64": "DOUBLE", "int64": "BIGINT"}
    files = {}
    with duckdb.connect() as connection:
        for config, pages in json.loads(lmarena)["configs"].items():
            rows = [entry["row"] for page in pages for entry in page["rows"]]
            kinds = {
                feature["name"]: types[feature["type"]["dtype"]] for feature in pages[0]["features"]
            }
            files[config] = _parquet(connection, rows, kinds)
    return files


def _parquet(
    connection: duckdb.DuckDBPyConnection, rows: list[dict], kinds: dict[str, str]
) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        connection.execute(
            f"copy (select unnest(from_json(cast(? as json), ?), recursive := true)) to '{path}'",
            [json.dumps(rows), json.dumps([kinds])],
        )
        return path.read_bytes()


# Faults


def status(code: int, **headers: str) -> Fault:
    """Always this status, with these headers (underscores stand for hyphens)."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.send(b"sorry", status=code, headers=named)


def body(content: bytes, **headers: str) -> Fault:
    """Status 200 with this body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.send(content, headers=named)


def first(fault: Fault, times: int = 1) -> Fault:
    """The fault so many times, then as if nothing had been."""
    left = [times]

    def play(handler: Handler) -> None:
        left[0] -= 1
        if left[0] >= 0:
            fault(handler)
        else:
            handler.play()

    return play


def hang(handler: Handler) -> None:
    """No answer at all."""
    time.sleep(5)
    handler.close_connection = True


def hang_in_body(handler: Handler) -> None:
    """Headers and a beginning, then nothing more."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b"[" * 1000)
    handler.wfile.flush()
    hang(handler)


def drip(handler: Handler) -> None:
    """A body of which a byte comes now and then, each before the time-out."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b"[")
        handler.wfile.flush()
        time.sleep(0.03)


def drip_headers(handler: Handler) -> None:
    """A header of which a byte comes now and then."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(200):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.03)


def close(handler: Handler) -> None:
    """The connection is closed without an answer."""
    handler.close_connection = True


def endless(handler: Handler) -> None:
    """A body of 1 GB, made as it is sent."""
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    piece = b" " * 2**16
    for _ in range(2**14):
        handler.wfile.write(piece)
