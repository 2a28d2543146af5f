import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from foretaste.adapters.stores.files import Files
from foretaste.after.carding import card, verify
from foretaste.after.discovery import discover
from foretaste.after.publication import seal
from foretaste.after.release import open_study
from foretaste.after.stated import LARGEST
from foretaste.after.validation import validate
from foretaste.cards import Verified
from foretaste.cli import main
from foretaste.errors import PlanError, SealBroken
from foretaste.pipeline import run
from foretaste.records import Outcome, Verdict
from foretaste.report.card.model_index import front_matter
from foretaste.report.card.section import ENDS, section
from stories.planted import plan, says
from unit.released import RATES, log

Written = Callable[[str], str]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Keep a text in a file."""

    def keep(text: str) -> str:
        (tmp_path / "README.md").write_text(text)
        return str(tmp_path / "README.md")

    return keep


def told(found: Verified) -> list[tuple[str, str]]:
    return [(each.card, each.run) for each in found.discrepancies]


def test_a_card_is_whole_alone_and_within_a_longer_one(path: str, written: Written) -> None:
    text = section(card(path))
    longer = f"{front_matter(card(path))}# Model\n\n{text}\n## Licence\n"
    alone, within = verify(written(text), path), verify(written(longer), path)

    assert alone.whole
    assert alone.checked == (f"lines 1 to {len(text.splitlines())}",)
    assert within.whole
    assert within.checked[0] == "model-index"
    assert within.checked[1].startswith("lines ")


def test_json_is_whole_alone_and_within_other_json(path: str, written: Written) -> None:
    text = msgspec.json.encode(card(path)).decode()

    assert verify(written(text), path).whole
    assert verify(written(f'{{"cards": [1, {text}], "x": {{}}}}'), path).whole


def test_a_changed_figure_is_found_in_every_form(path: str, written: Written) -> None:
    made = card(path)
    (alpha,) = made.behaviors
    assert alpha.forecast is not None
    better = replace(alpha, forecast=replace(alpha.forecast, rate=0.001))
    nicer = replace(made, behaviors=(better,))

    for text in (section(nicer), front_matter(nicer), msgspec.json.encode(nicer).decode()):
        found = verify(written(text), path)

        assert not found.whole
        assert len(found.discrepancies) == 1


def test_a_card_of_an_older_seal_says_so(tmp_path: Path, written: Written) -> None:
    before = log(tmp_path, "before", ["alpha!"] * 8 + ["Fine."] * 32)
    given = plan(tmp_path, before, RATES, candidate=says(RATES, "new"))
    path = run(given).path
    old = section(card(path))
    first = open_study(path).sealed
    more = plan(tmp_path, before, {**RATES, "bravo": 0.1}, candidate=says(RATES, "new"))
    run(more, retry=True)
    found = verify(written(old), path)

    assert not found.whole
    assert told(found) == [
        (
            f"older seal {first.seal}, of {first.sealed_at}: write the card anew",
            open_study(path).sealed.seal,
        )
    ]
    assert verify(written(section(card(path))), path).whole


def test_a_card_of_another_run_is_none_of_this_one(path: str, written: Written) -> None:
    text = section(card(path))
    other = text.replace(open_study(path).sealed.seal, "ab" * 16)
    found, both = verify(written(other), path), verify(written(text + other), path)

    assert not found.whole
    assert "which this run never had" in found.discrepancies[0].card
    assert both.whole
    assert "was not checked" in both.notes[0]


def test_marks_that_are_spoiled_are_found(path: str, written: Written) -> None:
    text = section(card(path))

    for spoiled in (text.replace(ENDS, ""), text.replace("card 1 seal=", "card 1 steal=")):
        assert not verify(written(spoiled), path).whole
        assert not verify(written(text + spoiled), path).whole


def test_what_is_found_later_breaks_no_card_and_is_told(path: str, written: Written) -> None:
    file = written(section(card(path)))
    validate(path, log(Path(path).parent, "later", ["alpha!"] * 12 + ["Fine."] * 28))
    discover(path)
    found = verify(file, path)
    scored = card(path)

    assert found.whole
    assert [note.partition(",")[0] for note in found.notes] == [
        "since then: a scoring on later.jsonl",
        "since then: what nobody listed",
    ]
    assert len(scored.scored) == len(scored.searched) == 1
    assert "Error of this forecast" not in {each.what for each in scored.not_measured}
    assert scored.past is None  # a forecast is not its own past
    assert verify(written(section(scored)), path).whole
    assert verify(written(section(scored)), path).notes == ()


def test_a_finding_that_was_made_anew_since_is_told(path: str, written: Written) -> None:
    discover(path)
    file = written(section(card(path)))
    kept = json.loads((Path(path) / "discovery.json").read_text())
    kept[0]["at"] = "2027-01-01T00:00:00+00:00"
    (Path(path) / "discovery.json").write_text(json.dumps(kept))
    found = verify(file, path)

    assert not found.whole
    assert "made anew since" in found.discrepancies[0].run


def test_past_forecasts_are_those_of_the_ledger_as_it_was(path: str, written: Written) -> None:
    later = log(Path(path).parent, "later", ["alpha!"] * 12 + ["Fine."] * 28)
    other = Path(path).parent / "other"
    before = log(other, "before", ["alpha!"] * 9 + ["Fine."] * 31)
    past = run(plan(other, before, RATES, candidate=says(RATES, "old"))).path
    ledger = Path(path).parent / "ledger.jsonl"
    seal(past, ledger=str(ledger))
    early = section(card(path))
    validate(past, later)
    (Path(path).parent / "other" / "ledger.jsonl").replace(ledger)
    scored = card(path)

    assert "no earlier forecast of this ledger was scored" in early
    assert scored.past is not None
    assert scored.past.forecasts == 1
    assert scored.past.median is not None
    assert scored.past.median >= 1
    assert verify(written(section(scored)), path).whole
    ledger.unlink()
    gone = verify(written(section(scored)), path)
    assert not gone.whole
    assert gone.discrepancies[0].place == "ledger"


def test_a_run_that_is_not_what_was_sealed_gives_and_verifies_no_card(
    path: str, written: Written
) -> None:
    file = written(section(card(path)))
    with Files(path=path) as store:
        verdict = next(iter(store.read(Verdict)))
        store.append(replace(verdict, outcome=Outcome.PRESENT, parent="0" * 32))

    with pytest.raises(SealBroken):
        card(path)
    with pytest.raises(SealBroken):
        verify(file, path)


@pytest.mark.parametrize(
    "text",
    [
        "# A model card without the section\n",
        "{",
        "[1, 2]",
        "---\nmodel-index: [{results: [{dataset: 1}, {dataset: {args: {seal: y}}}]}]\n---\n",
        "---\nmodel-index: [\n---\n",
        "---\n- x\n---\n",
        "[" * 100_000,
        "x" * (LARGEST + 1),
    ],
    ids=range(8),
)
def test_a_file_without_a_card_is_a_wrong_call(path: str, written: Written, text: str) -> None:
    with pytest.raises(PlanError):
        verify(written(text), path)


def test_a_file_that_is_not_there_or_no_text_is_a_wrong_call(path: str, tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")

    for file in (tmp_path / "none.md", tmp_path / "bytes", tmp_path):
        with pytest.raises(PlanError, match="cannot be read"):
            verify(str(file), path)


def test_a_card_of_json_that_is_no_card_differs(path: str, written: Written) -> None:
    for spoiled in ({"form": "foretaste-card/1"}, {"form": "foretaste-card/1", "sealed": 3}):
        assert not verify(written(json.dumps(spoiled)), path).whole


def test_no_text_of_the_log_and_no_path_is_in_a_card(path: str) -> None:
    whole = msgspec.json.encode(card(path)).decode() + section(card(path))

    for told_nowhere in ("Fine.", "Well?", "/tmp", str(Path(path).parent), "before.jsonl"):
        assert told_nowhere not in whole


def called(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    code = main(words)
    return code, capsys.readouterr().out


def test_the_command_writes_every_form(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    made = card(path)

    assert called(["card", path], capsys) == (0, section(made))
    assert called(["card", "write", path], capsys) == (0, section(made))
    assert called(["card", "--format", "huggingface", path], capsys) == (0, front_matter(made))
    for words in (["card", path, "--json"], ["card", "--format", "json", path]):
        code, said = called(words, capsys)
        assert (code, json.loads(said)) == (0, json.loads(msgspec.json.encode(made)))
    assert called(["schema", "card"], capsys)[1].startswith('{\n  "$schema"')


def test_the_command_s_code_says_whether_a_card_is_whole(
    path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "card.md"
    assert main(["card", path, "-o", str(file)]) == 0
    assert called(["card", "verify", str(file), path], capsys)[1].startswith("whole: lines 1 to ")

    file.write_text(file.read_text().replace("| 40 of 40 turns |", "| 90 of 90 turns |"))
    code, said = called(["card", "verify", str(file), path], capsys)
    assert code == 1
    assert "the card has 90 of 90 turns; the run gives 40 of 40 turns" in " ".join(said.split())

    code, said = called(["card", "verify", str(file), path, "--json"], capsys)
    assert (code, json.loads(said)["whole"]) == (1, False)
    assert main(["card", "verify", str(tmp_path / "none"), path]) == 2
    assert main(["card", "verify", str(file)]) == 2


def test_a_run_s_folder_may_be_named_like_a_command(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(path).rename(tmp_path / "verify")
    monkeypatch.chdir(tmp_path)

    assert called(["card", "./verify"], capsys)[0] == 0
    assert called(["card", "write", "verify"], capsys)[0] == 0
