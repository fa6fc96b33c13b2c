"""The live connection: a browser's pictures in, states and words out.  See docs/web.md for the protocol."""

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Literal

from fastapi import WebSocket
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.websockets import WebSocketDisconnect, WebSocketState

from coach.errors import CoachError
from coach.exercise.rom.protocol import PROTOCOLS, ProtocolId
from coach.exercise.runner import SideChoice
from coach.jobs.recorded import OpenDetector
from coach.live.plan import COUNTDOWN_S, REST_S, Plan
from coach.output.rom.wording import explain
from coach.web.frames import BadFrameError, decode_frame, parse_frame
from coach.web.outbox import Message
from coach.web.runs import CoachRun, MeasureRun, Run
from coach.web.settings import Settings

POLICY_VIOLATION: Final = 1008
TRY_AGAIN_LATER: Final = 1013

_LAST_WORDS_S: Final = 5.0
_WATCH_S: Final = 0.2
_SWEEP_S: Final = 2.0

Ending = Literal["gone", "stop"]


class Hello(BaseModel):
    """The first message: what is wanted, or which session to go on with.

    clock   names the browser's clock: pages loaded anew have another one
    resume  the token of a session to go on with
    """

    model_config = ConfigDict(extra="forbid")

    mode: Literal["coach", "measure"]
    clock: str = Field(min_length=1, max_length=64)
    exercise: str = Field(default="", max_length=100)
    protocol: ProtocolId = "seated"
    side: SideChoice = "auto"
    reps: int | None = Field(default=None, ge=1, le=1000)
    sets: int | None = Field(default=None, ge=1, le=100)
    rest_s: float = Field(default=REST_S, ge=0, le=3600)
    countdown_s: float = Field(default=COUNTDOWN_S, ge=0, le=60)
    resume: str | None = Field(default=None, max_length=100)
    takeover: bool = False


class RefusedError(Exception):
    """A connection that is not let in; the code is for the page, the sentence for the person."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Seat:
    """One connection's hold on the session: asked to leave, and has left."""

    kicked: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)


class Rate:
    """Whether something comes more than `most` times within a second."""

    def __init__(self, most: int) -> None:
        self._times_s: deque[float] = deque(maxlen=most)

    def exceeded(self, now_s: float) -> bool:
        """Count one more."""
        full = len(self._times_s) == self._times_s.maxlen
        fast = full and now_s - self._times_s[0] < 1.0
        self._times_s.append(now_s)
        return fast


