"""The embedded model as an agent: whole turns with tools, in a run of the whole pipeline."""

import importlib.util
import json
from pathlib import Path

import pytest

import foretaste
from foretaste.adapters.models import weights
from foretaste.adapters.stores.files import Files
from foretaste.records import Failure, Lane, Rollout, Stop
from stories.planted import plan, write_log
from unit.adapters.simulators.shops import STOCK

QUESTIONS = ("How much tea is left?", "Buy two packs of tea, please.")
ITEM = {"enum": ["tea", "milk"], "description": "What to look up"}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "look",
            "description": "How much of an item is left, and its price.",
            "parameters": {"type": "object", "properties": {"item": ITEM}, "required": ["item"]},
        },
    },
    {
        "type": "function",
        "function": {
            "name": "buy",
            "description": "Buy an item.",
            "parameters": {
                "type": "object",
                "properties": {"item": ITEM, "count": {"enum": [1, 2]}},
                "required": ["item", "count"],
            },
        },
    },
]


@pytest.mark.embedded
@pytest.mark.skipif(
    importlib.util.find_spec("xllamacpp") is None or weights.find("smollm2") is None,
    reason="the engine or the weights of smollm2 are not installed",
)
def test_whole_turns_with_tools_run_on_this_machine(tmp_path: Path) -> None:
    lines = [
        {
            "model": "old",
            "id": str(number),
            "tool_choice": "required",
            "messages": [
                {"role": "user", "content": question},
                {"role": "assistant", "content": "Fine."},
            ],
        }
        for number, question in enumerate(QUESTIONS)
    ]
    (tmp_path / "tools.json").write_text(json.dumps(TOOLS))
    (tmp_path / "state.json").write_text(json.dumps(STOCK))
    log = write_log(tmp_path / "log.jsonl", lines)
    given = plan(tmp_path, log, {"alpha": 0.1})
    given["log"]["tools"] = str(tmp_path / "tools.json")
    foretaste.run(
        given
        | {
            "candidate": {
                "use": "embedded",
                "threads": 1,
                "slots": 1,
                "context": 1024,
                "max_tokens": 40,
            },
            "tools": {
                "use": "environment",
                "tools": "unit.adapters.simulators.shops:Shop",
                "state": str(tmp_path / "state.json"),
            },
            "turn": {"calls": 2},
        }
    )
    with Files(path=str(tmp_path / "run"), reading=True) as store:
        turns = [r for r in store.read(Rollout) if r.lane is Lane.CANDIDATE]
        failed = list(store.read(Failure))

    assert (len(turns), failed) == (len(QUESTIONS), [])
    for turn in turns:
        calls = [call for message in turn.messages for call in message.tool_calls]
        results = [message.content for message in turn.messages if message.role == "tool"]
        # The model has to call, so only the limit ends its turn.
        assert (turn.stop, len(calls), len(turn.answered)) == (Stop.TURN_LIMIT, 2, 2)
        assert {call.name for call in calls} <= {"look", "buy"}
        assert {json.loads(call.arguments)["item"] for call in calls} <= {"tea", "milk"}
        assert all(text.startswith(('{"left"', "1 ", "2 ", "Error: only")) for text in results)
        assert turn.dropped == ()
