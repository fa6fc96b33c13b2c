"""The learned reading against a world whose rule is known, and how two readings become one."""

from dataclasses import replace

import numpy as np
import pytest
from bodies import SITTING, Camera, build_pose, rotated

from benchmarks import learn_rotation
from benchmarks.learn_rotation import Examples, calibrate, choose_inducing, learn, leave_out
from coach.exercise.lesson import Lesson, list_lessons
from coach.rotation.learned import LearnedReading, combine
from coach.rotation.leg_features import FEATURES
from coach.rotation.rotation import MAX_SD_DEG, Rotation

PEOPLE, FRAMES = 30, 8


def rule(features):
    """What the rotation is in this world: nearly, but not quite, a straight line."""
    return 12.0 * features[:, 0] - 6.0 * features[:, 1] + 8.0 * np.sin(features[:, 2])


@pytest.fixture(scope="module")
def examples():
    dice = np.random.default_rng(3)
    features = dice.normal(size=(PEOPLE * FRAMES, 6))
    truth = np.stack([rule(features), -20.0 + 10.0 * features[:, 3]], axis=1)
    person = np.repeat(np.arange(PEOPLE), FRAMES)
    own = dice.normal(scale=2.0, size=PEOPLE)[person]
    return Examples(features, truth + own[:, None], person, np.full(len(person), "front"))


@pytest.fixture(scope="module")
def learned(examples):
    return learn(examples, *calibrate(*leave_out(examples)))


def test_the_rule_is_found_for_people_who_were_not_learnt_from(learned):
    features = np.random.default_rng(4).normal(size=(200, 6))
    found, _ = learned.predict(features)
    assert np.mean(np.abs(found[:, 0] - rule(features))) < 2.5
    assert np.corrcoef(found[:, 1], features[:, 3])[0, 1] > 0.97


def test_the_error_bar_holds_the_truth_and_grows_with_strangeness(learned, examples):
    error, variance = leave_out(examples)
    extra = np.maximum(0.0, variance - learned.usual_variance_deg2)
    assert 0.93 <= np.mean(np.abs(error) <= 1.96 * np.sqrt(learned.sd_deg**2 + extra)) <= 0.99
    near, far = np.zeros((1, 6)), np.full((1, 6), 6.0)
    assert learned.predict(near)[1][0] < 1.0
    assert learned.predict(far)[1][0] > MAX_SD_DEG**2


def test_what_all_frames_of_a_person_share_is_no_reason_to_believe_it_more(examples):
    """The same frames said twice by the same person teach less than by two."""
    rows = np.arange(40)
    twice = Examples(
        *(np.concatenate([getattr(examples.take(rows), k)] * 2) for k in Examples.__annotations__)
    )
    others = replace(twice, person=np.concatenate([examples.person[:40], 100 + examples.person[:40]]))
    at = np.zeros((1, 6))
    left = [learn(e).predict(at)[1][0] for e in (twice, others)]
    assert left[1] < left[0]


def test_places_are_different_poses(examples):
    chosen = choose_inducing(np.repeat(examples.features[:20], 3, axis=0), 30)
    assert len({i // 3 for i in chosen}) == len(chosen) == 20


def test_a_further_view_takes_more_poses_to_stand_for_all(examples, monkeypatch):
    monkeypatch.setattr(learn_rotation, "INDUCING", 40)
    seen_twice = replace(examples, view=np.where(examples.person % 2, "front", "front-high"))
    assert [len(learn(e).inducing) for e in (examples, seen_twice)] == [40, 60]


def test_a_rotation_without_meaning_teaches_only_the_abduction(examples):
    truth = examples.truth_deg.copy()
    truth[examples.features[:, 3] > 0.5, 0] = np.nan
    holed = learn(replace(examples, truth_deg=truth))
    assert np.isfinite(holed.weights).all() and holed.max_abduction_deg < 90.0
    assert learn(examples).max_abduction_deg == np.inf


def reading(value_deg, sd_deg=4.0, mode="learned"):
    return Rotation(value_deg, sd_deg, mode)


def test_both_readings_are_weighed_by_how_sure_they_are():
    together = combine(reading(10.0, 4.0, "image-plane"), reading(14.0, 4.0))
    assert 12.0 < together.value_deg < 14.0 and together.mode == "combined"
    assert combine(reading(10.0, 1.0, "image-plane"), reading(14.0, 8.0)).value_deg < 11.0
    assert combine(reading(10.0, 8.0, "image-plane"), reading(14.0, 2.0)).value_deg > 13.9


def test_readings_that_agree_are_no_surer_and_such_that_disagree_less_until_they_give_up():
    agree, apart = (combine(reading(10.0, 4.0, "image-plane"), reading(v)) for v in (10.0, 25.0))
    assert agree.sd_deg == pytest.approx(4.0)
    assert apart.sd_deg > 5.0
    assert combine(reading(10.0, 4.0, "image-plane"), reading(45.0)).reason == "too_uncertain"


def test_the_only_reading_there_is_counts_alone():
    silent = Rotation.withheld("camera_too_low")
    assert combine(silent, reading(14.0)) == reading(14.0)
    assert combine(reading(10.0), Rotation.withheld("landmark_missing")) == reading(10.0)
    assert combine(silent, Rotation.withheld("landmark_missing")).reason == "camera_too_low"


def test_a_pose_that_nobody_had_is_not_left_to_geometry_alone():
    strange = reading(0.0, 12.0)
    near, far = (combine(reading(v, 5.0, "image-plane"), strange) for v in (4.0, 20.0))
    assert 0.0 < near.value_deg < 4.0 and near.sd_deg > 6.0
    assert far.sd_deg == MAX_SD_DEG
    assert combine(Rotation.withheld("camera_too_low"), strange).reason == "camera_too_low"


@pytest.mark.parametrize(
    "reason",
    [
        "chirality_error",
        "landmark_missing",
        "knee_extended",
        "nobody_seen",
        "pelvis_turned_along",
        "too_uncertain",
    ],
)
def test_a_leg_that_is_none_has_no_number_whatever_is_learnt(reason):
    assert combine(Rotation.withheld(reason), reading(14.0)).reason == reason


def test_feet_too_wide_for_one_reading_are_too_wide_for_both():
    assert combine(reading(10.0), Rotation.withheld("feet_too_wide")).reason == "feet_too_wide"


@pytest.mark.parametrize("name", list_lessons())
def test_what_is_stored_of_each_exercise_is_whole(name):
    stored = Lesson(name)()
    assert isinstance(stored, LearnedReading)
    assert stored.centre.shape == (len(FEATURES),) and stored.inducing.shape[1] == len(FEATURES)
    assert np.isfinite(stored.weights).all() and np.allclose(stored.spread, stored.spread.T, atol=1e-3)
    assert 1.0 <= stored.sd_deg <= MAX_SD_DEG
    found, strange = stored.predict(stored.centre[None])
    assert np.isfinite(found).all() and strange[0] < MAX_SD_DEG**2


def test_how_many_poses_come_at_once_makes_no_difference():
    lesson, dice = Lesson("seated-rotation")(), np.random.default_rng(5)
    poses = [
        build_pose(0, rotated(SITTING, turn), camera=Camera(turn, 5)) for turn in dice.uniform(-20, 20, 40)
    ]
    world_m, image_px = (np.array([getattr(p, name) for p in poses]) for name in ("world_m", "image_px"))
    one_by_one = [lesson.read(world_m[i : i + 1], image_px[i : i + 1])[0] for i in range(len(poses))]
    assert str(lesson.read(world_m, image_px)) == str(one_by_one)
