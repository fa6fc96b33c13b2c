import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tiny_model import tiny_bundle

from coach.body.landmarks import INDEX
from coach.body.pose import Pose
from coach.errors import ModelError
from coach.pipeline import Frame, Image
from coach.vision.bundle import Networks, read_bundle, write_bundle
from coach.vision.detector import MediaPipeDetector
from coach.vision.model_store import Model, find_model

SAMPLES = Path(__file__).parents[2] / "sample_videos"


@cache
def sample_frames(name: str, count: int) -> list[Image]:
    """The first `count` frames of a sample video."""
    video = cv2.VideoCapture(str(SAMPLES / f"{name}.mp4"))
    frames = []
    while len(frames) < count:
        found, image = video.read()
        assert found, f"{name} is shorter than {count} frames"
        frames.append(image)
    video.release()
    return frames


def run(model: Model, images: list[Image], fps: float = 20.0) -> list[Pose]:
    with MediaPipeDetector(model) as detector:
        return [detector.detect(Frame(i / fps, image)) for i, image in enumerate(images)]


def assert_same(a: Pose, b: Pose) -> None:
    assert a.time_s == b.time_s
    for name in ("image_px", "world_m", "visibility"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


@pytest.fixture
def detector(pose_model: Model) -> Iterator[MediaPipeDetector]:
    with MediaPipeDetector(pose_model) as found:
        yield found


@pytest.mark.parametrize("name", ["seated_rotation_left", "side_lying_left", "clamshell_right"])
def test_the_pruned_network_gives_exactly_the_landmarks_of_the_whole_one(
    pose_model: Model, name: str
) -> None:
    assert pose_model.pruned
    images = sample_frames(name, 60)
    pruned = run(pose_model, images)
    whole = run(find_model(prune=False, progress=False), images)
    assert sum(pose.seen for pose in whole) >= 50
    for a, b in zip(pruned, whole, strict=True):
        assert_same(a, b)


def test_a_person_is_found_upright_inside_the_picture(detector: MediaPipeDetector) -> None:
    pose = [detector.detect(Frame(i / 20, image)) for i, image in enumerate(sample_frames("seated_rest", 5))][
        -1
    ]
    assert pose.seen
    assert pose.time_s == 4 / 20
    assert 0 <= np.nanmin(pose.visibility) <= np.nanmax(pose.visibility) <= 1
    nose, ankle = pose.image_px[INDEX["nose"]], pose.image_px[INDEX["left_ankle"]]
    assert nose[1] < ankle[1]
    assert 0 < nose[0] < 640
    assert 0 < nose[1] < 480
    hips = pose.world_m[[INDEX["left_hip"], INDEX["right_hip"]]]
    np.testing.assert_allclose(hips.mean(axis=0), 0, atol=0.02)
    assert 0.2 < np.linalg.norm(pose.world_m[INDEX["nose"]]) < 1.2


def test_poses_survive_a_float32_file_bit_by_bit(detector: MediaPipeDetector) -> None:
    for i, image in enumerate(sample_frames("seated_rest", 5)):
        pose = detector.detect(Frame(i / 20, image))
        for values in (pose.image_px, pose.world_m, pose.visibility):
            assert values.dtype == np.float64
            np.testing.assert_array_equal(values.astype(np.float32).astype(np.float64), values)


def test_nobody_is_a_missing_pose_at_the_frames_own_time(detector: MediaPipeDetector) -> None:
    pose = detector.detect(Frame(3.25, np.full((240, 320, 3), 90, np.uint8)))
    assert not pose.seen
    assert pose.time_s == 3.25
    assert np.isnan(pose.image_px).all()


def test_colours_are_not_swapped(pose_model: Model) -> None:
    """Red and blue exchanged must move the landmarks: the network was taught on RGB."""
    images = sample_frames("seated_rest", 3)
    swapped = [np.ascontiguousarray(image[:, :, ::-1]) for image in images]
    a, b = run(pose_model, images)[-1], run(pose_model, swapped)[-1]
    assert not np.array_equal(a.image_px, b.image_px)
    assert spied_picture(images[0])[0, 0].tolist() == images[0][0, 0, ::-1].tolist()


def spied_picture(image: Image) -> Any:
    """The picture that MediaPipe is handed for `image`."""
    detector = fake_detector()
    detector.detect(Frame(0.0, image))
    return detector._mediapipe.pictures[0]


class FakeMediaPipe:
    """Stands where the mediapipe module stands; remembers pictures and times, finds nobody."""

    class ImageFormat:
        SRGB = 1

    def __init__(self) -> None:
        self.pictures: list[Image] = []
        self.buffers: list[int] = []
        self.times_ms: list[int] = []
        self.error: Exception | None = None
        self.pose_landmarks: list[object] = []

    def Image(self, image_format: int, data: Image) -> "FakePicture":  # noqa: N802
        assert image_format == 1
        assert data.flags.c_contiguous
        return FakePicture(data)

    def detect_for_video(self, picture: "FakePicture", time_ms: int) -> "FakeMediaPipe":
        assert isinstance(time_ms, int)
        self.pictures.append(picture.data.copy())
        self.buffers.append(picture.data.ctypes.data)
        self.times_ms.append(time_ms)
        if self.error:
            raise self.error
        return self

    def close(self) -> None:
        pass


class FakePicture:
    """Has a copy of its own, and pads the rows of uneven widths."""

    def __init__(self, data: Image) -> None:
        self.data = data.copy()

    def is_contiguous(self) -> bool:
        return self.data.shape[1] % 2 == 0

    def numpy_view(self) -> Image:
        view = self.data if self.is_contiguous() else self.data.copy()
        view.flags.writeable = False
        return view


def fake_detector() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        fake = FakeMediaPipe()
        patch.setattr("coach.vision.detector._load", lambda _: (fake, fake))
        return MediaPipeDetector(Model("full", Path("x"), "", "", pruned=False, data=b""))


def test_times_given_to_mediapipe_always_rise_whatever_the_clock_does() -> None:
    detector = fake_detector()
    image = np.zeros((8, 8, 3), np.uint8)
    for time_s in (-0.5, 0.0, 0.0001, 0.0004, 0.002, 0.002, 1.0, 0.9, 2.0):
        detector.detect(Frame(time_s, image))
    assert detector._mediapipe.times_ms == [-500, 0, 1, 2, 3, 4, 1000, 1001, 2000]


def test_one_buffer_is_reused_until_the_size_changes() -> None:
    detector = fake_detector()
    small, large = np.zeros((8, 8, 3), np.uint8), np.zeros((16, 8, 3), np.uint8)
    for i, image in enumerate((small, small, large, large)):
        detector.detect(Frame(i, image))
    first, second, third, fourth = detector._mediapipe.buffers
    assert first == second != third == fourth


@pytest.mark.parametrize("width", [8, 7])
def test_each_picture_arrives_whatever_the_width(width: int) -> None:
    detector = fake_detector()
    for i in range(3):
        detector.detect(Frame(i, np.full((8, width, 3), 10 * i, np.uint8)))
    assert [picture.max() for picture in detector._mediapipe.pictures] == [0, 10, 20]


@pytest.mark.parametrize("width", [640, 641])
def test_writing_into_mediapipe_s_own_picture_changes_no_landmark(pose_model: Model, width: int) -> None:
    images = [cv2.resize(image, (width, 480)) for image in sample_frames("seated_rotation_left", 30)]
    with MediaPipeDetector(pose_model) as detector:
        poses = [detector.detect(Frame(i / 20, image)) for i, image in enumerate(images)]
        assert (detector._picture is not None) == (width == 640)
    with MediaPipeDetector(pose_model) as detector:
        for i, image in enumerate(images):
            detector._rgb = np.empty((0, 0, 3), np.uint8)  # a new picture for each
            assert_same(detector.detect(Frame(i / 20, image)), poses[i])


def test_a_view_with_steps_is_understood() -> None:
    image = np.arange(16 * 16 * 3, dtype=np.uint8).reshape(16, 16, 3)
    np.testing.assert_array_equal(spied_picture(image[::2, ::2]), image[::2, ::2, ::-1])


@pytest.mark.parametrize(
    "error", [RuntimeError("Graph failed.\nlong trace"), ValueError("bad"), TimeoutError()]
)
def test_an_error_inside_mediapipe_becomes_a_sentence(error: Exception) -> None:
    detector = fake_detector()
    detector._mediapipe.error = error
    with pytest.raises(
        ModelError, match=r"The pose model 'full' failed on the frame at 1\.500 s: "
    ) as caught:
        detector.detect(Frame(1.5, np.zeros((8, 8, 3), np.uint8)))
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("data", [tiny_bundle(), b"nothing", b""], ids=["tiny", "no zip", "empty"])
def test_a_bundle_that_mediapipe_cannot_load_is_refused_in_one_line(
    data: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    model = Model("odd", Path("odd.task"), "", "", pruned=False, data=data)
    with pytest.raises(ModelError, match=r"MediaPipe cannot load the pose model odd\.task: \w") as caught:
        MediaPipeDetector(model)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_bundle_that_fails_on_its_first_picture_is_refused_in_one_line(
    pose_model: Model, capfd: pytest.CaptureFixture[str]
) -> None:
    networks = read_bundle(pose_model.data, "it")
    swapped = write_bundle(Networks(detector=networks.landmarks, landmarks=networks.detector))
    detector = MediaPipeDetector(replace(pose_model, data=swapped))
    landmarker = detector._landmarker
    with (
        pytest.raises(ModelError, match=r"failed on the frame at 0\.000 s: CalculatorGraph") as caught,
        detector,
    ):
        detector.detect(Frame(0.0, np.zeros((48, 64, 3), np.uint8)))
    assert landmarker._handle is None, "its finaliser would close it again and can deadlock"
    assert "\n" not in str(caught.value)
    assert "RET_CHECK" in caught.value.__notes__[0]
    assert capfd.readouterr() == ("", "")


def test_closing_twice_is_fine_and_using_it_after_is_not(pose_model: Model) -> None:
    detector = MediaPipeDetector(pose_model)
    assert detector.model == "full"
    detector.close()
    detector.close()
    with pytest.raises(RuntimeError, match="closed"):
        detector.detect(Frame(0.0, np.zeros((8, 8, 3), np.uint8)))


def test_mediapipe_still_takes_its_certificates_from_where_reports_are_turned_off() -> None:
    from mediapipe.tasks.python.core.base_options_c import MpBaseOptionsC

    from coach.vision.detector import _base_options

    assert "ca_bundle_path" in [name for name, *_ in MpBaseOptionsC._fields_]
    path = _base_options(b"model").to_ctypes().ca_bundle_path
    assert path
    assert not Path(path.decode()).exists()


QUIET_RUN = """
import sys
import cv2
from coach.pipeline import Frame
from coach.vision.detector import MediaPipeDetector
from coach.vision.model_store import find_model
video = cv2.VideoCapture(sys.argv[1])
with MediaPipeDetector(find_model()) as detector:
    seen = [detector.detect(Frame(i / 20, video.read()[1])).seen for i in range(15)]
assert any(seen)
"""


@pytest.mark.usefixtures("pose_model")
def test_a_whole_run_says_nothing_on_stdout_or_stderr() -> None:
    command = [sys.executable, "-c", QUIET_RUN, str(SAMPLES / "seated_rest.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_importing_the_detector_does_not_import_mediapipe() -> None:
    code = "import sys, coach.vision.detector; print('mediapipe' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
