from pathlib import Path

from foretaste.adapters.stores.files import Files
from foretaste.records import Lane
from foretaste.runs.pairing import lanes_of, pairs_of
from unit.rows import prefix, rollout


def test_pairs_come_in_the_order_of_prefixes_whatever_order_the_answers_came_in(
    tmp_path: Path,
) -> None:
    prefixes = [prefix(f"c{n}") for n in range(6)]
    late = [rollout(each.id, Lane.CANDIDATE, f"new {each.parent}") for each in prefixes[::-1]]
    early = [rollout(each.id, Lane.INCUMBENT, f"old {each.parent}") for each in prefixes]
    with Files(path=str(tmp_path / "run")) as store:
        store.append(*prefixes, *late[:2], *early[:5], *late[2:])
        pairs = pairs_of(store, Lane.INCUMBENT, Lane.CANDIDATE)
        told = [(pair.before.text, pair.after.text) for pair in pairs]
        again = [pair.prefix.parent for pair in pairs]

        assert lanes_of(store) == {Lane.INCUMBENT, Lane.CANDIDATE}
    assert told == [(f"old c{n}", f"new c{n}") for n in range(5)]
    assert again == [f"c{n}" for n in range(5)]
    assert (len(pairs), pairs.missing) == (5, 1)
