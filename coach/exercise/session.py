"""A session added up: reps, holds and faults per side, tracking, view, and the rotation reached."""

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from math import isnan, nan

from coach.body.landmarks import SIDES, Side
from coach.body.pose import SourceFacts
from coach.body.spans import outlasts
from coach.exercise.events import Event, Fault, Hold, Rep
from coach.exercise.runner import RunnerState
from coach.exercise.spec import ExerciseSpec
from coach.rotation.estimator import BodyMeasurement
from coach.rotation.rotation import Mode, Rotation, Verdict, compute_verdict
from coach.rotation.view import ADVICE, describe_view

REACHED_S = 0.2
"""A rotation counts as reached when it is the median of this long: a single wrong picture is no range."""


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
    """Everything that a session amounts to; what `summary.json` and the report are written from.

    `unrecognised` says why nothing could be counted at all: the start pose of the exercise was never seen.
    """

    exercise: str
    complete: bool
    source: SourceFacts
    model: str
    tracking: Tracking
    view: ViewSummary
    sides: dict[Side, SideSummary]
    faults: tuple[Fault, ...]
    not_assessed: tuple[NotAssessed, ...]
    unrecognised: str | None = None


@dataclass(slots=True)
class _Reach:
    """Running extremes of one side's rotation, and why it was withheld elsewhere."""

    low: Rotation = field(default_factory=lambda: Rotation.withheld("never_armed"))
    high: Rotation = field(default_factory=lambda: Rotation.withheld("never_armed"))
    measured: int = 0
    withheld: Counter[str] = field(default_factory=Counter)
    recent: deque[tuple[float, Rotation]] = field(default_factory=deque)

    def note(self, time_s: float, rotation: Rotation) -> None:
        if rotation.reason is not None:
            self.withheld[rotation.reason] += 1
            return
        self.measured += 1
        self.recent.append((time_s, rotation))
        while outlasts(time_s - self.recent[0][0], REACHED_S):
            self.recent.popleft()
        reached = sorted((r for _, r in self.recent), key=lambda r: r.value_deg)
        middle = reached[len(reached) // 2]
        if not middle.value_deg >= self.low.value_deg:
            self.low = middle
        if not middle.value_deg <= self.high.value_deg:
            self.high = middle

    def summarise(self, *, judged: bool) -> RotationRange | str:
        """The range, or the commonest reason when less than half of the instants carried a number.

        A leg that did nothing, or an exercise that only turns outwards, shows nothing of how far the leg
        turns inwards: then `judged` is false and there is no verdict.  Nor is there one where the start pose
        is only assumed.
        """
        if self.high.mode is None or self.measured < self.withheld.total():
            return self.withheld.most_common(1)[0][0] if self.withheld else "start_pose_not_seen"
        sd_deg = max(self.low.sd_deg, self.high.sd_deg)
        judged = judged and self.high.mode != "start-assumed"
        verdict = compute_verdict(self.high.value_deg, self.high.sd_deg) if judged else "cannot-tell"
        return RotationRange(self.low.value_deg, self.high.value_deg, sd_deg, self.high.mode, verdict)


class SessionFold:
    """Adds instants up in constant memory (but for the events themselves)."""

    def __init__(self, spec: ExerciseSpec) -> None:
        self._spec = spec
        self._events: list[Event] = []
        self._frames = 0
        self._frames_with_pose = 0
        self._frames_doubted = 0
        self._lost_s = 0.0
        self._last_s = nan
        self._reach = {side: _Reach() for side in SIDES}
        self._views: dict[str | None, Counter[tuple[int, int]]] = defaultdict(Counter)
        self._ever_armed = False
        self._start_cues: Counter[str | None] = Counter()  # None: nothing missing but stillness

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
        if not state.armed:
            self._start_cues[state.start_cue] += 1
        if state.armed and not state.somebody_else:
            for side in SIDES:
                self._reach[side].note(body.time_s, body.legs[side].rotation)

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
        unrecognised = self._describe_missing_start() if self._frames_with_pose else None
        if unrecognised:
            missing.insert(0, NotAssessed(self._spec.name.lower(), unrecognised))
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
            unrecognised=unrecognised,
        )

    def _describe_missing_start(self) -> str | None:
        """Why nothing was counted: another exercise, or a start pose that was never held still."""
        if self._ever_armed:
            return None
        cue, _ = self._start_cues.most_common(1)[0]
        if cue is None:
            return f"the start pose was never held still for {self._spec.start_still_s:g} s"
        return f"this does not look like it: {cue[0].lower()}{cue[1:].rstrip('.')}"

    def _note_view(self, body: BodyMeasurement) -> None:
        if isnan(body.view.azimuth_deg):
            return
        place = round(body.view.azimuth_deg), round(body.view.elevation_deg)
        self._views[body.view_reason][place] += 1

    def _summarise_view(self) -> ViewSummary:
        expected = self._spec.camera_view
        if not self._views:
            return ViewSummary(expected, "nobody seen", False, ADVICE["nobody_seen"])
        right = self._views.get(None, Counter()).total()
        wrong = {reason: views for reason, views in self._views.items() if reason is not None}
        if right >= sum(views.total() for views in wrong.values()):
            return ViewSummary(expected, describe_view(*_middle_view(self._views[None])), True, None)
        reason = max(wrong, key=lambda reason: wrong[reason].total())
        return ViewSummary(expected, describe_view(*_middle_view(wrong[reason])), False, ADVICE[reason])

    def _summarise_side(self, side: Side) -> SideSummary:
        reps = tuple(e for e in self._events if isinstance(e, Rep) and e.side == side)
        holds = tuple(e for e in self._events if isinstance(e, Hold) and e.side == side)
        return SideSummary(
            reps, holds, self._reach[side].summarise(judged=bool(reps or holds) and self._spec.turns_inwards)
        )


def _middle_view(views: Counter[tuple[int, int]]) -> tuple[int, int]:
    """The view (azimuth, elevation) that half of the others are further to the side than."""
    half, so_far = views.total() / 2, 0
    for view in sorted(views, key=lambda view: abs(view[0])):
        so_far += views[view]
        if so_far >= half:
            break
    return view
