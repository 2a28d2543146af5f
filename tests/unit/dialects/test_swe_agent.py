"""What SWE-agent and mini-SWE-agent write down."""

from typing import Any

import msgspec
import pytest

from foretaste.dialects.swe_agent import Entry, said
from foretaste.records import Message, ToolCall

ASKED = {"role": "user", "content": "Mend it."}


def messages(*raw: dict[str, Any]) -> tuple[Message, ...]:
    return said(msgspec.convert(list(raw), list[Entry])).messages


def shell(at: int, arguments: str) -> tuple[ToolCall, ...]:
    return (ToolCall(id=f"call_{at}", name="bash", arguments=arguments),)


def test_a_command_in_the_text_is_a_call_and_the_next_user_message_its_result() -> None:
    found = messages(
        ASKED,
        {"role": "assistant", "content": "Look.\n```\nls\n```", "thought": "Look.", "action": "ls"},
        {"role": "user", "content": "a.py", "message_type": "observation"},
    )

    assert found == (
        Message(role="user", content="Mend it."),
        Message(
            role="assistant",
            content="Look.\n```\nls\n```",
            tool_calls=shell(1, '{"command":"ls"}'),
        ),
        Message(role="tool", content="a.py", tool_call_id="call_1"),
    )


def test_calls_of_functions_are_paired_with_their_results_by_id() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "edit", "arguments": "{"}}

    found = messages(
        ASKED,
        {"role": "assistant", "content": "Look.", "action": "edit", "tool_calls": [call]},
        {"role": "tool", "content": "done", "tool_call_ids": ["c1"]},
    )

    assert found[1].tool_calls == (ToolCall(id="c1", name="edit", arguments="{"),)
    assert found[2].tool_call_id == "c1"


def test_a_result_without_an_id_belongs_to_the_call_before_it() -> None:
    call = {"id": "c1", "function": {"name": "edit", "arguments": {}}}
    made = {"role": "assistant", "content": "", "tool_calls": [call]}

    for ids in (None, [], [7], "c1"):
        found = messages(ASKED, made, {"role": "tool", "content": "", "tool_call_ids": ids})
        assert found[2].tool_call_id == "c1"


@pytest.mark.parametrize(
    ("content", "command"),
    [
        ("So:\n\n```bash\nls -a\n```", '{"command":"ls -a"}'),
        ("```mswea_bash_command\ncat <<'E'\nx\nE\n```", '{"command":"cat <<\'E\'\\nx\\nE"}'),
    ],
)
def test_mini_swe_agents_fences_hold_the_command(content: str, command: str) -> None:
    assert messages(ASKED, {"role": "assistant", "content": content})[1].tool_calls == shell(
        1, command
    )


@pytest.mark.parametrize("content", ["no command", "```bash\na\n```\n```bash\nb\n```", None])
def test_a_complaint_about_the_form_is_nobodys_turn(content: str | None) -> None:
    found = messages(
        ASKED,
        {"role": "assistant", "content": content},
        {"role": "user", "content": "Please always provide EXACTLY ONE action"},
    )

    assert found[1].tool_calls == ()
    assert (found[2].role, found[2].tool_call_id) == ("tool", None)


def test_the_command_that_ran_goes_before_what_the_text_says() -> None:
    ran = {
        "role": "assistant",
        "content": "```bash\na\n```",
        "extra": {"actions": [{"command": "b"}]},
    }

    assert messages(ASKED, ran)[1].tool_calls == shell(1, '{"command":"b"}')
    wrong: list[Any] = [[], [{}], [7], [{"command": 7}], [{"command": "a"}, {"command": "b"}]]
    for actions in wrong:
        odd = ran | {"extra": {"actions": actions}}
        assert messages(ASKED, odd)[1].tool_calls == shell(1, '{"command":"a"}')


@pytest.mark.parametrize(
    "spoken",
    ["Interrupted by user: stop", "Command not executed. The user rejected it:\nno"],
)
def test_what_a_person_at_the_keyboard_said_stays_the_users(spoken: str) -> None:
    ran = {"role": "assistant", "content": "```bash\na\n```"}

    assert messages(ASKED, ran, {"role": "user", "content": spoken})[2].role == "user"


def test_demonstrations_stay_as_they_were_shown() -> None:
    demo = [
        {"role": "user", "content": "like this", "is_demo": True},
        {"role": "assistant", "content": "x", "action": "ls", "is_demo": True},
        {"role": "user", "content": "a.py", "is_demo": True},
    ]

    found = messages(*demo, ASKED)

    assert [one.role for one in found] == ["user", "assistant", "user", "user"]
    assert not any(one.tool_calls for one in found)


def test_thinking_is_reasoning() -> None:
    blocks = [{"thinking": "Hm."}, {"type": "redacted_thinking"}, 7, {"thinking": "So."}]

    found = messages(ASKED, {"role": "assistant", "content": "a", "thinking_blocks": blocks})

    assert found[1].reasoning == "Hm.\n\nSo."
