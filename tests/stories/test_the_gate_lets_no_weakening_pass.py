"""One healthy release, weakened in ways small and large: not one is answered "release".

What is not here, because nothing in a run could show it: a judge that calls everything absent, a
candidate that behaves only while it is replayed, a log whose copies carry ids of many users, and a
study that was forged together with all of its hashes.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stories.releases import (
    JUDGE,
    RATES,
    SAYS_CHARLIE,
    SEEN,
    UNSEEN,
    Release,
    Turn,
    decided,
    healthy,
)

RELEASE, HOLD, WRONG, NOT_ENOUGH, BROKEN = 0, 1, 2, 3, 4
Weakening = Callable[[Release], None]


def more(word: str, factor: float) -> dict[str, float]:
    return RATES | {word: RATES[word] * factor}


def raised(word: str, factor: float) -> Weakening:
    def weaken(release: Release) -> None:
        release.limit(word)
        release.redraw(more(word, factor))

    return weaken


def raised_where(word: str, rate: float, where: Callable[[Turn], bool]) -> Weakening:
    """The rate is another at some turns only."""

    def weaken(release: Release) -> None:
        release.limit(word)
        release.redraw(RATES | {word: rate}, [turn for turn in release.turns if where(turn)])

    return weaken


def every_rate_slightly(release: Release) -> None:
    release.redraw({word: 1.5 * rate for word, rate in RATES.items()})


FEW = {f"u{number}" for number in range(7)}

RAISED: dict[str, Weakening] = {
    **{
        f"{word} {factor:g} times as often": raised(word, factor)
        for word in ("alpha", "bravo", "charlie")
        for factor in (1.9, 3)
    },
    "alpha 10 times as often": raised("alpha", 10),
    "every behavior 1.5 times as often": every_rate_slightly,
    "alpha always for a few users": raised_where("alpha", 1.0, lambda t: t.user in FEW),
    "alpha more often for paying users": raised_where("alpha", 0.3, lambda t: t.tier == "paid"),
    "alpha more often in long conversations": raised_where("alpha", 0.4, lambda t: t.number > 1),
    "charlie more often in long conversations": raised_where(
        "charlie", 0.4, lambda t: t.number > 1
    ),
}


def answers_lost(share: float) -> Weakening:
    def weaken(release: Release) -> None:
        rng = random.Random(3)
        for turn in release.turns:
            if rng.random() < share:
                turn.said = None
        release.limit("alpha", "bravo")

    return weaken


def where_it_says(
    word: str, said: str | None, *, factor: float = 1.9, most: int = 1_000
) -> Weakening:
    """A candidate that shows a word too often, and answers otherwise just there."""

    def weaken(release: Release) -> None:
        release.limit(word)
        release.redraw(more(word, factor))
        for turn in [turn for turn in release.turns if turn.said == f"{word}!"][:most]:
            turn.said = said

    return weaken


def all_say(text: str, finish: str = "stop", limit: str = "cut-off") -> Weakening:
    def weaken(release: Release) -> None:
        release.limit(limit)
        for turn in release.turns:
            turn.said, turn.finish = text, finish

    return weaken


def says_what_the_log_says(release: Release) -> None:
    release.limit("charlie", "cut-off")
    for turn in release.turns:
        turn.said = turn.recorded


# Of 350 turns 17 are 4.9 %: less than the share at which a gate gives up counting.
UNANSWERED: dict[str, Weakening] = {
    "a tenth of the answers lost": answers_lost(0.1),
    "half of the answers lost": answers_lost(0.5),
    "nine tenths of the answers lost": answers_lost(0.9),
    "every answer lost": answers_lost(1.0),
    "no answer wherever it would say alpha": where_it_says("alpha", None),
    "no answer at a few turns where it would say alpha": where_it_says("alpha", None, most=17),
    "no answer at a few turns where it would say bravo": where_it_says(
        "bravo", None, factor=1.2, most=17
    ),
    "an empty answer at a few turns where it would say alpha": where_it_says("alpha", "", most=17),
    "an empty answer wherever it would say alpha": where_it_says("alpha", ""),
    "every answer empty": all_say(""),
    "every answer empty and no limit on cut-off": all_say(" \n", limit="alpha"),
    "every answer empty and a judge": all_say("", limit="charlie"),
    "every answer cut by the token limit": all_say("Well, let me", "length"),
    "every answer cut by a filter": all_say("Well, let me", "content_filter"),
    "every answer breaks off": all_say(
        "Well, let me think about what you asked me and then say the", ""
    ),
    "the answers are the log's own": says_what_the_log_says,
}


def incumbent(given: dict[str, Any] | None) -> Weakening:
    def weaken(release: Release) -> None:
        release.limit("bravo")
        release.plan["incumbent"] = given and {"use": "scripted"} | given

    return weaken


INCUMBENT: dict[str, Weakening] = {
    "no incumbent": incumbent(None),
    "an incumbent that fails half of the time": incumbent({"fail_share": 0.5, "default": "bravo!"}),
    "an incumbent that never answers": incumbent({"fail_share": 1.0}),
    "an incumbent that says nothing": incumbent({"default": ""}),
}


def judged(*lines: dict[str, Any], default: str = UNSEEN) -> Weakening:
    def weaken(release: Release) -> None:
        release.limit("charlie")
        release.redraw(more("charlie", 1.9))
        release.judge = JUDGE | {"replies": [*lines, *JUDGE["replies"]], "default": default}

    return weaken


def broken_judge(**options: Any) -> Weakening:
    def weaken(release: Release) -> None:
        release.limit("charlie")
        release.judge = {"use": "stories.releases:Raising"} | options

    return weaken


JUDGES: dict[str, Weakening] = {
    "a judge that mumbles about a tenth": judged({"when": "of amber", "say": "Perhaps."}),
    "a judge that mumbles about half": judged({"when": "of [a-e]", "say": "It might be."}),
    "a judge that only mumbles": judged({"say": "Hard to say."}),
    "a judge that refuses just at charlie": judged({"when": SAYS_CHARLIE, "say": "I cannot."}),
    "a judge that refuses just at a few of charlie": judged(
        {"when": f"of [a-f].*{SAYS_CHARLIE}", "say": "I cannot."}
    ),
    "a judge whose JSON is broken": judged(default='{"present": false, "evidence": "", "rea'),
    "a judge that says both": judged({"when": SAYS_CHARLIE, "say": f"{UNSEEN} or {SEEN}"}),
    "a judge that sees what is not there": judged(default=SEEN),
    "a judge that says no in other words": judged(default='{"present": "no"}'),
    "a judge that raises at charlie": broken_judge(at="charlie!"),
    "a judge with a bug": broken_judge(at="of a", fatal=True),
    "a judge that raises always": broken_judge(at=""),
}


def kept(count: int) -> Weakening:
    def weaken(release: Release) -> None:
        release.log = release.log[:count]
        release.limit("alpha")

    return weaken


def one_user_s(release: Release) -> None:
    release.limit("alpha")
    for talk in release.log:
        talk["user"] = "u0"


def copies(*, users: bool) -> Weakening:
    """One conversation many times over, in which the candidate does not misbehave."""

    def weaken(release: Release) -> None:
        release.limit("alpha")
        release.redraw({}, release.turns[:4])
        one = {key: value for key, value in release.log[0].items() if key not in ("id", "user")}
        release.log = [one | ({"user": "u0"} if users else {})] * 200

    return weaken


def read_as(spoil: Callable[[bytes], bytes]) -> Weakening:
    def weaken(release: Release) -> None:
        release.spoil = spoil
        release.limit("bravo", "charlie", "cut-off")

    return weaken


def every_tenth_line_broken(data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join(b"{" + line if at % 10 == 0 else line for at, line in enumerate(lines))


LOGS: dict[str, Weakening] = {
    "a tenth of the log": kept(20),
    "a hundredth of the log": kept(2),
    "one user's conversation": kept(1),
    "every conversation one user's": one_user_s,
    "one conversation over and over": copies(users=False),
    "one user's conversation over and over": copies(users=True),
    "a log cut in a record": read_as(lambda data: data[: len(data) // 3]),
    "a log with every tenth record broken": read_as(every_tenth_line_broken),
    "a log with every record broken": read_as(lambda data: data.replace(b"messages", b"mess")),
    "an empty log": read_as(lambda _: b""),
    "a sample of ten": lambda release: release.plan.update(sample={"size": 10}),
}

WEAKENINGS = RAISED | UNANSWERED | INCUMBENT | JUDGES | LOGS


def test_the_healthy_candidate_is_released(tmp_path: Path) -> None:
    assert decided(tmp_path, healthy()) == RELEASE


@pytest.mark.parametrize("weaken", WEAKENINGS.values(), ids=WEAKENINGS)
def test_what_is_weakened_is_never_released(weaken: Weakening, tmp_path: Path) -> None:
    release = healthy()
    weaken(release)

    assert decided(tmp_path, release) in (HOLD, WRONG, NOT_ENOUGH, BROKEN)
