"""Terminal-Bench 4.0: a board of the endpoint that all versions share."""

from pathlib import Path

from ingest.fetch.client import Client
from ingest.pages.terminal_bench import BOARD_FIELDS, fetch_board, read_board
from ingest.registry import RemoteSource
from ingest.sources import Parts

SOURCE_ID = "terminal_bench_4_0"
FIELDS = BOARD_FIELDS
BOARD = {"package": "terminal-bench/terminal-bench", "name": "4-0-0"}


def fetch(client: Client, source: RemoteSource, _pages: Path) -> bytes:
    """The board as it came."""
    return fetch_board(client, source, BOARD)


def parse(body: bytes) -> Parts:
    """Part `submissions`: one record per row of the board."""
    return read_board(SOURCE_ID, body)
