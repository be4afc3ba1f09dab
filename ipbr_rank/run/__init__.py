"""One run to --out, stage by stage, and the places that it works in."""
