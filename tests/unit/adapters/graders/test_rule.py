"""The rule grader itself."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.graders.rule import Finding, Rule, _function, _source
from foretaste.errors import PlanError, UnknownName
from foretaste.records import Behavior, Outcome, Prefix, Rollout, Stop
from unit.adapters.graders.exchanges import answer, judged, prefix_of

RUDE = Behavior(name="rude", description="Is rude.", rubric="Rude words.", version="1")
HERE = "unit.adapters.graders.test_rule"


def shouting(prefix: Prefix, rollout: Rollout) -> Finding:
    if not prefix.messages:
        return Finding(None, reason="nobody asked")
    return Finding(present=rollout.text.isupper(), evidence=rollout.text)


def exclaiming(prefix: Prefix, rollout: Rollout) -> Finding:
    score = rollout.text.count("!") / max(1, len(rollout.text))
    return Finding(present=score > 0.5, evidence="!" if score else "", score=score)


NOT_A_FUNCTION = 3


def rule(**options: Any) -> Rule:
    return Rule(behavior=RUDE, **options)


def outcome(text: str, **options: Any) -> Outcome:
    return judged(rule(**options), prefix_of("Hi."), answer(text)).outcome


def test_a_pattern_ignores_case_and_quotes_what_it_matched() -> None:
    verdict = judged(rule(pattern="idiot|fool"), prefix_of("Hi."), answer("You FOOL, you."))

    assert (verdict.outcome, verdict.evidence) == (Outcome.PRESENT, "FOOL")
    assert (verdict.behavior, verdict.parent) == ("rude", answer("You FOOL, you.").id)


def test_unless_looks_at_the_sentence_of_the_match_alone() -> None:
    options: dict[str, Any] = {"pattern": "fool", "unless": "not a fool"}

    assert outcome("You are not a fool.", **options) is Outcome.ABSENT
    assert outcome("He is not a fool. You are a fool.", **options) is Outcome.PRESENT


def test_quoted_text_counts_only_where_the_rule_says_so() -> None:
    assert outcome('He wrote "fool".', pattern="fool") is Outcome.ABSENT
    assert outcome('He wrote "fool".', pattern="fool", quoted=True) is Outcome.PRESENT


def test_within_looks_at_the_opening_alone() -> None:
    assert outcome("x" * 50 + " fool", pattern="fool", within=40) is Outcome.ABSENT


def test_flags_replace_the_default() -> None:
    assert outcome("FOOL", pattern="fool", flags="") is Outcome.ABSENT
    assert outcome("a\nfool", pattern="^fool", flags="m") is Outcome.PRESENT


def test_reasoning_that_the_log_does_not_hold_is_ungraded() -> None:
    graded = rule(pattern="fool", where="reasoning")
    thought = answer("Fine.", reasoning="What a fool.")

    assert judged(graded, prefix_of("Hi."), answer("fool")).outcome is Outcome.UNGRADED
    assert judged(graded, prefix_of("Hi."), thought).outcome is Outcome.PRESENT


def test_an_answer_that_a_filter_took_away_is_ungraded_not_absent() -> None:
    verdict = judged(rule(pattern="fool"), prefix_of("Hi."), answer("", stop=Stop.FILTERED))

    assert verdict.outcome is Outcome.UNGRADED
    assert "filtered" in verdict.reason


def test_a_function_decides_and_may_leave_it_open() -> None:
    graded = rule(function=f"{HERE}:shouting")
    silent = replace(prefix_of("Hi."), messages=())

    assert judged(graded, prefix_of("Hi."), answer("NO")).outcome is Outcome.PRESENT
    assert judged(graded, prefix_of("Hi."), answer("No")).outcome is Outcome.ABSENT
    assert judged(graded, silent, answer("NO")).outcome is Outcome.UNGRADED


def test_a_functions_score_is_kept_and_a_threshold_cuts_it() -> None:
    own = judged(rule(function=f"{HERE}:exclaiming"), prefix_of("Hi."), answer("No!!"))
    lower = rule(function=f"{HERE}:exclaiming", threshold=0.5)
    cut = judged(lower, prefix_of("Hi."), answer("No!!"))

    assert (own.outcome, own.score, own.evidence) == (Outcome.ABSENT, 0.5, "")
    assert (cut.outcome, cut.score, cut.evidence) == (Outcome.PRESENT, 0.5, "!")


def test_a_threshold_leaves_alone_what_has_no_score() -> None:
    graded = rule(function=f"{HERE}:shouting", threshold=0.5)

    assert judged(graded, prefix_of("Hi."), answer("NO")).outcome is Outcome.PRESENT
    assert judged(graded, replace(prefix_of("Hi."), messages=()), answer("NO")).score is None


def test_a_function_is_known_by_the_modules_beside_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "from . import words\ndef found(prefix, rollout): return words.WORD in rollout.text\n"
    seen = set()
    for package, word in (("one_rule", "fool"), ("other_rule", "oaf")):
        folder = tmp_path / package
        folder.mkdir()
        (folder / "__init__.py").touch()
        (folder / "words.py").write_text(f"WORD = {word!r}\n")
        (folder / "found.py").write_text(body)
        monkeypatch.syspath_prepend(tmp_path)
        seen.add(_source(_function(f"{package}.found:found")))

    assert len(seen) == 2


def test_a_changed_rule_is_a_changed_grader() -> None:
    first = rule(pattern="fool")
    others = [
        rule(pattern="fools"),
        rule(pattern="fool", unless="x"),
        rule(pattern="fool", quoted=True),
        rule(pattern="fool", within=10),
        rule(function=f"{HERE}:shouting"),
        rule(function=f"{HERE}:shouting", threshold=0.5),
        Rule(behavior=replace(RUDE, version="2"), pattern="fool"),
    ]

    assert first.fingerprint == rule(pattern=("fool",)).fingerprint
    assert len({first.fingerprint, *(other.fingerprint for other in others)}) == 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "a pattern or a function"),
        ({"pattern": "a", "function": f"{HERE}:shouting"}, "a pattern or a function"),
        ({"pattern": "(a"}, "no regular expression"),
        ({"pattern": "(a+)+b"}, "take forever"),
        ({"pattern": r"(?:\w+\s*)*$"}, "take forever"),
        ({"pattern": "a", "threshold": 0.5}, "from 0 to 1"),
        ({"function": f"{HERE}:shouting", "threshold": 50}, "from 0 to 1"),
        ({"function": "shouting"}, "module:name"),
        ({"function": "no.such.module:f"}, "no module"),
        ({"function": f"{HERE}:NOT_A_FUNCTION"}, "is no function"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_before_the_run(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PlanError, match=message):
        rule(**options)


@pytest.mark.parametrize(
    "options",
    [
        {"function": f"{HERE}:shoutin"},
        {"pattern": "a", "flags": "q"},
        {"pattern": "a", "where": "txt"},
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(options: dict[str, Any]) -> None:
    with pytest.raises(UnknownName):
        rule(**options)
