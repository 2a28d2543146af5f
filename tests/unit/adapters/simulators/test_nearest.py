import json
import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.adapters.simulators.nearest import Shard, tokens

FLIGHTS = [
    json.dumps({"origin": origin, "destination": to, "date": f"2024-05-{day}"})
    for origin, to, day in (("JFK", "SEA", 20), ("SEA", "JFK", 20), ("LAX", "SEA", 11))
]
SHARD = Shard(FLIGHTS)  # imports bm25s, which hypothesis would time with its first example


def bm25(asked: list[str], texts: list[list[str]]) -> list[float]:
    """Lucene's BM25 written out (Kamphuis et al., ECIR 2020, table 1), k1 = 1.5, b = 0.75."""
    mean = sum(map(len, texts)) / len(texts)
    found = []
    for text in texts:
        held, score = Counter(text), 0.0
        for token in dict.fromkeys(asked):
            having = sum(token in each for each in texts)
            idf = math.log(1 + (len(texts) - having + 0.5) / (having + 0.5))
            norm = 1.5 * (0.25 + 0.75 * len(text) / mean)
            score += idf * held[token] / (held[token] + norm)
        found.append(score)
    return found


@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), min_size=1, max_size=12))
def test_scores_are_bm25_in_lucene_s_form(words: list[list[str]]) -> None:
    texts = [json.dumps({"q": " ".join(each)}) for each in words]
    wanted = bm25(tokens(texts[0]), [tokens(text) for text in texts])

    found = Shard(texts).nearest(texts[0], len(texts))

    assert {near.place: near.score for near in found} == pytest.approx(
        dict(enumerate(wanted)), rel=1e-4
    )
    assert [near.score for near in found] == sorted((n.score for n in found), reverse=True)


def test_the_same_word_under_the_same_key_counts_more() -> None:
    asked = json.dumps({"destination": "SEA", "origin": "JFK", "date": "2024-06-01"})

    assert SHARD.nearest(asked, 1)[0].place == 0


def test_of_equals_the_latest_is_first() -> None:
    assert [near.place for near in Shard([FLIGHTS[0]] * 3).nearest(FLIGHTS[0], 3)] == [2, 1, 0]


def test_no_shared_word_is_no_neighbor() -> None:
    assert SHARD.nearest('{"name": "nobody"}', 3) == []
    assert Shard([]).nearest(FLIGHTS[0], 3) == []
    assert Shard(["", "{}"]).nearest("", 3) == []


def test_leaving_out_what_most_calls_share_does_not_change_who_is_nearest() -> None:
    texts = [json.dumps({"city": f"c{n % 40}", "day": n, "kind": "all"}) for n in range(1200)]

    for number in (0, 7, 1199):
        assert Shard(texts).nearest(texts[number], 1)[0].place == number
    assert Shard(texts).nearest('{"kind": "all"}', 3) == []


@given(st.text(st.characters(), max_size=200))
def test_any_text_has_words_or_none(text: str) -> None:
    assert all(isinstance(token, str) for token in tokens(text))
    Shard([text, "{}"]).nearest(text, 2)


def test_a_huge_argument_costs_no_more_than_a_long_one() -> None:
    assert len(tokens(json.dumps({"content": "word " * 1_000_000}))) <= 512
    assert len(tokens(json.dumps([str(n) for n in range(100_000)]))) <= 512
    assert tokens("[" * 100_000) == []
