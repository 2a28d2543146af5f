"""Pairs that an auditor is shown."""

from collections import Counter

from foretaste.adapters.auditors.comparing import Comparing
from foretaste.adapters.engines.local import Local
from foretaste.discoveries import Pair, Proposed, Seen
from foretaste.records import Failure, Lane
from foretaste.stages.propose import propose, showings
from foretaste.testing import ScriptedModel
from unit.differences import difference
from unit.rows import prefix, rollout


def pairs() -> list[Pair]:
    """400 pairs: the candidate alone says `zebra` in 20, `often` in 200, `today` in others."""
    found = []
    for k in range(400):
        asked = prefix(f"c{k}", of=f"u{k}")
        text = f"Well {k}." + ("", " often", " today", " often")[k % 4]
        text += " zebra" if k < 20 else ""
        before = rollout(asked.id, Lane.INCUMBENT, f"Well {k}.")
        found.append(Pair(asked, before, rollout(asked.id, Lane.CANDIDATE, text)))
    return found


def test_half_is_shown_for_what_differs_the_rare_as_often_as_the_frequent() -> None:
    asked = [difference("word", "often"), difference("word", "zebra")]
    shown = showings(pairs(), asked, pairs=32, seed=1)
    texts = [each.pair.after.text for each in shown]

    assert sum("zebra" in text for text in texts) == 8
    assert sum("often" in text and "zebra" not in text for text in texts) == 8
    assert {each.chance for each in shown if "zebra" in each.pair.after.text} == {8 / 20}


def test_turns_that_say_the_same_are_not_shown_and_the_draw_is_by_seed() -> None:
    found = pairs()
    shown = showings(found, [], pairs=100, seed=1)
    again = showings(found, [], pairs=100, seed=1)

    assert [each.id for each in shown] == [each.id for each in again]
    assert [each.id for each in shown] != [
        each.id for each in showings(found, [], pairs=100, seed=2)
    ]
    assert all(each.pair.before.messages != each.pair.after.messages for each in shown)
    assert 30 < Counter(each.swapped for each in shown)[True] < 70
    assert showings([], [], pairs=10, seed=1) == []


def test_what_was_folded_into_a_difference_leads_to_its_pairs_too() -> None:
    asked = [difference("word", "nobody", also=(Seen("word", "zebra"),))]
    shown = showings(pairs(), asked, pairs=20, seed=1)

    assert sum("zebra" in each.pair.after.text for each in shown) >= 10


def test_few_pairs_follow_few_differences() -> None:
    asked = [difference("word", str(k)) for k in range(100)]
    shown = showings(pairs(), asked, pairs=10, seed=1)

    assert len(shown) == 10


def test_each_pair_is_asked_about_once_and_a_failure_names_it() -> None:
    shown = showings(pairs(), [], pairs=10, seed=1)
    said = list(propose(shown, auditor=Comparing(model=ScriptedModel()), engine=Local()))
    broken = Comparing(model=ScriptedModel(fail_share=1.0))
    failed = list(propose(shown[:1], auditor=broken, engine=Local()))

    assert {each.parent for each in said if isinstance(each, Proposed)} == {s.id for s in shown}
    assert [each.item for each in failed if isinstance(each, Failure)] == [shown[0].id]
