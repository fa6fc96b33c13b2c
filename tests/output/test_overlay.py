import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from coach.body.landmarks import INDEX
from coach.body.pose import Pose
from coach.exercise.spec import ExerciseSpec
from coach.output.drawing import INK, SIDE_COLOURS, YELLOW, Box, Line, PlatePainter
from coach.output.overlay import Overlay
from coach.output.wording import describe_rotation, fold_to_ascii
from coach.pipeline import Image, Tick
from coach.rotation.rotation import Rotation

MakeTick = Callable[..., Tick]


def grey(width: int, height: int) -> Image:
    return np.full((height, width, 3), 120, np.uint8)


def count(image: Image, colour: tuple[int, int, int]) -> int:
    return int(np.all(image == colour, axis=2).sum())


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (1280, 720), (720, 1280), (3840, 2160), (64, 48)])
def test_draws_at_any_size_without_leaving_the_picture(
    size: tuple[int, int], make_tick: MakeTick, spec: ExerciseSpec
) -> None:
    image = grey(*size)
    overlay = Overlay(spec)
    overlay.update(make_tick(0.0, size=size))
    overlay.draw(image, make_tick(1.0, 30.0, phase="turned in", size=size, cue="Sit tall", held_s=2.0))
    assert image.shape == (size[1], size[0], 3)
    assert count(image, (120, 120, 120)) < size[0] * size[1]


def test_the_working_leg_is_thicker_than_the_other(make_tick: MakeTick) -> None:
    image, tick = grey(1280, 720), make_tick(0.0, 10.0, phase="turned in", size=(1280, 720))
    Overlay().draw(image, tick, panels=False)
    widths = {}
    for side in ("left", "right"):
        knee, ankle = (tick.pose.image_px[INDEX[f"{side}_{name}"]] for name in ("knee", "ankle"))
        row = image[round(0.2 * knee[1] + 0.8 * ankle[1])]
        widths[side] = int(np.all(row == SIDE_COLOURS[side], axis=1).sum())
    assert widths["left"] >= 2 * widths["right"] > 0


def test_nobody_seen_leaves_only_the_panels(make_tick: MakeTick, spec: ExerciseSpec) -> None:
    image = grey(640, 480)
    Overlay(spec).draw(image, make_tick(0.0, seen=False, size=(640, 480)), panels=False)
    assert np.all(image == 120)


def test_a_wild_landmark_is_survived(make_tick: MakeTick, spec: ExerciseSpec) -> None:
    tick = make_tick(0.0, size=(640, 480))
    wild = tick.pose.image_px.copy()
    wild[INDEX["left_ankle"]] = (1e9, -1e9)
    wild[INDEX["right_knee"]] = np.nan
    pose = Pose(0.0, wild, tick.pose.world_m, tick.pose.visibility)
    Overlay(spec).draw(grey(640, 480), replace(tick, pose=pose))


def test_the_arc_appears_once_the_start_pose_is_known(make_tick: MakeTick, spec: ExerciseSpec) -> None:
    moving = make_tick(1.0, 35.0, phase="turned in", size=(1280, 720))
    without, known = grey(1280, 720), grey(1280, 720)
    Overlay(spec).draw(without, moving, panels=False)
    overlay = Overlay(spec)
    overlay.update(make_tick(0.0, size=(1280, 720)))
    overlay.draw(known, moving, panels=False)
    assert count(known, (255, 255, 255)) > count(without, (255, 255, 255)) + 100


def test_the_start_pose_is_not_learnt_while_the_leg_is_away(make_tick: MakeTick, spec: ExerciseSpec) -> None:
    overlay = Overlay(spec)
    overlay.update(make_tick(0.0, 30.0, phase="turned in"))
    assert overlay._start_rad == {}


def test_mirrored_display_mirrors_the_body_and_not_the_panels(
    make_tick: MakeTick, spec: ExerciseSpec
) -> None:
    tick = make_tick(0.0, seen=True, size=(640, 480))
    plain, mirrored = grey(640, 480), grey(640, 480)
    Overlay().draw(plain, replace(tick, working=()), panels=False)
    Overlay().draw(mirrored, replace(tick, working=()), mirrored=True, panels=False)
    left = SIDE_COLOURS["left"]
    columns = [np.argwhere(np.all(image == left, axis=2))[:, 1].mean() for image in (plain, mirrored)]
    assert columns[0] > 320 > columns[1]
    panels = [grey(640, 480), grey(640, 480)]
    for image, flipped in zip(panels, (False, True), strict=True):
        Overlay(spec).draw(image, make_tick(0.0, seen=False), mirrored=flipped)
    assert np.array_equal(panels[0], panels[1])


