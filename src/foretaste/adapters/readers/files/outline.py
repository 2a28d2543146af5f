"""What a log's first record looks like, from its first bytes alone."""

import re

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]]|"', re.DOTALL)
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{")
_COLON = re.compile(rb"\s*:\s*")


def outline(data: bytes) -> dict[str, bytes]:
    """Keys of the first object, each with its value as it is written, as far as the bytes go.

    Args:
        data: an object, or an array of objects, that may be cut off anywhere.
    """
    begins = _BEGINS.match(data)
    if begins is None:
        return {}
    depth = 1
    at = begins.end()
    marks: list[tuple[str, int, int]] = []  # key, where it stands, where its value does
    end = len(data)
    while depth and (token := _TOKEN.search(data, at)):
        at = token.end()
        kind = token.group()
        if kind in b"{[":
            depth += 1
        elif kind in b"}]":
            depth -= 1
            end = token.start() if not depth else end
        elif kind == b'"':
            break  # cut off inside a string
        elif depth == 1 and (colon := _COLON.match(data, at)):
            at = colon.end()
            name = kind[1:-1].decode(errors="replace")
            marks.append((name, token.start(), at))
            if value := _TOKEN.match(data, at):
                at = value.end() if value.group()[:1] == b'"' else at
    ends = [start for _, start, _ in [*marks, ("", end, end)]][1:]
    return {
        name: data[value:until].rstrip().removesuffix(b",")
        for (name, _, value), until in zip(marks, ends, strict=True)
    }
