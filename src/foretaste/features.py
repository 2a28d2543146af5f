"""What a turn shows, without any model: words, phrases, tools, and the shape of it all."""

import re
from itertools import pairwise

from foretaste.calls import pairs
from foretaste.discoveries import Seen
from foretaste.language import language_of
from foretaste.records import Message, Prefix

_WORD = re.compile(r"[^\W_]{2,30}")


def seen_in(prefix: Prefix, messages: tuple[Message, ...]) -> set[Seen]:  # noqa: ARG001
    """Every feature of one assistant turn.

    Args:
        prefix: what the turn answers.
        messages: the turn: a rollout's, or a part of them.
    """
    found = set()
    for message in messages:
        if message.role != "assistant":
            continue
        words = _WORD.findall(message.content.lower())
        found |= {Seen("word", word) for word in words}
        found |= {Seen("phrase", " ".join(two)) for two in pairwise(words)}
        if language := language_of(message.content):
            found.add(Seen("language", language))
    found |= {Seen("tool", call.name) for call, _ in pairs(messages)}
    return found
