"""Codex CLI, written by hand from its schema: no package makes rollouts."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foretaste.adapters.readers.codex import Codex
from foretaste.errors import LogError
from foretaste.records import Conversation, Failure, Gap, Stop
from foretaste.turns import turns

BEGUN = "2026-01-02T03:04:05.000Z"
META = {
    "id": "s1",
    "timestamp": BEGUN,
    "cwd": "/home/somebody/project",
    "originator": "codex_cli_rs",
    "cli_version": "0.60.1",
    "source": "cli",
    "model_provider": "openai",
    "base_instructions": {"text": "You are Codex."},
    "git": {
        "commit_hash": "a" * 40,
        "branch": "main",
        "repository_url": "https://token@example.org/a/b.git",
    },
}
TURN = {
    "turn_id": "t1",
    "cwd": "/home/somebody/project",
    "approval_policy": "on-request",
    "sandbox_policy": {"mode": "workspace-write"},
    "model": "gpt-5-codex",
    "effort": "high",
    "summary": "auto",
}
PUT_IN = "<environment_context>\n  <shell>zsh</shell>\n</environment_context>"


def message(role: str, text: str) -> dict[str, Any]:
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}


def item(payload: dict[str, Any], **more: Any) -> dict[str, Any]:
    return line("response_item", payload, **more)


def line(kind: str, payload: dict[str, Any], timestamp: str = BEGUN) -> dict[str, Any]:
    return {"timestamp": timestamp, "type": kind, "payload": payload}


def event(kind: str, **more: Any) -> dict[str, Any]:
    return line("event_msg", {"type": kind, **more})


def prompt(text: str) -> list[dict[str, Any]]:
    return [item(message("user", text)), event("user_message", message=text)]


def answer(text: str) -> list[dict[str, Any]]:
    return [item(message("assistant", text)), event("agent_message", message=text)]


START = [line("session_meta", META), item(message("user", PUT_IN)), line("turn_context", TURN)]
CALL = [
    item({"type": "reasoning", "summary": [], "encrypted_content": "x"}),
    item(
        {
            "type": "function_call",
            "name": "shell",
            "arguments": '{"command":["ls"]}',
            "call_id": "c1",
        }
    ),
    item({"type": "function_call_output", "call_id": "c1", "output": "a.py"}),
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "rollout.jsonl"


def read(log: Path, *lines: Any) -> list[Conversation | Failure]:
    log.write_text("".join(json.dumps(each) + "\n" for each in lines))
    return list(Codex(path=str(log))())


def only(log: Path, *lines: Any) -> Conversation:
    (found,) = read(log, *lines)
    assert isinstance(found, Conversation), found
    return found


def texts(found: Conversation | Failure) -> list[tuple[str, str]]:
    assert isinstance(found, Conversation), found
    return [(m.role, m.content) for m in found.dialogue.messages]


def answered(found: Conversation | Failure) -> list[str]:
    """What was said in the turns that count."""
    assert isinstance(found, Conversation), found
    messages = found.dialogue.messages
    return [messages[turn.end - 1].content for turn in turns(found.dialogue)]


def test_a_session_is_read_with_its_calls_and_settings(log: Path) -> None:
    found = only(log, *START, *prompt("list"), *CALL, *answer("one file"), event("task_complete"))
    dialogue = found.dialogue

    assert texts(found) == [
        ("system", "You are Codex."),
        ("system", PUT_IN),
        ("user", "list"),
        *(("assistant", ""), ("tool", "a.py"), ("assistant", "one file")),
    ]
    assert dialogue.messages[3].tool_calls[0].arguments == '{"command":["ls"]}'
    assert (dialogue.model, dialogue.settings) == ("gpt-5-codex", {"reasoning_effort": "high"})
    assert dialogue.gaps == (Gap.TOOLS, Gap.REASONING, Gap.USER)
    assert (found.key, dialogue.stop) == ("s1", Stop.FINAL)
    assert answered(found) == ["one file"]


def test_tags_name_the_commit_and_no_place_on_a_machine(log: Path) -> None:
    tags = only(log, *START, *prompt("hi"), *answer("hello")).dialogue.tags

    assert tags == {
        "approval": "on-request",
        "branch": "main",
        "commit": "a" * 40,
        "effort": "high",
        "originator": "codex_cli_rs",
        "provider": "openai",
        "repository": "https://example.org/a/b.git",
        "sandbox": "workspace-write",
        "source": "cli",
        "version": "0.60.1",
    }


def test_what_codex_puts_in_between_prompt_and_answer_stands_before_the_prompt(log: Path) -> None:
    skill = item(message("user", "<skill>how to test</skill>"))
    found = only(log, *START, *prompt("test it"), skill, *answer("done"))

    assert texts(found)[2:] == [
        ("system", "<skill>how to test</skill>"),
        ("user", "test it"),
        ("assistant", "done"),
    ]
    assert answered(found) == ["done"]


def test_a_prompt_that_only_an_event_tells_is_a_prompt_once(log: Path) -> None:
    early = [event("user_message", message="hi"), item(message("user", "hi"))]
    alone = only(log, *START, event("user_message", message="hi"), *answer("hello"))
    before = only(log, *START, *early, *answer("hello"))

    assert texts(alone) == texts(before)
    assert texts(alone)[2:] == [("user", "hi"), ("assistant", "hello")]


def test_without_marks_a_prompt_is_what_codex_did_not_put_in(log: Path) -> None:
    found = only(log, *START, item(message("user", "hi")), item(message("assistant", "hello")))

    assert [role for role, _ in texts(found)] == ["system", "system", "user", "assistant"]


def test_a_compaction_ends_one_conversation_and_its_history_begins_the_next(log: Path) -> None:
    history = [message("user", "one"), message("user", "Summary: one is done.")]
    cut = line("compacted", {"message": "", "replacement_history": history})
    found = read(log, *START, *prompt("one"), *answer("1"), cut, *prompt("two"), *answer("2"))

    assert [each.key for each in found if isinstance(each, Conversation)] == ["s1", "s1/2"]
    assert [answered(each) for each in found] == [["1"], ["2"]]
    assert texts(found[1]) == [
        ("system", "You are Codex."),
        *(("system", "Summary: one is done."), ("user", "one"), ("user", "two")),
        ("assistant", "2"),
    ]


def test_answers_in_a_replacement_history_are_context(log: Path) -> None:
    history = [message("user", "one"), message("assistant", "1")]
    cut = line("compacted", {"message": "", "replacement_history": history})
    found = read(log, *START, *prompt("one"), *answer("1"), cut, *prompt("two"), *answer("2"))

    assert [answered(each) for each in found] == [["1"], ["2"]]


def test_an_older_compaction_keeps_its_summary_and_says_what_is_lost(log: Path) -> None:
    cut = line("compacted", {"message": "one is done"})
    _, second = read(log, *START, *prompt("one"), *answer("1"), cut, *prompt("two"), *answer("2"))

    assert ("system", "one is done") in texts(second)
    assert ("user", "one") not in texts(second)
    assert isinstance(second, Conversation)
    assert Gap.TRUNCATED in second.dialogue.gaps


def test_turns_taken_back_are_left_out(log: Path) -> None:
    back = event("thread_rolled_back", num_turns=2)
    twice = [*prompt("b"), *answer("2"), *prompt("c"), *answer("3")]
    found = only(log, *START, *prompt("a"), *answer("1"), *twice, back, *prompt("d"), *answer("4"))

    assert answered(found) == ["1", "4"]
    assert [text for role, text in texts(found) if role == "user"] == ["a", "d"]


def test_what_a_fork_copied_is_context(log: Path) -> None:
    fork = line("session_meta", META | {"id": "s2", "forked_from_id": "s1"})
    copied = [line("session_meta", META), *prompt("one"), *answer("1")]
    later = [each | {"timestamp": "2026-01-02T03:05:00Z"} for each in [*prompt("2?"), *answer("2")]]
    found = only(log, fork, *copied, *later)

    assert (found.key, answered(found)) == ("s2", ["2"])
    assert ("assistant", "1") in texts(found)


def test_sessions_of_one_file_are_told_apart(log: Path) -> None:
    second = line("session_meta", META | {"id": "s2"})
    found = read(log, *START, *prompt("a"), *answer("1"), second, *prompt("b"), *answer("2"))

    assert [(f.key, f.line) for f in found if isinstance(f, Conversation)] == [("s1", 1), ("s2", 2)]


def test_a_session_that_was_left_without_a_prompt_is_no_conversation(log: Path) -> None:
    found = read(log, *START, line("session_meta", META | {"id": "s2"}), *prompt("b"), *answer("2"))

    assert [f.key for f in found if isinstance(f, Conversation)] == ["s2"]


def test_a_subagent_says_so_and_counts_of_tokens_are_nothing_said(log: Path) -> None:
    meta = META | {"source": {"subagent": {"thread_spawn": {"depth": 1}}}}
    count = event("token_count", info={"total_token_usage": {"total_tokens": 9}})
    found = only(log, line("session_meta", meta), *prompt("a"), count, *answer("1"), count)

    assert found.dialogue.tags["subagent"] == "true"
    assert answered(found) == ["1"]


def test_lines_without_an_envelope_are_read(log: Path) -> None:
    first: dict[str, Any] = {"id": "0" * 36, "timestamp": BEGUN, "instructions": None, "git": {}}
    lines = [first, {"record_type": "state"}, message("user", PUT_IN), message("user", "hi")]
    found = only(log, *lines, message("assistant", "hello"))

    assert texts(found) == [("system", PUT_IN), ("user", "hi"), ("assistant", "hello")]
    assert Gap.SYSTEM in found.dialogue.gaps
    assert Codex.recognizes(log.read_bytes())


def test_a_line_that_is_lost_is_a_failure_and_the_session_says_so(log: Path) -> None:
    lines = [json.dumps(each) for each in [*START, *prompt("hi"), *answer("hello")]]
    log.write_text("\n".join([*lines[:3], '{"timestamp": "sec', *lines[3:], "[]"]))

    *failed, found = Codex(path=str(log))()

    assert [(f.line, f.reason.split(":")[0]) for f in failed if isinstance(f, Failure)] == [
        (4, "not JSON"),
        (9, "the line is not an object"),
    ]
    assert answered(found) == ["hello"]
    assert isinstance(found, Conversation)
    assert Gap.TRUNCATED in found.dialogue.gaps


@pytest.mark.parametrize(
    "other",
    [
        b'{"type":"user","uuid":"1","message":{"role":"user","content":"payload"}}\n',
        b'{"type":"thread.started","thread_id":"1"}\n',
        b'{"id":"r","timestamp":1,"messages":[{"role":"user","content":"q"}]}\n',
        b'{"messages":[{"role":"user","content":"{\\"type\\":\\"event_msg\\",\\"payload\\":{}}"}]}',
    ],
)
def test_other_formats_are_not_taken_for_it(other: bytes) -> None:
    assert not Codex.recognizes(other)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [
        *("type", "role", "content", "message", "call_id", "name", "arguments", "output", "id"),
        *("num_turns", "replacement_history", "timestamp", "git", "effort", "model", "source"),
        *("base_instructions", "sandbox_policy", "summary", "kind", "forked_from_id"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_json_in_any_payload_raises_nothing(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    back = event("thread_rolled_back", num_turns=1)
    cut = line("compacted", {"message": "m", "replacement_history": [message("user", "hi")]})
    lines = [*START, *prompt("hi"), *CALL, *answer("1"), back, cut, *prompt("two"), *answer("2")]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        more = data.draw(st.dictionaries(NAMES, ANYTHING, max_size=2))
        lines[at] = lines[at] | {"payload": lines[at]["payload"] | more}
    log = tmp_path_factory.mktemp("fuzz") / "log"

    try:
        found = read(log, *lines)
    except LogError:
        return
    assert all(isinstance(each, Conversation | Failure) for each in found)
