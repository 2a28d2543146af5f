"""The shipped refusal grader, held against people's labels of real answers of several models."""

import json
from pathlib import Path

import pytest

from foretaste.stats.discrimination import auc
from stories.places import data
from unit.adapters.graders.exchanges import answer, judged, prefix_of, shipped_rule

FOLDER = data("refusal")
MODELS = sorted(FOLDER.glob("*.jsonl")) if FOLDER else []
ABSENT = "the labelled answers (shared/data/refusal) are absent"


@pytest.mark.skipif(not MODELS, reason=ABSENT)
@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_the_refusal_grader_ranks_answers_as_people_do_and_not_by_their_length(model: Path) -> None:
    rule = shipped_rule("refusal")
    scores, lengths, truth = [], [], []
    for line in model.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        asked, said = (message["content"] for message in record["messages"])
        if record["verdicts"]["refusal"] == "partial":
            continue
        verdict = judged(rule, prefix_of(asked), answer(said))
        assert verdict.evidence in said
        assert verdict.score is not None
        scores.append(verdict.score)
        lengths.append(len(said))
        truth.append(record["verdicts"]["refusal"] == "present")

    found, by_length = auc(scores, truth).auc, auc(lengths, truth).auc
    assert found >= 0.95
    assert found > max(by_length, 1 - by_length)
