import csv
import json
from pathlib import Path
from typing import Any

import msgspec
from phoenix.client.__generated__.v1 import AnnotationResult, SpanAnnotationData

from foretaste.adapters.exporters.phoenix import Phoenix
from unit.adapters.exporters.findings import NAME, SPAN, graded, lines, linked, written


def annotations(folder: Path) -> list[dict[str, Any]]:
    return lines(written(Phoenix(), linked(), folder) / "annotations.jsonl")


def test_phoenix_s_own_types_take_every_annotation(tmp_path: Path) -> None:
    for each in annotations(tmp_path):
        assert msgspec.convert(each, SpanAnnotationData) == each
        assert each.keys() <= SpanAnnotationData.__annotations__.keys()
        assert each["result"].keys() <= AnnotationResult.__annotations__.keys()


def test_all_lanes_are_told_apart_on_the_span_of_production_s_answer(tmp_path: Path) -> None:
    then, now = annotations(tmp_path)[:2]

    assert then["span_id"] == now["span_id"] == SPAN
    assert (then["name"], now["name"]) == (NAME, f"{NAME} (candidate)")
    assert then["identifier"] != now["identifier"]


def test_what_is_not_graded_has_a_label_and_no_score(tmp_path: Path) -> None:
    found = [each["result"] for each in annotations(tmp_path)[::2]]

    assert [each["label"] for each in found] == ["present", "absent", "ungraded", "outside"]
    assert [each.get("score") for each in found] == [1.0, 0.0, None, None]


def test_without_traces_a_span_is_ours(tmp_path: Path) -> None:
    found = lines(written(Phoenix(), graded(), tmp_path) / "annotations.jsonl")

    assert len({each["span_id"] for each in found}) == len(found)


def test_the_data_frame_says_the_same_in_the_columns_that_the_client_asks_for(
    tmp_path: Path,
) -> None:
    every = annotations(tmp_path)
    with (tmp_path / "annotations.csv").open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))

    assert {"span_id", "name", "annotator_kind", "label", "score"} <= rows[0].keys()
    for row, each in zip(rows, every, strict=True):
        assert row["identifier"] == each["identifier"]
        assert row["label"] == each["result"]["label"]
        assert json.loads(row["metadata"]) == each["metadata"]
    assert [row["score"] for row in rows[::2]] == ["1.0", "0.0", "", ""]
