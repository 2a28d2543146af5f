"""Run work over many items."""
