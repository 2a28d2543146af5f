"""Inspect's evaluation log: a zip archive with a file for each sample. Needs no Inspect."""

import zipfile
from collections.abc import Mapping
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Self

import msgspec

from foretaste.carried import arguments_of
from foretaste.records import JSON, Message, Stop

STOPS = {Stop.FINAL: "stop", Stop.LENGTH: "max_tokens", Stop.FILTERED: "content_filter"}
"""How a turn ended, in Inspect's words; anything else is `unknown`."""

_IN_MEMORY = 8 << 20  # bytes of summaries; more of them wait on disk
_SUMMED = ("id", "epoch", "input", "target", "scores", "uuid", "started_at", "metadata")
_encode = msgspec.json.encode


class Archive:
    """A log that is being written, sample by sample: memory holds one of them.

    Args:
        stream: takes the archive.
        evaluation: `EvalSpec` of the log: its task, model and ids.
        scores: `EvalScore`s over all samples.
        shown: names of a sample's metadata that its summary repeats.
    """

    def __init__(
        self,
        stream: IO[bytes],
        evaluation: Mapping[str, JSON],
        *,
        scores: tuple[JSON, ...] = (),
        shown: frozenset[str] = frozenset(),
    ) -> None:
        plan = {"name": "plan", "steps": [], "config": {}}
        self._header = {"version": 2, "eval": dict(evaluation), "plan": plan}
        self._scores, self._shown = scores, shown
        self._archive = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED)
        self._summaries = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  (closed on leaving)
        self._samples = 0

    def __enter__(self) -> Self:
        self._write("_journal/start.json", self._header)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._summaries, self._archive:
            if kind is None:
                self._end()

    def add(self, sample: Mapping[str, JSON]) -> None:
        """Write one `EvalSample`."""
        self._write(f"samples/{sample['id']}_epoch_1.json", sample)
        found = {name: sample[name] for name in _SUMMED if name in sample}
        found["metadata"] = {
            name: value for name, value in sample["metadata"].items() if name in self._shown
        }
        found |= {"completed": True, "message_count": len(sample["messages"])}
        self._summaries.write(b"," if self._samples else b"[")
        self._summaries.write(_encode(found))
        self._samples += 1

    def _end(self) -> None:
        self._summaries.write(b"]" if self._samples else b"[]")
        self._summaries.seek(0)
        with self._archive.open(_member("summaries.json"), "w", force_zip64=True) as target:
            copyfileobj(self._summaries, target)
        stats = {"started_at": "", "completed_at": "", "model_usage": {}, "role_usage": {}}
        counts = {"total_samples": self._samples, "completed_samples": self._samples}
        results = counts | {"scores": self._scores}
        whole = self._header | {"status": "success", "results": results, "stats": stats}
        self._write("header.json", whole)

    def _write(self, name: str, value: JSON) -> None:
        self._archive.writestr(_member(name), _encode(value))


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)  # of 1980: nobody asks it the time
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def message_of(message: Message, name: str) -> dict[str, JSON]:
    """A message as Inspect's; `name` is its id."""
    found: dict[str, JSON] = {"id": name, "role": message.role, "content": message.content}
    if message.role == "assistant":
        found["source"] = "generate"
        if message.reasoning:
            found["content"] = [
                {"type": "reasoning", "reasoning": message.reasoning},
                {"type": "text", "text": message.content},
            ]
        if message.tool_calls:
            found["tool_calls"] = [
                {
                    "id": call.id,
                    "function": call.name,
                    "arguments": arguments_of(call)[0],
                    "type": "function",
                }
                for call in message.tool_calls
            ]
    if message.role == "tool":
        found["tool_call_id"] = message.tool_call_id
        found["function"] = message.name
    return found
