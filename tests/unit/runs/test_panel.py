from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.behaviors import load_behavior, shipped
from foretaste.adapters.graders.learning import Learning
from foretaste.adapters.graders.rubric import Rubric
from foretaste.adapters.graders.rule import Rule
from foretaste.adapters.graders.scoped import Scoped
from foretaste.adapters.graders.screens.probe import Probe
from foretaste.errors import PlanError, UnknownName
from foretaste.planfile import load_plan
from foretaste.records import Outcome, Usage, Verdict
from foretaste.runs.panel import Panel, panel
from foretaste.testing import ScriptedModel
from stories.planted import behavior
from unit.adapters.graders.screens.teaching import CountingEmbedder, examples

JUDGE = ScriptedModel()


def paneled(*behaviors: Any, judge: ScriptedModel | None = None, **more: Any) -> Panel:
    plan = {"log": {"path": "a"}, "candidate": "openai/x", "behaviors": list(behaviors)}
    return panel(load_plan(plan), [judge] if judge else [], **more)


def test_a_plan_that_names_no_behavior_gets_all_but_disallowed_content_and_awareness() -> None:
    found = paneled(judge=JUDGE)
    left_out = set(shipped()) - {each.name for each in found.behaviors}

    on_request = {name for name in left_out if "awareness" in load_behavior(name).tags}
    assert on_request == {"eval-awareness", "metagaming"}
    assert {load_behavior(name).kind for name in left_out - on_request} == {"disallowed"}
    assert {each.kind for each in found.behaviors} == {"misalignment", "quality", "style"}
    assert found.skipped == {}


def test_a_tag_names_every_shipped_behavior_that_has_it_once() -> None:
    found = paneled(
        {"name": "hate", "limit": {"per_100k": 1}}, "tag:disallowed-content", judge=JUDGE
    )
    names = [each.name for each in found.behaviors]

    assert len(names) == len(set(names)) == 11
    assert [limit.behavior for limit in found.limits] == ["hate"]
    with pytest.raises(UnknownName, match="did you mean 'agentic'"):
        paneled("tag:agentc")


def test_a_behavior_with_conditions_is_graded_where_they_hold() -> None:
    found = paneled("lying-about-tools", "refusal", judge=JUDGE)

    assert isinstance(found.graders["lying-about-tools"], Scoped)
    assert isinstance(found.graders["refusal"], Rule)


def test_without_a_judge_only_what_rules_decide_is_graded_and_the_rest_named() -> None:
    found = paneled("refusal", "sycophancy", "apology")

    assert set(found.skipped) == {"sycophancy"}
    assert all(isinstance(each, Rule) for each in found.graders.values())
    assert found.judged == frozenset()


def test_a_behavior_without_a_rule_is_judged_by_the_model() -> None:
    found = paneled("sycophancy", judge=JUDGE)

    grader = found.graders["sycophancy"]
    assert isinstance(grader, Rubric)
    assert grader.model is JUDGE
    assert found.judged == {"sycophancy"}


def test_a_plan_may_replace_a_behavior_s_grader() -> None:
    found = paneled({"name": "sycophancy", "grader": {"use": "rule", "pattern": "great"}})

    assert isinstance(found.graders["sycophancy"], Rule)
    assert found.skipped == {}


def test_a_trained_screen_is_found_beside_the_plan(tmp_path: Path) -> None:
    embedder = {"use": "unit.adapters.graders.screens.teaching:CountingEmbedder"}
    trained = {"use": "foretaste.adapters.graders.trained:Trained", "file": "screen.json"}
    screen = Probe(behavior=load_behavior("refusal"), embedder=CountingEmbedder())(examples())
    (tmp_path / "screen.json").write_bytes(screen.document)
    wanted = {"name": "refusal", "grader": trained | {"embedder": embedder}}
    plan = load_plan({"log": {"path": "a"}, "candidate": "openai/x", "behaviors": [wanted]})

    found = panel(replace(plan, folder=str(tmp_path)))

    assert found.fingerprints == {"refusal": screen.fingerprint}
    assert found.judged == frozenset()


def test_a_behavior_of_one_s_own_is_read_from_its_file(tmp_path: Path) -> None:
    found = paneled(behavior(tmp_path, "alpha"))

    assert [each.name for each in found.behaviors] == ["alpha"]


