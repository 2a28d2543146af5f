"""What each tool may be asked, as agents see it: every field says what it is for."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from foretaste.toolserver.fence import LONGEST

Path = Annotated[str, Meta(min_length=1, max_length=LONGEST)]
_Usd = Annotated[float, Meta(ge=0)]
_Calls = Annotated[int, Meta(ge=0)]
_RUN = "Folder of a run, as list_runs gives it."
_USD = "US dollars that this call may spend at most; never more than the server has left."
_CALLS = "Requests to models that this call may make at most."


class Asked(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A tool that takes nothing."""


class Scan(Asked, frozen=True, kw_only=True):
    """A log to look at."""

    log: Annotated[Path, Meta(description="File, folder or glob of conversation logs.")]
    format: Annotated[str | None, Meta(description="Its format; found by content if left out.")] = (
        None
    )
    where: Annotated[
        dict[str, str | int | bool],
        Meta(description="Keep only records with these tags."),
    ] = msgspec.field(default_factory=dict)


class PlanOf(Asked, frozen=True, kw_only=True):
    """A plan to look at."""

    plan: Annotated[
        Path | dict[str, Any],
        Meta(
            description="Path of a foretaste.yaml, or its content as an object: at least `log` "
            "({path: ...}) and `candidate` (a model, like openai/NAME or {use: recorded, path: "
            "...}); also `incumbent`, `judge`, `behaviors`, `sample` ({size: ...})."
        ),
    ]


class Run(PlanOf, frozen=True, kw_only=True):
    """A plan to run."""

    retry: Annotated[
        bool, Meta(description="Ask again what failed in a finished run, and seal anew.")
    ] = False
    max_usd: Annotated[_Usd | None, Meta(description=_USD)] = None
    max_calls: Annotated[_Calls | None, Meta(description=_CALLS)] = None


class _Model(Asked, frozen=True, kw_only=True):
    model: Annotated[
        str | dict[str, Any],
        Meta(
            description="The model: openai/NAME, embedded/smollm2, or an object like {use: "
            "recorded, path: ...} or {use: openai, model: ..., base_url: ...}."
        ),
    ]
    max_usd: Annotated[_Usd | None, Meta(description=_USD)] = None
    max_calls: Annotated[_Calls | None, Meta(description=_CALLS)] = None


class Replay(_Model, frozen=True, kw_only=True):
    """One history to go through a model."""

    history: Annotated[
        Path | list[dict[str, Any]],
        Meta(
            description="Chat messages ({role, content, ...}), or the path of a log that holds one "
            "conversation."
        ),
    ]
    turn: Annotated[
        int | None,
        Meta(description="Which assistant turn, from 0, or from the end if negative; the last."),
    ] = None
    system: Annotated[
        str | None, Meta(description="Another system prompt; sent as it is, unscrubbed.")
    ] = None
    seed: Annotated[int, Meta(ge=0, description="Of all that is drawn.")] = 0


class Diff(_Model, frozen=True, kw_only=True):
    """A log whose last turns go through a model."""

    log: Annotated[Path, Meta(description="File, folder or glob of conversation logs.")]
    format: Annotated[str | None, Meta(description="Its format; found by content if left out.")] = (
        None
    )
    baseline: Annotated[
        str | dict[str, Any] | None,
        Meta(
            description="The old model, asked again as noise control; `none`: no control; left "
            "out: the log's own model, where `model` is on a server that may have it."
        ),
    ] = None
    count: Annotated[int, Meta(ge=1, le=100, description="Turns.")] = 20
    characters: Annotated[
        int, Meta(ge=100, le=6000, description="Characters shown of each message.")
    ] = 600


class Find(Asked, frozen=True, kw_only=True):
    """Where to look for runs."""

    folder: Annotated[
        Path | None, Meta(description="Folder to look in; all that the server may read if left out")
    ] = None


class OfRun(Asked, frozen=True, kw_only=True):
    """A run to read."""

    run: Annotated[Path, Meta(description=_RUN)]


class Examples(OfRun, frozen=True, kw_only=True):
    """Turns of a run to read."""

    behavior: Annotated[str, Meta(max_length=200, description="Name of one of the run's behaviors")]
    page: Annotated[int, Meta(ge=1, description="From 1.")] = 1
    size: Annotated[int, Meta(ge=1, le=20, description="Turns on a page, at most 20.")] = 5
    characters: Annotated[
        int, Meta(ge=100, le=6000, description="Characters shown of each message.")
    ] = 1500


def schema(kind: Any) -> dict[str, Any]:
    """The JSON schema of a type, as an object at its root, where MCP wants it."""
    (root,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    name = root.get("$ref", "").rpartition("/")[2]
    whole = dict(parts.pop(name)) if name else dict(root)
    whole.pop("title", None)
    return {**whole, "$defs": parts} if parts else whole
