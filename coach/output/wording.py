"""How results are put into words: the same sentences on the picture, in the terminal and in the report."""

import unicodedata
from math import isfinite
from typing import Final

from coach.body.landmarks import SIDES, Side
from coach.exercise.session import RotationRange, SessionSummary
from coach.rotation.rotation import REFERENCE_DEG, Mode, Rotation, compute_verdict
from coach.rotation.view import ADVICE

DISCLAIMER: Final = "Exercise coaching, not a medical device; it does not diagnose."
BAND: Final = f"{REFERENCE_DEG[0]:.0f}–{REFERENCE_DEG[1]:.0f}°"
MODES: Final[dict[Mode, str]] = {
    "image-plane": "read in the image plane",
    "start-assumed": "the start pose assumed as the exercise has it, the change from there measured",
    "learned": "compared with rendered people whose rotation is known",
    "combined": "read in the image plane, and compared with rendered people whose rotation is known",
}

_REP_FAULTS: Final = {"range": "not all the way out and back", "tempo": "too fast"}

_SPELLED: Final = {
    "°": " deg",
    "±": "+/-",
    "–": "-",
    "—": "-",
    "−": "-",
    "…": "...",
    "·": "-",
    "’": "'",
    "ß": "ss",
}


def fold_to_ascii(text: str) -> str:
    """The nearest plain spelling: "37° ± 6°" gives "37 deg +/- 6 deg"."""
    spelled = "".join(_SPELLED.get(sign, sign) for sign in text)
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode("ascii")


def describe_rotation(rotation: Rotation) -> tuple[str, str]:
    """A rotation in words: `("37° ± 6°", "internal rotation")`, or a dash where it was withheld."""
    if not isfinite(rotation.value_deg):
        return "–", "not measurable"
    direction = "internal" if rotation.value_deg >= -0.5 else "external"
    return degrees_text(abs(rotation.value_deg), rotation.sd_deg), f"{direction} rotation"


def degrees_text(value_deg: float, sd_deg: float) -> str:
    """`"37° ± 6°"`: value and standard deviation, the latter only where known; a dash for NaN."""
    if not isfinite(value_deg):
        return "–"
    value = f"{value_deg + 0.0:.0f}°".replace("-0°", "0°").replace("-", "−")
    return f"{value} ± {sd_deg:.0f}°" if isfinite(sd_deg) else value


def describe_verdict(rotation: RotationRange) -> str:
    """Where the largest internal rotation stands against the reference band, as a sentence."""
    if rotation.mode == "start-assumed":
        return f"Only its change was measured, so it cannot be placed against the {BAND} reference band."
    judged_alone = compute_verdict(rotation.max_deg, rotation.sd_deg)
    if rotation.verdict == "cannot-tell" and judged_alone != "cannot-tell":
        return f"No rep turned the hip inwards, so it is not placed against the {BAND} reference band."
    return {
        "below": f"Below the {BAND} reference band.",
        "within": f"Within the {BAND} reference band.",
        "above": f"Above the {BAND} reference band.",
        "cannot-tell": f"The error bar is too wide to place it against the {BAND} reference band.",
    }[rotation.verdict]


def describe_peak(value_deg: float, sd_deg: float) -> str:
    """`"37° ± 6° internal"`, `"23° ± 7° external"`, or a dash."""
    if not isfinite(value_deg):
        return "–"
    return f"{degrees_text(abs(value_deg), sd_deg)} {'internal' if value_deg >= 0 else 'external'}"


def went_outwards(rotation: RotationRange) -> bool:
    """Whether the hip mostly turned outwards."""
    return -rotation.min_deg > max(rotation.max_deg, 0.0)


def describe_reach(rotation: RotationRange) -> tuple[str, str, str | None]:
    """Value, name and remark on how far the hip went, for the way that it mostly went.

    `("37° ± 6°", "largest internal rotation", "Within the 40–45° reference band.")`.  The band is about
    internal rotation, so an exercise outwards gets no verdict; the other way is remarked on only where it
    exceeds what the error bar explains.
    """
    margin = 1.96 * rotation.sd_deg
    inwards = degrees_text(rotation.max_deg, rotation.sd_deg)
    outwards = degrees_text(-rotation.min_deg, rotation.sd_deg)
    if went_outwards(rotation):
        remark = f"Internal rotation up to {inwards}." if rotation.max_deg > margin else None
        return outwards, "largest external rotation", remark
    remark = describe_verdict(rotation)
    if rotation.min_deg < -margin:
        remark += f" External rotation up to {outwards}."
    return inwards, "largest internal rotation", remark


def sentence(words: str) -> str:
    """With a capital and a full stop."""
    words = capital(words.strip())
    return words if words.endswith((".", "!", "?")) else f"{words}."


def capital(words: str) -> str:
    """The first letter in upper case, the others as they are."""
    return words[:1].upper() + words[1:]


def describe_withheld(reason: str) -> str:
    """Why there is no number, as a sentence: reason codes are spelled out, with what to do about them."""
    if " " in reason:
        return reason
    words = reason.replace("_", " ").capitalize()
    advice = ADVICE.get(reason)
    return f"{words}. {advice}" if advice else f"{words}."


def shown_sides(summary: SessionSummary) -> list[Side]:
    """The legs that did something; both when neither did."""
    worked = [side for side, done in summary.sides.items() if done.reps or done.holds]
    return [side for side in SIDES if side in (worked or summary.sides)]


def describe_nothing(summary: SessionSummary) -> str | None:
    """Why nothing was counted although somebody was there, in words without a full stop; None otherwise."""
    if summary.unrecognised:
        return summary.unrecognised
    if summary.tracking.frames_with_pose and not any(s.reps or s.holds for s in summary.sides.values()):
        return "no leg went far enough out of the start pose and came back"
    return None


def plain_name(identifier: str) -> str:
    """`"trunk-lean"` as `"trunk lean"`."""
    return identifier.replace("-", " ").replace("_", " ")


def fault_name(identifier: str) -> str:
    """What was wrong with a rep, in words: its faults carry identifiers."""
    return _REP_FAULTS.get(identifier) or plain_name(identifier)


def count_text(count: int, one: str) -> str:
    """`"1 rep"`, `"4 reps"`."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def clock(time_s: float) -> str:
    """`"0:03.5"`, `"12:40.0"`, `"1:02:03.0"`: where to look in the video."""
    if not isfinite(time_s):
        return "–"
    tenths = round(max(0.0, time_s) * 10)
    hours, rest = divmod(tenths, 36_000)
    minutes, rest = divmod(rest, 600)
    seconds = f"{rest / 10:04.1f}"
    return f"{hours}:{minutes:02d}:{seconds}" if hours else f"{minutes}:{seconds}"


def length_text(duration_s: float) -> str:
    """`"25 s"`, `"4 min 10 s"`."""
    minutes, seconds = divmod(round(duration_s), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def describe_tracking(summary: SessionSummary) -> str:
    """How much of the footage showed a person."""
    tracking = summary.tracking
    if not tracking.frames:
        return "No frames were read."
    share = 100 * tracking.frames_with_pose / tracking.frames
    lost = f", {tracking.lost_s:.1f} s without" if tracking.lost_s >= 0.05 else ""
    doubted = tracking.frames_doubted
    dropped = f" In {doubted} of them a leg moved as no leg does, and was left out." if doubted else ""
    return f"A person was found in {share:.0f} % of {tracking.frames} frames{lost}.{dropped}"
