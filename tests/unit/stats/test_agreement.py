import numpy as np
import pytest

from foretaste.errors import InsufficientData
from foretaste.stats.agreement import MISSING, cohen_kappa, krippendorff_alpha

N = MISSING


def test_kappa_is_that_of_fleiss_levin_and_paik() -> None:
    # Table 18.1 of Statistical Methods for Rates and Proportions: 0.68, standard error 0.087.
    table = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
    cells = [(i, j) for i in range(3) for j in range(3) for _ in range(table[i][j])]
    found = cohen_kappa([i for i, _ in cells], [j for _, j in cells])

    assert found.value == pytest.approx(0.676, abs=5e-4)
    assert (found.upper - found.value) / 1.96 == pytest.approx(0.087, abs=0.005)


def test_alpha_is_krippendorff_s_own_example_of_four_coders_with_gaps() -> None:
    # Computing Krippendorff's Alpha-Reliability (2011), example C: nominal, 0.743.
    told = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
    ]
    found = krippendorff_alpha(told)

    assert found.value == pytest.approx(0.743, abs=5e-4)
    assert found.items == 11


@pytest.mark.parametrize("of", [cohen_kappa, lambda a, b: krippendorff_alpha([a, b])])
def test_perfect_agreement_on_few_items_is_not_known_to_be_perfect(of) -> None:  # type: ignore[no-untyped-def]
    few, many = (of([0, 1] * n, [0, 1] * n) for n in (5, 200))

    assert few.value == many.value == 1
    assert few.lower < 0.7 < 0.95 < many.lower < 1


@pytest.mark.parametrize("of", [cohen_kappa, lambda a, b: krippendorff_alpha([a, b])])
def test_one_value_only_tells_nothing(of) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InsufficientData, match="luck"):
        of([1] * 9, [1] * 9)
    with pytest.raises(InsufficientData, match="two people"):
        of([1, N, 0], [N, 1, N])


def test_intervals_cover_the_true_kappa() -> None:
    rng, flip, held = np.random.default_rng(1), 0.1, []
    agree, share = (1 - flip) ** 2 + flip**2, 0.3 * (1 - flip) + 0.7 * flip
    luck = share**2 + (1 - share) ** 2
    true = (agree - luck) / (1 - luck)
    for _ in range(300):
        shows = rng.random(80) < 0.3
        first, second = (shows ^ (rng.random(80) < flip) for _ in range(2))
        found = cohen_kappa(first, second)
        held.append(found.lower <= true <= found.upper)

    assert 0.92 <= np.mean(held) <= 0.99


def test_turns_of_one_user_count_as_one() -> None:
    rng = np.random.default_rng(2)
    first = rng.integers(0, 2, 40)
    second = np.where(rng.random(40) < 0.2, 1 - first, first)
    alone = cohen_kappa(first, second)
    five = cohen_kappa(np.repeat(first, 5), np.repeat(second, 5), np.repeat(np.arange(40), 5))

    assert five.value == pytest.approx(alone.value)
    assert five.upper - five.value == pytest.approx(alone.upper - alone.value)
