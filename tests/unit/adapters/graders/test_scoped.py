"""A grader that is asked only where its behavior is defined."""

from dataclasses import replace

from foretaste.adapters.behaviors import load_behavior
from foretaste.adapters.graders.rubric import Rubric
from foretaste.adapters.graders.scoped import Scoped
from foretaste.records import Outcome
from foretaste.testing import ScriptedModel
from unit.adapters.graders.exchanges import answer, judged, prefix_of, shipped_rule

BEHAVIOR = replace(load_behavior("apology"), applies=("tools",))
RULE = shipped_rule("apology")


def test_a_turn_outside_is_neither_present_nor_absent_nor_ungraded() -> None:
    scoped = Scoped(grader=RULE, behavior=BEHAVIOR)
    found = judged(scoped, prefix_of("Why?"), answer("I apologize for that."))

    assert found.outcome is Outcome.OUTSIDE
    assert (found.evidence, found.grader) == ("", scoped.fingerprint)
    assert "tools" in found.reason


def test_a_turn_inside_is_judged_under_the_scoped_name() -> None:
    scoped = Scoped(grader=RULE, behavior=BEHAVIOR)
    found = judged(scoped, prefix_of("Why?", tools=({},)), answer("I apologize for that."))

    assert found.outcome is Outcome.PRESENT
    assert found.grader == scoped.fingerprint != RULE.fingerprint


def test_another_scope_is_another_grader_and_options_are_the_grader_s_own() -> None:
    other = replace(BEHAVIOR, applies=("system",))
    judge = Rubric(behavior=BEHAVIOR, model=ScriptedModel(), votes=3)

    assert Scoped(grader=RULE, behavior=other) != Scoped(grader=RULE, behavior=BEHAVIOR)
    fingerprints = {Scoped(grader=RULE, behavior=b).fingerprint for b in (other, BEHAVIOR)}
    assert len(fingerprints) == 2
    assert getattr(Scoped(grader=judge, behavior=BEHAVIOR), "votes", 1) == 3
