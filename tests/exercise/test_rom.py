"""The range-of-motion test on synthetic motion whose plateaus are known exactly."""

from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from bodies import (
    SITTING,
    STANDING,
    UPRIGHT,
    Camera,
    Leg,
    Movement,
    build_pose,
    clock,
    film,
    follow,
    read_by_geometry,
    rotated,
)

from coach.body.pose import Pose
from coach.body.smoothing import OneEuroSmoother
from coach.exercise.rom.protocol import PROTOCOL_IDS, PROTOCOLS
from coach.exercise.rom.session import RomSession, resembles_neutral
from coach.exercise.rom.trial import MIN_PLATEAU_S
from coach.rom_pipeline import RomPipeline
from coach.rotation.estimator import measure_body

SEATED = read_by_geometry(PROTOCOLS["seated"])
DRAWN_INWARDS_DEG = SEATED.reading.posture.drawn_inwards_deg  # the pose model's, not these exact bodies'
FAR = Camera(fov=0.0)  # without perspective the picture shows the rotation exactly


def holds(*levels, stay_s=2.5, first_s=2.0, rest_s=1.0):
    """Trials one after the other."""
    movements, start_s = [], first_s
    for level in levels:
        movements.append(Movement(start_s, level, 1.5, stay_s, 1.5))
        start_s = movements[-1].end_s + rest_s
    return movements


def run(poses):
    """A finished session over exact poses."""
    session = RomSession(SEATED)
    for pose in poses:
        session.update(measure_body(pose, SEATED.reading))
    session.finish()
    return session


def trials_of(left=(), right=(), fps=30.0, camera=FAR, **film_options):
    end_s = max(m.end_s for m in (*left, *right)) + 2.0
    times = clock(end_s, fps)
    return run(film(times, follow(left, times), follow(right, times), camera, **film_options)).trials


def values(trials):
    return [round(t.value_deg, 1) for t in trials]


def kinds(trials):
    return [(t.side, t.direction) for t in trials]


def test_three_trials_each_way_are_found_with_their_plateaus():
    trials = trials_of(left=holds(38, 36, 40, -30, -28, -32))
    assert kinds(trials) == [("left", "internal")] * 3 + [("left", "external")] * 3
    assert values(trials) == pytest.approx([38, 36, 40, 30, 28, 32], abs=0.5)
    assert all(t.valid and t.note is None for t in trials)
    first = trials[0]
    assert first.start_s == pytest.approx(2.4, abs=0.3)
    assert first.end_s == pytest.approx(7.1, abs=0.4)
    assert 3.3 <= first.plateau_s[0] < first.plateau_s[1] <= 6.4
    assert first.held_s == pytest.approx(2.5, abs=0.6)


def test_legs_and_directions_come_in_any_order():
    trials = trials_of(
        left=holds(30, first_s=16.0) + holds(-24, first_s=23.0), right=holds(-33, 42, first_s=2.0)
    )
    assert kinds(trials) == [
        ("right", "external"),
        ("right", "internal"),
        ("left", "internal"),
        ("left", "external"),
    ]
    assert values(trials) == pytest.approx([33, 42, 30, 24], abs=0.5)


def test_passing_straight_on_to_the_other_direction_makes_two_trials():
    times = clock(14.0)
    keys = [(0, 0), (2, 0), (3.5, 35), (6, 35), (8, -30), (10.5, -30), (12, 0), (14, 0)]
    angle = np.interp(times, *np.array(keys, float).T)
    trials = run(film(times, None, angle, FAR)).trials
    assert kinds(trials) == [("right", "internal"), ("right", "external")]
    assert values(trials) == pytest.approx([35, 30], abs=0.5)


@pytest.mark.parametrize("fps", [5.0, 10.0, 24.0, 60.0])
def test_the_frame_rate_does_not_matter(fps):
    trials = trials_of(right=holds(37, -25), fps=fps)
    assert values(trials) == pytest.approx([37, 25], abs=0.5)
    assert all(t.valid for t in trials)


@pytest.mark.parametrize("seed", range(4))
def test_noise_neither_hides_nor_invents_trials(seed):
    left = holds(30, 31, -26)
    times = clock(left[-1].end_s + 2.0)
    pipeline = RomPipeline(SEATED)
    for pose in film(times, follow(left, times), None, UPRIGHT, noise_m=0.008, seed=seed):
        pipeline.update(pose)
    pipeline.flush()
    trials = pipeline.session.trials
    assert kinds(trials) == [("left", "internal")] * 2 + [("left", "external")]
    assert values(trials) == pytest.approx([30, 31, 26], abs=3.0)
    assert all(t.valid for t in trials)


def test_a_causal_smoother_finds_the_same_trials_as_they_end():
    left = holds(36, -28)
    times = clock(left[-1].end_s + 2.0)
    pipeline = RomPipeline(SEATED, OneEuroSmoother())
    reported = {}
    for pose in film(times, follow(left, times), None, FAR):
        for tick in pipeline.update(pose):
            reported.update({rep.peak_deg: tick.time_s for rep in tick.events})
    assert list(reported) == pytest.approx([36, -28], abs=2.0)
    assert list(reported.values()) == pytest.approx([m.end_s for m in left], abs=0.8)


