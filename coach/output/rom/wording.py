"""How the results of a range-of-motion test are put into words."""

from typing import Final

from coach.exercise.rom.result import (
    CLINICAL_ASYMMETRY_DEG,
    MDC_FACTOR,
    SEM_DEG,
    Asymmetry,
    Range,
    RomSummary,
)
from coach.exercise.rom.trial import DIRECTIONS, Direction, Trial
from coach.output.wording import BAND, describe_withheld

MDC_DEG: Final = MDC_FACTOR * SEM_DEG

_REASONS: Final = {
    "not_performed": "Not performed.",
    "not_held": "No trial was held at its end for a second. Stay at the end of the range for two seconds.",
    "lost_from_sight": "The leg was lost from sight during the trial. Keep the whole leg in the picture.",
    "not_returned": "The leg stayed away for too long to be a trial. Come back to the start pose each time.",
    "both_legs_moved": "Both legs moved. Keep the other leg still.",
    "pelvis_tilted": "The pelvis tilted and did part of the work. Keep both buttocks down.",
    "pelvis_turned": "The pelvis turned and did part of the work. Keep both hip bones facing the camera.",
    "trunk_leaned": "The trunk leaned and did part of the work. Sit tall.",
    "neutral_not_measured": "The rotation in the start pose could not be measured, so there is no zero.",
    "start_pose_not_seen": (
        "The start pose was not seen. Sit facing the camera on something high, let both lower legs hang "
        "straight down, and hold still for two seconds before the first trial."
    ),
    "prone_not_measurable": (
        "Lying face down cannot be measured with one camera: from no place that was tried does the pose "
        "model see the legs well enough. Use the seated protocol, or a goniometer."
    ),
    "supine_not_measurable": (
        "Lying on the back cannot be measured with one camera: from above the foot end, where a camera sees "
        "the leg best, rendered people came out wrong by up to 20°. Use the seated protocol, or a goniometer."
    ),
}

_REJECTED: Final = {
    "not_held": "not held still at its end",
    "lost_from_sight": "lost from sight",
    "not_returned": "it did not come back",
    "both_legs_moved": "both legs moved",
    "pelvis_tilted": "the pelvis tilted",
    "pelvis_turned": "the pelvis turned",
    "trunk_leaned": "the trunk leaned",
    "neutral_not_measured": "no zero from the start pose",
}


def explain(reason: str) -> str:
    """Why there is no number, with what to do about it, as a sentence or two."""
    return _REASONS.get(reason) or describe_withheld(reason)


def shorten(reason: str) -> str:
    """Why there is no number, in a few words."""
    if reason in ("not_performed", "start_pose_not_seen"):
        return reason.replace("_", " ")
    if reason in _REJECTED:
        return f"no trial counted: {_REJECTED[reason]}"
    return "not measurable"


def describe_trial(trial: Trial) -> str:
    """What became of a trial: "counted", or why not."""
    if trial.rejected is not None:
        words = _REJECTED.get(trial.rejected, trial.rejected.replace("_", " "))
        return f"rejected: {words}"
    if trial.note == "short_plateau":
        return f"counted, held for {trial.held_s:.1f} s only"
    return "counted"


def interval_text(measured: Range) -> str:
    """`"28° to 46°"`."""
    low, high = measured.interval95_deg
    return f"{low:.0f}° to {high:.0f}°".replace("-", "−")


def describe_range(measured: Range) -> str | None:
    """Where internal rotation stands against the reference band; None where there is no band."""
    if measured.verdict is None:
        return None
    return {
        "below": f"Below the {BAND} reference band.",
        "within": f"Within the {BAND} reference band.",
        "above": f"Above the {BAND} reference band.",
        "cannot-tell": f"Cannot tell: the interval is too wide to place it against the {BAND} band.",
    }[measured.verdict]


def describe_spread(measured: Range) -> str:
    """How many trials, and how far apart."""
    count = len(measured.trials)
    if count == 1:
        return "1"
    return f"{count}, {measured.spread_deg:.0f}° apart"


def describe_asymmetry(asymmetry: Asymmetry, direction: Direction) -> str:
    """The side difference, and whether it means anything."""
    size = abs(asymmetry.difference_deg)
    more = "left" if asymmetry.difference_deg > 0 else "right"
    words = f"{direction.capitalize()} rotation: {size:.0f}° more on the {more}"
    if not asymmetry.real:
        return f"{words}: no real difference, {MDC_DEG:.0f}° is the least that could be told apart."
    if not asymmetry.large:
        return f"{words}: a real difference, below the {CLINICAL_ASYMMETRY_DEG:.0f}° usually called one."
    return f"{words}: a real difference, and of the size that is usually called an asymmetry."


def describe_mdc() -> str:
    """What the tool can tell apart, and on what grounds."""
    return (
        f"The least change that could be told apart is {MDC_DEG:.1f}° (2.77 × a standard error of "
        f"{SEM_DEG:.1f}°, measured on rendered people filmed twice; on real people it may be larger)."
    )


def describe_reading(measured: Range | str, reading_deg: float) -> str:
    """A goniometer reading beside the measurement."""
    if isinstance(measured, str):
        return f"{reading_deg:.0f}°"
    difference = measured.median_deg - reading_deg
    words = f"{difference:+.0f}°".replace("-", "−")
    return f"{reading_deg:.0f}°, camera {words}"


def advise(summary: RomSummary) -> str | None:
    """What to do when nothing was measured; None when something was."""
    if summary.measured:
        return None
    reasons = [
        reason
        for leg in summary.legs.values()
        for direction in DIRECTIONS
        if isinstance(reason := leg.get(direction), str)
    ]
    tried = [reason for reason in reasons if reason != "not_performed"]
    if not tried:
        return "No trial was seen. Turn one leg at a time as far as it goes, and stay there for two seconds."
    words = explain(max(set(tried), key=tried.count))
    if not summary.view.ok and summary.view.advice:
        advice = summary.view.advice
        return words if advice in words else f"{words} {advice}"
    return words
