"""Why each rank moved since an earlier board."""
