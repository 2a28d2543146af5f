import logging
from dataclasses import replace
from typing import Any

import pytest
import yaml

from foretaste.cards import Card
from foretaste.report.card.model_index import front_matter, model_index
from foretaste.report.card.section import section
from unit.report.carded import bare, full
from unit.report.dialogues import HOSTILE

hub = pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")


def read(card: Card) -> Any:
    return hub.ModelCard(front_matter(card) + section(card))


@pytest.mark.parametrize("make", [full, bare])
def test_the_hub_s_own_library_reads_every_result(make: Any) -> None:
    card = make()
    found = read(card)
    values = {each.metric_name: each.metric_value for each in found.data.eval_results}
    refusal = next(each for each in card.behaviors if each.name == "refusal")

    assert found.data.model_name == "next-2026-10-01"
    assert refusal.forecast is not None
    assert values["refusal: forecast share of turns"] == refusal.forecast.rate
    assert {each.dataset_args["seal"] for each in found.data.eval_results} == {card.sealed.seal}
    assert found.text.startswith("<!-- foretaste card")


def test_what_is_unknown_is_the_word() -> None:
    (made,) = model_index(bare())
    values = {each["name"]: each["value"] for each in made["results"][0]["metrics"]}

    assert values["past forecasts: median multiplicative error"] == "unknown"
    assert None not in values.values()


def test_the_library_writes_it_back_as_it_was() -> None:
    again = yaml.safe_load(read(full()).data.to_yaml())

    assert again["model-index"] == yaml.safe_load(front_matter(full())[4:-4])["model-index"]


@pytest.mark.parametrize("name", [HOSTILE, "---", "a: b", "!!python/object:os.system x", "- x"])
def test_a_hostile_name_is_a_text_of_yaml(name: str, caplog: pytest.LogCaptureFixture) -> None:
    card = full()
    models = tuple(replace(each, model=name) for each in card.models)
    behaviors = tuple(replace(each, name=name) for each in card.behaviors)
    with caplog.at_level(logging.WARNING):
        found = read(replace(card, models=models, behaviors=behaviors))

    assert found.data.model_name == yaml.safe_load(yaml.safe_dump(name))
    assert found.data.eval_results[0].metric_name == f"{name}: forecast share of turns"
