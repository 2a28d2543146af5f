"""Draw `luck.svg`, the error that chance alone gives: `python docs/images/luck.py`.

`tests/unit/docs/test_guide.py` says when the picture is no longer what this makes.
"""

from math import log
from pathlib import Path

from foretaste.stats.scoring import noise_band, noise_error

EVENTS = (3, 5, 10, 20, 50, 100)
RARE = 10_000_000  # turns: the behavior is rare
WIDTH, HEIGHT, LEFT, TOP, RIGHT, FOOT = 640, 330, 60, 20, 20, 50
MOST = 4.0
CURVE = (3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 17, 20, 25, 30, 40, 50, 65, 80, 100)


def luck(events: int) -> float:
    """Median error of two equal rates, with so many sightings on each side."""
    return noise_error(events, RARE, events, RARE)


def across(events: float) -> float:
    """Place on the axis of sightings."""
    part = log(events / EVENTS[0]) / log(EVENTS[-1] / EVENTS[0])
    return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)


def upward(error: float) -> float:
    """Place on the axis of errors."""
    return round(HEIGHT - FOOT - log(error) / log(MOST) * (HEIGHT - TOP - FOOT), 1)


def picture() -> str:
    """The whole drawing."""
    line = " ".join(f"{across(k)},{upward(luck(k))}" for k in CURVE)
    band = [(across(k), upward(noise_band(k, k))) for k in CURVE]
    area = [*band, (across(CURVE[-1]), upward(1)), (across(CURVE[0]), upward(1))]
    corners = " ".join(f"{x},{y}" for x, y in area)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="13">'
        ),
        "<title>The error that chance alone gives, against sightings</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fbfaf7"/>',
        f'<polygon points="{corners}" fill="#1d4f7c" opacity=".12"/>',
    ]
    for error in (1, 1.5, 2, 3, 4):
        y = upward(error)
        style = 'stroke="#9a3412" stroke-dasharray="5 4"' if error == 1.5 else 'stroke="#dcd8cf"'
        parts += [
            f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" {style}/>',
            f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end" fill="#565b64">{error:g}x</text>',
        ]
    parts += [
        f'<text x="{across(k)}" y="{HEIGHT - FOOT + 20}" text-anchor="middle" fill="#565b64">'
        f"{k}</text>"
        for k in EVENTS
    ]
    parts += [
        f'<polyline points="{line}" fill="none" stroke="#1d4f7c" stroke-width="2.5"/>',
        *(
            f'<circle cx="{across(k)}" cy="{upward(luck(k))}" r="4" fill="#1d4f7c"/>'
            for k in EVENTS
        ),
        (
            f'<text x="{WIDTH / 2:g}" y="{HEIGHT - 10}" text-anchor="middle" fill="#565b64">'
            "sightings on each side</text>"
        ),
        (
            f'<text x="{across(13)}" y="{upward(2.45)}" fill="#565b64">'
            "90 of 100 errors by chance lie in the shade</text>"
        ),
        (
            f'<text x="{across(30)}" y="{upward(1.53)}" fill="#9a3412">'
            "the published median, 1.5x</text>"
        ),
        f'<text x="{across(4)}" y="{upward(1.2)}" fill="#1d4f7c">median by chance alone</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent / "luck.svg").write_text(picture(), "utf-8")
