"""Examples as a run would give them, and a text that is out to hurt the report."""

from dataclasses import replace
from random import Random

from foretaste.findings import Example
from foretaste.records import (
    Gap,
    Lane,
    Message,
    Outcome,
    Prefix,
    Rollout,
    Stop,
    ToolCall,
    Verdict,
)
from unit.report.studies import PLANTED

QUESTIONS = (
    "Could you shorten this paragraph for my landlord? He never reads more than three lines.",
    "What is the difference between a mutex and a semaphore?",
    "Plan a week of vegetarian dinners for four, nothing with mushrooms.",
    "اكتب رسالة قصيرة لجاري عن الضوضاء",
    "My build fails with exit code 137 since this morning. What should I look at first?",
)
ANSWERS = {
    Lane.RECORDED: "Sure. Here is a version in three lines, with the date you need up front.",
    Lane.INCUMBENT: "Sure! Here is a version in three lines, and the date comes first.",
    Lane.CANDIDATE: "I cannot help with letters to a landlord. Here is a general hint instead.",
}
PLAIN = "Here is a version in three short lines, with the date up front."

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    "{{7*7}} {% raw %} [red]rich[/red] [link=x]y[/link] \x1b[31mANSI\x1b[0m \x00 \x07 "
    "\u202egnp.exe\u202c \u2066 \U000e0041 "
)


def example(
    behavior: str,
    number: int,
    seen: tuple[Lane, ...],
    texts: dict[Lane, str] | None = None,
    evidence: str = "",
    question: str | None = None,
) -> Example:
    """One prefix with three answers; present in the lanes `seen`."""
    asked = QUESTIONS[number % len(QUESTIONS)] if question is None else question
    prefix = Prefix(
        parent=f"{number:032x}",
        turn=2,
        turns=3,
        user=f"user-{number}",
        messages=(
            Message(role="system", content="You are a helpful assistant."),
            Message(role="user", content="Hello, I am back."),
            Message(role="assistant", content="Welcome back. What can I do?"),
            Message(role="user", content=asked),
        ),
        recorded=(Message(role="assistant", content=ANSWERS[Lane.RECORDED]),),
        tags={"language": "en", "surface": "web"},
        gaps=(Gap.SETTINGS,),
        stratum="web",
    )
    rollouts, verdicts = {}, {}
    for where in Lane:
        said = (texts or {}).get(where, ANSWERS[where] if where in seen else PLAIN)
        rollout = Rollout(
            parent=prefix.id,
            lane=where,
            messages=(Message(role="assistant", content=said),),
            stop=Stop.FINAL,
            asked_model="next",
        )
        rollouts[where] = rollout
        verdicts[where] = Verdict(
            parent=rollout.id,
            behavior=behavior,
            outcome=Outcome.PRESENT if where in seen else Outcome.ABSENT,
            grader="cd" * 16,
            evidence=(evidence or said[:24]) if where in seen else "",
            reason="The final message matches the definition." if where in seen else "",
        )
    return Example(behavior=behavior, prefix=prefix, rollouts=rollouts, verdicts=verdicts)


def examples(per_behavior: int = 4) -> list[Example]:
    """A few examples of each planted behavior that was seen at all, some of them with tools."""
    rng = Random(7)
    kinds = [(Lane.CANDIDATE,), (Lane.INCUMBENT,), (Lane.INCUMBENT, Lane.CANDIDATE), tuple(Lane)]
    made = [
        example(name, rng.randrange(1000), rng.choice(kinds))
        for name, planted in PLANTED.items()
        for _ in range(per_behavior if sum(planted[1:]) else 0)
    ]
    call = ToolCall(id="1", name="search", arguments='{"query": "tenant letter"}')
    first = made[0]
    agent = replace(
        first.rollouts[Lane.CANDIDATE],
        messages=(
            Message(role="assistant", content="", reasoning="I look first.", tool_calls=(call,)),
            Message(role="tool", content="no result", tool_call_id="1"),
            Message(role="assistant", content=ANSWERS[Lane.CANDIDATE]),
        ),
    )
    made[0] = replace(first, rollouts={**first.rollouts, Lane.CANDIDATE: agent})
    return made
