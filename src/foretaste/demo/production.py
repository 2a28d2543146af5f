"""Play production: a model answers real conversations, and what it says becomes a log."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import msgspec

from foretaste.protocols import Engine, Model, Simulator, Store
from foretaste.records import JSON, Lane, Message, Prefix, Rollout, Stop
from foretaste.runs.watch import Watch
from foretaste.stages.replay import Conditions, replay

FIRST_DAY = datetime(2026, 11, 1, 9, tzinfo=UTC)
A_DAY = 12  # conversations
FEWEST = 24  # below which a log says nothing

_FINISH = {Stop.LENGTH: "length", Stop.FILTERED: "content_filter"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A model in production: what it runs on and how it is set up."""

    model: Model
    name: str
    conditions: Conditions
    simulator: Simulator
    engine: Engine


def play(
    deployment: Deployment,
    prefixes: Sequence[Prefix],
    store: Store,
    *,
    seconds: float,
    step: str,
    watch: Watch,
) -> list[tuple[Prefix, Rollout]]:
    """Let a deployment answer conversations, in order, until the time is over.

    What was answered before an interruption is kept in the store and not asked again.

    Args:
        deployment: who answers.
        prefixes: conversations, each cut before the answer.
        store: keeps the answers.
        seconds: after so long no more is asked, once there are `FEWEST`.
        step: what to call this on the progress bar.
        watch: told of progress.
    """
    done = {rollout.parent for rollout in store.read(Rollout)}
    started = monotonic()
    count = len(done)

    def open_hours() -> Iterator[Prefix]:
        for prefix in prefixes:
            if count >= FEWEST and monotonic() - started > seconds:
                return
            if prefix.id not in done:
                yield prefix

    watch(step, count, len(prefixes))
    if store.read_document("closed.json") is None:
        for record in replay(
            open_hours(),
            lane=Lane.RECORDED,
            model=deployment.model,
            simulator=deployment.simulator,
            engine=deployment.engine,
            conditions=deployment.conditions,
        ):
            store.append(record)
            count += isinstance(record, Rollout)
            watch(step, count, len(prefixes))
        store.write_document("closed.json", b"{}")
    answers = {rollout.parent: rollout for rollout in store.read(Rollout)}
    watch(step, len(answers), len(answers))
    return [(prefix, answers[prefix.id]) for prefix in prefixes if prefix.id in answers]


def log_lines(
    answered: Iterable[tuple[Prefix, Rollout]], deployment: Deployment, first_day: datetime
) -> Iterator[bytes]:
    """The answers as a proxy would have logged them: request and response, a line each."""
    for number, (prefix, rollout) in enumerate(answered):
        day, turn = divmod(number, A_DAY)
        moment = first_day + timedelta(days=day, minutes=40 * turn)
        yield msgspec.json.encode(_pair(prefix, rollout, deployment, moment)) + b"\n"


def _pair(
    prefix: Prefix, rollout: Rollout, deployment: Deployment, moment: datetime
) -> dict[str, JSON]:
    said = [_message(m) for m in prefix.messages if m.role != "system"]
    system = deployment.conditions.system
    request: dict[str, Any] = {
        "model": deployment.name,
        "messages": [{"role": "system", "content": system}, *said] if system else said,
        **deployment.conditions.settings,
    }
    response = {
        "id": f"demo-{prefix.id[:16]}",
        "object": "chat.completion",
        "created": int(moment.timestamp()),
        "model": deployment.name,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": rollout.text},
                "finish_reason": _FINISH.get(rollout.stop, "stop"),
            }
        ],
        "usage": {
            "prompt_tokens": rollout.usage.input_tokens,
            "completion_tokens": rollout.usage.output_tokens,
        },
    }
    return {"request": request, "response": response}


def _message(message: Message) -> dict[str, str]:
    return {"role": message.role, "content": message.content}