class Desk:
    """Holds the one session that runs, lets browsers in and out of it, and ends it when nobody returns."""

    def __init__(self, settings: Settings, open_detector: OpenDetector) -> None:
        self._settings = settings
        self._open_detector = open_detector
        self._run: Run | None = None
        self._seat: _Seat | None = None
        self._left_s = 0.0
        self._sockets = 0
        self._lock = asyncio.Lock()

    @property
    def busy(self) -> bool:
        """Whether somebody is in front of a camera now."""
        return self._seat is not None

    async def sweep(self) -> None:
        """Ends sessions whose browser does not come back; runs until cancelled."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            waited_s = time.monotonic() - self._left_s
            if self._run is not None and self._seat is None and waited_s > self._settings.limits.kept_s:
                await self.close()

    async def close(self) -> None:
        """End whatever runs."""
        async with self._lock:
            await self._conclude("ended")

    async def serve(self, socket: WebSocket) -> None:
        """One connection, from its greeting to its end."""
        await socket.accept()
        if self._sockets >= self._settings.limits.sockets:
            await socket.close(TRY_AGAIN_LATER, "Too many connections.")
            return
        self._sockets += 1
        try:
            hello = await self._greet(socket)
            seat = _Seat()
            try:
                run = await self._admit(hello, socket, seat)
                await self._attend(socket, run, hello.clock, seat)
            finally:
                self._leave(seat)
        except RefusedError as refused:
            await _send(socket, {"type": "refused", "code": refused.code, "words": str(refused)})
        except (WebSocketDisconnect, TimeoutError):
            pass
        finally:
            self._sockets -= 1
            if socket.application_state == WebSocketState.CONNECTED:
                await _close(socket)

    # -- coming

    async def _greet(self, socket: WebSocket) -> Hello:
        message = await asyncio.wait_for(socket.receive(), self._settings.limits.stall_s)
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1006))
        text = message.get("text")
        if text is None or len(text) > self._settings.limits.text_bytes:
            raise RefusedError("bad-hello", "Expected a greeting of the coach page.")
        try:
            return Hello.model_validate_json(text)
        except ValidationError as error:
            raise RefusedError("bad-hello", "This greeting is not one of the coach page.") from error

    async def _admit(self, hello: Hello, socket: WebSocket, seat: _Seat) -> Run:
        async with self._lock:
            run = self._find(hello)
            if run is not None:
                await self._clear_seat()
            else:
                if self._run is not None and self._seat is not None and not hello.takeover:
                    raise RefusedError("busy", "A session is running in another tab or window.")
                make = self._prepare(hello)
                await self._conclude("taken-over")
                await _send(socket, {"type": "loading"})
                run = self._run = await _start(make)
            self._seat = seat
            run.outbox.forget()
            run.source.connect()
            resumed = hello.resume is not None
            await _send(socket, {"type": "welcome", "token": run.token, "resumed": resumed})
            return run

    def _find(self, hello: Hello) -> Run | None:
        """The session to go on with."""
        if hello.resume is None:
            return None
        run = self._run
        if run is None or run.over or not secrets.compare_digest(run.token.encode(), hello.resume.encode()):
            raise RefusedError("gone", "That session has ended.")
        return run

    def _prepare(self, hello: Hello) -> Callable[[], Run]:
        """What makes the session that is wanted."""
        loop = asyncio.get_running_loop()
        if hello.mode == "measure":
            withheld = PROTOCOLS[hello.protocol].withheld
            if withheld is not None:
                raise RefusedError("not-measurable", explain(withheld))
            return partial(MeasureRun, self._settings, self._open_detector, loop, hello.protocol)
        spec = self._settings.specs.get(hello.exercise)
        if spec is None:
            raise RefusedError("bad-hello", "There is no such exercise.")
        plan = Plan(
            hello.reps or spec.target_reps,
            hello.sets or spec.target_sets,
            hello.rest_s,
            hello.countdown_s,
            hello.side,
        )
        return partial(CoachRun, self._settings, self._open_detector, loop, spec, plan)

    # -- being there

    async def _clear_seat(self) -> None:
        """The browser came back over a new connection before the old one was known to be dead."""
        if self._seat is not None:
            self._seat.kicked.set()
            await self._seat.left.wait()

    async def _attend(self, socket: WebSocket, run: Run, clock: str, seat: _Seat) -> None:
        pump = asyncio.create_task(run.outbox.pump(partial(_send, socket)))
        read = asyncio.create_task(self._read(socket, run, clock))
        watch = asyncio.create_task(_watch(run))
        kick = asyncio.create_task(seat.kicked.wait())
        tasks = (pump, read, watch, kick)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            stopped = read.done() and not read.cancelled() and read.exception() is None
            if watch.done() or (stopped and read.result() == "stop"):
                async with self._lock:
                    if self._run is run:
                        await self._conclude("ended")
                await asyncio.wait({pump}, timeout=_LAST_WORDS_S)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, socket: WebSocket, run: Run, clock: str) -> Ending:
        bad, commands = 0, Rate(self._settings.limits.commands)
        while bad <= self._settings.limits.bad_frames:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return "gone"
            text, data = message.get("text"), message.get("bytes")
            if text is not None:
                if commands.exceeded(time.monotonic()):
                    break
                if self._obey(text, run):
                    return "stop"
                continue
            try:
                await self._take(data or b"", run, clock)
                bad = 0
            except BadFrameError as error:
                bad += 1
                run.outbox.put({"type": "bad-frame", "seq": error.seq, "words": str(error)})
        await _close(socket, POLICY_VIOLATION, "Too many unreadable pictures or commands.")
        return "gone"

    async def _take(self, data: bytes, run: Run, clock: str) -> None:
        limits, taken_s = self._settings.limits, time.monotonic()
        frame = parse_frame(data, limits)
        image = await asyncio.to_thread(decode_frame, frame, limits)
        if not run.source.put(clock, frame.seq, frame.time_s, image, taken_s):
            run.outbox.put({"type": "ack", "seq": frame.seq})

    def _obey(self, text: str, run: Run) -> bool:
        """Carry out a command; whether it is the one to stop.  What is no command is passed over."""
        try:
            name = json.loads(text[: self._settings.limits.text_bytes]).get("type")
        except (ValueError, AttributeError, RecursionError):
            return False
        if name == "stop":
            return True
        if isinstance(name, str):
            run.command(name)
        return False

    # -- going

    def _leave(self, seat: _Seat) -> None:
        seat.left.set()
        if self._seat is not seat:
            return
        self._seat = None
        self._left_s = time.monotonic()
        if self._run is not None:
            self._run.source.disconnect()

    async def _conclude(self, reason: str) -> None:
        """End the running session, telling its browser; the lock is held."""
        run, self._run = self._run, None
        if run is None:
            return
        message = await asyncio.to_thread(run.conclude)
        if reason != "ended":
            message["reason"] = reason
        run.outbox.put(message)


async def _start(make: Callable[[], Run]) -> Run:
    try:
        return await asyncio.to_thread(make)
    except CoachError as error:
        raise RefusedError("error", str(error)) from error


async def _watch(run: Run) -> None:
    """Returns once it has ended by itself."""
    while not run.over:
        await asyncio.sleep(_WATCH_S)


async def _send(socket: WebSocket, message: Message) -> None:
    text = json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    await socket.send_text(text)


async def _close(socket: WebSocket, code: int = 1000, reason: str = "") -> None:
    try:
        await socket.close(code, reason)
    except (RuntimeError, WebSocketDisconnect):  # it was closed from the other side meanwhile
        return
