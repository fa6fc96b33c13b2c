"""A sample video as Chromium's fake webcam: raw pictures in a Y4M file, which carries its own rate."""

from pathlib import Path

import av
import numpy as np

SAMPLES = Path(__file__).parents[1] / "sample_videos"


def write_camera_clip(path, video, *, fps=10, lead_s=0.0, tail_s=0.0, size=(640, 480), until_s=None):
    """Plays `video` at `fps`, its first picture standing still for `lead_s` before and its last after it.

    Returns the times of the pictures within the video, so that a test can give the same ones to `analyze`.
    """
    width, height = size
    with av.open(str(video)) as container, path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420jpeg\n".encode())
        first_s, number, picture = None, 0, b""
        for frame in container.decode(video=0):
            time_s = float(frame.pts * frame.time_base)
            first_s = time_s if first_s is None else first_s
            if until_s is not None and time_s - first_s > until_s:
                break
            if time_s - first_s < number / fps - 1e-6:
                continue
            picture = _planes(frame.reformat(width, height, "yuvj420p"))
            for _ in range(1 + (round(lead_s * fps) if number == 0 else 0)):
                file.write(b"FRAME\n" + picture)
            number += 1
        for _ in range(round(tail_s * fps)):
            file.write(b"FRAME\n" + picture)
    return path


def _planes(frame):
    planes = []
    for i, plane in enumerate(frame.planes):
        rows = np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)
        planes.append(rows[:, : plane.width].tobytes())
        assert i < 3
    return b"".join(planes)
