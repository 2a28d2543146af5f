"""."""


class ClaudeCode:
    """."""
