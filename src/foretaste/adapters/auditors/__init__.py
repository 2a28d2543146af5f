"""Models that look for behaviors nobody listed."""
