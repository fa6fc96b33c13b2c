"""`MediaPipeDetector`: MediaPipe's PoseLandmarker behind the `PoseDetector` protocol."""

import contextlib
from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np

from coach.body.pose import Pose
from coach.errors import ModelError
from coach.pipeline import Frame, Image
from coach.vision.lean_import import without_unused_libraries
from coach.vision.model_store import Model
from coach.vision.quiet import chatter_held_back

# What MediaPipe's Python layer raises, by the status its library returns (TimeoutError is an OSError).
_MEDIAPIPE_ERRORS = (RuntimeError, ValueError, OSError, NotImplementedError)

_NO_CERTIFICATES = b"/nonexistent/usage-reports-are-off.pem"


class MediaPipeDetector:
    """Finds and follows one person through the frames of one source; use a new one for each source.

    MediaPipe tracks: what it reports depends on the frames before, and the first detections cost more.
    Loading takes about a second, most of it the import of MediaPipe.
    """

    def __init__(self, model: Model) -> None:
        self._model = model.name
        self._last_ms: int | None = None
        self._rgb: Image = np.empty((0, 0, 3), np.uint8)
        self._picture: Any = None  # MediaPipe's own picture, of which `_rgb` is the memory, where possible
        self._somebody_seen = False
        with chatter_held_back():
            self._mediapipe, self._landmarker = _load(model)

    @property
    def model(self) -> str:
        """Name of the network."""
        return self._model

    def detect(self, frame: Frame) -> Pose:
        """The pose in this frame; `Pose.missing` when nobody is there.

        Coordinates are exactly those a float32 file can hold, so a replay from one gives the same results.
        """
        if self._landmarker is None:
            raise RuntimeError("the detector is closed")
        # The last of MediaPipe's notices comes with the first person, so nothing is held back after that.
        with contextlib.nullcontext() if self._somebody_seen else chatter_held_back():
            result = self._run(frame)
        if not result.pose_landmarks:
            return Pose.missing(frame.time_s)
        self._somebody_seen = True
        height, width = frame.image.shape[:2]
        return _to_pose(frame.time_s, result, width, height)

    def close(self) -> None:
        """Release the network; idempotent."""
        landmarker, self._landmarker = self._landmarker, None
        if landmarker is None:
            return
        with chatter_held_back():
            try:
                landmarker.close()
            except _MEDIAPIPE_ERRORS:  # after a failed frame, closing says the same again
                # Its finaliser would try once more, from wherever the garbage collector happens to run, and
                # deadlock when that is inside the thread pool it needs.
                landmarker._handle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, frame: Frame) -> Any:
        if self._rgb.shape != frame.image.shape:
            self._make_buffer(frame.image.shape)
        cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB, dst=self._rgb)
        picture = self._picture or self._make_picture()
        try:
            return self._landmarker.detect_for_video(picture, self._next_ms(frame.time_s))
        except _MEDIAPIPE_ERRORS as error:
            raise ModelError(
                f"The pose model '{self._model}' failed on the frame at {frame.time_s:.3f} s: "
                f"{_brief(error)}. Try another model, or leave --model out."
            ) from error

    def _make_buffer(self, shape: tuple[int, ...]) -> None:
        """Memory for the pictures that follow: MediaPipe's own, which spares it a copy of every picture.

        It is through with a picture when it has found the pose.  Where it pads the rows (some odd widths),
        its view is a copy, and so every picture has to be.
        """
        self._rgb, self._picture = np.zeros(shape, np.uint8), None
        picture = self._make_picture()
        if picture.is_contiguous():
            self._rgb, self._picture = picture.numpy_view(), picture
            self._rgb.flags.writeable = True

    def _make_picture(self) -> Any:
        return self._mediapipe.Image(image_format=self._mediapipe.ImageFormat.SRGB, data=self._rgb)

    def _next_ms(self, time_s: float) -> int:
        """The frame's time in whole ms, moved on where MediaPipe would see a repeat or a step back."""
        now = round(time_s * 1000)
        if self._last_ms is not None:
            now = max(now, self._last_ms + 1)
        self._last_ms = now
        return now


def _load(model: Model) -> tuple[Any, Any]:
    """The mediapipe module and a landmarker; imported here because it takes most of a second."""
    try:
        with without_unused_libraries():
            import mediapipe  # noqa: PLC0415
            from mediapipe.tasks.python import vision  # noqa: PLC0415
    except (ImportError, OSError) as error:  # OSError: a library that MediaPipe needs is not on this system
        raise ModelError(
            f"MediaPipe cannot be loaded: {_brief(error)}. Reinstall it: pip install 'mediapipe>=1.2'."
        ) from error
    options = vision.PoseLandmarkerOptions(
        base_options=_base_options(model.data),
        running_mode=vision.RunningMode.VIDEO,
    )
    try:
        return mediapipe, vision.PoseLandmarker.create_from_options(options)
    except _MEDIAPIPE_ERRORS as error:
        raise ModelError(
            f"MediaPipe cannot load the pose model {model.path}: {_brief(error)}. "
            "Expected a MediaPipe pose landmarker bundle: try another, or leave --model out."
        ) from error


def _base_options(data: bytes) -> Any:
    """Options to load the model from memory, for MediaPipe mishandles some Windows paths; reports turned off.

    On closing, MediaPipe sends its makers a usage report: versions, picture counts, latencies, no pictures.
    People who exercise at home did not ask for that, and there is no switch; but it goes over https only, and
    without a list of certificates to trust it cannot.
    """
    from mediapipe.tasks.python import BaseOptions  # noqa: PLC0415

    class SilentOptions(BaseOptions):  # type: ignore[misc]
        def to_ctypes(self) -> Any:
            options = super().to_ctypes()
            options.ca_bundle_path = _NO_CERTIFICATES
            return options

    return SilentOptions(model_asset_buffer=data)


def _to_pose(time_s: float, result: Any, width: int, height: int) -> Pose:
    landmarks = result.pose_landmarks[0]
    pixels = np.array([(point.x * width, point.y * height) for point in landmarks], np.float32)
    return Pose(
        time_s=time_s,
        image_px=pixels.astype(np.float64),
        # These two come from the library as float32 and are exact as they are.
        world_m=np.array(
            [(point.x, point.y, point.z) for point in result.pose_world_landmarks[0]], np.float64
        ),
        visibility=np.array([point.visibility for point in landmarks], np.float64),
    )


def _brief(error: BaseException) -> str:
    """The beginning of a message that may go on for pages."""
    return " ".join(str(error).split())[:200].rstrip(" .:") or type(error).__name__
