"""What is learned from data with scikit-learn, wherever that is done."""

import importlib
import importlib.util
from typing import Any

import numpy as np
import numpy.typing as npt

from foretaste.errors import PlanError

Codes = npt.NDArray[np.intp]


def learning(module: str, needed_by: str) -> Any:
    """A module of scikit-learn, imported where it is first needed: it takes a second.

    Raises:
        PlanError: it is not installed.
    """
    try:
        return importlib.import_module(f"sklearn.{module}")
    except ImportError as error:
        raise PlanError(
            f"{needed_by} needs scikit-learn: pip install 'foretaste[learn]'"
        ) from error


def learns() -> bool:
    """Whether scikit-learn is installed."""
    return importlib.util.find_spec("sklearn") is not None


def one_thread() -> Any:
    """A context in which linear algebra keeps to one thread.

    Many small problems: more threads would only wait for one another. And sums then come in one
    order, so that a seed gives the same numbers again.
    """
    return importlib.import_module("threadpoolctl").threadpool_limits(1)


def folds(clusters: Codes, wanted: int, needed_by: str) -> list[tuple[Codes, Codes]]:
    """Rows to train on and rows to score; whole clusters in one fold.

    Raises:
        PlanError: scikit-learn is not installed.
        ValueError: there are fewer than two clusters.
    """
    count = min(wanted, len(np.unique(clusters)))
    split = learning("model_selection", needed_by).GroupKFold(count)
    return list(split.split(clusters, groups=clusters))
