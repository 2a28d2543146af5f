from foretaste.features.sentences import carries, sentences

CLAUSE = "This is no legal advice, please ask your own lawyer."


def test_sentences_are_told_by_their_words_and_shown_as_written() -> None:
    text = f"Yes. **We** looked: all fine!\n- {CLAUSE}\n```\nthis is no prose at all\n```"

    assert sentences(text) == {
        "we looked all fine": "We** looked: all fine!",
        "this is no legal advice please ask your own lawyer": CLAUSE,
    }


def test_a_sentence_is_carried_inside_another_or_nearly_as_it_was() -> None:
    wanted = next(iter(sentences(CLAUSE)))

    assert carries(f"As ever: {CLAUSE}", wanted)
    assert carries("This is not legal advice, please ask your own lawyer.", wanted)
    assert not carries("Please ask your mother.", wanted)
