"""Instants, as tables and files keep them."""

from datetime import UTC, datetime, timedelta


def utc(time: datetime) -> datetime:
    """The same instant without a zone, as the tables keep it; a time without one is UTC."""
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time


def moment_text(time: datetime) -> str:
    """An instant in UTC as files and messages have it, to the second."""
    return f"{utc(time):%Y-%m-%dT%H:%M:%SZ}"


def in_largest_unit(span: timedelta) -> str:
    """A span in whole days, hours or minutes."""
    if span.days:
        return f"{span.days} d"
    if span.seconds >= 3600:
        return f"{span.seconds // 3600} h"
    return f"{span.seconds // 60} min"
