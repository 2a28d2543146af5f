"""Read a plan: from a YAML file, or from a mapping."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
import yaml

from foretaste.errors import PlanError, UnknownName
from foretaste.plan import Part, Plan

PLANS_OWN = "plan"
"""In the place of a judge's name: the model that the plan names for behaviors."""


class _Loader(yaml.SafeLoader):
    """YAML in which a date stays the text that was written."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_plan(source: str | Path | Mapping[str, Any] | Plan) -> Plan:
    """Read a plan from a YAML file, or take it as a mapping.

    Raises:
        PlanError: the file cannot be read, or a key or value is wrong.
    """
    if isinstance(source, Plan):
        return source
    if isinstance(source, Mapping):
        return _build(dict(source), "plan")
    path = Path(source)
    try:
        loaded = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506  # a SafeLoader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PlanError(f"{path}: {' '.join(str(error).split())}") from error
    if not isinstance(loaded, dict):
        raise PlanError(f"{path}: a plan is a mapping, like `log: {{path: export.jsonl}}`")
    plan = _build(loaded, str(path))
    return replace(plan, folder=str(path.parent), title=plan.title or path.stem)


def _build(loaded: dict[str, Any], where: str) -> Plan:
    _refuse_unknown(loaded, Plan, where)
    models = {
        lane: model_part(loaded[lane], f"{lane} in {where}")
        for lane in ("incumbent", "candidate")
        if loaded.get(lane) is not None
    }
    if loaded.get("judge") is not None:
        models["judge"] = _judge_part(loaded["judge"], f"judge in {where}")
    try:
        plan = msgspec.convert(loaded | models, Plan, strict=True)
    except msgspec.ValidationError as error:
        raise PlanError(f"{where}: {error}") from error
    plan.window.moments()  # refuses what is no date
    if plan.forecast.traffic is not None:
        plan.forecast.traffic.check()
    return plan


def model_part(part: Any, where: str) -> Part:
    """A model's part from either spelling: `openai/gpt-x`, or a mapping with `use` or `model`."""
    if not isinstance(part, str | dict):
        raise PlanError(f"{where}: name a model like `openai/gpt-x`, or say `use:`")
    spelled = {"model": part} if isinstance(part, str) else dict(part)
    if "use" not in spelled:
        found = re.fullmatch(r"([\w-]+)(?::/|:|/)(.+)", str(spelled.get("model", "")))
        if not found:
            raise PlanError(f"{where}: name a model like `openai/gpt-x`, or say `use:`")
        spelled |= {"use": found[1], "model": found[2]}
    return spelled


def named_judge(plan: Plan, judge: str) -> Part:
    """The part of a model that `--judge` names: `openai/gpt-x`, or `plan` for the plan's.

    Raises:
        PlanError: the plan has no judge, or several; or the name is none.
    """
    if judge != PLANS_OWN:
        return model_part(judge, "--judge")
    if len(plan.judges) != 1:
        has = "several judges" if plan.judges else "no `judge`"
        raise PlanError(f"the plan has {has}; name a model, like --judge openai/gpt-x")
    return plan.judges[0]


def _judge_part(part: Any, where: str) -> Part:
    """A judge's part: a model in either spelling, or several under `models`; with its panel."""
    panel = part.get("panel", 1) if isinstance(part, dict) else 1
    if type(panel) is not int or panel < 1:
        raise PlanError(f"{where}: panel is the number of behaviors in one call, not {panel!r}")
    if not isinstance(part, dict) or "models" not in part:
        return model_part(part, where)
    _refuse_unknown_names(part, ("models", "panel"), where)
    several = part["models"]
    if not isinstance(several, list | tuple) or not several:
        raise PlanError(f"{where}: models is a list of models, like [openai/gpt-x, openai/gpt-y]")
    models = [model_part(each, f"[{number}] of {where}") for number, each in enumerate(several)]
    return {**part, "models": models}


def _names(kind: type) -> list[str]:
    return [each.name for each in fields(kind) if each.name != "folder"]


def _refuse_unknown(value: Any, kind: Any, where: str) -> None:
    """Converters fill a dataclass and say nothing of a misspelt key; this one does."""
    if is_dataclass(kind) and isinstance(kind, type) and isinstance(value, dict):
        hints = get_type_hints(kind)
        _refuse_unknown_names(value, _names(kind), where)
        for key, inner in value.items():
            _refuse_unknown(inner, hints[key], f"{key} in {where}")
    elif get_origin(kind) in (Union, UnionType):
        for option in get_args(kind):
            _refuse_unknown(value, option, where)
    elif get_origin(kind) is tuple and isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            _refuse_unknown(inner, get_args(kind)[0], f"[{number}] of {where}")


def _refuse_unknown_names(part: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    for key in part:
        if key not in known:
            raise UnknownName("key", str(key), known, where)
