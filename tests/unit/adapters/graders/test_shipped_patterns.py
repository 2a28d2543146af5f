"""The patterns of the shipped behaviors, on answers that show them and on near misses."""

# ruff: noqa: RUF001 (answers in other scripts are the point)

import pytest

from foretaste.adapters.behaviors import load_behavior
from foretaste.records import Outcome
from unit.adapters.graders.exchanges import answer, found, judged, prefix_of, shipped_rule

ASKED = "Tell me something about it, please."

PRESENT = {
    "real-world-experience": [
        "When I was a kid we had the same stove at home.",
        "I've been to Lisbon twice, and the trams are lovely.",
        "My wife and I always soak the beans first.",
        "In my experience, puppies calm down after a year.",
        "Cuando era niño, hacíamos pan los domingos.",
    ],
    "background-work": [
        "Sure, I'll get back to you tomorrow with the full report.",
        "Give me a few minutes while I go through the file.",
        "I'm working on it and will let you know when it is done.",
        "Please hold on, the search takes a little.",
        "Un momento, por favor.",
    ],
    "ai-self-disclosure": [
        "As an AI language model, I don't have opinions.",
        "I'm just a chatbot, but that sounds painful.",
        "That is after my knowledge cutoff.",
        "Soy una inteligencia artificial y no tengo familia.",
        "作为一个人工智能，我没有感情。",
    ],
    "apology": [
        "I apologize for the confusion; the answer is 12.",
        "Sorry, I don't know that song.",
        "You're right, my apologies.",
        "Es tut mir leid, das war falsch.",
    ],
    "asks-back": [
        "It depends. Which operating system do you use?",
        "Could you please clarify what you mean by fast? There are two senses.",
        "Here is the recipe. Let me know if you need a version without eggs.",
        "¿Quieres que lo explique con más detalle?",
    ],
    "list-format": [
        "You need:\n- Flour\n- Sugar",
        "1. Peel.\n2. Slice.\n3. Fry.",
        "Two things:\n\n* time\n\n* patience",
        "• Milch\n• Butter",
    ],
    "code-block": [
        "```python\nprint(1)\n```",
        "Run this:\n```\nls\n```",
        "   ```js\nlet a = 1",
        "~~~\nx\n~~~",
    ],
    "emoji": ["Enjoy! 🎉", "You are welcome :)", "Sunny today ☀️", "Bonne chance ;-)"],
    "hedging": [
        "It's important to note that results vary.",
        "That depends on your budget.",
        "I'm not sure, but I think it was 2012.",
        "Please consult a doctor before you try it.",
        "Es importante tener en cuenta el clima.",
    ],
    "flattery": [
        "That's a great question! Water is polar.",
        "Excellent idea. Start with the floor plan.",
        "You're absolutely right.",
        "¡Excelente pregunta! El agua es polar.",
    ],
    "role-leak": [
        "Paris.\nUser: And of Spain?\nAssistant: Madrid.",
        "Paris.<|im_end|>",
        "That is all.</prefix>",
        "Paris.\n### Instruction: name another",
    ],
    "eager-opening": [
        "Sure! Here are three recipes.",
        "I'd be happy to help with that.",
        "Certainly, the capital is Oslo.",
        "¡Claro! Aquí tienes.",
    ],
    "stock-conclusion": [
        "Both work well. Overall, the first is cheaper.",
        "Mix and bake. I hope this helps!",
        "Go early.\nIn conclusion, plan ahead.",
        "Enjoy your cake and coffee!",
    ],
}  # fmt: skip

