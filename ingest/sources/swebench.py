"""SWE-bench leaderboards: JSON `{"leaderboards": [{"name": board, "results": [result]}]}`."""

from base.errors import SourceError
from ingest.contract import Fields, decode_json, describe, member, records
from ingest.sources import ANY_PART, Parts

SOURCE_ID = "swebench"
FIELDS = {ANY_PART: Fields(("name", "model_display"), ("resolved",))}


def parse(body: bytes) -> Parts:
    """One part per leaderboard, named like it; `Verified` must be among them."""
    response = decode_json(SOURCE_ID, body)
    boards: Parts = {}
    for board in member(SOURCE_ID, response, "leaderboards", list, "the response"):
        results = member(SOURCE_ID, board, "results", list, "leaderboards[]")
        name = board.get("name")
        if not isinstance(name, str) or name in boards:
            raise SourceError(
                SOURCE_ID,
                "leaderboards with a name each",
                "one without" if not isinstance(name, str) else f"two named {name[:40]!r}",
            )
        anchor = f"the results of leaderboard {name[:40]!r}"
        boards[name] = records(SOURCE_ID, results, anchor, ("name", "resolved")) if results else []
    if not boards.get("Verified"):
        raise SourceError(
            SOURCE_ID,
            "results in the leaderboard 'Verified'",
            f"leaderboards {describe(boards)}" if boards else "no leaderboards",
        )
    return boards
