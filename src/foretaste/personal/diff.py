"""The last real turns, answered again: what would a new model have said to me?"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from foretaste.adapters.models.weights import WEIGHTS
from foretaste.errors import MachineFailed, PlanError, Stopped, StoreUnavailable
from foretaste.pairs import Comparison, SideBySide
from foretaste.personal.turns import Picked, pick
from foretaste.plan import LogPlan, Part, Plan
from foretaste.planfile import load_plan, model_part
from foretaste.protocols import Store
from foretaste.records import Failure, Gap, Lane, Outcome, Prefix, Rollout, Verdict, identity
from foretaste.registry import build
from foretaste.report.sides.page import render
from foretaste.runs.answering import answer_all
from foretaste.runs.assembly import Parts, assemble
from foretaste.runs.pricing import name_of
from foretaste.runs.sources import open_log, scrubber_of
from foretaste.runs.spending import quote, total
from foretaste.runs.watch import Announce, Watch, quiet, silent
from foretaste.stages.flag import flag
from foretaste.stages.preview import Cost
from foretaste.stages.stray import stray

NAME = "comparison.json"
"""What was found, in the folder of the run."""

PAGE = "diff.html"
"""The same for a person, beside it."""

COUNT = 20
NO_BASELINE = "none"
SHORT = 100
"""Tokens that a model in this process answers with at most, where nobody says how many."""

_REFUSAL = "refusal"
_IN_PROCESS = "embedded"
_ONLY_ABOUT = frozenset({Gap.USER, Gap.TIME, Gap.MODEL})  # a turn: no model would be told
_SERVERS = frozenset({"openai"})  # one address serves models of many names
_KEPT = "diff.json"

Confirm = Callable[[tuple[Cost, ...]], bool]
"""Asked whether to spend what was announced."""


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What a run must know to go on: kept once its turns are."""

    asked: str  # hash of the models
    sources: dict[str, str]
    read: int
    lost: int


def diff(
    log: str,
    *,
    model: str | Mapping[str, Any],
    baseline: str | Mapping[str, Any] | None = None,
    count: int = COUNT,
    path: str | None = None,
    use: str | None = None,
    where: Mapping[str, str] | None = None,
    watch: Watch = quiet,
    announce: Announce = silent,
    confirm: Confirm = lambda quoted: True,  # noqa: ARG005
) -> Comparison:
    """Answer the last real turns of a log with a new model, and say what is different.

    The turns are de-identified first. Agents' turns are replayed whole; a tool call is answered as
    it was then, and one that was not made then ends the turn. As noise control the old model
    answers them too, so that what differs by chance is not put down to the new one. Everything is
    kept in a folder: the same call goes on where it stopped, and pays for nothing twice.

    Args:
        log: file, folder, glob, or `-` for standard input.
        model: the new one, like `openai/gpt-x`, or a bare name: that of weights on this machine,
            else of OpenAI's server or `OPENAI_BASE_URL`'s; or a plan's mapping.
        baseline: the old one, likewise; `none`: no noise control; None: the log's own model,
            where `model` is behind a server that may have it.
        count: turns.
        path: of the run's folder; `runs/diff-<id>` if left out. One that holds a diff of the same
            models goes on with its turns, whatever came into the log since.
        use: the log's format; found by content if left out.
        where: keep only records with these tags.
        watch: told of progress.
        announce: told of the estimated cost, before anything is sent.
        confirm: asked then, unless all is free; where it says no, nothing is sent.

    Raises:
        PlanError: a model or an option that is not there, a folder of another diff, or no consent
            to the cost.
        LogError: the log cannot be read, or holds no turn to replay.
        MachineFailed: the new model cannot be asked at all, or the folder cannot be written.
    """
    if count < 1:
        raise PlanError(f"{count} turns are none; ask for one at least")
    candidate = _part(model, "model")
    spec = LogPlan(path=log, use=use, where=dict(where or {}))
    asked = identity("diff", candidate, baseline)
    picked = None
    if path is None:
        picked = _pick(spec, count, watch)
        path = f"runs/diff-{identity(asked, [each.id for each in picked.prefixes])[:8]}"
    with build("stores", {"use": "files", "path": path}) as store:
        picked = _kept(store, asked, path) or picked or _pick(spec, count, watch)
        _keep(store, asked, picked)
        old, notes = _baseline(baseline, candidate, picked.prefixes)
        plan = _plan(spec, candidate, old)
        parts = assemble(plan, reader=open_log(log, spec)[1])
        quoted = tuple(_open(parts, store))
        announce(quoted)
        if quoted and total(quoted) != 0 and not confirm(quoted):
            raise PlanError("nothing was asked: there is no consent to the cost")
        notes += _answer(plan, parts, store, watch)
        told = [*_of_log(picked, count), *_of_models(plan), *notes]
        found = _compared(store, plan, picked, path, told)
        store.write_document(NAME, msgspec.json.format(msgspec.json.encode(found)))
        store.write_document(PAGE, render(found).encode())
    return found


