"""Follows a page of the documentation: runs its commands and makes its edits, word by word.

A page is read from top to bottom. A heading "## 1. `path`" names the file that the blocks below it
edit: a `diff` block changes lines, a `csv` block adds rows at the end, any other block is the whole
file. A `sh` block is run, and a `text` block after it is what its last command printed.

What stands below the heading LAST is left for later, so that several pages are edited first and
looked at together: a command that two pages share, such as a whole run, is then run once.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

BLOCK = re.compile(
    r"^## (?:\d+\. `(?P<path>[^`]+)`|(?P<title>[^\n]*))"
    r"|^```(?P<kind>\w+)\n(?P<body>.*?)^```",
    re.M | re.S,
)


LAST = "Look at it"


class Reader:
    """Follows pages in a copy of the project."""

    def __init__(self, copy: Path, folder: Path, skip: Callable[[str], bool]) -> None:
        """`folder` gets the project's commands; those for which `skip` holds are not run."""
        self.copy = copy
        self.skip = skip
        self.edited: list[str] = []
        self.skipped: list[str] = []
        self.ran: list[str] = []
        self.printed: dict[str, str] = {}
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name, module in (
            *(("python", ""), ("ipbr-rank", "-m ipbr_rank")),
            *(("dbt", "-m dbt.cli.main"), ("pytest", "-m pytest")),
        ):
            script = self.bin / name
            script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
            script.chmod(0o755)

    def follow(self, page: str) -> None:
        """Does what the page says above LAST; AssertionError tells what did not go as it says."""
        self._follow(page, is_last=False)

    def look(self, page: str) -> None:
        """Does what it says below LAST."""
        self._follow(page, is_last=True)

    def _follow(self, page: str, *, is_last: bool) -> None:
        path, printed, is_below = "", None, False
        for match in BLOCK.finditer((self.copy / page).read_text(encoding="utf-8")):
            kind, body = match["kind"], match["body"]
            if kind is None:
                path, is_below = match["path"] or "", match["title"] == LAST
            elif is_below != is_last:
                continue
            elif kind == "sh":
                printed = self.run(body)
            elif kind == "text":
                assert printed == body, f"{page}: expected\n{body}\nfound\n{printed}"
            else:
                assert path, f"{page}: a block that belongs to no file:\n{body}"
                self.edit(path, kind, body)

    def run(self, commands: str) -> str:
        """Runs the commands of a block; what the last one printed."""
        printed = ""
        for command in re.split(r"\n(?! )", commands.replace("\\\n", " ").strip()):
            if self.skip(command):
                self.skipped.append(command)
                continue
            if command in self.printed:
                printed = self.printed[command]
                continue
            self.ran.append(command)
            process = subprocess.run(
                ["bash", "-c", command],
                cwd=self.copy,
                env={"PATH": f"{self.bin}:/usr/bin:/bin", "PYTHONPATH": str(self.copy)},
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=600,
            )
            assert process.returncode == 0, f"{command}\n{process.stdout}\n{process.stderr}"
            printed = self.printed[command] = process.stdout
        return printed

    def edit(self, path: str, kind: str, body: str) -> None:
        """Changes a file as the block says."""
        file = self.copy / path
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        # A run that came before says nothing of the project as it is now.
        self.printed.clear()
        if kind == "csv":
            assert text, f"{path}: there is no such file to add rows to"
            body = text + body
        elif kind == "diff":
            lines = body.splitlines(keepends=True)
            old = "".join(line[1:] for line in lines if line[0] in " -")
            new = "".join(line[1:] for line in lines if line[0] in " +")
            if text.count(old) != 1:
                # The end of a line, where the whole line would be too long for a page.
                old, new = old.removesuffix("\n"), new.removesuffix("\n")
            assert text.count(old) == 1, f"{path} has {text.count(old)} times\n{old}"
            body = text.replace(old, new)
        assert body != text, f"{path}: nothing to change"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(body, encoding="utf-8")
        if path not in self.edited:
            self.edited.append(path)
