"""Form: rules broken become faults; of these, one cue at a time, with a cooldown."""

from dataclasses import dataclass
from math import inf, isnan, nan

from coach.body.angles import wrap_deg
from coach.body.landmarks import Side
from coach.body.spans import lasts, outlasts
from coach.exercise.events import Fault
from coach.exercise.spec import ExerciseSpec, FaultSpec

COOLDOWN_S = 6.0
"""The same cue is not repeated sooner."""

CUE_SHOWN_S = 3.0
"""How long a cue stays after its fault has ended."""

_CLEARING_S = 0.3  # a fault is over when its rule has been kept for this long


@dataclass(slots=True)
class _Watch:
    spec: FaultSpec
    side: Side | None
    since_s: float = nan  # the rule is broken since
    last_s: float = nan  # and was last seen broken
    persisted: bool = False


class FaultMonitor:
    """Watches the form rules of one leg.  `update` returns the faults that ended.

    `also_at_rest` are the faults that no movement is needed for.
    """

    def __init__(self, spec: ExerciseSpec, side: Side) -> None:
        self._watches = [_Watch(fault, side) for fault in spec.faults]
        self.also_at_rest = frozenset(fault.id for fault in spec.faults if fault.phase == "any")

    @property
    def active(self) -> list[FaultSpec]:
        """Faults under way that have lasted long enough to be called."""
        return [w.spec for w in self._watches if w.persisted]

    def update(
        self, time_s: float, phase: str, values: dict[str, float], start: dict[str, float]
    ) -> list[Fault]:
        """Take one instant: the leg's phase, its measures, and the same in the start pose."""
        ended = []
        for watch in self._watches:
            if _applies(watch.spec, phase) and _is_broken(watch.spec, values, start):
                self._note(watch, time_s)
            elif outlasts(time_s - watch.last_s, _CLEARING_S):
                ended += _end(watch)
        return ended

    def finish(self) -> list[Fault]:
        """The session is over, or tracking was lost: the faults under way."""
        return [fault for watch in self._watches for fault in _end(watch)]

    @staticmethod
    def _note(watch: _Watch, time_s: float) -> None:
        if isnan(watch.since_s):
            watch.since_s = time_s
        watch.last_s = time_s
        watch.persisted = watch.persisted or outlasts(time_s - watch.since_s, watch.spec.persist_s)


def _applies(fault: FaultSpec, phase: str) -> bool:
    if fault.phase == "any":
        return True
    if fault.phase == "working":
        return phase != "ready"
    return phase == fault.phase


def _is_broken(fault: FaultSpec, values: dict[str, float], start: dict[str, float]) -> bool:
    value, threshold = values[fault.measure], fault.threshold
    change = wrap_deg(value - start[fault.measure])
    if fault.compare == "above":
        return value > threshold
    if fault.compare == "below":
        return value < threshold
    if fault.compare == "rises-by":
        return change > threshold
    if fault.compare == "falls-by":
        return change < -threshold
    return abs(change) > threshold


def _end(watch: _Watch) -> list[Fault]:
    ended = []
    if watch.persisted:
        spec = watch.spec
        ended.append(Fault(spec.id, watch.side, watch.since_s, watch.last_s, spec.cue, spec.severity))
    watch.since_s, watch.last_s, watch.persisted = nan, nan, False
    return ended


class Coach:
    """Chooses what to say: the most severe active fault, not more often than every `COOLDOWN_S`."""

    def __init__(self) -> None:
        self._said_s: dict[str, float] = {}
        self._current: FaultSpec | None = None
        self._until_s = nan

    def update(self, time_s: float, active: list[FaultSpec]) -> str | None:
        """The cue to show at this instant, None for silence."""
        ready = [f for f in active if lasts(time_s - self._said_s.get(f.id, -inf), COOLDOWN_S)]
        ready.sort(key=lambda f: f.severity != "major")
        if self._current is not None and (self._current in active or time_s < self._until_s):
            if self._current in active:
                self._until_s = time_s + CUE_SHOWN_S
            if not (ready and ready[0].severity == "major" and self._current.severity == "minor"):
                return self._current.cue
        self._current = ready[0] if ready else None
        if self._current is None:
            return None
        self._said_s[self._current.id] = time_s
        self._until_s = time_s + CUE_SHOWN_S
        return self._current.cue
