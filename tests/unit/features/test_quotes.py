from hypothesis import given
from hypothesis import strategies as st

from foretaste.discoveries import Seen
from foretaste.features import TELLING
from foretaste.features.quotes import LONGEST, quote
from unit.lanes import call
from unit.rows import said


def test_a_phrase_is_quoted_with_what_stands_around_it() -> None:
    text = "word " * 100 + "this is *no*\nlegal advice" + " more" * 100
    found = quote(Seen("phrase", "no legal advice"), (said(text),))

    assert found.startswith("…")
    assert found.endswith("…")
    assert "word this is *no* legal advice more" in found
    assert len(found) <= LONGEST + 2


def test_a_word_is_quoted_where_it_stands_alone() -> None:
    text = "The flag is raised. " + "x " * 200 + "Praise this."
    found = quote(Seen("word", "is"), (said(f"raised {'y ' * 200}{text}"),))

    assert "flag is raised" in found


def test_a_tool_is_quoted_by_its_call() -> None:
    turn = (call("look", '{"at": 1}'), call("find", '{"a": "1+1"}'), said("Here."))

    assert quote(Seen("argument", "find(a: arithmetic expression)"), turn) == 'find({"a": "1+1"})'
    assert quote(Seen("calls", "look → find"), turn) == 'look({"at": 1}) → find({"a": "1+1"})'
    assert quote(Seen("tool", "other"), turn) == "Here."


def test_the_beginning_stands_for_what_is_nowhere_and_the_end_for_a_question() -> None:
    long = "It is. " * 80 + "Is it?"

    assert quote(Seen("language", "en"), (said(long),)).startswith("It is.")
    assert quote(Seen("structure", "ends with a question"), (said(long),)).endswith("Is it?")
    assert quote(Seen("word", "other"), (call("look", "{}"),)) == "look({})"
    assert quote(Seen("word", "other"), ()) == ""


def test_a_link_and_a_name_are_quoted_where_they_stand() -> None:
    turn = (said("x " * 200 + "by Anna at https://Docs.example/a"),)

    assert "Anna" in quote(Seen("invented", "a name: Anna"), turn)
    assert "Docs" in quote(Seen("link", "docs.example"), turn)
    assert "https" in quote(Seen("invented", "a link"), turn)


@given(st.sampled_from(TELLING), st.text(), st.text(), st.text())
def test_no_text_breaks_a_quote(kind: str, what: str, name: str, text: str) -> None:
    assert len(quote(Seen(kind, what), (call(name, text), said(text)))) <= LONGEST + 2
