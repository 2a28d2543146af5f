import asyncio
import gc
import json
from pathlib import Path

import pytest

from foretaste.adapters.simulators.workspace.dialects import TOOLS
from foretaste.adapters.simulators.workspace.simulator import Workspace
from foretaste.errors import ItemFailed, PlanError
from foretaste.protocols import Act, ToolAnswer
from foretaste.records import ToolCall
from foretaste.registry import build
from unit.adapters.simulators.asking import asked, call, calling, explained, result
from unit.adapters.simulators.workspace.desks import answered, git, hashed, opened, repository
from unit.adapters.simulators.workspace.walled import FOUND, walled
from unit.rows import prefix, user

PLACE = "foretaste.adapters.simulators.workspace.simulator:Workspace"
READ = call("Read", file_path="/testbed/app.py")
EDIT = call("Edit", file_path="/testbed/app.py", old_string="x + 2", new_string="x + 3")


@pytest.fixture
def original(tmp_path: Path) -> Path:
    return repository(tmp_path / "original")


def test_reads_are_true_and_writes_are_seen_by_later_reads_only(original: Path) -> None:
    before = hashed(original)
    one, other = opened(original), opened(original)
    asked(one, "Read", file_path="/testbed/app.py")
    asked(one, "Edit", **json.loads(EDIT.arguments))

    assert "x + 3" in str(asked(one, "Read", file_path="/testbed/app.py"))
    assert asked(one, "bash", command="grep -rn rate app.py") == "1:def rate(x):\n"
    assert "x + 2" in str(asked(other, "Read", file_path="/testbed/app.py"))
    assert hashed(original) == before


def test_an_answer_says_what_it_rests_on(original: Path) -> None:
    head = git(original, "rev-parse", "HEAD")[:12]
    layer, why = explained(opened(original), "Read", file_path="/testbed/app.py")

    assert layer == "workspace"
    assert why == (
        f"original at {head} (the repository's newest), from the start; shell: plain reading"
    )


def test_edits_of_earlier_turns_are_done_first_and_compared(original: Path) -> None:
    calls = (READ, EDIT, call("TodoWrite", todos=[]))
    said = calling(*calls), result(READ, "something else"), result(calls[2], "ok")
    session = opened(original, *said)

    assert "x + 3" in str(asked(session, "Read", file_path="/testbed/app.py"))
    _, why = explained(session, "Read", file_path="/testbed/app.py")
    assert "after 2 earlier calls, 1 of them answered otherwise than recorded" in why


def test_what_another_layer_answered_is_done_here_too(original: Path) -> None:
    acts = [Act(each, ToolAnswer("ok", "recorded", "as logged")) for each in (READ, EDIT)]
    answer = answered(opened(original), READ, acts)

    assert answer is not None
    assert "x + 3" in answer.content


def test_after_what_may_have_written_and_could_not_be_done_all_stays_open(original: Path) -> None:
    acts = [Act(call("bash", command="make"), ToolAnswer("ok", "model", "invented"))]

    assert answered(opened(original), READ, acts) is None
    unsure = answered(opened(original, unsure=True), READ, acts)
    assert unsure is not None
    assert "bash not done" in unsure.why


def test_the_commit_is_the_conversation_s(original: Path) -> None:
    first = git(original, "rev-list", "HEAD").split()[-1]

    assert "x + 1" in str(
        asked(opened(original, tags={"commit": first}), "Read", file_path="/testbed/app.py")
    )
    with pytest.raises(ItemFailed, match="no commit"):
        asked(opened(original, tags={"commit": "0" * 12}), "Read", file_path="/testbed/app.py")