def _pick(spec: LogPlan, count: int, watch: Watch) -> Picked:
    scrubber = scrubber_of(Plan(log=spec, candidate={}))
    return pick(open_log(spec.path, spec)[1], scrubber, count, watch)


def _part(model: str | Mapping[str, Any], where: str) -> Part:
    """A model's part; a bare name is that of weights on this machine, or of a server's model."""
    if isinstance(model, str) and "/" not in model and ":" not in model and model:
        model = {"use": _IN_PROCESS if model in WEIGHTS else "openai", "model": model}
    part = model_part(dict(model) if isinstance(model, Mapping) else model, where)
    settings = part.get("settings") or {}
    if part["use"] == _IN_PROCESS and "max_tokens" not in part and isinstance(settings, dict):
        part["settings"] = {"max_tokens": SHORT} | settings
    return part


def _baseline(
    wanted: str | Mapping[str, Any] | None, candidate: Part, prefixes: Sequence[Prefix]
) -> tuple[Part | None, list[str]]:
    """The old model's part, if there is one; and what is to be said of it."""
    if wanted == NO_BASELINE:
        return None, ["No noise control: it was turned off."]
    if wanted is not None:
        return _part(wanted, "baseline"), []
    name = _recorded_model(prefixes)
    if candidate["use"] not in _SERVERS:
        return None, ["No noise control: no `baseline` was named, the old model to ask again."]
    if name is None:
        return None, ["No noise control: the log does not say which model answered."]
    return {**candidate, "model": name}, []


def _recorded_model(prefixes: Sequence[Prefix]) -> str | None:
    """The model that recorded most of the turns."""
    named = Counter(p.recorded_model for p in prefixes if p.recorded_model)
    return named.most_common(1)[0][0] if named else None


def _plan(spec: LogPlan, candidate: Part, old: Part | None) -> Plan:
    tools = {"use": "layered", "layers": ["recorded"], "miss": "stop"}
    lanes = {"candidate": candidate} | ({"incumbent": old} if old is not None else {})
    given = {"log": msgspec.to_builtins(spec), "tools": tools, "behaviors": [_REFUSAL]}
    return load_plan({**given, **lanes})


def _kept(store: Store, asked: str, path: str) -> Picked | None:
    """The turns of a diff that was begun in this folder."""
    found = store.read_document(_KEPT)
    if found is None:
        return None
    kept = msgspec.json.decode(found, type=_Kept)
    if kept.asked != asked:
        raise PlanError(f"{path} holds a diff of other models; name another folder")
    return Picked(tuple(store.read(Prefix)), kept.sources, kept.read, kept.lost)


def _keep(store: Store, asked: str, picked: Picked) -> None:
    if store.read_document(_KEPT) is not None:
        return
    have = {prefix.id for prefix in store.read(Prefix)}
    store.append(*(prefix for prefix in picked.prefixes if prefix.id not in have))
    store.flush()
    kept = _Kept(asked=asked, sources=picked.sources, read=picked.read, lost=picked.lost)
    store.write_document(_KEPT, msgspec.json.encode(kept))


