"""Whatever a candidate calls and whatever a tool does, the run ends, and every turn is told of."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import foretaste
from foretaste.adapters.stores.files import Files
from foretaste.records import JSON, Failure, Lane, Message, Prefix, Rollout, Stop
from stories.faulty import HUGE, INJECTION
from stories.planted import plan, write_log

LONGEST = 5_000  # characters of an answer, in these plans
MANY = "x" * 1_000_000

# What the tool of this name answers, as the candidate gets it.
ANSWERS = {
    "huge": f"{'x' * LONGEST}\n[cut: the first {LONGEST:,} of {HUGE:,} characters]",
    "raw": "\ufffd\x00\ufffd",
    "nul": "a\x00b",
    "half": "? half a pair",
    "broken": '{"status": "ok", ',
    "circle": "Error: Circular reference detected",
    "handle": "Error: Object of type lock is not JSON serializable",
    "leave": "Error: bye",
    "interrupt": "Error: KeyboardInterrupt",
    "close": "Error: GeneratorExit",
    "full": "Error: MemoryError",
    "chatty": "printed",
    "threads": "started",
    "inject": INJECTION,
}
# What the candidate writes, and what it gets for it.
CALLS: dict[str, tuple[list[JSON], list[str]]] = {
    "parallel": (
        [{"name": "nul"}, {"name": "leave"}, {"name": "look", "arguments": {"a": 1}}],
        [ANSWERS["nul"], ANSWERS["leave"], "8 characters of arguments"],
    ),
    "no JSON": ([{"name": "look", "arguments": '{"a": '}], ["Error: "]),
    "no object": ([{"name": "look", "arguments": "[1]"}], ["Error: "]),
    "deep": ([{"name": "look", "arguments": "[" * 200_000}], ["Error: "]),
    "long": ([{"name": "look", "arguments": {"a": MANY}}], ["1000009 characters of arguments"]),
    "wrong": ([{"name": "nul", "arguments": {"no": "such"}}], ["Error: "]),
    "endless": ([{"name": "deep"}], ["Error: maximum recursion"]),
}
UNKNOWN = ["nobody", "", "__init__", "state", "look.x", "../look", "look\x00"]


class Turn(NamedTuple):
    """How one replayed turn ended."""

    rollout: Rollout | None
    failure: Failure | None

    @property
    def tools(self) -> list[Message]:
        assert self.rollout is not None
        return [m for m in self.rollout.messages if m.role == "tool"]


def ran(folder: Path, questions: list[str], log: list[JSON] | None = None, **more: Any) -> Any:
    """A whole run, whose turns are asked for by question; by question, how each ended."""
    lines = log or [
        {
            "model": "old",
            "messages": [
                {"role": "user", "content": question},
                {"role": "assistant", "content": "Fine."},
            ],
        }
        for question in questions
    ]
    given = plan(folder, write_log(folder / "log.jsonl", lines), {"alpha": 0.1})
    foretaste.run(given | {"turn": {"calls": 3, "answer": LONGEST}} | more)
    with Files(path=str(folder / "run"), reading=True) as store:
        replayed = {r.parent: r for r in store.read(Rollout) if r.lane is Lane.CANDIDATE}
        failed = {f.item: f for f in store.read(Failure)}
        return {
            p.messages[-1].content: Turn(replayed.get(p.id), failed.get(p.id))
            for p in store.read(Prefix)
        }


def scripted(calls: dict[str, list[JSON]]) -> JSON:
    """A candidate that makes these calls when it is asked to."""
    replies = [{"when": f"^do {name}$", "calls": each} for name, each in calls.items()]
    return {"use": "scripted", "replies": replies}


def environment(folder: Path, kind: str = "Faulty") -> JSON:
    state = folder / "state.json"
    state.write_text("{}")
    return {
        "use": "environment",
        "tools": f"stories.faulty:{kind}",
        "state": str(state),
        "seconds": 5,
    }


@pytest.fixture(scope="module")
def turns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Turn]:
    folder = tmp_path_factory.mktemp("faults")
    calls = {name: [{"name": name}] for name in [*ANSWERS, "hang"]}
    calls |= {name: each for name, (each, _) in CALLS.items()}
    calls |= {f"unknown {n}": [{"name": name}] for n, name in enumerate(UNKNOWN)}
    questions = [f"do {name}" for name in calls]
    found: dict[str, Turn] = ran(
        folder, questions, candidate=scripted(calls), tools=environment(folder)
    )
    return {question.removeprefix("do "): turn for question, turn in found.items()}


@pytest.mark.parametrize("tool", ANSWERS)
def test_what_a_tool_does_wrong_is_an_answer_and_the_turn_goes_on(
    turns: dict[str, Turn], tool: str
) -> None:
    turn = turns[tool]

    assert turn.rollout is not None
    assert [m.content for m in turn.tools] == [ANSWERS[tool]]
    assert (turn.rollout.stop, turn.rollout.text) == (Stop.FINAL, "Of course.")
    assert [each.layer for each in turn.rollout.answered] == ["environment"]


def test_a_tool_that_hangs_fails_its_turn_alone(turns: dict[str, Turn]) -> None:
    _, failure = turns["hang"]

    assert failure is not None
    assert failure.reason == "Faulty: 'hang' gave no answer within 5 seconds"
    assert [name for name, turn in turns.items() if turn.failure is not None] == ["hang"]


@pytest.mark.parametrize("name", CALLS)
def test_what_a_candidate_writes_wrong_is_answered(turns: dict[str, Turn], name: str) -> None:
    turn, (_, answers) = turns[name], CALLS[name]

    assert turn.rollout is not None
    assert len(turn.tools) == len(answers)
    assert all(m.content.startswith(a) for m, a in zip(turn.tools, answers, strict=True))
    assert turn.rollout.stop is Stop.FINAL


@pytest.mark.parametrize("number", range(len(UNKNOWN)))
def test_a_tool_that_nobody_has_stops_the_turn(turns: dict[str, Turn], number: int) -> None:
    turn = turns[f"unknown {number}"]

    assert turn.rollout is not None
    assert turn.rollout.stop is Stop.TOOL_MISS
    assert turn.rollout.messages[-1].tool_calls[0].name == UNKNOWN[number]
    assert (turn.rollout.answered, turn.rollout.text) == ((), "")


def test_instructions_in_a_result_stay_in_a_tool_s_message(turns: dict[str, Turn]) -> None:
    turn = turns["inject"]

    assert turn.rollout is not None
    assert [m.role for m in turn.rollout.messages] == ["assistant", "tool", "assistant"]
    assert turn.rollout.messages[1].content == INJECTION


def test_a_candidate_that_never_ends_meets_the_limit(tmp_path: Path) -> None:
    looping = {"use": "scripted", "replies": [{"calls": [{"name": "nul"}] * 2}]}
    (turn,) = ran(tmp_path, ["go"], candidate=looping, tools=environment(tmp_path)).values()

    assert turn.rollout.stop is Stop.TURN_LIMIT
    assert len(turn.tools) == 6


def test_tools_that_end_the_program_fail_the_turn(tmp_path: Path) -> None:
    candidate = scripted({"look": [{"name": "look"}]})
    tools = environment(tmp_path, "Exits")
    found = ran(tmp_path, ["do look", "do nothing"], candidate=candidate, tools=tools)

    assert found["do look"].failure.reason == "Exits cannot be made: SystemExit: no tools today"
    assert found["do nothing"].rollout.stop is Stop.FINAL


def test_half_a_surrogate_pair_in_arguments_is_told_of(tmp_path: Path) -> None:
    rogue = {"use": "stories.faulty:Rogue"}
    (turn,) = ran(tmp_path, ["go"], candidate=rogue, tools=environment(tmp_path)).values()

    assert turn.rollout is None
    assert "surrogates not allowed" in turn.failure.reason


# What production's tool answered once, and a candidate may get again.
LOGGED = {
    "long": MANY,
    "nul": "a\x00b",
    "broken": '{"status": "ok", ',
    "inject": INJECTION,
    "empty": "",
}


def logged(name: str, answer: str, question: str) -> JSON:
    call = {
        "id": "1",
        "type": "function",
        "function": {"name": "look", "arguments": json.dumps({"at": name})},
    }
    return {
        "model": "old",
        "messages": [
            {"role": "user", "content": question},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "content": answer, "tool_call_id": "1"},
            {"role": "assistant", "content": "Fine."},
        ],
    }


@pytest.mark.parametrize("simulator", ["recorded", "database"])
def test_what_a_log_answered_wrong_is_answered_again(tmp_path: Path, simulator: str) -> None:
    log = [logged(name, answer, f"do {name}") for name, answer in LOGGED.items()]
    calls: dict[str, list[JSON]] = {
        name: [{"name": "look", "arguments": {"at": name}}] for name in LOGGED
    }
    bad = ['{"at": ', "[" * 200_000, MANY]
    calls |= {f"wrong {n}": [{"name": "look", "arguments": text}] for n, text in enumerate(bad)}
    calls["wrong name"] = [{"name": "nobody", "arguments": "{}"}]
    log += [logged("other", "42", f"do {name}") for name in calls if name.startswith("wrong")]
    tools: JSON = {"use": "recorded", "reads": ["*"]}
    if simulator == "database":
        earlier = [logged(name, answer, "earlier") for name, answer in LOGGED.items()]
        path = write_log(tmp_path / "earlier.jsonl", earlier)
        tools = {"use": "database", "path": path, "reads": ["*"]}
    found = ran(tmp_path, [], log, candidate=scripted(calls), tools=tools)

    for name, answer in LOGGED.items():
        turn = found[f"do {name}"]
        (given,) = turn.tools
        assert given.content[:LONGEST] == answer[:LONGEST]
        assert len(given.content) < LONGEST + 100
        assert turn.rollout.stop is Stop.FINAL
    missed = [turn.rollout.stop for name, turn in found.items() if "wrong" in name]
    assert missed == [Stop.TOOL_MISS] * 4
