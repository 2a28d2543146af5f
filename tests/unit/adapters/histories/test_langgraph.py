"""A real graph with a checkpointer and a chat model that says what it is told to."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    convert_to_openai_messages,
)
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

import foretaste
from foretaste.adapters.histories.langgraph import LangGraph
from foretaste.dialects import openai
from foretaste.dialects.said import Unreadable
from foretaste.protocols import Request
from foretaste.records import Gap, Message

USE = "foretaste.adapters.histories.langgraph:LangGraph"
CONFIG: RunnableConfig = {"configurable": {"thread_id": "one"}}
SYSTEM = SystemMessage("Be brief.")


@tool
def weather(city: str) -> str:
    """What the sky does."""
    if city == "Nowhere":
        raise ValueError("bad luck")
    return f"rain in {city}"


class Scripted(BaseChatModel):
    said: list[AIMessage]
    heard: list[list[BaseMessage]]

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        self.heard.append(messages)
        return ChatResult(generations=[ChatGeneration(message=self.said.pop(0))])


def calls(*cities: str) -> AIMessage:
    made = [{"name": "weather", "args": {"city": c}, "id": c, "type": "tool_call"} for c in cities]
    return AIMessage("", tool_calls=made)


def str_of(error: Exception) -> str:
    return str(error)


def graph_of(model: Scripted, saver: Any) -> Any:
    def agent(state: MessagesState) -> dict[str, Any]:
        return {"messages": [model.invoke([SYSTEM, *state["messages"]])]}

    graph = StateGraph(MessagesState)
    graph.add_node("agent", agent)
    graph.add_node("tools", ToolNode([weather], handle_tool_errors=str_of))
    graph.add_edge(START, "agent")
    graph.add_conditional_edges("agent", tools_condition)
    graph.add_edge("tools", "agent")
    return graph.compile(checkpointer=saver)


def scripted() -> Scripted:
    said = [AIMessage("Hi."), calls("Paris", "Nowhere"), AIMessage("Rain in Paris.")]
    return Scripted(said=said, heard=[])


def talked(saver: Any, model: Scripted) -> Any:
    graph = graph_of(model, saver)
    graph.invoke({"messages": [HumanMessage("Hello")]}, CONFIG)
    graph.invoke({"messages": [HumanMessage("The weather?")]}, CONFIG)
    return graph


def as_sent(messages: list[BaseMessage]) -> list[Any]:
    return comparable(openai.said(convert_to_openai_messages(messages)).messages)


def comparable(messages: tuple[Message, ...]) -> list[Any]:
    return [
        (m.role, m.content, [(c.id, c.name) for c in m.tool_calls], m.tool_call_id)
        for m in messages
    ]


def test_a_replay_asks_what_the_graph_asked(tmp_path: Path) -> None:
    model = scripted()
    seen: list[Request] = []

    async def next_model(request: Request) -> Message:
        seen.append(request)
        again = openai.said(convert_to_openai_messages([calls("Paris", "Nowhere")])).messages[0]
        return again if len(seen) % 2 else Message(role="assistant", content="Wet.")

    with SqliteSaver.from_conn_string(str(tmp_path / "graph.db")) as saver:
        graph = talked(saver, model)
        snapshot = graph.get_state(CONFIG)
        histories = [
            (saver, CONFIG),
            snapshot,
            snapshot.values,
            snapshot.values["messages"],
            saver.get_tuple(CONFIG),
        ]
        for history in histories:
            seen.clear()
            again = foretaste.replay(history, model=next_model, system="Be brief.", use=USE)

            assert comparable(seen[0].messages) == as_sent(model.heard[1])
            told = comparable(seen[1].messages)
            assert told[:-1] == as_sent(model.heard[2])[:-1]
            assert "bad luck" in told[-1][1]
            assert again.text == "Wet."
            assert again.recorded is not None
            assert again.recorded.text == "Rain in Paris."
            assert again.gaps == (Gap.TOOLS, Gap.SETTINGS, Gap.MODEL)


def test_functions_stand_in_for_tools() -> None:
    history = talked(InMemorySaver(), scripted()).get_state(CONFIG)
    made = [{"name": "weather", "arguments": {"city": "Paris"}}]
    script = {"use": "scripted", "replies": [{"when": "weather", "calls": made}]}

    tools = {"weather": lambda city: f"snow in {city}"}
    again = foretaste.replay(history, model=script, tools=tools, use=USE)

    assert again.messages[1].content == "snow in Paris"


def test_an_asynchronous_checkpointer_is_awaited(tmp_path: Path) -> None:
    async def run() -> None:
        async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "graph.db")) as saver:
            graph = graph_of(Scripted(said=[AIMessage("Hi.")], heard=[]), saver)
            await graph.ainvoke({"messages": [HumanMessage("Hello")]}, CONFIG)

            found = await LangGraph()((saver, CONFIG))

            assert found is not None
            assert [m.content for m in found.dialogue.messages] == ["Hello", "Hi."]

    asyncio.run(run())


def test_a_thread_that_is_not_there_is_refused() -> None:
    with pytest.raises(Unreadable, match="no such thread"):
        asyncio.run(LangGraph()((InMemorySaver(), CONFIG)))


def test_messages_may_stand_in_another_channel() -> None:
    state = {"chat": [HumanMessage("Hello")], "messages": []}

    assert asyncio.run(LangGraph()(state)) is None
    found = asyncio.run(LangGraph(key="chat")(state))
    assert found is not None
    assert found.dialogue.messages == (Message(role="user", content="Hello"),)


def test_reasoning_is_kept_and_a_picture_is_a_gap() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:"}}
    thought = AIMessage(
        [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "A cat."}]
    )
    messages = [HumanMessage([{"type": "text", "text": "What is it?"}, picture]), thought]

    found = asyncio.run(LangGraph()(messages))

    assert found is not None
    assert found.dialogue.messages[1].reasoning == "Hm."
    assert Gap.ATTACHMENTS in found.dialogue.gaps
