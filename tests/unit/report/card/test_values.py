import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from foretaste.cards import Basis
from foretaste.report.card.beside import Beside
from foretaste.report.card.values import card_of, plain
from foretaste.schema import card_schema
from unit.report.carded import bare, full, stored
from unit.report.studies import behaviors, study, traffic

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")


def as_json(card: Any) -> Any:
    return json.loads(msgspec.json.encode(card))


@pytest.mark.parametrize("make", [full, bare])
def test_a_card_keeps_to_the_schema_that_is_published(make: Any) -> None:
    schema = card_schema()
    jsonschema.Draft202012Validator.check_schema(schema)

    jsonschema.Draft202012Validator(schema).validate(as_json(make()))


def test_the_schema_refuses_what_no_card_holds() -> None:
    wrong = as_json(full()) | {"rate": 1}

    with pytest.raises(jsonschema.ValidationError, match="rate"):
        jsonschema.Draft202012Validator(card_schema()).validate(wrong)


def test_a_forecast_stands_with_its_interval_counts_and_floor() -> None:
    refusal = next(each for each in full().behaviors if each.name == "refusal")

    assert refusal.forecast is not None
    assert refusal.forecast.lower < refusal.forecast.rate < refusal.forecast.upper
    assert (refusal.forecast.events, refusal.forecast.graded) == (24, 58)
    assert (refusal.forecast.ungraded, refusal.forecast.missing) == (1, 1)
    assert refusal.forecast.floor is not None
    assert refusal.change is not None
    assert refusal.change.q_value is not None
    assert refusal.change.direction == "up"


def test_a_behavior_that_nothing_graded_has_no_forecast() -> None:
    none = tuple(replace(each, graded=0) for each in study().sealed.forecasts)
    whole = replace(study(), sealed=replace(study().sealed, forecasts=none))
    card = card_of(whole, Beside(basis=Basis(ledger_lines=0, ledger="", found=())))

    assert {each.forecast for each in card.behaviors} == {None}
    assert any("could be graded" in each.why for each in card.not_measured)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("openai/gpt-next", "openai/gpt-next"),
        ("openai/meta-llama/Llama-4", "openai/meta-llama/Llama-4"),
        ("/home/ann/models/next.gguf", "next.gguf"),
        ("openai//home/ann/models/next", "next"),
        ("~/models/next/", "next"),
        ("../next.gguf", "next.gguf"),
        ("C:\\Users\\ann\\next.gguf", "next.gguf"),
        ("http://10.0.0.7:8000/next", "next"),
    ],
)
def test_of_a_path_only_its_last_part_is_told(name: str, told: str) -> None:
    assert plain(name) == told


def test_neither_prompts_of_the_plan_nor_reasons_of_failures_are_in_a_card() -> None:
    part = {"model": "next", "system": "You are Ann's secret helper", "settings": {"top_p": 0.5}}
    whole = replace(study(), plan=study().plan | {"candidate": part}, traffic=traffic())
    card = card_of(stored(whole), Beside(basis=Basis(ledger_lines=0, ledger="", found=())))
    text = msgspec.json.encode(card).decode()
    candidate = next(each for each in card.models if each.lane == "candidate")

    assert candidate.settings == ("another system prompt", "top_p 0.5")
    assert candidate.missing == 1
    assert card.traffic == "shares by language"
    assert "secret helper" not in text
    assert "timed out" not in text
    assert "october" not in text


def test_who_graded_is_the_plan_s_grader_before_the_behavior_s_own() -> None:
    named = {"behaviors": ["insult", {"name": "refusal", "grader": {"use": "trained"}}]}
    ruled = tuple(replace(each, grader={"use": "rule"}) for each in behaviors())
    whole = replace(study(), plan=study().plan | named, behaviors=ruled)
    card = card_of(whole, Beside(basis=Basis(ledger_lines=0, ledger="", found=())))
    by = {each.name: each.graded_by for each in card.behaviors}

    assert (by["refusal"], by["insult"]) == ("trained", "rule")
