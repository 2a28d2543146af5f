"""Judge tokens that a narrow interval costs: all rollouts, random ones, and screened ones.

`python benchmarks/grading.py [repetitions] [calls]`. 300,000 rollouts at 50 per 100,000, a judge of
sensitivity .85 and specificity .9999, screens of several areas under the curve, with a share that
they miss without a pattern. Width is that of the 95 % interval of the rate that the judge would
find, per 100,000, the median; a judge call takes 1,000 tokens. Of all rollouts it is zero.
"""

import sys

import numpy as np

from foretaste.stats.proportion import clopper_pearson
from foretaste.stats.screened import screened_rate
from unit.stats.screens import graded, world

TOKENS = 1_000  # of a call: prompt, conversation, answer, verdict
SCREENS = {
    "useless": (0.0, 0.0),
    "AUC .90": (1.812, 0.0),
    "AUC .97": (2.66, 0.0),
    "AUC .995": (3.643, 0.0),
    "AUC .999": (4.37, 0.0),
    "AUC .995, misses 10 %": (3.643, 0.1),
    "AUC .995, misses 20 %": (3.643, 0.2),
    "AUC .995, misses 50 %": (3.643, 0.5),
}


def main() -> None:
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    calls = int(sys.argv[2]) if len(sys.argv) > 2 else 3_000
    print(f"all: 300,000 calls, {300_000 * TOKENS / 1e6:.0f} M tokens, width 0")
    for name, (better, unseen) in SCREENS.items():
        rng = np.random.default_rng(11)
        rows = []
        for _ in range(repetitions):
            planted = world(rng, better=better, unseen=unseen)
            wave = graded(rng, planted, calls)
            hit = np.where(wave >= 0, planted.judge, np.nan)
            found = screened_rate(planted.score, wave, hit, rng=rng)
            rate = float(planted.judge.mean())
            chance = clopper_pearson(rng.binomial(calls, rate), calls)
            rows.append(
                (
                    chance.upper - chance.lower,
                    found.upper - found.lower,
                    found.sure_upper - found.sure_lower,
                    found.lower <= rate <= found.upper,
                    found.sure_lower <= rate <= found.sure_upper,
                )
            )
        table = np.array(rows, dtype=np.float64)
        random, width, sure = np.median(table[:, :3], axis=0) * 1e5
        mean = table[:, 0].mean() / table[:, 1].mean()
        covers, sure_covers = table[:, 3:].mean(axis=0)
        # A random sample's width falls with the root of its size.
        tokens = calls * TOKENS / 1e6
        print(
            f"{name}: random width {random:.0f}, screened {width:.0f} ({random / width:.1f} x, "
            f"means {mean:.1f} x) covers {covers:.0%}; sure {sure:.0f} covers {sure_covers:.0%}; "
            f"{tokens:.0f} M tokens, random would take {tokens * (random / width) ** 2:.0f} M",
            flush=True,
        )


if __name__ == "__main__":
    main()
