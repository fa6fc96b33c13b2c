"""Counts reps of one leg: excursions of the driving measure from the start pose, folded into cycles.

An *excursion* leaves the start pose in one direction and comes back.  It reaches its phase when it passes
the phase's `on` threshold for long enough; it ends below `off`, once the leg has come to rest or turned
round.  A rep is every phase of the spec's cycle, once, each with its return; anything less is partial.
"""

from dataclasses import replace
from math import isnan, nan
from statistics import median

from coach.body.landmarks import Side
from coach.body.spans import lasts, outlasts
from coach.exercise.events import Rep
from coach.exercise.excursion import SETTLE_S, Excursion, Sample
from coach.exercise.series import median_seen
from coach.exercise.spec import ExerciseSpec, PhaseSpec

PARTIAL_SHARE = 0.64
"""A rep below this share of the person's own median amplitude is a partial one, not a full one."""

FIDGET_SHARE = 0.33
"""An excursion that is smaller than this share of the cycle's other half, or of the person's usual one, is
fidgeting, not a half."""

PARTIAL_FLOOR = 0.75
"""An excursion that did not reach `on` is a partial rep from this share of `on` upwards, else fidgeting."""

NOISE_FACTOR = 3.0
"""A movement counts only when it exceeds the noise at rest (one SD) this many times."""

GLITCH_SHARE = 0.65
"""A rep faster than this share of what is called hasty is none: no leg moves like that."""

_TURN_SHARE = 0.15  # of the peak: moving away again by this much, below `off`, is another excursion
_ANEW_SHARE = 0.5  # and by this share of `on`: less is a slip of the tracking on the way back
_LOOK_BACK_S = 3.0  # how long before passing `off` the leg may have begun to move
_NEARLY_BACK = 0.35  # of the amplitude: footage that ends with less than this to go has seen the whole rep
_DRIFT_SHARE = 0.75  # of `on`: how far rest may move from where it was when counting began
_HALFWAY_SHARE = 0.7  # of the amplitude: a leg that stands still lower than this has left its phase for good
_PAUSE_SHARE = 0.4  # of the amplitude: a leg that stands still lower than this has finished its way back
_RETURN_SHARE = 0.25  # of the amplitude: a leg this near to the start pose has come back, even above `off`


def _measure_pace(excursions: list[Excursion]) -> tuple[float, float]:
    """Seconds of the faster half, out to the first peak or back from the last, and of the whole."""
    first, last = excursions[0], excursions[-1]
    start_s, end_s = first.start_s, last.end_s
    out_s = first.plateau[0].time_s - first.late_s - start_s
    back_s = end_s - (last.plateau[-1].time_s - last.late_s)
    return min(out_s, back_s), end_s - start_s


