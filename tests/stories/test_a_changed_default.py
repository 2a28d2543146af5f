"""Someone saves real conversations, and the default model changes under them."""

import json
from pathlib import Path

import pytest

from foretaste.errors import MachineFailed
from foretaste.personal.cases import save
from foretaste.personal.watching import look, remembered


def test_saved_cases_are_answered_again_when_the_default_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    talks = [
        [
            {"role": "user", "content": f"Write to ann.lee@brightwater.co about order {number}."},
            {"role": "assistant", "content": f"Dear Ann, order {number} is on its way."},
        ]
        for number in range(6)
    ]
    records = [{"model": "old-1", "created": 1e9 + i, "messages": m} for i, m in enumerate(talks)]
    Path("log.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    save("log.jsonl", last=5)
    state = Path("state.json")
    says = "Dear Ann, I have forwarded this to Ms. Halvorsen of Meridian Freight."

    look("cases", model="old-1", state=state)
    with pytest.raises(MachineFailed):
        look("cases", model="new-1", part={"use": "scripted", "fail_share": 1.0}, state=state)
    kept = remembered(state)
    assert kept
    assert kept.model == "old-1"

    looked = look("cases", model="new-1", part={"use": "scripted", "default": says}, state=state)
    assert looked.comparison
    assert len(looked.comparison.pairs) == 5
    page = Path(looked.comparison.path, "diff.html").read_text()
    assert "Meridian Freight" in page
    assert "ann.lee@brightwater.co" not in page

    again = look("cases", model="new-1", state=state)
    assert again.comparison is None
