"""The demo: production is played by a small model, then everything runs as it would for you."""