def test_a_short_plateau_counts_with_a_note_and_a_swing_does_not():
    (short,) = trials_of(left=holds(35, stay_s=1.0))
    assert short.valid
    assert short.note == "short_plateau"
    assert short.value_deg == pytest.approx(35, abs=0.5)
    (swing,) = trials_of(left=holds(35, stay_s=0.0))
    assert swing.rejected == "not_held"
    assert swing.held_s < MIN_PLATEAU_S
    assert isnan(swing.value_deg)


def test_a_rest_on_the_way_is_not_the_end_of_range():
    keys = [(0, 0), (2, 0), (3, 18), (5.5, 18), (6.5, 40), (6.6, 40), (8, 0), (10, 0)]
    times = clock(10.0)
    (trial,) = run(film(times, np.interp(times, *np.array(keys, float).T), None, FAR)).trials
    assert trial.rejected == "not_held"


def test_the_furthest_two_seconds_of_a_creeping_plateau_count():
    keys = [(0, 0), (2, 0), (3, 30), (8, 38), (10, 38), (11, 0), (13, 0)]
    times = clock(13.0)
    (trial,) = run(film(times, np.interp(times, *np.array(keys, float).T), None, FAR)).trials
    assert trial.value_deg == pytest.approx(38, abs=0.7)
    assert trial.held_s > 4.5


def test_a_leg_that_trembles_on_its_plateau_still_stands():
    left = holds(38, stay_s=3.0)
    times = clock(left[-1].end_s + 2.0)
    dip = -4.0 * np.exp(-(((times - 5.0) / 0.15) ** 2))
    (trial,) = run(film(times, follow(left, times) + dip, None, FAR)).trials
    assert trial.valid
    assert trial.note is None
    assert trial.value_deg == pytest.approx(38, abs=0.5)


def test_small_movements_are_not_trials():
    assert trials_of(left=holds(6, -5)) == []


def test_a_leg_that_comes_back_crookedly_is_no_new_trial():
    keys = [(0, 0), (2, 0), (3.5, 40), (6, 40), (7, 9), (9, 9), (10, 0), (12, 0)]
    times = clock(12.0)
    trials = run(film(times, np.interp(times, *np.array(keys, float).T), None, FAR)).trials
    assert values(trials) == pytest.approx([40], abs=0.5)


def test_the_idle_leg_yields_nothing():
    trials = trials_of(left=holds(40, -35), right=holds(9, -10))
    assert kinds(trials) == [("left", "internal"), ("left", "external")]
    assert all(t.valid for t in trials)


def test_both_legs_at_once_are_refused():
    trials = trials_of(left=holds(35), right=holds(30))
    assert {t.rejected for t in trials} == {"both_legs_moved"}


def test_a_leg_that_makes_room_for_the_other_has_no_trial():
    right = Movement(2.0, 18.0, 1.5, 12.0, 1.5)
    trials = trials_of(left=holds(-35, first_s=6.0), right=[right])
    assert kinds(trials) == [("left", "external")]
    assert trials[0].valid


@pytest.mark.parametrize("speed_deg_s", [3.0, 6.0, 12.0])
def test_slow_trials_start_from_where_the_leg_hung(speed_deg_s):
    way_s = 36.0 / speed_deg_s
    keys = [(0, 0), (2, 0), (2 + way_s, 36), (4.5 + way_s, 36), (6 + way_s, 0), (8 + way_s, 0)]
    times = clock(8.0 + way_s)
    (trial,) = run(film(times, np.interp(times, *np.array(keys, float).T), None, FAR)).trials
    assert trial.value_deg == pytest.approx(36, abs=1.0)
    assert trial.neutral_deg == pytest.approx(-0.5 * DRAWN_INWARDS_DEG, abs=0.3)


def test_another_position_is_no_trial_and_the_test_starts_anew_from_it():
    move, left = Movement(2.0, 10.0, 1.0, 200.0, 1.0), holds(36, first_s=45.0)
    times = clock(left[-1].end_s + 2.0)
    trials = run(film(times, follow(left, times) + move.at(times), None, FAR)).trials
    assert [t.rejected for t in trials] == ["not_returned", None]
    assert trials[1].value_deg == pytest.approx(36, abs=0.5)


def test_degrees_count_from_the_neutral_pose():
    left = holds(38)
    times = clock(left[-1].end_s + 2.0)
    (trial,) = run(film(times, follow(left, times) + 4.0, None, FAR)).trials
    assert trial.value_deg == pytest.approx(38, abs=0.5)
    assert trial.neutral_deg == pytest.approx(0.5 * (4 - DRAWN_INWARDS_DEG), abs=0.3)


def test_a_leg_that_does_not_hang_straight_has_no_trials():
    left, right = holds(20), holds(30, first_s=10.0)
    times = clock(right[-1].end_s + 2.0)
    trials = run(film(times, follow(left, times) + 20.0, follow(right, times), FAR)).trials
    assert kinds(trials) == [("right", "internal")]


