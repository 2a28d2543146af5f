"""Enters the parts of a simulator that hold something open."""

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack


async def entered(parts: Iterable[object]) -> AsyncExitStack:
    """Enter those parts that are asynchronous context managers; closing the stack leaves them.

    Where one cannot be entered, those before it are left again.
    """
    async with AsyncExitStack() as stack:
        for part in parts:
            if isinstance(part, AbstractAsyncContextManager):
                await stack.enter_async_context(part)
        return stack.pop_all()
