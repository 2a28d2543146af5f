"""Views of a run, and their drawing as HTML and in the terminal."""
