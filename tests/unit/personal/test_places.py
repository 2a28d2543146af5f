import os
from pathlib import Path

import pytest

from foretaste.errors import PlanError
from foretaste.personal.places import chosen, found


def session(folder: Path, name: str, at: int, text: str = "{}\n") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    os.utime(folder / name, (at, at))


def test_both_programs_are_found_and_the_newest_stands_first(tmp_path: Path) -> None:
    session(tmp_path / ".claude/projects/-a", "one.jsonl", 86_400)
    session(tmp_path / ".claude/projects/-b", "two.jsonl", 2 * 86_400)
    session(tmp_path / ".codex/sessions/2026/01/02", "rollout-x.jsonl", 3 * 86_400)
    codex, claude = found(tmp_path, {})

    assert (codex.name, codex.use, codex.sessions) == ("Codex", "codex", 1)
    assert (claude.use, claude.sessions) == ("claude-code", 2)
    assert "Claude Code: 2 sessions, the newest of 1970-01-03, in " in str(claude)


def test_a_folder_that_is_set_elsewhere_is_looked_at_instead(tmp_path: Path) -> None:
    session(tmp_path / ".claude/projects/-a", "one.jsonl", 1)
    session(tmp_path / "else/projects/-a", "one.jsonl", 1)
    session(tmp_path / "codex/sessions", "rollout-1.jsonl", 2)
    given = {"CLAUDE_CONFIG_DIR": str(tmp_path / "else"), "CODEX_HOME": str(tmp_path / "codex")}

    assert [each.path.parent.name for each in found(tmp_path, given)] == ["codex", "else"]


def test_empty_files_subagents_and_notes_are_no_sessions(tmp_path: Path) -> None:
    project = tmp_path / ".claude/projects/-a"
    session(project, "empty.jsonl", 1, "")
    session(project, "agent-1.jsonl", 1)
    session(project, "memory.md", 1)
    session(project / "s/subagents", "agent-2.jsonl", 1)
    session(tmp_path / ".codex/sessions", "history.jsonl", 1)

    assert found(tmp_path, {}) == ()


def test_a_home_without_either_holds_nothing(tmp_path: Path) -> None:
    assert found(tmp_path / "nobody", {}) == ()


def test_the_newest_place_is_taken(tmp_path: Path) -> None:
    session(tmp_path / ".codex/sessions", "rollout-1.jsonl", 2)

    assert chosen(found(tmp_path, {})) == (str(tmp_path / ".codex/sessions"), "codex")


def test_where_nothing_is_found_it_says_what_to_export() -> None:
    with pytest.raises(PlanError, match=r"(?s)ChatGPT: .*Data controls.*Claude\.ai: .*Privacy"):
        chosen(())


def test_a_person_is_asked_for_a_path_as_a_terminal_pastes_it() -> None:
    heard: list[str] = []

    def ask(question: str) -> str:
        heard.append(question)
        return " '~/Downloads/export.zip' "

    assert chosen((), ask) == (str(Path("~/Downloads/export.zip").expanduser()), None)
    assert "Settings > Data controls > Export" in heard[0]


def test_no_answer_is_no_log() -> None:
    with pytest.raises(PlanError, match="no log was named"):
        chosen((), lambda _: "  ")
