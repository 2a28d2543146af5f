"""Graders that are trained on examples: cheap, calibrated, and only as good as what they saw."""
