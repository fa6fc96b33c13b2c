"""The 33 landmarks of MediaPipe's pose topology: names, indices, left/right pairs, segments.

Left and right are the *person's*, whichever way the picture is turned.
"""

from typing import Literal

Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")

LANDMARK_NAMES: tuple[str, ...] = (
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "mouth_left",
    "mouth_right",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_foot_index",
    "right_foot_index",
)
LANDMARK_COUNT = len(LANDMARK_NAMES)
INDEX: dict[str, int] = {name: i for i, name in enumerate(LANDMARK_NAMES)}

# (start, end) of the segments drawn and measured; the face is left out on purpose.
SEGMENTS: tuple[tuple[str, str], ...] = (
    ("left_shoulder", "right_shoulder"),
    ("left_hip", "right_hip"),
    *((f"{side}_{a}", f"{side}_{b}")
      for side in SIDES
      for a, b in (
          ("shoulder", "hip"),
          ("shoulder", "elbow"),
          ("elbow", "wrist"),
          ("hip", "knee"),
          ("knee", "ankle"),
          ("ankle", "heel"),
          ("heel", "foot_index"),
          ("ankle", "foot_index"),
      )),
)  # fmt: skip

# Swapping these columns relabels left as right and back: what a mirrored picture needs.
MIRRORED_INDEX: tuple[int, ...] = tuple(
    INDEX[name.replace("left", "\0").replace("right", "left").replace("\0", "right")]
    for name in LANDMARK_NAMES
)


def other_side(side: Side) -> Side:
    """The person's other side."""
    return "right" if side == "left" else "left"


def indices(*names: str) -> list[int]:
    """Row numbers of the named landmarks, for indexing a `(33, n)` array."""
    return [INDEX[name] for name in names]
