"""The editions of the board: of all sources, and of those whose values may be published."""

FULL = "full"
PUBLISHABLE = "publishable"
EDITIONS = (FULL, PUBLISHABLE)
