"""Whole clips: the truth file, the pictures, and that they belong together."""

import json
from dataclasses import replace

import numpy as np
import pytest

from studio.camera import CameraPlan
from studio.recipe import FaultPlan, load_recipe

pytestmark = pytest.mark.usefixtures("body_model")


@pytest.fixture
def truth(small_recipe):
    from studio.plan import plan_clip
    from studio.truth import truth_of

    return truth_of(plan_clip(replace(small_recipe, faults=(FaultPlan("trunk-lean", 12.0, (1,)),))))


class TestTruth:
    def test_it_is_plain_json_with_one_entry_per_frame(self, truth):
        again = json.loads(json.dumps(truth))
        assert again == truth
        counts = {len(column) for column in truth["frames"].values()}
        assert counts == {truth["video"]["frames"]}

    def test_reps_holds_and_faults_are_listed(self, truth):
        whole, partial = truth["reps"]
        assert (whole["side"], whole["direction"], whole["partial"]) == ("right", "internal", False)
        assert partial["partial"]
        assert partial["cycle"] == 1
        assert whole["start_s"] < whole["peak_start_s"] < whole["peak_end_s"] < whole["end_s"]
        assert whole["right_hip_internal_rotation_deg"]["peak"] == pytest.approx(38, abs=1.0)
        assert truth["holds"][0]["start_s"] == whole["peak_start_s"]
        (fault,) = truth["faults"]
        assert (fault["kind"], fault["cycle"], fault["start_s"]) == ("trunk-lean", 1, partial["start_s"])

    def test_pixels_are_what_the_camera_makes_of_the_joints(self, truth):
        camera = truth["camera"]
        points = np.array(truth["frames"]["joints_camera_m"])
        px = camera["focal_px"] * points[..., :2] / points[..., 2:] + camera["centre_px"]
        np.testing.assert_allclose(px, truth["frames"]["joints_px"], atol=0.05)

    def test_the_joints_imply_the_angles(self, truth):
        """The clinical formulas on camera coordinates: nothing of the studio's own kinematics."""
        frames, names = truth["frames"], truth["joints"]
        points = {name: np.array(frames["joints_camera_m"])[:, i] for i, name in enumerate(names)}

        def unit(v):
            return v / np.linalg.norm(v, axis=-1, keepdims=True)

        z = unit(points["right_hip"] - points["left_hip"])
        for side, sign in (("left", -1.0), ("right", 1.0)):
            d = unit(points[f"{side}_knee"] - points[f"{side}_hip"])
            s = unit(points[f"{side}_ankle"] - points[f"{side}_knee"])
            u = unit(s - (s * d).sum(-1, keepdims=True) * d)
            rotation = np.rad2deg(np.arctan2(sign * (u * z).sum(-1), (np.cross(u, d) * z).sum(-1)))
            adduction = np.rad2deg(np.arcsin(-sign * (d * z).sum(-1)))
            knee = np.rad2deg(np.arccos((d * s).sum(-1)))
            np.testing.assert_allclose(rotation, frames[f"{side}_hip_internal_rotation_deg"], atol=0.02)
            np.testing.assert_allclose(adduction, frames[f"{side}_hip_adduction_deg"], atol=0.02)
            np.testing.assert_allclose(knee, frames[f"{side}_knee_flexion_deg"], atol=0.02)


@pytest.mark.usefixtures("graphics")
class TestPictures:
    def test_the_same_recipe_gives_the_same_frames(self, small_recipe):
        from studio.clip import frames_of
        from studio.plan import plan_clip

        short = replace(small_recipe, movements=small_recipe.movements[1:])
        first, second = (list(frames_of(plan_clip(short))) for _ in range(2))
        assert len(first) > 5
        assert all((a == b).all() for a, b in zip(first, second, strict=True))

    def test_the_person_is_where_the_truth_says(self, small_recipe):
        """With and without the person, pictures differ at the joints and hardly far away from them."""
        from studio.clip import Stage
        from studio.plan import plan_clip
        from studio.renderer import Renderer

        tilted = replace(
            small_recipe, camera=CameraPlan(azimuth_offset_deg=10, roll_deg=8, distance_factor=1.4)
        )
        plan = plan_clip(tilted)
        frame = plan.frames[0]
        with Renderer(tilted.sensor.size) as renderer:
            stage = Stage(plan, renderer)
            here = stage.picture(frame.pose, 0.0).astype(float)
            away = stage.picture(frame.pose.moved(np.array([0.0, 0.0, -5.0])), 0.0).astype(float)
        changed = np.abs(here - away).max(axis=-1) > 8
        for name in ("nose", "left_shoulder", "right_knee", "left_ankle", "right_wrist"):
            x, y = plan.camera.to_pixels(frame.placed.joints[name])
            assert changed[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2].any(), name

    def test_a_clip_is_written_whole_known_again_and_repeatable(self, small_recipe, tmp_path):
        import av

        from studio.clip import is_rendered, render_clip, truth_path

        video = tmp_path / "clip.mp4"
        truth = render_clip(small_recipe, video)
        assert is_rendered(small_recipe, video)
        assert not is_rendered(replace(small_recipe, seed=4), video)
        assert load_recipe(truth_path(video)) == small_recipe
        with av.open(str(video)) as container:
            stream = container.streams.video[0]
            frames = list(container.decode(stream))
            assert (stream.width, stream.height) == (160, 120)
            assert float(stream.average_rate) == 5.0
        assert len(frames) == truth["video"]["frames"]
        np.testing.assert_allclose([f.time for f in frames], truth["frames"]["time_s"], atol=1e-3)
        assert sorted(p.name for p in tmp_path.iterdir()) == ["clip.json", "clip.mp4"]
        first = video.read_bytes()
        render_clip(small_recipe, video)
        assert video.read_bytes() == first

    def test_a_set_resumes(self, small_recipe, tmp_path):
        from studio.batch import count_missing, render_missing
        from studio.sets import SetClip

        clips = [
            SetClip(f"c{i}", replace(small_recipe, seed=i, movements=small_recipe.movements[1:]))
            for i in range(2)
        ]
        assert [o.error for o in render_missing(clips[:1], tmp_path, 1)] == [None]
        assert count_missing(clips, tmp_path) == 1
        assert [o.name for o in render_missing(clips, tmp_path, 1)] == ["c1"]
