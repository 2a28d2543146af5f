"""What users asked, as words, and regions of traffic in which they asked alike."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from foretaste.learning import learning, one_thread
from foretaste.records import Prefix
from foretaste.regions.indicators import Codes, Indicators, indicators, users_of
from foretaste.traits import tag_of

NOWHERE = -1
"""Topic of a prefix whose words nobody else says."""

_WHO = "looking for regions of traffic"
_ASKED, _EARLIER = 2_000, 300  # characters of the last user message, and of the one before
_WORD = re.compile(r"[^\W\d_]{3,30}")  # no digits: what holds one may name a case or a customer
_SAYING = 3  # prefixes that must say a word before topics rest on it
_COMMON = 0.5  # share of prefixes above which a word tells no topic
_DIMENSIONS = 64
_LEARNED_FROM = 20_000  # prefixes that topics are found on; the others are put to them
_FULL = 3  # times the smallest count: users that a topic is meant to have
_TELLING = 3  # words in a name
_CLEAR = 2.0  # standard errors by which a word must be likelier in a region than elsewhere
_VALUES = 20  # of a tag; one with more names, not parts
_LONGEST = 40  # characters of a tag's value in a name

Flags = npt.NDArray[np.bool_]


class Part(NamedTuple):
    """A part of the traffic by what the log or the request says of it."""

    name: str
    inside: Flags


def asked(prefix: Prefix) -> str:
    """What the last user message asks, and a little of the one before."""
    said = [message.content for message in prefix.messages if message.role == "user"]
    earlier = said[-2][-_EARLIER:] if len(said) > 1 else ""
    return f"{said[-1][:_ASKED]}\n{earlier}" if said else ""


def words_of(texts: Sequence[str]) -> Indicators[str]:
    """The words of each text, in small letters, that at least three texts hold."""
    return indicators((set(_WORD.findall(text.lower())) for text in texts), _SAYING)


def vectors_of(words: Indicators[str], *, seed: int) -> npt.NDArray[np.float32]:
    """A row of numbers for each text, close together where texts share telling words.

    Latent semantic analysis: weights fall with the share of texts that hold a word, rows have
    length 1, and the largest of their singular vectors are kept (Deerwester and others 1990).

    Raises:
        PlanError: scikit-learn is not installed.
    """
    count = words.rows.shape[0]
    held = np.asarray(words.rows.sum(axis=0)).ravel()
    telling = np.flatnonzero(held <= _COMMON * count)
    weighed = words.rows[:, telling].multiply(np.log((1 + count) / (1 + held[telling]))).tocsr()
    weighed = _unit(weighed.astype(np.float32))
    kept = min(_DIMENSIONS, len(telling) - 1, count - 1)
    if kept < 1:
        return np.zeros((count, 1), dtype=np.float32)
    axes = learning("decomposition", _WHO).TruncatedSVD(kept, random_state=seed)
    with one_thread():
        axes.fit(weighed[_drawn(count, seed)])
        return np.asarray(axes.transform(weighed), dtype=np.float32)


def topics_of(
    vectors: npt.NDArray[np.floating[Any]], users: int, *, least_users: int, most: int, seed: int
) -> Codes:
    """The topic of each prefix by k-means; `NOWHERE` where its vector is zero.

    Args:
        vectors: a row for each prefix.
        users: how many wrote them. A topic is meant to have three times `least_users`.
        least_users: that a region must have to be shown.
        most: topics.
        seed: of where k-means starts.

    Raises:
        PlanError: scikit-learn is not installed.
    """
    size = np.linalg.norm(vectors, axis=1)
    found = np.full(len(vectors), NOWHERE, dtype=np.intp)
    known = np.flatnonzero(size > 0)
    count = min(most, users // (_FULL * least_users), len(known))
    if count < 2:
        return found
    unit = (vectors[known] / size[known, np.newaxis]).astype(np.float32)
    model = learning("cluster", _WHO).KMeans(count, n_init=4, random_state=seed)
    with one_thread():
        model.fit(unit[_drawn(len(unit), seed)])
        found[known] = model.predict(unit)
    return found


def telling_words(
    words: Indicators[str], inside: Flags, user: Codes, *, least_users: int
) -> tuple[str, ...]:
    """The words that set a region apart, of those that at least `least_users` users say.

    Those come first whose share of users is the most standard errors above that elsewhere; words
    that are not twice as frequent only where no other is there.
    """
    everywhere = users_of(words.rows, user)
    here, there = (users_of(words.rows[side], user[side]) for side in (inside, ~inside))
    n, rest = (max(1, len(np.unique(user[side]))) for side in (inside, ~inside))
    first, second, both = here / n, there / rest, (here + there) / (n + rest)
    error = np.sqrt(np.maximum(both * (1 - both), 1 / (n + rest)) * (1 / n + 1 / rest))
    clear = (first - second) / error
    allowed = (everywhere >= least_users) & (clear > _CLEAR)
    for wanted in (allowed & (first >= 2 * second), allowed):
        if wanted.any():
            ranked = np.argsort(np.where(wanted, -clear, np.inf), kind="stable")
            count = min(_TELLING, int(wanted.sum()))
            return tuple(words.columns[k] for k in ranked[:count])
    return ()


def parts_of(prefixes: Sequence[Prefix]) -> list[Part]:
    """Parts of the traffic by language, by tags with 2 to 20 values, and by whether tools are used.

    The language is a tag's or, without one, that of the first user message.
    """
    values: dict[str, list[str]] = {
        name: [tag_of(each.messages, each.tags, name) for each in prefixes]
        for name in ("language", *sorted({tag for each in prefixes for tag in each.tags}))
    }
    values["tools"] = [_tools(each) for each in prefixes]
    found = []
    for name, column in values.items():
        kinds = sorted(set(column))
        if name != "language" and not 2 <= len(kinds) <= _VALUES:
            continue
        spelled = np.array(column)
        if len(kinds) > 1:
            found += [Part(f"{name} {kind[:_LONGEST]}", spelled == kind) for kind in kinds]
    return found


def _tools(prefix: Prefix) -> str:
    used = prefix.tools or any(message.tool_calls for message in prefix.messages)
    return "offered" if used else "none"


def _unit(rows: Any) -> Any:
    size = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return rows.multiply(1 / np.where(size > 0, size, 1)[:, np.newaxis]).tocsr()


def _drawn(count: int, seed: int) -> Codes:
    rng = np.random.default_rng(seed)
    return np.sort(rng.permutation(count)[:_LEARNED_FROM])
