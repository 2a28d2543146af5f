import asyncio
import traceback
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from fake_server import FakeServer, completion, fault, says, sends, serving
from foretaste.adapters import http
from foretaste.adapters.models.openai import OpenAI
from foretaste.errors import ForetasteError, ItemFailed, ModelUnavailable, PlanError
from foretaste.protocols import Reply, Request, Token
from foretaste.records import Message, Stop, ToolCall

KEY = "sk-test-5f0c9a7e"
ASK = Request(messages=(Message(role="user", content="What is the capital of France?"),))
FAST = {"retry_after_ms": "0"}
Step = Callable[[web.Request], Any]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def ask(*script: Step, request: Request = ASK, **options: Any) -> tuple[Reply, FakeServer]:
    async def run() -> tuple[Reply, FakeServer]:
        async with (
            serving(*script) as fake,
            OpenAI(model="next", base_url=fake.url, **options) as model,
        ):
            return await model(request), fake

    return asyncio.run(run())


def test_a_plain_answer_becomes_a_reply() -> None:
    reply, _ = ask()

    assert (reply.message.role, reply.message.content) == ("assistant", "Paris.")
    assert (reply.stop, reply.asked_model) == (Stop.FINAL, "next")
    assert reply.answered_model == "next-2026-11-01"
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (11, 3)


def test_messages_and_tools_go_out_in_the_protocols_form() -> None:
    call = ToolCall(id="c1", name="add", arguments='{"a": 1')
    tool = {"type": "function", "function": {"name": "add"}}
    request = Request(
        messages=(
            Message(role="user", content="1+1", name="ann"),
            Message(role="assistant", content="", tool_calls=(call,), reasoning="hm"),
            Message(role="tool", content="2", tool_call_id="c1"),
        ),
        tools=(tool,),
    )
    _, fake = ask(request=request)

    function = {"name": "add", "arguments": '{"a": 1'}
    assert fake.bodies[0] == {
        "model": "next",
        "tools": [tool],
        "messages": [
            {"role": "user", "content": "1+1", "name": "ann"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c1", "type": "function", "function": function}],
            },
            {"role": "tool", "content": "2", "tool_call_id": "c1"},
        ],
    }


def test_known_settings_go_out_and_others_are_named_as_dropped() -> None:
    asked = {"temperature": 0, "top_k": 5, "n": 3, "tool_choice": "auto", "stop": None}
    reply, fake = ask(request=Request(messages=ASK.messages, settings=asked))

    assert fake.bodies[0].keys() == {"model", "messages", "temperature"}
    assert reply.sent == {"temperature": 0}
    assert reply.dropped == ("top_k", "n", "tool_choice")


def test_extra_sends_what_the_protocol_does_not_know_but_never_n() -> None:
    asked = {"top_k": 5, "n": 3}
    reply, fake = ask(request=Request(messages=ASK.messages, settings=asked), extra=True)

    assert fake.bodies[0]["top_k"] == 5
    assert "n" not in fake.bodies[0]
    assert reply.dropped == ("n",)


def test_a_schema_goes_out_as_the_response_format() -> None:
    schema = {"type": "object"}
    _, fake = ask(request=Request(messages=ASK.messages, schema=schema))

    assert fake.bodies[0]["response_format"]["json_schema"]["schema"] == schema


def test_a_refused_parameter_is_left_out_once_and_for_all() -> None:
    message = "Unsupported value: 'temperature' does not support 0.2 with this model."
    step = says(fault(message, param="temperature", code="unsupported_value"), 400)
    request = Request(messages=ASK.messages, settings={"temperature": 0.2, "top_p": 1})

    async def run() -> tuple[list[Reply], FakeServer]:
        async with (
            serving(step, says(completion())) as fake,
            OpenAI(model="next", base_url=fake.url) as model,
        ):
            return [await model(request), await model(request)], fake

    replies, fake = asyncio.run(run())

    assert len(fake.bodies) == 3
    assert {reply.dropped for reply in replies} == {("temperature",)}
    assert all(reply.sent == {"top_p": 1} for reply in replies)


