"""Backtest: what past releases' logs say of the forecasts that could have been made."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from foretaste.adapters.readers.files.streams import files
from foretaste.backtests import Backtest, Draw, Release
from foretaste.columns import CODE
from foretaste.errors import PlanError
from foretaste.pipeline import sample_of
from foretaste.planfile import load_plan
from foretaste.records import Conversation, Prefix, ScrubbedConversation, identity
from foretaste.runs.assembly import Parts, assemble
from foretaste.runs.watch import Watch, quiet
from foretaste.stages.backtest import Pairs
from foretaste.stages.backtest import backtest as score
from foretaste.stages.ingest import ingest
from foretaste.stages.replay import recorded
from foretaste.stages.scrub import scrub
from foretaste.turns import content_key
from foretaste.usable import usable

Split = Literal["half", "draws"]


def backtest(
    logs: Sequence[str],
    *,
    pairs: str = "all",
    split: Split = "half",
    challenging: Sequence[str] = (),
    behaviors: Sequence[str] = (),
    use: str | None = None,
    seed: int = 0,
    watch: Watch = quiet,
) -> Backtest:
    """Forecast every transition between the logs' releases as if before it, and score it.

    Nothing is sent anywhere: only behaviors that a rule decides are scored.

    Args:
        logs: files, folders or globs; one file is one release, in the order of their first times
            (in the order given, where a log has none).
        split: `half`: half of the prompts, by the hash of what was asked, are the traffic before a
            release, the others that after it. `draws`: all are both, with another answer each.
        pairs: `all` ordered pairs, `successive` releases, or `sample:N` pairs drawn at random.
        challenging: logs of the same releases on prompts chosen to provoke, as a baseline.
        behaviors: names; every shipped one that a rule decides if left out.
        use: the logs' format; found by content if left out.
        seed: of the drawn pairs.
        watch: told of progress.

    Raises:
        LogError: a log cannot be read.
        PlanError: there are fewer than two releases, or `pairs` cannot be read.
        InsufficientData: no transition can be forecast.
    """
    named = _files(logs)
    if len(named) < 2:
        raise PlanError(f"a backtest needs the logs of two releases or more, not {len(named)}")
    releases: list[Release] = []
    names: tuple[str, ...] = ()
    for number, file in enumerate(named, start=1):
        release, names = _read(file, use, behaviors)
        releases.append(release)
        watch("grade", number, len(named))
    releases = _in_order(releases)
    harder = [_read(file, use, behaviors)[0] for file in _files(challenging)]
    return score(
        releases,
        behaviors=names,
        pairs=_pairs(pairs, len(releases), seed),
        before=_before if split == "half" else None,
        challenging={release.name: release for release in harder},
        watch=lambda done, total: watch("forecast", done, total),
    )


def _before(prompt: str) -> bool:
    """Half of the prompts, by a hash that has nothing to do with what they say."""
    return int(identity("split", prompt)[:8], 16) % 2 == 0


def _pairs(wanted: str, count: int, seed: int) -> Pairs:
    every = [(old, new) for old in range(count) for new in range(count) if old != new]
    if wanted == "all":
        return every
    if wanted == "successive":
        return [(new - 1, new) for new in range(1, count)]
    kind, _, size = wanted.partition(":")
    if kind != "sample" or not size.isdecimal() or not int(size):
        raise PlanError(f"pairs {wanted!r}: say all, successive or sample:N")
    chosen = np.random.default_rng(seed).permutation(len(every))[: int(size)]
    return [every[at] for at in sorted(chosen)]


def _files(logs: Iterable[str]) -> list[str]:
    """Every file, once, in the order given; those of a folder or glob by name."""
    named = [each for log in logs for each in files(log)]
    if any(each.path is None for each in named):
        raise PlanError("a backtest reads files: standard input holds no release of its own")
    return list(dict.fromkeys(str(each.path) for each in named))


def _in_order(releases: list[Release]) -> list[Release]:
    """By first time; as they were given where a log has no times."""
    times = [(each.since, at) for at, each in enumerate(releases) if each.since is not None]
    if len(times) < len(releases):
        return releases
    return [releases[at] for _, at in sorted(times)]


def _read(file: str, use: str | None, behaviors: Sequence[str]) -> tuple[Release, tuple[str, ...]]:
    plan = load_plan(
        {
            "log": {"path": file, "use": use},
            "candidate": {"use": "recorded", "path": file},
            "sample": {"unit": "turn", "size": None},
            "behaviors": list(behaviors),
        }
    )
    parts = assemble(plan)
    raw = usable(ingest(parts.reader), Conversation)
    corpus = list(usable(scrub(raw, scrubber=parts.scrubber), ScrubbedConversation))
    prefixes = list(sample_of(plan, corpus).prefixes)
    times = [each.dialogue.started_at for each in corpus if each.dialogue.started_at is not None]
    names = tuple(parts.panel.graders)
    release = Release(
        name=_name(file, prefixes),
        since=min(times) if times else None,
        draws=tuple(_draws(prefixes, asyncio.run(_grade(prefixes, parts)))),
    )
    return release, names


def _name(file: str, prefixes: Sequence[Prefix]) -> str:
    models = {prefix.recorded_model for prefix in prefixes}
    only = models.pop() if len(models) == 1 else None
    return only or Path(file).stem


async def _grade(prefixes: Sequence[Prefix], parts: Parts) -> list[list[int]]:
    return [
        [CODE[(await grader(prefix, rollout)).outcome] for grader in parts.panel.graders.values()]
        for prefix, rollout in zip(prefixes, recorded(prefixes), strict=True)
    ]


def _draws(prefixes: Sequence[Prefix], codes: Sequence[Sequence[int]]) -> Iterator[Draw]:
    """The first answers to every prompt, the second ones, and so on, by the tag `draw` if any."""
    order = sorted(range(len(prefixes)), key=lambda at: prefixes[at].tags.get("draw", ""))
    drawn: list[dict[str, int]] = []
    times: dict[str, int] = {}
    for at in order:
        key = content_key(prefixes[at].messages)
        number = times.get(key, 0)
        times[key] = number + 1
        if number == len(drawn):
            drawn.append({})
        drawn[number][key] = at
    for each in drawn:
        yield Draw(
            prompts=tuple(each),
            users=tuple(prefixes[at].user for at in each.values()),
            outcome=np.array([codes[at] for at in each.values()], dtype=np.int8),
        )
