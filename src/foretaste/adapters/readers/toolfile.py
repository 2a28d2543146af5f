"""Tool schemas that a log's records do not hold, from a file beside it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from foretaste.errors import PlanError
from foretaste.protocols import Reader
from foretaste.records import JSON, Conversation, Failure, Gap


def tool_schemas(path: str) -> tuple[JSON, ...]:
    """The schemas in a file: a JSON list of objects, as `tools` of a request has them.

    Raises:
        PlanError: the file cannot be read, or is no such list.
    """
    try:
        found = msgspec.json.decode(Path(path).read_bytes(), type=list[dict[str, JSON]])
    except OSError as error:
        raise PlanError(f"log.tools: {path!r} cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PlanError(f"log.tools: {path!r} is no list of tool schemas: {error}") from error
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithTools:
    """A log, with tool schemas for each record that states none of its own."""

    reader: Reader
    tools: tuple[JSON, ...]

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each record; see `protocols.Reader`."""
        for record in self.reader():
            if isinstance(record, Failure) or record.dialogue.tools:
                yield record
                continue
            gaps = tuple(gap for gap in record.dialogue.gaps if gap is not Gap.TOOLS)
            dialogue = replace(record.dialogue, tools=self.tools, gaps=gaps)
            yield replace(record, dialogue=dialogue)
