"""Part of a sample that keeps clusters whole."""

from collections.abc import Mapping

import numpy as np


def clusters_by_lot(size: Mapping[str, int], most: int, rng: np.random.Generator) -> set[str]:
    """Clusters in random order, each taken whole if it still fits; all, where all fit.

    Args:
        size: items of each cluster.
        most: items that may be taken.
        rng: decides the order.
    """
    names, room, taken = list(size), most, set[str]()
    if sum(size.values()) <= most:
        return set(names)
    for place in rng.permutation(len(names)):
        if size[names[place]] <= room:
            taken.add(names[place])
            room -= size[names[place]]
    return taken
