import json
from dataclasses import replace
from pathlib import Path

import pytest

from foretaste.report.gating.sarif import sarif
from unit.report.decided import decided

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
SCHEMA = json.loads((Path(__file__).parents[3] / "schemas" / "sarif-2.1.0.json").read_text())


def test_a_decision_is_valid_sarif_whatever_its_texts_hold() -> None:
    for study in (decided(), replace(decided(), decision=None)):
        found = json.loads(sarif(study, {"refusal": "be haviors/refusal.md"}, "foretaste.yaml"))
        jsonschema.Draft4Validator(SCHEMA).validate(found)


def test_a_result_is_what_is_not_kept_and_points_at_what_defines_it() -> None:
    (run,) = json.loads(sarif(decided(), {"refusal": "b/refusal.md"}, "ci/plan.yaml"))["runs"]

    assert [each["level"] for each in run["results"]] == ["error", "warning", "warning"]
    places = [
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for each in run["results"]
    ]
    assert places == ["b/refusal.md", "ci/plan.yaml", "ci/plan.yaml"]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[each["ruleIndex"]]["id"] for each in run["results"]] == [
        each["ruleId"] for each in run["results"]
    ]


def test_limits_of_one_behavior_have_fingerprints_of_their_own() -> None:
    study = decided()
    assert study.decision is not None
    first, second = study.decision.rulings[0], study.decision.rulings[3]
    limit = replace(second.limit, behavior="refusal")
    both = replace(study.decision, rulings=(first, replace(second, limit=limit)))
    (run,) = json.loads(sarif(replace(study, decision=both), {}, "p.yaml"))["runs"]

    assert len(run["tool"]["driver"]["rules"]) == 1
    prints = [each["partialFingerprints"]["foretasteLimit/v1"] for each in run["results"]]
    assert len(set(prints)) == 2
