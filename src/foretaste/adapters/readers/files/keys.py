"""Names of fields at the beginning of a log, told from what its texts quote."""

import re

# A string that the head cuts off goes to its end.
_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*+)(?:"(\s*+:)?|\\?\Z)|([{}\[\]])', re.DOTALL)
_DEEPEST = 3


def keys_of(head: bytes) -> dict[str, frozenset[str]]:
    """The fields of the objects at the beginning of a log, by the field that these stand in.

    Those of the outermost objects stand under the empty name, lists count for nothing: the fields
    of `x` in `{"data": [{"x": 1}]}` are those of `data`. A string that the head cuts off ends the
    search, so what comes after it is not found.

    Args:
        head: at most the first 64 KiB.
    """
    found: dict[str, set[str]] = {}
    inside: list[str | None] = []  # names of the objects that are open; None is a list
    name = ""
    for token in _TOKEN.finditer(head):
        bracket = token[3]
        if bracket is None:
            if token[2] is not None and inside and inside[-1] is not None:
                name = token[1].decode(errors="replace")
                if sum(each is not None for each in inside) <= _DEEPEST:
                    found.setdefault(inside[-1], set()).add(name)
            continue
        if bracket == b"{":
            around = any(each is not None for each in inside)
            inside.append(name if around else "")
        elif bracket == b"[":
            inside.append(None)
        elif inside:
            inside.pop()
    return {place: frozenset(names) for place, names in found.items()}
