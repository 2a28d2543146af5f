"""A provider for agent frameworks: what it answers, and what it was asked."""

import json
from typing import Any

from fake_server import FakeServer, Script, completion, says


def call(id_: str, name: str, **arguments: Any) -> dict[str, Any]:
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {"id": id_, "type": "function", "function": function}


def answers(content: str | None, *calls: dict[str, Any]) -> Any:
    """A whole answer, as the official client wants it."""
    said = completion(content, **({"tool_calls": list(calls)} if calls else {}))
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return says({"id": "c", "object": "chat.completion", "created": 1, **said, "usage": usage})


TURN: Script = (
    answers(None, call("1", "weather", city="Paris"), call("2", "weather", city="Nowhere")),
    answers("Rain in Paris."),
)
"""A turn that calls a tool twice at once, the second time in vain."""


def asked(fake: FakeServer, at: int) -> tuple[Any, ...]:
    """The messages of a request as any provider understands them: without what changes nothing."""
    return tuple(_message(message) for message in fake.bodies[at]["messages"])


def _message(message: dict[str, Any]) -> Any:
    calls = [
        (each["id"], each["function"]["name"], json.loads(each["function"]["arguments"]))
        for each in message.get("tool_calls") or ()
    ]
    return message["role"], message.get("content"), calls, message.get("tool_call_id")
