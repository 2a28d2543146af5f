"""OpenTelemetry's spans of model calls: OTLP JSON, or spans as an SDK's console writes them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from foretaste.adapters.readers.traces.conversations import conversations
from foretaste.adapters.readers.traces.dialects import dialect_of
from foretaste.adapters.readers.traces.recognition import are_known, is_genai
from foretaste.records import Conversation, Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class OTelGenAI:
    """Reads spans with the attributes `gen_ai.*` of today and of old, and OpenLLMetry's.

    Every span of a model call holds its whole input. The calls of a conversation
    (`gen_ai.conversation.id` or a like attribute, else the trace) become one conversation as long
    as each repeats the input of the one before; where one does not, another begins. Answers count
    once: what was said before the first call in the log is context.

    Attributes:
        path: a file, folder, glob, or `-` for standard input; gzip and zstd are recognized.
        where: tags (`agent`, `subagent`, `service`, `environment`, own attributes of the spans)
            that a conversation must have to be read.
    """

    path: str
    where: dict[str, str | int] = field(default_factory=dict)

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each conversation, or a `Failure` with its record or line number.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return conversations(self.path, self.where, dialect_of, are_known)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        return is_genai(head)
