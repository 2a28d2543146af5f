from hypothesis import given
from hypothesis import strategies as st

from foretaste.adapters.simulators.texts import Texts, TextWriter


def written(*added: str) -> tuple[list[int], Texts]:
    with TextWriter() as writer:
        numbers = [writer.add(text.encode("utf-8", "surrogatepass")) for text in added]
        return numbers, writer.texts()


@given(st.lists(st.text(st.characters(), max_size=30)))
def test_every_text_comes_back_as_it_was(added: list[str]) -> None:
    numbers, texts = written(*added)

    assert [texts[number] for number in numbers] == added


def test_equal_texts_are_kept_once() -> None:
    assert written("a", "b", "a", "")[0] == [0, 1, 0, 2]


def test_long_texts_come_back_too() -> None:
    long = "0123456789" * 500_000
    numbers, texts = written("short", long, "\ud800" * 5000)

    assert [texts[number] for number in numbers] == ["short", long, "\ud800" * 5000]


def test_nothing_but_empty_texts_is_no_file_at_all() -> None:
    numbers, texts = written("", "")

    assert [texts[number] for number in numbers] == ["", ""]
