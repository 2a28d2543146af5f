"""What long work is told from outside: that it shall stop, and what its calls may cost.

Whoever starts the work sets `ERRAND` in the thread that does it. Engines look there while they
wait, and the way to a model's server before each request: nothing in between has to hand it on.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from foretaste.errors import Stopped
from foretaste.records import JSON, Usage


class Fare(Protocol):
    """What is held back for one request until it is known what the request took."""

    def settle(self, usage: Usage | None) -> None:
        """The request was answered; None: nobody says what it took."""
        ...

    def give_back(self) -> None:
        """The request reached nobody."""
        ...


class Toll(Protocol):
    """Asked before each request to a model that may cost; safe to call from several threads."""

    def __call__(self, body: Mapping[str, JSON]) -> Fare:
        """Let one request through.

        A fare that is neither settled nor given back stays spent: nobody knows what the request
        took.

        Args:
            body: of the request, as it goes out.

        Raises:
            BudgetSpent: it may not go out.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What somebody wants done, and on which terms."""

    toll: Toll | None = None  # None: nobody counts
    off: Event = field(default_factory=Event)  # set: it is called off

    def check(self) -> None:
        """Go on, or not.

        Raises:
            Stopped: it was called off.
        """
        if self.off.is_set():
            raise Stopped("called off; what was done is kept, and the same call goes on from there")


ERRAND: ContextVar[Errand | None] = ContextVar("errand", default=None)
"""The errand that this thread, or this task, is on; None: nobody's."""
