"""What was counted and read off the responses by hand: ingest/sources/<source_id>.toml."""

import tomllib
from pathlib import Path

COUNTED = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parents[1] / "unit/ingest/sources").glob("*.toml"))
}
