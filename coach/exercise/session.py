"""A session added up: reps, holds and faults per side, tracking, view, and the rotation reached."""

from dataclasses import dataclass

from coach.body.landmarks import Side
from coach.body.pose import SourceFacts
from coach.exercise.events import Fault, Hold, Rep
from coach.rotation.rotation import Mode, Verdict


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
    """How much of the footage carried a pose."""

    frames: int
    frames_with_pose: int
    lost_s: float


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
