"""What was done so far: reps of this turn and of the session, and the best of the day."""

from collections.abc import Mapping
from math import isnan

from coach.body.landmarks import SIDES, Side
from coach.exercise.events import Rep
from coach.exercise.spec import ExerciseSpec
from coach.live.plan import Plan, Turns
from coach.live.state import Progress, Result


class Tally:
    """Counts valid reps.  `best_deg` starts with what was reached earlier today."""

    def __init__(self, spec: ExerciseSpec, plan: Plan, turns: Turns, best_deg: Mapping[Side, float]) -> None:
        self._spec = spec
        self._plan = plan
        self._turns = turns
        self._sign = 1.0 if spec.phases[0].direction == "increase" else -1.0
        self._of_turn: dict[Side, int] = dict.fromkeys(SIDES, 0)
        self._of_session: dict[Side, int] = dict.fromkeys(SIDES, 0)
        self._peaks: dict[Side, Rep] = {}
        self.best_deg: dict[Side, float] = dict(best_deg)

    def begin_turn(self) -> None:
        """Start this turn's count from zero."""
        self._of_turn = dict.fromkeys(SIDES, 0)

    def note(self, rep: Rep) -> bool:
        """Take a valid rep; whether it raised the count."""
        before = self.count
        self._turns.settle(rep.side)
        self._of_turn[rep.side] += 1
        self._of_session[rep.side] += 1
        if not isnan(rep.peak_deg):
            best = self.best_deg.get(rep.side, rep.peak_deg)
            self.best_deg[rep.side] = max(best, rep.peak_deg, key=self._reach)
            known = self._peaks.get(rep.side, rep)
            self._peaks[rep.side] = max(known, rep, key=lambda each: self._reach(each.peak_deg))
        return self.count > before

    @property
    def count(self) -> int:
        """Valid reps of this turn; where both legs work, those of the one that is behind."""
        side = self._turns.side
        if side is not None:
            return self._of_turn[side]
        if self._turns.current.choice == "auto" and self._spec.working != "both":
            return max(self._of_turn.values())
        return min(self._of_turn.values())

    def progress(self) -> Progress:
        """Where in the plan that is."""
        number = self._turns.current.set_number
        return Progress(number, self._plan.sets, self._turns.side, self.count, self._plan.reps)

    def results(self) -> tuple[Result, ...]:
        """What each leg that did anything came to."""
        return tuple(
            Result(
                side,
                self._of_session[side],
                self._peaks[side].peak_deg if side in self._peaks else float("nan"),
                self._peaks[side].peak_sd_deg if side in self._peaks else float("nan"),
            )
            for side in SIDES
            if self._of_session[side]
        )

    def _reach(self, deg: float) -> float:
        return self._sign * deg
