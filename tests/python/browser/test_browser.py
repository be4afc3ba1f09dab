"""The pages in a real browser: no error, nothing from elsewhere, and what is clicked works.

Needs Chromium, node and the node package playwright-core; NODE_PATH names the folder that holds it.
"""

import functools
import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "browser/site.cjs"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def chromium() -> str:
    """The browser, or a reason to skip."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed, which drives the browser")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("Chromium is not installed")
    probe = subprocess.run(["node", "-e", "require('playwright-core')"], capture_output=True)
    if probe.returncode != 0:
        pytest.skip("the node package playwright-core is not found; NODE_PATH can name its folder")
    return found


@pytest.fixture(scope="module")
def address(board) -> Iterator[str]:
    """The site of the fixtures' board, served on this machine."""
    handler = functools.partial(Quiet, directory=board.out / "site")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_the_site_works_in_a_browser(chromium, address, board):
    site = board.out / "site"
    pages = [path.name for path in sorted(site.glob("*.html"))]
    pages += [f"{folder}/{min((site / folder).iterdir()).name}" for folder in ("models", "metrics")]
    process = subprocess.run(
        ["node", str(SCRIPT), chromium, address, *pages],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=180,
    )
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout) == []
