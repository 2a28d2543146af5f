import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foretaste.adapters.behaviors import load_behavior, shipped
from foretaste.adapters.graders.literals import Search, required

_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}


def compiled(pattern: str, flags: str = "i") -> re.Pattern[str]:
    return re.compile(pattern, sum(_FLAGS[letter] for letter in flags))


def shipped_patterns() -> list[re.Pattern[str]]:
    found = []
    for name in shipped():
        grader = load_behavior(name).grader
        for key in ("pattern", "unless", "unless_asked"):
            given = grader.get(key, ())
            patterns = (given,) if isinstance(given, str) else given
            found += [compiled(each, grader.get("flags", "i")) for each in patterns]
    return found


PATTERNS = shipped_patterns()


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        (r"\bSorry\b", ("sorry",)),
        (r"\b(?:so |very )?sorry", ("sorry",)),
        (r"\bI (?:grew up|was born)\b", ("i grew up", "i was born")),
        (r"as (?:an? )?AI (?!model)", ("as a ai ", "as ai ", "as an ai ")),
        (r"(?:depends? on|varies)\s+\w+", ("depend on", "depends on", "varies")),
        (r"[^.!?]{3,120}[?？]\s*\Z", ("?", "？")),
        (r"it is (?:\w+ )*important", ("it is ",)),
        (r"(?P<name>x)(?:yes|no)+", ("no", "yes")),
        (r"\d+(?:hours?|days?){2}", ("day", "hour")),
    ],
)
def test_every_match_holds_one_of_the_literals_that_are_met_least_often(
    pattern: str, literals: tuple[str, ...]
) -> None:
    assert required(compiled(pattern)) == literals


@pytest.mark.parametrize(
    "pattern",
    [r"\w+", r"x*", r"(?:sorry)?", r"sorry|\d", r"[a-z]{4}", r"(?-i:Sorry)", r"(a)?(?(1)b|c)"],
)
def test_where_nothing_is_known_every_text_is_searched(pattern: str) -> None:
    assert required(compiled(pattern)) == ()
    assert Search(compiled(pattern)).may_match("anything")


def test_case_counts_where_the_pattern_says_so() -> None:
    assert required(compiled("Sorry", "")) == ("Sorry",)
    assert not Search(compiled("Sorry", "")).may_match("sorry")
    assert Search(compiled("Sorry")).may_match("I AM SORRY")


@pytest.mark.parametrize("text", ["\u017forry", "K\u0130ND", "k\u0131nd", "\u212aind", "SORRY"])
def test_letters_that_only_look_like_ascii_are_found_as_the_pattern_finds_them(text: str) -> None:
    for word in ("sorry", "kind"):
        plain = compiled(word)

        assert bool(Search(plain).search(text)) == bool(plain.search(text))


def test_letters_with_a_third_case_are_no_literals() -> None:
    # Greek has a second small sigma, and `re` takes each for the other.
    assert required(compiled("\u03c3")) == ()
    assert required(compiled("é")) == ("é",)
    assert Search(compiled("\u03c3\u03c2")).search("ΣΣ")


def test_most_shipped_patterns_are_seldom_tried() -> None:
    assert sum(bool(required(each)) for each in PATTERNS) > 0.9 * len(PATTERNS)
    text = "Lisbon lies on the Tagus. Its trams climb steep hills, and its light is famous."
    assert sum(Search(each).may_match(text) for each in PATTERNS) < 0.1 * len(PATTERNS)


PIECES = sorted({piece for each in PATTERNS for piece in required(each)})


@settings(max_examples=40)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(PIECES).flatmap(
                lambda piece: st.sampled_from([piece, piece.upper(), piece.title()])
            ),
            st.sampled_from(
                [" ", ". ", "\n", "?", "\u017f", "\u0131", "\u0130", "\u212a", "é", "an ", "1"]
            ),
        ),
        max_size=12,
    ).map("".join)
)
def test_what_a_shipped_pattern_finds_is_found(text: str) -> None:
    for each in PATTERNS:
        found = [match.span() for match in Search(each).finditer(text)]

        assert found == [match.span() for match in each.finditer(text)]


ATOMS = st.sampled_from(
    ["a", "B", "s", "i", "k", "é", "\u03c3", ".", r"\w", "[ab]", "[^a]", "[a-c]", r"\b"]
)
REPEATS = st.sampled_from(["", "", "?", "*", "+", "{2}", "{0,1}", "{1,3}?", "?+"])


def groups(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    either = st.lists(inner, min_size=1, max_size=3).map("|".join)
    kinds = st.sampled_from(["(?:{})", "({})", "(?={})", "(?!{})", "(?>{})", "(?i:{})"])
    group = st.tuples(kinds, either, REPEATS).map(lambda g: g[0].format(g[1]) + g[2])
    return st.lists(st.one_of(inner, group), min_size=1, max_size=3).map("".join)


REGEXES = st.recursive(
    st.lists(st.tuples(ATOMS, REPEATS).map("".join), min_size=1, max_size=3).map("".join),
    groups,
    max_leaves=6,
)


@settings(max_examples=200)
@given(
    REGEXES,
    st.sampled_from(["", "i"]),
    st.text("aAbBsSikKéÉ\u03c3\u03c2\u017f\u0131\u0130\u212a ", max_size=12),
)
def test_what_any_pattern_finds_is_found(written: str, flags: str, text: str) -> None:
    try:
        pattern = compiled(written, flags)
    except re.error:
        return
    found = [match.span() for match in Search(pattern).finditer(text)]

    assert found == [match.span() for match in pattern.finditer(text)]
