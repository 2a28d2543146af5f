"""Stand-ins: keyed, so that nobody can go back; consistent, so that a replay stays coherent."""

import hashlib
import json
import re
import string
from typing import TYPE_CHECKING

from foretaste.errors import ItemFailed

if TYPE_CHECKING:
    from foretaste.adapters.scrubbers.detectors import Detector

ATTEMPTS = 1000
"""Draws before a conversation is given up: its identifiers have used up all stand-ins."""

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


class StandIns:
    """The stand-ins of one conversation.

    Raises on call:
        ItemFailed: more identifiers of a kind than there are stand-ins for it.
    """

    def __init__(self, key: str, salt: str) -> None:
        self._key = key
        self._salt = salt
        self._attempts: dict[tuple[str, str], int] = {}
        self._taken: set[tuple[str, str]] = set()
        self._made: dict[tuple[str, str], str] = {}
        self._crowded: set[str] = set()

    def __call__(self, detector: "Detector", original: str) -> str:
        """Give the stand-in: the same for the same identifier, another for another one."""
        written = (detector.kind, original)
        if written not in self._made:
            self._made[written] = self._new(detector, original)
        return self._made[written]

    def _new(self, detector: "Detector", original: str) -> str:
        name = (detector.kind, detector.same(original))
        if detector.reserved(original):
            self._taken.add(name)
            return original
        if name not in self._attempts:
            self._attempts[name] = self._first_free(detector, original, name)
        return self._make(detector, original, name, self._attempts[name])

    def _first_free(self, detector: "Detector", original: str, name: tuple[str, str]) -> int:
        for attempt in range(WIDEN if detector.kind in self._crowded else 0, ATTEMPTS):
            made = detector.kind, detector.same(self._make(detector, original, name, attempt))
            if made != name and made not in self._taken:
                self._taken.add(made)
                if attempt >= WIDEN:
                    self._crowded.add(detector.kind)
                return attempt
        raise ItemFailed(f"no stand-in is left for one more identifier of the kind {name[0]}")

    def _make(
        self, detector: "Detector", original: str, name: tuple[str, str], attempt: int
    ) -> str:
        draw = Draw(keyed(self._key, self._salt, *name, attempt))
        return detector.make(original, draw, attempt)
