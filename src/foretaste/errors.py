"""What can go wrong, as one small tree.

ForetasteError
├── PlanError              the plan or the call is wrong            exit code 2
│   └── UnknownName        a name that nothing answers to
├── LogError               a log that holds nothing readable        exit code 2
├── InsufficientData       too few observations for the statistic   exit code 3
├── SealBroken             a sealed forecast no longer matches      exit code 2
├── ItemFailed             one item failed for good; becomes a `Failure` record
└── MachineFailed          the machinery failed, not an item        exit code 4
    ├── ModelUnavailable   no model answers: wrong key, wrong name, nobody there
    ├── StoreUnavailable   the run's folder cannot be read or written
    ├── BudgetSpent        the plan's budget is used up
    └── Stopped            whoever asked for the work called it off
"""

from collections.abc import Iterable
from difflib import get_close_matches


class ForetasteError(Exception):
    """Root of every error that Foretaste raises on purpose."""


class PlanError(ForetasteError):
    """The plan, or the way a command was called, is wrong; the message says how to mend it."""


class UnknownName(PlanError):
    """A name (option, plug-in, behavior) that nothing answers to."""

    def __init__(self, kind: str, name: str, known: Iterable[str], where: str = "") -> None:
        choices = sorted(known)
        near = get_close_matches(name, choices, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(choices)}"
        place = f" in {where}" if where else ""
        super().__init__(f"unknown {kind} {name!r}{place}; {hint}")


class LogError(ForetasteError):
    """A log that cannot be opened, or in which not one record can be read."""


class InsufficientData(ForetasteError):
    """Too few observations for the statistic that was asked for."""


class SealBroken(ForetasteError):
    """A sealed forecast, or what it was sealed with, has changed since."""


class ItemFailed(ForetasteError):
    """One item failed for good; the engine turns it into a `Failure` record and goes on."""


class MachineFailed(ForetasteError):
    """The machinery failed, not an item: the run stops, and can be resumed."""


class ModelUnavailable(MachineFailed):
    """No model answers: wrong key, wrong model name, or nobody listening."""


class StoreUnavailable(MachineFailed):
    """The run's folder cannot be opened, read or written."""


class BudgetSpent(MachineFailed):
    """The plan's budget is used up: raise it in the plan, and the run goes on where it stopped."""


class Stopped(MachineFailed):
    """Whoever asked for the work called it off; what was done is kept, and the same goes on."""
