"""What the machines report: finished reps, holds and faults.  Plain records, no behaviour."""

from dataclasses import dataclass
from typing import Literal

from coach.body.landmarks import Side

Severity = Literal["minor", "major"]


@dataclass(frozen=True, slots=True)
class Rep:
    """One full cycle of the working leg, out of the start pose and back.

    Times are seconds of the source's own clock.  `peak_deg` is the hip internal rotation at the peak
    (negative: external) and `peak_sd_deg` its standard deviation; both NaN where rotation was withheld.
    `valid` is False for a partial rep (its faults then contain "range") and for one that a fault voids.
    """

    side: Side
    start_s: float
    peak_s: float
    end_s: float
    peak_deg: float
    peak_sd_deg: float
    valid: bool
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hold:
    """One timed hold; `held_s` leaves out the pauses below the off threshold."""

    side: Side
    start_s: float
    end_s: float
    held_s: float
    target_s: float
    completed: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule broken over a stretch of time.  `cue` is what the coach would say about it."""

    id: str
    side: Side | None
    start_s: float
    end_s: float
    cue: str
    severity: Severity


Event = Rep | Hold | Fault
