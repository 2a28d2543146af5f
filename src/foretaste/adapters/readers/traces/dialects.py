"""Which attributes a span is read by."""

from foretaste.adapters.readers.traces.exchange import Dialect
from foretaste.adapters.readers.traces.genai import GENAI
from foretaste.adapters.readers.traces.openinference import OPENINFERENCE, SPAN_KIND
from foretaste.adapters.readers.traces.spans import Span


def dialect_of(span: Span) -> Dialect:
    """OpenInference's where a span names its kind as that does, else OpenTelemetry's."""
    return OPENINFERENCE if SPAN_KIND in span.attributes else GENAI
