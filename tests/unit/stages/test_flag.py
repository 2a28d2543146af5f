import random

from foretaste.pairs import FlagKind, SideBySide
from foretaste.stages.flag import flag
from unit.comparisons import Turn, beside
from unit.looks import turn

CLAUSE = "This is no legal advice, ask a lawyer."


def rambling(seed: int) -> str:
    """As a small model talks: names and numbers from nowhere, now and then a list."""
    rng = random.Random(seed)
    names = ("Anna", "Boston", "Carla", "Dresden", "Emil")
    said = [f"so it went to {rng.choice(names)} at {rng.randint(100, 999)}" for _ in range(3)]
    marks = rng.choice(["", "\n- one\n- two", "!", "\N{ROCKET}"])
    return f"We looked, and {', '.join(said)}{marks}"


def ramblings() -> list[SideBySide]:
    return [
        beside(with_clause("All is well"), with_clause(rambling(n)), with_clause(rambling(n + 100)))
        for n in range(12)
    ]


def with_clause(text: str) -> str:
    return f"{text}. {CLAUSE}"


def test_what_is_planted_stands_before_the_rambling_of_both_models() -> None:
    pairs = ramblings()
    new: dict[str, Turn] = {
        "name": with_clause("All is well for Castellan Partners"),
        "clause": f"All is well. {rambling(50)}.",
        "tool": turn(("send", "{}", "")),
    }
    planted = [
        beside(with_clause("All is well"), said, with_clause("All is fine"), asked=what)
        for what, said in new.items()
    ]
    found = flag([*pairs, *planted], {})

    first = {pair.prefix.messages[-1].content: pair.flags[0] for pair in found.pairs[:3]}
    assert {what: each.kind for what, each in first.items()} == {
        "name": FlagKind.NAME,
        "clause": FlagKind.DROPPED,
        "tool": FlagKind.TOOL,
    }
    assert not any(each.noise for each in first.values())


def test_a_flag_that_the_old_model_raises_too_is_noise_and_weighs_less() -> None:
    noisy, alone = (
        flag([beside("Fine.", "Ask Anna, or Boris.", again)], {}).pairs[0].flags[0]
        for again in ("Ask Carla, or Dora.", "Fine.")
    )

    assert (noisy.noise, alone.noise) == (True, False)
    assert noisy.weight < alone.weight
    assert flag([beside("Fine.", "Ask Anna.")], {}).pairs[0].flags[0].noise is None


def test_what_most_recorded_answers_carry_and_several_new_ones_drop_is_said_once() -> None:
    pairs = [
        beside(f"Fine {n}. {CLAUSE}", "Fine." if n < 4 else CLAUSE, CLAUSE, parent=str(n))
        for n in range(5)
    ]
    (common,) = flag(pairs, {}).common

    assert common.says == f"Drops “{CLAUSE}”"
    assert (common.count, common.own, common.of) == (4, 0, 5)


def test_a_sentence_of_few_recorded_answers_is_not_missed() -> None:
    pairs = [beside(CLAUSE, "Fine.") for _ in range(2)] + [beside("Fine.", "Fine.")] * 4

    assert not any(pair.flags for pair in flag(pairs, {}).pairs)


def test_refusals_are_told_from_those_of_the_record() -> None:
    refused, answered = beside("Fine.", "No."), beside("No.", "Fine.")
    assert refused.new is not None
    seen = {refused.new.id: "No.", answered.recorded.id: "No."}
    told = [pair.flags[0] for pair in flag([answered, refused], seen).pairs]

    assert [each.says for each in told] == [
        "Refuses what the recorded answer does not refuse.",
        "Does not refuse what the recorded answer refuses.",
    ]
    assert {each.kind for each in told} == {FlagKind.REFUSAL}


def test_a_turn_without_a_new_answer_comes_last_and_has_no_distance() -> None:
    found = flag([beside("Fine.", None, "Fine."), beside("Fine.", "Fine.")], {}).pairs

    assert [pair.distance for pair in found] == [0.0, None]
    assert found[1].own == 0.0
    assert flag([], {}).pairs == ()
