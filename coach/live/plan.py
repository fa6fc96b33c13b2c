"""The plan of a session: which leg does how many reps, set after set."""

from dataclasses import dataclass
from typing import Final

from coach.body.landmarks import Side, other_side
from coach.exercise.runner import SideChoice
from coach.exercise.spec import ExerciseSpec

REST_S: Final = 30.0
COUNTDOWN_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody has set out to do.

    reps         of each leg in each set
    rest_s       between sets; changing legs needs none
    countdown_s  between holding the start pose and counting, 0 for none
    side         "auto" finds out which leg is worked first, then asks for the other one
    explain      whether the whole exercise is explained first, for those who do not know it yet
    """

    reps: int
    sets: int
    rest_s: float = REST_S
    countdown_s: float = COUNTDOWN_S
    side: SideChoice = "auto"
    explain: bool = False

    @classmethod
    def of(cls, spec: ExerciseSpec, *, reps: int | None = None, sets: int | None = None) -> "Plan":
        """The exercise's own targets, where none are given."""
        return cls(reps or spec.target_reps, sets or spec.target_sets)


@dataclass(frozen=True, slots=True)
class Bout:
    """One leg's turn in one set; `choice` is what the exercise is told to watch."""

    set_number: int
    choice: SideChoice


class Turns:
    """Goes through the plan.  In an exercise for one leg at a time each set has a turn of either leg."""

    def __init__(self, spec: ExerciseSpec, plan: Plan) -> None:
        self._plan = plan
        self._one_leg = spec.working != "both" and plan.side in ("auto", "both")
        self._first: Side | None = None
        self._second_turn = False
        self.current = Bout(1, "auto" if self._one_leg else plan.side)

    def settle(self, side: Side) -> None:
        """It turned out which leg the running turn is for."""
        if self._one_leg and self._first is None:
            self._first = side

    @property
    def side(self) -> Side | None:
        """The leg whose turn it is, None where both work or it is not known yet."""
        choice = self.current.choice
        if choice == "left" or choice == "right":
            return choice
        return self._first if self._one_leg else None

    def upcoming(self) -> Bout | None:
        """The turn after this one, None when this is the last."""
        number = self.current.set_number
        if self._one_leg and not self._second_turn and self._first is not None:
            return Bout(number, other_side(self._first))
        if number == self._plan.sets:
            return None
        return Bout(number + 1, self._first or "auto") if self._one_leg else Bout(number + 1, self._plan.side)

    def advance(self) -> Bout | None:
        """Go on to the next turn; None when the plan is done."""
        following = self.upcoming()
        if following is not None:
            self._second_turn = following.set_number == self.current.set_number
            self.current = following
        return following
