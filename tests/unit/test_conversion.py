import json
from pathlib import Path

import pytest

from foretaste.conversion import convert
from foretaste.errors import LogError, PlanError
from foretaste.outlook import scan
from foretaste.plan import LogPlan
from foretaste.records import Conversation
from foretaste.runs.sources import open_log
from unit.adapters.readers.test_origins import TRACE, observation


def line(n: int) -> str:
    said = [
        {"role": "user", "content": f"I am ann.smith{n}@example.com"},
        {"role": "assistant", "content": "Hello."},
    ]
    tags = {"draw": str(n % 2)}
    return json.dumps({"id": f"k{n}", "messages": said, "metadata": tags, "temperature": 0.5})


@pytest.fixture
def log(tmp_path: Path) -> str:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(f"{line(n)}\n" for n in range(3)) + "{}\n")
    return str(path)


@pytest.mark.parametrize(
    ("ending", "name"),
    [
        (".jsonl", "openai-chat"),
        (".json", "atif"),
        (".ATIF", "atif"),
        (".eval", "inspect-eval"),
        (".parquet", "parquet"),
    ],
)
def test_the_ending_chooses_the_format(ending: str, name: str, log: str, tmp_path: Path) -> None:
    done = convert(log, str(tmp_path / f"out{ending}"))

    assert (done.read_as, done.written_as, done.conversations) == ("openai-chat", name, 3)


def test_what_was_written_is_what_was_read(log: str, tmp_path: Path) -> None:
    convert(log, str(tmp_path / "a.eval"))
    convert(str(tmp_path / "a.eval"), str(tmp_path / "b.json"))
    convert(str(tmp_path / "b.json"), str(tmp_path / "c.jsonl"))
    convert(log, str(tmp_path / "d.jsonl"))

    assert (tmp_path / "c.jsonl").read_bytes() == (tmp_path / "d.jsonl").read_bytes()


def test_what_could_not_be_read_and_what_only_we_read_back_is_told(
    log: str, tmp_path: Path
) -> None:
    done = convert(log, str(tmp_path / "out.json"))

    ((reason, kind),) = done.failures.items()
    assert (reason, kind.count, kind.places) == ("no messages", 1, ("log.jsonl:4",))
    assert done.carried == {"settings": 3}
    assert done.gaps["model name"] == 3


def test_tags_choose_what_is_written(log: str, tmp_path: Path) -> None:
    done = convert(log, str(tmp_path / "out.jsonl"), where={"draw": "0"})

    assert done.conversations == 2


def test_a_file_that_is_there_stays_unless_it_is_forced(log: str, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("mine")

    with pytest.raises(PlanError, match="is there already"):
        convert(log, str(out))
    assert out.read_text() == "mine"

    convert(log, str(out), force=True)
    assert out.read_text() != "mine"


def test_a_log_can_be_written_over_itself(log: str) -> None:
    convert(log, log, force=True)
    done = convert(log, log, force=True)

    assert (done.conversations, done.failures) == (3, {})


def test_nothing_is_left_behind_where_it_fails(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text('{"messages": []}\n')

    with pytest.raises(LogError, match="none of 1 record could be read"):
        convert(str(tmp_path / "log.jsonl"), str(tmp_path / "out.eval"))
    assert [path.name for path in tmp_path.iterdir()] == ["log.jsonl"]


def test_a_place_that_cannot_be_written_is_named(log: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be written"):
        convert(log, str(tmp_path / "nowhere" / "out.jsonl"))


def test_an_ending_that_says_nothing_asks_for_the_format(log: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="--to"):
        convert(log, str(tmp_path / "out.txt"))
    with pytest.raises(PlanError, match=r"unknown writer 'atf'.*'atif'"):
        convert(log, str(tmp_path / "out.txt"), to="atf")
    assert convert(log, str(tmp_path / "out.txt"), to="atif").written_as == "atif"


def test_bytes_do_not_go_to_a_terminal(log: str) -> None:
    with pytest.raises(PlanError, match="is no text"):
        convert(log, "-", to="parquet")


def test_texts_stay_as_they_are_unless_they_are_scrubbed(
    log: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORETASTE_SCRUB_KEY", "k")
    convert(log, str(tmp_path / "plain.jsonl"))
    done = convert(log, str(tmp_path / "clean.jsonl"), scrubbed=True)

    assert "ann.smith1@example.com" in (tmp_path / "plain.jsonl").read_text()
    clean = (tmp_path / "clean.jsonl").read_text()
    assert "ann.smith" not in clean
    assert '"k1"' not in clean  # the log's own id may name somebody
    assert (done.conversations, done.scrubbed) == (3, True)
    assert scan(str(tmp_path / "clean.jsonl")).log.replayable == 3


@pytest.mark.parametrize("ending", ["jsonl", "atif", "eval", "parquet"])
def test_where_an_answer_was_traced_goes_along_unless_it_is_scrubbed(
    tmp_path: Path, ending: str
) -> None:
    log = tmp_path / "rows.jsonl"
    log.write_text(json.dumps(observation(7)) + "\n")
    for name, scrubbed in (("plain", False), ("clean", True)):
        convert(str(log), str(tmp_path / f"{name}.{ending}"), scrubbed=scrubbed)
    plain, clean = (
        next(iter(open_log(path, LogPlan(path=path))[1]()))
        for path in (str(tmp_path / f"{name}.{ending}") for name in ("plain", "clean"))
    )

    assert isinstance(plain, Conversation)
    assert isinstance(clean, Conversation)
    assert plain.dialogue.origins == {"1": f"{TRACE}/{7:016x}"}
    assert clean.dialogue.origins == {}


def test_progress_is_told(log: str, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    convert(log, str(tmp_path / "out.jsonl"), watch=lambda *step: told.append(step))

    assert told == [("written", 3, None)]
