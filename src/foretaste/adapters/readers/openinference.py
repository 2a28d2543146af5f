"""OpenInference's spans: Phoenix's exports, and OTLP JSON with its attributes."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from foretaste.adapters.readers.traces.conversations import conversations
from foretaste.adapters.readers.traces.dialects import dialect_of
from foretaste.adapters.readers.traces.recognition import are_known, is_openinference
from foretaste.records import Conversation, Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInference:
    """Reads spans with the attributes `llm.*` that Phoenix's tracers write.

    Of spans of kind `LLM` each is a model call with its whole input; they become conversations by
    `session.id`, else by trace, as those of `otel-genai` do. Annotations are labels.

    Attributes:
        path: a file, folder, glob, or `-` for standard input; gzip and zstd are recognized.
        where: tags (`agent`, `subagent`, `service`, `environment`, scalars of `metadata`) that a
            conversation must have to be read.
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
        return is_openinference(head)
