import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from foretaste.stats.multiplicity import benjamini_hochberg

p_values = st.floats(0, 1)


def test_the_example_of_benjamini_and_hochberg_rejects_four() -> None:
    # Benjamini and Hochberg 1995, section 4.1: 15 tests, four rejected at 0.05.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    q = benjamini_hochberg(p)

    assert [value is not None and value <= 0.05 for value in q] == [True] * 4 + [False] * 11


@given(st.lists(p_values, min_size=1))
def test_q_values_are_scipys(p: list[float]) -> None:
    reference = stats.false_discovery_control(p)

    assert benjamini_hochberg(p) == pytest.approx(reference.tolist())


@given(st.lists(st.one_of(st.none(), p_values)))
def test_a_test_that_was_not_made_passes_through_and_does_not_count(
    p: list[float | None],
) -> None:
    q = benjamini_hochberg(p)
    made = [value for value in p if value is not None]

    assert [value is None for value in q] == [value is None for value in p]
    assert [value for value in q if value is not None] == benjamini_hochberg(made)


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        benjamini_hochberg([0.5, p])


def test_the_share_of_false_discoveries_is_what_was_asked_for() -> None:
    rng = np.random.default_rng(14)
    false = []
    for _ in range(2_000):
        z = rng.normal(size=40) + np.repeat([0.0, 3.0], [30, 10])
        q = benjamini_hochberg((2 * stats.norm.sf(np.abs(z))).tolist())
        found = np.array([value is not None and value <= 0.1 for value in q])
        false.append(found[:30].sum() / max(1, found.sum()))

    # Benjamini and Hochberg 1995: 0.1 times the share of true nulls; three standard errors.
    assert np.mean(false) == pytest.approx(0.1 * 30 / 40, abs=0.0075)
