"""Poses and pictures' facts for live sessions, from the synthetic body."""

import numpy as np
from bodies import UPRIGHT, clock, film, follow, plan

from coach.body.landmarks import INDEX
from coach.body.pose import Pose, SourceFacts
from coach.exercise.events import Rep
from coach.live.state import Look
from coach.vision.grabber import Shot

LOOK = Look(UPRIGHT.width, UPRIGHT.height, 0.5)
FACTS = SourceFacts("camera", LOOK.width_px, LOOK.height_px, 20.0)
PICTURE = np.full((LOOK.height_px, LOOK.width_px, 3), 120, np.uint8)


class Played:
    """A camera that gives each picture once the one before was taken, so that none is skipped."""

    def __init__(self, poses):
        self.facts = FACTS
        self.state = "live"
        self.slot = self
        self.dropped = 0
        self._poses = iter(poses)
        self._number = 0

    def take(self, _timeout_s):
        pose = next(self._poses, None)
        if pose is None:
            self.state = "ended"
            return None
        self._number += 1
        return Shot(pose.time_s, 0.0, self._number, PICTURE)

    def close(self):
        pass


class Known:
    """A detector that knows the poses by their times."""

    model = "scripted"

    def __init__(self, poses):
        self._poses = {pose.time_s: pose for pose in poses}
        self.closed = False

    def detect(self, frame):
        return self._poses[frame.time_s]

    def close(self):
        self.closed = True


def sit(seconds, start_s=0.0, fps=20.0):
    """Sitting still in the start pose."""
    return list(film(clock(start_s + seconds, fps, start_s)))


def turn(levels, side="left", start_s=0.0, fps=20.0, **options):
    """Reps of one leg, to these angles, a rest before and after."""
    movements = plan(levels, **options)
    seconds = movements[-1].end_s + 1.0
    times_s = clock(seconds, fps)
    angles = follow(movements, times_s)
    return [
        Pose(pose.time_s + start_s, pose.image_px, pose.world_m, pose.visibility)
        for pose in film(times_s, **{side: angles})
    ]


def raise_hand(pose, side="left"):
    """The same pose with one hand straight up."""
    image = pose.image_px.copy()
    shoulder = image[INDEX[f"{side}_shoulder"]]
    image[INDEX[f"{side}_elbow"]] = shoulder - np.array([0, 100])
    image[INDEX[f"{side}_wrist"]] = shoulder - np.array([0, 230])
    return Pose(pose.time_s, image, pose.world_m, pose.visibility)


def hide(pose, *names):
    """The same pose with some landmarks not visible."""
    visibility = pose.visibility.copy()
    visibility[[INDEX[name] for name in names]] = 0.05
    return Pose(pose.time_s, pose.image_px, pose.world_m, visibility)


def shift(pose, x=0.0, y=0.0):
    """The same pose elsewhere in the picture."""
    return Pose(pose.time_s, pose.image_px + np.array([x, y]), pose.world_m, pose.visibility)


def nobody(seconds, start_s=0.0, fps=20.0):
    return [Pose.missing(float(t)) for t in clock(start_s + seconds, fps, start_s)]


def chain(*parts, step_s=0.05):
    """Parts one after the other, each moved to follow the one before."""
    poses = []
    for part in parts:
        offset_s = (poses[-1].time_s + step_s if poses else 0.0) - part[0].time_s
        poses += [Pose(p.time_s + offset_s, p.image_px, p.world_m, p.visibility) for p in part]
    return poses


def play(session, poses, look_of=LOOK):
    """All states."""
    return [session.update(pose, look_of) for pose in poses]


def said(states):
    return [say.text for state in states for say in state.says]


def stages(states):
    """The stages gone through, each once."""
    names = []
    for state in states:
        if not names or names[-1] != state.stage:
            names.append(state.stage)
    return names


def counted(states):
    return [d.event for s in states for d in s.done if isinstance(d.event, Rep) and d.event.valid]
