"""Who says whether a transcript is an evaluation."""
