"""Functions that stand in for tools."""

import asyncio
from typing import Any

import pytest

from foretaste.adapters.simulators.functions import Functions
from foretaste.protocols import ToolAnswer
from foretaste.records import Message, Prefix, ToolCall

PREFIX = Prefix(
    parent="p",
    turn=1,
    turns=1,
    user="u",
    messages=(Message(role="user", content="Look!"),),
    recorded=(),
)
SEEN: list[Any] = []


def look(**given: Any) -> Any:
    SEEN.append(given)
    return {"seen": given}


async def wait() -> str:
    await asyncio.sleep(0)
    return "done"


def broken(at: str) -> str:
    raise KeyError(at)


def answer(name: str, arguments: str) -> ToolAnswer | None:
    session = Functions(functions={"look": look, "wait": wait, "broken": broken})(PREFIX)
    return asyncio.run(session(ToolCall(id="1", name=name, arguments=arguments)))


def content(name: str, arguments: str) -> str | None:
    found = answer(name, arguments)
    return found.content if found else None


def test_a_function_gets_the_arguments_by_name_and_its_json_is_the_answer() -> None:
    assert content("look", '{"at": "x", "deep": true}') == '{"seen":{"at":"x","deep":true}}'
    assert content("look", "") == '{"seen":{}}'


def test_an_asynchronous_function_is_awaited() -> None:
    assert content("wait", "{}") == "done"


def test_what_a_function_raises_is_the_tool_s_error() -> None:
    found = answer("broken", '{"at": "x"}')

    assert found is not None
    assert (found.content, found.done) == ("Error: KeyError: 'x'", False)
    missing = content("broken", "{}")
    assert missing is not None
    assert missing.startswith("Error: TypeError:")


@pytest.mark.parametrize(
    "arguments", ["{broken", "[1]", '"x"', "null", "1", "[" * 100_000, "\ud800"]
)
def test_a_function_is_never_called_with_what_is_no_object(arguments: str) -> None:
    SEEN.clear()

    assert content("look", arguments) == "Error: the arguments are not a JSON object"
    assert SEEN == []


def test_a_call_of_another_tool_stays_open() -> None:
    assert answer("unknown", "{}") is None
