"""What the generated pages share."""

from collections.abc import Iterable

MADE = "<!-- Made by docs/reference/generate.py; do not edit. -->\n\n"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table, or a sentence where there are no rows."""
    lines = [head, tuple("---" for _ in head), *rows]
    if len(lines) == len(lines[:2]):
        return "No options.\n"
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
