"""Answer tool calls with functions of the caller's: fakes in tests, not a plan's."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from foretaste.protocols import Act, Session, ToolAnswer
from foretaste.records import Prefix, ToolCall

_LAYER = "functions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Functions:
    """Functions by the name of their tool; a call of any other tool stays open.

    A function gets the arguments by name, gives a text or JSON, and may be asynchronous. What it
    raises is told to the model as the tool's error, as frameworks do; so are arguments that are no
    JSON object, without a call.

    Args:
        functions: by tool.
    """

    functions: Mapping[str, Callable[..., Any]]

    def __call__(self, prefix: Prefix) -> Session:  # noqa: ARG002  # functions know no prefix
        """Open a session; the functions' own state is theirs."""
        return _FunctionsSession(self.functions)


class _FunctionsSession:
    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._functions = functions

    async def __call__(
        self,
        call: ToolCall,
        before: Sequence[Act] = (),  # noqa: ARG002  # functions keep their own state
    ) -> ToolAnswer | None:
        function = self._functions.get(call.name)
        if function is None:
            return None
        try:
            arguments = msgspec.json.decode(call.arguments or "{}", type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            error = "Error: the arguments are not a JSON object"
            return ToolAnswer(error, _LAYER, "arguments that no function can take", done=False)
        try:
            found = function(**arguments)
            content = _text(await found if inspect.isawaitable(found) else found)
        except Exception as error:  # noqa: BLE001 - somebody else's tool; its error is its answer
            content = f"Error: {type(error).__name__}: {error}"
            return ToolAnswer(content, _LAYER, "the function raised this", done=False)
        return ToolAnswer(content, _LAYER, "the function of this name")


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
