"""The log that Foretaste ships: it must stay what the demo, the tutorial and tests count on."""

import asyncio
from collections import Counter
from datetime import date
from importlib import resources

import msgspec
import pytest

from foretaste.adapters.behaviors import load_behavior
from foretaste.adapters.graders.rule import Rule
from foretaste.adapters.readers.detect import detect
from foretaste.adapters.readers.openai_chat import OpenAIChat
from foretaste.adapters.readers.sharegpt import ShareGPT
from foretaste.adapters.scrubbers.patterns import Patterns
from foretaste.records import Conversation, Gap, Outcome, ScrubbedConversation
from foretaste.stages.replay import recorded
from foretaste.stages.sample import prefix_at
from foretaste.turns import turns

LOG = resources.files("foretaste") / "data" / "sample.jsonl"

PLANTED = (
    "hannah.brookes@example.com",
    "dana.whitlock@pinecove.example",
    "billing@quillwater-pay.example",
    "bert@okafor.example",
    "emi.tanabe@example.net",
    "lucia.marchena@example.org",
    "takumi@hayase.example",
    "j.okonski@bikedock.example",
    "beatriz.lagoa@example.net",
    "m.ostrander@county-parks.example",
    "j.okafor@example.net",
    "r.vandeleur@example.com",
    "7700 900461",
    "(218) 555-0142",
    "(320) 555-0177",
    "203.0.113.77",
    "30 23125 417",
    "06 39 98 41 27",
    "20 7946 0958",
    "4012 8888 8888 1881",
    "5500 0000 0000 0004",
    "3782 822463 10005",
    "DE89 3704 0044 0532 0130 00",
    "DE02 1203 0000 0000 2020 51",
    "ES91 2100 0418 4502 0005 1332",
    "GB33 BUKB 2020 1555 5555 55",
    "078-05-1120",
    "192.168.178.23",
    "172.17.0.4",
    "10.20.30.40",
    "10.44.7.19",
    "fd12:3456:789a:1::17",
    "harborapp",
    "t4ngl3dReeds9",
    "Zk8wQ2v7Lr4TnB6x",
    "q7LdMv2XbT9rKwYc4HnZs8JfPe1GuA6o",
    "8c1fe07ab9d24e6fb3350c9e17da4412",
)


@pytest.fixture(scope="module")
def log() -> list[Conversation]:
    return [each for each in OpenAIChat(path=str(LOG))() if isinstance(each, Conversation)]


@pytest.fixture(scope="module")
def scrubbed(log: list[Conversation]) -> list[ScrubbedConversation]:
    return [Patterns(key="k")(each) for each in log]


def written(dialogue: object) -> str:
    return msgspec.json.encode(dialogue).decode()


def test_every_line_is_read_and_none_fails() -> None:
    read = list(OpenAIChat(path=str(LOG))())

    assert [type(each) for each in read] == [Conversation] * 120


def test_its_format_is_told_by_its_content() -> None:
    known = {"openai-chat": OpenAIChat, "sharegpt": ShareGPT}

    assert detect(str(LOG), known) == "openai-chat"


def test_it_is_small_and_holds_one_record_a_line() -> None:
    data = LOG.read_bytes()

    assert len(data) < 250_000
    assert data.count(b"\n") == 120
    assert data.endswith(b"}\n")


def test_keys_come_in_one_order() -> None:
    order = ["id", "created", "model", "user", "messages", "tools", "params", "metadata"]
    found = {tuple(msgspec.json.decode(line)) for line in LOG.read_bytes().splitlines()}

    assert found == {tuple(order), tuple(key for key in order if key != "tools")}


def test_it_has_turns_as_traffic_has_them(log: list[Conversation]) -> None:
    lengths = Counter(len(turns(each.dialogue)) for each in log)

    assert lengths == {1: 51, 2: 45, 3: 13, 4: 6, 5: 5}
    assert sum(length * count for length, count in lengths.items()) == 229


