from collections.abc import Callable

import cv2
import numpy as np
import pytest

from coach.exercise.events import Fault, Hold, Rep
from coach.exercise.spec import ExerciseSpec
from coach.output.evidence import EvidenceCollector
from coach.pipeline import Image, Tick

MakeTick = Callable[..., Tick]


@pytest.fixture
def image() -> Image:
    return np.full((240, 320, 3), 90, np.uint8)


def test_each_rep_has_a_still_of_its_peak(
    session_ticks: list[Tick], image: Image, spec: ExerciseSpec
) -> None:
    with EvidenceCollector(spec) as sink:
        for tick in session_ticks:
            sink.write(tick, image)
    assert [item.kind for item in sink.items] == ["rep"] * 3
    for item in sink.items:
        assert isinstance(item.event, Rep)
        assert item.time_s == pytest.approx(item.event.peak_s, abs=0.15)
        decoded = cv2.imdecode(np.frombuffer(item.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None
        assert decoded.shape[:2] == (item.height_px, item.width_px)


def test_a_rep_reported_late_keeps_its_own_peak(
    make_tick: MakeTick, image: Image, spec: ExerciseSpec
) -> None:
    sink = EvidenceCollector(spec)
    for i in range(100):
        moving = 20 <= i < 40 or i >= 60
        late = (Rep("left", 1.0, 1.5, 2.0, 40.0, 4.0, True),) if i == 99 else ()
        angle = 2.0 * (i % 20) if moving else 0.0
        sink.write(make_tick(i / 20, angle, phase="turned in" if moving else "ready", events=late), image)
    assert 1.0 <= sink.items[0].time_s <= 2.0


def test_a_fault_is_shown_while_it_lasts(make_tick: MakeTick, image: Image) -> None:
    sink = EvidenceCollector()
    for i in range(60):
        events = (Fault("trunk-lean", None, 1.0, 2.0, "Sit tall.", "major"),) if i == 50 else ()
        sink.write(make_tick(i / 20, events=events), image)
    (item,) = sink.items
    assert item.kind == "fault"
    assert item.side is None
    assert 1.25 <= item.time_s <= 1.75


def test_a_fault_reported_long_afterwards_is_shown_when_it_was_called_out(
    make_tick: MakeTick, image: Image
) -> None:
    with EvidenceCollector() as sink:
        for i in range(400):
            fault = Fault("trunk-lean", "left", 1.0, 2.0, "Sit tall.", "major")
            cue = "Sit tall." if 15 <= i < 45 else None
            sink.write(make_tick(i / 10, events=(fault,) if i == 350 else (), cue=cue), image)
    (item,) = sink.items
    assert item.time_s == 1.5


def test_a_hold_is_shown_while_it_lasts(make_tick: MakeTick, image: Image) -> None:
    sink = EvidenceCollector()
    for i in range(60):
        events = (Hold("left", 1.0, 2.4, 1.4, 5.0, False),) if i == 50 else ()
        sink.write(make_tick(i / 20, 30.0, phase="turned in", events=events), image)
    (item,) = sink.items
    assert item.kind == "hold"
    assert 1.0 <= item.time_s <= 2.4


def test_memory_is_bounded_and_the_best_stay(make_tick: MakeTick, image: Image) -> None:
    sink = EvidenceCollector()
    for i in range(300):
        start = float(i)
        rep = Rep("left", start, start + 0.5, start + 0.9, 20.0 + i % 50, 4.0, True)
        fault = Fault("sway", "left", start, start + 0.9, "Still.", "major" if i == 299 else "minor")
        sink.write(make_tick(start + 0.5, 30.0, phase="turned in"), image)
        sink.write(make_tick(start + 0.95, events=(rep, fault)), image)
    assert len(sink.items) <= 60
    peaks = [item.event.peak_deg for item in sink.items if isinstance(item.event, Rep)]
    assert max(peaks) == 69.0
    assert min(peaks) >= 60.0
    assert any(isinstance(item.event, Fault) and item.event.severity == "major" for item in sink.items)


def test_large_pictures_become_small_stills(make_tick: MakeTick) -> None:
    sink = EvidenceCollector()
    big = np.full((1080, 1920, 3), 90, np.uint8)
    rep = Rep("left", 0.0, 0.5, 1.0, 30.0, 4.0, True)
    sink.write(make_tick(0.5, 30.0, phase="turned in", size=(1920, 1080)), big)
    sink.write(make_tick(1.0, events=(rep,), size=(1920, 1080)), big)
    (item,) = sink.items
    assert (item.width_px, item.height_px) == (480, 270)
    assert len(item.jpeg) < 60_000


def test_the_picture_is_not_kept_nor_changed(make_tick: MakeTick, image: Image) -> None:
    sink = EvidenceCollector()
    before = image.copy()
    sink.write(make_tick(0.5, 30.0, phase="turned in"), image)
    assert np.array_equal(image, before)
    image[:] = 255
    sink.write(make_tick(1.0, events=(Rep("left", 0.0, 0.5, 1.0, 30.0, 4.0, True),)), image)
    (item,) = sink.items
    decoded = cv2.imdecode(np.frombuffer(item.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert abs(int(np.median(decoded)) - 90) <= 4


def test_a_replay_collects_nothing(session_ticks: list[Tick]) -> None:
    sink = EvidenceCollector()
    for tick in session_ticks:
        sink.write(tick, None)
    assert sink.items == []
