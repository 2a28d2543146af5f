import asyncio
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from foretaste.adapters.models import weights
from foretaste.adapters.models.embedded import Embedded
from foretaste.errors import ForetasteError, ItemFailed, MachineFailed, PlanError, UnknownName
from foretaste.protocols import Reply, Request
from foretaste.records import JSON, Message, Stop, ToolCall

ENGINE = importlib.util.find_spec("xllamacpp") is not None
needs_engine = pytest.mark.skipif(not ENGINE, reason="xllamacpp is not installed")
needs_weights = pytest.mark.skipif(
    not ENGINE or weights.find("smollm2") is None,
    reason="the engine or the weights of smollm2 are not installed",
)
HELLO = (Message(role="user", content="Say hello to my cat."),)


def ask(*requests: Request, model: Embedded) -> list[Reply]:
    async def run() -> list[Reply]:
        async with model:
            return list(await asyncio.gather(*map(model, requests)))

    return asyncio.run(run())


def small(**options: JSON) -> Embedded:
    return Embedded(**{"threads": 1, "slots": 1, "context": 512, "max_tokens": 8, **options})


@needs_weights
@pytest.mark.embedded
def test_the_same_request_and_seed_give_the_same_text_in_one_slot() -> None:
    requests = [Request(messages=HELLO, seed=seed) for seed in (1, 1, 2)]
    first, again, other = ask(*requests, model=small())

    assert first.message.content
    assert first.message == again.message != other.message
    assert first.answered_model == "SmolLM2-135M-Instruct.Q4_1.gguf@b179c9523d0e"
    assert first.usage.input_tokens > first.usage.output_tokens > 0


@needs_weights
@pytest.mark.embedded
def test_settings_are_sent_or_named_as_dropped() -> None:
    call = ToolCall(id="1", name="look", arguments="{}")
    request = Request(
        messages=(
            *HELLO,
            Message(role="assistant", content="", tool_calls=(call,)),
            Message(role="tool", content="42", tool_call_id="1"),
        ),
        settings={"max_tokens": 2, "temperature": 0, "user": "u", "seed": -1, "tool_choice": "x"},
        tools=({"type": "function", "function": {"name": "look"}},),
    )
    (reply,) = ask(request, model=small(tools="drop"))

    assert reply.sent == {"max_tokens": 2, "temperature": 0, "seed": 2**32 - 2}
    assert reply.dropped == ("user", "tool_choice", "tools", "tool_calls")
    assert (reply.stop, reply.usage.output_tokens) == (Stop.LENGTH, 2)


@needs_weights
@pytest.mark.embedded
def test_a_schema_is_kept() -> None:
    schema = {
        "type": "object",
        "properties": {"answer": {"enum": ["yes", "no"]}},
        "required": ["answer"],
        "additionalProperties": False,
    }
    (reply,) = ask(Request(messages=HELLO, schema=schema), model=small(max_tokens=40))

    assert json.loads(reply.message.content)["answer"] in ("yes", "no")


def tool(name: str, parameters: JSON) -> JSON:
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


FEED = tool(
    "feed",
    {
        "type": "object",
        "properties": {"food": {"enum": ["fish", "milk"]}, "grams": {"type": "integer"}},
        "required": ["food", "grams"],
    },
)


@needs_weights
@pytest.mark.embedded
def test_a_tool_is_called_as_its_schema_says_and_the_same_seed_calls_it_again() -> None:
    request = Request(
        messages=HELLO,
        tools=(FEED,),
        settings={"tool_choice": "required", "stop": ["fish"], "temperature": 0.5},
        seed=3,
    )
    reply, again = ask(request, request, model=small(max_tokens=60))
    (call,) = reply.message.tool_calls
    given = json.loads(call.arguments)

    assert (call.name, reply.message.content, reply.stop) == ("feed", "", Stop.FINAL)
    assert given.keys() == {"food", "grams"}
    assert given["food"] in ("fish", "milk")
    assert again == reply
    assert reply.dropped == ("stop",)
    assert (reply.sent["tools"], reply.sent["tool_choice"]) == ("prompt", "required")


@needs_weights
@pytest.mark.embedded
def test_a_model_that_may_call_nothing_says_something() -> None:
    settings = {"tool_choice": "none", "response_format": {"type": "json_object"}, "user": "u"}
    request = Request(messages=HELLO, tools=(FEED,), settings=settings)
    (reply,) = ask(request, model=small(max_tokens=12))

    assert not reply.message.tool_calls
    assert reply.message.content
    assert "say" not in reply.message.content
    assert reply.dropped == ("response_format", "user")


@needs_weights
@pytest.mark.embedded
def test_results_of_tools_are_cut_until_the_prompt_fits_and_the_reply_says_so() -> None:
    call = ToolCall(id="1", name="feed", arguments='{"food":"fish","grams":1}')
    messages = (
        *HELLO,
        Message(role="assistant", content="", tool_calls=(call,)),
        Message(role="tool", content="meow, 12 " * 900, tool_call_id="1"),
    )
    (reply,) = ask(Request(messages=messages, tools=(FEED,)), model=small(max_tokens=60))

    assert reply.dropped == ("context",)
    assert 256 < reply.usage.input_tokens < 512
    with pytest.raises(ItemFailed, match="does not fit the context of 512"):
        ask(Request(messages=messages, tools=(FEED,)), model=small(tools="drop"))


