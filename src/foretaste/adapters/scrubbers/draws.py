"""What stand-ins are made of: choices that follow from a key, and ways to keep a layout."""

import hashlib
import json
import re
import string

WIDEN = 16
"""Attempt from which a stand-in may leave a reserved range that has become crowded."""

_POURED = re.compile(r"\\u[0-9A-Fa-f]{4}|\\.|%[0-9A-Fa-f]{2}|[A-Za-z0-9]")


class Draw:
    """Choices that follow from a seed alone."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._calls = 0

    def pick(self, alphabet: str, count: int) -> str:
        """Draw characters; two bytes each, so that the bias is under one in a thousand."""
        self._calls += 1
        data = hashlib.shake_256(self._seed + self._calls.to_bytes(4)).digest(2 * count)
        values = (int.from_bytes(data[i : i + 2]) for i in range(0, 2 * count, 2))
        return "".join(alphabet[value % len(alphabet)] for value in values)

    def digits(self, count: int) -> str:
        """Draw decimal digits."""
        return self.pick(string.digits, count)

    def hex(self, count: int) -> str:
        """Draw hexadecimal digits."""
        return self.pick("0123456789abcdef", count)


def pour(text: str, draw: Draw) -> str:
    """Replace each letter by a letter of its case and each digit by a digit; keep the rest.

    Escapes (backslash-n, %2F) stay, and text that is hexadecimal stays hexadecimal.
    """
    letters = {part for part in _POURED.findall(text) if part.isalpha()}
    size = 6 if letters <= set("abcdefABCDEF") else 26
    lower = iter(draw.pick(string.ascii_lowercase[:size], len(text)))
    upper = iter(draw.pick(string.ascii_uppercase[:size], len(text)))
    digit = iter(draw.pick("123456789", len(text)))  # a JSON number begins with no zero

    def swap(match: re.Match[str]) -> str:
        char = match[0]
        if len(char) > 1:
            return char
        return next(digit if char.isdigit() else upper if char.isupper() else lower)

    return _POURED.sub(swap, text)


def fill(layout: str, characters: str) -> str:
    """Put the characters, in order, where the layout has letters or digits."""
    rest = iter(characters)
    return re.sub("[A-Za-z0-9]", lambda m: next(rest, m[0]), layout)


def keyed(key: str, *parts: object, size: int = 32) -> bytes:
    """Keyed BLAKE2b over the parts: without the key nobody can test a guess."""
    secret = hashlib.blake2b(key.encode(), digest_size=32).digest() if key else b""
    return hashlib.blake2b(json.dumps(parts).encode(), key=secret, digest_size=size).digest()
