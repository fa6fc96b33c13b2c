"""The picture of a range-of-motion test in front of a camera."""

import numpy as np
import pytest
from live_actors import LOOK, play, sit
from simple_specs import make_spec

from coach.exercise.rom.protocol import PROTOCOLS
from coach.exercise.rom.trial import PLATEAU_S
from coach.live.plan import Plan
from coach.live.session import LiveSession
from coach.output.drawing import GREEN, YELLOW
from coach.output.live_view import ViewSettings
from coach.output.rom.view import RomShown, RomView

PICTURE = np.full((LOOK.height_px, LOOK.width_px, 3), 120, np.uint8)
LEFT_IN = ("left", "internal")


@pytest.fixture(scope="module")
def tick():
    return play(LiveSession(make_spec(), Plan(1, 1)), sit(0.2))[-1].tick


def draw(tick, size=(1280, 720), settings=None, **changes):
    values = {"prompt": "", "counts": {}, "upcoming": LEFT_IN, "held_s": 0.0, **changes}
    shown = RomShown(tick, **values)
    return RomView(PROTOCOLS["seated"]).draw(PICTURE, shown, settings or ViewSettings(), size)


def amount(image, colour):
    return int(np.sum(np.all(np.abs(image.astype(int) - colour) < 25, axis=2)))


def test_each_trial_that_counts_fills_a_disc(tick):
    filled = [amount(draw(tick, counts={LEFT_IN: count}), GREEN) for count in (0, 1, 3)]
    assert filled[2] == pytest.approx(3 * filled[1], rel=0.05)
    assert filled[1] > 100 > filled[0]


def test_the_names_leave_the_discs_alone_in_a_small_window_too(tick):
    panel = draw(tick, (640, 480), upcoming=None)[40:130, :155]
    discs, names = np.all(panel == (74, 68, 62), axis=2), panel.min(axis=2) > 150
    assert np.flatnonzero(names.any(axis=0)).max() < np.flatnonzero(discs.any(axis=0)).min()


def test_the_ring_closes_while_the_end_is_held(tick):
    shares = [amount(draw(tick, held_s=held_s), GREEN) for held_s in (0.0, 0.3 * PLATEAU_S, PLATEAU_S)]
    assert shares[0] < shares[1] < shares[2]


def test_the_result_is_large(tick):
    results = ("Left: in 25° ± 3°, out 41° ± 4°", "Right: in 24° ± 3°, out 40° ± 4°")
    assert amount(draw(tick, upcoming=None, results=results), YELLOW) > 0.05 * 1280 * 720


@pytest.mark.parametrize("size", [(1280, 720), (500, 900), (333, 250), (10, 10)])
def test_any_window_will_do(tick, size):
    for settings in (ViewSettings(), ViewSettings(help=True), ViewSettings(camera_lost=True)):
        image = draw(tick, size, settings, prompt="Swing your left foot outwards. Hold, then come back.")
        assert image.shape == (max(240, size[1]), max(320, size[0]), 3)


def test_before_the_first_result_there_is_something_to_read():
    view = RomView(PROTOCOLS["seated"])
    image = view.draw(None, None, ViewSettings(message="Opening the camera …"), (1280, 720))
    assert amount(image, (255, 255, 255)) > 500
