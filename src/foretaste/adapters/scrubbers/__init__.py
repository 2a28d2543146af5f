"""Replace what identifies people."""
