"""The embedded model answers tool calls of an airline's agent (tau-bench), task by task left out.

`python benchmarks/modeltools.py FOLDER [calls] [schema]`, FOLDER with `trajectories.jsonl` and
`tools.json`. A sample of the recorded calls, each asked of a model that is shown what the
conversation did before, and the nearest calls of the other tasks; never the recorded turn, which
holds the answer. Needs the weights of `smollm2`.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from foretaste.adapters.models.embedded import Embedded
from foretaste.adapters.simulators.callbase import CallBase, StoredCall
from foretaste.adapters.simulators.database import DatabaseSession
from foretaste.adapters.simulators.effects import Effects
from foretaste.adapters.simulators.facts import Errors
from foretaste.adapters.simulators.model import ModelTools
from foretaste.adapters.simulators.shapes import complaint
from foretaste.protocols import ToolAnswer
from foretaste.records import Message, Prefix, ToolCall


class Asked(NamedTuple):
    task: str
    prefix: Prefix  # all before the call
    call: ToolCall
    truth: str


@dataclass(frozen=True)
class Others:
    """Calls of the tasks that are not the prefix's."""

    calls: CallBase

    def __call__(self, prefix: Prefix) -> DatabaseSession:
        apart = self.calls.numbers([prefix.parent])
        return DatabaseSession(self.calls, apart, Effects(), fuzzy=False)


def message(raw: dict) -> Message:  # type: ignore[type-arg]
    calls = tuple(
        ToolCall(id=c["id"], name=c["function"]["name"], arguments=c["function"]["arguments"])
        for c in raw.get("tool_calls") or ()
    )
    return Message(role=raw["role"], content=raw.get("content") or "", tool_calls=calls,
                   tool_call_id=raw.get("tool_call_id"))  # fmt: skip


def read(folder: Path) -> Iterator[Asked]:
    tools = tuple(json.loads((folder / "tools.json").read_text()))
    for line in (folder / "trajectories.jsonl").open():
        raw = json.loads(line)
        messages = tuple(map(message, raw["messages"]))
        for place, said in enumerate(messages):
            if said.role == "tool":
                (call,) = messages[place - 1].tool_calls
                task, before = str(raw["task_id"]), messages[: place - 1]
                prefix = Prefix(parent=task, turn=place - 1, turns=1, user="u",
                                messages=before, recorded=(), tools=tools)  # fmt: skip
                yield Asked(task, prefix, call, said.content)


async def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 60
    every = list(read(folder))
    base = CallBase(
        StoredCall(each.call.name, each.call.arguments, each.truth, each.task) for each in every
    )
    tools = ModelTools(
        model=Embedded(slots=1, threads=1),
        examples=Others(base),
        count=2,
        retries=0,
        context=2500,
        settings={"max_tokens": 700},
        schema="schema" in sys.argv,
    )
    score: Counter[str] = Counter()
    async with tools:
        for asked in random.Random(1).sample(every, count):
            session = tools(asked.prefix)
            start = time.perf_counter()
            answer = await session(asked.call)
            seconds = time.perf_counter() - start
            score.update(told(asked, answer), seconds=round(seconds))
            used = f"{session.usage.input_tokens} in, {session.usage.output_tokens} out"
            print(f"{asked.call.name}: {seconds:.0f} s, {used}: {answer and answer.why}")
            print(f"so far {dict(score)}", flush=True)


def told(asked: Asked, answer: ToolAnswer | None) -> dict[str, int]:
    if answer is None:
        return {"calls": 1}
    form = complaint(answer.content, [asked.truth], Errors(), may_fail=False) is None
    fails = Errors()(answer.content) == Errors()(asked.truth)
    repeated = answer.why.startswith("the same call")
    return {
        "calls": 1,
        "answered": 1,
        "repeated": repeated,
        "form": form and fails,
        "exact": answer.content == asked.truth,
        "after a retry": "refused first" in answer.why,
    }


if __name__ == "__main__":
    asyncio.run(main())
