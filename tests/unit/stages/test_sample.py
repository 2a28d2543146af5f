from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from msgspec import structs

from foretaste.reactions import NAME
from foretaste.records import (
    Conversation,
    Dialogue,
    Gap,
    Message,
    Prefix,
    ScrubbedConversation,
    Stop,
    identity,
)
from foretaste.stages.sample import A_FEW, Unit, latest, newest, sample
from unit.rows import said, talk, user

DRAWS = 2_000

# 3 heavy users of 6 turns, 8 light ones of 1 or 2; two surfaces; one conversation without a tag.
CORPUS = [
    *(talk(f"heavy{n}", 3, of=f"h{n % 3}", surface="web") for n in range(6)),
    *(talk(f"light{n}", 1 + n % 2, of=f"l{n}", surface="app") for n in range(7)),
    talk("bare", 2, of="l7"),
]


def drawn(seed: int = 0, **options: Any) -> list[Prefix]:
    given: dict[str, Any] = {"unit": "turn"} | options
    return list(sample(CORPUS, rng=np.random.default_rng(seed), **given).prefixes)


@pytest.mark.parametrize(
    "options",
    [
        {"size": 9, "per_user": 2},
        {"size": 6, "strata": ("surface",), "per_user": 2},
        {"unit": "conversation", "size": 5, "strata": ("surface",)},
    ],
    ids=str,
)
def test_a_prefix_is_drawn_as_often_as_its_probability_says(options: dict[str, Any]) -> None:
    rng = np.random.default_rng(20261121)
    seen: Counter[str] = Counter()
    stated: dict[str, float] = {}
    for _ in range(DRAWS):
        for each in sample(CORPUS, **({"unit": "turn"} | options), rng=rng).prefixes:
            # Of a conversation one turn is picked at random; what is drawn is the conversation.
            name = each.parent if options.get("unit") == "conversation" else each.id
            seen[name] += 1
            stated.setdefault(name, each.probability)
            assert each.probability == stated[name]

    whole = drawn(**{k: v for k, v in options.items() if k == "unit"})
    assert len(seen) == len(whole)
    for name, probability in stated.items():
        # 4.5 standard errors: one chance in 150,000 for each of some 70 units in all.
        spread = 4.5 * (probability * (1 - probability) / DRAWS) ** 0.5
        assert abs(seen[name] / DRAWS - probability) <= spread


