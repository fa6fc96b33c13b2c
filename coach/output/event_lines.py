"""A live session as lines on stdout: words for people without a screen, JSON lines for programs."""

import json
import math
from typing import Any

from coach.exercise.events import Event, Hold, Rep
from coach.live.state import Done, LiveState, Say
from coach.output.wording import degrees_text, fault_name, plain_name


class EventLines:
    """Turns states into lines; says each thing once."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._stage = ""

    def of(self, state: LiveState) -> list[str]:
        """The lines for one instant, mostly none."""
        lines = []
        said = {say.text for say in state.says}
        if state.stage != self._stage:
            self._stage = state.stage
            lines.append(self._stage_line(state, "" if state.prompt in said else state.prompt))
        lines += [self._say_line(say) for say in state.says]
        lines += [self._done_line(state.time_s, done) for done in state.done]
        return lines

    def say(self, say: Say) -> str:
        """A line for something said outside of any state."""
        return self._say_line(say)

    def _stage_line(self, state: LiveState, words: str) -> str:
        progress = state.progress
        if self._as_json:
            return _dump(
                state.time_s,
                "stage",
                stage=state.stage,
                set=progress.set_number,
                sets=progress.sets,
                side=progress.side,
                prompt=state.prompt,
            )
        return f"{state.time_s:7.1f}  [{state.stage}] {words}".rstrip()

    def _say_line(self, say: Say) -> str:
        if self._as_json:
            return _dump(say.time_s, "say", kind=say.kind, text=say.text)
        return f"{say.time_s:7.1f}  {say.text}"

    def _done_line(self, time_s: float, done: Done) -> str:
        if self._as_json:
            return _dump(time_s, type(done.event).__name__.lower(), set=done.set_number, **_plain(done.event))
        return f"{time_s:7.1f}  {_words(done.event)}"


def _dump(time_s: float, event: str, **values: Any) -> str:
    known = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}
    return json.dumps({"time_s": round(time_s, 3), "event": event, **known}, allow_nan=False)


def _plain(event: Event) -> dict[str, Any]:
    names = [name for name in type(event).__slots__ if name != "__weakref__"]
    return {
        name: round(value, 3) if isinstance(value := getattr(event, name), float) else value for name in names
    }


def _words(event: Event) -> str:
    if isinstance(event, Rep):
        faults = ", ".join(fault_name(fault) for fault in event.faults)
        counted = "counted" if event.valid else f"not counted ({faults})"
        return f"rep, {event.side} leg, peak {degrees_text(event.peak_deg, event.peak_sd_deg)}, {counted}"
    if isinstance(event, Hold):
        return f"hold, {event.side} leg, {event.held_s:.0f} of {event.target_s:.0f} s"
    return f"form: {plain_name(event.id)} ({event.cue})"
