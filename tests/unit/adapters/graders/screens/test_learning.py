"""Weighted logistic regression and its calibration."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from foretaste.adapters.graders.screens.learning import Labels, regression
from foretaste.errors import InsufficientData


def drawn(count: int, *, seed: int, slope: float = 1.0) -> tuple[np.ndarray, Labels]:
    """Three features of which one tells, by a logistic law."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, 3))
    chance = 1 / (1 + np.exp(-(slope * 2 * rows[:, 0] - 1)))
    users = tuple(f"user {k}" for k in range(count))
    return rows, Labels(rng.random(count) < chance, np.ones(count), users)


def test_the_fit_is_that_of_scikit_learn_with_balanced_classes() -> None:
    rows, labels = drawn(300, seed=1)
    reference = LogisticRegression(C=2.0, class_weight="balanced", tol=1e-10).fit(
        rows, labels.present
    )

    found = regression(rows, labels, 2.0)

    assert found.weights == pytest.approx(reference.coef_[0], abs=1e-4)
    assert found.intercept == pytest.approx(reference.intercept_[0], abs=1e-4)


def test_chances_of_new_rows_come_true() -> None:
    found = regression(*drawn(2000, seed=2), 1.0)
    rows, labels = drawn(20_000, seed=3)
    chance = found.chance(rows)

    for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 0.7), (0.7, 1)):
        within = (chance >= low) & (chance < high)
        assert chance[within].mean() == pytest.approx(labels.present[within].mean(), abs=0.03)


def test_weights_give_the_chances_of_all_that_the_examples_stand_for() -> None:
    rows, labels = drawn(4000, seed=4)
    # Those with a high feature came in four times as often, and weigh a quarter.
    rng = np.random.default_rng(5)
    taken = (rows[:, 0] > 0) | (rng.random(len(rows)) < 0.25)
    weight = np.where(rows[:, 0] > 0, 1.0, 4.0)[taken]
    users = tuple(np.array(labels.user)[taken])

    found = regression(rows[taken], Labels(labels.present[taken], weight, users), 1.0)

    assert found.chance(rows).mean() == pytest.approx(labels.present.mean(), abs=0.03)


def test_too_few_of_a_class_are_refused() -> None:
    rows, labels = drawn(100, seed=6)
    few = labels._replace(present=np.arange(100) < 9)

    with pytest.raises(InsufficientData, match="9 examples that show"):
        regression(rows, few, 1.0)


def test_examples_of_few_users_are_refused() -> None:
    rows, labels = drawn(100, seed=7)

    with pytest.raises(InsufficientData, match="2 users at least"):
        regression(rows, labels._replace(user=("a", "b") * 50), 1.0)


def test_features_that_only_name_the_user_teach_nothing() -> None:
    # Each user's rows are alike and all of one class; told from others by nothing but the user.
    rng = np.random.default_rng(8)
    users = np.repeat(np.arange(40), 10)
    present = users % 2 == 0
    rows = np.eye(40)[users] + rng.normal(scale=0.01, size=(400, 40))
    labels = Labels(present, np.ones(400), tuple(f"u{k}" for k in users))

    with pytest.raises(InsufficientData, match="teach nothing"):
        regression(rows, labels, 10.0)


def test_more_columns_than_rows_give_the_same_fit() -> None:
    rows, labels = drawn(60, seed=10)
    wide = np.hstack([rows, np.zeros((60, 97))])

    found, reference = regression(wide, labels, 1.0), regression(rows, labels, 1.0)

    assert found.weights[:3] == pytest.approx(reference.weights, abs=1e-4)
    assert found.offset == pytest.approx(reference.offset, abs=1e-4)


def test_a_weight_of_zero_is_an_error() -> None:
    rows, labels = drawn(100, seed=9)

    with pytest.raises(ValueError, match="above 0"):
        regression(rows, labels._replace(weight=np.zeros(100)), 1.0)