@needs_weights
@pytest.mark.embedded
def test_a_prompt_with_tools_fails_where_there_is_nothing_to_cut() -> None:
    long = Request(messages=(Message(role="user", content="cat " * 600),), tools=(FEED,))

    with pytest.raises(ItemFailed, match=r"prefix of \d+ tokens does not fit the context of 512"):
        ask(long, model=small())


ODD: list[JSON] = [
    None,
    {},
    {"properties": {}},
    {"type": "object", "properties": {'a"\n\\': {"type": "strin"}, "": {"enum": [None, [1]]}}},
    {"properties": {"a": {"$ref": "#/properties/a"}, "b": {"anyOf": [{}, 3]}}, "required": ["q"]},
    {"properties": {"a": {"type": ["string", "null"], "maxLength": 0, "pattern": "("}}},
    {"type": "object", "properties": {"a": {"type": "array", "maxItems": 0, "items": False}}},
]


@needs_weights
@pytest.mark.embedded
def test_whatever_a_tool_s_schema_holds_the_engine_takes_it() -> None:
    requests = [
        Request(messages=HELLO, tools=(tool("t", odd),), settings={"tool_choice": "required"})
        for odd in ODD
    ]
    replies = ask(*requests, model=small(max_tokens=4))

    assert [reply.stop in (Stop.FINAL, Stop.LENGTH) for reply in replies] == [True] * len(ODD)


@needs_weights
@pytest.mark.embedded
def test_a_prefix_that_does_not_fit_fails_and_is_never_cut() -> None:
    long = Request(messages=(Message(role="user", content="cat " * 600),))

    with pytest.raises(ItemFailed, match=r"prefix of 6\d\d tokens does not fit the context of 512"):
        ask(long, model=small())


@needs_weights
@pytest.mark.embedded
@pytest.mark.parametrize(
    "request_",
    [
        Request(messages=HELLO, settings={"max_tokens": "many"}),
        Request(messages=(Message(role="user", content="\ud800"),)),
    ],
)
def test_a_request_that_the_engine_cannot_take_fails_alone(request_: Request) -> None:
    with pytest.raises(ItemFailed):
        ask(request_, model=small())


@needs_weights
@pytest.mark.embedded
def test_the_engine_writes_nothing_to_the_terminal() -> None:
    code = """
import asyncio
from foretaste.adapters.models.embedded import Embedded
from foretaste.protocols import Request
from foretaste.records import Message
async def run():
    async with Embedded(threads=1, slots=1, context=256, max_tokens=2) as model:
        await model(Request(messages=(Message(role="user", content="Hi"),)))
asyncio.run(run())
"""
    source = str(Path(__file__).parents[4] / "src")
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {source!r})\n{code}"]
    done = subprocess.run(command, capture_output=True, check=True)

    assert (done.stdout, done.stderr) == (b"", b"")


@needs_engine
def test_a_file_that_is_no_model_stops_the_machine(tmp_path: Path) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(b"GGUF and then nothing")

    with pytest.raises(MachineFailed, match=r"cannot load bad\.gguf"):
        ask(model=small(model=str(path)))


def test_a_file_of_another_hash_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORETASTE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")

    with pytest.raises(PlanError, match="the plan says 0000"):
        ask(model=small(model=str(path), sha256="0" * 64))


def test_missing_weights_say_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORETASTE_CACHE", str(tmp_path))
    monkeypatch.setattr("sys.path", [])

    with pytest.raises(PlanError, match=r"smollm2' \(98 MB\) are not on this machine"):
        ask(model=small())


def test_a_model_that_is_neither_known_nor_a_file_is_refused() -> None:
    with pytest.raises(UnknownName, match="unknown model 'smollm'"):
        ask(model=small(model="smollm"))


def test_a_model_that_was_not_entered_refuses_to_be_asked() -> None:
    with pytest.raises(ForetasteError, match="before it was entered"):
        asyncio.run(small()(Request(messages=HELLO)))


@pytest.mark.parametrize("option", ["threads", "slots", "context", "max_tokens"])
def test_an_option_below_one_is_refused(option: str) -> None:
    with pytest.raises(PlanError, match=option):
        small(**{option: 0})


def test_tools_are_told_or_dropped_and_nothing_else() -> None:
    with pytest.raises(PlanError, match="tools is 'native'"):
        small(tools="native")


@needs_weights
@pytest.mark.embedded
def test_the_embedded_model_tells_how_likely_its_tokens_were() -> None:
    (reply,) = ask(Request(messages=HELLO, likeliest=20, seed=1), model=small())

    assert "".join(token.text for token in reply.tokens).strip() == reply.message.content.strip()
    assert all(len(token.likeliest) == 20 for token in reply.tokens)
    assert all(chance <= 0 for token in reply.tokens for _, chance in token.likeliest)
