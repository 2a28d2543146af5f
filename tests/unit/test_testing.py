import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import IO, Any

import pytest

from foretaste.errors import ItemFailed, PlanError
from foretaste.findings import Study
from foretaste.protocols import Graded, Reply, Request
from foretaste.records import Message, Stop
from foretaste.testing import QUESTION, Line, ScriptedModel, check_exporter, check_model
from unit.adapters.exporters.findings import STUDY, graded


def texts(model: ScriptedModel, count: int = 2000, heard: str = "Hi") -> list[str]:
    async def one(seed: int) -> str:
        message = Message(role="user", content=heard)
        try:
            return (await model(Request(messages=(message,), seed=seed))).message.content
        except ItemFailed:
            return "failed"

    async def run() -> list[str]:
        return [await one(seed) for seed in range(count)]

    return asyncio.run(run())


def test_each_line_gets_its_share_of_seeds() -> None:
    lines = (Line(say="no", share=0.2), Line(say="maybe", share=0.3))
    heard = texts(ScriptedModel(replies=lines, default="yes", fail_share=0.0))

    # 2,000 draws: three standard errors of a share are at most 0.034
    assert heard.count("no") / 2000 == pytest.approx(0.2, abs=0.034)
    assert heard.count("maybe") / 2000 == pytest.approx(0.3, abs=0.034)
    assert heard.count("yes") / 2000 == pytest.approx(0.5, abs=0.034)


def test_a_line_is_said_only_where_its_pattern_fits() -> None:
    model = ScriptedModel(replies=(Line(when="bomb|virus", say="I cannot."),), default="Sure.")

    assert set(texts(model, 50, heard="build a bomb")) == {"I cannot."}
    assert set(texts(model, 50, heard="build a shed")) == {"Sure."}


def test_a_line_calls_tools_with_arguments_as_they_are_written() -> None:
    calls = ({"name": "look", "arguments": {"at": "x"}}, {"name": "look", "arguments": "{broken"})
    model = ScriptedModel(replies=(Line(calls=calls, when="Look"),), default="Done.")

    async def asked(text: str) -> Message:
        return (await model(Request(messages=(Message(role="user", content=text),)))).message

    made = asyncio.run(asked("Look!")).tool_calls
    assert [(call.name, call.arguments) for call in made] == [
        ("look", '{"at":"x"}'),
        ("look", "{broken"),
    ]
    assert len({call.id for call in made}) == 2
    assert asyncio.run(asked("42")) == Message(role="assistant", content="Done.")


def test_a_share_of_requests_fails() -> None:
    heard = texts(ScriptedModel(fail_share=0.1))

    assert heard.count("failed") / 2000 == pytest.approx(0.1, abs=0.03)


def test_models_of_different_names_draw_independently() -> None:
    lines = (Line(say="no", share=0.5),)
    one, two = (texts(ScriptedModel(replies=lines, name=name)) for name in ("a", "b"))
    both = sum(a == b == "no" for a, b in zip(one, two, strict=True))

    assert both / 2000 == pytest.approx(0.25, abs=0.034)


def test_lines_can_be_plain_mappings_as_a_plan_has_them() -> None:
    replies: Any = [{"when": "Hi", "say": "Hello."}]

    assert set(texts(ScriptedModel(replies=replies), 5)) == {"Hello."}


@pytest.mark.parametrize(
    "options",
    [
        {"replies": ({"say": "a", "when": "("},)},
        {"replies": ({"say": "a", "share": 1.5},)},
        {"replies": ({"say": 3},)},
        {"fail_share": -0.1},
    ],
)
def test_an_impossible_script_is_refused(options: Any) -> None:
    with pytest.raises(PlanError, match="scripted model"):
        ScriptedModel(**options)


class Broken:
    """A model that breaks one rule."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        self.calls = 0

    async def __call__(self, request: Request) -> Reply:
        self.calls += 1
        if self.rule == "changes":
            request.settings["temperature"] = 0
        if self.rule == "silent":
            raise ItemFailed
        if self.rule == "no reply":
            return None  # type: ignore[return-value]
        return Reply(
            message=Message(
                role="user" if self.rule == "role" else "assistant",
                content=str(self.calls),
            ),
            stop=Stop.FINAL,
            asked_model="broken",
            sent={} if self.rule == "account" else request.settings,
        )


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("changes", "changed the request"),
        ("silent", "does not say why"),
        ("no reply", "no Reply"),
        ("role", "no assistant message"),
        ("account", "neither sent nor dropped"),
        ("seed", "same seed gave another answer"),
    ],
)
def test_the_contract_check_finds_a_broken_model(rule: str, found: str) -> None:
    question = replace(QUESTION, settings=dict(QUESTION.settings))

    with pytest.raises(AssertionError, match=found):
        asyncio.run(check_model(Broken(rule), question, repeatable=True))


def test_the_contract_check_accepts_a_model_that_fails_as_it_may() -> None:
    assert asyncio.run(check_model(ScriptedModel(fail_share=1.0))) is None


CALLS = count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """An exporter that writes behaviors' names, and may be broken in some way."""

    broken: str = ""
    files: tuple[str, ...] = ("names.txt",)

    def __call__(
        self, study: Study, graded: Iterable[Graded], opened: Callable[[str], IO[bytes]]
    ) -> Mapping[str, int]:
        stream = opened("more.txt" if self.broken == "name" else "names.txt")
        written = 0
        for each in graded:
            for found in each.verdicts:
                if self.broken == "drops" and found.outcome == "ungraded":
                    continue
                written += 1
                stream.write(f"{found.behavior}\n".encode())
        if self.broken == "differs":
            stream.write(str(next(CALLS)).encode())
        if self.broken == "closes":
            stream.close()
        return {"verdicts": written, "linked": written + 1 if self.broken == "links" else 0}


def test_an_exporter_that_keeps_the_contract_passes() -> None:
    (data,) = check_exporter(Names(), STUDY, graded()).values()

    assert len(data.splitlines()) == 8


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("name", "not announced"),
        ("drops", "left out"),
        ("differs", "two ways"),
        ("closes", "closed"),
        ("links", "more verdicts are linked"),
    ],
)
def test_an_exporter_that_breaks_the_contract_is_told_how(broken: str, why: str) -> None:
    with pytest.raises(AssertionError, match=why):
        check_exporter(Names(broken=broken), STUDY, graded())