def _open(parts: Parts, store: Store) -> Iterator[Cost]:
    """What is still to be asked, and what that costs."""
    have = store.keys(Rollout)
    for lane, own in parts.lanes.items():
        left = [prefix for prefix in store.read(Prefix) if (prefix.id, lane) not in have]
        if left:
            yield from quote(replace(parts, lanes={lane: own}), left)


def _answer(plan: Plan, parts: Parts, store: Store, watch: Watch) -> list[str]:
    """Ask the new model, then the old one: if that cannot be asked, the new answers stand alone."""
    size = len(store.keys(Prefix))
    failed = []
    for lane in (Lane.CANDIDATE, Lane.INCUMBENT):
        if lane not in parts.lanes:
            continue
        alone = replace(parts, lanes={lane: parts.lanes[lane]})
        try:
            answer_all(plan, alone, store, watch, size)
        except (StoreUnavailable, Stopped):
            raise
        except (MachineFailed, PlanError) as error:
            if lane is Lane.CANDIDATE:
                raise
            name = parts.lanes[lane].name
            failed.append(f"No noise control: {name} could not be asked again ({error}).")
    return failed


def _compared(
    store: Store, plan: Plan, picked: Picked, path: str, notes: Sequence[str]
) -> Comparison:
    answers = {(each.parent, each.lane): each for each in store.read(Rollout)}
    pairs = [
        SideBySide(
            prefix=prefix,
            recorded=answers[prefix.id, Lane.RECORDED],
            again=answers.get((prefix.id, Lane.INCUMBENT)),
            new=answers.get((prefix.id, Lane.CANDIDATE)),
            source=picked.sources.get(prefix.id, ""),
        )
        for prefix in picked.prefixes
    ]
    refusals = {
        each.parent: each.evidence
        for each in store.read(Verdict)
        if each.behavior == _REFUSAL and each.outcome is Outcome.PRESENT
    }
    failures = {
        (each.item, each.lane): each
        for each in store.read(Failure)
        if each.stage == "replay" and each.lane and (each.item, each.lane) not in answers
    }
    flagged = flag(pairs, refusals)
    named = name_of(plan.incumbent) if plan.incumbent is not None else "the log's model"
    return Comparison(
        log=plan.log.path,
        old=_recorded_model(picked.prefixes) or named,
        new=name_of(plan.candidate),
        pairs=flagged.pairs,
        common=flagged.common,
        noise=stray(flagged.pairs),
        failures=tuple(failures.values()),
        path=path,
        notes=tuple(notes),
    )


def _of_log(picked: Picked, count: int) -> Iterator[str]:
    """What the log lacks, and what of it was taken."""
    prefixes = picked.prefixes
    conversations = len({prefix.parent for prefix in prefixes})
    yield (
        f"{len(prefixes)} turns of the {conversations} newest conversations of {picked.read:,}, "
        f"de-identified. They stand for no others: nothing here is a forecast."
    )
    if len(prefixes) < count:
        yield f"{count} turns were asked for; the log holds no more that can be replayed."
    if picked.lost:
        yield f"{picked.lost:,} records of the log could not be read."
    gaps = Counter(gap for prefix in prefixes for gap in prefix.gaps if gap not in _ONLY_ABOUT)
    if gaps:
        lacks = ", ".join(f"{gap} (of {turns} turns)" for gap, turns in gaps.most_common())
        yield f"What the log does not hold, no model was given: {lacks}."
    if gaps[Gap.TOOLS] and any(prefix.tools for prefix in prefixes):
        yield (
            "In place of tool schemas, models were offered the tools that the conversations call, "
            "with the arguments seen there."
        )
    models = Counter(p.recorded_model for p in prefixes if p.recorded_model)
    if len(models) > 1:
        each = ", ".join(f"{name} ({turns})" for name, turns in models.most_common())
        yield f"Several models recorded these turns: {each}."


def _of_models(plan: Plan) -> Iterator[str]:
    parts = [part for part in (plan.candidate, plan.incumbent) if part is not None]
    here = {name_of(part): part for part in parts if part["use"] == _IN_PROCESS}
    for name, part in here.items():
        most = part.get("settings", {}).get("max_tokens", part.get("max_tokens"))
        yield f"{name} runs on this machine and answers with {most} tokens at most."