def test_the_weighted_rate_is_unbiased_under_a_cap_and_strata() -> None:
    # Heavy users show the behavior in every turn, light ones never: the cap alone would hide it.
    corpus = [
        *(talk(f"h{n}", 10, of=f"h{n}", surface="web" if n % 2 else "app") for n in range(10)),
        *(talk(f"l{n}", 2, of=f"l{n}", surface="app") for n in range(50)),
    ]
    truth = 100 / 200
    rng = np.random.default_rng(7)
    weighted, plain = [], []
    for _ in range(DRAWS // 5):
        found = list(
            sample(corpus, unit="turn", size=60, per_user=2, strata=("surface",), rng=rng).prefixes
        )
        weight = np.array([1 / each.probability for each in found])
        hit = np.array([each.user.startswith("h") for each in found])
        weighted.append(float(weight @ hit / weight.sum()))
        plain.append(float(hit.mean()))

    # A ratio of sums is unbiased up to the order of 1/n; the plain share is far off.
    assert abs(np.mean(weighted) - truth) < 0.01
    assert abs(np.mean(plain) - truth) > 0.2


@pytest.mark.parametrize(
    ("unit", "population", "ends"),
    [("turn", 30, None), ("conversation", 14, None), ("final", 14, {"2", "1", "0"})],
)
def test_each_unit_counts_what_it_says(unit: Unit, population: int, ends: set[str] | None) -> None:
    found = sample(CORPUS, unit=unit, rng=np.random.default_rng(0))
    prefixes = list(found.prefixes)

    assert (found.population, found.size, len(prefixes)) == (population, population, population)
    if unit != "turn":
        assert len({each.parent for each in prefixes}) == population
    if unit == "final":
        assert all(int(each.recorded[0].content) == each.turns - 1 for each in prefixes)


def test_of_a_conversation_every_turn_is_as_likely() -> None:
    rng = np.random.default_rng(3)
    turn: Counter[str] = Counter()
    for _ in range(DRAWS):
        (only,) = sample([talk("c", 4)], unit="conversation", rng=rng).prefixes
        turn[only.recorded[0].content] += 1

    assert set(turn) == {"0", "1", "2", "3"}
    assert max(abs(count / DRAWS - 0.25) for count in turn.values()) < 0.045


def test_the_same_seed_draws_the_same_sample_and_another_seed_another() -> None:
    options = {"size": 9, "per_user": 2, "strata": ("surface",)}

    assert drawn(1, **options) == drawn(1, **options)
    assert drawn(1, **options) != drawn(2, **options)


@pytest.mark.parametrize("size", [30, 31, 10_000, None])
def test_a_size_beyond_the_population_takes_all_with_certainty(size: int | None) -> None:
    found = drawn(size=size)

    assert len({each.id for each in found}) == len(found) == 30
    assert {each.probability for each in found} == {1.0}


def test_the_size_is_kept_and_the_cap_holds() -> None:
    found = drawn(size=9, per_user=2)

    assert len(found) == 9
    assert max(Counter(each.user for each in found).values()) <= 2


def test_strata_get_their_share_and_a_missing_tag_is_a_stratum() -> None:
    found = drawn(size=15, strata=("surface",))

    assert Counter(each.stratum for each in found) == {"web": 9, "app": 5, "unknown": 1}


def test_no_stratum_is_left_out_however_small() -> None:
    corpus = [talk(f"c{n}", 1, kind="rare" if n == 0 else "common") for n in range(1_000)]

    found = sample(
        corpus, unit="turn", size=10, strata=("kind",), rng=np.random.default_rng(0)
    ).prefixes

    assert Counter(each.stratum for each in found) == {"rare": 1, "common": 9}


def test_an_empty_corpus_draws_nothing() -> None:
    found = sample([], unit="turn", size=10, per_user=1, rng=np.random.default_rng(0))

    assert (found.population, found.size, list(found.prefixes)) == (0, 0, [])


def test_a_prefix_holds_all_before_the_turn_and_nothing_of_it() -> None:
    dialogue = Dialogue(
        messages=(user("a"), said("A"), user("b"), said("B"), user("c")),
        settings={"temperature": 0.5},
        tools=({"type": "function"},),
        tags={"surface": "web"},
        model="old",
        gaps=(Gap.SYSTEM,),
        stop=Stop.LENGTH,
    )
    whole = ScrubbedConversation(parent="raw", dialogue=dialogue, user="u")

    second = list(sample([whole], unit="turn", rng=np.random.default_rng(0)).prefixes)[1]

    assert second.messages == dialogue.messages[:3]
    assert second.recorded == (said("B"),)
    assert (second.settings, second.tools) == (dialogue.settings, dialogue.tools)
    assert (second.tags, second.gaps) == (dialogue.tags, dialogue.gaps)
    assert (second.parent, second.user, second.recorded_model) == (whole.id, "u", "old")
    assert (second.turn, second.turns) == (3, 2)


def test_how_the_log_ended_is_said_of_the_last_turn_alone() -> None:
    stops = [each.recorded_stop for each in drawn() if each.turns == 3]

    assert stops == [Stop.UNKNOWN, Stop.UNKNOWN, Stop.FINAL] * 6


def test_without_users_the_conversation_is_the_cluster_and_its_copies_are_the_same() -> None:
    whole, copy, other = talk("c", 2), replace(talk("c", 2), id="copy"), talk("d", 2)

    found = list(sample([whole, copy, other], unit="turn", rng=np.random.default_rng(0)).prefixes)

    clusters = [each.user for each in found]
    assert len(clusters) == 6
    assert len(set(clusters[:4])) == 1
    assert set(clusters[:4]) != set(clusters[4:])


def test_the_language_is_a_stratum_though_no_tag_says_it() -> None:
    spanish = (user("¿Puede explicarme cómo funciona la fotosíntesis de las plantas?"), said())
    english = (user("Could you explain how photosynthesis works in green plants?"), said())
    told = (user("Could you explain it?"), said())
    corpus = [
        ScrubbedConversation(parent="a", dialogue=Dialogue(messages=spanish)),
        ScrubbedConversation(parent="b", dialogue=Dialogue(messages=english)),
        ScrubbedConversation(parent="c", dialogue=Dialogue(messages=told, tags={"language": "nl"})),
    ]
    rng = np.random.default_rng(0)
    found = sample(corpus, unit="turn", rng=rng, strata=("language",)).prefixes

    assert [each.stratum for each in found] == ["es", "en", "nl"]


@dataclass(frozen=True)
class FirstMessage:
    """A message as it was before it learnt how long it took."""

    role: str
    content: str
    name: None = None
    reasoning: None = None
    tool_calls: tuple[()] = ()
    tool_call_id: None = None


def test_an_id_outlives_the_fields_that_records_got_later() -> None:
    text = 'A text with ,"seconds":null in it'
    message = Message(role="user", content=text)

    assert identity(message) == identity(FirstMessage("user", text))
    assert identity(structs.replace(message, seconds=1.0)) != identity(message)
    assert identity(FirstMessage("user", "A text with  in it")) != identity(message)


def test_a_prefix_carries_how_its_user_went_on_and_keeps_its_id() -> None:
    talked = talk("c", 2)
    messages = list(talked.dialogue.messages)
    messages[2] = user("That's wrong.")
    bent = replace(talked, dialogue=replace(talked.dialogue, messages=tuple(messages)))
    first, last = sample([bent], unit="turn", rng=np.random.default_rng(0)).prefixes

    assert [(each.name, each.value) for each in first.labels] == [(NAME, "correction")]
    assert last.labels == ()
    assert first.id == identity("prefix", talked.id, 1)


def begun(day: int | None, *messages: Message, key: str = "k") -> Conversation:
    when = datetime(2026, 11, day, tzinfo=UTC) if day is not None else None
    dialogue = Dialogue(messages=messages, started_at=when)
    return Conversation(dialogue=dialogue, source="f", line=day or 1, key=f"{key}{day}")


def test_the_newest_conversations_come_first_and_those_without_a_time_or_an_end_last() -> None:
    asked, answered = user("What?"), said("This.")
    still_open = begun(9, asked, said(""), key="open")
    log = [
        *(begun(day, asked, answered) for day in (3, 5, 4, 5)),
        *(begun(None, asked, answered, key=key) for key in ("first", "second")),
        still_open,
        begun(8, asked),
    ]
    found = newest(log, 10)

    assert [each.key for each in found] == ["k5", "k4", "k3", "secondNone", "firstNone", "open9"]
    assert newest(log, 2) == found[:2]


def test_no_conversation_gives_more_than_a_few_turns_while_others_have_some() -> None:
    corpus = [talk("long", 9, of="a"), talk("short", 2, of="b"), talk("other", 4, of="c")]
    found = latest(corpus, 11)

    counts = [Counter(each.parent for each in found[:n]) for n in (8, 11)]
    assert [counts[0][each.id] for each in corpus] == [A_FEW, 2, A_FEW]
    assert [counts[1][each.id] for each in corpus] == [2 * A_FEW, 2, A_FEW]
    assert [each.turn for each in found[:2]] == [17, 15]
    assert len(latest(corpus, 100)) == 15


def test_a_turn_without_an_end_is_left_out_where_there_is_another() -> None:
    ended = talk("ended", 2, of="a")
    messages = (*ended.dialogue.messages, user("And?"), said(""))
    going_on = replace(ended, dialogue=replace(ended.dialogue, messages=messages))

    assert [each.turn for each in latest([going_on], 9)] == [3, 1]
    only = replace(ended, dialogue=replace(ended.dialogue, messages=(user("And?"), said(""))))
    assert [each.turn for each in latest([only], 9)] == [1]
