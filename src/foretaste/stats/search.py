"""Where a condition that only ever turns from false to true turns."""

from collections.abc import Callable

_HALVINGS = 200  # more than the bits of a double, so the search ends by running out of them


def crossing(holds: Callable[[float], bool], lower: float, upper: float) -> float:
    """Smallest x between `lower` and `upper` at which `holds` is true, to the last bit or so.

    By bisection, which cannot diverge. `holds` must be false below some point and true above it;
    where it is false throughout, the answer is `upper`.
    """
    for _ in range(_HALVINGS):
        middle = lower + (upper - lower) / 2
        if not lower < middle < upper:
            break
        if holds(middle):
            upper = middle
        else:
            lower = middle
    return upper
