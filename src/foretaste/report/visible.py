"""Text from logs and models, made safe to look at.

Escaping markup is the drawing's work. This is the other half: characters that no escape touches
and that still change what a reader sees (control codes, direction overrides, invisible letters).
"""

from dataclasses import dataclass

_PLAIN = {0x09, 0x0A}  # tab and line feed mean what they say
# Joiners spell words in several scripts, and emoji; everything else here is only ever a disguise.
_DIRECTION = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_INVISIBLE = (
    *(0x00AD, 0x034F, 0x115F, 0x1160, 0x180E, 0x200B, 0x2028, 0x2029, 0x3164, 0xFEFF, 0xFFA0),
    *range(0x2060, 0x2066),
    *range(0x206A, 0x2070),
    *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0080),  # tags: a whole hidden alphabet
)
_SURROGATES = range(0xD800, 0xE000)  # half a character: cannot be written to a file


def _table() -> dict[int, str]:
    controls = {*range(0x20), *range(0x7F, 0xA0)} - _PLAIN
    codes = (*controls, *_DIRECTION, *_INVISIBLE, *_SURROGATES)
    # Spelled out, as most fonts lack Unicode's own signs for control codes.
    return {code: f"\u27e8U+{code:04X}\u27e9" for code in codes}


_SHOWN = _table()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clipped:
    """The part of a text that is shown, and a note on the part that is not."""

    text: str
    note: str  # empty where all is shown


def visible(text: str) -> str:
    """Show control, direction and invisible characters as signs; doing it twice changes nothing."""
    return text.replace("\r\n", "\n").translate(_SHOWN)


def clipped(text: str, limit: int) -> Clipped:
    """Cut a text to `limit` characters and make it visible; the note says what was cut."""
    if len(text) <= limit:
        return Clipped(text=visible(text), note="")
    note = f"The first {limit:,} of {len(text):,} characters are shown."
    return Clipped(text=visible(text[:limit]), note=note)


def one_line(text: str, limit: int = 200) -> str:
    """A name or a reason on one line, visible and cut to `limit` characters."""
    line = visible(" ".join(text[: limit * 4].split()))
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
