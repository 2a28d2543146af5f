from pathlib import Path
from typing import Any

import pytest

from foretaste.errors import PlanError
from foretaste.planfile import load_plan
from foretaste.registry import options, resolve
from foretaste.runs.pricing import Price
from foretaste.toolserver.fence import Fence
from foretaste.toolserver.purse import Purse
from foretaste.toolserver.vetting import _LOOKED_AT, PLAIN, Allowance, Vetting

GOOD: dict[str, Any] = {
    "log": {"path": "log.jsonl"},
    "candidate": {"use": "scripted"},
    "behaviors": ["refusal"],
}
GIVEN = {"behavior", "others", "desk", "conversations", "reading", "key", "embedder"}
REFUSED = {  # options that this server never lets a plan set
    ("scrubbers", "patterns"): {"kinds"},  # people would be left in
    ("graders", "rubric"): {"model"},  # a judge, which the program gives
    ("graders", "yes-no"): {"model"},
}


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "log.jsonl").write_text("{}")
    (tmp_path / "secret.jsonl").write_text("the secret")
    return inside


def vet(yard: Path, allowance: Allowance | None = None, **changed: Any) -> Vetting:
    from dataclasses import replace

    plan = replace(load_plan(GOOD | changed), folder=str(yard))
    vetting = Vetting(visit=Fence((str(yard),)).visit(), allowance=allowance or Allowance())
    vetting.plan(plan)
    return vetting


def test_a_plan_that_stays_inside_is_let_through(yard: Path) -> None:
    vet(
        yard,
        incumbent={"use": "recorded", "path": "log.jsonl"},
        judge={"use": "embedded", "model": "smollm2"},
        tools={"use": "layered", "layers": ["recorded", {"use": "database", "path": "log.jsonl"}]},
        store={"use": "files", "path": "runs/mine"},
        behaviors=["tag:tools", {"name": "refusal", "limit": {"per_100k": 20}}],
    )


OUT = "../secret.jsonl"
ELSEWHERE = {"use": "openai", "model": "m", "base_url": "http://collects.example/v1"}


@pytest.mark.parametrize(
    "changed",
    [
        {"log": {"path": OUT}},
        {"log": {"path": "/etc/passwd"}},
        {"log": {"path": "-"}},
        {"log": {"path": "log.jsonl", "tools": OUT}},
        {"log": {"path": "log.jsonl", "use": "os:system"}},
        {"log": {"path": "log.jsonl", "options": {"path": OUT}}},
        {"candidate": {"use": "recorded", "path": OUT}},
        {"candidate": {"use": "recorded", "path": "log.jsonl", "options": {"path": OUT}}},
        {"candidate": {"use": "recorded", "path": "log.jsonl", "format": "os:system"}},
        {"candidate": {"use": "os:system", "path": "log.jsonl"}},
        {"candidate": {"use": "embedded", "model": "../../weights.gguf"}},
        {"incumbent": {"use": "recorded", "path": "~/answers.jsonl"}},
        {"judge": {"use": "mypackage.models:Mine"}},
        {"judge": {"models": [{"use": "scripted"}, {"use": "a:B"}]}},
        {"scrub": {"use": "a:B"}},
        {"scrub": {"use": "patterns", "kinds": []}},
        {"engine": {"use": "a:B"}},
        {"engine": {"use": "local", "concurrency": 10_000}},
        {"store": {"use": "a:B"}},
        {"store": {"use": "files", "path": "../run"}},
        {"store": {"use": "files", "path": "."}},  # its ledger would lie outside
        {"forecast": {"ledger": "../ledger.jsonl"}},
        {"forecast": {"traffic": {"path": OUT}}},
        {"tools": {"use": "connector", "command": ["sh", "-c", "id"], "allow": ["*"]}},
        {"tools": {"use": "workspace", "repository": "."}},
        {"tools": {"use": "environment", "tools": "os:path", "state": "log.jsonl"}},
        {"tools": {"use": "database", "path": OUT}},
        {"tools": {"use": "layered", "layers": [{"use": "connector", "url": "http://x"}]}},
        {"tools": {"use": "model", "model": ELSEWHERE}},
        {"candidate": ELSEWHERE},
        {"judge": {"models": [{"use": "scripted"}, ELSEWHERE]}},
        {"tools": {"use": "model", "model": {"use": "a:B"}}},
        {
            "tools": {
                "use": "model",
                "model": {"use": "scripted"},
                "examples": {"use": "database", "path": OUT},
            }
        },
        {"behaviors": ["../secret.md"]},
        {"behaviors": ["/etc/passwd.md"]},
        {"behaviors": [{"name": "mine", "definition": "../mine.md"}]},
        {"behaviors": [{"name": "mine", "definition": "log.jsonl"}]},
        {"behaviors": [{"name": "refusal", "grader": {"use": "a:B"}}]},
        {"behaviors": [{"name": "refusal", "grader": {"use": "rule", "function": "os:system"}}]},
        {"behaviors": [{"name": "refusal", "grader": {"use": "trained", "file": OUT}}]},
        {"behaviors": [{"name": "refusal", "grader": {"use": "classifier", "model": "."}}]},
        {
            "behaviors": [
                {
                    "name": "refusal",
                    "grader": {"use": "screened", "screen": {"use": "rule", "function": "os:x"}},
                }
            ]
        },
    ],
)
def test_what_an_agents_plan_may_not_have_is_refused(yard: Path, changed: dict[str, Any]) -> None:
    with pytest.raises(PlanError) as caught:
        vet(yard, Allowance(purse=Purse(calls=5), keys=frozenset({"OPENAI_API_KEY"})), **changed)

    assert "the secret" not in str(caught.value)