def compensated(change, level=35.0):
    """One trial of the left leg; `change(share)` gives options of `build_pose` for a share of the way."""
    (movement,) = holds(level)
    for time_s in clock(movement.end_s + 2.0):
        angle = float(movement.at(time_s))
        options = {"camera": FAR, **change(angle / level)}
        yield build_pose(float(time_s), rotated(SITTING, angle), SITTING, **options)


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("trunk_leaned", lambda share: {"side_bend": 12.0 * share}),
        ("trunk_leaned", lambda share: {"side_bend": -7.0 * share}),
        ("pelvis_turned", lambda share: {"camera": replace(FAR, azimuth=12.0 * share)}),
        ("pelvis_turned", lambda share: {"camera": replace(FAR, azimuth=-12.0 * share)}),
        (
            "pelvis_tilted",
            lambda share: {"camera": replace(FAR, roll=12.0 * share), "side_bend": -11.0 * share},
        ),
    ],
)
def test_a_trial_in_which_the_pelvis_does_the_work_is_rejected(reason, change):
    (trial,) = run(compensated(change)).trials
    assert trial.rejected == reason


@pytest.mark.parametrize(
    "change",
    [
        lambda share: {"side_bend": 3.0 * share},
        lambda share: {"camera": replace(FAR, azimuth=4.0 * share)},
        lambda share: {"camera": replace(FAR, roll=3.0 * share)},
    ],
)
def test_a_little_sway_is_no_compensation(change):
    (trial,) = run(compensated(change)).trials
    assert trial.valid


def test_tipping_the_pelvis_is_not_taken_for_rotation_of_the_hip():
    (trial,) = run(compensated(lambda share: {"camera": replace(FAR, roll=12.0 * share)})).trials
    assert not trial.valid
    assert trial.value_deg == pytest.approx(35, abs=1.5)


def hide(poses, from_s, to_s):
    for pose in poses:
        yield Pose.missing(pose.time_s) if from_s <= pose.time_s < to_s else pose


@pytest.mark.parametrize(("to_s", "valid"), [(4.9, True), (6.3, False)])
def test_a_brief_dropout_is_bridged_and_a_long_one_is_not(to_s, valid):
    left = holds(36, stay_s=3.0)
    times = clock(left[-1].end_s + 2.0)
    trials = run(hide(film(times, follow(left, times), None, FAR), 4.3, to_s)).trials
    assert [t.rejected for t in trials if t.start_s < 4.0] == [None if valid else "lost_from_sight"]


def test_footage_that_ends_on_the_plateau_still_counts():
    left = holds(36)
    times = clock(5.9)
    (trial,) = run(film(times, follow(left, times), None, FAR)).trials
    assert trial.valid
    assert trial.value_deg == pytest.approx(36, abs=0.5)


@pytest.mark.parametrize(
    ("leg", "camera"),
    [
        (STANDING, FAR),
        (Leg(flexion=130.0, knee=100.0), FAR),  # on the floor, knees high
        (SITTING, replace(FAR, azimuth=90.0)),
        (SITTING, replace(FAR, roll=90.0)),
    ],
    ids=["standing", "floor", "side view", "lying"],
)
def test_other_positions_never_start_the_test(leg, camera):
    left = holds(35)
    times = clock(left[-1].end_s + 2.0)
    session = run(film(times, follow(left, times), None, camera, leg))
    assert session.trials == []
    assert not session.was_ready


def test_without_a_still_start_there_is_no_trial_until_there_is_one():
    left = holds(36, 34, first_s=0.0, rest_s=2.0)
    times = clock(left[-1].end_s + 2.0)
    trials = run(film(times, follow(left, times), None, FAR)).trials
    assert values(trials) == pytest.approx([34], abs=0.5)


def test_somebody_gone_for_long_has_to_take_up_the_neutral_pose_again():
    left = holds(36, first_s=9.5)
    times = clock(left[-1].end_s + 2.0)
    assert run(hide(film(times, follow(left, times), None, FAR), 2.0, 9.4)).trials == []


def test_the_guide_says_what_to_do_next():
    left = holds(36, stay_s=4.0)
    session = RomSession(SEATED)
    said = []
    times = clock(left[-1].end_s + 2.0)
    for pose in film(times, follow(left, times), None, FAR):
        state = session.update(measure_body(pose, SEATED.reading))
        said += [state.prompt] if state.prompt not in said else []
    assert said == [
        "Take up the start pose and hold still.",
        "Turn one leg as far as it goes, and stay there for two seconds.",
        "As far as it goes without force.",
        "Hold.",
        "Come back slowly.",
        "That one counts.",
    ]


def test_protocols_are_named_after_their_ids():
    assert tuple(PROTOCOLS) == PROTOCOL_IDS
    assert all(protocol.id == name for name, protocol in PROTOCOLS.items())


def test_who_sits_with_legs_hanging_is_about_to_be_measured():
    standing = build_pose(0.0, STANDING, STANDING)
    assert resembles_neutral(SEATED, build_pose(0.0))
    assert not resembles_neutral(SEATED, standing)
    assert not resembles_neutral(SEATED, Pose.missing(0.0))
