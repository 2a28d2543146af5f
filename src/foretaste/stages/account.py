"""Count what went into a run and what was lost on the way."""

from collections import Counter
from collections.abc import Iterable
from statistics import median

from foretaste.findings import LaneAccount, Steering
from foretaste.records import Failure, Lane, Message, Outcome, Prefix, Rollout, Verdict
from foretaste.steering import attempts

_EXAMPLES = 5  # places of attempts that are kept for each lane


def lane_account(
    lane: Lane, prefixes: Iterable[str], rollouts: Iterable[Rollout], failures: Iterable[Failure]
) -> LaneAccount:
    """What happened in one lane; a prefix that failed and was answered later is no failure.

    Args:
        lane: the lane to count.
        prefixes: ids of all prefixes.
        rollouts: of all lanes; iterated twice.
        failures: of any stage and lane.
    """
    asked: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    stops: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    layers: Counter[str] = Counter()
    diverged: Counter[str] = Counter()
    left_at: list[int] = []
    missing = dict.fromkeys(prefixes, "never asked")
    calls = calling = count = input_tokens = output_tokens = repeats = 0
    said = {each.parent: hash(each.text) for each in rollouts if each.lane is Lane.RECORDED}
    for rollout in rollouts:
        if rollout.lane != lane or missing.pop(rollout.parent, None) is None:
            continue
        count += 1
        repeats += said.get(rollout.parent) == hash(rollout.text)
        asked[rollout.asked_model or "unknown"] += 1
        answered[rollout.answered_model or "unknown"] += 1
        stops[rollout.stop] += 1
        dropped.update(rollout.dropped)
        input_tokens += rollout.usage.input_tokens
        output_tokens += rollout.usage.output_tokens
        made = sum(len(message.tool_calls) for message in rollout.messages)
        calls += made
        calling += made > 0 or rollout.diverged is not None
        layers.update(each.layer for each in rollout.answered)
        if rollout.diverged is not None:
            diverged[rollout.diverged.kind] += 1
            left_at.append(rollout.diverged.step + 1)
    for failure in failures:
        if failure.stage == "replay" and failure.lane == lane and failure.item in missing:
            missing[failure.item] = failure.reason
    return LaneAccount(
        lane=lane,
        rollouts=count,
        asked_models=dict(asked),
        answered_models=dict(answered),
        failures=dict(Counter(missing.values())),
        stops=dict(stops),
        dropped=dict(dropped),
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        repeats=repeats,
        calls=calls,
        layers=dict(layers),
        calling=calling,
        diverged=dict(diverged),
        left_at=float(median(left_at)) if left_at else None,
    )


def gap_account(prefixes: Iterable[Prefix]) -> dict[str, int]:
    """What the log lacks, and how many prefixes each gap touches."""
    return dict(Counter(str(gap) for prefix in prefixes for gap in prefix.gaps))


def ungraded_account(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Why verdicts could not be reached, and how many of them; details of one reason left out."""
    return dict(
        Counter(
            verdict.reason.partition(":")[0].partition(" (")[0] or "the grader does not say"
            for verdict in verdicts
            if verdict.outcome is Outcome.UNGRADED
        )
    )


def steering_account(
    prefixes: Iterable[Prefix], rollouts: Iterable[Rollout], lanes: Iterable[Lane]
) -> tuple[Steering, ...]:
    """Attempts to steer the judge in what it was shown: in conversations, and in each lane."""
    answers: dict[Lane, list[list[tuple[str, str]]]] = {lane: [] for lane in lanes}
    for rollout in rollouts:
        if rollout.lane in answers:
            answers[rollout.lane].append(_attempts(rollout.messages))
    return (
        _steering("conversation", [_attempts(prefix.messages) for prefix in prefixes]),
        *(_steering(lane.value, found) for lane, found in answers.items()),
    )


def _steering(where: str, found: list[list[tuple[str, str]]]) -> Steering:
    with_one = [each for each in found if each]
    return Steering(
        where=where,
        looked=len(found),
        found=len(with_one),
        kinds=dict(Counter(kind for each in with_one for kind in dict(each))),
        examples=tuple(each[0][1] for each in with_one[:_EXAMPLES]),
    )


def _attempts(messages: Iterable[Message]) -> list[tuple[str, str]]:
    texts = (
        text
        for message in messages
        for text in (message.content, message.reasoning, *(c.arguments for c in message.tool_calls))
        if text
    )
    return [(each.kind, each.text) for text in texts for each in attempts(text)]
