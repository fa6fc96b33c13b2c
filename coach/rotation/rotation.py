"""`Rotation`: a measured hip rotation with its standard deviation, or the reason for having none."""

from dataclasses import dataclass
from math import nan
from typing import Literal

Mode = Literal["image-plane", "start-assumed", "learned", "combined"]
"""How it was measured; "start-assumed": the start pose is the exercise's word, the change is measured;
"learned": compared with people whose rotation is known; "combined": that and another, by precision."""
Verdict = Literal["below", "within", "above", "cannot-tell"]

REFERENCE_DEG: tuple[float, float] = (40.0, 45.0)
"""The popular norm of hip internal rotation; a reference band, never a pass mark (AAOS: 45 degrees)."""


MAX_SD_DEG = 9.0
"""A rotation less certain than this says nothing and is withheld."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """Hip rotation about the femur's long axis, one side, one instant.

    value_deg  internal rotation, positive on both sides, NaN when withheld
    sd_deg     standard deviation of `value_deg`, NaN when withheld
    mode       how it was measured, None when withheld
    reason     why there is no number, None when there is one
    """

    value_deg: float
    sd_deg: float
    mode: Mode | None
    reason: str | None = None

    @classmethod
    def withheld(cls, reason: str) -> "Rotation":
        """No number, and why."""
        return cls(nan, nan, None, reason)


def compute_verdict(value_deg: float, sd_deg: float) -> Verdict:
    """Where a value stands against `REFERENCE_DEG`, at 95 % confidence.

    "below" and "above" when the whole 95 % interval (value +- 1.96 sd) lies outside the band, "within"
    when the value lies in the band and the interval is no wider than +- 5 degrees beyond it on either
    side, "cannot-tell" otherwise and for NaN.
    """
    low, high = REFERENCE_DEG
    margin = 1.96 * sd_deg
    if value_deg + margin < low:
        return "below"
    if value_deg - margin > high:
        return "above"
    narrow = value_deg - margin >= low - 5.0 and value_deg + margin <= high + 5.0
    if narrow and low <= value_deg <= high:
        return "within"
    return "cannot-tell"
