"""Intervals of many rates: our bootstrap and closed form against `scipy.stats.bootstrap`.

`python benchmarks/estimate.py [rows] [draws]`. 20 behaviors, a user for each 6.5 rows, their
numbers heavy-tailed; one thread. CPU is the process's (user + system), the least of three runs;
memory is the peak above what is held before. Ours starts from the rows, SciPy's from the sums of
each user's rows, which is the least anyone would give it; its time is that of few resamples,
scaled up.
"""

import os

# Before NumPy is imported, or its threads would be counted as one.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from foretaste.stats.bootstrap import cluster_bootstrap
from foretaste.stats.clusters import clustered_rates
from foretaste.stats.totals import cluster_totals

BEHAVIORS = 20
RUNS = 3
RESAMPLES = 10  # of SciPy, a behavior


class Rows(NamedTuple):
    hit: npt.NDArray[np.bool_]
    user: npt.NDArray[np.intp]


class Cost(NamedTuple):
    cpu: float  # seconds
    memory: float  # MB above the data
    width: float  # of the commonest behavior's interval, so that nobody wins by being wrong


def rows(count: int) -> Rows:
    """Users of Pareto-distributed size, each with rates of its own around 1e-4 to 0.3."""
    rng = np.random.default_rng(7)
    users = count * 2 // 13
    size = rng.pareto(1.2, users) + 0.2
    extra = rng.choice(users, count - users, p=size / size.sum())
    user = rng.permutation(np.concatenate([np.arange(users), extra]))
    own = rng.beta(0.5, 2, users)[user] * 5
    hit = np.empty((BEHAVIORS, count), dtype=np.bool_)
    for behavior, rate in enumerate(np.geomspace(1e-4, 0.3, BEHAVIORS)):
        hit[behavior] = rng.random(count) < own * rate
    return Rows(hit.T, user)


def bootstrap(data: Rows, draws: int) -> float:
    totals = cluster_totals(data.hit, data.user)
    found = cluster_bootstrap(totals, rng=np.random.default_rng(1), draws=draws).intervals[-1]
    return found.upper - found.lower if found else np.nan


def closed_form(data: Rows) -> float:
    found = clustered_rates(cluster_totals(data.hit, data.user))[-1]
    return 2 * 1.96 * (found.variance or np.nan) ** 0.5 if found else np.nan


def scipy_bootstrap(
    sums: npt.NDArray[np.float64], turns: npt.NDArray[np.float64], resamples: int
) -> float:
    for each in sums:
        found = stats.bootstrap(
            (each, turns),
            lambda hit, seen, axis: hit.sum(axis) / seen.sum(axis),
            paired=True,
            vectorized=True,
            method="percentile",
            n_resamples=resamples,
            batch=RESAMPLES,
            rng=np.random.default_rng(1),
        ).confidence_interval
    return float(found.high - found.low)


def measured(work: Callable[[], float]) -> Cost:
    """The work in a copy of this process, whose peak of memory is its own."""

    def run(out: Connection) -> None:
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.process_time()
        width = work()
        spent = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        out.send(Cost(spent, (peak - held) / 1024, width))

    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=run, args=(there,))
    process.start()
    cost: Cost = here.recv()
    process.join()
    return cost


def least(work: Callable[[], float], runs: int = RUNS) -> Cost:
    costs = [measured(work) for _ in range(runs)]
    return min(costs)._replace(memory=max(cost.memory for cost in costs))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_300_000
    draws = int(sys.argv[2]) if len(sys.argv) > 2 else 2_000
    data = rows(count)
    held = (data.hit.nbytes + data.user.nbytes) / 1e6
    print(f"{count} rows, {data.user.max() + 1} users, {BEHAVIORS} behaviors, {draws} draws; "
          f"the data hold {held:.0f} MB")  # fmt: skip
    ours = least(lambda: bootstrap(data, draws))
    closed = least(lambda: closed_form(data))
    totals = cluster_totals(data.hit, data.user)
    peer = least(lambda: scipy_bootstrap(totals.hit, totals.seen[0], RESAMPLES), runs=1)
    whole = peer.cpu * draws / RESAMPLES
    lines = {"bootstrap": ours, "closed form": closed}
    for name, cost in lines.items():
        print(f"{name}: {cost.cpu:.2f} CPU s, {cost.memory:.0f} MB above the data, "
              f"width {cost.width:.5f}, {whole / cost.cpu:.0f} x less than SciPy")  # fmt: skip
    print(f"scipy.stats.bootstrap: {whole:.0f} CPU s, scaled up from {RESAMPLES} resamples "
          f"({peer.cpu:.2f}), {peer.memory:.0f} MB above the data and the sums")  # fmt: skip


if __name__ == "__main__":
    main()
