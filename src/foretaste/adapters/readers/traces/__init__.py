"""Traces of model calls, as OpenTelemetry and those who build on it write them."""