def test_a_refused_max_tokens_goes_out_under_its_newer_name() -> None:
    message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    step = says(fault(message, code="unsupported_parameter"), 400)
    request = Request(messages=ASK.messages, settings={"max_tokens": 9})
    reply, fake = ask(step, says(completion()), request=request)

    assert fake.bodies[1]["max_completion_tokens"] == 9
    assert reply.sent == {"max_completion_tokens": 9}
    assert reply.dropped == ("max_tokens (sent as max_completion_tokens)",)


def test_a_400_that_refuses_no_setting_fails_the_item() -> None:
    with pytest.raises(ItemFailed, match="HTTP 400: prompt too long") as caught:
        ask(
            says(fault("prompt too long"), 400),
            request=Request(messages=ASK.messages, settings={"temperature": 1}),
        )

    assert type(caught.value) is ItemFailed


def test_tool_calls_reasoning_and_odd_arguments_are_read() -> None:
    calls = [
        {"id": "a", "function": {"name": "f", "arguments": "{not json"}},
        {"function": {"name": "g", "arguments": {"x": 1}}},
    ]
    body = completion(None, tool_calls=calls, reasoning_content="first f, then g")
    body["choices"][0]["finish_reason"] = "tool_calls"
    reply, _ = ask(says(body))

    assert reply.message.tool_calls == (
        ToolCall(id="a", name="f", arguments="{not json"),
        ToolCall(id="call_1", name="g", arguments='{"x":1}'),
    )
    assert (reply.message.content, reply.message.reasoning) == ("", "first f, then g")


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("length", Stop.LENGTH),
        ("content_filter", Stop.FILTERED),
        ("function_call", Stop.FINAL),
        ("eos", Stop.UNKNOWN),
        (None, Stop.UNKNOWN),
    ],
)
def test_the_finish_reason_says_how_the_turn_ended(reason: str | None, stop: Stop) -> None:
    body = completion()
    body["choices"][0]["finish_reason"] = reason
    reply, _ = ask(says(body))

    assert reply.stop is stop


def test_a_refusal_in_its_own_field_is_the_answers_text() -> None:
    reply, _ = ask(says(completion(None, refusal="I cannot help with that.")))

    assert reply.message.content == "I cannot help with that."


def test_text_in_parts_is_joined() -> None:
    body = completion()
    parts = [{"type": "text", "text": "Par"}, {"type": "text", "text": "is."}]
    body["choices"][0]["message"]["content"] = parts
    reply, _ = ask(says(body))

    assert reply.message.content == "Paris."


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"<html>hello</html>", "not valid JSON"),
        (b'{"choices": [', "not valid JSON"),
        (b'"\xff"', "not valid JSON"),
        (b"[]", "no chat completion"),
        (b'{"choices": []}', "no choice"),
        (b'{"choices": [{"message": {"content": 7}}]}', "no chat completion"),
        (b'{"error": {"message": "upstream\\u001b[31m died"}}', r"an error: upstream \[31m died"),
        (b'{"error": "overloaded"}', "an error: overloaded"),
    ],
)
def test_an_answer_of_another_shape_fails_the_item(raw: bytes, reason: str) -> None:
    with pytest.raises(ItemFailed, match=reason):
        ask(sends(raw))


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_passing_trouble_is_tried_again(status: int) -> None:
    reply, fake = ask(says(fault("busy"), status, **FAST), says(completion()))

    assert reply.message.content == "Paris."
    assert len(fake.bodies) == 2


def test_trouble_that_stays_fails_the_item_after_all_tries() -> None:
    with pytest.raises(ItemFailed, match=r"HTTP 503: busy \(3 tries\)"):
        ask(says(fault("busy"), 503, **FAST), retries=2)


