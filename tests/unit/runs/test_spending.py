"""Estimates and budgets."""

from pathlib import Path
from typing import Any

import pytest

import foretaste
from foretaste.errors import BudgetSpent, PlanError
from foretaste.findings import Study
from foretaste.planfile import load_plan
from foretaste.records import Message, Prefix, Rollout, Stop, ToolCall, Usage
from foretaste.registry import build
from foretaste.runs.answering import answer
from foretaste.runs.assembly import assemble
from foretaste.runs.pricing import Price
from foretaste.runs.spending import Spending, quote
from foretaste.runs.watch import quiet
from foretaste.stages.preview import TOOL_PROMPT_TOKENS, Cost

LOG = str(Path(foretaste.__file__).parent / "data" / "sample.jsonl")
DEAR = {"use": "scripted", "default": "No."}
PRICED = {"use": "openai", "model": "m", "base_url": "http://127.0.0.1:9", "price": None}


def plan(tmp_path: Path, **changed: Any) -> dict[str, Any]:
    return {
        "log": {"path": LOG},
        "sample": {"size": 20},
        "behaviors": ["refusal"],
        "candidate": {"use": "scripted"},
        "store": {"use": "files", "path": str(tmp_path / "run")},
        **changed,
    }


def run(given: dict[str, Any], quoted: list[tuple[Cost, ...]] | None = None) -> Study:
    told = quoted if quoted is not None else []
    return foretaste.run(given, announce=told.append).study


def test_the_cost_is_announced_before_anything_is_sent(tmp_path: Path) -> None:
    quoted: list[tuple[Cost, ...]] = []
    run(plan(tmp_path), quoted)

    (candidate,) = quoted[0]
    assert (candidate.what, candidate.calls, candidate.usd) == ("candidate", 20, 0.0)
    assert candidate.input_tokens > 0


def test_a_run_that_its_budget_cannot_pay_is_refused(tmp_path: Path) -> None:
    dear = {**PRICED, "price": {"input": 1e6, "output": 1e6}}

    with pytest.raises(PlanError, match="are needed, the budget is"):
        run(plan(tmp_path, candidate=dear, budget={"usd": 1}))


def test_a_budget_in_dollars_needs_a_price(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="is unknown: state `price:"):
        run(plan(tmp_path, candidate=PRICED, budget={"usd": 1}))


def test_more_calls_than_the_budget_has_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="20 calls are needed, the budget is 19"):
        run(plan(tmp_path, budget={"calls": 19}))


def test_a_budget_that_the_estimate_fits_is_no_hindrance(tmp_path: Path) -> None:
    assert run(plan(tmp_path, budget={"calls": 20, "usd": 0})).account.prefixes == 20


def test_a_run_stops_where_answers_cost_more_than_was_estimated() -> None:
    given = load_plan({"log": {"path": LOG}, "candidate": DEAR, "budget": {"usd": 1}})
    spending = Spending(given)
    spending.add(Usage(output_tokens=1), Price(input=0.0, output=1e6))

    with pytest.raises(BudgetSpent, match="raise it to go on"):
        spending.add(Usage(output_tokens=1), Price(input=0.0, output=1e6))


def test_what_a_judge_takes_counts_and_is_counted_again_on_going_on(tmp_path: Path) -> None:
    wordy = " ".join(["no"] * 2_000)  # far more than was estimated
    judge = {
        "use": "scripted",
        "default": f'{{"present": false, "evidence": "", "reason": "{wordy}"}}',
        "price": {"input": 100.0, "output": 100.0},
    }
    given = plan(tmp_path, judge=judge, behaviors=["sycophancy"], sample={"size": 2})
    quoted: list[tuple[Cost, ...]] = []
    run({**given, "store": {"use": "files", "path": str(tmp_path / "free")}}, quoted)
    (judged,) = (each for each in quoted[0] if each.what == "judge")

    assert (judged.calls, judged.usd is not None) == (4, True)
    for _ in range(2):
        with pytest.raises(BudgetSpent):
            run({**given, "budget": {"usd": judged.usd}})


def test_what_a_model_of_tools_takes_counts_against_the_budget(tmp_path: Path) -> None:
    asked = Message(role="user", content="Where is A17?")
    call = ToolCall(id="1", name="get_order", arguments='{"id": "A17"}')
    found = Message(role="tool", content="here", tool_call_id="1")
    turn = (Message(role="assistant", content="", tool_calls=(call,)), found)
    model = {"use": "scripted", "price": {"input": 10.0, "output": 10.0}}
    tools = {"use": "foretaste.adapters.simulators.model:ModelTools", "model": model}
    given = load_plan(plan(tmp_path, incumbent=DEAR, tools=tools))
    parts = assemble(given)
    cut = Prefix(parent="p", turn=1, turns=1, user="u", messages=(asked,), recorded=turn)

    (quoted,) = (each for each in quote(parts, [cut, cut]) if each.what == "tools")
    assert (quoted.model, quoted.calls) == ("scripted", 4)
    assert quoted.input_tokens == 4 * TOOL_PROMPT_TOKENS
    assert quoted.usd == pytest.approx((quoted.input_tokens + quoted.output_tokens) * 1e-5)

    took = Usage(input_tokens=1_000_000)
    rollouts = (
        Rollout(parent=cut.id, lane=lane, messages=(), stop=Stop.FINAL, tool_usage=took)
        for lane in parts.lanes
    )
    with build("stores", given.store_part("x")) as store:
        store.append(cut, *rollouts)
    spending = Spending(given)
    with build("stores", given.store_part("x")) as store:
        for lane in parts.lanes:
            answer(lane, parts, store, quiet, 1, spending)
    assert spending.usd == pytest.approx(20.0)
    assert spending.calls == 4
