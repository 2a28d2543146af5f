"""The language a text is written in."""

from functools import lru_cache

from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

_SHORTEST = 20  # letters; below that the answer is a guess
_SURE = 0.5  # probability


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_modelpath(MODEL_DIR / MODEL_FILE, norm_probs=True)


def language_of(text: str) -> str | None:
    """ISO 639-1 code of the text's language; None where it cannot be told."""
    letters = "".join(c if c.isalpha() else " " for c in text)
    if sum(c.isalpha() for c in letters) < _SHORTEST:
        return None
    code, probability = _identifier().classify(letters[:4000])
    return str(code) if probability >= _SURE else None
