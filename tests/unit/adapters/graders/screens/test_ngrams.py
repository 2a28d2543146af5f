"""Texts as n-grams."""

import numpy as np
import pytest

from foretaste.adapters.graders.screens.ngrams import CELLS, counts, matrix, rarity


def test_a_text_is_words_and_pairs_and_its_opening_triples_too() -> None:
    cells, values = counts("one two three")

    assert len(cells) == 5 + 6
    assert np.all(np.diff(cells) > 0)
    assert values @ values == pytest.approx(2)


def test_upper_case_and_white_space_do_not_matter() -> None:
    one, other = counts("I  CANNOT\nhelp."), counts("I cannot help.")

    assert np.array_equal(one[0], other[0])


@pytest.mark.parametrize("text", ["", " \n", "\ud7ff\x00", "\ud800", "a" * 100_000])
def test_any_text_gives_finite_rows(text: str) -> None:
    given = [counts(text)]
    rows = matrix(given, rarity(given))

    assert rows.shape == (1, CELLS)
    assert np.all(np.isfinite(rows.data))


def test_what_every_text_holds_weighs_least() -> None:
    given = [counts("yes apple"), counts("yes pear")]
    rare = rarity(given)

    (everywhere,) = set(given[0][0]) & set(given[1][0]) & set(counts("yes")[0][:1])
    assert rare[everywhere] == rare.min() == 1
