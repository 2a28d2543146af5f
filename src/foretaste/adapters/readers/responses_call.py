"""One call of the Responses API: what was asked, what came back, and the dialogue they make."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from foretaste.adapters.readers.events import events_of
from foretaste.adapters.readers.labels import labels_in
from foretaste.adapters.readers.reading import Parsed, tags_of, time_of
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.responses import said
from foretaste.dialects.said import Unreadable
from foretaste.records import JSON, Dialogue, Gap, Stop

_DONE = ("completed", "incomplete", None)
_CUT = {"max_output_tokens": Stop.LENGTH, "content_filter": Stop.FILTERED}
_LAST_EVENTS = ("response.completed", "response.incomplete", "response.failed")
_SAME = {
    "temperature": "temperature",
    "top_p": "top_p",
    "max_output_tokens": "max_tokens",
    "parallel_tool_calls": "parallel_tool_calls",
}
_NUMBERS = ("temperature", "top_p", "max_tokens")


class Call(NamedTuple):
    """A request with its response; what one does not tell the other may."""

    request: Mapping[str, Any]
    response: Mapping[str, Any]
    input: list[JSON]
    cut_off: bool = False  # the log holds a part of the input only
    about: Mapping[str, Any] = {}  # what stands beside the two

    def told(self, name: str) -> JSON:
        """A field of the response, or else of the request."""
        value = self.response.get(name)
        return self.request.get(name) if value is None else value

    @property
    def output(self) -> list[JSON]:
        """The items that came back."""
        items = self.response.get("output")
        return items if isinstance(items, list) else []


def call_of(record: JSON, *, newest_first: bool | None = None) -> Call:
    """Tell request, response and input of a record apart.

    Args:
        record: `{request, response}`, or a response with its `input_items` or `input` beside it
            or in it.
        newest_first: how `input_items` are sorted; None: as can be told from the items.

    Raises:
        Unreadable: it is none of these, holds no input, or one whose order cannot be told.
    """
    if not isinstance(record, dict):
        raise Unreadable("the record is not an object")
    alone = record.get("response") is None and "request" not in record
    response = folded(record if alone else record.get("response"))
    request = _object(record.get("request"))
    places: tuple[dict[str, Any], ...] = (request, record, response)
    given = next((p["input"] for p in places if p.get("input") is not None), None)
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    if isinstance(given, list):
        return Call(request, response, given, about=record)
    given = next((p["input_items"] for p in places if p.get("input_items") is not None), None)
    more = False
    if isinstance(given, dict):
        more = given.get("has_more") is True
        given = given.get("data")
    if not isinstance(given, list):
        raise Unreadable("the log does not hold its input; fetch its input_items too")
    return Call(request, response, _in_order(given, backwards=newest_first), more, record)


def _object(value: JSON) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def folded(response: JSON) -> dict[str, Any]:
    """The response that a proxy logged whole, or as the events of its stream.

    Raises:
        Unreadable: it is neither, or its stream has no end.
    """
    if isinstance(response, dict):
        return response
    for event in reversed(events_of(response)):
        if isinstance(event, dict) and event.get("type") in _LAST_EVENTS:
            inner = event.get("response")
            if isinstance(inner, dict):
                return inner
    raise Unreadable("the call failed: there is no response, or a stream without its end")


def _in_order(items: list[JSON], *, backwards: bool | None) -> list[JSON]:
    """Items as they were sent: the API lists the newest first, unless it is asked otherwise."""
    if len(items) < 2:
        return items
    if backwards is None:
        backwards = _is_backwards(items)
    if backwards is None:
        raise Unreadable("the order of its input items cannot be told; set `newest_first`")
    return items[::-1] if backwards else items


def _is_backwards(items: list[JSON]) -> bool | None:
    """Whether results stand before their calls, or the system or the model has the last word."""
    calls: dict[object, int] = {}
    results: dict[object, int] = {}
    for at, item in enumerate(items):
        kind, call = (item.get("type"), item.get("call_id")) if isinstance(item, dict) else ("", "")
        if isinstance(kind, str) and isinstance(call, str) and call:
            (results if kind.endswith("_output") else calls).setdefault(call, at)
    for call in calls.keys() & results.keys():
        return results[call] < calls[call]
    first, last = _speaker(items[0]), _speaker(items[-1])
    if "system" in (first, last) and first != last:
        return last == "system"
    if "asked" in (first, last) and first != last:
        return first == "asked"
    return None


def _speaker(item: JSON) -> str:
    if not isinstance(item, dict):
        return ""
    if item.get("role") in ("system", "developer"):
        return "system"
    asked = item.get("role") == "user" or str(item.get("type")).endswith("_output")
    return "asked" if asked else "model"


def dialogue_of(call: Call, earlier: Iterable[JSON] = (), lost: Iterable[Gap] = ()) -> Parsed:
    """Make the dialogue of one call.

    Args:
        call: the call.
        earlier: items that stood in the model's context before this call's input.
        lost: what is known to be missing.

    Raises:
        Unreadable: the call failed, or has not the shape that it should have.
    """
    response = call.response
    if response.get("error") or response.get("status") not in _DONE:
        raise Unreadable("the call failed")
    told = call.told("instructions")
    first = [{"role": "system", "content": told}] if isinstance(told, str) and told else []
    before = said([*(told if isinstance(told, list) else first), *earlier, *call.input])
    answer = said(call.output)
    if not answer.messages:
        raise Unreadable("the response holds no answer")
    messages = before.messages + answer.messages

    usage = response.get("usage")
    thought = _object(_object(usage).get("output_tokens_details")).get("reasoning_tokens")
    missing = set(lost) | before.lost | answer.lost
    if thought and not any(message.reasoning for message in answer.messages):
        missing.add(Gap.REASONING)
    if call.cut_off:
        missing.add(Gap.TRUNCATED)
    settings = _settings(call)
    tools = tuple(_as_chat(tool) for tool in _list(call.told("tools")))
    model = call.told("model")
    model = model if isinstance(model, str) and model else None
    metadata = {k: v for each in (call.about, call.request, response) for k, v in _meta(each)}
    user = _user(call, metadata)
    began = next((v for v in map(response.get, ("created_at", "created")) if v is not None), None)
    started_at = time_of(began if isinstance(began, str | int | float) else None)
    has = {Gap.SETTINGS: settings, Gap.TOOLS: tools, Gap.MODEL: model}
    dialogue = Dialogue(
        messages=messages,
        settings=settings,
        tools=tools,
        model=model,
        started_at=started_at,
        tags=tags_of(metadata),
        gaps=gaps_of(messages, has=has | {Gap.TIME: started_at, Gap.USER: user}, lost=missing),
        own_from=len(before.messages),
        stop=_stop(response),
        labels=labels_in(**{k: call.about.get(k) for k in ("verdicts", "feedback", "labels")}),
    )
    key = response.get("id")
    return dialogue, key if isinstance(key, str) and key else None, user


def _stop(response: Mapping[str, Any]) -> Stop:
    if response.get("status") == "incomplete":
        reason = _object(response.get("incomplete_details")).get("reason")
        return _CUT.get(str(reason), Stop.UNKNOWN)
    return Stop.FINAL if response.get("status") == "completed" else Stop.UNKNOWN


def _settings(call: Call) -> dict[str, JSON]:
    """The sampling settings, by the names that they have in chat completions."""
    reasoning, text = _object(call.told("reasoning")), _object(call.told("text"))
    form = text.get("format")
    if isinstance(form, dict):
        kind = form.get("type")
        inner = {name: value for name, value in form.items() if name != "type"}
        form = {"type": kind, "json_schema": inner} if kind == "json_schema" else form
        form = None if kind == "text" else form
    choice = call.told("tool_choice")
    found = {
        **{name: call.told(theirs) for theirs, name in _SAME.items()},
        "reasoning_effort": reasoning.get("effort"),
        "verbosity": text.get("verbosity"),
        "response_format": form,
        "tool_choice": _as_chat(choice) if isinstance(choice, dict) else choice,
    }
    for name in _NUMBERS:
        value = found[name]
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise Unreadable(f"the setting {name} is not a number")
    return {name: value for name, value in found.items() if value is not None}


def _as_chat(tool: dict[str, Any]) -> dict[str, Any]:
    """A tool, or the choice of one, as chat completions name it; hosted ones stay as they are."""
    kind = tool.get("type")
    if kind not in ("function", "custom") or kind in tool or "name" not in tool:
        return tool
    return {"type": kind, kind: {name: value for name, value in tool.items() if name != "type"}}


def _list(value: JSON) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _meta(place: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    return _object(place.get("metadata")).items()


def _user(call: Call, metadata: Mapping[str, Any]) -> str | None:
    names = ("user", "safety_identifier", "user_id")
    places = (call.about, call.request, call.response, metadata)
    for value in (place.get(name) for name in names for place in places):
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return None
