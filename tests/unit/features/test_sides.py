from dataclasses import replace

from foretaste.discoveries import Pair, Seen
from foretaste.features import marks
from foretaste.features.sides import shows, sides
from foretaste.records import Lane, Message, ToolCall
from unit.rows import prefix, rollout, said

CLAUSE = "this answer does not replace a word of legal advice"


def pair(before: str, after: str, *more: Message) -> Pair:
    at = prefix("c")
    turn = replace(rollout(at.id), messages=(*more, said(after)), id="")
    return Pair(at, rollout(at.id, Lane.INCUMBENT, before), turn)


def test_a_side_has_words_phrases_and_what_only_a_pair_can_show() -> None:
    call = ToolCall(id="1", name="look", arguments='{"at": 1}')
    both = pair("A short one.", "A much longer one than it.", Message(
        role="assistant", content="", tool_calls=(call,)
    ))  # fmt: skip
    before, after = sides(both)

    assert {Seen("word", "short"), Seen("phrase", "a short one")} <= before
    assert Seen("phrase", "much longer one") in after - before
    assert Seen("tool", "look") in after - before
    assert marks(both)[1] <= after
    assert not any(seen.what == "" for seen in before | after)


def test_a_long_phrase_shows_where_all_of_its_words_stand_together() -> None:
    before, after = sides(pair(f"Well. {CLAUSE}.", CLAUSE.replace("legal", "other")))
    seen = Seen("phrase", CLAUSE)

    assert shows(before, seen)
    assert not shows(after, seen)
    assert shows(after, Seen("phrase", "does not replace"))
    assert not shows(after, Seen("word", "legal"))
