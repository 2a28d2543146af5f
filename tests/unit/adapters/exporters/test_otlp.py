import asyncio
import base64
import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from google.protobuf import json_format  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from fake_server import FakeServer, fault, says, serving
from foretaste.adapters.exporters.otlp import OTLP
from foretaste.errors import MachineFailed, PlanError
from foretaste.protocols import Graded
from unit.adapters.exporters.findings import (
    NAME,
    SPAN,
    STUDY,
    TRACE,
    graded,
    lines,
    linked,
    written,
)

TAKEN: dict[str, Any] = {"partialSuccess": {}}
FIGURES = len(STUDY.estimates) + len(STUDY.sealed.forecasts)


def parsed(request: Any) -> list[Any]:
    """The log records of a request, by OpenTelemetry's own schema, in which ids are bytes."""
    whole = copy.deepcopy(request)
    for record in whole["resourceLogs"][0]["scopeLogs"][0]["logRecords"]:
        for name in {"traceId", "spanId"} & record.keys():
            record[name] = base64.b64encode(bytes.fromhex(record[name])).decode()
    found = json_format.ParseDict(whole, ExportLogsServiceRequest())
    return list(found.resource_logs[0].scope_logs[0].log_records)


def values(record: Any) -> dict[str, Any]:
    kinds = {each.key: each.value.WhichOneof("value") for each in record.attributes}
    return {each.key: getattr(each.value, kinds[each.key]) for each in record.attributes}


def events(folder: Path, every: list[Graded]) -> list[Any]:
    file = written(OTLP(), every, folder) / "evaluations.jsonl"
    return [record for request in lines(file) for record in parsed(request)]


def nothing(name: str) -> Any:
    raise AssertionError(name)


@pytest.fixture
def collector() -> Iterator[Callable[..., FakeServer]]:
    """Starts a collector that answers from a script, in a thread of its own."""
    stop, threads = asyncio.Event(), []
    loops: list[asyncio.AbstractEventLoop] = []

    def start(*script: Any) -> FakeServer:
        ready, found = Event(), []

        async def serve() -> None:
            loops.append(asyncio.get_running_loop())
            async with serving(*script) as fake:
                found.append(fake)
                ready.set()
                await stop.wait()

        thread = Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        threads.append(thread)
        assert ready.wait(30)
        return found[0]

    yield start
    for loop in loops:
        loop.call_soon_threadsafe(stop.set)
    for thread in threads:
        thread.join()


def test_opentelemetry_s_schema_takes_every_event(tmp_path: Path) -> None:
    found = events(tmp_path, linked())
    results = [each for each in found if each.event_name == "gen_ai.evaluation.result"]
    first = values(results[0])

    assert (len(found), len(results)) == (8 + FIGURES, 8)
    assert first["gen_ai.evaluation.name"] == NAME
    assert first["gen_ai.evaluation.score.value"] == 1.0
    assert first["gen_ai.evaluation.score.label"] == "present"
    assert first["foretaste.score"] == 0.75
    assert "error.type" not in first


def test_an_ungraded_verdict_is_an_error_without_a_score(tmp_path: Path) -> None:
    found = [values(each) for each in events(tmp_path, graded())[:8]]
    ungraded = next(e for e in found if e["gen_ai.evaluation.score.label"] == "ungraded")
    outside = next(e for e in found if e["gen_ai.evaluation.score.label"] == "outside")

    assert ungraded["error.type"] == "ungraded"
    assert ungraded["gen_ai.evaluation.explanation"] == "the judge said neither"
    assert "gen_ai.evaluation.score.value" not in ungraded
    assert not {"gen_ai.evaluation.score.value", "error.type"} & outside.keys()


def test_events_stand_in_the_log_s_own_trace_and_production_s_on_its_span(tmp_path: Path) -> None:
    then, now = events(tmp_path, linked())[:2]

    assert then.trace_id.hex() == now.trace_id.hex() == TRACE
    assert then.span_id.hex() == SPAN != now.span_id.hex()


def test_a_collector_gets_what_the_file_would_hold(
    tmp_path: Path, collector: Callable[..., FakeServer]
) -> None:
    fake = collector(says(TAKEN))
    base = fake.url.removesuffix("/v1")
    exporter = OTLP(endpoint=base, headers="Authorization=Basic%20c2VjcmV0,x-team=a")
    counts = exporter(STUDY, graded(), nothing)

    assert exporter.files == ()
    assert counts["sent"] == 8 + FIGURES
    assert fake.bodies == lines(written(OTLP(), graded(), tmp_path) / "evaluations.jsonl")
    assert fake.headers[0]["Authorization"] == "Basic c2VjcmV0"
    assert "secret" not in repr(exporter)
    assert "c2VjcmV0" not in repr(exporter)


def test_what_was_sent_is_not_sent_again(
    tmp_path: Path, collector: Callable[..., FakeServer]
) -> None:
    many = graded() * 100  # 800 verdicts: two requests
    fake = collector(says(TAKEN), says(fault("no: c2VjcmV0"), 400), says(TAKEN))
    progress = str(tmp_path / "sent.json")
    exporter = OTLP(
        endpoint=fake.url.removesuffix("/v1"), headers="key=c2VjcmV0", progress=progress
    )
    with pytest.raises(MachineFailed, match="took 500 events") as failed:
        exporter(STUDY, many, nothing)
    counts = exporter(STUDY, many, nothing)

    assert "c2VjcmV0" not in str(failed.value)
    assert (counts["sent before"], counts["sent"]) == (500, 300 + FIGURES)
    assert fake.bodies[1] == fake.bodies[2]
    assert "c2VjcmV0" not in Path(progress).read_text()
    assert exporter(STUDY, many, nothing)["sent"] == 0


def test_a_busy_collector_is_asked_again_and_what_it_refuses_is_counted(
    collector: Callable[..., FakeServer],
) -> None:
    refusing = {"partialSuccess": {"rejectedLogRecords": "3", "errorMessage": "too old"}}
    fake = collector(says({}, 503, retry_after="0"), says(refusing))
    counts = OTLP(endpoint=fake.url.removesuffix("/v1"))(STUDY, graded(), nothing)

    assert len(fake.bodies) == 2
    assert counts["refused"] == 3


@pytest.mark.parametrize("wrong", ["localhost:4318", "ftp://x", "http://"])
def test_an_address_that_is_none_is_told_before_anything_is_read(wrong: str) -> None:
    with pytest.raises(PlanError, match="localhost:4318"):
        OTLP(endpoint=wrong)


def test_headers_that_are_none_are_not_repeated(collector: Callable[..., FakeServer]) -> None:
    exporter = OTLP(endpoint=collector(says(TAKEN)).url, headers="hush-hush")
    with pytest.raises(PlanError) as failed:
        exporter(STUDY, graded(), nothing)

    assert "hush" not in str(failed.value)


def test_a_broken_note_of_progress_only_sends_again(
    tmp_path: Path, collector: Callable[..., FakeServer]
) -> None:
    progress = tmp_path / "sent.json"
    progress.write_text(json.dumps([1]))
    exporter = OTLP(endpoint=collector(says(TAKEN)).url.removesuffix("/v1"), progress=str(progress))

    assert exporter(STUDY, graded(), nothing)["sent"] == 8 + FIGURES
