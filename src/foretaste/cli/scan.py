"""`foretaste scan`: what a log holds."""
