"""The range-of-motion test as a pipeline: one pose in, one `Tick` out, live or from a file.

A trial appears among a tick's events as a `Rep`, so that whatever draws, keeps or writes reps does so with
trials; rotations are counted from the neutral pose.
"""

from collections.abc import Sequence
from math import isnan

from coach.body.landmarks import SIDES, Side
from coach.body.pose import Pose
from coach.body.smoothing import PoseSmoother, ZeroPhaseSmoother
from coach.exercise.events import Rep
from coach.exercise.rom.protocol import Protocol
from coach.exercise.rom.session import LegState, RomSession, RomState
from coach.exercise.rom.trial import Trial
from coach.pipeline import SideTick, Tick
from coach.rotation.estimator import BodyMeasurement, LegMeasurement, RotationEstimator


class RomPipeline:
    """Smooths, measures and finds trials; `update` and `flush` are those of `coach.pipeline.Pipeline`.

    `session` holds the trials found so far, `newest` the last tick and what was known after it.
    """

    def __init__(self, protocol: Protocol, smoother: PoseSmoother | None = None) -> None:
        self.session = RomSession(protocol)
        self.newest: tuple[Tick, RomState] | None = None
        self._estimator = RotationEstimator(protocol.reading)
        self._smoother: PoseSmoother = smoother or ZeroPhaseSmoother()

    @property
    def found_anybody(self) -> bool:
        """Whether a person has been seen so far."""
        return self.session.frames_with_pose > 0

    def update(self, pose: Pose) -> list[Tick]:
        """Take the next pose; return the ticks that became ready, in time order."""
        return self._make_ticks(self._smoother.update(pose))

    def update_many(self, poses: Sequence[Pose]) -> list[Tick]:
        """The same for several poses that are at hand, which costs less than one by one."""
        return self._make_ticks([pair for pose in poses for pair in self._smoother.update(pose)])

    def flush(self) -> list[Tick]:
        """The footage is over: return the ticks still held back, and close the trial under way.

        That trial's end was not seen; it is in `session`, and in no tick.
        """
        ticks = self._make_ticks(self._smoother.flush())
        self.session.finish()
        return ticks

    def _make_ticks(self, pairs: list[tuple[Pose, Pose]]) -> list[Tick]:
        bodies = self._estimator.update_many(pairs)
        return [self._tick(raw, body) for (raw, _), body in zip(pairs, bodies, strict=True)]

    def _tick(self, raw: Pose, body: BodyMeasurement) -> Tick:
        state = self.session.update(body)
        sides: dict[Side, SideTick] = {side: _side_tick(body.legs[side], state.legs[side]) for side in SIDES}
        events = tuple(trial_as_rep(trial) for trial in state.trials)
        tick = Tick(raw.time_s, raw, body.pose, sides, state.working, events, state.prompt)
        self.newest = (tick, state)
        return tick


def trial_as_rep(trial: Trial) -> Rep:
    """A trial in the form that sinks know; the reason for a rejection is its fault."""
    sign = 1.0 if trial.direction == "internal" else -1.0
    from_s, to_s = trial.plateau_s
    peak_s = 0.5 * (trial.start_s + trial.end_s) if isnan(from_s) else 0.5 * (from_s + to_s)
    faults = (trial.rejected,) if trial.rejected else ()
    return Rep(
        trial.side,
        trial.start_s,
        peak_s,
        trial.end_s,
        sign * trial.value_deg,
        trial.sd_deg,
        trial.valid,
        faults,
    )


def _side_tick(leg: LegMeasurement, state: LegState) -> SideTick:
    return SideTick(
        state.phase,
        state.rotation,
        leg.hip_flexion_deg,
        leg.hip_adduction_deg,
        leg.knee_flexion_deg,
        state.change_deg,
        state.valid,
        state.held_s,
    )
