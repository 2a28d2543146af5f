from dataclasses import replace

from foretaste.features.named import Known, invented, links
from unit.lanes import asked
from unit.looks import turn
from unit.rows import said

TEXT = "It is from Anna Hargreaves, see AB-1234 and 5,318 of https://Docs.example/a."


def found(known: Known) -> set[str]:
    return {seen.what for seen in (*links(TEXT, known), *invented(TEXT, known))}


def test_names_ids_numbers_and_links_that_nothing_holds_are_invented() -> None:
    assert found(Known(asked(), (), record=True)) == {
        "docs.example",
        "a link",
        *("a name", "a name: Anna Hargreaves"),
        *("an id", "an id: AB-1234"),
        *("a number", "a number: 5,318"),
    }


def test_what_prefix_results_or_record_hold_is_not_invented() -> None:
    results = turn(("look", "{}", f"ab-1234, {TEXT[-24:]}"))
    prefix = replace(asked("I am anna hargreaves."), recorded=(said("5,318"),))

    assert found(Known(prefix, results, record=True)) == {"docs.example"}
    assert "a number" in found(Known(prefix, results, record=False))


def test_a_word_that_opens_a_sentence_is_no_name() -> None:
    assert set(invented("Yes. Berlin", Known(asked(), (), record=True))) == set()
