"""A session added up: reps, holds and faults per side, tracking, view, and the rotation reached."""

from collections import Counter
from dataclasses import dataclass, field
from math import isnan, nan

from coach.body.landmarks import SIDES, Side
from coach.body.pose import SourceFacts
from coach.exercise.events import Event, Fault, Hold, Rep
from coach.exercise.runner import RunnerState
from coach.exercise.spec import ExerciseSpec
from coach.rotation.estimator import BodyMeasurement
from coach.rotation.rotation import Mode, Rotation, Verdict, compute_verdict
from coach.rotation.view import ADVICE, describe_view


@dataclass(frozen=True, slots=True)
class RotationRange:
    """The range of internal rotation that a side went through; `sd_deg` is that of the extremes."""

    min_deg: float
    max_deg: float
    sd_deg: float
    mode: Mode
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class SideSummary:
    """What one leg did.  `rotation` is a range, or a sentence saying why it was withheld."""

    reps: tuple[Rep, ...]
    holds: tuple[Hold, ...]
    rotation: RotationRange | str

    @property
    def rep_count(self) -> int:
        """Valid reps: what is shown to people."""
        return sum(rep.valid for rep in self.reps)


@dataclass(frozen=True, slots=True)
class Tracking:
    """How much of the footage carried a pose, and in how many frames one leg at least was not believed."""

    frames: int
    frames_with_pose: int
    lost_s: float
    frames_doubted: int = 0


@dataclass(frozen=True, slots=True)
class ViewSummary:
    """Where the camera should have stood, where it stood, and what to do about it."""

    expected: str
    measured: str
    ok: bool
    advice: str | None


@dataclass(frozen=True, slots=True)
class NotAssessed:
    """A fault, or a quantity, that this footage could not show."""

    fault: str
    reason: str


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """Everything that a session amounts to; what `summary.json` and the report are written from."""

    exercise: str
    complete: bool
    source: SourceFacts
    model: str
    tracking: Tracking
    view: ViewSummary
    sides: dict[Side, SideSummary]
    faults: tuple[Fault, ...]
    not_assessed: tuple[NotAssessed, ...]


@dataclass(slots=True)
class _Reach:
    """Running extremes of one side's rotation, and why it was withheld elsewhere."""

    low: Rotation = field(default_factory=lambda: Rotation.withheld("never_armed"))
    high: Rotation = field(default_factory=lambda: Rotation.withheld("never_armed"))
    measured: int = 0
    withheld: Counter[str] = field(default_factory=Counter)

    def note(self, rotation: Rotation) -> None:
        if rotation.reason is not None:
            self.withheld[rotation.reason] += 1
            return
        self.measured += 1
        if not rotation.value_deg >= self.low.value_deg:
            self.low = rotation
        if not rotation.value_deg <= self.high.value_deg:
            self.high = rotation

    def summarise(self, *, judged: bool) -> RotationRange | str:
        """The range, or the commonest reason when less than half of the instants carried a number.

        A leg that did nothing, or an exercise that only turns outwards, shows nothing of how far the leg
        turns inwards: then `judged` is false and there is no verdict.
        """
        if self.high.mode is None or self.measured < self.withheld.total():
            return self.withheld.most_common(1)[0][0] if self.withheld else "start_pose_not_seen"
        sd_deg = max(self.low.sd_deg, self.high.sd_deg)
        verdict = compute_verdict(self.high.value_deg, self.high.sd_deg) if judged else "cannot-tell"
        return RotationRange(self.low.value_deg, self.high.value_deg, sd_deg, self.high.mode, verdict)


