"""Bringing the cache up to date: one request after the other per host, many hosts at a time."""
