"""Words and marks of many pairs as numbers, so that every phrase of them can be counted.

A word is a number, a phrase a hash of its words' numbers: 52 bits, so that among 100 million
phrases one or two share theirs with another. Four bytes are kept for a word and nothing else.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from foretaste.discoveries import Seen
from foretaste.features.words import BREAK, LONGEST, chunks, joined, words
from foretaste.stats.changes import Changes
from foretaste.stats.sieve import Sieve

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

_BATCH = 50_000  # words that are worked on at a time
_BATCH_PAIRS = 2_047  # that fit in the bits above a hash
_HASH_BITS = 52
_REMEMBERED = 400_000  # chunks of text whose words are known
_SHORT = 40  # characters of a chunk that is worth remembering
_MARK = "\x00"  # no word has it
_ODD = np.uint64(0x9E3779B97F4A7C15)
_LONGEST_CLAUSE = 30  # words


class _Grams(NamedTuple):
    start: Ints  # place of the first word
    length: int
    key: Keys


class _Chunks(dict[str, bytes]):
    """Numbers of the words of each chunk of text, as they stand in memory."""

    __slots__ = ("number",)

    def __init__(self) -> None:
        self.number: dict[str, int] = {BREAK: 0}

    def __missing__(self, chunk: str) -> bytes:
        found = array("i", map(self.of, words(chunk))).tobytes()
        if len(chunk) <= _SHORT:
            if len(self) > _REMEMBERED:
                self.clear()
            self[chunk] = found
        return found

    def of(self, name: str) -> int:
        return self.number.setdefault(name, len(self.number))


class Occurrences:
    """What each pair's two turns show, in the order in which they were added."""

    def __init__(self) -> None:
        self._chunks = _Chunks()
        self._words = array("i")
        self._marks = array("i")
        self._word_ends = array("q")  # two a pair: of its first turn and of its second
        self._mark_ends = array("q")

    def add(self, turns: Iterable[tuple[str, Collection[Seen]]]) -> None:
        """Take one pair: the text and the marks of its first turn, then of its second."""
        for text, marks in turns:
            self._words.frombytes(b"".join(map(self._chunks.__getitem__, chunks(text))))
            self._words.append(0)
            self._word_ends.append(len(self._words))
            # Sorted: a set's order is another in every process.
            names = sorted(f"{kind}{_MARK}{what}" for kind, what in marks)
            self._marks.extend(map(self._chunks.of, names))
            self._mark_ends.append(len(self._marks))

    @property
    def pairs(self) -> int:
        """How many were added."""
        return len(self._word_ends) // 2

    @property
    def most(self) -> int:
        """Occurrences of features there are at most."""
        return LONGEST * len(self._words) + len(self._marks)

    def changes(self, order: Ints, sieve: Sieve | None = None) -> Iterator[Changes]:
        """Every feature that a pair shows, once, in batches; the same each time it is called.

        Args:
            order: in which the pairs are gone through.
            sieve: leaves features out; None: all are wanted.
        """
        mix = self._mix()
        words = _Pieces(np.frombuffer(self._words, dtype=np.int32), np.array(self._word_ends))
        marks = _Pieces(np.frombuffer(self._marks, dtype=np.int32), np.array(self._mark_ends))
        done = np.cumsum(words.sizes(order))
        first = 0
        while first < len(order):
            before = int(done[first - 1]) if first else 0
            last = int(np.searchsorted(done, before + _BATCH))
            last = min(max(last, first + 1), first + _BATCH_PAIRS, len(order))
            tokens, turn = words.of(order[first:last])
            found = [_packed(turn, gram.start, gram.key, sieve) for gram in _grams(tokens, mix)]
            tokens, turn = marks.of(order[first:last])
            found.append(_packed(turn, np.arange(len(turn)), _key(mix[tokens]), sieve))
            yield _changes(np.concatenate(found), order[first:last])
            first = last

    def named(self, pair: int, wanted: Collection[int]) -> dict[int, Seen]:
        """Names of those features that a pair shows."""
        mix, names = self._mix(), list(self._chunks.number)
        found = {}
        for turn in (2 * pair, 2 * pair + 1):
            tokens = self._turn(turn)
            for gram in _grams(tokens, mix):
                for start, key in zip(gram.start.tolist(), gram.key.tolist(), strict=True):
                    if key in wanted:
                        said = (names[k] for k in tokens[start : start + gram.length])
                        kind = "phrase" if gram.length > 1 else "word"
                        found[key] = Seen(kind, joined(said))
            marks = np.array(
                self._marks[self._begin(self._mark_ends, turn) : self._mark_ends[turn]]
            )
            for mark, key in zip(
                marks, _key(mix[marks]).tolist() if len(marks) else (), strict=True
            ):
                if key in wanted:
                    found[key] = Seen(*names[mark].split(_MARK, 1))
        return found

    def clause(self, feature: int, turns: Collection[int], share: float = 0.9) -> str | None:
        """The longest run of words around a phrase that nearly all those turns have in common.

        Args:
            feature: the phrase's key.
            turns: twice a pair's number for its first turn, one more for its second.
            share: of the turns, that must go on alike.
        """
        mix, names = self._mix(), list(self._chunks.number)
        around = []
        for turn in turns:
            tokens = self._turn(turn)
            for gram in _grams(tokens, mix):
                at = gram.start[gram.key == feature]
                if gram.length > 1 and len(at):
                    around.append((tokens, int(at[0]), int(at[0]) + gram.length))
                    break
        if not around:
            return None
        tokens, start, end = around[0]
        run = tokens[start:end].tolist()
        for ahead in (True, False):
            step = 0
            while len(run) < _LONGEST_CLAUSE:
                places = [last + step if ahead else begin - 1 - step for _, begin, last in around]
                following = [
                    int(of[place]) if 0 <= place < len(of) else 0
                    for (of, _, _), place in zip(around, places, strict=True)
                ]
                next_one = max(set(following), key=following.count)
                if not next_one or following.count(next_one) < share * len(around):
                    break
                run = [*run, next_one] if ahead else [next_one, *run]
                step += 1
        return joined(names[k] for k in run)

    def _turn(self, turn: int) -> npt.NDArray[np.int32]:
        return np.array(
            self._words[self._begin(self._word_ends, turn) : self._word_ends[turn]], dtype=np.int32
        )

    @staticmethod
    def _begin(ends: "array[int]", turn: int) -> int:
        return ends[turn - 1] if turn else 0

    def _mix(self) -> Keys:
        """For each name a number of 64 bits that looks random (splitmix64, Steele et al. 2014)."""
        z = np.arange(1, len(self._chunks.number) + 1, dtype=np.uint64) * _ODD
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(z ^ (z >> np.uint64(31)))


