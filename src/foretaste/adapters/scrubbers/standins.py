"""Stand-ins: keyed, so that nobody can go back; consistent, so that a replay stays coherent."""

from foretaste.adapters.scrubbers.detectors import Detector
from foretaste.adapters.scrubbers.draws import WIDEN, Draw, keyed
from foretaste.errors import ItemFailed

ATTEMPTS = 1000
"""Draws before a conversation is given up: its identifiers have used up all stand-ins."""


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

    def __call__(self, detector: Detector, original: str) -> str:
        """Give the stand-in: the same for the same identifier, another for another one."""
        written = (detector.kind, original)
        if written not in self._made:
            self._made[written] = self._new(detector, original)
        return self._made[written]

    def _new(self, detector: Detector, original: str) -> str:
        name = (detector.kind, detector.same(original))
        if detector.reserved(original):
            self._taken.add(name)
            return original
        if name not in self._attempts:
            self._attempts[name] = self._first_free(detector, original, name)
        return self._make(detector, original, name, self._attempts[name])

    def _first_free(self, detector: Detector, original: str, name: tuple[str, str]) -> int:
        for attempt in range(WIDEN if detector.kind in self._crowded else 0, ATTEMPTS):
            made = detector.kind, detector.same(self._make(detector, original, name, attempt))
            if made != name and made not in self._taken:
                self._taken.add(made)
                if attempt >= WIDEN:
                    self._crowded.add(detector.kind)
                return attempt
        raise ItemFailed(f"no stand-in is left for one more identifier of the kind {name[0]}")

    def _make(self, detector: Detector, original: str, name: tuple[str, str], attempt: int) -> str:
        draw = Draw(keyed(self._key, self._salt, *name, attempt))
        return detector.make(original, draw, attempt)
