"""A difference of two lanes, of which tests look at the feature alone."""

from typing import Any

from foretaste.discoveries import Difference, Passed
from foretaste.records import Lane


def difference(kind: str, what: str, **more: Any) -> Difference:
    plain: dict[str, Any] = {
        "pairs": 0,
        "users": 0,
        "both": 0,
        "only_before": 0,
        "only_after": 0,
        "moved": 0,
        "before": 0.0,
        "after": 0.0,
        "difference": 0.0,
        "lower": 0.0,
        "upper": 0.0,
        "log_odds": 0.0,
        "p_value": 0.0,
        "q_value": 0.0,
    }
    return Difference(kind=kind, what=what, **(plain | more))


def passed(*differences: Difference) -> Passed:
    return Passed(
        before=Lane.INCUMBENT,
        after=Lane.CANDIDATE,
        pairs=0,
        users=0,
        missing=0,
        features=0,
        tested=0,
        least=0,
        differences=differences,
    )
