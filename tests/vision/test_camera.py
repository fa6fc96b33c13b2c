"""Cameras: opening, the latest picture, loss and return, files in real time."""

import itertools
import socket
import threading
import time

import numpy as np
import pytest
from camera_server import jpeg, served
from footage import make_frames, steady_times, write_video
from loopback import serving

from coach.errors import CameraError, InputError
from coach.vision.camera import (
    CameraRequest,
    CameraSource,
    PacedFileSource,
    describe_address,
    is_url,
    list_cameras,
    open_live_source,
)
from coach.vision.grabber import LatestShot, Shot
from coach.vision.open_camera import explain_failure

PICTURE = np.zeros((48, 64, 3), np.uint8)


class FakeCamera:
    """Gives pictures until told to fail."""

    def __init__(self, interval_s=0.005):
        self.failing = threading.Event()
        self.closed = False
        self.interval_s = interval_s

    def read(self):
        time.sleep(self.interval_s)
        return None if self.failing.is_set() else PICTURE.copy()

    def close(self):
        self.closed = True


def wait_for(condition, limit_s=5.0):
    until_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until_s, "waited too long"
        time.sleep(0.005)


def shot(number):
    return Shot(number / 10, number / 10, number, PICTURE)


# -- the slot


def test_the_latest_picture_wins_and_the_others_are_counted():
    slot = LatestShot()
    slot.put(shot(1))
    assert slot.take(0.0).number == 1
    for number in (2, 3, 4):
        slot.put(shot(number))
    assert slot.take(0.0).number == 4
    assert slot.dropped == 2


def test_pictures_before_anybody_looked_are_not_counted_as_dropped():
    slot = LatestShot()
    for number in (1, 2, 3):
        slot.put(shot(number))
    assert slot.take(0.0).number == 3
    assert slot.dropped == 0


def test_looking_is_not_taking():
    slot = LatestShot()
    slot.put(shot(1))
    assert slot.wait(0, 0.0).number == slot.peek().number == slot.take(0.0).number == 1
    assert slot.wait(1, 0.01) is None
    assert slot.take(0.01) is None


def test_closing_wakes_up_whoever_waits():
    slot = LatestShot()
    threading.Timer(0.05, slot.close).start()
    start_s = time.monotonic()
    assert slot.take(5.0) is None
    assert time.monotonic() - start_s < 2.0


# -- cameras


def test_times_increase_and_the_rate_is_measured():
    with CameraSource(CameraRequest(0), lambda _: FakeCamera(0.01)) as source:
        source.wait_until_open(5.0)
        times_s = [source.slot.take(1.0).time_s for _ in range(30)]
        assert all(later > earlier for earlier, later in itertools.pairwise(times_s))
        wait_for(lambda: source.facts.fps > 40)
        assert (source.facts.width_px, source.facts.height_px) == (64, 48)
        assert source.facts.frame_count is None


def test_a_picture_may_be_kept():
    with CameraSource(CameraRequest(0), lambda _: FakeCamera()) as source:
        source.wait_until_open(5.0)
        first = source.slot.take(1.0)
        kept = first.image.copy()
        source.slot.take(1.0)
        assert np.array_equal(first.image, kept)


def test_a_lost_camera_comes_back_and_the_clock_goes_on():
    cameras = []

    def open_camera(_):
        if cameras and cameras[-1].failing.is_set() and away.is_set():
            raise CameraError("away")
        cameras.append(FakeCamera())
        return cameras[-1]

    away = threading.Event()
    with CameraSource(CameraRequest(0), open_camera) as source:
        source.wait_until_open(5.0)
        before = source.slot.take(1.0)
        away.set()
        cameras[0].failing.set()
        wait_for(lambda: source.state == "lost")
        time.sleep(0.6)
        assert source.state == "lost"
        assert cameras[0].closed
        away.clear()
        wait_for(lambda: source.state == "live")
        after = source.slot.take(1.0)
        assert after.time_s - before.time_s > 0.6
        assert after.number > before.number
        assert source.losses == 1


def test_a_single_missed_picture_is_no_loss():
    camera = FakeCamera()
    with CameraSource(CameraRequest(0), lambda _: camera) as source:
        source.wait_until_open(5.0)
        camera.failing.set()
        time.sleep(0.02)
        camera.failing.clear()
        time.sleep(0.05)
        assert source.state == "live"
        assert source.losses == 0


def test_a_camera_that_cannot_be_opened_says_why():
    def refuse(_):
        raise CameraError("It is busy.")

    with CameraSource(CameraRequest(0), refuse) as source, pytest.raises(CameraError, match="It is busy"):
        source.wait_until_open(5.0)


def test_a_camera_that_opens_without_a_picture_says_so():
    camera = FakeCamera()
    camera.failing.set()
    with CameraSource(CameraRequest(99), lambda _: camera) as source, pytest.raises(CameraError):
        source.wait_until_open(5.0)


