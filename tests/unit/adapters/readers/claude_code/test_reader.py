"""Sessions of Claude Code, written by hand from their schema; inspect-swe's reader is an oracle."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.readers.claude_code.reader import ClaudeCode
from foretaste.adapters.readers.detect import detect
from foretaste.errors import PlanError
from foretaste.records import Conversation, Dialogue, Failure, Gap, Message, Stop
from foretaste.turns import turns

START = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


class Session:
    """Lines of a session, each behind the one before unless told otherwise."""

    def __init__(self, name: str = "s1", **more: Any) -> None:
        self.lines: list[dict[str, Any]] = []
        self._about = {
            "isSidechain": False,
            "userType": "external",
            "cwd": "/home/ann/shop",
            "sessionId": name,
            "version": "2.1.0",
            "gitBranch": "main",
            **more,
        }

    def add(self, kind: str, **more: Any) -> str:
        n = len(self.lines)
        name = self._about.get("agentId") or self._about["sessionId"]
        own = {"type": kind, "uuid": f"{name}-{n}"}
        before = self.lines[-1]["uuid"] if self.lines else None
        time = {"timestamp": (START + timedelta(seconds=n)).isoformat()}
        self.lines.append({"parentUuid": before, **self._about, **own, **time, **more})
        return str(self.lines[-1]["uuid"])

    def user(self, content: Any, **more: Any) -> str:
        return self.add("user", message={"role": "user", "content": content}, **more)

    def answer(self, *blocks: Any, named: str = "", stop: Any = "end_turn", **more: Any) -> str:
        each = [{"type": "text", "text": b} if isinstance(b, str) else b for b in blocks]
        message = {"role": "assistant", "model": "claude-x", "content": each, "stop_reason": stop}
        message["id"] = named or f"msg_{len(self.lines)}"
        message["usage"] = {"input_tokens": 1, "output_tokens": 1}
        return self.add("assistant", message=message | more.pop("said", {}), **more)

    def write(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(line) + "\n" for line in self.lines))
        return path


def use(named: str, name: str = "Bash", **given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": named, "name": name, "input": given}


def result(named: str, content: Any = "ok", **more: Any) -> list[dict[str, Any]]:
    return [{"type": "tool_result", "tool_use_id": named, "content": content, **more}]


def every(path: Path, **options: Any) -> list[Conversation]:
    found = list(ClaudeCode(path=str(path), **options)())
    assert not [each for each in found if isinstance(each, Failure)], found
    return [each for each in found if isinstance(each, Conversation)]


def one(session: Session, tmp_path: Path) -> Dialogue:
    (found,) = every(session.write(tmp_path / "log.jsonl"))
    return found.dialogue


def told(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in dialogue.messages]


@pytest.fixture
def session() -> Session:
    return Session()


def test_an_answer_on_several_lines_is_one_message(session: Session, tmp_path: Path) -> None:
    session.user("fix it")
    session.answer({"type": "thinking", "thinking": "hm"}, named="m", stop=None)
    session.answer("Look.", named="m", stop=None)
    session.answer(use("t1", command="ls"), named="m", stop="tool_use")
    session.user(result("t1"), toolUseResult={"stdout": "ok"})
    session.answer("Done.")

    found = one(session, tmp_path)

    assert told(found) == [
        *(("user", "fix it"), ("assistant", "Look.")),
        *(("tool", "ok"), ("assistant", "Done.")),
    ]
    assert found.messages[1].reasoning == "hm"
    assert found.messages[2].seconds == 1.0
    assert (found.model, found.stop, len(turns(found))) == ("claude-x", Stop.FINAL, 1)


def test_results_of_calls_made_at_the_same_time_are_all_on_the_way(
    session: Session, tmp_path: Path
) -> None:
    session.user("fix it")
    first = session.answer(use("t1"), named="m")
    second = session.answer(use("t2"), named="m")
    session.user(result("t2", "two"), parentUuid=second)
    last = session.lines[-1]["uuid"]
    session.user(result("t1", "one"), parentUuid=first, toolUseResult={"durationMs": 250})
    session.answer("Done.", parentUuid=last)

    found = one(session, tmp_path)

    assert told(found)[1:] == [
        *(("assistant", ""), ("tool", "two"), ("tool", "one"), ("assistant", "Done."))
    ]
    assert [m.seconds for m in found.messages[2:4]] == [None, 0.25]


def rewound(session: Session) -> None:
    session.user("a")
    fork = session.answer("A")
    session.user("b")
    session.answer("B")
    session.user("c", parentUuid=fork)
    session.answer("C")


def test_the_way_that_was_gone_last_is_read(session: Session, tmp_path: Path) -> None:
    rewound(session)

    assert [text for _, text in told(one(session, tmp_path))] == ["a", "A", "c", "C"]


def test_every_branch_is_read_if_asked_and_no_turn_counts_twice(
    session: Session, tmp_path: Path
) -> None:
    rewound(session)
    session.write(tmp_path / "log.jsonl")

    active, left = every(tmp_path / "log.jsonl", branches="all")

    assert [text for _, text in told(left.dialogue)] == ["a", "A", "b", "B"]
    assert (len(turns(active.dialogue)), len(turns(left.dialogue))) == (2, 1)
    assert left.dialogue.own_from == 2
    assert active.key == "s1" != left.key


def test_a_resumed_session_s_copied_turns_count_once(session: Session, tmp_path: Path) -> None:
    session.user("a")
    session.answer("A")
    session.write(tmp_path / "x" / "1.jsonl")
    again = Session("s2")
    again.lines = [line | {"sessionId": "s2"} for line in session.lines]
    again.user("b")
    again.answer("B")
    again.write(tmp_path / "x" / "2.jsonl")
    session.write(tmp_path / "x" / "3.jsonl")

    first, second = every(tmp_path)

    assert [len(turns(each.dialogue)) for each in (first, second)] == [1, 1]
    assert (second.key, second.dialogue.own_from) == ("s2", 2)


def test_a_resumed_session_that_ends_within_a_turn_keeps_its_whole_ones(
    session: Session, tmp_path: Path
) -> None:
    for asked in "ab":
        session.user(asked)
        session.answer(asked.upper())
    session.write(tmp_path / "2.jsonl")
    session.lines = session.lines[:2]
    session.write(tmp_path / "1.jsonl")
    session.lines = [json.loads(line) for line in (tmp_path / "2.jsonl").read_text().splitlines()]
    session.user("c")
    session.write(tmp_path / "2.jsonl")

    assert [len(turns(each.dialogue)) for each in every(tmp_path)] == [1, 1]


def test_what_the_program_says_in_the_user_s_name_is_no_user_turn(
    session: Session, tmp_path: Path
) -> None:
    reminder = "<system-reminder>Use tabs.</system-reminder>"
    session.user("Caveat: The messages below were generated by the user", isMeta=True)
    session.user("<command-name>/model</command-name>")
    session.user("<local-command-stdout>Set.</local-command-stdout>")
    session.user([{"type": "text", "text": reminder}, {"type": "text", "text": "fix it"}])
    session.answer(use("t1"))
    session.user([*result("t1"), {"type": "text", "text": reminder}])
    session.answer("Done.")
    session.user("[Request interrupted by user]")

    found = one(session, tmp_path)

    assert [role for role, _ in told(found)] == [
        *("system", "system", "system", "system", "user", "assistant", "tool", "assistant")
    ]
    assert told(found)[6] == ("tool", f"ok\n\n{reminder}")
    assert len(turns(found)) == 1
    assert Gap.SYSTEM in found.gaps


def test_a_command_that_the_model_answers_is_the_user_s(session: Session, tmp_path: Path) -> None:
    session.user("<command-message>review</command-message>\n<command-name>/review</command-name>")
    session.user("Review the diff.", isMeta=True)
    session.answer("Fine.")

    roles = [role for role, _ in told(one(session, tmp_path))]

    assert roles == ["user", "system", "assistant"]


def test_no_conversation_crosses_a_compaction_but_by_its_summary(
    session: Session, tmp_path: Path
) -> None:
    session.user("a")
    session.answer("A")
    boundary = {"subtype": "compact_boundary", "compactMetadata": {"trigger": "auto"}}
    session.add("system", parentUuid=None, logicalParentUuid="s1-1", **boundary)
    session.user("They said a.", isCompactSummary=True)
    session.answer("Going on.")
    session.user("b")
    session.answer("B")

    before, after = every(session.write(tmp_path / "log.jsonl"))

    assert [text for _, text in told(before.dialogue)] == ["a", "A"]
    assert told(after.dialogue)[0] == ("system", "They said a.")
    assert [len(turns(each.dialogue)) for each in (before, after)] == [1, 1]
    assert Gap.TRUNCATED not in after.dialogue.gaps


def test_a_compaction_without_its_summary_is_a_gap(session: Session, tmp_path: Path) -> None:
    session.add("system", subtype="compact_boundary")
    session.user("b")
    session.answer("B")

    assert Gap.TRUNCATED in one(session, tmp_path).gaps


def test_a_subagent_is_a_conversation_of_its_own(session: Session, tmp_path: Path) -> None:
    session.user("fix it")
    session.answer("Done.")
    session.write(tmp_path / "p" / "s1.jsonl")
    agent = Session("s1", isSidechain=True, agentId="a9")
    agent.user("Look for x.")
    agent.answer("Found.")
    agent.write(tmp_path / "p" / "s1" / "subagents" / "agent-a9.jsonl")
    warm = Session("s2", isSidechain=True, agentId="a0")
    warm.user("Warmup")
    warm.answer("Ready.")
    warm.write(tmp_path / "p" / "agent-a0.jsonl")

    found = {each.key: each.dialogue.tags for each in every(tmp_path)}

    assert {key: tags["subagent"] for key, tags in found.items()} == {"s1": "false", "a9": "true"}


def test_what_the_program_answered_itself_is_left_out(session: Session, tmp_path: Path) -> None:
    session.user("a")
    session.answer("API Error: 529", said={"model": "<synthetic>"}, isApiErrorMessage=True)
    session.user("again")
    session.answer("A")

    assert [text for _, text in told(one(session, tmp_path))] == ["a", "again", "A"]


def test_tags_say_where_and_when_but_no_path(session: Session, tmp_path: Path) -> None:
    session.user("a")
    session.answer("A", effort="high")

    found = one(session, tmp_path)

    assert found.tags == {
        "agent": "claude-code",
        "subagent": "false",
        "version": "2.1.0",
        "git_branch": "main",
        "project": "shop",
        "time": START.isoformat(),
    }
    assert found.settings == {"reasoning_effort": "high"}
    assert found.gaps == (Gap.SYSTEM, Gap.SETTINGS, Gap.USER)


@pytest.mark.parametrize("home", ["/home/ann", "C:\\Users\\ann", "/root", None, 7])
def test_the_folder_of_a_person_is_no_project(home: Any, tmp_path: Path) -> None:
    session = Session(cwd=home)
    session.user("a")
    session.answer("A")

    assert "project" not in one(session, tmp_path).tags


def test_what_was_attached_is_a_gap_but_what_the_user_typed_meanwhile_is_kept(
    session: Session, tmp_path: Path
) -> None:
    session.user("a")
    session.add("attachment", attachment={"type": "nested_memory", "path": "x"})
    session.answer(use("t1"))
    session.user(result("t1"))
    session.add("attachment", attachment={"type": "queued_command", "prompt": "and b"})
    session.answer("A")

    found = one(session, tmp_path)

    assert told(found)[2] == ("tool", "ok\n\nand b")
    assert Gap.ATTACHMENTS in found.gaps


def test_a_damaged_line_is_a_failure_and_what_hangs_on_it_says_that_text_is_missing(
    session: Session, tmp_path: Path
) -> None:
    session.user("a")
    session.answer("A")
    session.user("b")
    session.answer("B")
    lines = session.write(tmp_path / "log.jsonl").read_text().splitlines()
    (tmp_path / "log.jsonl").write_text("\n".join([lines[0], lines[1][:80], *lines[2:]]))

    found = list(ClaudeCode(path=str(tmp_path))())

    assert [f.line for f in found if isinstance(f, Failure)] == [2]
    rest = [f.dialogue for f in found if isinstance(f, Conversation)]
    assert [[text for _, text in told(each)] for each in rest] == [["a"], ["b", "B"]]
    assert Gap.TRUNCATED in rest[1].gaps


def test_a_tree_that_bites_its_tail_is_read_once_around(session: Session, tmp_path: Path) -> None:
    session.user("a", parentUuid="s1-1")
    session.answer("A")
    session.lines += session.lines

    assert [text for _, text in told(one(session, tmp_path))] == ["a", "A"]


def test_the_projects_folder_is_detected_and_its_other_files_are_no_failures(
    session: Session, tmp_path: Path
) -> None:
    titles = '{"type":"summary","summary":"Shop","leafUuid":"x"}\n'
    snapshot = '{"type":"file-history-snapshot","messageId":"m","snapshot":{}}\n'
    (tmp_path / "0.jsonl").write_text(titles + snapshot)
    (tmp_path / "a.json").write_text('{"version": 1, "entries": []}')
    session.user("x" * 70_000)
    session.answer("A")
    session.write(tmp_path / "b.jsonl")

    assert detect(str(tmp_path), {"claude-code": ClaudeCode}) == "claude-code"
    assert len(every(tmp_path)) == 1


def test_a_line_of_the_wrong_shape_costs_its_conversation(session: Session, tmp_path: Path) -> None:
    session.user({"secret": 1})

    (found,) = ClaudeCode(path=str(session.write(tmp_path / "log.jsonl")))()

    assert isinstance(found, Failure)
    assert found.reason == "a line without a message"


def test_inspect_s_reader_tells_the_same(session: Session, tmp_path: Path) -> None:
    events = pytest.importorskip("inspect_swe._claude_code._events")
    session.user("fix it")
    session.answer({"type": "thinking", "thinking": "hm"}, named="m", stop=None)
    session.answer("Look.", use("t1", command="ls"), named="m", stop="tool_use")
    session.user(result("t1", [{"type": "text", "text": "a.py"}]))
    session.answer("Done.")
    session.user("thanks")
    session.answer("Sure.")

    async def last() -> Any:
        found = [each async for each in events.claude_code_events(iter(session.lines))]
        return [each for each in found if each.event == "model"][-1]

    model = asyncio.run(last())
    theirs = [*model.input, model.output.choices[0].message]
    ours = one(session, tmp_path)

    assert told(ours) == [(each.role, each.text) for each in theirs]
    assert [[c.id for c in m.tool_calls] for m in ours.messages] == [
        [c.id for c in getattr(each, "tool_calls", None) or ()] for each in theirs
    ]
    assert ours.messages[-1] == Message(role="assistant", content="Sure.")


def test_branches_of_another_name_are_refused() -> None:
    with pytest.raises(PlanError, match="branches is 'every'"):
        ClaudeCode(path="log", branches="every")  # type: ignore[arg-type]
