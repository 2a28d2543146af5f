import math
from pathlib import Path

import pytest
from inspect_ai import score
from inspect_ai.log import read_eval_log, read_eval_log_sample_summaries
from inspect_ai.scorer import includes

from foretaste.adapters.exporters.inspect_log import InspectLog
from foretaste.records import Lane
from unit.adapters.exporters.findings import NAME, STUDY, TRACE, graded, linked, written


def test_inspect_reads_a_log_for_each_lane_with_the_same_samples(tmp_path: Path) -> None:
    folder = written(InspectLog(), linked(), tmp_path)
    logs = [read_eval_log(str(folder / f"{lane}.eval")) for lane in ("recorded", "candidate")]

    assert not (folder / "incumbent.eval").exists()
    ids = [[sample.id for sample in log.samples or ()] for log in logs]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 4
    sample = (logs[0].samples or [])[0]
    assert isinstance(sample.input, list)
    assert sample.input[0].text == "Is it so?"
    assert [message.role for message in sample.messages] == [
        *("user", "assistant", "tool", "assistant"),
    ]
    assert sample.output.completion == "Yes, Zoë.\r\n"
    assert sample.metadata["trace"] == TRACE


def test_what_is_not_graded_is_unscored_and_never_zero(tmp_path: Path) -> None:
    folder = written(InspectLog(), graded(), tmp_path)
    log = read_eval_log(str(folder / "recorded.eval"))
    # Inspect sorts samples by their ids, which are hashes.
    by_answer = {(s.scores or {})[NAME].answer: (s.scores or {})[NAME] for s in log.samples or ()}
    scores = [by_answer[each] for each in ("present", "absent", "ungraded", "outside")]

    assert [each.value for each in scores[:2]] == [1.0, 0.0]
    assert all(isinstance(each.value, float) and math.isnan(each.value) for each in scores[2:])
    assert scores[2].reason == "grader_failed"
    assert scores[2].explanation == "the judge said neither"
    summaries = read_eval_log_sample_summaries(str(folder / "recorded.eval"))
    values = [float((each.scores or {})[NAME].value) for each in summaries]  # type: ignore[arg-type]
    assert sum(map(math.isnan, values)) == 2


def test_the_metrics_are_the_run_s_own_rates_with_their_intervals(tmp_path: Path) -> None:
    folder = written(InspectLog(), graded(), tmp_path)
    log = read_eval_log(str(folder / "candidate.eval"))
    (mine,) = (e for e in STUDY.estimates if e.lane is Lane.CANDIDATE and e.behavior == NAME)
    assert log.results is not None
    found = next(each for each in log.results.scores if each.name == NAME)

    assert found.metrics["rate"].value == mine.rate
    assert found.metrics["lower"].value == mine.lower
    assert found.scored_samples == mine.graded


def test_inspect_s_data_frame_takes_the_log(tmp_path: Path) -> None:
    pytest.importorskip("pandas")  # which Inspect does not bring
    from inspect_ai.analysis import samples_df

    folder = written(InspectLog(), graded(), tmp_path)
    frame = samples_df(str(folder / "recorded.eval"))

    assert len(frame) == 4
    assert f"score_{NAME}" in frame.columns


def test_inspect_s_own_scorers_can_score_it_again(tmp_path: Path) -> None:
    folder = written(InspectLog(), graded(), tmp_path)
    log = read_eval_log(str(folder / "recorded.eval"))

    again = score(log, includes(), action="append", display="none")
    assert again.results is not None
    assert "includes" in {each.name for each in again.results.scores}