def test_forty_five_users_wrote_it_and_a_few_wrote_much(log: list[Conversation]) -> None:
    users = Counter(each.user for each in log)

    assert len(users) == 45
    assert [count for _, count in users.most_common(4)] == [12, 10, 9, 8]


def test_it_runs_over_ten_days_in_order(log: list[Conversation]) -> None:
    times = [each.dialogue.started_at for each in log]
    days = [time.date() for time in times if time]

    assert times == sorted(time for time in times if time)
    assert sorted(set(days)) == [date(2026, 10, day) for day in range(5, 15)]


def test_nothing_is_missing_but_a_few_system_prompts(log: list[Conversation]) -> None:
    gaps = Counter(gap for each in log for gap in each.dialogue.gaps)

    assert gaps == {Gap.SYSTEM: 7}
    assert {each.dialogue.model for each in log} == {"harbor-1"}
    assert {each.dialogue.tags["surface"] for each in log} == {"web", "app", "email", "api"}


def test_no_two_conversations_and_no_two_messages_are_alike(log: list[Conversation]) -> None:
    said = [m.content for each in log for m in each.dialogue.messages if m.role == "assistant"]
    asked = [m.content for each in log for m in each.dialogue.messages if m.role == "user"]

    assert len({each.key for each in log}) == len(log)
    assert len(set(asked)) == len(asked)
    assert len(set(filter(None, said))) == len([*filter(None, said)])


def test_every_tool_call_is_answered_and_one_tool_fails(log: list[Conversation]) -> None:
    with_tools = [each.dialogue for each in log if each.dialogue.tools]
    every = [m for dialogue in with_tools for m in dialogue.messages]
    failed = [m for m in every if m.role == "tool" and m.content.startswith("Error")]

    assert len(with_tools) == 6
    assert [c.id for m in every for c in m.tool_calls] == [
        m.tool_call_id for m in every if m.role == "tool"
    ]
    assert len({m.tool_call_id for m in failed}) == 2


@pytest.mark.parametrize("identifier", PLANTED)
def test_what_is_planted_is_in_the_log_and_gone_after_scrubbing(
    identifier: str, log: list[Conversation], scrubbed: list[ScrubbedConversation]
) -> None:
    assert any(identifier in written(each.dialogue) for each in log)
    assert not any(identifier in written(each.dialogue) for each in scrubbed)


def test_scrubbing_leaves_alone_what_holds_nothing_planted(
    log: list[Conversation], scrubbed: list[ScrubbedConversation]
) -> None:
    pairs = zip(log, scrubbed, strict=True)
    changed = [old for old, new in pairs if old.dialogue != new.dialogue]

    assert len(changed) == 25
    assert all(any(each in written(old.dialogue) for each in PLANTED) for old in changed)


@pytest.mark.parametrize(
    ("behavior", "least"),
    [
        ("refusal", 10),
        ("apology", 10),
        ("hedging", 10),
        ("flattery", 10),
        ("eager-opening", 10),
        ("list-format", 10),
        ("code-block", 5),
        ("ai-self-disclosure", 4),
        ("background-work", 2),
        ("real-world-experience", 2),
        ("invented-link", 2),
        ("very-long-answer", 2),
        ("cut-off", 1),
        ("repetition-loop", 1),
        ("role-leak", 1),
        ("wrong-language", 1),
        ("tool-misuse", 1),
        ("calculator-hacking", 1),
    ],
)
def test_the_rules_find_the_behaviors_that_the_log_shows(
    behavior: str, least: int, scrubbed: list[ScrubbedConversation]
) -> None:
    definition = load_behavior(behavior)
    options = {name: value for name, value in definition.grader.items() if name != "use"}
    rule = Rule(behavior=definition, **options)

    async def present() -> int:
        found = 0
        for each in scrubbed:
            every = turns(each.dialogue)
            prefixes = [prefix_at(each, every, number) for number in range(len(every))]
            for prefix, rollout in zip(prefixes, recorded(prefixes), strict=True):
                found += (await rule(prefix, rollout)).outcome is Outcome.PRESENT
        return found

    assert least <= asyncio.run(present()) <= 115
