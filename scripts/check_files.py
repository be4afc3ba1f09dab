"""Checks that files can be read as what they are: `check_files.py [FILE …]`, else all in git.

YAML, TOML, JSON and CSV parse; text is UTF-8, ends with a newline, has no blanks at line ends
and no marks of a merge; no file is larger than a megabyte, but for recorded answers.
"""

import csv
import io
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import yaml

LARGEST = 1_000_000
# Recorded answers are kept as they came.
RECORDED = Path("data/fixtures")
CONFLICT = re.compile(r"^(<{7}|={7}|>{7})( |$)", re.M)


def read_csv(text: str) -> None:
    """ValueError for rows that have not as many cells as the header."""
    header, *rows = csv.reader(io.StringIO(text), strict=True)
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise ValueError(f"row {number} has {len(row)} cells, the header {len(header)}")


READERS: dict[str, Callable[[str], object]] = {
    ".yml": lambda text: list(yaml.safe_load_all(text)),
    ".yaml": lambda text: list(yaml.safe_load_all(text)),
    ".toml": tomllib.loads,
    ".json": json.loads,
    ".csv": read_csv,
}


def problems(path: Path) -> list[str]:
    """What is wrong with a file, one line each."""
    body = path.read_bytes()
    is_recorded = path.resolve().is_relative_to(RECORDED.resolve())
    found = []
    if len(body) > LARGEST and not is_recorded:
        found.append(f"{len(body):,} bytes; at most {LARGEST:,} belong into git")
    if b"\0" in body:
        return found
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return [*found, f"not UTF-8 at byte {error.start}"]
    if path.suffix in READERS and not (is_recorded and path.suffix == ".csv"):
        try:
            READERS[path.suffix](text)
        except (ValueError, yaml.YAMLError, csv.Error) as error:
            found.append(f"not {path.suffix[1:].upper()}: {' '.join(str(error).split())}")
    if is_recorded:
        return found
    if CONFLICT.search(text):
        found.append("a mark of a merge that was not finished")
    if text and not text.endswith("\n"):
        found.append("no newline at the end")
    blanks = [str(n) for n, line in enumerate(text.split("\n"), 1) if line != line.rstrip(" \t")]
    if blanks:
        found.append(f"blanks at the end of lines {', '.join(blanks[:5])}")
    return found


def main(names: list[str]) -> int:
    """Prints what is wrong; 1 if anything is."""
    if not names:
        listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=True)
        names = [name for name in listed.stdout.decode().split("\0") if name]
    count = 0
    for path in map(Path, names):
        if path.is_file():
            for problem in problems(path):
                print(f"{path}: {problem}")
                count += 1
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
