"""A real MCP server for the tests of the connector; run by itself it speaks through its pipes.

Every call leaves a line in the file that `CALLS` names, so a test sees what reached it.
"""

import base64
import os
import sys
import time
from pathlib import Path

from mcp.server.mcpserver import Image, MCPServer
from mcp.types import (
    EmbeddedResource,
    ResourceLink,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)

server = MCPServer("library")
CALLS = Path(os.environ.get("CALLS", os.devnull))
PIXEL = base64.b64decode("iVBORw0KGgo=")


def called(name: str) -> None:
    with CALLS.open("a") as calls:
        calls.write(f"{name}\n")


@server.tool()
def get_book(title: str) -> str:
    called("get_book")
    return f"{title}: 2 copies"


@server.tool(structured_output=False)
def fetch_size(megabytes: int) -> str:
    called("fetch_size")
    return "x" * (megabytes * 1_000_000)


@server.tool()
def search_shelves() -> list[str]:
    called("search_shelves")
    raise ValueError("the shelves are locked")


@server.tool(structured_output=False)
def get_cover() -> list[object]:
    called("get_cover")
    page = TextResourceContents(uri="book://1", text="page one")
    return [
        TextContent(type="text", text="the cover"),
        Image(data=PIXEL, format="png"),
        ResourceLink(type="resource_link", name="scan", uri="book://1/scan"),
        EmbeddedResource(type="resource", resource=page),
    ]


@server.tool()
def get_environment() -> str:
    called("get_environment")
    return ",".join(sorted(os.environ))


@server.tool()
def status() -> str:
    called("status")
    return "open"


@server.tool()
def write_note(path: str) -> str:
    called("write_note")
    Path(path).write_text("written")
    return "written"


@server.tool(annotations=ToolAnnotations(read_only_hint=False))
def get_and_burn(title: str) -> str:
    called("get_and_burn")
    return f"{title} burned"


@server.tool(annotations=ToolAnnotations(destructive_hint=True))
def find_loan(title: str) -> str:
    called("find_loan")
    return title


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def lend_book(title: str) -> str:
    called("lend_book")
    return f"{title} lent"


@server.tool()
def get_lost() -> str:
    called("get_lost")
    os._exit(3)


@server.tool()
def get_tired() -> str:
    called("get_tired")
    time.sleep(12)
    return "awake"


@server.tool()
async def get_stuck() -> str:
    called("get_stuck")
    time.sleep(600)  # noqa: ASYNC251 - it shall hang, and all others with it
    return ""


if __name__ == "__main__":
    if "silent" in sys.argv:
        sys.exit("the library is\x1b[31m closed")
    if "port" in sys.argv:
        server.run("streamable-http", port=int(sys.argv[2]))
    else:
        server.run()
