"""What of a plan an agent may have: a plan is a program, and here nobody knows who wrote it.

A plan names plug-ins, files, servers and environment variables. Let through is what is listed here,
plug-in by plug-in and option by option; all else is refused with the command that does allow it.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from foretaste.adapters.behaviors import is_name, load_behavior, shipped
from foretaste.adapters.models.openai import DEFAULT_URL
from foretaste.adapters.models.weights import WEIGHTS
from foretaste.errors import PlanError
from foretaste.plan import BehaviorPlan, LogPlan, Part, Plan
from foretaste.planfile import model_part
from foretaste.registry import Family, plugins
from foretaste.runs.pricing import Price, price_of
from foretaste.runs.sources import LANE_KEYS
from foretaste.runs.tooling import layers_of
from foretaste.toolserver.fence import Visit
from foretaste.toolserver.purse import NOT_OPENED, UNPRICED, Purse

_LOG = frozenset({"path", "format", "where", "options"})
_WRITES = frozenset({"reads", "writes"})
PLAIN: dict[tuple[Family, str], frozenset[str]] = {
    ("models", "openai"): frozenset({"model", "timeout", "retries", "extra", "trust_env"}),
    ("models", "embedded"): frozenset(
        {"model", "sha256", "threads", "slots", "context", "max_tokens", "tools", "reuse"}
    ),
    ("models", "recorded"): frozenset({"name"}),
    ("models", "scripted"): frozenset({"replies", "default", "fail_share", "name"}),
    ("graders", "rubric"): frozenset(
        {"votes", "temperature", "max_tokens", "reasoning", "context", "answer_first", "seed"}
        | {"panel", "judge"}
    ),
    ("graders", "rule"): frozenset(
        {"pattern", "unless", "unless_asked", "flags", "threshold", "where", "quoted", "within"}
    ),
    ("graders", "yes-no"): frozenset(
        {"question", "yes_shows", "threshold", "reasoning", "context", "judge", "answer_first"}
        | {"seed"}
    ),
    ("graders", "trained"): frozenset({"threshold"}),
    ("graders", "screened"): frozenset({"calls"}),
    ("graders", "learning"): frozenset(),
    ("simulators", "recorded"): _WRITES,
    ("simulators", "database"): _WRITES | {"fuzzy", "pick", "own", "leave_out"},
    ("simulators", "failures"): _WRITES | {"rates", "least", "seed"},
    ("simulators", "layered"): frozenset({"by_tool", "miss"}),
    ("simulators", "model"): _WRITES
    | {"count", "retries", "settings", "context", "longest", "schema", "errors"},
    ("scrubbers", "patterns"): frozenset(),  # `kinds` could leave people in
    ("engines", "local"): frozenset({"concurrency"}),
    ("stores", "files"): frozenset(),
}
"""Options that lead nowhere, of the plug-ins that are let through; the rest is looked at below."""

_LOOKED_AT: dict[tuple[Family, str], frozenset[str]] = {
    ("models", "openai"): frozenset({"base_url", "key_from"}),
    ("models", "recorded"): _LOG,
    ("graders", "rule"): frozenset({"function"}),
    ("graders", "trained"): frozenset({"file"}),
    ("graders", "screened"): frozenset({"screen", "judge"}),
    ("graders", "learning"): frozenset({"first"}),
    ("simulators", "database"): _LOG,
    ("simulators", "failures"): _LOG,
    ("simulators", "layered"): frozenset({"layers"}),
    ("simulators", "model"): frozenset({"model", "examples"}),
    ("stores", "files"): frozenset({"path"}),
}
_BY_HAND = "run it in a terminal, where you can see what it does"
_MOST_AT_ONCE = 64
_SHIPPED = "foretaste."


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What whoever starts the server lets tools have, besides files."""

    purse: Purse = field(default_factory=Purse)
    keys: frozenset[str] = frozenset()  # environment variables whose value may go to a server
    servers: frozenset[str] = frozenset()  # addresses that may be asked, besides OpenAI's own


