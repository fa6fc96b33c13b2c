"""Renders a clip: an H.264 video and its truth, each written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from studio.band import band_around_thighs
from studio.bystander import Bystander
from studio.mannequin import flatten_on_surfaces
from studio.plan import ClipPlan, Performance, plan_clip
from studio.pose import Pose
from studio.recipe import Recipe
from studio.renderer import Renderer
from studio.room import build_room, light_for
from studio.rotations import Array
from studio.sensor import Image, Sensor
from studio.truth import recipe_hash_in, truth_of, write_truth

BAND_COLOUR = (0.85, 0.25, 0.35)
Progress = Callable[[int, int], None]


def no_progress(done: int, total: int) -> None:
    """Report nothing."""


def truth_path(video: Path) -> Path:
    """The truth lies beside the video."""
    return video.with_suffix(".json")


def is_rendered(recipe: Recipe, video: Path) -> bool:
    """Whether this very clip is there already."""
    return video.exists() and recipe_hash_in(truth_path(video)) == recipe.digest()


def render_clip(recipe: Recipe, video: Path, progress: Progress = no_progress) -> dict[str, Any]:
    """Render the clip and write its truth beside it; returns the truth.

    The truth is written last, so that a clip with a truth is a whole clip.
    """
    plan = plan_clip(recipe)
    video.parent.mkdir(parents=True, exist_ok=True)
    partial = video.with_name(video.stem + ".part.mp4")
    try:
        encode(partial, frames_of(plan), plan, progress)
        truth_path(video).unlink(missing_ok=True)
        partial.replace(video)
    finally:
        partial.unlink(missing_ok=True)
    truth = truth_of(plan)
    write_truth(truth_path(video), truth)
    return truth


def frames_of(plan: ClipPlan) -> Iterator[Image]:
    """The pictures of a clip, one after the other, as the camera delivers them."""
    recipe = plan.recipe
    with Renderer(recipe.sensor.size) as renderer:
        stage = Stage(plan, renderer)
        sensor = Sensor(recipe.sensor, recipe.seed)
        for i in range(len(plan.frames)):
            yield sensor.expose(stage.exposure(i))


class Stage:
    """A clip's scene, loaded into a renderer."""

    def __init__(self, plan: ClipPlan, renderer: Renderer) -> None:
        self._plan, self._renderer = plan, renderer
        recipe, middle = plan.recipe, plan.middle
        self._performance = Performance(recipe, plan.mannequin)
        self._bystander = Bystander(plan.camera, middle, recipe.seed) if recipe.room.bystander else None
        room = build_room(recipe.room, plan.camera, plan.motion.mat, plan.motion.furniture)
        people = [plan.mannequin] + ([self._bystander.mannequin] if self._bystander else [])
        renderer.stage(room, light_for(recipe.room, plan.camera, middle), people, middle)

    def exposure(self, index: int) -> NDArray[np.float32] | Image:
        """One frame, averaged over the open shutter where the recipe asks for motion blur.

        The truth belongs to the middle of the exposure.
        """
        frame, sensor = self._plan.frames[index], self._plan.recipe.sensor
        n = sensor.blur_samples
        if n <= 1:
            return self.picture(frame.pose, frame.time_s)
        total = np.zeros((sensor.height, sensor.width, 3), dtype=np.float32)
        for k in range(n):
            offset = ((k + 0.5) / n - 0.5) * sensor.shutter_share / sensor.fps
            time_s = max(frame.time_s + offset, 0.0)
            total += self.picture(self._performance.pose_at(time_s), time_s)
        return np.asarray(total / n, dtype=np.float32)

    def picture(self, pose: Pose, time_s: float) -> Image:
        """The scene at one instant, as a perfect camera sees it."""
        mannequin = self._plan.mannequin
        placed = mannequin.place(pose)
        vertices = flatten_on_surfaces(mannequin.vertices_at(placed), self._plan.motion.bench)
        meshes: list[tuple[Array, Array]] = [(vertices, mannequin.normals_of(vertices))]
        if self._bystander is not None:
            meshes.append(self._bystander.mesh_at(time_s))
        band = None
        if self._plan.motion.band:
            band = band_around_thighs(mannequin, vertices, placed.joints, BAND_COLOUR)
        return self._renderer.draw(self._plan.camera, meshes, placed.joints, band)


def encode(path: Path, pictures: Iterator[Image], plan: ClipPlan, progress: Progress = no_progress) -> None:
    """Write pictures as H.264, so that the same pictures give the same file.

    With several threads, or with x264's macroblock tree, two runs differ in a few bytes.
    """
    sensor, total = plan.recipe.sensor, len(plan.frames)
    rate = Fraction(sensor.fps).limit_denominator(1001)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = sensor.width, sensor.height, "yuv420p"
        stream.options = {
            "crf": str(sensor.crf),
            "preset": "veryfast",
            "threads": "1",
            "x264-params": "mbtree=0",
        }
        for done, picture in enumerate(pictures, start=1):
            # Converted here: converting inside the encoder does not give the same bytes every time.
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            for packet in stream.encode(frame):
                container.mux(packet)
            progress(done, total)
        for packet in stream.encode():
            container.mux(packet)