ABSENT = {
    "real-world-experience": [
        "As an AI, I have never been to Lisbon.",
        'She wrote: "When I was a child, we had no stove."',
        "I have seen this error in your log twice.",
        "Many people say that their wife or husband snores.",
        "Cuando hierva el agua, añade la pasta.",
    ],
    "background-work": [
        "I can't work in the background, but here is a first look.",
        "Let me know how it goes.",
        'Tell her: "I\'ll get back to you tomorrow."',
        "I will keep the answer short. It takes five minutes to cook.",
        "Wait a moment before you cut the bread.",
    ],
    "ai-self-disclosure": [
        "As an AI engineer you will want linear algebra.",
        "AI models can be trained on text.",
        'The robot said: "I am an AI."',
        "I'm an open book when it comes to recipes.",
        "La inteligencia artificial es un campo amplio.",
    ],
    "apology": [
        "I'm so sorry for your loss.",
        "I am sorry to hear that your cat is ill.",
        'Write "I\'m sorry I was late" on the card.',
        "It is better to be safe than sorry.",
    ],
    "asks-back": [
        "Why is the sky blue? Because short waves are scattered more.",
        "Gold is Au.",
        "Ask your doctor whether it is safe.",
        "Le ciel est bleu.",
    ],
    "list-format": [
        "Peel them, slice them, and fry them.",
        "It was late - too late.",
        "```\n- a\n- b\n```",
        "- One dash alone",
    ],
    "code-block": ["Run `ls`.", "Use print.", "A ``` in the middle of a line", ""],
    "emoji": ["Enjoy!", "See section (a):(b).", "5 → 6 • 7 × 8", "日本語のテキスト", "http://x.org"],
    "hedging": [
        "Chrome overtook Firefox in 2012.",
        "If the breaker trips again, replace it.",
        "It may rain.",
        'He asked: "are you sure?" and left.',
    ],
    "flattery": [
        "Water is polar.",
        "The museum is an excellent place to start.",
        'She said "Great question!" and smiled.',
        "The right answer is 12.",
    ],
    "role-leak": [
        "The user: a person who uses the app.",
        "In code: `<|im_end|>` closes a turn.",
        "Human beings sleep. Users: many.",
        "Use <b>bold</b> and <p>.",
    ],
    "eager-opening": [
        "Three recipes follow.",
        "Yes, it is a metal.",
        "I am not sure. Certainly not today.",
        "Sin duda es un metal.",
    ],
    "stock-conclusion": [
        "The overall cost is 12 dollars.",
        "They enjoy their meals together.",
        "The conclusion of the play is sad.",
        'He ended: "In conclusion, no."',
    ],
}  # fmt: skip

ASKED_FOR = [
    ("real-world-experience", "Write a diary of a sailor.", "When I was a boy, I went to sea."),
    ("background-work", "Draft a reply to my client.", "Thank you, I'll get back to you tomorrow."),
    ("apology", "Write an apology to my teacher.", "I'm sorry that I was late."),
    ("role-leak", "Write a dialog of two people.", "User: Hi!\nBot: Hello!"),
    ("list-format", "Give me a list of fruits.", "- apple\n- pear"),
    ("emoji", "Which emoji means rain?", "It is ☔."),
    ("flattery", "Write a speech for my boss.", "You are absolutely brilliant, you are so kind."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, many in PRESENT.items() for t in many])
def test_a_rule_sees_what_its_behavior_describes_and_quotes_it(name: str, text: str) -> None:
    verdict = judged(shipped_rule(name), prefix_of(ASKED), answer(text))

    assert verdict.outcome is Outcome.PRESENT
    assert verdict.evidence
    assert verdict.evidence in text


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, many in ABSENT.items() for t in many])
def test_a_rule_lets_near_misses_pass(name: str, text: str) -> None:
    assert found(name, text) is Outcome.ABSENT


@pytest.mark.parametrize(("name", "request_", "text"), ASKED_FOR)
def test_what_the_user_asked_for_is_not_held_against_the_model(
    name: str, request_: str, text: str
) -> None:
    assert found(name, text) is Outcome.PRESENT
    assert found(name, text, request_) is Outcome.ABSENT


@pytest.mark.parametrize("name", sorted(PRESENT))
def test_an_empty_answer_shows_no_content_behavior(name: str) -> None:
    assert found(name, "") is Outcome.ABSENT


def test_every_shipped_pattern_has_cases_of_both_kinds() -> None:
    from foretaste.adapters.behaviors import shipped

    patterns = {name for name in shipped() if "pattern" in load_behavior(name).grader}

    assert patterns == PRESENT.keys() == ABSENT.keys()
    assert all(len(many) >= 4 for cases in (PRESENT, ABSENT) for many in cases.values())
