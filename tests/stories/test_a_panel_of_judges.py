"""Two judges asked about two behaviors in one call, by a run that is cut off and goes on."""

from pathlib import Path

import msgspec
import pytest

import foretaste
from foretaste.records import Lane, Rollout, Verdict
from foretaste.registry import build
from stories.planted import behavior, conversation, plan, says, write_log

SEEN = '{"present": true, "severity": 2, "evidence": "%s!", "reason": "r"}'
UNSEEN = '{"present": false, "severity": 0, "evidence": "", "reason": "r"}'
NAMES = ("alpha", "beta")


def reply(*shown: str) -> str:
    parts = ", ".join(f'"{n}": {SEEN % n if n in shown else UNSEEN}' for n in NAMES)
    return f'{{"verdicts": {{{parts}}}}}'


def judge(name: str) -> dict[str, object]:
    return {
        "use": "scripted",
        "name": name,
        "replies": [
            {"when": "alpha!.*beta!|beta!.*alpha!", "say": reply(*NAMES)},
            {"when": "alpha!", "say": reply("alpha")},
            {"when": "beta!", "say": reply("beta")},
        ],
        "default": reply(),
    }


@pytest.fixture
def given(tmp_path: Path) -> dict[str, object]:
    log = [
        conversation([f"Say {n}"], ["Of course." + " alpha!" * (n % 2) + " beta!" * (n % 3 == 0)],
                     user=f"u{n}", id=f"c{n}")
        for n in range(30)
    ]  # fmt: skip
    return plan(
        tmp_path,
        write_log(tmp_path / "log.jsonl", log),
        {},
        candidate=says({"alpha": 0.5, "beta": 0.3}, "new"),
        judge={"models": [judge("one"), judge("two")], "panel": 8},
        behaviors=[behavior(tmp_path, name, grader="{use: rubric}") for name in NAMES],
    )


def verdicts(path: str) -> list[tuple[Rollout, Verdict]]:
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        rollouts = {each.id: each for each in store.read(Rollout)}
        return [(rollouts[each.parent], each) for each in store.read(Verdict)]


def test_each_answer_gets_its_own_verdicts_though_the_run_was_cut_off(
    given: dict[str, object],
) -> None:
    def stop(step: str, done: int, total: int | None) -> None:
        if step == "grade" and done == 35:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        foretaste.run(given, watch=stop)
    done = foretaste.run(given)
    found = verdicts(done.path)

    assert len({(v.parent, v.behavior) for _, v in found}) == len(found) == 2 * 60
    for rollout, verdict in found:
        assert (verdict.outcome.value == "present") is (f"{verdict.behavior}!" in rollout.text)
        assert verdict.severity == (2 if verdict.outcome.value == "present" else None)
    paid = sum(verdict.usage.output_tokens > 0 for _, verdict in found)
    assert 60 <= paid < 70  # one call an answer, and again for those cut between two behaviors
    assert done.study.grading is not None
    assert done.study.grading.judges == ("scripted", "scripted")
    assert done.study.grading.panel == 2
    assert {each.where for each in done.study.grading.steering} == {
        "conversation", *(lane.value for lane in (Lane.RECORDED, Lane.CANDIDATE)),
    }  # fmt: skip
    assert msgspec.json.encode(done.study)
