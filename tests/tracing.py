"""Spans written by OpenTelemetry's own software."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.json.file._log_exporter import FileLogExporter
from opentelemetry.exporter.otlp.json.file.trace_exporter import FileSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor, SpanExporter
from opentelemetry.trace import Span, Status, StatusCode, set_span_in_context

START = 1_795_330_115_000_000_000
SECOND = 10**9


class Tracing:
    """Writes spans that each begin a second after the last."""

    def __init__(self, exporter: SpanExporter, logs: Path) -> None:
        resource = Resource({"service.name": "shop"})
        self._tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._tracers.add_span_processor(SimpleSpanProcessor(exporter))
        self._loggers = LoggerProvider(resource=resource, shutdown_on_exit=False)
        self._loggers.add_log_record_processor(SimpleLogRecordProcessor(FileLogExporter(logs)))
        self._now = START

    @contextmanager
    def span(
        self, attributes: dict[str, Any], *, within: Span | None = None, failed: bool = False
    ) -> Iterator[Span]:
        """One span; it takes half a second."""
        self._now += SECOND
        start = self._now
        around = set_span_in_context(within) if within is not None else None
        tracer = self._tracers.get_tracer("tests")
        span = tracer.start_span("a span", around, attributes=attributes, start_time=start)
        yield span
        if failed:
            span.set_status(Status(StatusCode.ERROR))
        span.end(start + SECOND // 2)

    def record(self, within: Span, name: str, body: Any, attributes: dict[str, Any]) -> None:
        """One log record."""
        record = LogRecord(
            event_name=name,
            body=body,
            attributes=attributes,
            context=set_span_in_context(within),
        )
        self._loggers.get_logger("tests").emit(record)

    def close(self) -> None:
        """Write all down."""
        self._tracers.shutdown()
        self._loggers.shutdown()


@contextmanager
def otlp(folder: Path) -> Iterator[Tracing]:
    """Write `spans.jsonl`, and `logs.jsonl` where there are log records."""
    tracing = Tracing(FileSpanExporter(folder / "spans.jsonl"), folder / "logs.jsonl")
    try:
        yield tracing
    finally:
        tracing.close()


@contextmanager
def console(folder: Path, indent: int | None) -> Iterator[Tracing]:
    """Write `spans.json` as an SDK's console exporter does."""
    with (folder / "spans.json").open("w") as out:
        exporter = ConsoleSpanExporter(out=out, formatter=lambda s: f"{s.to_json(indent)}\n")
        tracing = Tracing(exporter, folder / "logs.jsonl")
        try:
            yield tracing
        finally:
            tracing.close()
