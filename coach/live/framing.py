"""Set-up: looks whether the exercise can be followed from here, and says what is missing in plain words."""

from typing import Final

import numpy as np

from coach.body.landmarks import INDEX, SIDES, Side
from coach.body.pose import Pose
from coach.exercise.runner import SideChoice
from coach.exercise.setup import broken_rule, can_follow, describe_missing_pose, find_working_sides
from coach.exercise.spec import ExerciseSpec
from coach.live.state import Look, SetUpCheck
from coach.rotation.estimator import BodyMeasurement
from coach.rotation.view import ADVICE

DARK: Final = 0.12
"""Mean brightness (0..1) below which the pose model guesses."""

_SMALLEST_TRUNK: Final = 0.09  # of the picture's shorter edge
_LEAST_VISIBILITY: Final = 0.35
_PARTS: Final[dict[str, tuple[str, ...]]] = {
    "head": ("nose",),
    "shoulder": ("shoulder",),
    "hip": ("hip",),
    "knee": ("knee",),
    "foot": ("ankle", "foot_index"),
}
_OTHER_SIDE: Final[dict[str, str]] = {
    "top": "Turn over, so that your {side} leg is on top.",
    "standing": "Stand on your {side} leg.",
    "nearer": "Turn round, so that your {side} side faces the camera.",
}
"""What to say when it is the other leg that would work."""


class Framing:
    """Judges one instant.  `check` returns the checks in the order in which people should mend them."""

    def __init__(self, spec: ExerciseSpec) -> None:
        self._spec = spec

    def check(self, body: BodyMeasurement, look: Look, choice: SideChoice) -> tuple[SetUpCheck, ...]:
        """All checks; the advice of the first that fails is the one to say."""
        light = not look.brightness < DARK
        checks = [SetUpCheck("light", light, "It is too dark here. Switch on a light.")]
        if not body.pose.seen:
            advice = ADVICE["nobody_seen"]
            return (
                *checks,
                *(SetUpCheck(n, False, advice) for n in ("whole body", "distance", "view", "pose")),
            )
        missing = describe_missing(body.pose, look, self._sides_needed(choice))
        checks.append(SetUpCheck("whole body", not missing, missing))
        far = _trunk_px(body.pose) < _SMALLEST_TRUNK * min(look.width_px, look.height_px)
        checks.append(SetUpCheck("distance", not far, "You are too far away. Come closer to the camera."))
        view = self._view_advice(body, choice)
        checks.append(SetUpCheck("view", not view, view))
        pose = self._pose_advice(body, choice)
        checks.append(SetUpCheck("pose", not pose, pose))
        return tuple(checks)

    def _sides_needed(self, choice: SideChoice) -> tuple[Side, ...]:
        """The legs that must not be hidden; lying on the side, the lower one may be."""
        if choice == "left" or choice == "right":
            return (choice,)
        return () if self._spec.working in ("top", "nearer") else SIDES

    def _view_advice(self, body: BodyMeasurement, choice: SideChoice) -> str:
        """What is wrong with the view, if the exercise cannot even be counted from here."""
        sides = find_working_sides(self._spec, body, _chosen(choice)) or _chosen(choice)
        if all(can_follow(self._spec, body, side) for side in sides):
            return ""
        return ADVICE.get(body.view_reason or "", self._spec.camera_place)

    def _pose_advice(self, body: BodyMeasurement, choice: SideChoice) -> str:
        """How the start pose differs from what the exercise wants."""
        rule = broken_rule(self._spec, body)
        if rule is not None:
            return rule.cue
        working, chosen = find_working_sides(self._spec, body, SIDES), _chosen(choice)
        if working and not set(working) & set(chosen):
            return _OTHER_SIDE[self._spec.working].format(side=choice)
        watched = tuple(side for side in working if side in chosen)
        return describe_missing_pose(self._spec, body, watched) or ""


def _chosen(choice: SideChoice) -> tuple[Side, ...]:
    return (choice,) if choice == "left" or choice == "right" else SIDES


def describe_limits(body: BodyMeasurement) -> str:
    """What cannot be measured from here although counting works; empty when all can."""
    reason = body.view_reason
    if reason is None or reason == "nobody_seen" or not body.reading.absolute:
        return ""
    return f"I can count from here, but not measure degrees. {ADVICE.get(reason, '')}".strip()


def find_missing(pose: Pose, look: Look, sides_needed: tuple[Side, ...]) -> list[str]:
    """Parts of the body out of the picture or (for the legs needed) not visible: "head", "left foot" ..."""
    missing = []
    for part, names in _PARTS.items():
        if part == "head":
            if _is_outside(pose, look, INDEX["nose"]):
                missing.append("head")
            continue
        for side in SIDES:
            rows = [INDEX[f"{side}_{name}"] for name in names]
            hidden = side in sides_needed and any(
                not pose.visibility[row] >= _LEAST_VISIBILITY for row in rows
            )
            if hidden or any(_is_outside(pose, look, row) for row in rows):
                missing.append(f"{side} {part}")
    return missing


def describe_missing(pose: Pose, look: Look, sides_needed: tuple[Side, ...]) -> str:
    """One sentence about what cannot be seen and what to do; empty when all can."""
    return _missing_advice(find_missing(pose, look, sides_needed), near=_is_cut_off(pose, look))


def _missing_advice(missing: list[str], *, near: bool) -> str:
    """One sentence: the few parts by name, many as a whole, and what to do."""
    if not missing:
        return ""
    what = _name_parts(missing)
    remedy = "Move back, or move the camera." if near else "Turn on a light, or clear the view."
    return f"I can't see your {what}. {remedy}"


def _name_parts(missing: list[str]) -> str:
    if len(missing) == 1:
        return missing[0]
    parts = {name.split()[-1] for name in missing}
    if parts == {"foot"}:
        return "feet"
    if parts <= {"knee", "foot"} and len(missing) > 2:
        return "legs"
    if len(parts) == 1:
        return f"{parts.pop()}s"
    if len(missing) == 2:
        return f"{missing[0]} and {missing[1]}"
    return "whole body"


def _is_outside(pose: Pose, look: Look, row: int) -> bool:
    x, y = pose.image_px[row].tolist()
    return not (0 <= x < look.width_px and 0 <= y < look.height_px)


def _is_cut_off(pose: Pose, look: Look) -> bool:
    x, y = pose.image_px.T
    with np.errstate(invalid="ignore"):
        return bool(np.any((x < 0) | (x >= look.width_px) | (y < 0) | (y >= look.height_px)))


def _trunk_px(pose: Pose) -> float:
    shoulders = pose.image_px[INDEX["left_shoulder"]] + pose.image_px[INDEX["right_shoulder"]]
    hips = pose.image_px[INDEX["left_hip"]] + pose.image_px[INDEX["right_hip"]]
    return float(np.hypot(*(0.5 * (shoulders - hips))))
