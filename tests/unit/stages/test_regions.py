import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from foretaste.errors import PlanError
from foretaste.stages.regions import regions
from foretaste.training import Vectors
from unit.asked import german_for_the_first, pairs, passed, words_of_topic

pytest.importorskip("sklearn")


class FirstLetters:
    """An embedder that knows a topic by the first letter of its words."""

    fingerprint = "letters"

    def __call__(self, texts: Sequence[str]) -> Vectors:
        held = [[w[0] for w in text.split() if w.endswith("op")] for text in texts]
        return np.array([[float(letter in each) for letter in "abcdef"] for each in held])


def test_a_switch_of_language_for_one_region_bears_the_words_of_the_region() -> None:
    found = regions(pairs(5, after=german_for_the_first), passed(), seed=5)
    first = found.regions[0]

    assert set(first.name.split(", ")) <= set(words_of_topic(0))
    assert first.told is not None
    assert first.told > 0.9
    assert first.q_value is not None
    assert first.q_value < 0.001
    assert found.elsewhere is not None
    assert found.elsewhere < 0.6
    shown = {(d.kind, d.what) for d in first.differences}
    shown |= {(seen.kind, seen.what) for d in first.differences for seen in d.also}
    assert ("word", "rechnung") in shown
    assert all(d.q_value <= 0.05 for d in first.differences)
    assert not any(region.differences for region in found.regions[1:])


def test_an_embedder_may_say_what_is_alike() -> None:
    rows = pairs(5, after=german_for_the_first)
    found = regions(rows, passed(), seed=5, embedder=FirstLetters())

    assert set(found.regions[0].name.split(", ")) <= set(words_of_topic(0))


@pytest.mark.parametrize("seed", range(3))
def test_where_lanes_do_not_differ_nothing_passes(seed: int) -> None:
    found = regions(pairs(seed), passed(), seed=seed)

    assert found.looked >= 5
    assert not any(region.differences for region in found.regions)
    assert not any(r.q_value is not None and r.q_value <= 0.05 for r in found.regions)


def test_a_difference_that_is_the_same_everywhere_is_no_regions_own() -> None:
    rows = pairs(6, after=lambda _, text, __: f"{text} certainly")
    found = regions(rows, passed(), seed=6)

    assert found.elsewhere == 1.0
    assert not any(region.differences for region in found.regions)
    assert not any(r.q_value is not None and r.q_value <= 0.05 for r in found.regions)


def test_a_region_with_too_few_users_is_counted_and_not_shown() -> None:
    rows = pairs(7, 600)
    few = [
        pair._replace(prefix=replace(pair.prefix, tags={"client": "Acme"})) if k < 15 else pair
        for k, pair in enumerate(rows)
    ]
    found = regions(few, passed(), seed=7)

    assert found.small >= 1
    assert found.small_pairs >= 15
    assert "Acme" not in str(found)
    assert all(region.users >= found.least_users for region in found.regions)


def test_a_region_that_is_nearly_all_traffic_is_compared_with_nothing() -> None:
    rows = [
        pair._replace(prefix=replace(pair.prefix, tags={"tier": "a" if k else "b"}))
        for k, pair in enumerate(pairs(8, 120))
    ]
    found = regions(rows, passed(), seed=8)
    (nearly,) = [region for region in found.regions if region.name == "tier a"]

    assert (nearly.p_value, nearly.q_value, nearly.differences) == (None, None, ())
    assert nearly.told is not None


def test_no_pairs_have_no_regions() -> None:
    found = regions([], passed(), seed=0)

    assert (found.looked, found.regions, found.elsewhere) == (0, (), None)


def test_a_seed_gives_the_same_regions_again() -> None:
    rows = pairs(9, 400)

    assert regions(rows, passed(), seed=1) == regions(rows, passed(), seed=1)


def test_regions_of_one_user_are_refused_and_a_missing_library_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(PlanError, match="what one person said"):
        regions([], passed(), seed=0, least_users=1)
    monkeypatch.setitem(sys.modules, "sklearn.decomposition", None)
    with pytest.raises(PlanError, match="regions of traffic needs scikit-learn"):
        regions(pairs(1, 100), passed(), seed=0)
