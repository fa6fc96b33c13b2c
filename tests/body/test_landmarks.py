"""Names, pairs and segments of the 33 landmarks."""

from coach.body.landmarks import (
    INDEX,
    LANDMARK_COUNT,
    LANDMARK_NAMES,
    MIRRORED_INDEX,
    SEGMENTS,
    indices,
    other_side,
)


def test_names_have_the_rows_of_mediapipes_topology():
    assert LANDMARK_COUNT == len(set(LANDMARK_NAMES)) == 33
    documented = {
        "nose": 0, "left_ear": 7, "right_ear": 8, "mouth_left": 9, "left_shoulder": 11, "right_shoulder": 12,
        "left_wrist": 15, "left_hip": 23, "right_hip": 24, "left_knee": 25, "right_knee": 26,
        "left_ankle": 27, "right_ankle": 28, "left_heel": 29, "right_heel": 30,
        "left_foot_index": 31, "right_foot_index": 32,
    }  # fmt: skip
    assert {name: INDEX[name] for name in documented} == documented


def test_mirroring_swaps_every_left_with_its_right_and_twice_is_nothing():
    for name, mirrored in zip(LANDMARK_NAMES, MIRRORED_INDEX, strict=True):
        if name == "nose":
            assert mirrored == INDEX["nose"]
        else:
            swapped = name.replace("left", "*").replace("right", "left").replace("*", "right")
            assert mirrored == INDEX[swapped] != INDEX[name]
    assert [MIRRORED_INDEX[i] for i in MIRRORED_INDEX] == list(range(LANDMARK_COUNT))


def test_segments_join_known_landmarks_without_repeats_and_alike_on_both_sides():
    assert len(set(SEGMENTS)) == len(SEGMENTS)
    assert {name for segment in SEGMENTS for name in segment} <= set(LANDMARK_NAMES)
    left = {(a, b) for a, b in SEGMENTS if a.startswith("left") and b.startswith("left")}
    right = {(a.replace("right", "left"), b.replace("right", "left"))
             for a, b in SEGMENTS if a.startswith("right") and b.startswith("right")}  # fmt: skip
    assert left == right
    assert {("left_hip", "left_knee"), ("left_knee", "left_ankle")} <= left


def test_other_side_and_indices():
    assert (other_side("left"), other_side("right")) == ("right", "left")
    assert indices("right_knee", "nose") == [26, 0]
