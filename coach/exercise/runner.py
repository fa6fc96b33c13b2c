"""Runs one exercise: set-up, then a rep machine, a hold clock and form rules for each working leg."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf, isnan, nan
from typing import Literal

from coach.body.angles import wrap_deg
from coach.body.landmarks import SIDES, Side, other_side
from coach.body.pose import Pose
from coach.body.spans import lasts, outlasts
from coach.exercise.events import Event, Fault, Rep
from coach.exercise.excursion import Sample
from coach.exercise.form import Coach, FaultMonitor
from coach.exercise.hold import HoldClock
from coach.exercise.machine import LegMachine
from coach.exercise.past import RecentPast
from coach.exercise.setup import FIND_SIDE, Baseline, StartPose, broken_rule, compute_measures
from coach.exercise.spec import ExerciseSpec, FaultSpec
from coach.exercise.subject import SubjectLock
from coach.rotation.estimator import BodyMeasurement, measure_body

SideChoice = Literal["auto", "left", "right", "both"]

DISARM_S = 3.0
"""Somebody out of sight for this long has to take up the start pose again before anything counts."""

LEFT_POSE_S = 0.5
"""Somebody who breaks a rule that holds throughout for this long has left the exercise."""

REARM_S = 1.0
"""Who comes to rest elsewhere than in the start pose is taken to have moved it after this much more rest.

At once where no phase goes that way: what was taken for the start pose was part of the movement, as in
footage that begins in the middle of a repetition.
"""

DOMINANCE = 2.0
"""Where one leg works at a time, a leg moving this much less than the other one is not the working leg."""

_REPS_REMEMBERED = 8  # of the other leg: a small movement may go on for longer than several of its reps


@dataclass(frozen=True, slots=True)
class LegState:
    """One leg after an instant: see `coach.pipeline.SideTick`."""

    phase: str
    change: float
    rep_count: int
    held_s: float


@dataclass(frozen=True, slots=True)
class RunnerState:
    """All that is known after an instant; `armed` once the start pose has been seen.

    `start_cue` says what is missing for the start pose, None when nothing is (or nobody is seen).
    `somebody_else` is true where the pose is not that of the one who took up the start pose.
    """

    armed: bool
    start_cue: str | None
    legs: dict[Side, LegState]
    working: tuple[Side, ...]
    events: tuple[Event, ...]
    cue: str | None
    somebody_else: bool = False


@dataclass(slots=True)
class _Leg:
    machine: LegMachine
    monitor: FaultMonitor
    hold: HoldClock | None
    rep_count: int = 0
    held_phase: str = ""  # the latest phase that was entered
    change: float = nan
    done: deque[tuple[float, float, float]] = field(default_factory=lambda: deque(maxlen=_REPS_REMEMBERED))
    """Start, end and amplitude of the latest reps."""
    events: list[Event] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    """Those that wait for the repetition or hold that they are part of."""

    told_beyond: float = 0.0
    """By how much the driving measure's change was last told beyond that of what is followed instead."""

    reported_s: float = -inf
    """End of the latest rep or hold."""

    def report(self, events: Sequence[Event]) -> None:
        """Hand out what has been completed."""
        self.events += events
        ends = (event.end_s for event in events if not isinstance(event, Fault))
        self.reported_s = max(ends, default=self.reported_s)

    def report_faults(self, faults: Sequence[Fault], *, over: bool) -> None:
        """Hand out faults that are part of a repetition or hold, once that is; forget the others once `over`.

        What goes wrong in a movement that comes to nothing is not form: somebody gets up, or walks off.
        """
        self.faults += faults
        part = [f for f in self.faults if f.start_s < self.reported_s or f.id in self.monitor.also_at_rest]
        self.faults = [] if over else [f for f in self.faults if f not in part]
        self.report(part)

    def end(self) -> None:
        """Hand out what is under way."""
        self.report(self.hold.finish() if self.hold else [])
        self.report_faults(self.monitor.finish(), over=True)


