"""File and shell tools over a throw-away copy of a repository."""
