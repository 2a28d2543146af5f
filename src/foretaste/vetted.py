"""What is found of a judge: each figure beside what the length of answers alone would show."""

from dataclasses import dataclass
from typing import NamedTuple

from foretaste.stats.discrimination import Auc, Share


class Compared(NamedTuple):
    """A share of the judge's, and the same by length alone; None where there is nothing to count.

    Both have Wilson's intervals, which take answers as independent.
    """

    judge: Share | None
    length: Share | None


class Areas(NamedTuple):
    """Areas under the ROC curve."""

    judge: Auc
    length: Auc


class Liking(NamedTuple):
    """How the judge flags its own model's answers, and others', of one kind."""

    own: Compared
    others: Compared
    p_value: float | None  # Fisher's exact test that the judge flags both alike; None: one is none
    length_p_value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vetted:
    """What can be said of one judge and one behavior."""

    behavior: str
    items: int
    labelled: int
    ungraded: dict[str, int]  # reason -> answers that the judge did not judge
    repeats: int
    unstable: Compared  # answers whose verdicts do not all agree, of those graded every time
    moved: Compared  # answers whose verdict another order turns, of those graded in both
    only_usual: int  # flagged in the usual order alone
    only_turned: int
    sensitivity: Compared  # labelled present that were flagged
    specificity: Compared  # labelled absent that were not
    areas: Areas | None  # None: too few labels of a kind
    by_score: bool  # the judge's area is of its probabilities; else of its verdicts alone
    shorter: bool  # the judge by length flags the shortest
    on_present: Liking  # a judge that spares its own misses more of these
    on_absent: Liking
