"""Labels beside the messages of a log."""

from foretaste.adapters.readers.labels import labels_in
from foretaste.records import Label


def test_verdicts_are_by_behavior_and_of_people() -> None:
    assert labels_in(verdicts={"refusal": "present"}) == (
        Label(name="refusal", value="present", by="human"),
    )


def test_feedback_may_be_one_value() -> None:
    assert labels_in(feedback=-1) == (Label(name="feedback", value=-1, by="human"),)


def test_who_gave_a_label_is_known_only_where_it_says_so() -> None:
    listed = [
        {"name": "rude", "value": True, "by": "ana", "message": 3},
        {"key": "score", "score": 2},
    ]

    assert labels_in(labels={"judge": "yes"}) == (Label(name="judge", value="yes"),)
    assert labels_in(labels=listed) == (
        Label(name="rude", value=True, message=3, by="ana"),
        Label(name="score", value=2),
    )


def test_a_list_of_names_says_what_was_found() -> None:
    assert labels_in(labels=["rude"]) == (Label(name="rude", value=True),)


def test_comments_and_other_shapes_are_no_labels() -> None:
    odd = [None, 7, {"name": "x"}, {"value": {"a": 1}}, "y" * 999]

    assert labels_in(labels=odd, feedback={"comment": "z" * 999, "more": {}}) == ()
