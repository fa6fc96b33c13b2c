"""The posed mesh against the kinematics that posed it."""

import numpy as np
import pytest

from studio.kinematics import SIDES, HipAngles, hip_angles, leg_from_angles, sign_of, thigh_from_joints
from studio.motion import MOTIONS
from studio.motion.base import Instant
from studio.people import PRESETS, Person, Shape
from studio.pose import ArmTarget, Pose, all_leg_joints

pytestmark = pytest.mark.usefixtures("body_model")


@pytest.fixture(scope="module")
def mannequin():
    # Built before the skip marks of a single test are looked at, so it has to skip by itself.
    pytest.importorskip("anny", reason="needs the body model: pip install -e '.[studio]'")
    from studio.mannequin import Mannequin

    return Mannequin(PRESETS["woman"])


def sitting(side, rotation):
    legs = {
        s: leg_from_angles(np.eye(3), s, HipAngles(90, 0, rotation if s == side else 0), 90) for s in SIDES
    }
    arms = {s: ArmTarget(np.array([sign_of(s) * 0.35, 0, 0.95]), np.array([0.0, 1.0, 0.0])) for s in SIDES}
    return Pose(np.array([0.0, 0.0, 1.0]), np.eye(3), legs, arms)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("rotation", [-40, -15, 0, 30, 50])
def test_bones_of_the_mesh_swing_by_the_angle_that_the_truth_says(mannequin, side, rotation):
    """Read from the bone motions applied to the rest skeleton, not from what went in."""
    placed, letter = mannequin.place(sitting(side, rotation)), side[0].upper()

    def moved(bone, rest):
        motion = placed.bones[mannequin.bones.index(f"{bone}.{letter}")]
        return motion[:, :3] @ mannequin.heads[f"{rest}.{letter}"] + motion[:, 3]

    hip, knee = moved("upperleg02", "upperleg01"), moved("upperleg02", "lowerleg01")
    knee_of_shank, ankle = moved("lowerleg01", "lowerleg01"), moved("lowerleg02", "foot")
    np.testing.assert_allclose(knee, knee_of_shank, atol=1e-9)
    np.testing.assert_allclose(ankle, moved("foot", "foot"), atol=1e-9)
    np.testing.assert_allclose((knee - hip) / np.linalg.norm(knee - hip), [0, -1, 0], atol=1e-9)
    shank = ankle - knee
    assert np.rad2deg(np.arctan2(sign_of(side) * shank[0], -shank[2])) == pytest.approx(rotation, abs=1e-6)
    np.testing.assert_allclose(placed.joints[f"{side}_ankle"], ankle, atol=1e-9)


@pytest.mark.parametrize("side", SIDES)
def test_the_flesh_follows_the_bones(mannequin, side):
    """The ring of skin around the ankle swings outwards by about the internal rotation."""
    rest, letter = mannequin.mesh.vertices, side[0].upper()
    height = mannequin.heads[f"foot.{letter}"][2]
    ring = np.intersect1d(
        np.flatnonzero((np.abs(rest[:, 2] - height) < 0.03) & (sign_of(side) * rest[:, 0] > 0)),
        mannequin.used,
    )
    weights = mannequin.rest.template.weight_of("lowerleg|foot")
    ring = ring[weights[ring] > 0.3]
    angles = []
    for rotation in (0, 30):
        placed = mannequin.place(sitting(side, rotation))
        centre = mannequin.vertices_at(placed)[ring].mean(axis=0) - placed.joints[f"{side}_knee"]
        angles.append(np.rad2deg(np.arctan2(sign_of(side) * centre[0], -centre[2])))
    assert angles[1] - angles[0] == pytest.approx(30, abs=2)


def test_a_body_has_the_stature_asked_for():
    from studio.bodymodel import rest_body

    for stature in (1.5, 1.72, 1.95):
        assert rest_body(Shape(stature_m=stature)).stature_m == pytest.approx(stature, abs=1e-3)


PEOPLE = [PRESETS["woman"], PRESETS["heavy-man"], Person(Shape(1.50, weight=0.9)), Person(Shape(1.95, 0.0))]


@pytest.mark.parametrize("person", PEOPLE, ids=["woman", "heavy man", "short", "tall"])
@pytest.mark.parametrize("exercise", sorted(MOTIONS))
def test_bodies_rest_on_the_floor_and_do_not_sink_into_it(exercise, person):
    from studio.mannequin import Mannequin

    body = Mannequin(person)
    motion = MOTIONS[exercise](body, "left")
    for share in [0.0, 1.0, -1.0] if -1 in motion.directions else [0.0, 1.0]:
        pose = motion.pose_at(Instant(share))
        placed = body.place(pose)
        lowest = body.vertices_at(placed)[body.used, 2].min()
        # Soft tissue is flattened on the floor: what lies on it may give by some centimetres, not more.
        assert -0.075 < lowest < (0.30 if exercise == "rom-seated" else 0.03)
        for name, point in placed.joints.items():
            assert point[2] > -0.03 if "heel" in name or "foot" in name else point[2] > 0.0, name


@pytest.mark.parametrize("exercise", sorted(MOTIONS))
def test_joints_of_the_truth_imply_the_angles_of_the_truth(exercise, mannequin):
    motion = MOTIONS[exercise](mannequin, "right")
    for share in (0.0, 0.7):
        pose = motion.pose_at(Instant(share))
        placed = mannequin.place(pose)
        for side in SIDES:
            points = [placed.joints[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle")]
            thigh, knee = thigh_from_joints(*points)
            if knee > 10:
                found = hip_angles(pose.pelvis, thigh, side)
                said = hip_angles(pose.pelvis, pose.legs[side].thigh, side)
                np.testing.assert_allclose(found, said, atol=1e-4)
                assert knee == pytest.approx(pose.legs[side].knee_flexion_deg, abs=1e-6)


def test_the_skeleton_is_the_one_that_motions_plan_with(mannequin):
    pose = sitting("left", 20)
    planned, placed = all_leg_joints(pose, mannequin.measures), mannequin.place(pose)
    for side in SIDES:
        np.testing.assert_allclose(planned[side].knee, placed.joints[f"{side}_knee"], atol=1e-12)
