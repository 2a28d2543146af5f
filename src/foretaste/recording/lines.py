"""A call as one line of a log, in the form that its reader knows."""

import re
import zlib
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import zstandard

from foretaste.adapters.readers import openai_spellings, responses_call
from foretaste.adapters.readers.events import events_of
from foretaste.adapters.readers.files.streams import LONGEST
from foretaste.dialects import anthropic_stream
from foretaste.dialects.said import Unreadable
from foretaste.records import JSON

CODINGS = ("gzip", "deflate", "zstd")
"""Compressions of bodies that can be undone for the record."""

_LINE_BREAKS = bytes.maketrans(b"\r\n", b"  ")
# Where the two providers take keys of others within a body: MCP servers that they are to ask.
_MAY_HOLD_KEYS = re.compile(rb'"(?:mcp_servers|server_url|connector_id)"')
_KEYS = ("authorization_token", "authorization", "headers")


class Exchange(NamedTuple):
    """What went through the proxy, as it went through."""

    format: str  # the reader's name
    asked: bytes
    asked_coding: str  # Content-Encoding of the request
    answered: list[bytes]
    coding: str  # Content-Encoding of the response
    streamed: bool
    began: float  # Unix seconds
    seconds: float  # from then to the last byte
    first_seconds: float  # from then to the first byte of the answer
    cut: str | None  # why it ended early

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.asked) + sum(map(len, self.answered))


class _Line(msgspec.Struct, omit_defaults=True):
    request: JSON
    response: JSON
    timestamp: str
    seconds: float
    first_seconds: float
    cut: str | None = None


def line_of(call: Exchange) -> bytes:
    """A call as a line that ends with a line break. Headers and addresses never come here.

    Raises:
        Unreadable: the answer holds nothing, or a body is compressed in a way that is not known.
        msgspec.MsgspecError: a body is not JSON.
        UnicodeError: it is not UTF-8.
        RecursionError: it is nested too deeply.
    """
    asked = decoded(call.asked, call.asked_coding)
    answered = decoded(b"".join(call.answered), call.coding)
    if call.streamed:
        response: JSON = _folded(call.format, answered)
    else:
        response = _as_it_is(answered)
    line = msgspec.json.encode(
        _Line(
            request=_as_it_is(asked),
            response=response,
            timestamp=datetime.fromtimestamp(call.began, UTC).isoformat(timespec="milliseconds"),
            seconds=round(call.seconds, 4),
            first_seconds=round(call.first_seconds, 4),
            cut=call.cut,
        )
    )
    if len(line) >= LONGEST:
        raise Unreadable("the call is longer than a log's line may be")
    return line + b"\n"


def decoded(data: bytes, coding: str) -> bytes:
    """A body without its compression; of one that was cut, what there is.

    Raises:
        Unreadable: the compression is not known, or the body unpacks to too much.
    """
    for name in reversed([each.strip().lower() for each in coding.split(",")]):
        if name in ("", "identity"):
            continue
        if name.removeprefix("x-") not in CODINGS:
            raise Unreadable("a body is compressed in a way that is not known")
        data = _unpacked(data, name)
    return data


def _unpacked(data: bytes, coding: str) -> bytes:
    try:
        if coding == "zstd":
            with zstandard.ZstdDecompressor().stream_reader(data) as stream:
                found = stream.read(LONGEST + 1)
        else:
            # 47: gzip's header or zlib's; some servers send deflate without any.
            bare = coding == "deflate" and data[:1] and data[0] & 15 != 8
            found = zlib.decompressobj(-15 if bare else 47).decompress(data, LONGEST + 1)
    except (zlib.error, zstandard.ZstdError) as error:
        raise Unreadable("a body cannot be decompressed") from error
    if len(found) > LONGEST:
        raise Unreadable("a body is longer than a log's line may be")
    return found


def _as_it_is(body: bytes) -> JSON:
    """A JSON body, unparsed wherever it can be."""
    if _MAY_HOLD_KEYS.search(body):
        return without_keys(msgspec.json.decode(body))
    msgspec.json.decode(body, type=msgspec.Raw)  # raises where it is none
    if not body.lstrip().startswith(b"{"):
        raise Unreadable("a body is not a JSON object")
    body.decode()  # raises where it is none
    # Outside of strings a line break is white space, and inside there can be none.
    return msgspec.Raw(body.translate(_LINE_BREAKS))


def without_keys(body: JSON) -> JSON:
    """A body without what it lets the provider show to MCP servers."""
    if not isinstance(body, dict):
        raise Unreadable("a body is not a JSON object")
    for place in ("tools", "mcp_servers"):
        given = body.get(place)
        for each in given if isinstance(given, list) else ():
            if isinstance(each, dict):
                for name in _KEYS:
                    each.pop(name, None)
    return body


def _folded(kind: str, stream: bytes) -> JSON:
    """The answer that a stream came to; `cut_off` is true in it where it did not come to its end.

    Raises:
        Unreadable: there is no answer in it.
    """
    events = events_of(stream.decode("utf-8", "replace"))
    if kind == "anthropic-messages":
        return anthropic_stream.folded(events)
    if kind == "openai-responses":
        try:
            return without_keys(responses_call.folded(events))
        except Unreadable:
            return _begun(events)
    whole = openai_spellings.folded(events)
    whole.pop("object", None)  # it would say that it is a chunk
    if whole["choices"][0]["finish_reason"] is None:
        whole["cut_off"] = True
    return whole


def _begun(events: list[JSON]) -> JSON:
    """What had come of a response when its stream was cut."""
    response: dict[str, Any] = {}
    done: list[Any] = []
    opened: Any = None
    said: list[str] = []
    for event in events:
        if not isinstance(event, dict):
            continue
        kind, item = event.get("type"), event.get("item")
        if isinstance(event.get("response"), dict):
            response = event["response"]
        if kind == "error":
            raise Unreadable("the call failed")
        if kind == "response.output_item.added":
            opened = item
        elif kind == "response.output_item.done":
            done, opened, said = [*done, item], None, []
        elif kind == "response.output_text.delta" and isinstance(event.get("delta"), str):
            said.append(event["delta"])
    if said and isinstance(opened, dict):
        done.append({**opened, "content": [{"type": "output_text", "text": "".join(said)}]})
    if not done:
        raise Unreadable("the response holds no answer")
    ended = {"status": "incomplete", "incomplete_details": {"reason": "cut_off"}, "cut_off": True}
    return without_keys({**response, **ended, "output": done})
