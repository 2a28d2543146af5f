"""Models that write an assistant turn."""
