"""The page of `foretaste diff`: old answers beside new ones."""
