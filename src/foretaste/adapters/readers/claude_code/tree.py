"""Ways through the tree of a session's lines, which rewinds and parallel calls let branch."""

from collections.abc import Iterator

from foretaste.adapters.readers.claude_code.entries import Entry


def ways(entries: list[Entry], *, every: bool) -> Iterator[list[Entry]]:
    """Yield the way to the line that was written last, and then, if asked, to every other end.

    Results of calls made at the same time lie on branches of their own, and so may the parts of one
    answer; they belong to every way on which the answer lies.

    Args:
        entries: the lines of one tree, in the order of the file.
        every: whether branches that were left are ways too.
    """
    nodes: dict[str, Entry] = {}
    for entry in entries:
        nodes.setdefault(entry.uuid, entry)
    lines = list(nodes.values())
    parts: dict[str, list[Entry]] = {}  # of each answer
    results: dict[str, Entry] = {}  # of each call
    for entry in lines:
        if entry.answer is not None:
            parts.setdefault(entry.answer, []).append(entry)
        elif entry.type == "user":
            for call in entry.named("tool_result", "tool_use_id"):
                results.setdefault(call, entry)
    walked: set[str] = set()
    for leaf in _ends(lines):
        if leaf.uuid in walked:
            continue
        way = _way(leaf, nodes, parts, results)
        walked |= {entry.uuid for entry in way}
        yield way
        if not every:
            return


def _ends(lines: list[Entry]) -> list[Entry]:
    """Lines that nothing was said behind, the last one first."""
    above: dict[str, str | None] = {}  # the nearest spoken line, itself or before it
    inner: set[str | None] = set()
    for entry in lines:
        before = above.get(entry.parentUuid) if isinstance(entry.parentUuid, str) else None
        if entry.spoken:
            inner.add(before)
            above[entry.uuid] = entry.uuid
        else:
            above[entry.uuid] = before
    spoken = [entry for entry in lines if entry.spoken]
    ends = [entry for entry in spoken if entry.uuid not in inner]
    return [*spoken[-1:], *(entry for entry in ends if entry is not spoken[-1])]


def _way(
    leaf: Entry,
    nodes: dict[str, Entry],
    parts: dict[str, list[Entry]],
    results: dict[str, Entry],
) -> list[Entry]:
    found: dict[str, Entry] = {}
    at: Entry | None = leaf
    while at is not None and at.uuid not in found:
        found[at.uuid] = at
        at = nodes.get(at.parentUuid) if isinstance(at.parentUuid, str) else None
    answers = {entry.answer for entry in found.values() if entry.answer is not None}
    for part in (part for answer in answers for part in parts[answer]):
        found.setdefault(part.uuid, part)
        for call in part.named("tool_use", "id"):
            if call in results:
                found.setdefault(results[call].uuid, results[call])
    return sorted(found.values(), key=lambda entry: entry.number)
