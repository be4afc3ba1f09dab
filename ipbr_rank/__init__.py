"""Command line of ipbr: the only code that knows both ends, ingest and render."""

__version__ = "0.1.0"
REPOSITORY = "https://github.com/ipbr/ipbr"
