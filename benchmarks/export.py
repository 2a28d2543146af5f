"""Verdicts an exporter writes in a second of CPU, beside Polars writing the same rows as CSV.

`python benchmarks/export.py [prefixes]`. A prefix has two answers of about 100 words with ten
verdicts each, so 5,000 prefixes make 100,000 verdicts. `join` reads a store and brings prefixes,
answers and verdicts together, as every export does first. CPU is the process's, user and system;
memory is the most that the process held.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from foretaste.adapters.exporters.inspect_log import InspectLog
from foretaste.adapters.exporters.langfuse import Langfuse
from foretaste.adapters.exporters.otlp import OTLP
from foretaste.adapters.exporters.parquet import Parquet
from foretaste.adapters.exporters.phoenix import Phoenix
from foretaste.adapters.exporters.rows import VerdictRow, verdict_rows
from foretaste.adapters.exporters.spreadsheet import CSV
from foretaste.adapters.stores.files import Files
from foretaste.after.exporting import graded
from foretaste.findings import Study
from foretaste.pipeline import run
from foretaste.records import Lane, Message, Outcome, Prefix, Rollout, Stop, Verdict

BEHAVIORS = [f"behavior-{n}" for n in range(10)]
SAMPLE = Path(__file__).parents[1] / "src" / "foretaste" / "data" / "sample.jsonl"
OUTCOMES = (Outcome.PRESENT, *[Outcome.ABSENT] * 8, Outcome.UNGRADED)


def records(prefixes: int) -> Iterator[Any]:
    for number in range(prefixes):
        asked = Prefix(
            parent=f"{number:032x}",
            turn=1,
            turns=1,
            user=f"user-{number % 997:012x}",
            messages=(Message(role="user", content=f"Question {number}, please? " * 20),),
            recorded=(),
        )
        yield asked
        for lane in (Lane.RECORDED, Lane.CANDIDATE):
            said = Message(role="assistant", content=f"Answer {number} of {lane}. " * 25)
            answer = Rollout(parent=asked.id, lane=lane, messages=(said,), stop=Stop.FINAL)
            yield answer
            for n, name in enumerate(BEHAVIORS):
                yield Verdict(
                    parent=answer.id,
                    behavior=name,
                    outcome=OUTCOMES[(number + n) % len(OUTCOMES)],
                    grader="g",
                    evidence=f"Answer {number}",
                )


def small(folder: Path) -> Study:
    """The study of a small run: exporters write its figures too."""
    given = {
        "log": {"path": str(SAMPLE)},
        "candidate": {"use": "scripted", "name": "new"},
        "store": {"use": "files", "path": str(folder / "small")},
        "behaviors": ["asks-back"],
    }
    study = run(given).study
    graders = dict.fromkeys(BEHAVIORS, "g")
    return replace(study, sealed=replace(study.sealed, graders=graders))


def main(prefixes: int) -> None:
    verdicts = prefixes * 2 * len(BEHAVIORS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study = small(folder)
        with Files(path=str(folder / "run")) as store:
            for each in records(prefixes):
                store.append(each)
        with Files(path=str(folder / "run"), reading=True) as store:
            start = time.process_time()
            count = sum(len(each.verdicts) for each in graded(store, study))
            joined = time.process_time() - start
            assert count == verdicts
            print(f"{verdicts:,} verdicts\njoin      {verdicts / joined:>10,.0f} a CPU second")
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"memory after the join: {peak:,.0f} MiB at most")
            every = list(graded(store, study))
        for kind in (CSV, Parquet, InspectLog, OTLP, Langfuse, Phoenix):
            start = time.process_time()
            kind()(study, every, lambda _: BytesIO())
            spent = time.process_time() - start
            print(f"{kind.__name__:<10}{verdicts / spent:>10,.0f} a CPU second")
        start = time.process_time()
        rows = list(verdict_rows(study, every))
        made = time.process_time() - start
        start = time.process_time()
        pl.DataFrame(rows, schema=VerdictRow._fields, orient="row").write_csv(BytesIO())
        spent = time.process_time() - start
        print(f"polars    {verdicts / spent:>10,.0f} a CPU second, rows that are there already")
        print(f"rows      {verdicts / made:>10,.0f} a CPU second to make them")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
