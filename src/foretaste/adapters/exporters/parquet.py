"""Parquet: verdicts, answers and figures, each a table in typed columns."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, ClassVar, NamedTuple, get_type_hints

import msgspec

from foretaste.adapters.exporters.rows import FigureRow, VerdictRow, figure_rows, verdict_rows
from foretaste.errors import PlanError
from foretaste.findings import Study
from foretaste.protocols import Graded
from foretaste.records import Message

_ROWS = 10_000  # of a group


class RolloutRow(NamedTuple):
    """One answer; messages are JSON text."""

    run: str
    conversation: str
    prefix: str
    turn: int
    user: str
    stratum: str
    probability: float
    lane: str
    rollout: str
    model: str | None
    stop: str
    input_tokens: int
    output_tokens: int
    asked: str  # what was said before
    answered: str  # calls of tools and their results, too
    text: str  # the final message


@dataclass(frozen=True, slots=True, kw_only=True)
class Parquet:
    """Writes `verdicts.parquet`, `rollouts.parquet` and `forecasts.parquet`.

    DuckDB, Polars and Pandas read them without help; `rollout` joins the first two.
    """

    files: ClassVar[tuple[str, ...]] = ("verdicts.parquet", "rollouts.parquet", "forecasts.parquet")

    def __call__(
        self, study: Study, graded: Iterable[Graded], opened: Callable[[str], IO[bytes]]
    ) -> Mapping[str, int]:
        """Write all three, some thousand rows at a time.

        Raises:
            PlanError: pyarrow is not installed.
        """
        try:
            import pyarrow as pa  # noqa: PLC0415  # large, and only for this
        except ImportError as error:
            raise PlanError("Parquet needs pyarrow: pip install 'foretaste[parquet]'") from error
        counts = dict.fromkeys(("verdicts", "linked", "answers", "estimates and forecasts"), 0)
        with (
            _table(pa, opened("verdicts.parquet"), VerdictRow) as verdicts,
            _table(pa, opened("rollouts.parquet"), RolloutRow) as rollouts,
            _table(pa, opened("forecasts.parquet"), FigureRow) as figures,
        ):
            waiting = iter(graded)
            while batch := list(islice(waiting, _ROWS)):
                answers = [_rollout(study, each) for each in batch]
                _write(pa, rollouts, RolloutRow, answers)
                counts["answers"] += len(answers)
                rows = verdict_rows(study, batch)
                while some := list(islice(rows, _ROWS)):
                    _write(pa, verdicts, VerdictRow, some)
                    counts["verdicts"] += len(some)
                    counts["linked"] += sum(row.trace is not None for row in some)
            every = list(figure_rows(study))
            _write(pa, figures, FigureRow, every)
            counts["estimates and forecasts"] = len(every)
        return counts


def _rollout(study: Study, each: Graded) -> RolloutRow:
    prefix, rollout, _ = each
    return RolloutRow(
        run=study.run,
        conversation=prefix.parent,
        prefix=prefix.id,
        turn=prefix.turn,
        user=prefix.user,
        stratum=prefix.stratum,
        probability=prefix.probability,
        lane=rollout.lane.value,
        rollout=rollout.id,
        model=rollout.answered_model or rollout.asked_model,
        stop=rollout.stop.value,
        input_tokens=rollout.usage.input_tokens,
        output_tokens=rollout.usage.output_tokens,
        asked=_json(prefix.messages),
        answered=_json(rollout.messages),
        text=rollout.text,
    )


def _json(messages: tuple[Message, ...]) -> str:
    return msgspec.json.encode(messages).decode()


def _schema(pa: Any, row: type) -> Any:
    kinds: dict[Any, Any] = {
        str: pa.string(),
        int: pa.int64(),
        float: pa.float64(),
        bool: pa.bool_(),
    }
    kinds |= {kind | None: found for kind, found in kinds.items()}
    return pa.schema([(name, kinds[kind]) for name, kind in get_type_hints(row).items()])


def _table(pa: Any, stream: IO[bytes], row: type) -> Any:
    from pyarrow import parquet  # noqa: PLC0415  # it is there: the caller imported pyarrow

    return parquet.ParquetWriter(stream, _schema(pa, row), compression="zstd")


def _write(pa: Any, table: Any, row: type, rows: list[Any]) -> None:
    schema = _schema(pa, row)
    columns: Iterator[Any] = zip(*rows, strict=True)
    arrays = [pa.array(c, kind) for c, kind in zip(columns, schema.types, strict=True)]
    if arrays:
        table.write_table(pa.Table.from_arrays(arrays, schema=schema))
