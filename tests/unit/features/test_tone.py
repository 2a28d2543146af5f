from foretaste.features.tone import tone


def test_greetings_apologies_praise_and_hedging_are_heard() -> None:
    assert set(tone("Hello! Great question. I'm sorry, it may rain.")) == {
        "greets",
        "apologises",
        "flatters or assures",
    }
    assert list(tone("It might rain, it may snow, and perhaps it will hail.")) == ["hedges"]
    assert list(tone("It rains.")) == []
