"""What a run costs: estimated before anything is sent, counted while it goes, held to a budget."""

from collections.abc import Iterable, Iterator

from foretaste.errors import BudgetSpent, PlanError
from foretaste.plan import Plan
from foretaste.records import Prefix, Usage
from foretaste.runs.assembly import Parts
from foretaste.runs.pricing import Price
from foretaste.stages.preview import (
    JUDGE_ANSWER_TOKENS,
    JUDGE_PROMPT_TOKENS,
    Asked,
    Cost,
    costs,
)


def quote(parts: Parts, prefixes: Iterable[Prefix]) -> tuple[Cost, ...]:
    """Estimated calls, tokens and money of asking every model of a run about every prefix."""
    return costs(prefixes, _asked(parts))


def judging(judge: tuple[str, Price | None], shown: Iterable[int], *, what: str = "judge") -> Cost:
    """Estimated cost of asking a judge.

    Args:
        judge: name and price of the model.
        shown: tokens of the material of each call.
        what: it is asked for.
    """
    name, price = judge
    calls = list(shown)
    usage = Usage(
        input_tokens=sum(calls) + len(calls) * JUDGE_PROMPT_TOKENS,
        output_tokens=len(calls) * JUDGE_ANSWER_TOKENS,
    )
    return Cost(
        what=what,
        model=name,
        calls=len(calls),
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        usd=price.of(usage) if price else None,
    )


def total(quoted: Iterable[Cost]) -> float | None:
    """US dollars of all; None where one price is unknown."""
    found = [each.usd for each in quoted]
    known = [usd for usd in found if usd is not None]
    return sum(known) if len(known) == len(found) else None


def hold_to_budget(plan: Plan, quoted: tuple[Cost, ...]) -> None:
    """Refuse a run that its budget cannot pay, before anything is sent.

    Raises:
        PlanError: the estimate is above the budget, or a price is unknown and the budget is money.
    """
    calls = sum(each.calls for each in quoted)
    if plan.budget.calls is not None and calls > plan.budget.calls:
        raise PlanError(f"{calls:,} calls are needed, the budget is {plan.budget.calls:,}")
    if plan.budget.usd is None:
        return
    unknown = [each.model for each in quoted if each.usd is None]
    if unknown:
        raise PlanError(
            f"the budget is in US dollars, but what {', '.join(unknown)} costs is unknown: state "
            "`price: {input: ..., output: ...}` per million tokens, or leave out `budget: usd`"
        )
    usd = total(quoted) or 0.0
    if usd > plan.budget.usd:
        raise PlanError(f"about ${usd:,.2f} are needed, the budget is ${plan.budget.usd:,.2f}")


def _asked(parts: Parts) -> Iterator[Asked]:
    for lane, own in parts.lanes.items():
        yield Asked(
            what=str(lane),
            model=own.name,
            times=1,
            settings=own.conditions.settings,
            usd_input=own.price.input if own.price else None,
            usd_output=own.price.output if own.price else None,
        )
    if parts.tool_model is not None and parts.lanes:
        name, price = parts.tool_model
        yield Asked(
            what="tools",
            model=name,
            times=len(parts.lanes),
            settings={},
            usd_input=price.input if price else None,
            usd_output=price.output if price else None,
            simulates=True,
        )
    lanes = 1 + len(parts.lanes)
    whole = parts.panel.judged - parts.panel.screened.keys()
    calls = sum(getattr(parts.panel.graders[name], "calls", 1.0) for name in whole)
    times: list[tuple[int, int | None]] = [(round(calls) * lanes, None)] if calls else []
    times += [(s.votes * lanes, s.votes * s.calls) for s in parts.panel.screened.values()]
    for each, most in times:
        yield Asked(
            what="judge",
            model=parts.judge_name,
            times=each,
            most=most,
            settings={},
            usd_input=parts.judge_price.input if parts.judge_price else None,
            usd_output=parts.judge_price.output if parts.judge_price else None,
            judges=True,
        )


class Spending:
    """Adds up what answers cost, and stops the run where the estimate was too low."""

    def __init__(self, plan: Plan) -> None:
        self._budget = plan.budget
        self.usd = 0.0
        self.calls = 0

    def add(self, usage: Usage, price: Price | None, calls: int = 1) -> None:
        """Count one answer or judgement, and the calls that it took.

        Raises:
            BudgetSpent: nothing more may be asked under this plan.
        """
        self.calls += calls
        if price is not None:
            self.usd += price.of(usage)
        if self._budget.usd is not None and self.usd > self._budget.usd:
            raise BudgetSpent(f"the budget of ${self._budget.usd:,.2f} is spent; raise it to go on")
        if self._budget.calls is not None and self.calls > self._budget.calls:
            raise BudgetSpent(f"the budget of {self._budget.calls:,} calls is spent")
