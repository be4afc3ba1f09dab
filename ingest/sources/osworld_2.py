"""OSWorld 2: a CSV table in the archive of Epoch AI's benchmark data."""

import io
import zipfile
from pathlib import Path

from base.errors import SourceError
from ingest.contract import Fields
from ingest.fetch.client import Client
from ingest.pages.csv_table import read_table, whole_text
from ingest.registry import RemoteSource
from ingest.sources import Parts

SOURCE_ID = "osworld_2"
FIELDS = {"rows": Fields(("Model version",), ("Binary accuracy",))}
REQUIRED = ("Model version", "Binary accuracy", "Reasoning")
FILE = "osworld_2_external.csv"
# Far above the table's size; an archive may claim to hold anything.
MAXIMUM_BYTES = 10_000_000


def fetch(client: Client, source: RemoteSource, _pages: Path) -> bytes:
    """The one table of the archive that is read."""
    body = client.get(source.endpoint)
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entry = archive.getinfo(FILE)
            if entry.file_size > MAXIMUM_BYTES:
                raise SourceError(
                    SOURCE_ID, f"{FILE} of at most {MAXIMUM_BYTES} bytes", f"{entry.file_size}"
                )
            return archive.read(entry)
    except KeyError as error:
        raise SourceError(
            SOURCE_ID, f"a ZIP archive with {FILE}", "an archive without it"
        ) from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise SourceError(
            SOURCE_ID,
            f"a ZIP archive with {FILE}",
            f"a body that cannot be unpacked ({error})"[:200],
        ) from error


def parse(body: bytes) -> Parts:
    """Part `rows`: one record per model, effort and tool setting."""
    text = whole_text(SOURCE_ID, body)
    return {"rows": read_table(SOURCE_ID, text, REQUIRED, FILE)}
