"""What is told of runs: which there are, what one found, and the turns that show a behavior."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from foretaste.after.release import behavior_of, open_study
from foretaste.errors import ForetasteError
from foretaste.findings import Example, Study
from foretaste.records import Lane, Message
from foretaste.registry import build
from foretaste.report.visible import clipped
from foretaste.runs.presentation import examples_of, read_discoveries
from foretaste.toolserver.shapes import (
    DifferenceTold,
    DiscoveryTold,
    ExamplesTold,
    ExampleTold,
    Findings,
    ForecastTold,
    LaneTold,
    NovelTold,
    RunsThere,
    RunThere,
)

Kind = TypeVar("Kind")

_DEPTH = 5
_MANIFEST = 1_000  # bytes that a run's manifest has at most
_MOST_FOLDERS = 20_000
_MOST_RUNS = 100
_CONTEXT = 6  # messages before the answer
_SKIPPED = frozenset({"node_modules", "__pycache__"})


def runs_in(folders: Iterable[str], admit: Callable[[str], object]) -> RunsThere:
    """The runs below these folders; links are not followed.

    Args:
        folders: to look in.
        admit: raises where a run may not be read.
    """
    found = sorted({path for folder in folders for path in _run_folders(folder)})
    return RunsThere(
        runs=tuple(_run_there(path, admit) for path in found[:_MOST_RUNS]),
        more=max(0, len(found) - _MOST_RUNS),
    )


def findings_of(path: str, study: Study | None = None) -> Findings:
    """What a finished run found.

    Raises:
        PlanError: the run is not finished.
        SealBroken, StoreUnavailable: it cannot be read, or was changed.
    """
    study = study or open_study(path)
    method = study.sealed.method
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        discoveries = [d for d in read_discoveries(store) if d.seal == study.sealed.seal]
    return Findings(
        run=path,
        report=f"{path}/report.html",
        decision=study.decision,
        forecasts=tuple(
            _as(ForecastTold, each) for each in study.sealed.forecasts if each.method == method
        ),
        changes=study.changes,
        fidelity=study.fidelity,
        discoveries=tuple(
            DiscoveryTold(
                before=each.features.before,
                after=each.features.after,
                differences=tuple(_as(DifferenceTold, d) for d in each.features.differences),
                novel=tuple(_as(NovelTold, n) for n in each.audited.novel) if each.audited else (),
                warnings=each.warnings,
            )
            for each in discoveries
        ),
        skipped=study.skipped,
        failures={each.lane: each.failures for each in study.account.lanes if each.failures},
    )


def examples_told(
    path: str, behavior: str, *, page: int, size: int, characters: int
) -> ExamplesTold:
    """One page of the turns that show a behavior.

    Args:
        path: of the run.
        behavior: its name.
        page: from 1.
        size: examples on a page.
        characters: shown of each message.

    Raises:
        PlanError: the run is not finished, or has no such behavior.
    """
    study = open_study(path)
    name = behavior_of(study, behavior).name
    grader = study.sealed.graders.get(name, "")
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        found = list(examples_of(store, {name: grader}))
    start = (page - 1) * size
    return ExamplesTold(
        behavior=name,
        total=len(found),
        page=page,
        pages=-(-len(found) // size),
        examples=tuple(_example(each, characters) for each in found[start : start + size]),
    )


def _example(example: Example, characters: int) -> ExampleTold:
    lanes = {}
    for lane in Lane:
        rollout, verdict = example.rollouts.get(lane), example.verdicts.get(lane)
        if rollout is None:
            continue
        lanes[lane] = LaneTold(
            outcome=verdict.outcome.value if verdict is not None else None,
            reason=clipped(verdict.reason, characters).text if verdict is not None else "",
            evidence=clipped(verdict.evidence, characters).text if verdict is not None else "",
            model=rollout.answered_model or rollout.asked_model,
            stop=rollout.stop.value,
            messages=said(rollout.messages, characters),
        )
    before = example.prefix.messages
    return ExampleTold(
        prefix=example.prefix.id,
        turn=example.prefix.turn,
        before=said(before[-_CONTEXT:], characters),
        lanes=lanes,
    )


def said(messages: Iterable[Message], characters: int) -> tuple[str, ...]:
    """Each message on a line of its own making: who, and what; tool calls as text."""
    return tuple(line for message in messages for line in _said(message, characters))


def _said(message: Message, characters: int) -> Iterator[str]:
    if message.content or not message.tool_calls:
        yield f"{message.role}: {_cut(message.content, characters)}"
    for call in message.tool_calls:
        yield f"{message.role} calls {_cut(call.name, 200)}({_cut(call.arguments, characters)})"


def _cut(text: str, characters: int) -> str:
    shown = clipped(text, characters)
    return f"{shown.text} [{shown.note}]" if shown.note else shown.text


def _as(kind: type[Kind], value: object) -> Kind:
    return msgspec.convert(value, kind, from_attributes=True)


def _run_folders(top: str) -> Iterator[str]:
    waiting, looked = [(top, 0)], 0
    while waiting and looked < _MOST_FOLDERS:
        folder, depth = waiting.pop()
        looked += 1
        if _is_run(folder):
            yield folder
            continue
        try:
            inner = [each for each in os.scandir(folder) if each.is_dir(follow_symlinks=False)]
        except OSError:
            continue
        waiting += [
            (each.path, depth + 1)
            for each in inner
            if depth < _DEPTH and not each.name.startswith(".") and each.name not in _SKIPPED
        ]


def _is_run(folder: str) -> bool:
    manifest = Path(folder) / "manifest.json"
    if manifest.is_symlink() or not manifest.is_file():
        return False
    try:
        with manifest.open("rb") as file:
            return b'"foretaste-run"' in file.read(_MANIFEST)
    except OSError:
        return False


def _run_there(path: str, admit: Callable[[str], object]) -> RunThere:
    trouble, study = "", None
    if (Path(path) / "study.json").exists():
        try:
            admit(path)
            study = open_study(path)
        except ForetasteError as error:
            trouble = str(error)
    return RunThere(
        run=path,
        finished=study is not None,
        sealed_at=study.sealed.sealed_at if study else None,
        decision=study.decision.ruling.value if study and study.decision else None,
        behaviors=len(study.behaviors) if study else None,
        trouble=trouble,
    )
