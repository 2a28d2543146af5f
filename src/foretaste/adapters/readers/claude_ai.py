"""."""


class ClaudeAI:
    """."""
