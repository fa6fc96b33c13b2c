"""The exercises that the studio knows, by the product's names."""

from studio.errors import RecipeError
from studio.motion.base import FaultKind, Instant, Motion, Setting, View
from studio.motion.floor import NinetyNinetyLift, PosteriorCapsuleStretch
from studio.motion.lying import BandedClamshell, SideLyingRotation
from studio.motion.seated import RomSeated, SeatedRotation
from studio.motion.standing import SquatRotation, StandingDissociation
from studio.motion.supine import RomProne, RomSupine, WindshieldWipers

MOTIONS: dict[str, type[Motion]] = {
    motion.exercise: motion
    for motion in (
        SideLyingRotation,
        SeatedRotation,
        WindshieldWipers,
        PosteriorCapsuleStretch,
        NinetyNinetyLift,
        BandedClamshell,
        SquatRotation,
        StandingDissociation,
        RomSeated,
        RomProne,
        RomSupine,
    )
}


def motion_for(exercise: str) -> type[Motion]:
    """The motion of an exercise; an unknown name is an error that lists the known ones."""
    if exercise not in MOTIONS:
        raise RecipeError(f"unknown exercise {exercise!r}; expected one of {', '.join(MOTIONS)}")
    return MOTIONS[exercise]


__all__ = ["MOTIONS", "FaultKind", "Instant", "Motion", "Setting", "View", "motion_for"]
