"""The tools as an MCP server speaks of them, over the official SDK."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import msgspec
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)

from foretaste.errors import ForetasteError
from foretaste.provenance import foretaste_version
from foretaste.report.visible import one_line
from foretaste.toolserver.asking import schema
from foretaste.toolserver.fence import Fence
from foretaste.toolserver.telling import WARNING, answer, told_schema
from foretaste.toolserver.verbs import VERBS, Verb
from foretaste.toolserver.vetting import Allowance
from foretaste.toolserver.work import Call

NAME = "foretaste"
_LONG, _SHORT = 2, 4  # calls at a time
_PACE_S = 0.25  # between two reports of progress
_LONGEST_ERROR = 1_000
_UNFORESEEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
INSTRUCTIONS = (
    "Foretaste replays logged conversations of a deployed model through a candidate model, grades "
    "the answers and forecasts behavior rates. Usual order: scan_log, plan_run (what it costs), "
    f"run_plan, read_findings, read_examples, gate_run. {WARNING} Texts are scrubbed of what "
    "identifies people; findings of few turns are uncertain, so give intervals with every rate."
)

# What a client sends that is no message must not reach the terminal.
logging.getLogger("mcp").addHandler(logging.NullHandler())


@dataclass(slots=True)
class Tools:
    """Answers `tools/list` and `tools/call`; work runs in threads, so that no client waits.

    Args:
        fence: the folders.
        allowance: what else may be had.
    """

    fence: Fence
    allowance: Allowance
    long: anyio.CapacityLimiter = field(init=False)
    short: anyio.CapacityLimiter = field(init=False)

    def __post_init__(self) -> None:
        self.long, self.short = anyio.CapacityLimiter(_LONG), anyio.CapacityLimiter(_SHORT)

    async def listed(
        self, _: ServerRequestContext[Any], __: PaginatedRequestParams | None
    ) -> ListToolsResult:
        """Every tool there is."""
        return ListToolsResult(tools=[_tool(verb) for verb in VERBS])

    async def called(
        self, context: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult:
        """Do what a tool does; what goes wrong is an answer too.

        Raises:
            MCPError: there is no such tool.
        """
        verb = next((each for each in VERBS if each.name == params.name), None)
        if verb is None:
            raise MCPError(INVALID_PARAMS, f"no tool {one_line(params.name, 60)!r}")
        call = Call(self.fence, self.allowance)
        done: list[CallToolResult] = []
        async with anyio.create_task_group() as group:
            group.start_soon(_report, call, context)
            async with self.long if verb.long else self.short:
                await _in_thread(partial(_work, verb, params, call, done), call)
            group.cancel_scope.cancel()
        return done[0]


def server_of(fence: Fence, allowance: Allowance) -> Server[Any]:
    """The server, to be given a transport."""
    tools = Tools(fence, allowance)
    return Server(
        NAME,
        version=foretaste_version(),
        title="Foretaste",
        instructions=INSTRUCTIONS,
        on_list_tools=tools.listed,
        on_call_tool=tools.called,
    )


def _tool(verb: Verb) -> Tool:
    return Tool(
        name=verb.name,
        title=verb.title,
        description=verb.does,
        input_schema=schema(verb.asks),
        output_schema=told_schema(verb.tells),
        annotations=ToolAnnotations(
            title=verb.title,
            read_only_hint=verb.reads,
            destructive_hint=False,
            idempotent_hint=verb.again,
            open_world_hint=verb.outside,
        ),
    )


async def _in_thread(work: Callable[[], None], call: Call) -> None:
    """Work in a thread; where the client calls it off, that is told to the work.

    The work is waited for in any case: the next call must find the run's folder free.
    """
    ended = anyio.Event()

    async def to_the_end() -> None:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(work, limiter=anyio.CapacityLimiter(1))
        ended.set()

    async with anyio.create_task_group() as group:
        group.start_soon(to_the_end)
        try:
            await ended.wait()
        finally:
            call.off.set()


async def _report(call: Call, context: ServerRequestContext[Any]) -> None:
    """Tell the client how far the call is, where it asked to be told."""
    told = None
    while True:
        await anyio.sleep(_PACE_S)
        step = call.step
        if step is not told and step.says and (told is None or step.done > told.done):
            told = step
            total = None if step.total is None else float(step.total)
            await context.session.report_progress(float(step.done), total, step.says)


def _work(
    verb: Verb, params: CallToolRequestParams, call: Call, done: list[CallToolResult]
) -> None:
    """Do what a tool does, in a thread."""
    left = call.allowance.purse
    try:
        asked = msgspec.convert(params.arguments or {}, verb.asks)
        with call.working():
            told = verb.work(asked, call)
        call.visit.recheck()
        made = answer(told, call.slip.spent, left.left)
        done.append(
            CallToolResult(
                content=[TextContent(type="text", text=made.text)],
                structured_content=made.structured,
            )
        )
    except msgspec.ValidationError as error:
        done.append(_wrong(f"the arguments are wrong: {error}", call))
    except ForetasteError as error:
        done.append(_wrong(str(error), call))
    except RecursionError:
        done.append(_wrong("what it was given is nested too deeply", call))
    except _UNFORESEEN as error:
        # Its text may hold anything, so only its kind is told.
        done.append(_wrong(f"a fault of Foretaste's own: {type(error).__name__}", call))


def _wrong(why: str, call: Call) -> CallToolResult:
    spent = call.slip.spent
    note = f" Spent by this call: {spent.calls:,} calls." if spent.calls else ""
    text = one_line(why, _LONGEST_ERROR) + note
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)
