"""Guides somebody through the range-of-motion test in front of a camera: what to do now, and what to say."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Final

from coach.body.landmarks import SIDES, Side, other_side
from coach.body.pose import Pose
from coach.exercise.rom.protocol import Protocol
from coach.exercise.rom.session import TRIALS, RomState
from coach.exercise.rom.trial import DIRECTIONS, PLATEAU_S, Direction, Trial
from coach.live.framing import DARK, describe_missing
from coach.live.state import Look, Say
from coach.live.talk import Advice
from coach.output.rom.wording import explain
from coach.rotation.estimator import measure_body
from coach.rotation.view import ADVICE

_WAYS: Final[dict[Direction, str]] = {
    "internal": "outwards, so that the hip turns in",
    "external": "inwards, in front of the other leg",
}
_REMARK_S: Final = 2.0  # what became of a trial stays on the screen for this long


@dataclass(slots=True)
class RomGuide:
    """`update` takes each instant; `counts` are the trials that count so far, per leg and direction."""

    protocol: Protocol
    counts: Counter[tuple[Side, Direction]] = field(default_factory=Counter)
    _last: tuple[Side, Direction] | None = None
    _remark: str = ""
    _remark_s: float = float("nan")
    _held_s: float = 0.0
    _said: set[str] = field(default_factory=set)  # in this trial: a plateau may be lost and found again
    _returning: bool = False
    _advice: Advice = field(default_factory=Advice)
    _begun: bool = False

    @property
    def complete(self) -> bool:
        """Whether each leg has all its trials both ways."""
        return all(self.counts[side, way] >= TRIALS for side in SIDES for way in DIRECTIONS)

    @property
    def upcoming(self) -> tuple[Side, Direction] | None:
        """The leg and direction to do next; None when all is done."""
        side, way = self._last or ("left", "internal")
        other = DIRECTIONS[1 - DIRECTIONS.index(way)]
        order = [(side, way), (side, other), (other_side(side), "internal"), (other_side(side), "external")]
        return next(((s, w) for s, w in order if self.counts[s, w] < TRIALS), None)

    def update(
        self, pose: Pose, look: Look, state: RomState | None, trials: Sequence[Trial]
    ) -> tuple[str, tuple[Say, ...]]:
        """The line to show and what to say.

        `state` is the newest known, None before the first; `trials` are those completed since the last call.
        """
        now_s = pose.time_s
        if state is None or not state.ready:
            prompt = self._find_trouble(pose, look)
            return prompt, tuple(self._advice.update(prompt, now_s))
        says: list[Say] = []
        if not self._begun:
            self._begun = True
            says.append(Say("Good. That is the start pose.", "stage", now_s))
        for trial in trials:
            says.append(self._note(trial, now_s))
        says += self._count_hold(state, now_s)
        prompt = self._choose_prompt(pose, look, state)
        if not says and not state.working and prompt != self._remark:
            says += self._advice.update(prompt, now_s)
        return prompt, tuple(says)

    def _note(self, trial: Trial, now_s: float) -> Say:
        key = (trial.side, trial.direction)
        self._last = key
        self._said.clear()
        if trial.valid:
            self.counts[key] += 1
            done = min(self.counts[key], TRIALS)
            way = "in" if trial.direction == "internal" else "out"
            self._remark = f"{trial.side.capitalize()} hip turned {way}, {done} of {TRIALS}."
        else:
            self._remark = f"That one does not count. {explain(trial.rejected or '')}"
        self._remark_s = now_s
        return Say(self._remark, "count" if trial.valid else "cue", now_s)

    def _count_hold(self, state: RomState, now_s: float) -> list[Say]:
        held_s = max((leg.held_s for leg in state.legs.values()), default=0.0)
        self._returning = bool(state.working) and (self._returning or held_s >= PLATEAU_S)
        self._held_s = held_s
        if not state.working:
            self._said.clear()
        word = "And come back slowly." if held_s >= PLATEAU_S else "Hold." if held_s > 0.0 else ""
        if not word or word in self._said:
            return []
        self._said.add(word)
        return [Say(word, "count", now_s)]

    def _choose_prompt(self, pose: Pose, look: Look, state: RomState) -> str:
        if state.working:
            if self._returning:
                return "Come back slowly."
            return "Hold." if self._held_s > 0.0 else "As far as it goes without force, then hold."
        if _is_recent(self._remark_s, pose.time_s):
            return self._remark
        missing = describe_missing(pose, look, SIDES) if pose.seen else ADVICE["nobody_seen"]
        if missing:
            return missing
        upcoming = self.upcoming
        if upcoming is None:
            return "All done. Well done."
        side, way = upcoming
        return f"Swing your {side} foot {_WAYS[way]}. Hold, then come back."

    def _find_trouble(self, pose: Pose, look: Look) -> str:
        if look.brightness < DARK:
            return "It is too dark here. Switch on a light."
        if not pose.seen:
            return ADVICE["nobody_seen"]
        missing = describe_missing(pose, look, SIDES)
        if missing:
            return missing
        reason = measure_body(pose, self.protocol.reading).view_reason
        if reason is not None and reason in ADVICE:
            return ADVICE[reason]
        return "Sit facing the camera, let both lower legs hang straight down, and hold still."


def _is_recent(since_s: float, now_s: float) -> bool:
    return not isnan(since_s) and now_s - since_s < _REMARK_S
