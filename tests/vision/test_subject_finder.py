"""Two people in the picture, of whom the network prefers the one who does not exercise."""

from dataclasses import replace

import numpy as np
import pytest

from coach.body.landmarks import LANDMARK_COUNT
from coach.body.pose import Pose
from coach.pipeline import Frame
from coach.vision.subject_finder import LONGEST_WAIT_S, SubjectFinder

BYSTANDER_X, SUBJECT_X = 40.0, 220.0
BACKGROUND, PERSON = 90, 250


def person(x, time_s=0.0):
    """Somebody 40 px wide and 150 px high, the middle at `x`."""
    columns = x + np.linspace(-20, 20, LANDMARK_COUNT)
    rows = 100 + np.resize([-75.0, 75.0, 0.0], LANDMARK_COUNT)
    image_px = np.stack([columns, rows], axis=1)
    return Pose(time_s, image_px, np.zeros((LANDMARK_COUNT, 3)), np.ones(LANDMARK_COUNT))


class Network:
    """Follows whom it has found; of those in the picture it finds the first one.  After losing one it needs
    the next picture to find another.
    """

    model = "fake"

    def __init__(self):
        self.calls = 0
        self.followed = None

    def detect(self, frame):
        self.calls += 1
        there = [x for x in (BYSTANDER_X, SUBJECT_X) if frame.image[100, int(x), 0] == PERSON]
        if self.followed is not None and self.followed not in there:
            self.followed = None
            return Pose.missing(frame.time_s)
        if self.followed is None and there:
            self.followed = there[0]
        return Pose.missing(frame.time_s) if self.followed is None else person(self.followed, frame.time_s)

    def close(self):
        pass


def picture(time_s, *people):
    image = np.full((200, 320, 3), BACKGROUND, np.uint8)
    for x in people:
        image[100, int(x)] = PERSON
    return Frame(time_s, image)


def film(finder, seconds, *people, start_s=0.0):
    times = start_s + np.arange(0, seconds, 0.1)
    return [finder.detect(picture(float(t), *people)) for t in times]


def where(pose):
    return float(pose.image_px[:, 0].mean()) if pose.seen else None


def is_subject(pose):
    return where(pose) == pytest.approx(SUBJECT_X)


def test_somebody_on_the_mat_is_found_behind_the_one_whom_the_network_prefers():
    poses = film(SubjectFinder(Network(), is_subject), 2.0, BYSTANDER_X, SUBJECT_X)
    assert all(where(pose) == pytest.approx(SUBJECT_X) for pose in poses)


def test_the_picture_itself_is_left_alone():
    frame = picture(0.0, BYSTANDER_X, SUBJECT_X)
    before = frame.image.copy()
    SubjectFinder(Network(), is_subject).detect(frame)
    assert np.array_equal(frame.image, before)


def test_who_was_found_is_followed_through_poses_that_are_not_the_start():
    network = Network()
    answers = iter([False, True])
    finder = SubjectFinder(network, lambda _: next(answers, False))
    poses = film(finder, 3.0, BYSTANDER_X, SUBJECT_X)
    assert all(where(pose) == pytest.approx(SUBJECT_X) for pose in poses)
    assert network.calls == len(poses) + 2


def test_who_was_found_is_found_again_when_the_network_goes_over_to_the_other():
    network = Network()
    finder = SubjectFinder(network, is_subject)
    film(finder, 1.0, BYSTANDER_X, SUBJECT_X)
    film(finder, 0.5, BYSTANDER_X, start_s=1.0)
    poses = film(finder, 4.0, BYSTANDER_X, SUBJECT_X, start_s=1.5)
    assert where(poses[-1]) == pytest.approx(SUBJECT_X)


def test_a_lone_person_who_suits_costs_nothing():
    network = Network()
    poses = film(SubjectFinder(network, is_subject), 2.0, SUBJECT_X)
    assert network.calls == len(poses)


def test_where_nobody_suits_the_networks_choice_stands_and_second_looks_become_rare():
    network = Network()
    finder = SubjectFinder(network, lambda _: False)
    poses = film(finder, 30.0, BYSTANDER_X)
    seen = [where(pose) for pose in poses if pose.seen]
    assert len(seen) >= 0.97 * len(poses)
    assert seen == pytest.approx([BYSTANDER_X] * len(seen))
    assert 2 <= (network.calls - len(poses)) / 2 <= 4 + 30.0 / LONGEST_WAIT_S


def test_nobody_is_nobody():
    assert not any(pose.seen for pose in film(SubjectFinder(Network(), is_subject), 1.0))


def test_a_person_at_the_edge_can_be_painted_over():
    class Leaning(Network):
        def detect(self, frame):
            pose = super().detect(frame)
            return replace(pose, image_px=pose.image_px - np.array([60.0, 90.0])) if pose.seen else pose

    assert film(SubjectFinder(Leaning(), lambda _: False), 0.2, BYSTANDER_X)[0].seen
