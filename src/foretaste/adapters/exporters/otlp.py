"""`gen_ai.evaluation.result`: OpenTelemetry's event for a finding, as OTLP logs in JSON."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

import aiohttp
import msgspec

from foretaste.adapters.exporters.rows import (
    NUMBERS,
    about,
    explained,
    figure_rows,
    place_of,
)
from foretaste.adapters.http import Transport
from foretaste.drafts import drafted
from foretaste.errors import ItemFailed, MachineFailed, PlanError
from foretaste.findings import Study
from foretaste.protocols import Graded
from foretaste.records import JSON, Outcome, Verdict, identity

_FILE = "evaluations.jsonl"
_BATCH = 500  # events of a request, or of a line
_PATH = "/v1/logs"
_KINDS = {bool: "boolValue", int: "intValue", float: "doubleValue"}
_INFO = 9  # OpenTelemetry's severity number
_LIMIT = aiohttp.ClientTimeout(total=60, sock_connect=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class OTLP:
    """Writes events to `evaluations.jsonl`, a request a line, or posts them to a collector.

    A verdict is an event `gen_ai.evaluation.result`, an estimate or forecast one of Foretaste's
    own. An ungraded verdict has `error.type` and no score. Events stand in the log's own traces
    where it had any; on the very span only where production's own answer was graded.

    Attributes:
        endpoint: OTLP/HTTP address of a collector, such as `http://localhost:4318`; empty: a file.
        headers: for it, as `OTEL_EXPORTER_OTLP_HEADERS` writes them: `name=value,name=value`.
        progress: file that says how much was sent, so that the same call goes on; empty: none.
        retries: further tries of a request that failed.
    """

    endpoint: str = ""
    headers: str = field(default="", repr=False)
    progress: str = ""
    retries: int = 5

    def __post_init__(self) -> None:
        place = urlsplit(self.endpoint)
        if self.endpoint and (place.scheme not in ("http", "https") or not place.hostname):
            raise PlanError("--endpoint is no http address: like http://localhost:4318")

    @property
    def files(self) -> tuple[str, ...]:
        """The one file; none where a collector gets the events."""
        return () if self.endpoint else (_FILE,)

    def __call__(
        self, study: Study, graded: Iterable[Graded], opened: Callable[[str], IO[bytes]]
    ) -> Mapping[str, int]:
        """Write or send them, some hundred at a time.

        Raises:
            MachineFailed: the collector takes no more; what it took is written down.
        """
        counts = {"verdicts": 0, "linked": 0, "estimates and forecasts": 0}
        requests = _requests(study, _records(study, graded, counts))
        if self.endpoint:
            return counts | asyncio.run(self._sent(study, requests))
        stream = opened(_FILE)
        for _, request in requests:
            stream.write(msgspec.json.encode(request) + b"\n")
        return counts

    async def _sent(self, study: Study, requests: Iterable[tuple[int, JSON]]) -> dict[str, int]:
        place = urlsplit(self.endpoint)
        path = place.path.rstrip("/")
        url = place._replace(path=path if path.endswith(_PATH) else path + _PATH).geturl()
        what = identity("otlp", study.sealed.seal, place.scheme, place.hostname, place.port, path)
        done, sent, before, refused = self._done(what), 0, 0, 0
        secrets = _headers(self.headers)
        async with aiohttp.ClientSession(
            headers={"Content-Type": "application/json"} | secrets, timeout=_LIMIT
        ) as session:
            secret = max(secrets.values(), key=len, default="")
            transport = Transport(session=session, secret=secret, retries=self.retries)
            for number, (count, request) in enumerate(requests, 1):
                if number <= done:
                    before += count
                    continue
                try:
                    answer = await transport.post(url, request)
                except (ItemFailed, MachineFailed) as error:
                    raise MachineFailed(
                        f"{place.hostname} took {sent:,} events and then no more: {error}; the "
                        "same command goes on from there"
                    ) from None
                sent += count
                refused += _refused(answer)
                self._note(what, number)
        return {"sent": sent, "refused": refused, "sent before": before}

    def _done(self, what: str) -> int:
        """Requests of these events that the collector has taken before."""
        try:
            found = msgspec.json.decode(Path(self.progress).read_bytes()) if self.progress else {}
        except (OSError, msgspec.DecodeError):
            return 0
        done = found.get(what, 0) if isinstance(found, dict) else 0
        return done if isinstance(done, int) else 0

    def _note(self, what: str, done: int) -> None:
        if self.progress:
            with drafted(Path(self.progress)) as stream:
                stream.write(msgspec.json.encode({what: done}))


def _headers(written: str) -> dict[str, str]:
    """Headers as the environment variable writes them; values are percent-encoded."""
    pairs = [each.partition("=") for each in written.split(",") if each.strip()]
    if not all(sign and name.strip() for name, sign, _ in pairs):
        raise PlanError("OTEL_EXPORTER_OTLP_HEADERS is not of the form name=value,name=value")
    return {name.strip(): unquote(value.strip()) for name, _, value in pairs}


def _refused(answer: JSON) -> int:
    partial = answer.get("partialSuccess") if isinstance(answer, dict) else None
    count = partial.get("rejectedLogRecords", 0) if isinstance(partial, dict) else 0
    return int(count) if str(count).isdecimal() else 0


def _requests(study: Study, records: Iterable[JSON]) -> Iterator[tuple[int, JSON]]:
    """Requests, each with the number of its events."""
    resource = {"attributes": _attributes({"service.name": "foretaste"})}
    scope = {"name": "foretaste", "version": study.sealed.version}
    waiting = iter(records)
    while some := list(islice(waiting, _BATCH)):
        logs = [{"scope": scope, "logRecords": some}]
        yield len(some), {"resourceLogs": [{"resource": resource, "scopeLogs": logs}]}


def _records(
    study: Study, graded: Iterable[Graded], counts: dict[str, int]
) -> Iterator[dict[str, JSON]]:
    """All events, in the same order each time."""
    moment = datetime.fromisoformat(study.sealed.sealed_at)
    begun = {
        "timeUnixNano": str(int(moment.timestamp()) * 10**9),
        "severityNumber": _INFO,
        "severityText": "INFO",
    }
    for each in graded:
        place = place_of(each, w3c=True)
        for found in each.verdicts:
            counts["verdicts"] += 1
            counts["linked"] += place.linked
            yield begun | {
                "eventName": "gen_ai.evaluation.result",
                "traceId": place.trace,
                "spanId": place.span,
                "attributes": _attributes(_evaluation(study, each, found)),
            }
    for row in figure_rows(study):
        counts["estimates and forecasts"] += 1
        values = {f"foretaste.{n}": v for n, v in row._asdict().items() if n != "kind"}
        yield begun | {
            "eventName": f"foretaste.{row.kind}",
            "attributes": _attributes(values),
        }


def _evaluation(study: Study, graded: Graded, found: Verdict) -> dict[str, JSON]:
    """The attributes of OpenTelemetry's conventions for generative AI, and our own."""
    values: dict[str, JSON] = {
        "gen_ai.evaluation.name": found.behavior,
        "gen_ai.evaluation.score.value": NUMBERS.get(found.outcome),
        "gen_ai.evaluation.score.label": found.outcome.value,
        "gen_ai.evaluation.explanation": explained(found) or None,
        "gen_ai.response.id": graded.rollout.id,
        "error.type": "ungraded" if found.outcome is Outcome.UNGRADED else None,
    }
    more = about(study, graded, found)
    return values | {f"foretaste.{name}": value for name, value in more.items()}


def _attributes(values: Mapping[str, JSON]) -> list[JSON]:
    """Attributes as OTLP's JSON has them, those without a value left out."""
    return [
        # 64 bits are text in protobuf's JSON.
        {
            "key": name,
            "value": {
                _KINDS.get(type(value), "stringValue"): str(value) if type(value) is int else value
            },
        }
        for name, value in values.items()
        if value is not None
    ]
