import sys
from collections.abc import Callable

import numpy as np
import pytest

from foretaste.adapters.discriminators.trained import Trained
from foretaste.contrasts import TIE, Contrast, Side
from foretaste.errors import PlanError
from unit.looks import contrast, turn

Answer = Callable[[int], str]


def pairs(real: Answer, simulated: Answer, count: int = 120, clusters: int = 20) -> list[Contrast]:
    """Turns of one call whose results are made by number."""
    return [
        contrast(
            turn(("look", f'{{"id": "B{n:03}"}}', real(n))),
            turn(("look", f'{{"id": "B{n:03}"}}', simulated(n))),
            name=f"p{n}",
            cluster=f"t{n % clusters}",
        )
        for n in range(count)
    ]


def noise(seed: int) -> Answer:
    drawn = np.random.default_rng(seed).integers(0, 50, (2000, 4))
    return lambda n: " ".join(f"word{k}" for k in drawn[n])


def rate(found: list[Contrast], seed: int = 0) -> float:
    taken = [each.both for each in Trained(seed=seed)(found)]
    assert None not in taken
    return float(np.mean([each for each in taken if each is not None]))


def test_a_simulator_that_gives_itself_away_is_told() -> None:
    assert rate(pairs(noise(1), lambda n: noise(2)(n) + " as an AI")) < 0.05


def test_answers_that_do_not_fit_their_calls_are_told() -> None:
    fits = pairs(lambda n: f'{{"id": "B{n:03}"}}', lambda n: f'{{"id": "B{(7 * n) % 120 + 1:03}"}}')

    assert rate(fits) < 0.1


def test_answers_of_one_kind_cannot_be_told() -> None:
    assert 0.4 < rate(pairs(noise(1), noise(2), 300), seed=3) < 0.6


def test_what_only_one_cluster_shows_is_not_learned() -> None:
    letters = np.random.default_rng(7).choice(list("abcdefghijkl"), (2, 20, 6))
    real, made_up = ([" " + "".join(word) for word in side] for side in letters)
    own = pairs(lambda n: noise(1)(n) + real[n % 20], lambda n: noise(2)(n) + made_up[n % 20], 300)

    assert 0.38 < rate(own) < 0.62


def test_which_of_two_kinds_is_called_real_makes_no_difference() -> None:
    given = pairs(noise(1), lambda n: noise(2)(n) + " hm" * (n % 3))
    turned = [
        contrast(c.simulated.messages, c.real.messages, name=c.id, cluster=c.cluster) for c in given
    ]

    assert rate(given) == pytest.approx(rate(turned))


def test_equal_turns_tie_and_nothing_is_learned_of_them() -> None:
    found = Trained()(pairs(noise(1), noise(1)))

    assert found == [TIE] * 120


def test_turns_that_differ_in_spelling_alone_tie() -> None:
    own = [
        contrast(
            turn(("look", f'{{"id": {n}}}', "x")),
            turn(("look", f'{{"id":{n}}}', "x")),
            name=f"p{n}",
            cluster=f"t{n}",
        )
        for n in range(40)
    ]

    assert {each.both for each in Trained()(own)} == {0.5}


@pytest.mark.parametrize(("count", "clusters"), [(9, 9), (100, 2)])
def test_too_few_pairs_or_clusters_are_ungraded(count: int, clusters: int) -> None:
    found = Trained()(pairs(noise(1), noise(2), count, clusters))

    assert {each.both for each in found} == {None}
    assert "too few" in found[0].why


def test_of_many_pairs_a_seeded_draw_is_looked_at() -> None:
    given = pairs(noise(1), noise(2))
    first, again = (Trained(seed=4, most=60)(given) for _ in range(2))

    assert sum(each.both is not None for each in first) == 60
    assert first == again
    assert {each.why for each in first if each.both is None} == {"not among the 60 pairs drawn"}


def test_a_turn_without_any_result_or_word_does_no_harm() -> None:
    given = pairs(noise(1), noise(2), 40)
    empty = contrast(turn(last=""), turn(("look", "", None), last=""), name="e", cluster="t1")
    side = Side((), ())

    assert len(Trained()([*given, empty])) == 41
    assert side.messages == ()


def test_without_scikit_learn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)

    with pytest.raises(PlanError, match=r"foretaste\[learn\]"):
        Trained()
