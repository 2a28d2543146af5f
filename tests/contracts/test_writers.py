"""What every writer keeps: all that a conversation holds comes back, whatever was on the way."""

import io
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import import_module
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.test_readers import shared
from foretaste.adapters.readers.detect import detect
from foretaste.protocols import Reader, Writer
from foretaste.records import (
    Conversation,
    Dialogue,
    Failure,
    Gap,
    Label,
    Message,
    Stop,
    ToolCall,
)

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
BOTH_WAYS = ("openai-chat", "atif", "inspect-eval", "parquet")


def _family(name: str) -> dict[str, type[Any]]:
    points = tomllib.loads(PROJECT.read_text())["project"]["entry-points"][f"foretaste.{name}"]
    places = {name: place.split(":") for name, place in points.items()}
    return {name: getattr(import_module(module), cls) for name, (module, cls) in places.items()}


READERS, WRITERS = _family("readers"), _family("writers")

TEXT = st.text(max_size=8)
NAME = TEXT | st.sampled_from(["user", "agent", "task", "foretaste", "temperature", "user_id"])
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
ARGUMENTS = TEXT | st.sampled_from(["{}", '{"a": 1}', '{"a":1}', "[1]", '{"a":1,"a":2}', "{"])
CALLS = st.builds(ToolCall, id=TEXT, name=TEXT, arguments=ARGUMENTS)
MESSAGES = st.builds(
    Message,
    role=st.sampled_from(["system", "user", "assistant", "tool"]),
    content=TEXT,
    name=st.none() | TEXT,
    reasoning=st.none() | TEXT,
    tool_calls=st.lists(CALLS, max_size=2).map(tuple),
    tool_call_id=st.none() | TEXT,
    seconds=st.none() | NUMBER,
)
LABELS = st.builds(
    Label,
    name=TEXT,
    value=TEXT | NUMBER | st.booleans(),
    message=st.none() | st.integers(0, 3),
    by=TEXT | st.just("human"),
)
TIMES = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001  # hypothesis wants it so
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    messages = tuple(draw(st.lists(MESSAGES, min_size=1, max_size=6)))
    effort = st.just({"reasoning_effort": "high"})
    setting = NAME | st.sampled_from(["stop", "seed", "max_tokens", "reasoning_effort", "n"])
    dialogue = Dialogue(
        messages=messages,
        settings=draw(st.dictionaries(setting, JSON_VALUES, max_size=3) | effort),
        tools=tuple(draw(st.lists(JSON_VALUES, max_size=2))),
        model=draw(st.none() | TEXT),
        started_at=draw(st.none() | TIMES),
        tags=draw(st.dictionaries(NAME, TEXT, max_size=3)),
        gaps=tuple(draw(st.lists(st.sampled_from(Gap), max_size=2, unique=True))),
        own_from=draw(st.integers(0, len(messages))),
        stop=draw(st.sampled_from(Stop)),
        labels=tuple(draw(st.lists(LABELS, max_size=2))),
        origins=draw(st.dictionaries(st.sampled_from("0123"), TEXT, max_size=2)),
    )
    return Conversation(
        dialogue=dialogue,
        source="log",
        line=1,
        key=draw(st.none() | TEXT),
        user=draw(st.none() | TEXT),
    )


def write(name: str, records: Iterable[Conversation], path: Path) -> Path:
    writer: Writer = WRITERS[name]()
    with path.open("wb") as stream:
        writer(records, stream)
    return path


def read(name: str, path: Path) -> list[Conversation | Failure]:
    reader: Reader = READERS[name](path=str(path))
    return list(reader())


def passed(records: list[Conversation], way: Iterable[str], folder: Path) -> list[Conversation]:
    """The records after they were written and read in one format after the other."""
    for step, name in enumerate(way):
        path = write(name, records, folder / f"{step}")
        assert detect(str(path), READERS) == name
        found = read(name, path)
        assert [each for each in found if isinstance(each, Failure)] == []
        records = [each for each in found if isinstance(each, Conversation)]
    return records


def said(records: Iterable[Conversation]) -> list[Any]:
    return [(each.dialogue, each.key, each.user) for each in records]


@pytest.mark.parametrize("name", BOTH_WAYS)
@settings(max_examples=100, deadline=None)
@given(records=st.lists(conversations(), min_size=1, max_size=3))
def test_all_of_a_conversation_comes_back(
    name: str, records: list[Conversation], tmp_path_factory: pytest.TempPathFactory
) -> None:
    back = passed(records, [name], tmp_path_factory.mktemp("way"))

    assert said(back) == said(records)


@settings(max_examples=30, deadline=None)
@given(
    records=st.lists(conversations(), min_size=1, max_size=3),
    way=st.sampled_from(list(permutations(BOTH_WAYS))),
)
def test_formats_in_any_order_lose_nothing(
    records: list[Conversation],
    way: tuple[str, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    back = passed(records, way, tmp_path_factory.mktemp("way"))

    assert said(back) == said(records)
    ids = [(one.id, other.id) for one, other in zip(records, back, strict=True) if one.key]
    assert [one for one, _ in ids] == [other for _, other in ids]


def test_real_trajectories_lose_nothing(tmp_path: Path) -> None:
    path = shared("agents/airline") / "trajectories.jsonl"
    records = [
        each for each in read(detect(str(path), READERS), path) if isinstance(each, Conversation)
    ]
    assert len(records) > 50

    back = passed(records, [*BOTH_WAYS, "openai-chat"], tmp_path)

    assert said(back) == said(records)
    assert [each.id for each in back] == [each.id for each in records]


@pytest.mark.parametrize("name", WRITERS)
def test_a_log_without_conversations_is_written_too(name: str, tmp_path: Path) -> None:
    path = write(name, [], tmp_path / "log")

    assert path.exists()


@pytest.mark.parametrize("name", WRITERS)
def test_writing_twice_gives_the_same_bytes(name: str) -> None:
    record = Conversation(
        dialogue=Dialogue(messages=(Message(role="user", content="q"),)), source="log", line=1
    )
    written = [io.BytesIO(), io.BytesIO()]
    for stream in written:
        WRITERS[name]()([record, record], stream)

    assert written[0].getvalue() == written[1].getvalue()


@pytest.mark.parametrize("name", WRITERS)
def test_a_writer_holds_few_conversations_at_a_time(name: str, tmp_path: Path) -> None:
    """The next one is asked for before the last ones are forgotten, but not all of them."""
    import gc
    import weakref

    alive: list[weakref.ref[Any]] = []
    most = 0

    class Watched(Conversation):
        """A slotted record has no weak references."""

    def made() -> Iterable[Conversation]:
        nonlocal most
        message = Message(role="user", content="q" * (1 << 20))
        for n in range(64):
            record = Watched(
                dialogue=Dialogue(messages=(message,)), source="log", line=n, key=f"k{n}"
            )
            alive.append(weakref.ref(record))
            yield record
            del record
            gc.collect()
            most = max(most, sum(each() is not None for each in alive))

    gc.freeze()  # what other tests left behind takes a second to look through, each time
    try:
        write(name, made(), tmp_path / "log")
    finally:
        gc.unfreeze()

    assert most <= 20
