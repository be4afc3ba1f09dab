"""Instants, as the tables keep them."""

from datetime import UTC, datetime


def utc(time: datetime) -> datetime:
    """The same instant without a zone, as the tables keep it; a time without one is UTC."""
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
