"""Small records for the tests of stages: one line each where they are used."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from foretaste.findings import Estimate
from foretaste.protocols import Reply, Request
from foretaste.records import (
    Dialogue,
    Lane,
    Message,
    Outcome,
    Prefix,
    Rollout,
    ScrubbedConversation,
    Stop,
    Usage,
    Verdict,
)


def user(text: str = "Hello?") -> Message:
    return Message(role="user", content=text)


def said(text: str = "Yes.") -> Message:
    return Message(role="assistant", content=text)


def talk(name: str, count: int = 1, *, of: str | None = None, **tags: str) -> ScrubbedConversation:
    """A conversation of `count` assistant turns; turn number t is answered with `t`."""
    messages = [m for t in range(count) for m in (user(f"{name} {t}"), said(str(t)))]
    dialogue = Dialogue(messages=tuple(messages), tags=tags, model="old", stop=Stop.FINAL)
    return ScrubbedConversation(parent=name, dialogue=dialogue, user=of)


def prefix(name: str = "c", *, of: str = "u", probability: float = 1.0, **more: Any) -> Prefix:
    given: dict[str, Any] = {"messages": (user(),), "recorded": (said("recorded"),)} | more
    return Prefix(parent=name, turn=1, turns=1, user=of, probability=probability, **given)


def rollout(parent: str, lane: Lane = Lane.CANDIDATE, text: str = "Yes.", **more: Any) -> Rollout:
    return Rollout(parent=parent, lane=lane, messages=(said(text),), stop=Stop.FINAL, **more)


def verdict(parent: str, outcome: Outcome, behavior: str = "b") -> Verdict:
    return Verdict(parent=parent, behavior=behavior, outcome=outcome, grader="g")


def estimated(
    lane: Lane = Lane.CANDIDATE, present: int = 0, graded: int = 100, **more: Any
) -> Estimate:
    """What independent turns of equal weight give."""
    rate = present / graded if graded else None
    unknown = more.get("ungraded", 0) + more.get("missing", 0)
    count = graded + unknown
    plain: dict[str, Any] = {
        "behavior": "b",
        "ungraded": 0,
        "missing": 0,
        "least": present / count if count else None,
        "least_n": float(count),
        "most": (present + unknown) / count if count else None,
        "most_n": float(count),
        "users": graded,
        "effective_n": float(graded),
        "lower": rate,
        "upper": rate,
        "simple_lower": rate,
        "simple_upper": rate,
        "floor": None,
    }
    return Estimate(lane=lane, present=present, graded=graded, rate=rate, **(plain | more))


@dataclass(frozen=True)
class Listening:
    """A model that keeps every request and answers with the next of its replies, then repeats."""

    replies: tuple[Message, ...] = (Message(role="assistant", content="Yes."),)
    stop: Stop = Stop.FINAL
    heard: list[Request] = field(default_factory=list)

    async def __call__(self, request: Request) -> Reply:
        self.heard.append(request)
        turn = sum(m.role == "assistant" for m in request.messages)
        message = self.replies[min(turn, len(self.replies) - 1)]
        return Reply(
            message=message,
            stop=self.stop,
            asked_model="asked",
            answered_model="answered",
            dropped=("top_k",),
            usage=Usage(input_tokens=10, output_tokens=3),
        )


def rates(verdicts: Iterable[tuple[str, Lane, Outcome]]) -> tuple[list[Prefix], Any, Any]:
    """Prefixes, rollouts and verdicts for (prefix, lane, outcome)."""
    given = list(verdicts)
    prefixes = {name: prefix(name, of=name) for name, _, _ in given}
    rollouts = [rollout(prefixes[name].id, lane) for name, lane, _ in given]
    judged = [verdict(r.id, outcome) for r, (_, _, outcome) in zip(rollouts, given, strict=True)]
    return list(prefixes.values()), rollouts, judged
