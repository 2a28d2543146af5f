"""What each layer of simulated tools is worth: a plan's tools with one less, or with one alone."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from foretaste.contrasts import Contrast, Setting
from foretaste.errors import PlanError, UnknownName
from foretaste.plan import Part, Plan
from foretaste.protocols import Engine
from foretaste.records import Prefix
from foretaste.registry import build
from foretaste.runs.sources import scrubber_of
from foretaste.runs.tooling import layers_of, simulator_of
from foretaste.runs.watch import Watch, quiet
from foretaste.stages.contrast import cluster_of, single_calls
from foretaste.stages.realism import MARGIN, Discriminator, Read, win_rate
from foretaste.stages.reanswer import Reanswered, contrasted, reanswer

ALL = "all layers"


def settings(tools: Part) -> Iterator[tuple[str, Part]]:
    """Every part to try, by name: the plan's own, without each layer, each layer alone.

    Tools that are not layered have the plan's own only.
    """
    names = tuple(layers_of(tools)) if "layers" in tools else (str(tools["use"]),)
    yield (ALL if len(names) > 1 else names[0]), tools
    if len(names) > 1:
        yield from ((f"without {name}", without(tools, name)) for name in names)
        yield from ((f"{name} alone", only(tools, name)) for name in names)


def without(tools: Part, layer: str) -> Part:
    """Layered tools that lack a layer; tools that it alone answered fall to the others.

    Raises:
        PlanError: there is no such layer, or no list of layers.
    """
    _known(tools, layer)
    return _kept(tools, lambda name: name != layer)


def only(tools: Part, layer: str) -> Part:
    """Layered tools that one layer answers, all of them.

    Raises:
        PlanError: there is no such layer, or no list of layers.
    """
    _known(tools, layer)
    return _kept(tools, lambda name: name == layer)


def _known(tools: Part, layer: str) -> None:
    names = layers_of(tools)
    if layer not in names:
        raise UnknownName("layer", layer, names, "tools")


def _kept(tools: Part, keep: Callable[[str], bool]) -> Part:
    layers = [{"name": name} | part for name, part in layers_of(tools).items() if keep(name)]
    names = [each["name"] for each in layers]
    kept = tools | {"layers": layers}
    policies = {tool: _policy(each, names) for tool, each in dict(tools.get("by_tool", {})).items()}
    policies = {tool: policy for tool, policy in policies.items() if policy}
    kept = {key: value for key, value in kept.items() if key != "by_tool"}
    if policies:
        kept["by_tool"] = policies
    return _ended(kept, names)


def _policy(policy: object, names: list[str]) -> Part:
    given: Part = policy if isinstance(policy, dict) else {"layers": policy}
    named = [name for name in given.get("layers") or () if name in names]
    rest = _ended({key: value for key, value in given.items() if key != "layers"}, names)
    return rest | ({"layers": named} if named else {})


def _ended(part: Part, names: list[str]) -> Part:
    """Without a layer `model` to end at, a miss stops."""
    if part.get("miss") == "model" and "model" not in names:
        return part | {"miss": "stop"}
    return part


def ablate(
    plan: Plan,
    prefixes: Iterable[Prefix],
    *,
    tell: Discriminator,
    group: str | None = None,
    margin: float = MARGIN,
    watch: Watch = quiet,
) -> Iterator[Setting]:
    """Answer the recorded calls again with every setting of the plan's tools.

    No session sees the recorded turn that it answers in.

    Raises:
        MachineFailed: a layer cannot work at all.
    """
    calling = {p.id: p for p in prefixes if any(m.role == "tool" for m in p.recorded)}
    engine: Engine = build("engines", plan.engine)
    scrubber = scrubber_of(plan)
    for name, part in settings(plan.tools):
        try:
            simulator = simulator_of(plan, part, scrubber)
        except PlanError as error:
            yield Setting(name=name, error=str(error))
            continue
        found: list[Reanswered] = []
        for number, each in enumerate(
            reanswer(calling.values(), simulator=simulator, engine=engine), start=1
        ):
            watch(name, number, len(calling))
            if isinstance(each, Reanswered):
                found.append(each)
        yield setting(
            name,
            [
                contrasted(calling[each.parent], each, cluster_of(calling[each.parent], group))
                for each in sorted(found, key=lambda one: one.parent)
                if each.answered
            ],
            calls=sum(each.calls for each in found),
            failed=len(calling) - len(found),
            tell=tell,
            margin=margin,
        )


def setting(
    name: str,
    contrasts: Sequence[Contrast],
    *,
    calls: int,
    tell: Discriminator,
    failed: int = 0,
    margin: float = MARGIN,
) -> Setting:
    """How real turns look whose recorded calls were answered again.

    Args:
        name: of the setting.
        contrasts: turns in which at least one call was answered.
        calls: recorded calls, answered again or not.
        tell: a discriminator.
        failed: turns at which the simulator failed.
        margin: of the equivalence test.
    """
    singles = list(single_calls(contrasts))
    answers = [each.layer for contrast in contrasts for each in contrast.answered]
    return Setting(
        name=name,
        layers=tuple(sorted(set(answers))),
        calls=calls,
        answered=len(answers),
        failed=failed,
        win=win_rate(Read(contrasts=contrasts, taken=tell(contrasts), margin=margin)),
        call=win_rate(Read(contrasts=singles, taken=tell(singles), margin=margin)),
    )
