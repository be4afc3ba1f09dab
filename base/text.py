"""How paths, addresses, values and foreign text are read and written."""

from pathlib import Path

SHOWN_CHARACTERS = 60


def is_address(given: str) -> bool:
    """Whether what a user gave is the address of a file, and not its path."""
    return given.startswith(("https://", "http://"))


def shown_path(path: Path) -> str:
    """The path as a user would type it: relative to the working directory if it is below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def shown(value: object) -> str:
    """A value as TOML would write it, cut to a readable length, without control characters."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, str):
        text = '"' + repr(value)[1:-1] + '"'
    elif isinstance(value, dict):
        text = "a table"
    elif isinstance(value, list):
        text = "a list"
    else:
        text = str(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def printable(text: str) -> str:
    """Text from a source, safe for a terminal: what would steer it becomes a replacement mark."""
    return "".join(
        character if character.isprintable() or character == "\n" else "\ufffd"
        for character in text
    )


def printable_line(text: str) -> str:
    """The same on one line."""
    return printable(text).replace("\n", " ")
