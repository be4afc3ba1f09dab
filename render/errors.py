"""The one error of this package."""

from __future__ import annotations


class RenderError(Exception):
    """Something to be published cannot be made; `str(error)` is the whole message."""

    exit_code: int = 1
