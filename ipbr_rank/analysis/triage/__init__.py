"""`triage`: what a maintainer may look at after a run, and the models that are added from it."""