def test_a_server_that_does_not_answer_in_time_fails_the_item() -> None:
    async def hang(_: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    with pytest.raises(ItemFailed, match="in time"):
        ask(hang, timeout=0.05, retries=0)


def test_a_connection_that_breaks_is_tried_again() -> None:
    def hang_up(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    reply, _ = ask(hang_up, says(completion()))

    assert reply.message.content == "Paris."


def test_nobody_listening_makes_the_model_unavailable() -> None:
    async def run() -> None:
        async with serving() as fake:
            url = fake.url
        async with OpenAI(model="next", base_url=url, retries=0) as model:
            await model(ASK)

    with pytest.raises(ModelUnavailable, match="no connection"):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, fault("Incorrect API key provided")),
        (403, fault("no access")),
        (404, fault("The model `next` does not exist", code="model_not_found")),
        (429, fault("You exceeded your quota", code="insufficient_quota")),
    ],
)
def test_what_fails_every_request_makes_the_model_unavailable_at_once(
    status: int, body: dict[str, Any]
) -> None:
    with pytest.raises(ModelUnavailable, match=f"HTTP {status}: {body['error']['message']}"):
        ask(says(body, status))


def test_a_prompt_that_a_gateway_flags_fails_the_item_only() -> None:
    body = fault("flagged", metadata={"flagged_input": "..."})

    with pytest.raises(ItemFailed, match="HTTP 403: flagged"):
        ask(says(body, 403))


def test_a_redirect_is_never_followed() -> None:
    reached: list[str] = []

    async def run() -> None:
        def elsewhere(request: web.Request) -> web.Response:
            reached.append(str(request.url))
            return web.json_response(completion())

        async with serving(elsewhere) as other:
            away = says({}, 307, Location=f"{other.url}/chat/completions")
            async with serving(away) as fake, OpenAI(model="next", base_url=fake.url) as model:
                await model(ASK)

    with pytest.raises(ModelUnavailable, match="redirects"):
        asyncio.run(run())
    assert reached == []


def test_an_answer_that_unpacks_beyond_the_limit_is_refused() -> None:
    def bomb(_: web.Request) -> web.Response:
        response = web.Response(body=b" " * (http.MAX_ANSWER_BYTES + 1))
        response.enable_compression()
        return response

    with pytest.raises(ItemFailed, match="larger than 32 MiB"):
        ask(bomb)


def test_a_key_that_the_server_echoes_is_in_no_error() -> None:
    echo = f"bad key {KEY}\x1b[2J, sk-other-key-123, {'x' * 500}"

    with pytest.raises(ItemFailed) as caught:
        ask(says(fault(echo), 418))
    shown = "".join(traceback.format_exception(caught.value))
    assert "[key] [2J, [key], xxx" in shown
    assert KEY not in shown
    assert "sk-other" not in shown
    assert "\x1b" not in shown
    assert len(str(caught.value)) < 220


def test_the_key_goes_out_as_a_header_and_shows_nowhere_else() -> None:
    async def run() -> tuple[FakeServer, str]:
        async with serving() as fake, OpenAI(model="next", base_url=fake.url) as model:
            reply = await model(ASK)
            return fake, repr(model) + repr(reply) + repr(model._link.transport)

    fake, shown = asyncio.run(run())

    assert fake.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert KEY not in shown


def test_a_remote_server_without_a_key_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEAM_KEY", raising=False)
    model = OpenAI(model="next", base_url="https://models.example/v1", key_from="TEAM_KEY")

    with pytest.raises(ModelUnavailable, match="TEAM_KEY is not set"):
        asyncio.run(enter(model))


def test_a_local_server_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    _, fake = ask()

    assert "Authorization" not in fake.headers[0]


@pytest.mark.parametrize("key", ["sk-a\nX-Evil: 1", "sk-ключ"])
def test_a_key_that_no_header_can_hold_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)

    with pytest.raises(ModelUnavailable, match="OPENAI_API_KEY holds characters") as caught:
        asyncio.run(enter(OpenAI(model="next")))
    assert key not in str(caught.value)


