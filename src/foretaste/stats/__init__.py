"""Statistics: arrays and counts in, named results out. NumPy and SciPy only."""
