"""One call of a tool: what it may touch and spend, how far it is, and whether it goes on."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock

from foretaste.errand import ERRAND, Errand
from foretaste.errors import PlanError
from foretaste.records import Usage
from foretaste.stages.preview import Cost
from foretaste.toolserver.fence import Fence, Visit
from foretaste.toolserver.purse import Purse, Slip
from foretaste.toolserver.vetting import Allowance, Vetting


@dataclass(frozen=True, slots=True)
class Step:
    """How far a call of a tool is; `done` never falls, over all its steps."""

    done: int = 0
    total: int | None = None
    says: str = ""


@dataclass(slots=True)
class Call:
    """One call of a tool, in a thread of its own.

    Args:
        fence: the folders.
        allowance: what else may be had.
    """

    fence: Fence
    allowance: Allowance
    off: Event = field(default_factory=Event)  # set: the caller called it off
    step: Step = field(default_factory=Step)
    visit: Visit = field(init=False)
    vetting: Vetting = field(init=False)
    slip: Slip = field(init=False)
    _name: str = ""
    _before: int = 0  # done in earlier steps
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.visit = self.fence.visit()
        self.vetting = Vetting(visit=self.visit, allowance=self.allowance)
        self.slip = Purse().slip({})  # nothing

    def watch(self, step: str, done: int, total: int | None) -> None:
        """Note how far the work is; a `Watch`.

        Raises:
            Stopped: the caller called it off, while a log is read.
        """
        if total is None:  # elsewhere the engine stops, once it has handed out what is finished
            Errand(off=self.off).check()
        with self._lock:
            if step != self._name:
                self._name, self._before = step, self.step.done
            of = f"{done:,} of {total:,}" if total is not None else f"{done:,}"
            self.step = Step(
                done=max(self.step.done, self._before + done),
                total=None if total is None else self._before + total,
                says=f"{step}: {of}",
            )

    @contextmanager
    def working(self) -> Iterator[None]:
        """Everything inside is this call's errand, and may ask no model that costs."""
        with self._errand(self.slip):
            yield

    @contextmanager
    def spending(self, usd: float | None = None, calls: int | None = None) -> Iterator[None]:
        """Everything inside may spend what is left, and no more than it is told here."""
        self.slip = self.allowance.purse.slip(self.vetting.prices, usd=usd, calls=calls)
        with self._errand(self.slip):
            yield

    def hold(self, quoted: Iterable[Cost], usd: float | None, calls: int | None) -> None:
        """Refuse what nobody allows to pay, before anything is sent.

        Args:
            quoted: what is to be asked.
            usd: that this call may spend at most.
            calls: that it may make at most.

        Raises:
            PlanError: the estimate is above what is left, or above what was asked for.
        """
        prices = self.vetting.prices
        paid = [each for each in quoted if each.model.startswith("openai/")]
        made = sum(each.calls for each in paid)
        left = self.allowance.purse.left
        for most in (left.calls, calls):
            if most is not None and made > most:
                raise PlanError(f"about {made:,} calls are needed, {most:,} may be made")
        known = [(prices.get(each.model.partition("/")[2]), each) for each in paid]
        cost = sum(price.of(_tokens(each)) for price, each in known if price is not None)
        for limit in (left.usd, usd):
            if limit is not None and cost > limit:
                raise PlanError(f"about ${cost:,.2f} are needed, ${limit:,.2f} may be spent")

    @contextmanager
    def _errand(self, slip: Slip) -> Iterator[None]:
        token = ERRAND.set(Errand(toll=slip, off=self.off))
        try:
            yield
        finally:
            ERRAND.reset(token)


def _tokens(cost: Cost) -> Usage:
    return Usage(input_tokens=cost.input_tokens, output_tokens=cost.output_tokens)
