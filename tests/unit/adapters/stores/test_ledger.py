from typing import Any

import msgspec
import pytest

from foretaste.adapters.stores.ledger import entries, entry, unpacked
from foretaste.records import Dropped, Failure, Lane, Outcome, Rollout, Stop, Verdict

RECORDS = [
    Rollout(parent="a" * 32, lane=Lane.CANDIDATE, messages=(), stop=Stop.FINAL),
    Verdict(parent="r", behavior="refusal", outcome=Outcome.UNGRADED, grader="g"),
    Dropped(parent="s", reason="duplicate"),
    Failure(stage="replay", item="p", reason="timeout", lane=Lane.INCUMBENT),
    Failure(stage="ingest", item="log:7", reason="no JSON"),
]


@pytest.mark.parametrize("record", RECORDS)
def test_a_line_has_the_entry_of_the_record_it_was_made_of(record: Any) -> None:
    (again,) = entries("kind", msgspec.json.encode(record))

    assert again == entry("kind", record)


def test_only_a_failure_is_a_new_row_each_time() -> None:
    assert [entry("kind", record).unique for record in RECORDS] == [True, True, True, False, False]


@pytest.mark.parametrize("name", ["0f" * 16, "0F" * 16, "zz" * 16, "0f" * 15, "0 " * 16])
def test_an_id_is_packed_only_where_it_comes_back_the_same(name: str) -> None:
    parent = entry("dropped", Dropped(parent=name, reason="")).parent

    assert unpacked(parent) == name
    assert isinstance(parent, bytes) == (name == "0f" * 16)
