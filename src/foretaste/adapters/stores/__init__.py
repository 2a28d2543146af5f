"""Keep a run's records."""
