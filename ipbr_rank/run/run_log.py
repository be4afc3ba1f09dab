"""What a run says, as text for people or as one JSON object per line for programs."""

import json
import secrets
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

TEXT = "text"
JSON = "json"
FORMATS = (TEXT, JSON)


def new_run_id(moment: datetime) -> str:
    """Sorts by time; two runs of the same second differ."""
    return f"{moment:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


@dataclass
class Log:
    """The log of this process. `run_id` is in every line and in the tables of the runs."""

    form: str = TEXT
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    run_id: str = ""

    def __post_init__(self) -> None:
        self.run_id = self.run_id or new_run_id(self.started_at)

    @property
    def is_json(self) -> bool:
        return self.form == JSON

    def event(self, event: str, level: str = "info", **facts: Any) -> None:
        """Writes one line to standard error, if the log is JSON."""
        if not self.is_json:
            return
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "run_id": self.run_id,
            "level": level,
            "event": event,
            **facts,
        }
        print(json.dumps(line, ensure_ascii=True, default=str), file=sys.stderr, flush=True)


LOG = Log()