def test_a_camera_that_hangs_is_given_up():
    hang = threading.Event()

    def open_slowly(_):
        hang.wait(20)
        return FakeCamera()

    source = CameraSource(CameraRequest(0), open_slowly)
    with pytest.raises(CameraError, match="within 0 s"):
        source.wait_until_open(0.2)
    hang.set()
    source.close()


def test_iterating_a_closed_camera_ends():
    source = CameraSource(CameraRequest(0), lambda _: FakeCamera())
    frames = iter(source)
    next(frames)
    source.close()
    assert len(list(frames)) <= 1


# -- addresses


@pytest.mark.parametrize(
    ("text", "url"),
    [("rtsp://a/b", True), ("HTTP://a", True), ("0", False), ("C:\\clip.mp4", False), ("/dev/video0", False)],
)
def test_urls_are_told_from_files(text, url):
    assert is_url(text) is url


def test_passwords_are_not_shown():
    assert describe_address("rtsp://me:secret@cam.local:554/live") == "rtsp://cam.local:554/live"
    assert describe_address(1) == "camera 1"


def test_a_missing_camera_is_one_sentence_with_what_to_do():
    message = str(explain_failure(CameraRequest("/dev/video97")))
    assert "video97" in message
    assert "--camera" in message


def test_what_is_neither_camera_nor_file_is_explained(tmp_path):
    with pytest.raises(CameraError, match="none of these"):
        open_live_source(str(tmp_path / "nothing.mp4"))


def test_a_stream_where_nothing_answers_is_explained():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (
        open_live_source(f"http://127.0.0.1:{port}/x") as source,
        pytest.raises(CameraError, match=f"Nothing answers at 127.0.0.1, port {port}"),
    ):
        source.wait_until_open(10.0)


@pytest.mark.parametrize(
    ("status", "hint"),
    [(401, "user name"), (403, "user name"), (404, "no video at this path"), (503, "Somebody else")],
)
def test_a_stream_that_refuses_says_why(status, hint):
    with serving(b"", status=status) as server:
        assert hint in str(explain_failure(CameraRequest(f"{server.url}/camera.mjpg")))


def test_a_stream_that_is_no_video_is_explained():
    with serving(b"<html>hello</html>") as server:
        assert "no video that can be read" in str(explain_failure(CameraRequest(server.url)))


@pytest.mark.parametrize("address", ["http://", "rtsp://", "foo://camera"])
def test_an_address_that_is_none_is_explained(address):
    with open_live_source(address) as source, pytest.raises(CameraError, match="not a stream's address"):
        source.wait_until_open(10.0)


def test_cameras_are_listed_with_their_names(tmp_path):
    for name, index, title in (
        ("video0", "0", "Good Cam"),
        ("video1", "1", "Good Cam"),
        ("video10", "0", "B"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "name").write_text(f"{title}\n")
        (tmp_path / name / "index").write_text(f"{index}\n")
    assert list_cameras("linux", tmp_path) == [(0, "Good Cam"), (10, "B")]
    assert list_cameras("darwin", tmp_path) == []
    assert list_cameras("linux", tmp_path / "none") == []


# -- network streams, for real


def test_an_mjpeg_stream_is_a_camera_that_can_be_unplugged():
    film = [(i / 20, jpeg(image)) for i, image in enumerate(make_frames(200))]
    with served(film) as camera, open_live_source(camera.url) as source:
        source.wait_until_open(20.0)
        first = source.slot.take(1.0)
        assert first.image.shape == (120, 160, 3)
        camera.unplug()
        wait_for(lambda: source.state == "lost", 10)
        camera.plug()
        wait_for(lambda: source.state == "live", 10)
        later = source.slot.take(2.0)
        assert later.time_s > first.time_s


# -- files as cameras


def test_a_file_plays_in_real_time_and_waits_for_its_first_taker(tmp_path):
    path = write_video(tmp_path / "clip.mp4", make_frames(30), steady_times(30))
    with open_live_source(str(path)) as source:
        assert isinstance(source, PacedFileSource)
        source.wait_until_open(5.0)
        time.sleep(0.3)
        assert source.slot.peek().number == 1
        start_s = time.monotonic()
        times_s = [frame.time_s for frame in source]
        assert 0.8 < time.monotonic() - start_s < 3.0
    assert times_s[0] == 0.0
    assert len(times_s) + source.slot.dropped == 30


def test_somebody_slow_misses_pictures_of_a_file(tmp_path):
    path = write_video(tmp_path / "clip.mp4", make_frames(30), steady_times(30))
    seen = []
    with PacedFileSource(path) as source:
        for frame in source:
            seen.append(frame.time_s)
            time.sleep(0.1)
    assert 5 <= len(seen) <= 12
    assert source.slot.dropped >= 15


def test_a_broken_file_is_refused_at_once(tmp_path):
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"not a video" * 100)
    with pytest.raises(InputError):
        open_live_source(str(path))
