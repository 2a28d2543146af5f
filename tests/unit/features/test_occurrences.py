from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.discoveries import Seen
from foretaste.features.occurrences import Occurrences
from foretaste.features.words import BREAK, joined, phrases, words
from foretaste.stats.changes import Changes

texts = st.lists(st.sampled_from(["a", "b", "c", "好", ".", "\n"]), max_size=12).map(" ".join)


def changes_of(shown: Occurrences) -> Iterator[Changes]:
    return shown.changes(np.arange(shown.pairs))


def plain(text: str) -> set[Seen]:
    said = words(text)
    found = {Seen("phrase", joined(phrase)) for phrase in phrases(said)}
    return found | {Seen("word", word) for word in said if word != BREAK}


@given(st.lists(st.tuples(texts, texts), max_size=4))
def test_every_word_and_phrase_of_a_pair_comes_once_with_who_shows_it(
    pairs: list[tuple[str, str]],
) -> None:
    shown = Occurrences()
    for pair in pairs:
        shown.add((text, set()) for text in pair)
    counted: dict[int, dict[Seen, int]] = {place: {} for place in range(len(pairs))}
    for batch in changes_of(shown):
        names = [shown.named(place, set(batch.feature.tolist())) for place in range(len(pairs))]
        rows = zip(*(column.tolist() for column in batch), strict=True)
        for place, feature, change in rows:
            seen = names[place][feature]
            assert seen not in counted[place]
            counted[place][seen] = change

    wanted = [
        {seen: (seen in after) - (seen in before) for seen in before | after}
        for before, after in ((plain(one), plain(two)) for one, two in pairs)
    ]
    assert list(counted.values()) == wanted
    assert sum(map(len, wanted)) <= shown.most


def test_pairs_come_in_the_order_that_is_asked_for() -> None:
    shown = Occurrences()
    for word in ("a", "b", "c"):
        shown.add([(word, ()), ("", ())])
    (batch,) = shown.changes(np.array([2, 0]))

    assert batch.pair.tolist() == [2, 0]
    assert [shown.named(pair, {key}) for pair, key in zip(*map(list, batch[:2]), strict=True)] == [
        {batch.feature[0]: Seen("word", "c")},
        {batch.feature[1]: Seen("word", "a")},
    ]


def test_marks_are_counted_beside_words_and_named() -> None:
    shown = Occurrences()
    shown.add([("", {Seen("tool", "look")}), ("", {Seen("tool", "look"), Seen("tool", "find")})])
    (batch,) = changes_of(shown)
    names = shown.named(0, set(batch.feature.tolist()))

    found = zip(batch.feature.tolist(), batch.change.tolist(), strict=True)
    assert {names[feature]: change for feature, change in found} == {
        Seen("tool", "look"): 0,
        Seen("tool", "find"): 1,
    }


def test_many_batches_say_what_one_says(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Occurrences()
    for number in range(20):
        shown.add([(f"a b {number}", ()), (f"b c {number % 3}", ())])
    whole = [tuple(column.tolist() for column in batch) for batch in changes_of(shown)]
    monkeypatch.setattr("foretaste.features.occurrences._BATCH", 25)
    pieces = list(changes_of(shown))

    assert len(whole) == 1 < len(pieces)
    for number, column in enumerate(whole[0]):
        assert [value for piece in pieces for value in piece[number].tolist()] == column


def test_a_clause_goes_as_far_as_its_turns_agree() -> None:
    shown = Occurrences()
    for number in range(10):
        text = f"Word{number} here: this is no advice for you in any case {number}."
        shown.add([(text, ()), ("Other words.", ())])
    wanted = {
        feature
        for batch in changes_of(shown)
        for feature in batch.feature.tolist()
        if shown.named(0, {feature}).get(feature) == Seen("phrase", "no advice for you")
    }

    assert len(wanted) == 1
    turns = [2 * number for number in range(10)]
    assert shown.clause(wanted.pop(), turns) == "this is no advice for you in any case"
    assert shown.clause(1, turns) is None
