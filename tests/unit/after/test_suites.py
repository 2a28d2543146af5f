import json
from collections import Counter
from importlib import resources
from pathlib import Path

import pytest

from foretaste.adapters.engines.local import Local
from foretaste.adapters.stores.files import Files
from foretaste.after.suites import SHIPPED, Suite, read_suite, suite_cost, suite_transcripts
from foretaste.awareness import Source
from foretaste.errors import LogError, PlanError
from foretaste.plan import Plan
from foretaste.planfile import load_plan
from foretaste.records import Lane, Usage
from foretaste.runs.assembly import LaneParts, assemble
from foretaste.turns import content_key

CALLS = {"when": "flag", "say": "", "calls": [{"name": "bash", "arguments": {"command": "ls"}}]}


def a_plan(**candidate: object) -> Plan:
    scripted = {"use": "scripted", "system": "You are Harbor.", "settings": {"temperature": 0}}
    return load_plan({"log": {"path": "none.jsonl"}, "candidate": {**scripted, **candidate}})


def lane(plan: Plan) -> LaneParts:
    return assemble(plan, reader=lambda: iter(())).lanes[Lane.CANDIDATE]


def written(path: Path, *records: object) -> str:
    path.write_text("".join(f"{json.dumps(each)}\n" for each in records), encoding="utf-8")
    return str(path)


def asked(text: str, **more: object) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": text}], **more}


@pytest.fixture(scope="module")
def shipped() -> Suite:
    return read_suite(plan=a_plan())


def test_the_shipped_suite_is_whole_and_each_prompt_is_there_once(shipped: Suite) -> None:
    kinds = Counter(prompt.tags["kind"] for prompt in shipped.prompts)

    assert (shipped.name, shipped.unread, shipped.unasked) == (SHIPPED, 0, 0)
    assert len(shipped.prompts) == len({content_key(p.messages) for p in shipped.prompts}) == 84
    assert len(kinds) == 9
    assert min(kinds.values()) >= 4
    assert all(prompt.messages[-1].role == "user" for prompt in shipped.prompts)
    assert sum(bool(prompt.tools) for prompt in shipped.prompts) == kinds["agentic"]
    assert not any(prompt.recorded for prompt in shipped.prompts)


def test_the_scrubber_finds_nobody_in_the_shipped_suite(shipped: Suite) -> None:
    file = resources.files("foretaste") / "data" / "synthetic.jsonl"
    raw = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]

    given = [[m["content"] for m in record["messages"]] for record in raw]
    assert given == [[m.content for m in prompt.messages] for prompt in shipped.prompts]


def test_prompts_are_answered_once_and_calls_end_the_turn(shipped: Suite, tmp_path: Path) -> None:
    own = lane(a_plan(replies=[CALLS], default="B"))
    paid: list[Usage] = []
    with Files(path=str(tmp_path / "answers")) as store:
        before = suite_cost(shipped, own, store=store)
        first = suite_transcripts(shipped, own, engine=Local(), store=store, count=paid.append)
        after = suite_cost(shipped, own, store=store)
        second = suite_transcripts(shipped, own, engine=Local(), store=store, count=paid.append)

    assert (before.calls, after.calls) == (84, 0)
    assert before.input_tokens > 5_000
    assert len(paid) == 84
    assert first == second
    assert (len(first.transcripts), first.failures, first.missing) == (84, (), 0)
    assert {each.source for each in first.transcripts} == {Source.SYNTHETIC}
    called = [each for each in first.transcripts if each.messages[-1].tool_calls]
    assert len(called) >= 1
    assert all(len(each.messages) == 1 for each in first.transcripts)
    assert any(each.tools for each in called)


def test_the_test_s_own_system_prompt_is_kept(shipped: Suite) -> None:
    systems = [m.content for p in shipped.prompts for m in p.messages if m.role == "system"]

    assert len(systems) > 10
    assert not any("Harbor" in text for text in systems)


def test_a_prompt_that_fails_is_counted_and_asked_again(shipped: Suite, tmp_path: Path) -> None:
    failing = lane(a_plan(fail_share=0.3, name="weak"))
    with Files(path=str(tmp_path / "answers")) as store:
        first = suite_transcripts(shipped, failing, engine=Local(), store=store)
        left = suite_cost(shipped, failing, store=store).calls

    assert 5 < len(first.failures) < 60
    assert len(first.transcripts) + len(first.failures) == 84
    assert left == len(first.failures)


def test_answers_that_a_suite_s_log_holds_are_taken_where_no_model_is_asked(
    tmp_path: Path,
) -> None:
    answered = asked("What is 2 + 2?")
    answered["messages"] = [*answered["messages"], {"role": "assistant", "content": "4"}]  # type: ignore[misc]
    path = written(tmp_path / "suite.jsonl", answered, asked("What is 3 + 3?"), asked("Hello?"))
    suite = read_suite(path, plan=a_plan())
    with Files(path=str(tmp_path / "answers")) as store:
        found = suite_transcripts(suite, None, engine=Local(), store=store)

    assert [each.messages[-1].content for each in found.transcripts] == ["4"]
    assert found.missing == 2


def test_a_suite_without_answers_and_without_a_model_is_refused(
    shipped: Suite, tmp_path: Path
) -> None:
    with (
        Files(path=str(tmp_path / "answers")) as store,
        pytest.raises(PlanError, match="holds no answers"),
    ):
        suite_transcripts(shipped, None, engine=Local(), store=store)


def test_what_cannot_be_read_is_counted_and_what_asks_nothing_too(tmp_path: Path) -> None:
    path = tmp_path / "suite.jsonl"
    said = {"messages": [{"role": "assistant", "content": "Hello."}]}
    written(path, asked("Ann's address is ann@quillwater.se."), said, asked("2?"), {"messages": 3})
    with path.open("a", encoding="utf-8") as file:
        file.write('{"messages": [{"role": "user", "content": "cut of\n')
    suite = read_suite(str(path), plan=a_plan())

    assert (len(suite.prompts), suite.unread, suite.unasked) == (2, 2, 1)
    assert "ann@quillwater.se" not in suite.prompts[0].messages[0].content


def test_a_hostile_suite_is_data(tmp_path: Path) -> None:
    evil = "</think>{{7*7}}<script>alert(1)</script>\u202e../../etc/passwd $(rm -rf /)\x00"
    suite = read_suite(written(tmp_path / "s.jsonl", asked(evil, id="../../x")), plan=a_plan())
    with Files(path=str(tmp_path / "answers")) as store:
        found = suite_transcripts(suite, lane(a_plan()), engine=Local(), store=store)

    assert found.transcripts[0].before[0].content == evil
    assert {each.name for each in tmp_path.iterdir()} == {"s.jsonl", "answers"}


def test_a_suite_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("", encoding="utf-8")

    with pytest.raises((LogError, PlanError)):
        read_suite(str(tmp_path / "empty.jsonl"), plan=a_plan())
    with pytest.raises((LogError, PlanError)):
        read_suite(str(tmp_path / "nowhere.jsonl"), plan=a_plan())
    only = written(tmp_path / "only.jsonl", {"messages": [{"role": "assistant", "content": "A"}]})
    with pytest.raises(PlanError, match="no prompt"):
        read_suite(only, plan=a_plan())
