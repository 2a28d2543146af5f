"""A comparison as `foretaste diff` would find it: every kind of answer that a page must show."""

from foretaste.pairs import Common, Comparison, Flag, FlagKind, Noise, SideBySide
from foretaste.records import Failure, Lane, Message, Prefix, Rollout, Stop, ToolCall
from unit.report.dialogues import HOSTILE

OFFER = (
    "Dear Ms. Okafor,\n\nthank you for your order of 12 desks. We deliver on 3 March. "
    "Please note: returns are free within 30 days.\n\nKind regards"
)
NEW_OFFER = (
    "Dear Ms. Okafor,\n\nthank you for your order of 12 desks for Brightwater Holdings. "
    "We deliver on 3 March. See https://desks.example/terms for the terms.\n\nKind regards"
)


def said(
    text: str,
    lane: Lane,
    parent: str,
    calls: tuple[ToolCall, ...] = (),
    stop: Stop = Stop.FINAL,
) -> Rollout:
    """An answer, after the tool calls where there are any."""
    messages: tuple[Message, ...] = ()
    if calls:
        results = (
            Message(role="tool", content=f"result of {each.name}", tool_call_id=each.id)
            for each in calls
        )
        messages = (Message(role="assistant", content="I look.", tool_calls=calls), *results)
    if text or not calls:
        messages += (Message(role="assistant", content=text),)
    return Rollout(parent=parent, lane=lane, messages=messages, stop=stop)


def turn(
    number: int,
    question: str,
    old: str,
    new: str | None,
    *flags: Flag,
    again: str | None = None,
    calls: tuple[tuple[ToolCall, ...], tuple[ToolCall, ...]] = ((), ()),
) -> SideBySide:
    """One turn; `calls` of the old and of the new model."""
    prefix = Prefix(
        parent=f"{number:032x}",
        turn=2,
        turns=3,
        user="user-1",
        messages=(
            Message(role="system", content="You write for a furniture shop."),
            Message(role="user", content=question),
        ),
        recorded=(Message(role="assistant", content=old),),
    )
    return SideBySide(
        prefix=prefix,
        recorded=said(old, Lane.RECORDED, prefix.id, calls[0]),
        again=None if again is None else said(again, Lane.INCUMBENT, prefix.id),
        new=None if new is None else said(new, Lane.CANDIDATE, prefix.id, calls[1]),
        flags=flags,
        distance=None if new is None else 0.62,
        own=None if again is None else 0.2,
        source=f"today.jsonl, line {number}",
    )


def call(name: str, arguments: str = '{"path": "a.txt"}') -> ToolCall:
    """A tool call."""
    return ToolCall(id=f"call-{name}", name=name, arguments=arguments)


def comparison() -> Comparison:
    """Nine turns, the old model replayed."""
    name = Flag(
        kind=FlagKind.NAME,
        says="Names Brightwater Holdings, who is in neither the question nor the record.",
        quote="Brightwater Holdings",
        noise=False,
    )
    link = Flag(
        kind=FlagKind.LINK,
        says="Gives a link that nobody mentioned.",
        quote="https://desks.example/terms",
        noise=False,
    )
    dropped = Flag(
        kind=FlagKind.DROPPED,
        says="Leaves out a sentence that the old answers carry.",
        quote="Please note: returns are free within 30 days.",
        noise=True,
    )
    tool = Flag(kind=FlagKind.TOOL, says="Calls delete_file, a tool the old answer does not call.")
    refusal = Flag(kind=FlagKind.REFUSAL, says="Refuses, where the old model answers.")
    bad = Flag(kind=FlagKind.TONE, says=HOSTILE, quote=HOSTILE)
    shown = (
        turn(
            1,
            "Write the order confirmation.",
            OFFER,
            NEW_OFFER,
            name,
            link,
            dropped,
            again=OFFER.replace("thank you", "many thanks"),
        ),
        turn(
            2,
            "Tidy up the folder.",
            "Done: two files moved.",
            "Done: two files removed.",
            tool,
            again="Done: two files moved.",
            calls=((call("read_file"),), (call("read_file"), call("delete_file"))),
        ),
        turn(3, "اكتب رسالة قصيرة", "مرحبا، هذه رسالة قصيرة لجاري.", "مرحبا، هذه رسالة لجاري."),
        turn(4, HOSTILE, HOSTILE, f"{HOSTILE} and more", bad),
        turn(5, "Write it all.", "word " * 40_000, "w" * 200_000),
        turn(6, "Anything?", "Yes, a good deal.", ""),
        turn(7, "Read the file.", "It says so.", "", tool, calls=((), (call("delete_file"),))),
        turn(8, "And this?", "It is 12.", None),
        turn(9, "Could you help my landlord?", "Of course, here is a letter.", "No.", refusal),
    )
    return Comparison(
        log="~/.claude/projects",
        old="model-1",
        new="model-2",
        pairs=shown,
        common=(
            Common(kind=FlagKind.NAME, says="Names a firm nobody named.", count=3, own=0, of=8),
            Common(kind=FlagKind.LENGTH, says="Is much shorter.", count=2, own=None, of=8),
        ),
        noise=Noise(pairs=8, new=0.62, own=0.2, lower=0.3, upper=0.5, p=0.004, larger=True),
        failures=(
            Failure(
                stage="replay",
                item=shown[7].prefix.id,
                reason="the server did not answer within 60 s",
                lane=Lane.CANDIDATE,
            ),
        ),
        path="runs/diff-1",
        notes=("The log lacks tool schemas: tools were not offered to the models.",),
    )
