import pytest
from msgspec import structs

from foretaste.adapters.simulators.effects import Effects
from foretaste.adapters.simulators.production import (
    Experience,
    Failed,
    is_passing,
    learn,
    reads_as_error,
)
from foretaste.records import Dialogue, Message, ScrubbedConversation, ToolCall
from foretaste.stats.proportion import wilson
from stories.airline import needed, trajectories
from unit.adapters.simulators.asking import call, calling, result
from unit.rows import said, user

PASSING = [
    "Error: 503 Service Unavailable",
    "HTTP/1.1 429 Too Many Requests",
    '{"error": {"code": 503, "message": "overloaded"}}',
    '{"status": "error", "message": "Gateway Timeout"}',
    "TimeoutError: read timed out",
    "HTTPSConnectionPool(host='a', port=443): Read timed out.",
    "Traceback (most recent call last):\n  File x\nTimeoutError",
    "MCP error -32001: Request timed out",
    "Rate limit exceeded, retry after 20s",
    "requests.exceptions.ConnectionError: ('Connection aborted.')",
]
LASTING = [
    "Error: order 500 not found",
    "Error 404",
    '{"error": "invalid date"}',
    "Error: timeout must be positive",
    '{"success": false, "message": "permission denied"}',
]
CONTENT = [
    "500 flights found",
    "The timeout of the server can be set",
    '{"items": ["HTTP 503", "timeout"], "error": null}',
    "No errors",
    '{"broken',
    "",
]


@pytest.mark.parametrize("content", PASSING)
def test_timeouts_overload_and_broken_lines_pass(content: str) -> None:
    assert reads_as_error(content)
    assert is_passing(content)


@pytest.mark.parametrize("content", LASTING)
def test_what_speaks_of_the_state_or_the_arguments_does_not(content: str) -> None:
    assert reads_as_error(content)
    assert is_passing(content) is False


@pytest.mark.parametrize("content", CONTENT)
def test_content_about_errors_is_no_error(content: str) -> None:
    assert not reads_as_error(content)


def talk(*did: tuple[ToolCall, str, float | None]) -> ScrubbedConversation:
    """A conversation of one turn in which these calls got these results, after these seconds."""
    messages: list[Message] = [user("Go on.")]
    for number, (asked, content, seconds) in enumerate(did):
        own = structs.replace(asked, id=str(number))
        messages += (calling(own), structs.replace(result(own, content), seconds=seconds))
    return ScrubbedConversation(
        parent=repr(did), dialogue=Dialogue(messages=(*messages, said("Done.")))
    )


EMMA = call("get_book", title="Emma")


def test_share_texts_and_times_are_counted_by_tool() -> None:
    corpus = [
        talk((EMMA, "2 copies", 0.5), (EMMA, "Error: 503 Service Unavailable", 30.0)),
        talk((EMMA, "2 copies", 1.5), (call("lend", title="Emma"), "lent", None)),
    ]

    found = learn(corpus)

    assert set(found) == {"get_book", "lend"}
    assert found["get_book"].calls == 3
    assert found["get_book"].failures == [Failed("Error: 503 Service Unavailable", 30.0)]
    assert found["get_book"].share == 1 / 3
    assert found["get_book"].interval() == wilson(1, 3)
    assert found["get_book"].quantiles(0, 0.5, 1) == (0.5, 1.0, 1.5)
    assert found["lend"].quantiles(0.5) == ()
    assert found["lend"].latency("lend", 1) is None


def test_an_unclear_error_counts_where_the_same_read_succeeded_elsewhere() -> None:
    again = call("get_book", '{ "title":"Emma"}')
    odd = talk((again, "Error: fetch failed", None), (call("lend", a="xyz"), "Error: oops", None))
    fine = talk((EMMA, "2 copies", None), (call("lend", a="xyz"), "lent", None))

    assert [len(each.failures) for each in learn([odd]).values()] == [0, 0]
    assert [len(each.failures) for each in learn([odd, fine]).values()] == [1, 0]
    # A write that failed may have met another state.
    effects = Effects(reads=("lend",))
    assert [len(each.failures) for each in learn([odd, fine], effects).values()] == [1, 1]


def test_an_error_of_the_state_is_no_failure_although_the_same_call_succeeded() -> None:
    found = learn([talk((EMMA, "Error: not found", 0.1)), talk((EMMA, "2 copies", 0.2))])

    assert found["get_book"].failures == []
    assert sorted(found["get_book"].seconds) == [0.1, 0.2]


def test_a_call_without_a_result_does_not_count() -> None:
    messages = (user(), calling(EMMA), said("Well."))
    open_call = ScrubbedConversation(parent="open", dialogue=Dialogue(messages=messages))

    assert learn([open_call]) == {}


def test_latencies_are_drawn_as_they_were_and_the_same_for_the_same_seed() -> None:
    own = Experience(calls=4)
    own.seconds.extend([1.0, 1.0, 1.0, 9.0])

    drawn = [own.latency("get_book", seed) for seed in range(4000)]

    assert drawn == [own.latency("get_book", seed) for seed in range(4000)]
    assert abs(drawn.count(9.0) / 4000 - 0.25) < 4 * (0.25 * 0.75 / 4000) ** 0.5


@needed
def test_none_of_the_airline_s_67_errors_is_taken_for_a_failure_in_passing() -> None:
    corpus = [
        ScrubbedConversation(parent=each.id, dialogue=Dialogue(messages=each.messages))
        for each in trajectories()
    ]
    errors = [
        message.content
        for each in corpus
        for message in each.dialogue.messages
        if message.role == "tool" and reads_as_error(message.content)
    ]

    found = learn(corpus)

    assert len(errors) == 67
    assert sum(each.calls for each in found.values()) == 810
    assert sum(len(each.failures) for each in found.values()) == 0
