"""What waits to be sent to a browser: the newest state only, but every word that was said."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]

_GATHERED = ("says", "done")


class Outbox:
    """`put` from any thread; `pump` sends in the event loop's.

    A slow connection skips states, it does not fall behind: what was said or done in the skipped ones is
    carried along.  While no browser is there, words go stale and are dropped.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._state: Message | None = None
        self._others: dict[str, Message] = {}
        self._filled = asyncio.Event()

    def put_state(self, state: Message) -> None:
        """Replace the waiting state."""
        self._loop.call_soon_threadsafe(self._accept_state, state)

    def put(self, message: Message) -> None:
        """Add a message; of each type the newest is sent, for it says all that the ones before it said."""
        self._loop.call_soon_threadsafe(self._accept, message)

    def forget(self) -> None:
        """Drop what waits: the browser it was meant for is gone."""
        self._state = None
        self._others.clear()
        self._filled.clear()

    async def pump(self, send: Callable[[Message], Awaitable[None]]) -> None:
        """Send what comes, until cancelled or a message of the type "over" was sent."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            waiting = [*([self._state] if self._state is not None else []), *self._others.values()]
            self._state, self._others = None, {}
            for message in waiting:
                await send(message)
                if message["type"] == "over":
                    return

    def _accept_state(self, state: Message) -> None:
        if self._state is not None:
            for name in _GATHERED:
                state = {**state, name: [*self._state.get(name, []), *state.get(name, [])]}
        self._state = state
        self._filled.set()

    def _accept(self, message: Message) -> None:
        self._others[message["type"]] = message
        self._filled.set()
