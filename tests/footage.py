"""Tiny videos for tests, sound and broken ones among them.  Times are exact: what is written is the truth."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

_TICK = {".gif": Fraction(1, 100), ".avi": Fraction(1, 1000)}


def make_frames(count: int, width: int = 160, height: int = 120, seed: int = 0) -> list[Image]:
    """Moving texture, with a red patch in the upper left corner, that says which way is up; BGR."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 200, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    base = coarse.repeat(8, axis=0).repeat(8, axis=1)[:height, :width]
    frames = []
    for i in range(count):
        image = np.roll(base, 3 * i, axis=1)
        image[: height // 3, : width // 3] = (0, 0, 255)
        frames.append(image)
    return frames


def steady_times(count: int, fps: float = 30.0) -> list[float]:
    return [i / fps for i in range(count)]


def uneven_times(count: int, seed: int = 0) -> list[float]:
    """A variable rate, on a grid of 10 ms that GIF can hold too."""
    steps = np.random.default_rng(seed).choice([0.02, 0.03, 0.05, 0.2], count)
    return [round(float(t), 2) for t in np.cumsum(steps) - steps[0]]


@contextlib.contextmanager
def _priority_kept() -> Iterator[None]:
    """SVT-AV1 gives whoever encodes with it a realtime priority for good; a browser started later inherits it
    and starves the whole machine when it waits for itself.
    """
    policy = os.sched_getscheduler(0) if hasattr(os, "sched_getscheduler") else None
    try:
        yield
    finally:
        if policy is not None:
            os.sched_setscheduler(0, policy, os.sched_param(0))


def write_video(
    path: Path,
    frames: Sequence[Image],
    times_s: Sequence[float],
    *,
    rotation: int = 0,
    codec: str = "libx264",
    pixel_format: str | None = None,
    options: dict[str, str] | None = None,
    b_frames: int = 2,
) -> Path:
    """A video of BGR frames at the given times.

    `rotation` (degrees, counter-clockwise) is written as display metadata: the stored pixels stay as they
    are, and players turn them.  The suffix of `path` chooses the container, ".gif" the codec too.
    """
    height, width = frames[0].shape[:2]
    tick = _TICK.get(path.suffix, Fraction(1, 90_000))
    if path.suffix == ".gif":
        codec, pixel_format = "gif", "rgb8"
    elif pixel_format is None:
        pixel_format = "yuv444p" if width % 2 or height % 2 else "yuv420p"
    rate = round((len(times_s) - 1) / (times_s[-1] - times_s[0])) if len(times_s) > 1 else 30
    with _priority_kept(), av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=max(1, rate))
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        stream.codec_context.time_base = Fraction(1, rate) if path.suffix == ".avi" else tick
        stream.codec_context.gop_size = 15
        stream.codec_context.max_b_frames = 0 if path.suffix in (".avi", ".gif") else b_frames
        if rotation:
            stream.set_display_rotation(rotation)
        for image, time_s in zip(frames, times_s, strict=True):
            picture = av.VideoFrame.from_ndarray(image, "bgr24").reformat(format=pixel_format)
            picture.time_base = stream.codec_context.time_base
            picture.pts = round(Fraction(time_s) / picture.time_base)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def write_audio_only(path: Path, seconds: float = 0.5) -> Path:
    """Half a second of a tone and no pictures."""
    rate = 48_000
    tone = np.sin(np.arange(round(rate * seconds)) * 0.05).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=rate, layout="mono")
        sound = av.AudioFrame.from_ndarray(tone[np.newaxis], format="fltp", layout="mono")
        sound.rate, sound.pts = rate, 0
        container.mux(stream.encode(sound))
        container.mux(stream.encode(None))
    return path


def write_still(path: Path, width: int = 64, height: int = 48) -> Path:
    """One picture, PNG or JPEG by suffix."""
    codec, pixel_format = ("png", "rgb24") if path.suffix == ".png" else ("mjpeg", "yuvj420p")
    with av.open(str(path), "w", format="image2") as container:
        stream = container.add_stream(codec, rate=1)
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        picture = av.VideoFrame.from_ndarray(make_frames(1, width, height)[0], "bgr24")
        container.mux(stream.encode(picture.reformat(format=pixel_format)))
        container.mux(stream.encode(None))
    return path


def truncate(path: Path, keep: float = 0.6) -> Path:
    """Cut a file off, in place.  An MP4 whose index comes last loses it; MKV and fast-start MP4 do not."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    return path


def damage_middle(path: Path, start: float = 0.5, end: float = 0.6, seed: int = 0) -> Path:
    """Overwrite a stretch of a file with noise, in place."""
    content = bytearray(path.read_bytes())
    first, last = int(len(content) * start), int(len(content) * end)
    content[first:last] = np.random.default_rng(seed).integers(0, 256, last - first, np.uint8).tobytes()
    path.write_bytes(content)
    return path
