"""Whom a wave asks about."""

import numpy as np

from foretaste.stats.bands import bands
from foretaste.stats.screening import Tally, draw_wave, likely, next_wave

CUT = bands(np.arange(20_000))
NOTHING = np.zeros(len(CUT.size))


def test_a_wave_makes_exactly_its_calls_and_leaves_out_no_band() -> None:
    wanted = next_wave(CUT, Tally(NOTHING, NOTHING), NOTHING, 400)

    assert wanted.sum() == 400
    assert wanted.min() >= 2
    assert np.all(wanted <= CUT.size)


def test_no_more_is_asked_than_there_is() -> None:
    assert next_wave(CUT, Tally(NOTHING, NOTHING), CUT.size - 1, 400).sum() == len(CUT.size)
    assert next_wave(CUT, Tally(NOTHING, NOTHING), NOTHING, 3).sum() == 3


def test_calls_follow_what_was_found() -> None:
    read = np.minimum(CUT.size, 20)
    top, bottom = NOTHING.copy(), NOTHING.copy()
    top[0], bottom[-4:] = 15, 4

    sharp, dull = (next_wave(CUT, Tally(found, read), read, 300) for found in (top, bottom))
    assert sharp[:3].sum() > 2 * dull[:3].sum()
    assert dull[-4:].sum() > sharp[-4:].sum()


def test_a_rollout_keeps_its_random_number_so_lanes_overlap() -> None:
    draw = np.random.default_rng(3).random(20_000)
    free = np.zeros(20_000, dtype=bool)
    wanted = next_wave(CUT, Tally(NOTHING, NOTHING), NOTHING, 400)
    first = draw_wave(CUT, draw, free, wanted)
    more = draw_wave(CUT, draw, free, np.minimum(wanted + 5, CUT.size).astype(np.intp))

    assert len(first) == 400
    assert set(first) <= set(more)
    assert not set(draw_wave(CUT, draw, np.isin(np.arange(20_000), first), wanted)) & set(first)


def test_a_screen_that_finds_all_at_the_top_is_likelier_to_be_good() -> None:
    read = np.minimum(CUT.size, 30)
    found = NOTHING.copy()
    found[0] = 25
    known = likely(CUT.share, Tally(found, read))

    below = (known.chance @ known.shape.share)[8:].sum()
    assert below < 0.1
