"""What one would write first: read, convert, detect, draw, in one loop.  The yardstick for speed.

python benchmarks/naive.py VIDEO MODEL.task [ANNOTATED.mp4]
"""

import sys

import cv2
import mediapipe as mp
from mediapipe.tasks.python import BaseOptions, vision


def main(video: str, model: str, annotated: str | None = None) -> None:
    """Detect the pose in every frame of `video`, and draw it where a name for the result is given."""
    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=model), running_mode=vision.RunningMode.VIDEO
    )
    capture = cv2.VideoCapture(video)
    writer = None
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        while True:
            read, image = capture.read()
            if not read:
                break
            time_ms = int(capture.get(cv2.CAP_PROP_POS_MSEC))
            rgb = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
            result = landmarker.detect_for_video(mp.Image(mp.ImageFormat.SRGB, rgb), time_ms)
            if annotated is None:
                continue
            height, width = image.shape[:2]
            if writer is None:
                fourcc = cv2.VideoWriter.fourcc(*"mp4v")
                writer = cv2.VideoWriter(annotated, fourcc, capture.get(cv2.CAP_PROP_FPS), (width, height))
            for landmarks in result.pose_landmarks:
                for point in landmarks:
                    cv2.circle(image, (int(point.x * width), int(point.y * height)), 4, (0, 255, 0), -1)
            writer.write(image)
    if writer is not None:
        writer.release()


if __name__ == "__main__":
    main(*sys.argv[1:])
