"""Times a hold: starts when the leg has arrived in its phase, pauses when it slips, never resets.

While it runs, the clock can only know that the leg is in its phase and no longer on the way out.  When the
hold is over the level is known, and the way into it and out of it is taken off again.
"""

from dataclasses import dataclass
from itertools import takewhile
from math import isnan, nan
from statistics import median

from coach.body.landmarks import Side
from coach.body.spans import lasts, outlasts
from coach.exercise.events import Hold
from coach.exercise.series import fit_way
from coach.exercise.spec import HoldSpec

GIVE_UP_S = 3.0
"""A leg that has been out of the phase for this long has ended the hold."""

ARRIVED_SHARE = 0.12
"""A leg that moves by less than this share of its change during the settling time has arrived."""

NEARLY_SHARE, HELD_SHARE = 0.85, 0.96
"""Of the hold's own level: the first is nearly in the hold, and what follows (or precedes) it for `EDGE_S`
tells the level there, as a long hold may sink; a leg beyond the second share of that is in the hold."""

EDGE_S = 1.5

_LOOK_BACK_S = 3.0  # how long before it is in its phase a leg may have set out
_WAY_SHARES = (0.4, 0.5, 0.6, 0.7)  # of the time of the way in: when it ends is extrapolated from there
_UNSEEN_SHARE = 0.3  # of the level: a leg that is in the hold one sample after it was lower came unseen

EXACT_S = 0.5
"""A hold is known to this: one whose clock reached the target is complete if it is no shorter by more."""

SLIPPED_SHARE = 0.6
"""Of the mean level so far: a leg that is lower than this is not held, though still in its phase."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A stretch between two samples in the phase: when it ended, how long it counted, where the leg was."""

    time_s: float
    length_s: float
    level: float


@dataclass(slots=True)
class _Running:
    last_on_s: float
    held_s: float
    steps: list[_Step]
    mean_level: float


