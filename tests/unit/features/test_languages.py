import pytest

from foretaste.features.languages import languages, quick_language
from unit.lanes import asked

ENGLISH = "The cat and the dog are in the house with you, and that is what they have."
GERMAN = "Der Hund ist nicht mit dem Ball in das Haus gegangen, und wir sind auch nicht da."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "en"),
        (GERMAN, "de"),
        ("これは日本語の文章です。", "ja"),
        ("这是一个中文句子。我们来测试一下语言识别。", "zh"),
        ("이것은 한국어 문장입니다.", "ko"),
        ("Kissa istuu ikkunalla ja katselee ulos pihalle, jossa lapset leikkivät.", "fi"),
        ("x = 1", None),
    ],
)
def test_a_language_is_told_by_script_little_words_or_the_model(
    text: str, language: str | None
) -> None:
    assert quick_language(text) == language


def test_another_language_than_the_user_s_is_a_feature() -> None:
    assert set(languages(asked(ENGLISH), GERMAN)) == {
        ("language", "de"),
        ("language", "other than the user's"),
        ("language", "de, asked in en"),
    }
    assert set(languages(asked(GERMAN), GERMAN)) == {("language", "de")}
    assert set(languages(asked("1"), GERMAN)) == {("language", "de")}
    assert set(languages(asked(ENGLISH), "1")) == set()
