from pathlib import Path
from typing import Any

import pytest

import foretaste
from foretaste.errors import LogError, PlanError
from foretaste.planfile import load_plan
from foretaste.runs.assembly import assemble, fingerprint_of_all
from foretaste.runs.traffic import weigh
from foretaste.stages.shift import Shifted
from stories.planted import conversation, plain_log, plan, says, write_log
from unit.rows import prefix, user

RATES = {"alpha": 0.3}
PREFIXES = [prefix(f"c{n}", messages=(user(f"Question {n % 4}, please"),)) for n in range(40)]


def planned(folder: Path, **traffic: Any) -> dict[str, Any]:
    log = plain_log(folder / "log.jsonl", RATES, users=20, seed=1)
    return plan(
        folder,
        log,
        RATES,
        candidate=says(RATES, "new"),
        forecast={"turns": 100, "traffic": traffic or None},
    )


def weighed(given: dict[str, Any]) -> Shifted | None:
    loaded = load_plan(given)
    return weigh(loaded, assemble(loaded), PREFIXES)


def test_traffic_like_the_log_s_needs_no_weights(tmp_path: Path) -> None:
    assert weighed(planned(tmp_path)) is None


def test_newer_conversations_without_consent_are_not_used(tmp_path: Path) -> None:
    newer = [
        conversation(["Question, please"], ["Fine."], id=f"n{n}", metadata={"ok": n % 2 == 0})
        for n in range(40)
    ]
    path = write_log(tmp_path / "newer.jsonl", newer)
    found = weighed(planned(tmp_path, path=path) | {"consent": "ok"})

    assert found is not None
    assert found.finding.newer == 20
    assert found.finding.lost == {"no consent": 20}


def test_a_newer_log_is_cut_down_like_any_log(tmp_path: Path) -> None:
    newer = [
        conversation(["Question, please"], ["Fine."], id=f"n{n}", metadata={"surface": surface})
        for n in range(30)
        for surface in ("web", "app")
    ]
    path = write_log(tmp_path / "newer.jsonl", newer)
    found = weighed(planned(tmp_path, path=path, where={"surface": "web"}))

    assert found is not None
    assert found.finding.newer == 30


def test_a_newer_log_that_holds_too_little_is_refused(tmp_path: Path) -> None:
    path = write_log(tmp_path / "newer.jsonl", [conversation(["Hello"], ["Fine."])])

    with pytest.raises(PlanError, match="too little to weigh by"):
        weighed(planned(tmp_path, path=path))


def test_another_state_of_the_newer_log_is_another_run(tmp_path: Path) -> None:
    path = plain_log(tmp_path / "newer.jsonl", RATES, users=30, seed=2)
    given = load_plan(planned(tmp_path, path=path))
    parts = assemble(given)
    before = fingerprint_of_all(given, parts)
    plain_log(tmp_path / "newer.jsonl", RATES, users=31, seed=2)

    assert before != fingerprint_of_all(given, parts) != parts.log_fingerprint
    assert fingerprint_of_all(load_plan(planned(tmp_path)), parts) == parts.log_fingerprint


@pytest.mark.parametrize(
    ("traffic", "error"),
    [
        ({"path": "nowhere.jsonl"}, LogError),
        ({"by": "surface", "shares": {"web": 1.0}}, PlanError),
    ],
)
def test_a_target_that_is_wrong_is_refused_before_anything_is_asked(
    tmp_path: Path, traffic: dict[str, Any], error: type[Exception]
) -> None:
    model = {"use": "openai", "model": "x", "base_url": "http://127.0.0.1:9"}

    with pytest.raises(error, match=r"nowhere|unknown tag 'surface'"):
        foretaste.run(planned(tmp_path, **traffic) | {"candidate": model})
