from pathlib import Path

import pytest

from foretaste.errors import LogError
from foretaste.personal.turns import pick
from foretaste.plan import LogPlan, Plan
from foretaste.runs.sources import open_log, scrubber_of
from foretaste.runs.watch import quiet
from stories.own_history import Call, claude_code, history
from stories.planted import conversation, write_log


def log_of(folder: Path, *texts: str) -> LogPlan:
    records = [
        conversation([f"Write to anna{n}@example.com."], [text], user="me", id=f"c{n}")
        for n, text in enumerate(texts)
    ]
    return LogPlan(path=write_log(folder / "log.jsonl", records))


def test_turns_are_de_identified_and_say_where_they_are(tmp_path: Path) -> None:
    spec = log_of(tmp_path, "First.", "Second.", "Third.")
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write("{broken\n")
    scrubber = scrubber_of(Plan(log=spec, candidate={}))
    found = pick(open_log(spec.path, spec)[1], scrubber, 2, quiet)

    assert [prefix.recorded[0].content for prefix in found.prefixes] == ["Third.", "Second."]
    assert [found.sources[prefix.id] for prefix in found.prefixes] == ["log.jsonl:3", "log.jsonl:2"]
    assert (found.read, found.lost) == (3, 1)
    assert not any("anna" in prefix.messages[-1].content for prefix in found.prefixes)


def test_where_the_log_has_no_schemas_the_tools_that_it_calls_are_offered(tmp_path: Path) -> None:
    made = [turn._replace(call=Call("Read", {"path": "a", "lines": [1]})) for turn in history()[:2]]
    odd = [turn._replace(call=Call("no name!", {})) for turn in history()[2:3]]
    spec = LogPlan(path=claude_code(tmp_path, [*made, *odd]))
    scrubber = scrubber_of(Plan(log=spec, candidate={}))
    found = pick(open_log(spec.path, spec)[1], scrubber, 3, quiet)

    properties = {"path": {"type": "string"}, "lines": {"type": "array", "items": {}}}
    parameters = {"type": "object", "properties": properties}
    offered = {"type": "function", "function": {"name": "Read", "parameters": parameters}}
    assert {len(prefix.tools) for prefix in found.prefixes} == {1}
    assert found.prefixes[0].tools == (offered,)


def test_a_log_without_a_turn_to_replay_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"messages": [{"role": "user", "content": "Hello?"}]}\n')
    spec = LogPlan(path=str(path))

    with pytest.raises(LogError, match="no assistant turn"):
        pick(open_log(spec.path, spec)[1], scrubber_of(Plan(log=spec, candidate={})), 2, quiet)
