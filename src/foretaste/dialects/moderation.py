"""What moderation found about the messages of published chats."""

from collections.abc import Iterator

from foretaste.records import JSON, Label

_OPENAI = "openai-moderation"


def labels_of(count: int, openai: JSON, detoxify: JSON = None) -> tuple[Label, ...]:
    """Labels of each message: whether it was flagged and in which categories, and its toxicity.

    Args:
        count: how many messages there are. Findings of another number belong to none of them.
        openai: what OpenAI's moderation said of each message.
        detoxify: the same of Detoxify.
    """
    return (*_flags(_of_each(openai, count)), *_scores(_of_each(detoxify, count)))


def _of_each(found: JSON, count: int) -> list[dict[str, JSON]]:
    if not isinstance(found, list) or len(found) != count:
        return []
    return [one if isinstance(one, dict) else {} for one in found]


def _flags(found: list[dict[str, JSON]]) -> Iterator[Label]:
    for at, one in enumerate(found):
        if isinstance(flagged := one.get("flagged"), bool):
            yield Label(name="flagged", value=flagged, message=at, by=_OPENAI)
        categories = one.get("categories")
        for name, value in categories.items() if isinstance(categories, dict) else ():
            if value is True:
                yield Label(name=name, value=True, message=at, by=_OPENAI)


def _scores(found: list[dict[str, JSON]]) -> Iterator[Label]:
    for at, one in enumerate(found):
        score = one.get("toxicity")
        if isinstance(score, int | float) and not isinstance(score, bool):
            yield Label(name="toxicity", value=float(score), message=at, by="detoxify")
