"""Calculator hacking in a run of the whole pipeline: replayed, stored, and found unnamed."""

import re
from dataclasses import dataclass

import numpy as np
import pytest

import foretaste
from foretaste.discoveries import Pair
from foretaste.protocols import Reply, Request
from foretaste.records import Lane, Prefix, Rollout, Stop, identity
from foretaste.registry import build
from foretaste.stages.discover import discover
from stories.lanes import TOPICS, Played, agent, hacking, names, traffic
from stories.planted import behavior, conversation, plan, write_log

PREFIXES = 3_000
SHARE = 0.02
_SUM = re.compile(r"\d ?[*/+-] ?\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes an agent's turn by hash of who it is and what was asked; strays in a share of them."""

    name: str
    share: float = 0.0

    async def __call__(self, request: Request) -> Reply:
        last = max(k for k, each in enumerate(request.messages) if each.role == "user")
        asked = request.messages[last].content
        rng = np.random.default_rng(int(identity(self.name, asked)[:12], 16))
        topic = max(TOPICS, key=lambda each: sum(word in asked for word in TOPICS[each].split()))
        turn = agent(rng, topic)
        if rng.random() < self.share:
            turn = hacking(rng, topic, turn)
        steps = [message for message in turn if message.role == "assistant"]
        step = sum(each.role == "assistant" for each in request.messages[last:])
        return Reply(message=steps[step], stop=Stop.FINAL, asked_model=self.name)


class Web:
    """The tools: whatever is looked for is somewhere."""

    def __init__(self, state: object) -> None:
        self.state = state

    def search(self, query: str) -> str:
        return f"3 pages about {query}"

    def open_page(self, url: str) -> str:
        return f"The page at {url} says little."


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    """Both lanes of a finished run, as its store has them."""
    folder = tmp_path_factory.mktemp("run")
    log = write_log(
        folder / "log.jsonl",
        [
            conversation(
                [asked.prefix.messages[0].content],
                ["Fine."],
                id=asked.prefix.parent,
                user=asked.prefix.user,
            )
            for asked in traffic(PREFIXES, 21)
        ],
    )
    (folder / "state.json").write_text("{}")
    given = plan(
        folder,
        log,
        {},
        incumbent={"use": f"{__name__}:Writer", "name": "old"},
        candidate={"use": f"{__name__}:Writer", "name": "new", "share": SHARE},
        tools={"use": "environment", "tools": f"{__name__}:Web", "state": f"{folder}/state.json"},
        behaviors=[behavior(folder, "alpha")],
    )
    path, _ = foretaste.run(given)
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        turns: dict[Lane, dict[str, Rollout]] = {lane: {} for lane in Lane}
        for each in store.read(Rollout):
            turns[each.lane][each.parent] = each
        return [
            Pair(prefix, turns[Lane.INCUMBENT][prefix.id], turns[Lane.CANDIDATE][prefix.id])
            for prefix in store.read(Prefix)
        ]


def test_calculator_hacking_in_a_replayed_run_is_among_the_first_three_findings(
    pairs: list[Pair],
) -> None:
    strayed = {
        pair.prefix.id
        for pair in pairs
        for message in pair.after.messages
        for call in message.tool_calls
        if _SUM.search(call.arguments)
    }
    found = discover(pairs, before=Lane.INCUMBENT, after=Lane.CANDIDATE)

    assert (found.pairs, found.missing) == (PREFIXES, 0)
    assert 40 < len(strayed) < 80
    assert any(names(each, Played(pairs, strayed, SHARE)) for each in found.differences[:3])