def test_a_behavior_file_inside_may_not_bring_code_of_its_own(yard: Path) -> None:
    (yard / "mine.md").write_text(
        "---\nname: mine\ndescription: d\ngrader: {use: rule, function: 'os:system'}\n---\nRubric"
    )

    with pytest.raises(PlanError, match="function of your own"):
        vet(yard, behaviors=[{"name": "mine", "definition": "mine.md"}])


def test_runs_that_are_a_link_out_are_refused(yard: Path) -> None:
    (yard / "runs").symlink_to(yard.parent)

    with pytest.raises(PlanError, match="leads out"):
        vet(yard)


PAID = {"use": "openai", "model": "m", "base_url": "http://127.0.0.1:9/v1"}
LOCAL = frozenset({"http://127.0.0.1:9/v1"})


def test_a_model_that_may_cost_needs_a_budget_a_server_and_a_key_that_were_allowed(
    yard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    purse, key = Purse(calls=5), frozenset({"OPENAI_API_KEY"})
    for allowance, why in (
        (Allowance(servers=LOCAL, keys=key), "without a budget"),
        (Allowance(purse=purse, keys=key), "--server"),
        (Allowance(purse=purse, servers=LOCAL), "--key"),
        (Allowance(purse=Purse(usd=5), servers=LOCAL, keys=key), "--price"),
    ):
        with pytest.raises(PlanError, match=why):
            vet(yard, allowance, candidate=PAID)

    vetting = vet(yard, Allowance(purse=purse, servers=LOCAL, keys=key), candidate=PAID)

    assert vetting.prices == {"m": None}


def test_no_other_variable_goes_to_a_server(yard: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER", "secret")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    allowance = Allowance(purse=Purse(calls=5), servers=LOCAL)

    for name in ("OTHER", "PATH", "NOT_SET"):
        with pytest.raises(PlanError, match="--key") as caught:
            vet(yard, allowance, candidate=PAID | {"key_from": name})
        assert "secret" not in str(caught.value)
    vet(yard, allowance, candidate=PAID)


def test_a_price_in_the_plan_does_not_make_a_model_cheap(yard: Path) -> None:
    own = {"m": Price(input=1.0, output=2.0)}
    allowance = Allowance(purse=Purse(usd=5, prices=own), servers=LOCAL)
    free = PAID | {"price": {"input": 0, "output": 0}}

    assert vet(yard, allowance, candidate=free).prices == own


@pytest.mark.parametrize("kind", sorted(PLAIN))
def test_every_option_of_a_plug_in_is_looked_at_or_known_to_lead_nowhere(kind: Any) -> None:
    known = PLAIN[kind] | _LOOKED_AT.get(kind, frozenset()) | REFUSED.get(kind, set())

    assert options(resolve(*kind)).keys() - GIVEN <= known


def test_what_is_left_out_of_the_list_is_refused(yard: Path) -> None:
    for part in ({"use": "failures", "path": "log.jsonl", "new": 1}, {"use": "nothing"}, {}):
        with pytest.raises(PlanError):
            vet(yard, tools=part)
