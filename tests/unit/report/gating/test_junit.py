from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from foretaste.report.gating.junit import junit
from unit.report.decided import decided

xmlschema = pytest.importorskip("xmlschema", reason="xmlschema is not installed")
SCHEMA = xmlschema.XMLSchema(Path(__file__).parents[3] / "schemas" / "junit-10.xsd")


def test_a_decision_is_valid_junit_whatever_its_texts_hold() -> None:
    SCHEMA.validate(junit(decided()))
    SCHEMA.validate(junit(replace(decided(), decision=None)))


def test_hold_is_a_failure_and_not_enough_evidence_an_error_and_neither_a_pass() -> None:
    cases = ET.fromstring(junit(decided())).findall("testsuite/testcase")

    assert [[each.tag for each in case] for case in cases] == [
        ["failure"],
        ["error"],
        ["system-out"],
        ["error"],
    ]
    assert [case.get("name") for case in cases][:1] == ["refusal: at most 15,000 per 100k"]


def test_a_suite_counts_its_cases() -> None:
    suite = ET.fromstring(junit(decided())).find("testsuite")

    assert suite is not None
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "4", "failures": "1", "errors": "2", "skipped": "0"}
    said = {each.get("name"): each.get("value") for each in suite.iter("property")}
    assert said["ruling"] == "hold"
    assert said["candidate"] == "next-2026-10-01"