def test_scale_places_the_body_in_a_smaller_picture(make_tick: MakeTick) -> None:
    tick = make_tick(0.0, size=(1280, 720))
    image = grey(640, 360)
    Overlay().draw(image, tick, scale=0.5, panels=False)
    x, y = (tick.pose.image_px[INDEX["left_knee"]] * 0.5).round().astype(int)
    assert tuple(image[y, x]) == (255, 255, 255)


def test_a_long_cue_stays_in_one_line_inside_the_picture(make_tick: MakeTick, spec: ExerciseSpec) -> None:
    image = grey(320, 240)
    Overlay(spec).draw(image, make_tick(0.0, seen=False, cue="Keep the pelvis quite still, please, " * 6))
    rows = np.argwhere(np.all(image == YELLOW, axis=2))[:, 0]
    assert rows.max() - rows.min() < 30
    assert count(image[:, 0:2], YELLOW) == 0
    assert count(image[:, -2:], YELLOW) == 0


def test_drawing_is_cheap(make_tick: MakeTick, spec: ExerciseSpec) -> None:
    overlay, image = Overlay(spec), grey(1280, 720)
    ticks = [
        make_tick(i / 30, i / 2, phase="turned in", size=(1280, 720), cue="Slow down") for i in range(60)
    ]
    overlay.update(make_tick(0.0, size=(1280, 720)))
    for tick in ticks:
        overlay.draw(image, tick)
    start = time.process_time()
    for tick in ticks:
        overlay.draw(image, tick)
    assert (time.process_time() - start) / len(ticks) < 6e-3  # measured: 0.9 ms


def test_rendered_plates_do_not_pile_up() -> None:
    painter, image = PlatePainter(), grey(320, 240)
    for number in range(600):
        painter.put(image, (Line(str(number), 20),), (0, 0), 200)
    assert len(painter._plates) <= 256


def test_text_beyond_ascii_differs_from_question_marks() -> None:
    painter = PlatePainter()
    plates = []
    for text in ("Ä°±–", "????"):
        image = grey(320, 100)
        painter.put(image, (Line(text, 40),), (0, 0), 300)
        plates.append(image)
    assert not np.array_equal(plates[0], plates[1])


def test_without_truetype_the_stroke_font_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cv2, "FontFace", raising=False)
    image = grey(320, 100)
    PlatePainter().put(image, (Line("37° ± 6°", 30),), (5, 5), 300)
    assert count(image, INK) > 0


def test_signs_are_spelled_out_in_ascii() -> None:
    assert fold_to_ascii("37° ± 6° – Übung…") == "37 deg +/- 6 deg - Ubung..."


@pytest.mark.parametrize(
    ("rotation", "words"),
    [
        (Rotation(37.4, 5.6, "image-plane"), ("37° ± 6°", "internal rotation")),
        (Rotation(-23.0, 7.0, "image-plane"), ("23° ± 7°", "external rotation")),
        (Rotation(-0.3, 4.0, "image-plane"), ("0° ± 4°", "internal rotation")),
        (Rotation.withheld("knee_extended"), ("–", "not measurable")),
    ],
)
def test_rotation_in_words(rotation: Rotation, words: tuple[str, str]) -> None:
    assert describe_rotation(rotation) == words


def test_the_plates_of_two_legs_lie_beside_each_other(
    make_tick: MakeTick, spec: ExerciseSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes: list[Box] = []
    put = PlatePainter.put

    def note(self: PlatePainter, *args: Any) -> Box:
        boxes.append(put(self, *args))
        return boxes[-1]

    monkeypatch.setattr(PlatePainter, "put", note)
    tick = make_tick(0.0, 10.0, phase="turned in", size=(640, 480), cue="Sit tall")
    points = tick.pose.image_px.copy()
    for joint in ("hip", "knee", "ankle"):  # as from the side: one leg nearly in front of the other
        points[INDEX[f"right_{joint}"]] = points[INDEX[f"left_{joint}"]] + (15.0, 5.0)
    pose = Pose(0.0, points, tick.pose.world_m, tick.pose.visibility)
    both = replace(tick, pose=pose, working=("left", "right"))
    Overlay(spec).draw(grey(640, 480), both)
    assert len(boxes) >= 5  # two counts, the gauge's name, the cue and two values
    assert all(a.overlap(b) == 0 for i, a in enumerate(boxes) for b in boxes[:i])
