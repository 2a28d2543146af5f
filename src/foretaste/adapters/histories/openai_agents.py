"""OpenAI Agents SDK: `foretaste.histories` entry `openai-agents`."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from foretaste.adapters.histories.plain import heard, plain
from foretaste.dialects.responses import is_items, said
from foretaste.dialects.said import Said
from foretaste.dialects.settings import settings_of
from foretaste.records import JSON, Conversation, Gap, Message

# `tool_choice` is left out: the SDK forgets it after the first call, and a replay would not.
_SETTINGS = (
    "temperature",
    "top_p",
    "max_tokens",
    "frequency_penalty",
    "presence_penalty",
    "parallel_tool_calls",
    "verbosity",
)


class _Told(NamedTuple):
    """What an agent tells its model beside the items."""

    system: tuple[Message, ...] = ()
    tools: tuple[JSON, ...] = ()
    settings: dict[str, JSON] = {}  # noqa: RUF012 (nobody changes it)
    model: str | None = None
    lost: frozenset[Gap] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIAgents:
    """A session, the result of a run, or a list of response items (`result.to_input_list()`).

    A result knows its agents: instructions, tools, handoffs and settings are those of the agent
    that began the run. A handoff stays the call that it is; under which instructions the agents
    after it went on is a gap. A session and a list hold items only. No tool is called, and no MCP
    server asked: its schemas are a gap.
    """

    async def __call__(self, history: object) -> Conversation | None:
        """The conversation; None where it is no history of this SDK.

        Raises:
            Unreadable: an item has the wrong shape.
        """
        given: Any = history
        told = _Told()
        if hasattr(given, "to_input_list") and hasattr(given, "new_items"):
            items = given.to_input_list()
            told = await _told(given)
        elif hasattr(given, "get_items") and hasattr(given, "session_id"):
            items = await given.get_items()
        elif isinstance(given, list) and _is_items(given):
            items = given
        else:
            return None
        found = said(plain(items))
        return heard(
            "openai-agents",
            Said(told.system + found.messages, found.lost | told.lost),
            tools=told.tools,
            settings=told.settings,
            model=told.model,
        )


def _is_items(given: list[Any]) -> bool:
    shown = [each for each in given if isinstance(each, dict)]
    return is_items(shown) or (len(shown) < len(given) and is_items(map(_shown, given)))


def _shown(item: Any) -> JSON:
    """An item of the SDK's classes by what tells it from other messages."""
    return item if isinstance(item, dict) else {"type": getattr(item, "type", None)}


async def _told(result: Any) -> _Told:
    """What the agent that began a run tells its model."""
    agents = [item.agent for item in result.new_items] or [result.last_agent]
    first = agents[0]
    if first is None:  # it was released
        return _Told()
    prompt = await first.get_system_prompt(result.context_wrapper)
    lost = {Gap.SYSTEM} if any(agent is not first for agent in agents) else set()
    every = [*first.tools, *map(_handoff, first.handoffs)]
    tools = tuple(filter(None, map(_schema, every)))
    if len(tools) < len(every) or getattr(first, "mcp_servers", None):
        lost.add(Gap.TOOLS)
    given = {name: getattr(first.model_settings, name, None) for name in _SETTINGS}
    given["reasoning"] = plain(getattr(first.model_settings, "reasoning", None))
    return _Told(
        system=(Message(role="system", content=prompt),) if prompt else (),
        tools=tools,
        settings=settings_of(given),
        model=_model(agents),
        lost=frozenset(lost),
    )


def _handoff(target: Any) -> Any:
    """A handoff; of an agent that is named alone, the one that the SDK makes of it."""
    return target if hasattr(target, "tool_name") else sys.modules["agents"].handoff(target)


def _schema(tool: Any) -> JSON:
    """A function's schema as chat completions have it; None for a tool of the provider's."""
    if hasattr(tool, "tool_name"):
        name, about, parameters = tool.tool_name, tool.tool_description, tool.input_json_schema
    elif hasattr(tool, "params_json_schema"):
        name, about, parameters = tool.name, tool.description, tool.params_json_schema
    else:
        return None
    function = {"name": name, "description": about, "parameters": plain(parameters)}
    return {"type": "function", "function": function | {"strict": tool.strict_json_schema}}


def _model(agents: Iterable[Any]) -> str | None:
    """The model that the last of the agents names."""
    *_, last = agents
    model = getattr(last, "model", None)
    name = getattr(model, "model", model)
    return name if isinstance(name, str) and name else None