class _Pieces:
    """Numbers of all turns, one behind the other, and where each turn's end."""

    def __init__(self, numbers: npt.NDArray[np.int32], ends: Ints) -> None:
        self._numbers = numbers
        self._ends = ends
        self._begins = np.append(0, ends)[: len(ends)]

    def sizes(self, pairs: Ints) -> Ints:
        return np.asarray(self._ends[2 * pairs + 1] - self._begins[2 * pairs])

    def of(self, pairs: Ints) -> tuple[npt.NDArray[np.int32], Ints]:
        """Numbers of some pairs' turns, and for each its turn, counted from their first."""
        places = zip(self._begins[2 * pairs], self._ends[2 * pairs + 1], strict=True)
        numbers = np.concatenate([self._numbers[begin:end] for begin, end in places])
        turns = np.stack([2 * pairs, 2 * pairs + 1], axis=1).ravel()
        sizes = self._ends[turns] - self._begins[turns]
        return numbers, np.repeat(np.arange(len(turns)), sizes)


def _grams(tokens: npt.NDArray[np.int32], mix: Keys) -> Iterator[_Grams]:
    """Words, then phrases of two words, and so on; none over a break."""
    start = np.flatnonzero(tokens)
    hashed = mix[tokens[start]]
    yield _Grams(start, 1, _key(hashed))
    for length in range(2, LONGEST + 1):
        # A break ends every turn, so no place lies behind the last word.
        following = tokens[start + length - 1]
        goes_on = following != 0
        start = start[goes_on]
        hashed = hashed[goes_on] * _ODD + mix[following[goes_on]]
        yield _Grams(start, length, _key(hashed))


def _key(hashed: Keys) -> Keys:
    return np.asarray(((hashed ^ (hashed >> np.uint64(29))) * _ODD) >> np.uint64(64 - _HASH_BITS))


def _packed(turn: Ints, place: Ints, key: Keys, sieve: Sieve | None) -> Keys:
    """Pair, feature and side in one number, which sorts by them in this order."""
    if sieve is not None:
        kept = sieve(key)
        place, key = place[kept], key[kept]
    code = turn[place].astype(np.uint64)
    pair, side = code >> np.uint64(1), code & np.uint64(1)
    return np.asarray((pair << np.uint64(_HASH_BITS + 1)) | (key << np.uint64(1)) | side)


def _changes(packed: Keys, pairs: Ints) -> Changes:
    packed.sort()
    packed = packed[np.append(True, packed[1:] != packed[:-1])] if len(packed) else packed
    shown = packed >> np.uint64(1)
    twin = shown[1:] == shown[:-1]
    in_both, again = np.append(twin, False), np.append(False, twin)
    if not len(packed):
        in_both = again = np.zeros(0, dtype=np.bool_)
    change = (packed & np.uint64(1)).astype(np.int8) * 2 - 1
    change[in_both] = 0
    shown = shown[~again]
    return Changes(
        pair=pairs[(shown >> np.uint64(_HASH_BITS)).astype(np.int64)],
        feature=shown & np.uint64((1 << _HASH_BITS) - 1),
        change=change[~again].astype(np.int8),
    )