class SessionFold:
    """Adds instants up in constant memory (but for the events themselves)."""

    def __init__(self, spec: ExerciseSpec) -> None:
        self._spec = spec
        self._inwards = any(phase.direction == "increase" for phase in spec.phases)
        self._events: list[Event] = []
        self._frames = 0
        self._frames_with_pose = 0
        self._frames_doubted = 0
        self._lost_s = 0.0
        self._last_s = nan
        self._reach = {side: _Reach() for side in SIDES}
        self._views: Counter[tuple[int, int]] = Counter()
        self._view_reasons: Counter[str] = Counter()
        self._views_ok = 0
        self._ever_armed = False
        self._start_cues: Counter[str] = Counter()

    @property
    def frames_with_pose(self) -> int:
        """How many instants showed somebody."""
        return self._frames_with_pose

    def update(self, body: BodyMeasurement, state: RunnerState) -> None:
        """Take one instant; rotation counts towards the range only once the start pose was taken up."""
        self._frames += 1
        step_s = 0.0 if isnan(self._last_s) else body.time_s - self._last_s
        self._last_s = body.time_s
        self._events += state.events
        self._ever_armed = self._ever_armed or state.armed
        if not body.pose.seen:
            self._lost_s += step_s
            return
        self._frames_with_pose += 1
        self._frames_doubted += bool(body.doubts)
        self._note_view(body)
        if state.start_cue:
            self._start_cues[state.start_cue] += 1
        if state.armed and not state.somebody_else:
            for side in SIDES:
                self._reach[side].note(body.legs[side].rotation)

    def add(self, events: tuple[Event, ...]) -> None:
        """Events that ended with the footage."""
        self._events += events

    def summarise(self, source: SourceFacts, model: str, *, complete: bool) -> SessionSummary:
        """Everything so far."""
        view = self._summarise_view()
        missing = [NotAssessed(fault, reason) for fault, reason in self._spec.not_assessed]
        if not view.ok:
            missing.insert(
                0, NotAssessed("hip rotation in degrees", view.advice or "not visible from this view")
            )
        if self._frames_with_pose and not self._ever_armed:
            missing.insert(0, NotAssessed(self._spec.name.lower(), self._describe_missing_start()))
        return SessionSummary(
            exercise=self._spec.id,
            complete=complete,
            source=source,
            model=model,
            tracking=Tracking(self._frames, self._frames_with_pose, self._lost_s, self._frames_doubted),
            view=view,
            sides={side: self._summarise_side(side) for side in SIDES},
            faults=tuple(e for e in self._events if isinstance(e, Fault)),
            not_assessed=tuple(missing),
        )

    def _describe_missing_start(self) -> str:
        """Why nothing was counted: another exercise, or a start pose that was never held still."""
        if not self._start_cues:
            return f"the start pose was never held still for {self._spec.start_still_s:g} s"
        cue, _ = self._start_cues.most_common(1)[0]
        return f"this does not look like it: {cue[0].lower()}{cue[1:].rstrip('.')}"

    def _note_view(self, body: BodyMeasurement) -> None:
        if isnan(body.view.azimuth_deg):
            return
        self._views[round(body.view.azimuth_deg), round(body.view.elevation_deg)] += 1
        reason = body.view_reason
        if reason is None:
            self._views_ok += 1
        else:
            self._view_reasons[reason] += 1

    def _summarise_view(self) -> ViewSummary:
        expected = self._spec.camera_view
        if not self._views:
            return ViewSummary(expected, "nobody seen", False, ADVICE["nobody_seen"])
        measured = describe_view(*(_median(_column(self._views, i)) for i in (0, 1)))
        ok = 2 * self._views_ok >= self._views.total()
        advice = None if ok else ADVICE[self._view_reasons.most_common(1)[0][0]]
        return ViewSummary(expected, measured, ok, advice)

    def _summarise_side(self, side: Side) -> SideSummary:
        reps = tuple(e for e in self._events if isinstance(e, Rep) and e.side == side)
        holds = tuple(e for e in self._events if isinstance(e, Hold) and e.side == side)
        return SideSummary(
            reps, holds, self._reach[side].summarise(judged=bool(reps or holds) and self._inwards)
        )


def _column(views: Counter[tuple[int, int]], column: int) -> Counter[int]:
    """How often each azimuth (0) or elevation (1) was seen."""
    counts: Counter[int] = Counter()
    for view, count in views.items():
        counts[view[column]] += count
    return counts


def _median(counts: Counter[int]) -> int:
    """Middle value of a histogram."""
    half, so_far = counts.total() / 2, 0
    for value in sorted(counts):
        so_far += counts[value]
        if so_far >= half:
            break
    return value
