"""Pairs whose truth is known: what a discriminator says of them tells how to read it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from msgspec import structs

from foretaste.calls import pairs
from foretaste.contrasts import Contrast, Side
from foretaste.records import Message, identity


def trials(real: Iterable[Contrast], *, rng: np.random.Generator) -> Iterator[Contrast]:
    """Recorded turns against recorded turns of the same cluster, which one is "real" by lot.

    Each turn is taken at most once, and never against one of its own conversation. No discriminator
    can tell them apart: it must be right half the time.
    """
    grouped: dict[str, list[Contrast]] = defaultdict(list)
    for each in real:
        grouped[each.cluster].append(each)
    for cluster, members in grouped.items():
        waiting: list[Contrast] = []
        for k in rng.permutation(len(members)):
            each = members[k]
            other = next((w for w in waiting if w.source != each.source), None)
            if other is None:
                waiting.append(each)
                continue
            waiting.remove(other)
            first, second = (each, other) if rng.random() < 0.5 else (other, each)
            yield Contrast(
                id=identity("trials", first.id, second.id),
                cluster=cluster,
                source=first.source,
                real=first.real,
                simulated=second.real,
            )


def shuffled(real: Sequence[Contrast], *, rng: np.random.Generator) -> Iterator[Contrast]:
    """Recorded turns against themselves with results of the same tools from other clusters.

    Calls and words stay. A turn for one of whose results there is no other is left out. Results
    are all real, so only their place can give them away: a discriminator must tell most of them.
    """
    stock: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for each in real:
        for call, result in pairs(each.real.messages):
            if result is not None:
                stock[call.name].append((each.cluster, result.content))
    for each in real:
        swapped = _swapped(each, stock, rng)
        if swapped is not None:
            side = Side(each.real.before, swapped)
            yield replace(each, id=identity("shuffled", each.id), simulated=side, answered=())


def _swapped(
    each: Contrast, stock: dict[str, list[tuple[str, str]]], rng: np.random.Generator
) -> tuple[Message, ...] | None:
    names = {id(result): call.name for call, result in pairs(each.real.messages) if result}
    messages: list[Message] = []
    for message in each.real.messages:
        name = names.get(id(message))
        if name is None:
            messages.append(message)
            continue
        own = stock[name]
        others = [text for cluster, text in own if cluster != each.cluster]
        if not others:
            return None
        messages.append(structs.replace(message, content=others[int(rng.integers(len(others)))]))
    return tuple(messages)
