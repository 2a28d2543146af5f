"""Messages as providers and tracers write them, one file a dialect; each reads parsed JSON."""
