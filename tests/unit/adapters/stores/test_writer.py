from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread

from foretaste.adapters.stores.ledger import Ledger, entry
from foretaste.adapters.stores.segments import Appender
from foretaste.adapters.stores.writer import GROUP, Row, Writer
from foretaste.records import Outcome, Verdict


class Held(Appender):
    """A disk that takes its time, and notes what it was given."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {})
        self.free = Event()
        self.groups: list[tuple[str, int]] = []

    def append(self, kind: str, lines: Sequence[bytes]) -> None:
        self.free.wait()
        self.groups.append((kind, len(lines)))
        super().append(kind, lines)


def row(kind: str, number: int) -> Row:
    verdict = Verdict(parent=str(number), behavior="b", outcome=Outcome.ABSENT, grader="g")
    return entry(kind, verdict), b"{}"


def test_a_slow_disk_holds_back_who_appends(tmp_path: Path) -> None:
    disk = Held(tmp_path)
    writer = Writer(disk, Ledger(tmp_path / "ledger.sqlite"))
    put = []

    def append() -> None:
        for number in range(5000):
            writer.put([row("verdict", number)])
            put.append(number)

    caller = Thread(target=append)
    caller.start()
    caller.join(0.3)
    held_at = len(put)
    disk.free.set()
    caller.join()
    writer.close()

    assert held_at <= 1024 + 2 * GROUP
    assert sum(count for _, count in disk.groups) == 5000


def test_rows_that_wait_share_a_commit_and_parents_are_durable_first(tmp_path: Path) -> None:
    disk = Held(tmp_path)
    writer = Writer(disk, Ledger(tmp_path / "ledger.sqlite"))
    writer.put([row("prefix", 0)])
    mixed = ("verdict", "stranger", "rollout", "prefix")
    writer.put([row(kind, number) for number in range(1, 17) for kind in mixed])
    disk.free.set()
    writer.close()
    rows = dict.fromkeys(kind for kind, _ in disk.groups)

    assert list(rows) == ["prefix", "rollout", "verdict", "stranger"]
    assert len(disk.groups) <= 8