@dataclass(slots=True, kw_only=True)
class Vetting:
    """Looks at one call's plan and parts; remembers what its models cost."""

    visit: Visit
    allowance: Allowance
    prices: dict[str, Price | None] = field(default_factory=dict)  # of models that may cost

    def plan(self, plan: Plan) -> None:
        """Refuse what an agent's plan may not have.

        Raises:
            PlanError: names what is refused, and what to do instead.
        """
        base = plan.folder
        self.log(plan.log, base, "log")
        for lane, part in (("candidate", plan.candidate), ("incumbent", plan.incumbent)):
            if part is not None:
                self.model(part, base, lane)
        for judge in plan.judges:
            self.model({k: v for k, v in judge.items() if k != "panel"}, base, "judge")
        self._simulator(plan.tools, base)
        self._known("scrubbers", plan.scrub, "scrub")
        self._known("engines", plan.engine, "engine")
        at_once = plan.engine.get("concurrency", 1)
        if not isinstance(at_once, int) or at_once > _MOST_AT_ONCE:
            raise PlanError(f"engine: concurrency is at most {_MOST_AT_ONCE} here")
        if plan.forecast.traffic is not None and plan.forecast.traffic.path is not None:
            newer = plan.forecast.traffic
            self.log(LogPlan(path=str(newer.path), use=newer.use), base, "forecast.traffic")
        self._writes(plan)
        for entry in plan.behaviors:
            self._behavior(BehaviorPlan(name=entry) if isinstance(entry, str) else entry, base)

    def log(self, log: LogPlan, base: str | None, what: str) -> str:
        """Look at a log; gives its path."""
        if log.use is not None:
            self._shipped("readers", log.use, what)
        if log.tools is not None:
            self.visit.admit(log.tools, base=base, what=f"{what}: tools")
        for option in log.options.keys() & {"path", "where"}:
            raise PlanError(f"{what}: `{option}` is no option of a format here")
        return self.visit.admit(log.path, base=base, what=what)

    def model(self, part: Part | str, base: str | None, what: str) -> Part:
        """Look at a model; gives its part, written out."""
        spelled = model_part(part, what)
        self._known("models", spelled, what, LANE_KEYS)
        if spelled["use"] == "recorded":
            self._own_log(spelled, base, what)
        if spelled["use"] == "embedded" and spelled.get("model", "smollm2") not in WEIGHTS:
            raise PlanError(
                f"{what}: embedded models are {', '.join(WEIGHTS)} here; a file of weights is for "
                f"the command line: {_BY_HAND}"
            )
        if spelled["use"] == "openai":
            self._server(spelled, what)
        return spelled

    def _server(self, part: Part, what: str) -> None:
        """A model that may cost, on a server that gets the log's text."""
        url = str(part.get("base_url", DEFAULT_URL))
        if url not in self.allowance.servers and url != DEFAULT_URL:
            raise PlanError(
                f"{what}: `base_url` is none of the servers that may be asked; whoever starts this "
                "server allows one with --server URL"
            )
        key = str(part.get("key_from", "OPENAI_API_KEY"))
        # Without a key a local server is asked without one; another's name is not even looked up.
        if key not in self.allowance.keys and ("key_from" in part or key in os.environ):
            raise PlanError(
                f"{what}: the key is not allowed to be used; whoever starts this server allows it "
                "with --key NAME, by the name of its environment variable"
            )
        purse, name = self.allowance.purse, str(part.get("model"))
        if not purse.opened:
            raise PlanError(f"{what}: {NOT_OPENED}")
        price = purse.prices.get(name) or price_of({**part, "price": None})
        if price is None and purse.usd is not None:
            raise PlanError(f"{what}: {UNPRICED}")
        self.prices[name] = price

    def _simulator(self, part: Part, base: str) -> None:
        self._known("simulators", part, "tools")
        if part["use"] in ("database", "failures"):
            self._own_log(part, base, "tools")
        if part["use"] == "layered":
            for layer in layers_of(part).values():
                self._simulator(layer, base)
        if part["use"] == "model":
            self.model(part.get("model", {}), base, "tools: model")
            if part.get("examples") is not None:
                self._simulator(_mapping(part["examples"], "tools: examples"), base)

    def _behavior(self, wanted: BehaviorPlan, base: str) -> None:
        if wanted.name.startswith("tag:"):
            return
        if not is_name(wanted.name):
            raise PlanError("behaviors: a name has small letters and digits with hyphens")
        if wanted.definition is not None:
            file = self.visit.admit(wanted.definition, base=base, what="behaviors: definition")
            if not file.endswith(".md"):
                raise PlanError("behaviors: a definition is a Markdown file, .md")
            grader = load_behavior(file).grader
            if grader:
                self._grader(grader, base, wanted.name)
        if wanted.grader is not None:
            self._grader(wanted.grader, base, wanted.name)

    def _grader(self, part: Mapping[str, Any], base: str, name: str) -> None:
        what = f"grader of {name}"
        self._known("graders", part, what)
        function = part.get("function", "")
        if function and function not in _functions():
            raise PlanError(f"{what}: a function of your own is no part of a plan here; {_BY_HAND}")
        if "file" in part:
            self.visit.admit(str(part["file"]), base=base, what=what)
        for inner in ("screen", "judge", "first"):
            if part["use"] in ("screened", "learning") and part.get(inner) is not None:
                self._grader(_mapping(part[inner], what), base, name)

    def _writes(self, plan: Plan) -> None:
        """The run's folder and the ledger."""
        store = dict(plan.store or {"use": "files"})
        self._known("stores", store, "store")
        runs = str(store.get("path") or "runs")
        self.visit.admit(runs, base=plan.folder, what="store")
        if plan.learns:
            inside = runs if store.get("path") else f"{runs}/run"
            ledger = plan.ledger(plan.resolve(inside))
            self.visit.admit(ledger, base="", what="forecast: ledger")

    def _own_log(self, part: Part, base: str | None, what: str) -> None:
        options = part.get("options", {})
        self.log(
            LogPlan(
                path=str(part.get("path", "")),
                use=None if part.get("format") is None else str(part["format"]),
                options=_mapping(options, what),
            ),
            base,
            what,
        )

    def _known(
        self, family: Family, part: Mapping[str, Any], what: str, beside: Sequence[str] = ()
    ) -> None:
        use = self._shipped(family, part.get("use", ""), what)
        kind = (family, use)
        if kind not in PLAIN:
            raise PlanError(f"{what}: {use!r} is no part of a plan here; {_BY_HAND}")
        allowed = {"use", *beside, *PLAIN[kind], *_LOOKED_AT.get(kind, ())}
        for name in part.keys() - allowed:
            raise PlanError(f"{what}: {name!r} of {use!r} is not to be set here; {_BY_HAND}")

    def _shipped(self, family: Family, use: object, what: str) -> str:
        point = plugins(family).get(use) if isinstance(use, str) else None
        if point is None or not point.value.startswith(_SHIPPED):
            raise PlanError(
                f"{what}: only plug-ins that ship with Foretaste are used here; {_BY_HAND}"
            )
        return str(use)


def _functions() -> set[str]:
    """Functions that shipped behaviors name."""
    return {str(load_behavior(name).grader.get("function", "")) for name in shipped()}


def _mapping(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PlanError(f"{what}: it must be keys and values")
    return value