def test_known_definitions_are_taken_and_files_not_read(tmp_path: Path) -> None:
    entry = behavior(tmp_path, "alpha")
    (known,) = paneled(entry).behaviors
    Path(entry["definition"]).unlink()

    assert paneled(entry, known=[known]).behaviors == (known,)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("refusl", "did you mean 'refusal'"),
        ({"name": "refusal", "grader": {"use": "rul"}}, "did you mean 'rule'"),
        ({"name": "refusal", "grader": {"use": "rule", "patern": "x"}}, "did you mean 'pattern'"),
        ({"name": "refusal", "grader": {"pattern": "x"}}, "grader"),
        ({"name": "refusal", "limit": {}}, "per_100k, increase or both"),
        ({"name": "sycophancy", "limit": {"per_100k": 1}}, "needs a judge"),
        ("sycophancy", "not one behavior"),
        ({"name": "other", "definition": "none.md"}, "none.md"),
    ],
)
def test_what_cannot_be_graded_as_asked_is_refused(entry: Any, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        paneled(entry)


def test_a_behavior_named_twice_is_refused() -> None:
    for twice in (("refusal", {"name": "refusal"}), ("refusal", "sycophancy", "sycophancy")):
        with pytest.raises(PlanError, match="twice"):
            paneled(*twice)


def test_a_file_that_defines_another_name_is_refused(tmp_path: Path) -> None:
    entry = behavior(tmp_path, "alpha") | {"name": "bravo"}

    with pytest.raises(PlanError, match="defines 'alpha'"):
        paneled(entry)


def test_a_behavior_may_have_a_limit_of_either_kind_at_once() -> None:
    both = {"per_100k": 9, "increase": 2, "decide_on": "rate"}
    limits = paneled({"name": "refusal", "limit": both}).limits

    assert [(each.per_100k, each.increase, each.decide_on) for each in limits] == [
        (9, None, "rate"),
        (None, 2, "rate"),
    ]


def test_a_limit_of_zero_is_a_limit() -> None:
    (found,) = paneled({"name": "refusal", "limit": {"per_100k": 0}}).limits

    assert (found.per_100k, found.increase) == (0, None)


def test_an_unknown_behavior_is_an_unknown_name() -> None:
    with pytest.raises(UnknownName):
        paneled("no-such-thing-at-all")


def test_rules_grade_side_by_side_and_each_judge_on_its_own() -> None:
    found = paneled("sycophancy", "refusal", "fabricated-facts", "apology", judge=JUDGE)

    rounds = [list(each) for each in found.rounds]
    assert rounds == [["refusal", "apology"], ["sycophancy"], ["fabricated-facts"]]
    assert {name: g for each in found.rounds for name, g in each.items()} == found.graders


def seated(judge: Any, *behaviors: Any) -> Panel:
    plan = {"log": {"path": "a"}, "candidate": "openai/x", "judge": judge}
    return panel(load_plan({**plan, "behaviors": list(behaviors)}), [JUDGE])


SIX = ("sycophancy", "sandbagging", "fabricated-facts", "refusal")


def test_behaviors_of_one_judge_share_its_calls_in_the_order_of_the_plan() -> None:
    found = seated({"use": "scripted", "panel": 2}, *SIX)

    assert found.tables == (("sycophancy", "sandbagging"),)
    assert [list(each) for each in found.rounds] == [
        ["refusal"],
        ["sycophancy", "sandbagging"],
        ["fabricated-facts"],
    ]
    calls = [getattr(found.graders[name], "calls", None) for name in SIX]
    assert calls == [0.5, 0.5, 1, None]


def test_a_grader_may_sit_at_a_table_of_its_own_size() -> None:
    alone = [{"name": name, "grader": {"use": "rubric", "panel": 3}} for name in SIX[:3]]
    other = {"name": "apology", "grader": {"use": "rubric", "votes": 3}}
    found = seated({"use": "scripted"}, *alone, other)

    assert found.tables == (SIX[:3],)
    assert len({found.graders[name].fingerprint for name in SIX[:3]}) == 3


def test_one_verdict_of_a_shared_call_is_paid_and_every_one_of_its_own() -> None:
    found = seated({"use": "scripted", "panel": 2}, *SIX)
    free, dear = Usage(), Usage(input_tokens=9)

    def paid(name: str, usage: Usage) -> bool:
        return found.paid(
            Verdict(parent="r", behavior=name, outcome=Outcome.ABSENT, grader="g", usage=usage)
        )

    assert [paid("sycophancy", dear), paid("sandbagging", free)] == [True, False]
    assert [paid("fabricated-facts", free), paid("refusal", dear)] == [True, False]


@pytest.mark.parametrize("size", [0, -1, "2", True])
def test_a_panel_without_a_size_is_refused(size: Any) -> None:
    with pytest.raises(PlanError, match="panel"):
        seated({"use": "scripted", "panel": size}, *SIX)


def test_a_screen_that_learns_is_no_grader_by_itself() -> None:
    learning = {"use": "foretaste.adapters.graders.learning:Learning", "first": {"use": "rule"}}
    with pytest.raises(PlanError, match="no grader"):
        paneled({"name": "refusal", "grader": learning})


def test_where_no_screen_is_named_it_is_the_behavior_s_own_rule_or_one_that_learns() -> None:
    screened = {"use": "screened", "calls": 100}
    ruled = paneled({"name": "refusal", "grader": screened}, judge=ScriptedModel())
    judged = paneled({"name": "sycophancy", "grader": screened}, judge=ScriptedModel())

    assert isinstance(ruled.screened["refusal"].screen, Rule)
    assert isinstance(judged.screened["sycophancy"].screen, Learning)


def test_a_screened_behavior_s_scope_is_part_of_who_it_is_graded_by(tmp_path: Path) -> None:
    part = "{use: screened, screen: {use: rule, pattern: WORD}}"
    found = [
        paneled(behavior(tmp_path, "alpha", grader=part + scope), judge=ScriptedModel())
        for scope in ("", "\napplies: [tools]")
    ]
    whole, scoped = (each.screened["alpha"] for each in found)

    assert not isinstance(scoped.screen, Scoped)
    assert scoped.fingerprint != whole.fingerprint