def test_a_session_s_copy_goes_with_it(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    session = opened(original)
    asked(session, "Read", file_path="/testbed/app.py")
    del session
    gc.collect()

    assert list((tmp_path / "temporary").iterdir()) == []


def test_mini_swe_agent_s_spelling_is_taken_from_the_conversation(original: Path) -> None:
    bash = call("bash", command="ls")
    session = opened(original, calling(bash), result(bash, "<returncode>0</returncode>\n<output>"))

    assert asked(session, "bash", command="cd docs") == (
        "<returncode>0</returncode>\n<output>\n\n</output>"
    )
    assert "app.py" in str(asked(session, "bash", command="ls"))
    own = opened(original, output="{code}: {output}")
    assert asked(own, "bash", command="ls src") == "0: late.py\n"


HOSTILE = ("[" * 100_000, "\ud800", "", "null", "{broken", "\x00" * 1000, "[1]", '{"path": 3}')


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_any_call_ends_in_a_reasoned_answer_or_none(original: Path, name: str) -> None:
    session = opened(original)
    for text in HOSTILE:
        answer = answered(session, ToolCall(id="1", name=name, arguments=text))
        if answer is not None:
            assert answer.why
            assert str(original.parent) not in answer.content
            answer.content.encode()


def test_a_tool_of_no_dialect_stays_open(original: Path) -> None:
    assert asked(opened(original), "web_search", query="x") is None
    assert asked(opened(original), "", query="x") is None


def test_without_a_sandbox_a_command_that_writes_stays_open(original: Path) -> None:
    session = opened(original)

    assert asked(session, "bash", command="rm app.py") is None
    assert asked(session, "bash", command="ls") == "app.py\ndocs\nsrc\n"


@walled
def test_commands_run_for_real_in_the_copy(original: Path) -> None:
    before = hashed(original)
    session = opened(original, shell=FOUND)
    asked(session, "Bash", command="sed -i 's/x + 2/x * 2/' app.py; echo hi > /tmp/note")

    assert "x * 2" in str(asked(session, "Read", file_path="/testbed/app.py"))
    assert asked(session, "Read", file_path="/tmp/note") == "     1→hi\n     2→"
    asked(session, "Write", file_path="/testbed/new/n.txt", content="n\n")
    assert asked(session, "Bash", command="cat new/n.txt; echo more >> new/n.txt") == "n"
    assert asked(
        session, "Bash", command="git add -A && git commit -qm x && git log --format=%s"
    ) == ("x\nday 2\nday 1")
    assert str(explained(session, "Bash", command="ls")[1]).endswith(f"shell: {FOUND}")
    assert hashed(original) == before


@walled
def test_links_that_a_command_makes_lead_nowhere(original: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    session = opened(original, shell=FOUND)
    asked(session, "Bash", command=f"ln -s {tmp_path} out; ln -s /etc etc; mkfifo pipe")

    for path in (f"out{'/secret'}", "etc/passwd", "pipe", f"{tmp_path}/secret"):
        answer = asked(session, "Read", file_path=path)
        assert answer is not None
        assert "hunter2" not in answer
        assert "root:" not in answer
    asked(session, "Write", file_path="out/x", content="x")
    assert "denied" in str(asked(session, "Write", file_path="etc/x", content="x"))
    assert not (tmp_path / "x").exists()


@walled
def test_sessions_side_by_side_share_nothing(original: Path) -> None:
    simulator = Workspace(repository=str(original), root="/testbed", shell="auto")

    async def one(number: int) -> str:
        session = simulator(prefix(f"p{number}", messages=(user(),)))
        write = call("Bash", command=f"echo {number} > mine; echo {number} > /tmp/mine; sleep 0.2")
        await session(write)
        answer = await session(call("Bash", command="cat mine /tmp/mine; ls | wc -l"))
        assert answer is not None
        return answer.content

    async def run() -> list[str]:
        return await asyncio.gather(*(one(number) for number in range(6)))

    assert asyncio.run(run()) == [f"{n}\n{n}\n4" for n in range(6)]


@walled
def test_a_command_that_hangs_gets_the_tool_s_own_words(original: Path) -> None:
    session = opened(original, shell=FOUND, seconds=1.0)

    assert "timed out" in str(asked(session, "Bash", command="echo a; sleep 60"))
    assert "cancelled" in str(asked(session, "bash", command="sleep 60"))
    assert asked(session, "Bash", command="echo next") == "next"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"repository": "nowhere"}, "there is no folder"),
        ({"commit": "nowhere"}, "no commit 'nowhere'"),
        ({"root": "testbed"}, "no absolute path"),
        ({"root": "/"}, "no absolute path"),
        ({"root": "/usr/src/app", "shell": "auto"}, "this machine's own /usr"),
        ({"shell": "docker"}, "needs an `image`"),
        ({"shell": "docker", "image": "foretaste-has-no-such-image:0"}, "not here or lets"),
        ({"shell": "chroot"}, "shell"),
        ({"output": "{code}"}, "does not hold"),
        ({"seconds": 0}, "not more than 0"),
        ({"programs": ["relative"]}, "no absolute path of a folder"),
        ({"repo": "x"}, "did you mean 'repository'"),
    ],
)
def test_a_wrong_plan_is_refused_before_anything_runs(
    original: Path, wrong: dict[str, object], message: str
) -> None:
    part = {"use": PLACE, "repository": str(original), "shell": "none", **wrong}

    with pytest.raises(PlanError, match=message):
        build("simulators", part)
