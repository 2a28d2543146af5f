import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from foretaste.errors import PlanError
from foretaste.personal.cases import cases, forget, listed, save
from foretaste.plan import LogPlan
from foretaste.runs.sources import open_log

DAY = date(2026, 11, 22)
MAIL = "ann.lee@brightwater.co"


def said(*texts: str) -> list[dict[str, str]]:
    roles = ("user", "assistant")
    return [{"role": roles[i % 2], "content": text} for i, text in enumerate(texts)]


def record(number: int, *texts: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"conversation-{number}",
        "model": "old-1",
        "created": 1_790_000_000 + 86_400 * number,
        "user": "u-1234567",
        "messages": said(*texts),
        "metadata": {"client": "Brightwater"},
        **more,
    }


def written(path: Path, *records: dict[str, Any]) -> str:
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return str(path)


@pytest.fixture
def log(tmp_path: Path) -> str:
    return written(
        tmp_path / "log.jsonl",
        record(2, "Second?", "Yes."),
        record(1, f"I am {MAIL}. First?", "Yes, first."),
        record(3, "Third?", "Yes, third."),
        record(9, "Nobody answered."),
    )


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "set")


def test_the_newest_that_can_be_replayed_is_kept(log: str, folder: str) -> None:
    done = save(log, to=folder, today=DAY, note="why  not")
    (case,) = cases(folder)

    assert done.new == (case,)
    assert (case.asked, case.turns, case.model) == ("Third?", 1, "old-1")
    assert (case.source, case.saved, case.note) == ("openai-chat", "2026-11-22", "why not")
    assert case.date == "2026-09-24"


def test_what_is_kept_is_de_identified_before_it_is_written(log: str, folder: str) -> None:
    save(log, to=folder, last=3, today=DAY)
    text = "".join(file.read_text() for file in Path(folder).iterdir())

    assert len(list(Path(folder).iterdir())) == 3
    for secret in (MAIL, "u-1234567", "Brightwater", "conversation-1", str(Path(log).parent)):
        assert secret not in text


def test_each_is_kept_once_whatever_else_the_log_says_of_it(
    log: str, folder: str, tmp_path: Path
) -> None:
    save(log, to=folder, last=3)
    again = written(tmp_path / "again.jsonl", record(7, "Third?", "Yes, third."))
    done = save(again, to=folder, note="another")

    assert (done.new, done.already) == ((), 1)
    assert len(cases(folder)) == 3


def test_one_that_went_on_takes_the_place_and_the_note_of_its_shorter_self(
    log: str, folder: str, tmp_path: Path
) -> None:
    save(log, to=folder, note="kept for its tone")
    longer = written(tmp_path / "on.jsonl", record(3, "Third?", "Yes, third.", "And?", "So."))
    done = save(longer, to=folder)
    (case,) = cases(folder)

    assert (done.grown, case.turns, case.note) == (1, 2, "kept for its tone")
    assert save(log, to=folder).already == 1


def test_a_conversation_is_named_by_the_log_s_id_or_by_the_one_that_is_listed(
    log: str, folder: str
) -> None:
    second = next(case for case in listed(log) if case.asked == "Second?")
    done = save(log, to=folder, ids=["conversation-1", second.id[:12]])

    assert {case.asked.split()[-1] for case in done.new} == {"First?", "Second?"}


@pytest.mark.parametrize(
    ("wanted", "why"), [("conversation-8", "holds no conversation"), ("c", "too short")]
)
def test_an_id_that_is_not_there_is_said_and_nothing_is_kept(
    log: str, folder: str, wanted: str, why: str
) -> None:
    with pytest.raises(PlanError, match=why):
        save(log, to=folder, ids=[wanted])

    assert cases(folder) == ()


def test_what_is_listed_is_de_identified_the_newest_last_and_nothing_is_written(
    log: str, folder: str
) -> None:
    told = listed(log, last=2)

    assert [case.asked for case in told] == ["Second?", "Third?"]
    assert MAIL not in listed(log)[0].asked
    assert not Path(folder).exists()


def test_the_set_is_a_log_that_is_found_by_content(log: str, folder: str) -> None:
    save(log, to=folder, last=3, today=DAY)
    use, reader = open_log(folder, LogPlan(path=folder))
    read = list(reader())

    assert use == "openai-chat"
    assert {each.dialogue.tags["source"] for each in read} == {"openai-chat"}  # type: ignore[union-attr]


def test_a_case_is_taken_out_by_its_id(log: str, folder: str) -> None:
    save(log, to=folder, last=2)
    first, second = cases(folder)

    assert forget(folder, [first.id[:8]]) == (first,)
    assert cases(folder) == (second,)


def test_an_id_that_names_none_takes_nothing_out(log: str, folder: str) -> None:
    save(log, to=folder, last=2)
    with pytest.raises(PlanError, match="names no cases"):
        forget(folder, [cases(folder)[0].id, "000000000000"])

    assert len(cases(folder)) == 2


def test_files_of_others_in_the_folder_are_left_alone(log: str, folder: str) -> None:
    Path(folder).mkdir()
    (Path(folder) / "notes.jsonl").write_text("not ours\n")
    save(log, to=folder)

    assert len(cases(folder)) == 1
    assert (Path(folder) / "notes.jsonl").read_text() == "not ours\n"


def test_a_case_that_was_damaged_is_named(log: str, folder: str) -> None:
    save(log, to=folder)
    (file,) = Path(folder).iterdir()
    file.write_text("{broken\n")

    with pytest.raises(PlanError, match=file.name):
        cases(folder)


def test_a_session_keeps_its_tool_calls(folder: str, tmp_path: Path) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "read", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "Read it."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "text", "tool_call_id": "c1"},
        {"role": "assistant", "content": "Done."},
    ]
    log = written(tmp_path / "agent.jsonl", record(1) | {"messages": messages})
    save(log, to=folder)

    assert save(log, to=folder).already == 1
    (whole,) = open_log(folder, LogPlan(path=folder))[1]()
    assert whole.dialogue.messages[1].tool_calls[0].name == "read"  # type: ignore[union-attr]
