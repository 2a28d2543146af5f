"""Answer tool calls without touching anything live."""
