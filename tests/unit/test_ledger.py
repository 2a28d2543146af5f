import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from foretaste.errors import SealBroken, StoreUnavailable
from foretaste.forecasts import Evidence, Learned
from foretaste.ledger import (
    Foretold,
    ScoredEntry,
    SealedEntry,
    lessons,
    open_ledger,
    record,
    whole_ledger,
)
from foretaste.records import identity

EVIDENCE = Evidence(recorded=(8.0, 40.0), incumbent=(9.0, 40.0), candidate=(12.5, 40.0), shared=0.3)


def sealed(name: str, **changes: Any) -> SealedEntry:
    whole = SealedEntry(
        seal=f"seal of {name}",
        run=name,
        sealed_at="2026-11-21T21:30:00+00:00",
        plan=f"plan of {name}",
        prefixes=f"prefixes of {name}",
        prefix_count=40,
        models={"candidate": "new"},
        method="hierarchical",
        forecasts={"alpha": Foretold(rate=0.3, lower=0.2, upper=0.4)},
        evidence={"alpha": EVIDENCE},
        behaviors={"alpha": "a"},
        graders={"alpha": "g"},
        learned=Learned(),
        code="c",
        version="0.1.0",
        environment=None,
        sha256="s",
    )
    return replace(whole, **changes)


