"""What people said about a conversation, as logs hold it beside the messages."""

from collections.abc import Iterator
from typing import Any

from foretaste.records import JSON, Label

_NAMES = ("name", "key", "behavior", "label")
_VALUES = ("value", "verdict", "score", "rating", "label")
_LONGEST = 200  # characters; a longer text is a comment and no value


def labels_in(
    *, verdicts: JSON = None, feedback: JSON = None, labels: JSON = None
) -> tuple[Label, ...]:
    """Labels under the keys `verdicts`, `feedback` and `labels` of a record.

    Verdicts and feedback are people's. Of labels nobody knows, unless each says so itself.

    Args:
        verdicts: by behavior, or a list of objects with a name and a value.
        feedback: the same, or one value alone, whose name is then `feedback`.
        labels: the same as verdicts.
    """
    return (
        *_labels(verdicts, "verdict", "human"),
        *_labels(feedback, "feedback", "human"),
        *_labels(labels, "label", ""),
    )


def _labels(value: JSON, alone: str, by: str) -> Iterator[Label]:
    if _is_value(value):
        yield Label(name=alone, value=value, by=by)
    elif isinstance(value, dict):
        for name, one in value.items():
            if _is_value(one):
                yield Label(name=name, value=one, by=by)
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict):
            yield from _named(each, alone, by)
        elif isinstance(each, str) and _is_value(each):
            yield Label(name=each, value=True, by=by)  # a list of what was found


def _named(each: dict[str, Any], alone: str, by: str) -> Iterator[Label]:
    names = [each[key] for key in _NAMES if isinstance(each.get(key), str)]
    values = [each[key] for key in _VALUES if _is_value(each.get(key))]
    who = each.get("by")
    about = each.get("message")
    known = isinstance(about, int) and not isinstance(about, bool) and about >= 0
    if values:
        yield Label(
            name=names[0] if names else alone,
            value=values[0],
            message=about if known else None,
            by=who if isinstance(who, str) else by,
        )


def _is_value(value: JSON) -> bool:
    if isinstance(value, str):
        return 0 < len(value) <= _LONGEST
    return isinstance(value, int | float)
