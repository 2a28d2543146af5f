"""Readers of log formats, one file a format."""
