"""After a run: open it, seal it out, bridge a changed pipeline, score it on production."""