class HoldClock:
    """The hold of one leg.  `update` takes the change of its measure from the start pose."""

    def __init__(self, spec: HoldSpec, side: Side, bridge_s: float) -> None:
        self._spec = spec
        self._side = side
        self._bridge_s = bridge_s
        self._previous_s = nan
        self._was_on = False
        self._entering: list[_Step] = []
        self._running: _Running | None = None
        self._seen: list[tuple[float, float]] = []  # when, and how far out: since before the phase

    @property
    def held_s(self) -> float:
        """Seconds held so far in the hold under way, 0 when there is none."""
        return self._running.held_s if self._running else 0.0

    def update(self, time_s: float, level: float | None, *, in_phase: bool) -> list[Hold]:
        """Take one instant; `level` is how far the leg is out, to either side, None when it is not seen.

        Returns a hold that just ended.  A gap in sight of up to the bridge time counts on, if the leg is in
        the phase on both sides of it; a longer one pauses the clock.
        """
        if level is None:
            return self._end_if_given_up(time_s)
        self._remember(time_s, abs(level))
        in_phase = in_phase and not self._has_slipped(abs(level))
        step_s = time_s - self._previous_s
        bridged = self._was_on and not isnan(step_s) and not outlasts(step_s, self._bridge_s)
        if in_phase:
            self._hold_on(_Step(time_s, step_s if bridged else 0.0, abs(level)))
        elif self._running is None:
            self._entering = []
        self._previous_s, self._was_on = time_s, in_phase
        return [] if in_phase else self._end_if_given_up(time_s)

    def finish(self) -> list[Hold]:
        """The session is over: the hold under way, if any."""
        ended = [self._close()] if self._running else []
        self._was_on, self._previous_s = False, nan
        return ended

    def _remember(self, time_s: float, level: float) -> None:
        self._seen.append((time_s, level))
        while not self._entering and outlasts(time_s - self._seen[0][0], _LOOK_BACK_S):
            self._seen.pop(0)

    def _hold_on(self, step: _Step) -> None:
        if self._running is not None:
            self._running.held_s += step.length_s
            self._running.last_on_s = step.time_s
            self._running.steps.append(step)
            self._running.mean_level += (step.level - self._running.mean_level) / len(self._running.steps)
            return
        if step.length_s == 0.0:
            self._entering = []
        self._entering.append(step)
        if self._has_arrived():
            mean_level = sum(s.level for s in self._entering) / len(self._entering)
            self._running = _Running(step.time_s, self._spec.settle_s, self._entering, mean_level)

    def _has_slipped(self, level: float) -> bool:
        """Whether the leg is still in its phase, but far below where it was being held."""
        return self._running is not None and level < SLIPPED_SHARE * self._running.mean_level

    def _has_arrived(self) -> bool:
        """Whether the leg moved little in the settling time: all of that and no more, wherever frames lie."""
        since_s = self._entering[-1].time_s - self._spec.settle_s
        if not lasts(since_s - self._entering[0].time_s, 0.0):
            return False
        recent = list(takewhile(lambda s: s.time_s > since_s, reversed(self._entering)))
        levels = [s.level for s in recent]
        if len(recent) < len(self._entering):
            before, after = self._entering[-1 - len(recent)], recent[-1]
            share = (since_s - before.time_s) / (after.time_s - before.time_s)
            levels.append(before.level + share * (after.level - before.level))
        return max(levels) - min(levels) <= ARRIVED_SHARE * max(levels)

    def _end_if_given_up(self, time_s: float) -> list[Hold]:
        if self._running and outlasts(time_s - self._running.last_on_s, GIVE_UP_S):
            return [self._close()]
        return []

    def _close(self) -> Hold:
        assert self._running is not None
        run, self._running, self._entering = self._running, None, []
        start_s, end_s = _find_held(run.steps, self._seen)
        held_s = sum(max(0.0, min(s.time_s, end_s) - max(s.time_s - s.length_s, start_s)) for s in run.steps)
        target_s = self._spec.target_s
        clock_s = run.held_s if lasts(held_s, target_s - EXACT_S) else 0.0
        completed = lasts(max(held_s, clock_s), target_s)
        return Hold(self._side, start_s, end_s, held_s, target_s, completed)


def _find_held(steps: list[_Step], seen: list[tuple[float, float]]) -> tuple[float, float]:
    """When a hold begins and ends without the way in and out; `seen` goes on to both sides of it."""
    nearly = NEARLY_SHARE * median(s.level for s in steps)
    start_s = max(steps[0].time_s, _find_arrival(steps, seen, nearly))
    end_s = min(steps[-1].time_s, _find_arrival(steps[::-1], seen[::-1], nearly))
    return start_s, max(start_s, end_s)


def _find_arrival(steps: list[_Step], seen: list[tuple[float, float]], nearly: float) -> float:
    """When the limb is in the hold; `steps` and `seen` may go backwards in time.

    At the end of its way in; a limb that is at its level before that stops less gently, and midway is taken.
    Where the way in was not seen, no later rise is taken for it.
    """
    first_s = next(s.time_s for s in steps if s.level >= nearly)
    edge = [s.level for s in steps if s.level >= nearly and not outlasts(abs(s.time_s - first_s), EDGE_S)]
    level = median(edge)
    first = next(i for i, (time_s, _) in enumerate(seen) if time_s == first_s)
    held = next(i for i, (_, value) in enumerate(seen) if i >= first and value >= HELD_SHARE * level)
    reached_s = next(time_s for time_s, value in seen[held:] if value >= level)
    _, arrived_s = fit_way(seen[: held + 1], 0.0, level, _WAY_SHARES)
    if isnan(arrived_s) or seen[max(0, held - 1)][1] < _UNSEEN_SHARE * level:
        return seen[held][0]
    forward = seen[0] < seen[-1]
    early = reached_s < arrived_s if forward else reached_s > arrived_s
    return 0.5 * (arrived_s + reached_s) if early else arrived_s
