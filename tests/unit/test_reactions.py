import pytest

from foretaste.reactions import BY, KINDS, NAME, OTHER, label_after, reaction, reaction_of
from foretaste.records import Label, Message
from unit.rows import said, user

ASKED = "List three rivers of Spain, please"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I told you to keep it short.", "annoyance"),
        ("This is ridiculous", "annoyance"),
        ("Bist du dumm?", "annoyance"),
        ("N'importe quoi...", "annoyance"),
        ("Ya te lo dije", "annoyance"),
        ("你说的都是废话", "annoyance"),
        ("役に立たないね", "annoyance"),
        ("That's wrong, the Rhine is not in Spain.", "correction"),
        ("No, I want rivers.", "correction"),
        ("You forgot the Ebro", "correction"),
        ("it still doesn't work", "correction"),
        ("Das stimmt nicht.", "correction"),
        ("Non, c'est faux", "correction"),
        ("Eso no es correcto", "correction"),
        ("不对, 再看看", "correction"),
        ("違います。", "correction"),
        ("Please try again", "retry"),
        ("Noch einmal", "retry"),
        ("Réessaie", "retry"),
        ("Inténtalo de nuevo", "retry"),
        ("重新回答", "retry"),
        ("もう一度お願いします", "retry"),
        ("list three rivers of  Spain please!", "retry"),
        ("Great, thanks! And of France?", "thanks"),
        ("Vielen Dank", "thanks"),
        ("Merci beaucoup", "thanks"),
        ("Muchas gracias", "thanks"),
        ("谢谢", "thanks"),
        ("ありがとうございます", "thanks"),
        ("And of France?", OTHER),
        ("", OTHER),
    ],
)
def test_a_clear_phrase_in_six_languages_names_the_reaction(text: str, kind: str) -> None:
    assert reaction(ASKED, "Ebro, Tajo, Rhine.", text) == kind


@pytest.mark.parametrize(
    ("asked", "answered", "text"),
    [
        (ASKED, "Shall I add their lengths?", "No, just the names."),
        ("What is 3 and 4 of the list?", "This.", "What is 5 and 6 of the list?"),
        ("Write the second part of the story", "So.", "Write the third part of the story"),
        ("continue with the next part", "So.", "continue with the next part"),
        (ASKED, "Ebro.", "How many times does the word wrong stand in this text: wrong, wrong?"),
        (ASKED, "Ebro.", "x" * 500 + " that's wrong"),
        (ASKED, "Ebro.", "Not right now"),
    ],
)
def test_what_only_looks_like_one_is_none(asked: str, answered: str, text: str) -> None:
    assert reaction(asked, answered, text) == OTHER


def test_the_label_says_how_the_user_went_on_and_is_none_where_the_log_ends() -> None:
    reminder = Message(role="system", content="Be brief.")
    talk = (user(ASKED), said("Ebro."), reminder, user("That's wrong."), said("Sorry."))

    assert label_after(talk, 1, 2) == (Label(name=NAME, value="correction", by=BY),)
    assert label_after(talk, 4, 5) == ()
    assert label_after((*talk, said("More.")), 4, 5) == ()


def test_only_the_rule_s_own_label_is_read() -> None:
    theirs = Label(name=NAME, value="thanks", by="human")

    assert reaction_of((theirs,)) is None
    assert reaction_of((theirs, *label_after((user(), said(), user("Thanks")), 1, 2))) == "thanks"
    assert OTHER not in KINDS
