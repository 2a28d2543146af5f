from pathlib import Path
from typing import Any

from langfuse.api.commons.types.score_data_type import ScoreDataType
from langfuse.api.core.serialization import convert_and_respect_annotation_metadata
from langfuse.api.scores.types.create_score_request import CreateScoreRequest

from foretaste.adapters.exporters.langfuse import Langfuse
from unit.adapters.exporters.findings import NAME, SPAN, TRACE, graded, lines, linked, written


def scores(folder: Path, *, traced: bool = True) -> list[CreateScoreRequest]:
    file = written(Langfuse(), linked() if traced else graded(), folder) / "scores.jsonl"
    return [_request(each) for each in lines(file)]


def _request(score: Any) -> CreateScoreRequest:
    """A score as the client's own type has it, which renames what goes over the wire."""
    renamed = convert_and_respect_annotation_metadata(
        object_=score, annotation=CreateScoreRequest, direction="read"
    )
    return CreateScoreRequest.model_validate(renamed)


def test_langfuse_s_own_types_take_every_score(tmp_path: Path) -> None:
    found = scores(tmp_path)

    assert [each.value for each in found[::2]] == ["present", "absent", "ungraded", "outside"]
    assert {each.data_type for each in found} == {ScoreDataType.CATEGORICAL}
    assert {each.trace_id for each in found} == {TRACE}
    assert not any(each.model_extra for each in found)


def test_a_replay_is_scored_on_the_trace_under_a_name_of_its_own(tmp_path: Path) -> None:
    then, now = scores(tmp_path)[:2]

    assert (then.name, then.observation_id) == (NAME, SPAN)
    assert (now.name, now.observation_id) == (f"{NAME} (candidate)", None)


def test_ids_are_the_same_each_time_and_none_twice(tmp_path: Path) -> None:
    ids = [each.id for each in scores(tmp_path)]

    assert ids == [each.id for each in scores(tmp_path)]
    assert len(set(ids)) == len(ids)


def test_without_traces_of_langfuse_no_observation_is_named(tmp_path: Path) -> None:
    found = scores(tmp_path, traced=False)

    assert all(each.trace_id and each.observation_id is None for each in found)
