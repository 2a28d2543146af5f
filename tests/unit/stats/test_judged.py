"""The parts of a screened rate."""

import numpy as np
import pytest

from foretaste.stats.bands import bands
from foretaste.stats.judged import Judged, sure_limits, unbiased


def rows(hit: list[float], wave: list[int], rollouts: int) -> Judged:
    """The first of equally scored rollouts were asked about."""
    asked = len(hit)
    return Judged(
        cut=bands(np.zeros(rollouts)),
        total=np.array([float(rollouts)]),
        squares=np.array([float(rollouts)]),
        band=np.zeros(asked, dtype=np.intp),
        weight=np.ones(asked),
        wave=np.array(wave),
        hit=np.array(hit),
        graded=np.isfinite(hit),
        open=np.isfinite(hit),
        chance=np.ones(asked),
    )


def test_one_wave_of_one_band_is_a_plain_sample() -> None:
    found = rows([1, 0, 0, 0], [0, 0, 0, 0], 400)

    assert unbiased(found) == pytest.approx(100)
    assert found.found() == 1
    assert found.left()[0].tolist() == [396]


def test_a_later_wave_adds_what_was_found_before() -> None:
    # The first wave says 50 of 100; the second 1, and 1 of 2 of the 98 that were left.
    assert unbiased(rows([1, 0, 1, 0], [0, 0, 1, 1], 100)) == pytest.approx(50)
    assert unbiased(rows([1, 0, 0, 0], [0, 0, 1, 1], 100)) == pytest.approx((2 * 50 + 4 * 1) / 6)


def test_the_sure_limit_of_nothing_is_the_rule_of_three() -> None:
    below, above = sure_limits(rows([0.0] * 300, [0] * 300, 30_000), 0.025)

    assert below == 0
    assert above / 29_700 == pytest.approx(3.69 / 300, rel=1e-2)


def test_what_was_read_whole_is_certain() -> None:
    assert sure_limits(rows([1, 0, 0], [0, 0, 0], 3), 0.025).tolist() == [1, 1]
