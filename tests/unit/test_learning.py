import sys

import numpy as np
import pytest

from foretaste.errors import PlanError
from foretaste.learning import folds, learning


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)

    with pytest.raises(PlanError, match=r"this needs scikit-learn: .*foretaste\[learn\]"):
        learning("cluster", "this")


def test_a_cluster_is_never_on_both_sides_of_a_training() -> None:
    pytest.importorskip("sklearn")
    clusters = np.array([0, 0, 1, 2, 2, 2, 3])
    found = folds(clusters, 5, "this")

    assert len(found) == 4
    assert all(not set(clusters[seen]) & set(clusters[left]) for seen, left in found)
