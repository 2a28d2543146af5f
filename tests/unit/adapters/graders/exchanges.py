"""Small conversations and answers for the tests of graders."""

import asyncio
from typing import Any

from foretaste.adapters.behaviors import load_behavior
from foretaste.adapters.graders.rule import Rule
from foretaste.protocols import Grader
from foretaste.records import Lane, Message, Outcome, Prefix, Rollout, Stop, ToolCall, Verdict


def prefix_of(*said: str, system: str | None = None, tools: tuple[Any, ...] = ()) -> Prefix:
    """User and assistant in turn; the last one who speaks is the user."""
    roles = ("user", "assistant")
    messages = [Message(role=roles[i % 2], content=text) for i, text in enumerate(said)]  # type: ignore[arg-type]
    if system is not None:
        messages.insert(0, Message(role="system", content=system))
    return Prefix(
        parent="c", turn=len(messages), turns=1, user="u", messages=tuple(messages), recorded=(),
        tools=tools,
    )  # fmt: skip


def answer(text: str, *, stop: Stop = Stop.UNKNOWN, reasoning: str | None = None) -> Rollout:
    message = Message(role="assistant", content=text, reasoning=reasoning)
    return Rollout(parent="p", lane=Lane.CANDIDATE, messages=(message,), stop=stop)


def calling(*calls: tuple[str, str, str], last: str = "Done.") -> Rollout:
    """A turn of tool calls, each a name, arguments and result, and a final message."""
    messages = []
    for number, (name, arguments, result) in enumerate(calls):
        call = ToolCall(id=str(number), name=name, arguments=arguments)
        messages.append(Message(role="assistant", content="", tool_calls=(call,)))
        messages.append(Message(role="tool", content=result, tool_call_id=str(number)))
    messages.append(Message(role="assistant", content=last))
    return Rollout(parent="p", lane=Lane.CANDIDATE, messages=tuple(messages), stop=Stop.FINAL)


def shipped_rule(name: str) -> Rule:
    behavior = load_behavior(name)
    options = {key: value for key, value in behavior.grader.items() if key != "use"}
    return Rule(behavior=behavior, **options)


def judged(grader: Grader, prefix: Prefix, rollout: Rollout) -> Verdict:
    async def work() -> Verdict:
        return await grader(prefix, rollout)

    return asyncio.run(work())


def found(name: str, rollout: Rollout | str, *said: str, **more: Any) -> Outcome:
    given = answer(rollout) if isinstance(rollout, str) else rollout
    asked = said or ("Tell me something about it, please.",)
    return judged(shipped_rule(name), prefix_of(*asked, **more), given).outcome
