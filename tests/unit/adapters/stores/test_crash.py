"""What survives `kill -9` at any moment."""

import random
import signal
import subprocess
import sys
from pathlib import Path

from foretaste.adapters.stores.files import Files
from foretaste.records import Prefix, Rollout

KILLS = 25

WRITER = """
import sys
from foretaste.adapters.stores.files import Files
from foretaste.records import Lane, Message, Prefix, Rollout, Stop

start = int(sys.argv[2])
with Files(path=sys.argv[1]) as store:
    print("open", flush=True)
    for group in range(100_000):
        rows = range(start + group * 7, start + group * 7 + 7)
        for number in rows:
            said = (Message(role="user", content=f"{number} " * 50),)
            about = {"parent": f"c{number}", "turn": 0, "turns": 1, "user": "u"}
            prefix = Prefix(**about, messages=said, recorded=())
            store.append(prefix)
            answer = {"lane": Lane.CANDIDATE, "stop": Stop.FINAL}
            store.append(Rollout(parent=prefix.id, messages=(), **answer))
        store.flush()
        print(*(f"c{number}" for number in rows), flush=True)
"""


def test_no_acknowledged_record_is_lost_or_doubled_by_kills_at_random_moments(
    tmp_path: Path,
) -> None:
    rng = random.Random(20261121)
    acknowledged: list[str] = []
    for kill in range(KILLS):
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(kill * 1_000_000)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "open\n"
            for _ in range(rng.randint(0, 12)):
                acknowledged += writer.stdout.readline().split()
            # Anywhere within the next group: encoding, writing, syncing, indexing.
            try:
                writer.wait(rng.random() * 0.03)
            except subprocess.TimeoutExpired:
                writer.send_signal(signal.SIGKILL)
            for line in writer.stdout:
                acknowledged += line.split() if line.endswith("\n") else []

        with Files(path=str(tmp_path)) as store:
            rows = list(store.read(Prefix))
            answered = [rollout.parent for rollout in store.read(Rollout)]
            keys = store.keys(Prefix)

        prefixes = {prefix.id: prefix.parent for prefix in rows}
        parents = [prefix.parent for prefix in rows]
        assert not set(acknowledged) - set(parents)
        assert len(parents) == len(set(parents)) == len(keys)
        assert len(answered) == len(set(answered))
        assert {prefixes[name] for name in answered} >= set(acknowledged)
    assert len(acknowledged) > KILLS
