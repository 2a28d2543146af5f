"""Changes of a text: exact strings, insertions, and lines as tools number them."""

from foretaste.adapters.simulators.workspace.files import Refused


def lines_of(text: str) -> list[str]:
    """Lines without their ends; a last line end begins no line."""
    found = text.split("\n")
    return found[:-1] if text.endswith("\n") else found


def numbered(lines: list[str], first: int, sign: str, longest: int | None = None) -> str:
    """Lines like `cat -n` prints them: six places, then a sign (an arrow, a tab)."""
    shown = (each if longest is None else each[:longest] for each in lines)
    return "\n".join(f"{number:6}{sign}{each}" for number, each in enumerate(shown, first))


def replaced(text: str, old: str, new: str, *, everywhere: bool = False) -> str:
    """The text with one string in place of another, which must be there.

    Raises:
        Refused: with nothing but the number of places where `old` is, if that is not one.
    """
    count = text.count(old) if old else 0
    if count == 0 or (count > 1 and not everywhere):
        raise Refused(str(count))
    return text.replace(old, new)


def around(text: str, at: int, size: int, margin: int = 4) -> tuple[list[str], int]:
    """The lines of a change with a margin, and the number of the first.

    Args:
        text: after the change.
        at: line of the change, from 0.
        size: lines that it has now, less one.
        margin: lines before and after.
    """
    start = max(0, at - margin)
    return text.split("\n")[start : at + size + margin + 1], start + 1