class LegMachine:
    """Rep counter of one leg.  `update` takes one sample and returns the reps that it completes.

    `trails_s`: by how much the samples trail what the network saw.
    """

    def __init__(self, spec: ExerciseSpec, side: Side, trails_s: float = 0.0) -> None:
        self._spec = spec
        self._side = side
        self._trails_s = trails_s
        self._phases = {phase.name: phase for phase in spec.phases}
        self._noise = 0.0
        self._amplitudes: list[float] = []
        self._first = ""  # the phase with which this person's cycles begin, once one was complete
        self.last_amplitude = 0.0
        self.reset()

    def reset(self, noise: float = 0.0, *, at_rest: bool = True) -> None:
        """Forget the movement under way (not the count); `noise` is the SD of the measure at rest.

        A leg that may be anywhere (not `at_rest`) has to come to the start pose before anything counts.
        """
        self._noise = noise
        self._zero = 0.0  # where the leg rests, as change from the start pose
        self._recent: list[
            Sample
        ] = []  # the quiet stretch before an excursion, where its start is looked for
        self._excursion: Excursion | None = None
        self._done: list[Excursion] = []  # excursions of the running cycle
        self._last_half: Excursion | None = None  # of this cycle or of the one before
        self._last_seen_s = nan
        self._wait_for_rest = not at_rest
        self._came_back = False  # to the start pose, since the last reset
        self._voided: set[str] = set()

    @property
    def phase(self) -> str:
        """Name of the phase the leg is in, "ready" at rest, "moving" between."""
        if self._excursion is None:
            return "ready"
        return self._excursion.phase.name if self._is_on(self._excursion) else "moving"

    @property
    def phase_names(self) -> tuple[str, ...]:
        """The phases that the leg can be in."""
        return tuple(self._phases)

    @property
    def moving(self) -> bool:
        """Whether an excursion or a cycle is under way."""
        return self._excursion is not None or bool(self._done)

    @property
    def resting(self) -> bool:
        """Whether the leg is at rest: in the start pose, or standing still short of its phase."""
        if self._excursion is None:
            return not self._done
        if self.rests_halfway:
            return True
        return not self._done and not self._excursion.reached and self._excursion.stands_still

    @property
    def rests_halfway(self) -> bool:
        """Whether the leg stands still on its first way back: then it did not begin where it was thought to.

        As in footage that begins at the end of a movement.  A start pose that it has come back to is right.
        """
        excursion = self._excursion
        if excursion is None or self._came_back or not excursion.reached or not excursion.stands_still:
            return False
        return excursion.change_at(-1) < _HALFWAY_SHARE * excursion.level

    @property
    def since_s(self) -> float:
        """When the excursion under way began, NaN at rest."""
        return self._excursion.start_s if self._excursion else nan

    @property
    def current_amplitude(self) -> float:
        """Largest change of the excursion under way, 0 at rest."""
        return self._excursion.amplitude if self._excursion else 0.0

    @property
    def stuck_since_s(self) -> float:
        """Start of an excursion that has outlasted the longest rep, NaN if there is none."""
        since_s = self._excursion.samples[0].time_s if self._excursion else nan
        if outlasts(self._last_seen_s - since_s, self._spec.rep.max_s):
            return since_s
        return nan

    def note_fault(self, fault_id: str) -> None:
        """A form fault is active: it sticks to the rep under way."""
        if self.moving:
            self._voided.add(fault_id)

    def update(self, sample: Sample) -> list[Rep]:
        """Take one sample (`change` NaN when the leg is not seen); return reps, full and partial."""
        if isnan(sample.change):
            return []
        if outlasts(sample.time_s - self._last_seen_s, self._spec.rep.bridge_s):
            self._abandon()
        self._last_seen_s = sample.time_s
        change = sample.change - self._zero
        sample = Sample(sample.time_s, change, sample.rotation_deg, sample.rotation_sd_deg)
        if self._excursion is None:
            return self._at_rest(sample)
        return self._in_excursion(self._excursion, sample)

    def finish(self) -> list[Rep]:
        """The footage is over: the rep under way, partial unless all but its very end was seen."""
        reps: list[Rep] = []
        excursion, self._excursion = self._excursion, None
        if excursion is not None:
            left = excursion.sign * excursion.samples[-1].change
            if left < max(excursion.phase.off, _NEARLY_BACK * excursion.amplitude):
                reps = self._fold(excursion)
            elif excursion.reached and excursion.phase.name in self._spec.rep.cycle:
                return [self._close([*self._done, excursion], full=False)]
        return [*reps, self._close(self._done, full=False)] if self._done else reps

    def _abandon(self) -> None:
        """The leg was out of sight for too long to know what it did: nothing under way may count."""
        self._excursion = None
        self._done, self._recent = [], []
        self._voided = set()
        self._wait_for_rest = True

    def _at_rest(self, sample: Sample) -> list[Rep]:
        self._remember(sample)
        phase, sign = self._leaving(sample.change)
        if phase is None:
            self._wait_for_rest = False
            return self._expire(sample)
        if self._wait_for_rest:
            self._recent = []
            return []
        self._excursion = Excursion(phase, sign, list(self._recent), self._trails_s)
        self._recent = []
        self._advance(self._excursion, sample)
        return []

    def _in_excursion(self, excursion: Excursion, sample: Sample) -> list[Rep]:
        excursion.add(sample)
        self._advance(excursion, sample)
        if self._has_come_down(excursion):
            rest: list[Sample] | None = self._rest_anew(excursion, excursion.still_from)
        else:
            rest = self._find_end(excursion, sample)
        if rest is None:
            return []
        self._excursion, self._recent = None, rest
        self._came_back = True
        return self._fold(excursion)

    def _has_come_down(self, excursion: Excursion) -> bool:
        """Whether the leg rests where it is done with its phase, though not near the start pose.

        Not where the phase is held, which may be done on a lower level than it is entered; nor on the first
        way back: then it did not begin where it was thought to.
        """
        if self._spec.hold is not None or not (self._came_back and excursion.reached):
            return False
        low = excursion.phase.off <= excursion.change_at(-1) < _PAUSE_SHARE * excursion.level
        return low and excursion.stands_still

    def _leaving(self, change: float) -> tuple[PhaseSpec | None, float]:
        """The phase that a change from the start pose heads for, if it is beyond that phase's `off`."""
        for phase in self._phases.values():
            sign = 1.0 if phase.direction == "increase" else -1.0
            if sign * change >= max(phase.off, NOISE_FACTOR * self._noise):
                return phase, sign
        return None, 0.0

    def _advance(self, excursion: Excursion, sample: Sample) -> None:
        on = max(excursion.phase.on, NOISE_FACTOR * self._noise)
        if excursion.sign * sample.change < on:
            excursion.on_since_s = nan
            return
        if isnan(excursion.on_since_s):
            excursion.on_since_s = sample.time_s
        if outlasts(sample.time_s - excursion.on_since_s, excursion.phase.min_s):
            excursion.reached = True

    def _is_on(self, excursion: Excursion) -> bool:
        return excursion.reached and excursion.sign * excursion.samples[-1].change >= excursion.phase.off

    def _find_end(self, excursion: Excursion, sample: Sample) -> list[Sample] | None:
        """What already belongs to the next excursion, once this one has ended; None before."""
        change = excursion.sign * sample.change
        off = max(excursion.phase.off, NOISE_FACTOR * self._noise, _RETURN_SHARE * excursion.amplitude)
        if change < off and (excursion.lowest is None or change <= excursion.change_at(excursion.lowest)):
            excursion.lowest = len(excursion.samples) - 1
        if excursion.lowest is None:
            return None
        low = excursion.change_at(excursion.lowest)
        margin = max(_TURN_SHARE * excursion.amplitude, NOISE_FACTOR * self._noise)
        full = excursion.amplitude >= PARTIAL_FLOOR * excursion.phase.on
        fallen = full and excursion.amplitude - low >= margin
        anew = fallen and change - low >= max(margin, _ANEW_SHARE * excursion.phase.on)
        if anew and len(self._spec.rep.cycle) == 1:
            return excursion.cut_at(excursion.lowest)
        if anew or change >= off:
            # It goes on before the other half, flickers about `off`, or turned round and is not yet far.
            excursion.lowest = excursion.lowest if fallen and not anew else None
            return None
        settled = lasts(sample.time_s - excursion.samples[excursion.lowest].time_s, SETTLE_S)
        if settled:
            return self._rest_anew(excursion, excursion.lowest)
        crossed = change <= -off or self._leaving(sample.change)[0] not in (None, excursion.phase)
        back = change < excursion.phase.off and sample.time_s >= excursion.expected_end_s
        if crossed or back:
            end_s = excursion.end_s
            return [s for s in excursion.samples if s.time_s >= end_s]
        return None

    def _rest_anew(self, excursion: Excursion, lowest: int) -> list[Sample]:
        """The leg rests, though not quite where it began: from now on this is the start pose."""
        rest = median(s.change for s in excursion.samples[lowest:])
        limit = _DRIFT_SHARE * excursion.phase.on
        moved = max(-limit, min(limit, self._zero + rest)) - self._zero
        self._zero += moved
        end_s = excursion.end_s
        return [replace(s, change=s.change - moved) for s in excursion.samples if s.time_s >= end_s]

    def _fold(self, excursion: Excursion) -> list[Rep]:
        """Add a finished excursion to the cycle under way; return the reps that this settles."""
        if self._is_idle(excursion):
            self._voided = self._voided if self._done else set()
            return []
        reps = []
        goes_on = self._goes_on(excursion)
        if goes_on and self._done:
            excursion = self._done.pop().join(excursion)
        if not self._done and self._first not in ("", excursion.phase.name):
            # Its other half was missed, or too small.
            return [] if goes_on else [self._close([excursion], full=False)]
        if any(done.phase.name == excursion.phase.name for done in self._done):
            reps.append(self._close(self._done, full=False))
        self._done = [*self._done, excursion]
        self._last_half = excursion
        if len(self._done) == len(self._spec.rep.cycle):
            reps.append(self._close(self._done, full=self._is_whole()))
        return reps

    def _is_idle(self, excursion: Excursion) -> bool:
        """Whether this is no part of a repetition: fidgeting, or a movement that the cycle does not have."""
        if excursion.phase.name not in self._spec.rep.cycle:
            return True
        if excursion.reached:
            return False
        brief = not lasts(excursion.end_s - excursion.start_s, excursion.phase.min_s)
        return brief or excursion.amplitude < self._least_half(excursion.phase)

    def _goes_on(self, excursion: Excursion) -> bool:
        """Whether this is more of the half before it: the same way once more, without a rest in between."""
        last = self._last_half
        if len(self._spec.rep.cycle) == 1 or last is None or last.phase != excursion.phase:
            return False
        return not lasts(excursion.start_s - last.end_s, SETTLE_S)

    def _is_whole(self) -> bool:
        """Whether every phase of the cycle was reached; what one half lacks, the other one may make up.

        The start pose need not lie midway between both: how far apart they are is surer.
        """
        reached = [done.reached for done in self._done]
        shares = [done.level / done.phase.on for done in self._done]
        return all(reached) or (any(reached) and sum(shares) >= len(shares))

    def _least_half(self, phase: PhaseSpec) -> float:
        """The smallest change that is an attempt at this phase, and no fidgeting."""
        halves = [done.amplitude for done in self._done]
        if len(self._spec.rep.cycle) > 1 and self._amplitudes:
            halves.append(median(self._amplitudes) / len(self._spec.rep.cycle))
        return max([PARTIAL_FLOOR * phase.on, *(FIDGET_SHARE * half for half in halves)])

    def _is_half_done(self, amplitude: float) -> bool:
        """Whether a rep is small for this person."""
        return bool(self._amplitudes) and amplitude < PARTIAL_SHARE * median(self._amplitudes)

    def _expire(self, sample: Sample) -> list[Rep]:
        """A cycle left half-way for longer than a whole rep may take is partial."""
        if self._done and outlasts(sample.time_s - self._done[0].samples[0].time_s, self._spec.rep.max_s):
            return [self._close(self._done, full=False)]
        return []

    def _close(self, excursions: list[Excursion], *, full: bool) -> Rep:
        first, last = excursions[0], excursions[-1]
        amplitude = sum(e.amplitude for e in excursions)
        faults = self._faults(excursions, full=full and not self._is_half_done(amplitude))
        voids = {"range"} | {f.id for f in self._spec.faults if f.voids_rep}
        valid = not voids.intersection(faults) and not self._is_glitch(excursions)
        peak, start_s = first.plateau, first.start_s
        rep = Rep(
            self._side,
            start_s,
            max(start_s, median(s.time_s for s in peak) - first.late_s),
            max(start_s, last.end_s),
            median_seen([s.rotation_deg for s in peak], 0.5),
            median_seen([s.rotation_sd_deg for s in peak], 0.5),
            valid,
            tuple(faults),
        )
        self.last_amplitude = amplitude
        if valid:
            self._amplitudes.append(amplitude)
            self._first = first.phase.name
        self._done, self._voided = [], set()
        return rep

    def _faults(self, excursions: list[Excursion], *, full: bool) -> list[str]:
        rep = self._spec.rep
        faults = sorted(self._voided)
        if not full:
            faults.append("range")
        half_s, whole_s = _measure_pace(excursions)
        if full and not (lasts(half_s, rep.min_half_s) and lasts(whole_s, rep.min_s)):
            faults.append("tempo")
        return faults

    def _is_glitch(self, excursions: list[Excursion]) -> bool:
        """Whether this was too fast for a leg: the tracking slipped."""
        half_s, whole_s = _measure_pace(excursions)
        rep = self._spec.rep
        return not (lasts(half_s, GLITCH_SHARE * rep.min_half_s) and lasts(whole_s, GLITCH_SHARE * rep.min_s))

    def _remember(self, sample: Sample) -> None:
        self._recent.append(sample)
        while outlasts(sample.time_s - self._recent[0].time_s, _LOOK_BACK_S):
            self._recent.pop(0)
