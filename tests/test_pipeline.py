"""Frames or stored landmarks in, ticks and pictures out, in order and belonging together."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from bodies import clock, film, follow, plan
from simple_specs import make_fault, make_spec

from coach.body.pose import Pose, PoseTrack, SourceFacts
from coach.body.smoothing import OneEuroSmoother
from coach.exercise.events import Rep
from coach.pipeline import Frame, Pipeline, replay, run

MOVES = plan([35, 30])
TIMES = clock(MOVES[-1].end_s + 1.5, 30)
FACTS = SourceFacts("clip.mp4", 64, 48, 30.0, len(TIMES), TIMES[-1])
SPEC = make_spec(faults=[make_fault(measure="other_knee_offset", threshold=0.05, phase="working")])


def make_poses():
    poses = list(film(TIMES, follow(MOVES, TIMES), noise_m=0.002))
    return [Pose.missing(p.time_s) if 3 <= i % 97 <= 6 else p for i, p in enumerate(poses)]


POSES = make_poses()


def as_track(poses):
    arrays = [np.stack([getattr(p, n) for p in poses]) for n in ("image_px", "world_m", "visibility")]
    return PoseTrack(np.array([p.time_s for p in poses]), *arrays, FACTS, "full")


def test_live_and_from_a_file_a_repetition_has_the_same_times():
    spans_s = []
    for smoother in (None, OneEuroSmoother()):
        pipeline = Pipeline(SPEC, smoother=smoother)
        replay(as_track(POSES), pipeline, [])
        reps = [rep for side in pipeline.summary(FACTS, "full").sides.values() for rep in side.reps]
        spans_s.append([(rep.start_s, rep.end_s) for rep in reps])
    assert len(spans_s[0]) == len(MOVES)
    assert np.array(spans_s[1]) == pytest.approx(np.array(spans_s[0]), abs=0.05)


class FakeCamera:
    """Yields frames marked with their number, in a buffer that is overwritten unless it is kept."""

    facts = FACTS

    def __init__(self, poses):
        self._poses = poses
        self._buffer = None

    def shape_of(self, i):
        return (4, 6, 3)

    def __iter__(self):
        for i, pose in enumerate(self._poses):
            if self._buffer is None or self._buffer.shape != self.shape_of(i):
                self._buffer = np.zeros(self.shape_of(i), np.uint8)
            self._buffer[:] = i % 251
            yield Frame(pose.time_s, self._buffer)
            if self._buffer is not None:
                self._buffer[:] = 255

    def keep_last(self, spare):
        self._buffer = spare

    def close(self):
        pass


class FakeDetector:
    """Knows the pose at each instant."""

    model = "full"

    def __init__(self, poses):
        self._poses = {p.time_s: p for p in poses}

    def detect(self, frame):
        return self._poses[frame.time_s]

    def close(self):
        pass


class Recorder:
    """Keeps the ticks, a copy of the mark in each picture, and (to tell them apart) the buffers."""

    def __init__(self):
        self.ticks, self.marks, self.buffers = [], [], {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def write(self, tick, image):
        self.ticks.append(tick)
        self.marks.append(None if image is None else set(image.ravel().tolist()))
        if image is not None:
            self.buffers[id(image)] = image


def run_frames(poses=None, **pipeline):
    poses = POSES if poses is None else poses
    recorder, line = Recorder(), Pipeline(SPEC, **pipeline)
    run(FakeCamera(poses), FakeDetector(poses), line, [recorder])
    return recorder, line


def run_replay(poses=None, **pipeline):
    recorder, line = Recorder(), Pipeline(SPEC, **pipeline)
    replay(as_track(POSES if poses is None else poses), line, [recorder])
    return recorder, line


def described(ticks):
    return [repr((t.time_s, t.sides, t.working, t.events, t.cue)) for t in ticks]


@pytest.mark.parametrize("smoother", [None, OneEuroSmoother])
def test_a_replay_says_the_same_as_the_frames_did(smoother):
    def options():
        return {"smoother": smoother()} if smoother else {}

    frames, line = run_frames(**options())
    stored, again = run_replay(**options())
    assert described(frames.ticks) == described(stored.ticks)
    assert repr(line.summary(FACTS, "full")) == repr(again.summary(FACTS, "full"))
    reps = [e for t in stored.ticks for e in t.events if isinstance(e, Rep)]
    assert len(reps) == 2


def test_there_is_one_tick_for_each_frame_in_order_with_its_raw_pose():
    recorder, _ = run_frames()
    assert [t.time_s for t in recorder.ticks] == [p.time_s for p in POSES]
    assert all(t.raw is p for t, p in zip(recorder.ticks, POSES, strict=True))
    assert all(a.time_s < b.time_s for a, b in pairwise(recorder.ticks))
    assert all(t.pose.time_s == t.time_s for t in recorder.ticks)


@pytest.mark.parametrize("smoother", [None, OneEuroSmoother])
def test_each_tick_comes_with_its_own_picture(smoother):
    recorder, _ = run_frames(smoother=smoother() if smoother else None)
    assert recorder.marks == [{i % 251} for i in range(len(POSES))]


def test_picture_buffers_are_used_over_and_over():
    recorder, _ = run_frames()
    assert len(recorder.buffers) < 45 < len(POSES)


def test_few_large_pictures_wait_for_their_ticks():
    class LargeCamera(FakeCamera):
        def shape_of(self, i):
            return (2160, 3840, 3)

    recorder = Recorder()
    recorder.write = lambda tick, image: recorder.buffers.setdefault(id(image), image)
    pipeline = Pipeline(SPEC, smoother=OneEuroSmoother())
    run(LargeCamera(POSES[:10]), FakeDetector(POSES), pipeline, [recorder])
    assert len(recorder.buffers) <= 4


def test_a_replay_has_no_pictures():
    recorder, _ = run_replay()
    assert set(map(type, recorder.marks)) == {type(None)}


def test_every_sink_gets_the_same_and_none_is_needed():
    first, second, line = Recorder(), Recorder(), Pipeline(SPEC)
    run(FakeCamera(POSES), FakeDetector(POSES), line, [first, second])
    assert described(first.ticks) == described(second.ticks)
    assert first.marks == second.marks
    alone = Pipeline(SPEC)
    run(FakeCamera(POSES), FakeDetector(POSES), alone, [])
    assert repr(alone.summary(FACTS, "full")) == repr(line.summary(FACTS, "full"))


def test_progress_is_told_for_each_frame():
    told = []
    run(FakeCamera(POSES), FakeDetector(POSES), Pipeline(SPEC), [], told.append)
    assert told == [p.time_s for p in POSES]


def test_the_summary_has_the_reps_of_the_working_leg_and_the_facts():
    _, line = run_frames()
    summary = line.summary(FACTS, "full")
    assert line.found_anybody
    assert (summary.sides["left"].rep_count, summary.sides["right"].rep_count) == (2, 0)
    for rep, movement in zip(summary.sides["left"].reps, MOVES, strict=True):
        assert rep.start_s == pytest.approx(movement.start_s, abs=0.3)
        assert rep.peak_s == pytest.approx(movement.peak_s, abs=0.3)
        assert rep.end_s == pytest.approx(movement.end_s, abs=0.3)
        assert rep.peak_deg == pytest.approx(movement.level, abs=2)
    assert summary.tracking.frames == len(POSES)
    assert summary.tracking.frames_with_pose == sum(p.seen for p in POSES)
    assert (summary.source, summary.model, summary.complete) == (FACTS, "full", True)
    assert not line.summary(FACTS, "full", complete=False).complete


def test_sides_of_a_tick_carry_angles_phase_and_count():
    recorder, _ = run_frames()
    last = recorder.ticks[-1].sides
    assert (last["left"].rep_count, last["right"].rep_count) == (2, 0)
    assert last["left"].knee_flexion_deg == pytest.approx(90, abs=3)
    peak = min(recorder.ticks, key=lambda t: abs(t.time_s - MOVES[0].peak_s)).sides["left"]
    assert peak.phase == "in"
    assert peak.measure_deg == pytest.approx(35, abs=1.5)
    assert peak.rotation.value_deg == pytest.approx(35, abs=1.5)
    assert recorder.ticks[0].sides["left"].phase == "set-up"
    assert np.isnan(recorder.ticks[0].sides["left"].measure_deg)


def test_nobody_seen():
    nobody = [Pose.missing(p.time_s) for p in POSES]
    recorder, line = run_frames(nobody)
    assert not line.found_anybody
    assert len(recorder.ticks) == len(nobody)
    summary = line.summary(FACTS, "full")
    assert summary.tracking.frames_with_pose == 0
    assert not summary.view.ok
    assert all(t.events == () and t.cue is None and t.working == () for t in recorder.ticks)


def test_no_frames_at_all():
    recorder, line = run_frames([])
    assert recorder.ticks == []
    assert not line.found_anybody
    assert line.summary(FACTS, "full").tracking.frames == 0


def test_a_rep_that_ends_with_the_footage_counts():
    poses = [p for p in film(TIMES, follow(MOVES, TIMES)) if p.time_s < MOVES[-1].end_s]
    _, line = run_replay(poses)
    assert line.summary(FACTS, "full").sides["left"].rep_count == 2


def test_a_fault_under_way_at_the_end_is_in_the_summary():
    def poses():
        for pose in film(TIMES, follow(MOVES, TIMES)):
            if pose.time_s > MOVES[-1].peak_s:
                break
            if pose.time_s > MOVES[-1].peak_s - 1:
                image_px = pose.image_px.copy()
                image_px[26, 0] += 60
                pose = replace(pose, image_px=image_px)  # noqa: PLW2901
            yield pose

    _, line = run_replay(list(poses()))
    assert "lean" in {f.id for f in line.summary(FACTS, "full").faults}


def test_pictures_that_change_size_are_kept_apart():
    class Turning(FakeCamera):
        def shape_of(self, i):
            return (4, 6, 3) if i < 100 else (2, 6, 3)

    recorder = Recorder()
    run(Turning(POSES), FakeDetector(POSES), Pipeline(SPEC), [recorder])
    assert recorder.marks == [{i % 251} for i in range(len(POSES))]


def test_restarting_counts_afresh_and_sums_up_both_sets():
    line = Pipeline(SPEC)
    replay(as_track(POSES), line, [])
    assert isinstance(line.restart("auto"), tuple)
    later = [replace(p, time_s=p.time_s + 60) for p in POSES]
    recorder = Recorder()
    replay(as_track(later), line, [recorder])
    assert recorder.ticks[-1].sides["left"].rep_count == 2
    assert line.summary(FACTS, "full").sides["left"].rep_count == 4
