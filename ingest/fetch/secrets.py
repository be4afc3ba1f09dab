"""Keys and tokens: where they come from, and how they stay out of everything that is written."""

import io
import re
import sys
import traceback
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from base.errors import ConfigurationError

REDACTED = "[redacted]"

# Real keys are longer; a word like "test" stands in many a response and would be taken for a leak.
SHORTEST = 16
# A printable ASCII character as JSON may spell it.
ESCAPED = re.compile(rb"\\u00([2-7][0-9a-fA-F])")


class Secrets:
    """Values by the name of their variable. Printing one shows names only."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = dict(values or {})

    def __repr__(self) -> str:
        return f"Secrets({', '.join(sorted(self._values)) or 'none'})"

    def get(self, name: str | None) -> str | None:
        """The value of a variable; None if it is not set."""
        return self._values.get(name) if name else None

    def redact(self, text: str) -> str:
        """The text without any secret's value, in whatever spelling a message may hold it."""
        for value in self._longest_first():
            for spelling in (value, urllib.parse.quote(value, safe="")):
                text = text.replace(spelling, REDACTED)
        return text

    def of(self, name: str | None) -> "Secrets":
        """The secret of one variable alone, if it is set."""
        value = self.get(name)
        return Secrets({name: value} if name and value else None)

    def is_repeated_in(self, body: bytes) -> bool:
        """Whether a body holds a secret, as it is or in JSON's escapes."""
        plain = ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), body)
        return any(
            value.encode() in text for value in self._values.values() for text in (body, plain)
        )

    def redact_bytes(self, body: bytes) -> bytes:
        """The body without any secret's value."""
        for value in self._longest_first():
            body = body.replace(value.encode(), REDACTED.encode())
        return body

    def _longest_first(self) -> list[str]:
        # One value may be the beginning of another.
        return sorted(self._values.values(), key=len, reverse=True)


def load_secrets(
    names: list[str],
    *,
    files: Mapping[str, Path],
    environment: Mapping[str, str],
    dotenv: Path,
) -> Secrets:
    """Look up each name in `files` (a file per name), else the environment, else a `.env` file.

    An empty value counts as not set. ConfigurationError for a file that cannot be read and for a
    value that cannot be sent in a header; messages never hold a value.
    """
    values = {}
    kept = read_dotenv(dotenv)
    for name in names:
        if name in files:
            place = f"the file {files[name]}"
            value = _read(files[name], f"{name}: {place}")
            if not value.strip():
                raise ConfigurationError(f"{name}: {place} is empty; expected the key in it")
        elif environment.get(name):
            place, value = "the environment", environment[name]
        else:
            place, value = str(dotenv), kept.get(name, "")
        value = value.strip()
        if not value:
            continue
        if not value.isascii() or not value.isprintable() or " " in value:
            raise ConfigurationError(
                f"{name}: expected one word of printable ASCII characters in {place}, found "
                f"blanks or others among {len(value)} characters; copy the key again"
            )
        if len(value) < SHORTEST:
            raise ConfigurationError(
                f"{name}: expected a key of at least {SHORTEST} characters in {place}, found "
                f"{len(value)}; if this is a placeholder, replace it with the key or remove it"
            )
        values[name] = value
    return Secrets(values)


def hide_in_tracebacks(secrets: Secrets) -> None:
    """From now on a traceback that ends the program shows no secret's value."""

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.stderr.write(secrets.redact("".join(traceback.format_exception(kind, error, trace))))

    sys.excepthook = tell


def read_dotenv(path: Path) -> dict[str, str]:
    """The variables of a `.env` file, as python-dotenv reads them; those without a value are empty.

    A file that is not there is empty; ConfigurationError for one that cannot be read and for a
    line that is no variable.
    """
    if not path.is_file():
        return {}
    from dotenv import dotenv_values
    from dotenv.parser import parse_stream

    text = _read(path, str(path))
    for line in parse_stream(io.StringIO(text)):
        if line.error:
            raise ConfigurationError(
                f"{path}: line {line.original.line} cannot be read; expected NAME=value, or a "
                "comment that starts with #"
            )
    return {name: value or "" for name, value in dotenv_values(stream=io.StringIO(text)).items()}


def _read(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigurationError(
            f"{what}: expected a text file with the key, found an unreadable file: {reason}"
        ) from error
