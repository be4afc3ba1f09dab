"""Lands the cached responses of all sources in the `raw` schema; knows nothing of what follows."""