def scored(name: str, log: str = "later", k: float = 30.0, n: float = 100.0) -> ScoredEntry:
    return ScoredEntry(
        seal=f"seal of {name}",
        log=log,
        fingerprint=log,
        realized={"alpha": (k, n)},
        shown={"alpha": (int(k), int(n))},
        errors={"alpha": 1.2},
        noise={"alpha": 1.1},
        directions={"alpha": True},
        covered={"alpha": True},
    )


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A ledger of two forecasts, the first one scored: three lines."""
    place = str(tmp_path / "runs" / "ledger.jsonl")
    record(place, sealed("one"))
    record(place, sealed("one"), scored("one"))
    record(place, sealed("two"))
    return place


def lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines(keepends=True)


def test_what_was_written_is_read_again(path: str) -> None:
    one, two = whole_ledger(path).stories()

    assert (one.line, one.sealed, one.scored) == (1, sealed("one"), (scored("one"),))
    assert (two.line, two.sealed, two.scored) == (3, sealed("two"), ())


def test_a_ledger_that_is_not_there_is_empty_and_none_is_made(tmp_path: Path) -> None:
    place = tmp_path / "ledger.jsonl"

    assert open_ledger(str(place)).lines == ()
    assert not place.exists()


def test_a_forecast_is_written_once_however_often_it_is_sealed(path: str) -> None:
    before = Path(path).read_bytes()

    assert [record(path, sealed("one")), record(path, sealed("two"))] == [1, 3]
    assert Path(path).read_bytes() == before


def test_the_latest_scoring_on_a_log_counts_and_the_first_stays_in_the_file(path: str) -> None:
    record(path, sealed("one"), scored("one", k=40.0))
    record(path, sealed("one"), scored("one", log="another"))
    story = whole_ledger(path).stories()[0]

    assert [(each.log, each.realized["alpha"][0]) for each in story.scored] == [
        ("later", 40.0),
        ("another", 30.0),
    ]
    assert len(lines(path)) == 5


def change_a_number(written: list[str]) -> list[str]:
    return [written[0].replace("0.3", "0.31", 1), *written[1:]]


def take_one_out(written: list[str]) -> list[str]:
    return [written[0], *written[2:]]


def take_the_first_out(written: list[str]) -> list[str]:
    return written[1:]


def swap_two(written: list[str]) -> list[str]:
    return [written[1], written[0], *written[2:]]


def write_twice(written: list[str]) -> list[str]:
    return [written[0], *written]


def cut_short(written: list[str]) -> list[str]:
    return [*written[:-1], written[-1][:100]]


def scribble(written: list[str]) -> list[str]:
    return [written[0], "scribble\n", *written[1:]]


def backdate(written: list[str]) -> list[str]:
    body = json.loads(written[0])
    return [json.dumps(body | {"at": "2020-01-01T00:00:00+00:00"}) + "\n", *written[1:]]


def forget(written: list[str]) -> list[str]:
    body = json.loads(written[1])
    del body["before"]
    return [written[0], json.dumps(body) + "\n", *written[2:]]


@pytest.mark.parametrize(
    ("harm", "line"),
    [
        (change_a_number, 1),
        (take_one_out, 2),
        (take_the_first_out, 1),
        (swap_two, 1),
        (write_twice, 2),
        (cut_short, 3),
        (scribble, 2),
        (backdate, 1),
        (forget, 2),
    ],
)
def test_a_ledger_that_was_tampered_with_says_in_which_line_and_takes_no_more(
    path: str, harm: Callable[[list[str]], list[str]], line: int
) -> None:
    Path(path).write_text("".join(harm(lines(path))))
    before = Path(path).read_bytes()

    assert f"ledger.jsonl, line {line}: " in open_ledger(path).faults[0]
    with pytest.raises(SealBroken, match=rf"ledger\.jsonl, line {line}: "):
        whole_ledger(path)
    with pytest.raises(SealBroken, match="nothing is added"):
        record(path, sealed("three"))
    with pytest.raises(SealBroken):
        lessons(path, {"a plan"})
    assert Path(path).read_bytes() == before


def test_the_lines_that_can_be_read_are_not_lost_with_the_one_that_cannot(path: str) -> None:
    Path(path).write_text("".join(scribble(lines(path))))
    found = open_ledger(path)

    assert [each.sealed.run for each in found.stories()] == ["one", "two"]
    assert len(found.faults) == 1


def test_a_kind_that_a_later_version_writes_is_passed_over_and_still_chained(path: str) -> None:
    body = {"kind": "remark", "at": "2030-01-01T00:00:00+00:00", "entry": {"said": "a word"}}
    body["before"] = open_ledger(path).lines[-1].hash
    with Path(path).open("a") as file:
        file.write(json.dumps(body | {"hash": identity("ledger", body)}) + "\n")
    record(path, sealed("three"))

    assert len(whole_ledger(path).stories()) == 3
    assert whole_ledger(path).lines[3].entry is None


def test_spaces_and_order_of_keys_are_no_change(path: str) -> None:
    plain = [json.dumps(json.loads(line), sort_keys=True) + "\n" for line in lines(path)]
    Path(path).write_text("".join(plain))

    assert open_ledger(path).faults == ()


def test_two_that_write_at_once_do_not_break_the_chain(tmp_path: Path) -> None:
    place = str(tmp_path / "ledger.jsonl")
    with ThreadPoolExecutor(4) as writers:
        list(writers.map(lambda number: record(place, sealed(str(number))), range(40)))

    assert len(whole_ledger(place).stories()) == 40


def test_a_ledger_that_cannot_be_opened_is_a_failure_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot read the ledger"):
        open_ledger(str(tmp_path))
    with pytest.raises(StoreUnavailable, match="cannot write the ledger"):
        record(str(tmp_path), sealed("one"))


def test_only_scored_forecasts_of_other_plans_teach(path: str) -> None:
    taught = lessons(path, {"a new plan"})

    assert list(taught.past) == [([EVIDENCE], [(30.0, 100.0)])]
    assert (taught.learned.forecasts, taught.learned.lines) == (1, 3)
    assert lessons(path, {"plan of one", "another"}).learned.forecasts == 0
    assert lessons(None, {"a new plan"}).learned == Learned()


def test_what_was_learned_from_has_a_hash_that_changes_with_it(path: str) -> None:
    first = lessons(path, {"a new plan"}).learned
    record(path, sealed("two"), scored("two"))
    second = lessons(path, {"a new plan"}).learned

    assert first.entries != second.entries
    assert (second.forecasts, second.lines) == (2, 4)
    kept = "".join(lines(path)[: first.lines])
    Path(path).write_text(kept)
    assert lessons(path, {"a new plan"}).learned == first


def test_a_forecast_scored_on_many_cuts_of_one_release_counts_once_on_the_largest(
    path: str,
) -> None:
    for log, n in (("small cut", 50.0), ("whole", 900.0), ("other cut", 60.0)):
        record(path, sealed("one"), scored("one", log=log, n=n))

    assert list(lessons(path, {"a new plan"}).past) == [([EVIDENCE], [(30.0, 900.0)])]


def test_a_run_that_was_sealed_again_teaches_once(path: str) -> None:
    again = sealed("one", seal="seal of again")
    record(path, again, replace(scored("one", n=200.0), seal="seal of again"))

    assert list(lessons(path, {"a new plan"}).past) == [([EVIDENCE], [(30.0, 200.0)])]


def test_a_behavior_that_was_not_graded_after_release_is_left_out(path: str) -> None:
    two = {"alpha": EVIDENCE, "beta": EVIDENCE}
    record(path, sealed("three", evidence=two), scored("three"))

    assert [len(evidence) for evidence, _ in lessons(path, {"a new plan"}).past] == [1, 1]
