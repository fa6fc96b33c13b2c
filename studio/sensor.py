"""What a cheap camera does to a clean picture: exposure, colour cast, soft focus, vignette, noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class SensorPlan:
    """The camera's own properties.

    `exposure` multiplies the picture, `cast` warms (> 0) or cools it, `focus_px` is the blur of a soft
    lens, `noise` the standard deviation of grey noise in 8-bit levels (colour noise is half of it),
    `vignette` the darkening of the corners. `blur_samples` > 1 averages that many instants of the open
    shutter. `crf` is the H.264 quality: 18 is clean, 34 blocky.
    """

    fps: float = 15.0
    width: int = 640
    height: int = 480
    exposure: float = 1.0
    cast: float = 0.0
    focus_px: float = 0.0
    noise: float = 2.2
    vignette: float = 0.1
    blur_samples: int = 1
    shutter_share: float = 0.5
    crf: int = 23

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height


class Sensor:
    """Applies a plan to pictures; noise depends on the seed and on the order of the frames only."""

    def __init__(self, plan: SensorPlan, seed: int) -> None:
        self._plan = plan
        self._rng = np.random.default_rng(seed)
        y, x = np.mgrid[-1 : 1 : plan.height * 1j, -1 : 1 : plan.width * 1j]
        gain = np.array([1.0 + 0.10 * plan.cast, 1.0, 1.0 - 0.12 * plan.cast]) * plan.exposure
        shade = 1.0 - plan.vignette * np.clip((x**2 + y**2) / 2.0, 0.0, 1.0)
        self._gain = (shade[..., None] * gain).astype(np.float32)

    def expose(self, picture: NDArray[np.float32] | Image) -> Image:
        """One picture as this camera delivers it."""
        out = picture.astype(np.float32)
        if self._plan.focus_px > 0.2:
            out = np.asarray(cv2.GaussianBlur(out, (0, 0), self._plan.focus_px), dtype=np.float32)
        out = out * self._gain
        if self._plan.noise > 0:
            height, width = out.shape[:2]
            grey = self._rng.standard_normal((height, width, 1), dtype=np.float32)
            colour = self._rng.standard_normal((height, width, 3), dtype=np.float32)
            out += self._plan.noise * (grey + 0.5 * colour)
        return np.asarray(np.clip(out, 0.0, 255.0), dtype=np.uint8)
