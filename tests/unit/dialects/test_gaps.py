"""What a record does not hold."""

from foretaste.dialects.gaps import gaps_of
from foretaste.records import Gap, Message, ToolCall


def test_tool_schemas_are_missed_only_where_tools_were_called() -> None:
    asked = Message(role="system", content="")
    call = ToolCall(id="1", name="f", arguments="")
    called = Message(role="assistant", content="", tool_calls=(call,))

    assert gaps_of([asked], has={Gap.TOOLS: ()}) == ()
    assert gaps_of([asked, called], has={Gap.TOOLS: ()}) == (Gap.TOOLS,)
