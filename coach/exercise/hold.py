"""Times a hold: starts when the leg has settled in its phase, pauses when it slips, never resets."""

from dataclasses import dataclass
from math import isnan, nan

from coach.body.landmarks import Side
from coach.exercise.events import Hold
from coach.exercise.spec import HoldSpec

GIVE_UP_S = 3.0
"""A leg that has been out of the phase for this long has ended the hold."""


@dataclass(slots=True)
class _Running:
    start_s: float
    last_on_s: float
    held_s: float = 0.0


class HoldClock:
    """The hold of one leg.  `update` says at each instant whether the leg is in the phase."""

    def __init__(self, spec: HoldSpec, side: Side, bridge_s: float) -> None:
        self._spec = spec
        self._side = side
        self._bridge_s = bridge_s
        self._entered_s = nan
        self._previous_s = nan
        self._was_on = False
        self._running: _Running | None = None

    @property
    def held_s(self) -> float:
        """Seconds held so far in the hold under way, 0 when there is none."""
        return self._running.held_s if self._running else 0.0

    def update(self, time_s: float, in_phase: bool | None) -> list[Hold]:
        """Take one instant; `in_phase` is None when the leg is not seen.  Returns a hold that just ended.

        A gap in sight of up to the bridge time counts on, if the leg is in the phase on both sides of it;
        a longer one pauses the clock.
        """
        if in_phase is None:
            return self._end_if_given_up(time_s)
        step_s = time_s - self._previous_s
        bridged = self._was_on and not isnan(step_s) and step_s <= self._bridge_s
        if in_phase and not bridged and self._running is None:
            self._entered_s = time_s
        if in_phase:
            self._hold_on(time_s, step_s if bridged else 0.0)
        self._previous_s, self._was_on = time_s, in_phase
        return [] if in_phase else self._end_if_given_up(time_s)

    def finish(self) -> list[Hold]:
        """The session is over: the hold under way, if any."""
        ended = [self._close()] if self._running else []
        self._was_on, self._previous_s = False, nan
        return ended

    def _hold_on(self, time_s: float, step_s: float) -> None:
        if self._running is None:
            if time_s - self._entered_s >= self._spec.settle_s:
                self._running = _Running(time_s, time_s)
            return
        self._running.held_s += step_s
        self._running.last_on_s = time_s

    def _end_if_given_up(self, time_s: float) -> list[Hold]:
        if self._running and time_s - self._running.last_on_s > GIVE_UP_S:
            return [self._close()]
        return []

    def _close(self) -> Hold:
        assert self._running is not None
        run, self._running = self._running, None
        target_s = self._spec.target_s
        return Hold(self._side, run.start_s, run.last_on_s, run.held_s, target_s, run.held_s >= target_s)
