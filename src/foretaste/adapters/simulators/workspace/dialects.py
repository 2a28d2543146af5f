"""All tools by name. A new dialect is a module with a table of its own, and a line here."""

from collections.abc import Mapping

from foretaste.adapters.simulators.workspace import claude_code, codex, editor, shells
from foretaste.adapters.simulators.workspace.desk import Tool

TOOLS: Mapping[str, Tool] = {
    **claude_code.TOOLS,
    **codex.TOOLS,
    **editor.TOOLS,
    **shells.TOOLS,
}
"""A tool that is not here stays open."""
