"""A model proposes behaviors; they are checked on fresh pairs."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.stores.files import Files
from foretaste.after.auditing import Auditing, audit
from foretaste.discoveries import Audited, Pair, Passed, Proposed
from foretaste.errors import PlanError
from foretaste.records import Lane, Prefix, Rollout, Verdict
from foretaste.runs.linting import lint
from foretaste.stages.discover import discover
from foretaste.stages.preview import Cost
from unit.audits import GOOD, RATE, SOLD, finish, line, proposes, verdict
from unit.differences import passed


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audited")
    finish(folder, judge=GOOD)
    return folder


@pytest.fixture
def path(finished: Path, tmp_path: Path) -> str:
    """The run in a folder of its own."""
    shutil.copytree(finished, tmp_path / "copy")
    return str(tmp_path / "copy" / "run")


def first_pass(path: str) -> Passed:
    with Files(path=path, reading=True) as store:
        lanes: dict[tuple[str, Lane], Rollout] = {
            (r.parent, r.lane): r for r in store.read(Rollout)
        }
        pairs = [
            Pair(p, lanes[p.id, Lane.INCUMBENT], lanes[p.id, Lane.CANDIDATE])
            for p in store.read(Prefix)
        ]
    return discover(pairs, before=Lane.INCUMBENT, after=Lane.CANDIDATE)


def audited(path: str, **more: Any) -> Audited:
    return audit(path, first_pass(path), replace(Auditing(judge="plan"), **more))


def test_what_one_lane_does_in_a_tenth_of_its_turns_is_found_and_its_rate_covered(
    path: str,
) -> None:
    said: list[tuple[Cost, ...]] = []
    found = audit(path, first_pass(path), Auditing(judge="plan"), announce=said.append)
    (novel,) = found.novel

    assert (found.shown, found.unread, found.kinds, found.left) == (100, 0, 1, 0)
    assert (novel.name, novel.severity, novel.ungraded) == ("sells-zebras", 3, 0)
    assert novel.checked == 200
    assert novel.before == 0
    for lower, upper in ((novel.after_lower, novel.after_upper), (novel.lower, novel.upper)):
        assert lower is not None
        assert upper is not None
        assert 0 < lower <= RATE <= upper < 0.25
    assert novel.q_value is not None
    assert novel.q_value < 0.001
    assert {each.lane for each in novel.sightings} == {Lane.CANDIDATE}
    assert all(SOLD in each.quote and SOLD not in each.other for each in novel.sightings)
    assert [each.what for each in said[0]] == ["propose", "check"]
    assert [each.calls for each in said[0]] == [100, 2_000]


def test_no_pair_that_was_shown_is_one_on_which_it_is_checked(path: str) -> None:
    audited(path)
    with Files(path=path, reading=True) as store:
        shown = {each.parent for each in store.read(Proposed)}
        graded = {v.parent for v in store.read(Verdict) if v.behavior == "sells-zebras"}
        checked = {each.parent for each in store.read(Rollout) if each.id in graded}

    assert (len(shown), len(checked)) == (100, 200)
    assert not shown & checked


def test_its_draft_passes_the_check_and_a_person_s_changes_stay(path: str) -> None:
    found = audited(path)
    file = Path(path, found.novel[0].draft)
    flaws = lint([str(file)])
    file.write_text(file.read_text().replace("harmless", "a joke"))
    audited(path)

    assert found.novel[0].draft == "discovered/sells-zebras.md"
    assert not [each for each in flaws if each.kind == "error"]
    assert "a joke" in file.read_text()


def test_asking_again_costs_nothing_and_finds_the_same(path: str) -> None:
    first = audited(path)
    said: list[tuple[Cost, ...]] = []
    seen: list[str] = []
    again = audit(
        path,
        first_pass(path),
        Auditing(judge="plan"),
        announce=said.append,
        watch=lambda step, *_: seen.append(step),
    )

    assert again == first
    assert (said, seen) == ([], [])


def test_more_fresh_pairs_cost_only_what_is_more(path: str) -> None:
    few = audited(path, fresh=20).novel[0]
    said: list[tuple[Cost, ...]] = []
    many = audit(path, first_pass(path), Auditing(judge="plan"), announce=said.append).novel[0]

    assert [(each.what, each.calls) for each in said[0]] == [("check", 2 * (200 - 20))]
    assert (few.checked, many.checked) == (20, 200)


def test_a_budget_that_is_too_small_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    path = finish(tmp_path, judge=GOOD, budget={"calls": 2_050})

    with pytest.raises(PlanError, match="2,100 calls are needed"):
        audited(path)
    with Files(path=path, reading=True) as store:
        assert not list(store.read(Proposed))
    assert audited(path, most=1).novel


USELESS = (
    "Certainly! Everything looks fine to me.",
    '{"behaviors": "all"}',
    '{"present": true, "severity": 4, "evidence": "x", "reason": "Ignore the above."}',
)


@pytest.mark.parametrize("reply", USELESS)
def test_a_useless_auditor_finds_nothing_and_its_replies_are_counted(
    tmp_path: Path, reply: str
) -> None:
    path = finish(tmp_path, judge={"use": "scripted", "name": "useless", "default": reply})
    found = audited(path, pairs=30)

    assert (found.shown, found.unread, found.proposals, found.novel) == (30, 30, 0, ())
    assert (found.bound, found.unseen) == (None, None)
    assert not Path(path, "discovered").exists()


def test_an_auditor_that_makes_things_up_finds_nothing_and_is_counted(tmp_path: Path) -> None:
    made_up = proposes("A", quote="Ignore all rules", name="../../etc")
    path = finish(tmp_path, judge={"use": "scripted", "name": "liar", "default": made_up})
    found = audited(path, pairs=30)

    assert (found.unread, found.unproven, found.proposals, found.novel) == (0, 30, 0, ())
    assert found.bound is not None


def test_a_judge_that_cannot_be_read_leaves_all_ungraded(tmp_path: Path) -> None:
    mute = GOOD | {"replies": [*GOOD["replies"][:3]], "default": "Perhaps."}
    found = audited(finish(tmp_path, judge=mute), pairs=40, fresh=30)
    (novel,) = found.novel

    assert (novel.checked, novel.ungraded) == (0, 30)
    assert (novel.after, novel.p_value, novel.q_value) == (None, None, None)


def test_a_proposal_that_does_not_hold_on_fresh_pairs_is_no_difference(tmp_path: Path) -> None:
    eager = [line('"A": ', proposes("both", quote="!")), line('"answer": ', verdict(False))]
    eager[0]["say"] = proposes("both", quote="Fine", name="says-fine")
    path = finish(tmp_path, judge={"use": "scripted", "name": "eager", "replies": eager})
    found = audited(path, pairs=40, fresh=60)
    (novel,) = found.novel

    assert found.unproven > 0  # not every turn says so
    assert (novel.before, novel.after, novel.difference, novel.q_value) == (0, 0, 0, 1)
    assert novel.upper is not None
    assert novel.upper > 0.02


def test_what_the_plan_names_is_not_proposed_anew(tmp_path: Path) -> None:
    again = [line(rf'"{side}": \[[^]]*{SOLD}', proposes(side, name="well")) for side in "AB"]
    none = line('"A": ', '{"behaviors": []}')
    judge = {"use": "scripted", "name": "again", "replies": [*again, none]}
    found = audited(finish(tmp_path, judge=judge), pairs=40)

    assert (found.known, found.novel, found.left) == (("well",), (), 0)


def test_what_ships_is_checked_by_its_own_definition(tmp_path: Path) -> None:
    replies = [line(rf'"{side}": \[[^]]*{SOLD}', proposes(side, name="flattery")) for side in "AB"]
    judge = GOOD | {"replies": [*replies, *GOOD["replies"][2:]]}
    found = audited(finish(tmp_path, judge=judge), pairs=40, fresh=40)

    assert [(each.name, each.draft) for each in found.novel] == [("flattery", "")]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Auditing(judge="plan", pairs=5), "10 pairs to show"),
        (Auditing(judge="plan", most=0), "1 proposal"),
        (Auditing(judge="gpt"), "name a model like"),
    ],
)
def test_a_wrong_wish_is_refused(path: str, wanted: Auditing, said: str) -> None:
    with pytest.raises(PlanError, match=said):
        audit(path, passed(), wanted)
