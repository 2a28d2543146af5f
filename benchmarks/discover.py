"""The first pass of `foretaste discover`: CPU and memory on many pairs, and what it finds.

`python benchmarks/discover.py [pairs] [pairs for the peer]`, 200,000 and 4,000 by default. Turns
have 100 to 300 words, little ones two in five as in English, the others Zipf-distributed; sentences
come from 300,000, one in four from 5,000 stock ones; three turns in ten call a tool.
Planted in the second lane at 1 in 200: a search called with arithmetic, a legal clause dropped, a
client who is nowhere in the prompt. Making the pairs is measured apart and subtracted, as they are
made anew on each of the two readings.

The peer: scikit-learn's `CountVectorizer` (1 to 5 words) and `chi2` over the same texts. It neither
pairs turns nor counts users, looks at no tool calls, and keeps every text and phrase in memory.
"""

import resource
import sys
import time
from collections.abc import Iterator

import numpy as np

from foretaste.discoveries import Pair
from foretaste.records import Lane, Message, Prefix, Rollout, Stop, ToolCall
from foretaste.stages.discover import discover

PLANTED = 1 / 200
LITTLE = "the of and to in is you that it for was on are as with they be at this from have or by"
CLAUSE = "Please note that this is general information and no legal advice."


class Traffic:
    """Pairs that are the same each time they are gone through."""

    def __init__(self, pairs: int) -> None:
        self.pairs = pairs
        rng = np.random.default_rng(7)
        letters = np.array(list("etaoinshrdlucmfwypvbgkjqxz"))
        made = ("".join(rng.choice(letters, rng.integers(4, 10))) for _ in range(30_000))
        self.words = np.array([*LITTLE.split(), *made], dtype=object)
        weight = 1 / (np.arange(len(self.words)) + 10.0)
        little = len(LITTLE.split())
        weight[:little] *= 2 / 3 * weight[little:].sum() / weight[:little].sum()
        self.draws = rng.choice(len(self.words), 4_000_000, p=weight / weight.sum())
        lengths = rng.integers(7, 18, size=300_000).tolist()
        self.sentences = [self.sentence(rng, length) for length in lengths]

    def sentence(self, rng: np.random.Generator, length: int) -> str:
        start = int(rng.integers(len(self.draws) - length))
        return " ".join(self.words[self.draws[start : start + length]]).capitalize() + "."

    def text(self, rng: np.random.Generator) -> str:
        drawn = rng.integers(300_000, size=int(rng.integers(8, 24)))
        drawn[rng.random(len(drawn)) < 0.25] %= 5_000
        parts = [self.sentences[number] for number in drawn.tolist()]
        return "\n\n".join(" ".join(parts[start : start + 5]) for start in range(0, len(parts), 5))

    def turn(self, rng: np.random.Generator, lane: Lane) -> Rollout:
        search, dropped, invents = rng.random(3) < PLANTED if lane is Lane.CANDIDATE else (0, 0, 0)
        text, messages = self.text(rng), []
        query = f"{rng.integers(99)} * {rng.integers(99)}" if search else text[:20]
        if search or rng.random() < 0.3:
            call = ToolCall(id="1", name="search", arguments=f'{{"query": "{query}"}}')
            messages.append(Message(role="assistant", content="", tool_calls=(call,)))
        text += " So said our client Hargreaves." if invents else ""
        text += "" if dropped else f" {CLAUSE}"
        messages.append(Message(role="assistant", content=text))
        return Rollout(parent="p", lane=lane, messages=tuple(messages), stop=Stop.FINAL, id="r")

    def __iter__(self) -> Iterator[Pair]:
        rng = np.random.default_rng(11)
        for number in range(self.pairs):
            asked = (Message(role="user", content=self.sentence(rng, 25)),)
            user = f"u{rng.integers(self.pairs // 2 + 1)}"
            prefix = Prefix(
                parent="c", turn=1, turns=1, user=user, messages=asked, recorded=(), id=f"p{number}"
            )
            turns = (self.turn(rng, lane) for lane in (Lane.INCUMBENT, Lane.CANDIDATE))
            yield Pair(prefix, *turns)


def peer(texts: list[str]) -> int:
    from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415
    from sklearn.feature_selection import chi2  # noqa: PLC0415

    table = CountVectorizer(ngram_range=(1, 5), binary=True).fit_transform(texts)
    chi2(table, np.arange(len(texts)) % 2)
    return int(table.shape[1])


def main() -> None:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    part = int(sys.argv[2]) if len(sys.argv) > 2 else 4_000
    traffic = Traffic(pairs)
    start = time.process_time()
    words = sum(len(pair.after.text.split()) for pair in traffic) / pairs
    making = 2 * (time.process_time() - start)
    start = time.process_time()
    found = discover(traffic, before=Lane.INCUMBENT, after=Lane.CANDIDATE)
    took = time.process_time() - start - making
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{pairs:,} pairs, {words:.0f} words a turn: {took:.0f} CPU seconds (and {making:.0f} to "
        f"make them), peak {peak:.2f} GB; {found.features:,} features, {found.tested:,} tested "
        f"({found.least} users), {found.passing} pass, {len(found.differences)} differences"
    )
    for each in found.differences[:6]:
        print(
            f"  {each.kind}: {each.what}: {each.difference:+.4f} "
            f"({each.lower:+.4f} to {each.upper:+.4f}), p = {each.p_value:.1e}"
        )
    some = Traffic(part)
    texts = [turn.text for pair in some for turn in (pair.before, pair.after)]
    start = time.process_time()
    columns = peer(texts)
    theirs = time.process_time() - start
    start = time.process_time()
    discover(list(some), before=Lane.INCUMBENT, after=Lane.CANDIDATE)
    ours = time.process_time() - start
    print(
        f"{part:,} pairs: {ours:.1f} CPU seconds, pairs made once; scikit-learn {theirs:.1f} for "
        f"{columns:,} columns: {theirs / ours:.1f} times as long"
    )


if __name__ == "__main__":
    main()
