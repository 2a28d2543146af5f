"""What the model was told of a tool that failed, where only a flag says that it did."""

import re

_SAYS_SO = re.compile(
    r"error|fail|exit code|exception|denied|refused|reject|not found", re.IGNORECASE
)
_HEAD = 200  # characters in which an error says that it is one


def as_error(text: str) -> str:
    """The text of a failed tool; one that does not say so itself is called an error.

    No field of a record can say it, and the model was told.
    """
    if _SAYS_SO.search(text[:_HEAD]):
        return text
    return f"Error: {text}" if text else "Error"
