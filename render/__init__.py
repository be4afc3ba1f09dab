"""From the marts to the files that are published. Imports nothing of `ingest`."""