def test_the_environment_moves_the_default_server(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> list[int]:
        async with serving() as moved, serving() as named:
            monkeypatch.setenv("OPENAI_BASE_URL", moved.url)
            for model in (OpenAI(model="next"), OpenAI(model="next", base_url=named.url + "/")):
                async with model:
                    await model(ASK)
            return [len(moved.bodies), len(named.bodies)]

    assert asyncio.run(run()) == [1, 1]


@pytest.mark.parametrize(
    "url", ["https://ann:hunter2@host/v1", "ftp://host/v1", "host/v1", "https://host/v1?hunter2"]
)
def test_an_unusable_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(PlanError, match="base_url") as caught:
        OpenAI(model="next", base_url=url)

    assert "hunter2" not in str(caught.value)


def test_credentials_in_the_environments_address_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://ann:hunter2@host/v1")

    with pytest.raises(PlanError, match="OPENAI_BASE_URL holds credentials"):
        asyncio.run(enter(OpenAI(model="next")))


def test_a_model_entered_twice_stays_open_until_it_is_left_twice() -> None:
    async def run() -> Reply:
        async with serving() as fake, OpenAI(model="next", base_url=fake.url) as model:
            async with model:
                pass
            return await model(ASK)

    assert asyncio.run(run()).message.content == "Paris."


def test_a_model_that_was_left_refuses_to_be_asked() -> None:
    async def run() -> None:
        async with serving() as fake:
            async with OpenAI(model="next", base_url=fake.url) as model:
                session = model._link.transport.session  # type: ignore[union-attr]
            assert session.closed
            await model(ASK)

    with pytest.raises(ForetasteError, match="before it was entered"):
        asyncio.run(run())


def test_text_that_is_not_valid_unicode_fails_the_item() -> None:
    with pytest.raises(ItemFailed, match="Unicode"):
        ask(request=Request(messages=(Message(role="user", content="\ud800"),)))


def test_sessions_take_no_proxy_from_the_environment_unless_told() -> None:
    async def run(*, trust_env: bool) -> aiohttp.ClientSession:
        model = OpenAI(model="next", base_url="http://127.0.0.1:9/v1", trust_env=trust_env)
        async with model:
            assert model._link.transport is not None
            return model._link.transport.session

    assert [asyncio.run(run(trust_env=t)).trust_env for t in (False, True)] == [False, True]


async def enter(model: OpenAI) -> None:
    async with model:
        pass


LIKELY = Request(messages=ASK.messages, settings={"max_tokens": 4}, likeliest=20)


def told(*tokens: Any) -> Step:
    body = completion()
    body["choices"][0]["logprobs"] = {"content": list(tokens)}
    return says(body)


def test_the_likeliest_tokens_are_asked_for_and_read() -> None:
    likely = [{"token": "Yes", "logprob": -0.1}, {"token": "No", "logprob": None}]
    reply, fake = ask(
        told({"token": "Yes", "logprob": -0.1, "top_logprobs": likely}), request=LIKELY
    )

    assert (fake.bodies[0]["logprobs"], fake.bodies[0]["top_logprobs"]) == (True, 20)
    assert reply.tokens == (Token("Yes", (("Yes", -0.1),)),)
    assert "logprobs" not in ask()[1].bodies[0]


@pytest.mark.parametrize("odd", ["?", {"token": 3}, {"token": "a", "top_logprobs": "b"}])
def test_odd_probabilities_cost_no_answer(odd: Any) -> None:
    reply, _ = ask(told(odd), request=LIKELY)

    assert (reply.message.content, reply.tokens) == ("Paris.", ())


@pytest.mark.parametrize(
    "said",
    [
        fault("logprobs are not supported with reasoning models."),
        fault("Requested sample logprobs of 20, which is greater than max allowed: 5"),
        fault("Unknown parameter: 'top_logprobs'.", param="top_logprobs"),
    ],
)
def test_a_server_that_tells_no_probabilities_still_answers(said: Any) -> None:
    reply, fake = ask(says(said, 400), says(completion()), request=LIKELY)

    assert reply.message.content == "Paris."
    assert "logprobs" in reply.dropped
    assert fake.bodies[1].keys() == fake.bodies[0].keys() - {"logprobs", "top_logprobs"}