class ExerciseRunner:
    """`update` takes one measured body and returns what the exercise makes of it.

    `trails_s`: by how much the bodies trail what the network saw, see `PoseSmoother`.
    """

    def __init__(self, spec: ExerciseSpec, side: SideChoice = "auto", trails_s: float = 0.0) -> None:
        self._spec = spec
        self._choice = side
        self._trails_s = trails_s
        self._start = StartPose(spec, _sides_to_watch(spec, side))
        self._baseline: Baseline | None = None
        self._legs = {s: self._new_leg(s) for s in SIDES}
        self._enabled: tuple[Side, ...] = ()
        self._coach = Coach()
        self._subject = SubjectLock()
        self._somebody_else = False
        self._last_seen_s = nan
        self._in_pose_s = nan
        self._still_since_s = nan
        self._start_cue: str | None = None
        self._past = RecentPast(spec)

    def update(self, body: BodyMeasurement) -> RunnerState:
        """Take the next instant."""
        for leg in self._legs.values():
            leg.events = []
        cue = None
        self._start_cue = None
        self._somebody_else = not self._subject.update(body.pose)
        if self._somebody_else:
            body = measure_body(Pose.missing(body.time_s), body.reading)
        self._past.add(body)
        if self._baseline is None:
            self._look_for_start(body)
        else:
            cue = self._run(body, self._baseline)
        return self._state(cue)

    def finish(self) -> tuple[Event, ...]:
        """The footage is over: what was still under way and has something to report."""
        for side in self._enabled:
            leg = self._legs[side]
            leg.events = []
            leg.report([rep for rep in leg.machine.finish() if self._accept(side, rep)])
            leg.end()
        return tuple(event for side in self._enabled for event in self._legs[side].events)

    def _new_leg(self, side: Side) -> _Leg:
        hold = HoldClock(self._spec.hold, side, self._spec.rep.bridge_s) if self._spec.hold else None
        return _Leg(LegMachine(self._spec, side, self._trails_s), FaultMonitor(self._spec, side), hold)

    def _look_for_start(self, body: BodyMeasurement) -> None:
        baseline = self._start.update(body)
        if baseline is not None:
            self._arm(baseline, body)
            self._catch_up(baseline, self._enabled)
        elif body.pose.seen:
            self._start_cue = self._start.missing

    def _catch_up(self, baseline: Baseline, sides: tuple[Side, ...]) -> None:
        """Count what these legs did before the start pose was known, from where nothing was reported yet."""
        for side in sides:
            leg, fresh = self._legs[side], self._new_leg(side)
            leg.machine.reset(baseline.noise[side], at_rest=False)
            leg.monitor, leg.hold, leg.faults, leg.told_beyond = fresh.monitor, fresh.hold, [], 0.0
        for body in self._past.recall(sides):
            values = compute_measures(body, self._spec.measures)
            for side in sides:
                if not body.time_s < self._legs[side].reported_s:
                    self._count(side, body, values[side], baseline.values[side])

    def _arm(self, baseline: Baseline, body: BodyMeasurement) -> None:
        self._baseline = baseline
        self._subject.take(body.pose)
        self._enabled = _sides_to_run(self._spec, self._choice, body)
        self._last_seen_s = self._in_pose_s = body.time_s
        self._still_since_s = nan
        for side in SIDES:
            self._legs[side].machine.reset(baseline.noise[side])
            self._legs[side].told_beyond = 0.0
        self._start.reset()

    def _disarm(self) -> None:
        self._baseline = None
        self._start.reset()
        for leg in self._legs.values():
            leg.machine.reset()
            leg.change = nan
            leg.end()

    def _run(self, body: BodyMeasurement, baseline: Baseline) -> str | None:
        values = compute_measures(body, self._spec.measures)
        active = []
        for side in self._enabled:
            active += self._count(side, body, values[side], baseline.values[side])
        self._watch_for_loss(body)
        return self._coach.update(body.time_s, active)

    def _count(
        self, side: Side, body: BodyMeasurement, values: dict[str, float], start: dict[str, float]
    ) -> list[FaultSpec]:
        """One leg at one instant: its machine, clock and monitor.  Returns the faults under way."""
        leg = self._legs[side]
        leg.change = self._find_change(leg, values, start)
        rotation = body.legs[side].rotation
        reps = leg.machine.update(Sample(body.time_s, leg.change, rotation.value_deg, rotation.sd_deg))
        phase = "ready" if self._goes_along(side) else leg.machine.phase
        faults = leg.monitor.update(body.time_s, phase, values, start)
        for fault in leg.monitor.active:
            leg.machine.note_fault(fault.id)
        leg.report([rep for rep in reps if self._accept(side, rep)])
        self._time_hold(leg, body.time_s, returned=any("range" not in rep.faults for rep in reps))
        leg.report_faults(faults, over=not leg.machine.moving)
        return leg.monitor.active

    def _find_change(self, leg: _Leg, values: dict[str, float], start: dict[str, float]) -> float:
        """Change of the driving measure from the start pose, NaN where it cannot be followed.

        Where it is not told, what is followed instead goes on from where it was told last.
        """
        told = wrap_deg(values[self._spec.measure] - start[self._spec.measure])
        instead = self._spec.measure_instead
        if instead is None:
            return told
        if isnan(told):
            return wrap_deg(values[instead] - start[instead]) + leg.told_beyond
        if not isnan(values[instead]):
            leg.told_beyond = told - wrap_deg(values[instead] - start[instead])
        return told

    def _time_hold(self, leg: _Leg, time_s: float, *, returned: bool) -> None:
        if leg.hold is None or self._spec.hold is None:
            return
        phase = leg.machine.phase
        if phase in leg.machine.phase_names:
            if leg.held_phase not in ("", phase):
                leg.report(leg.hold.finish())
            leg.held_phase = phase
        if returned:
            leg.report(leg.hold.finish())
        holds = phase in leg.machine.phase_names and self._spec.hold.phase in ("working", phase)
        leg.report(leg.hold.update(time_s, None if isnan(leg.change) else leg.change, in_phase=holds))

    def _goes_along(self, side: Side) -> bool:
        """Whether this leg only moves because the other one works: its form is not judged."""
        if self._spec.working != "either" or self._choice != "auto":
            return False
        own, other = (self._legs[s].machine.current_amplitude for s in (side, other_side(side)))
        return other > DOMINANCE * own

    def _accept(self, side: Side, rep: Rep) -> bool:
        """Note a finished rep, unless this leg only went along with the other one."""
        leg, other = self._legs[side], self._legs[other_side(side)]
        amplitude = leg.machine.last_amplitude
        if self._spec.working == "either" and self._choice == "auto":
            middle_s = 0.5 * (rep.start_s + rep.end_s)
            rival = other.machine.current_amplitude if other.machine.since_s < middle_s else 0.0
            rival = max([rival, *(size for *span, size in other.done if _is_meanwhile(rep, span))])
            if rival > DOMINANCE * amplitude:
                return False
        leg.done.append((rep.start_s, rep.end_s, amplitude))
        leg.rep_count += rep.valid
        return True

    def _watch_for_loss(self, body: BodyMeasurement) -> None:
        """Disarm when the legs are out of sight or in another pose; take up a better start pose if found."""
        if any(not isnan(self._legs[side].change) for side in self._enabled):
            self._last_seen_s = body.time_s
        if body.pose.seen and broken_rule(self._spec, body, throughout=True) is None:
            self._in_pose_s = body.time_s
        stuck = any(not isnan(self._legs[side].machine.stuck_since_s) for side in self._enabled)
        left = body.pose.seen and outlasts(body.time_s - self._in_pose_s, LEFT_POSE_S)
        if stuck or left or outlasts(body.time_s - self._last_seen_s, DISARM_S):
            self._disarm()
            return
        if not all(self._legs[side].machine.resting for side in self._enabled):
            self._start.reset()
            self._still_since_s = nan
            return
        self._look_for_better_start(body)

    def _look_for_better_start(self, body: BodyMeasurement) -> None:
        fresh = self._start.update(body)
        if fresh is None:
            self._still_since_s = nan
            return
        if isnan(self._still_since_s):
            self._still_since_s = body.time_s
        turned_over = _sides_to_run(self._spec, self._choice, body) != self._enabled
        off = self._spec.phases[0].off
        changes = [self._legs[side].change for side in self._enabled]
        elsewhere = any(abs(change) >= off for change in changes)
        ways = {1.0 if phase.direction == "increase" else -1.0 for phase in self._spec.phases}
        behind = any(max(way * change for way in ways) <= -off for change in changes)
        halfway = any(self._legs[side].machine.rests_halfway for side in self._enabled)
        rested_s = body.time_s - self._still_since_s
        if turned_over or (elsewhere and lasts(rested_s, 0.0 if behind or halfway else REARM_S)):
            self._arm(fresh, body)
            if not turned_over:
                self._catch_up(fresh, self._enabled)

    def _state(self, cue: str | None) -> RunnerState:
        armed = self._baseline is not None
        legs = {
            side: LegState(
                leg.machine.phase if armed else "set-up",
                leg.change,
                leg.rep_count,
                leg.hold.held_s if leg.hold else 0.0,
            )
            for side, leg in self._legs.items()
        }
        events = tuple(event for leg in self._legs.values() for event in leg.events)
        return RunnerState(armed, self._start_cue, legs, self._working(), events, cue, self._somebody_else)

    def _working(self) -> tuple[Side, ...]:
        if self._spec.working != "either" or self._choice != "auto":
            return self._enabled
        busy = [s for s in self._enabled if self._legs[s].rep_count or self._legs[s].machine.moving]
        return tuple(busy)


def _is_meanwhile(rep: Rep, span: Sequence[float]) -> bool:
    """Whether the middle of one of the two lies within the other; `span` is a start and an end."""
    start_s, end_s = span
    return (
        start_s < 0.5 * (rep.start_s + rep.end_s) < end_s or rep.start_s < 0.5 * (start_s + end_s) < rep.end_s
    )


def _sides_to_watch(spec: ExerciseSpec, choice: SideChoice) -> tuple[Side, ...]:
    """The legs that have to be still in the start pose."""
    if choice == "left" or choice == "right":
        return (choice,)
    return SIDES


def _sides_to_run(spec: ExerciseSpec, choice: SideChoice, body: BodyMeasurement) -> tuple[Side, ...]:
    """The legs whose movement may count."""
    if choice == "left" or choice == "right":
        return (choice,)
    if choice == "both" or spec.working in ("either", "both"):
        return SIDES
    side = FIND_SIDE[spec.working](body)
    return (side,) if side else SIDES
