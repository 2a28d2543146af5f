"""Histories that agent frameworks keep in memory, one file a framework; no framework is needed."""
