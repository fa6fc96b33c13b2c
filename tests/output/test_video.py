from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from coach.errors import InputError
from coach.exercise.spec import ExerciseSpec
from coach.output import video
from coach.output.video import AnnotatedVideoWriter
from coach.pipeline import Image, Tick

MakeTick = Callable[..., Tick]


def picture(width: int = 320, height: int = 240, seed: int = 0) -> Image:
    ramp = np.linspace(0, 200, width, dtype=np.uint8)
    image = np.repeat(np.repeat(ramp[None, :, None], height, axis=0), 3, axis=2)
    return np.ascontiguousarray(np.roll(image, seed, axis=1))


def write(
    path: Path, make_tick: MakeTick, times: list[float], size: tuple[int, int], fps: float = 30.0
) -> None:
    with AnnotatedVideoWriter(path, fps=fps) as sink:
        for i, time_s in enumerate(times):
            sink.write(make_tick(time_s, size=size), picture(*size, seed=3 * i))


def read(path: Path) -> tuple[av.VideoStream, list[float]]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return stream, [frame.time for frame in container.decode(stream) if frame.time is not None]


def test_h264_for_browsers_with_the_index_in_front(tmp_path: Path, make_tick: MakeTick) -> None:
    path = tmp_path / "annotated.mp4"
    write(path, make_tick, [i / 30 for i in range(45)], (320, 240))
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert context.name == "h264"
        assert context.pix_fmt == "yuv420p"
        assert (context.width, context.height) == (320, 240)
    data = path.read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")
    assert [entry.name for entry in tmp_path.iterdir()] == ["annotated.mp4"]


@pytest.mark.parametrize("first_s", [0.0, 0.4, 1e5])
def test_uneven_times_are_kept(first_s: float, tmp_path: Path, make_tick: MakeTick) -> None:
    rng = np.random.default_rng(5)
    times = np.concatenate([[0.0], np.cumsum(rng.choice([0.02, 0.033, 0.1, 0.5], 60))])
    path = tmp_path / "annotated.mp4"
    write(path, make_tick, [float(first_s + t) for t in times], (160, 120), fps=20.0)
    stream, seen = read(path)
    assert seen == pytest.approx(times.tolist(), abs=1e-4)
    assert stream.duration is not None
    assert stream.time_base is not None
    assert float(stream.duration * stream.time_base) == pytest.approx(times[-1] + 1 / 20, abs=1e-3)


def test_a_single_frame_is_a_video_too(tmp_path: Path, make_tick: MakeTick) -> None:
    path = tmp_path / "annotated.mp4"
    write(path, make_tick, [3.0], (160, 120), fps=25.0)
    stream, seen = read(path)
    assert seen == [0.0]
    assert stream.duration is not None
    assert stream.time_base is not None
    assert float(stream.duration * stream.time_base) == pytest.approx(0.04, abs=1e-3)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((321, 241), (320, 240)),
        ((1920, 1080), (960, 540)),
        ((1080, 1920), (540, 960)),
        ((1600, 900), (1280, 720)),
        ((3840, 2160), (1280, 720)),
        ((1283, 33), (1280, 32)),
    ],
)
def test_sizes_are_even_and_capped(
    size: tuple[int, int], expected: tuple[int, int], tmp_path: Path, make_tick: MakeTick
) -> None:
    path = tmp_path / "annotated.mp4"
    write(path, make_tick, [0.0, 0.1], size)
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.width, context.height) == expected


def test_the_picture_is_neither_changed_nor_kept(
    tmp_path: Path, make_tick: MakeTick, spec: ExerciseSpec
) -> None:
    image = picture()
    before = image.copy()
    with AnnotatedVideoWriter(tmp_path / "annotated.mp4", spec) as sink:
        sink.write(make_tick(0.0, cue="Sit tall"), image)
        assert np.array_equal(image, before)
        image[:] = 0
        sink.write(make_tick(0.1), image)


def test_colours_survive(tmp_path: Path, make_tick: MakeTick) -> None:
    path = tmp_path / "annotated.mp4"
    image = np.full((240, 320, 3), (40, 90, 200), np.uint8)
    with AnnotatedVideoWriter(path) as sink:
        for i in range(5):
            sink.write(make_tick(i / 10, seen=False, working=()), image)
    with av.open(str(path)) as container:
        frame = next(iter(container.decode(video=0))).to_ndarray(format="bgr24")
    assert np.abs(frame[200:, 200:].astype(int) - (40, 90, 200)).max() <= 6


def test_a_change_of_size_midway_is_survived(tmp_path: Path, make_tick: MakeTick) -> None:
    with AnnotatedVideoWriter(tmp_path / "annotated.mp4") as sink:
        for i, size in enumerate([(320, 240), (640, 480), (100, 200)]):
            sink.write(make_tick(i / 10, size=size), picture(*size))
    assert len(read(tmp_path / "annotated.mp4")[1]) == 3


def test_an_error_leaves_nothing(tmp_path: Path, make_tick: MakeTick) -> None:
    with pytest.raises(KeyboardInterrupt), AnnotatedVideoWriter(tmp_path / "annotated.mp4") as sink:
        for i in range(40):
            sink.write(make_tick(i / 30), picture(seed=i))
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_closing_early_keeps_a_playable_part(tmp_path: Path, make_tick: MakeTick) -> None:
    sink = AnnotatedVideoWriter(tmp_path / "annotated.mp4")
    for i in range(10):
        sink.write(make_tick(i / 30), picture(seed=i))
    sink.close()
    sink.close()
    sink.discard()
    assert len(read(tmp_path / "annotated.mp4")[1]) == 10


def test_a_replay_without_pictures_writes_no_video(tmp_path: Path, make_tick: MakeTick) -> None:
    with AnnotatedVideoWriter(tmp_path / "annotated.mp4") as sink:
        sink.write(make_tick(0.0), None)
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_folder_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError, match="Could not write"):
        AnnotatedVideoWriter(tmp_path / "out" / "annotated.mp4")


def test_a_full_disk_is_told_in_a_sentence(
    tmp_path: Path, make_tick: MakeTick, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(encoder: object, pts: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(video._Encoder, "encode", full)
    with (
        pytest.raises(InputError, match="No space left on device"),
        AnnotatedVideoWriter(tmp_path / "annotated.mp4") as sink,
    ):
        sink.write(make_tick(0.0), picture())
    assert list(tmp_path.iterdir()) == []


def test_without_an_encoder_the_way_out_is_named(
    tmp_path: Path, make_tick: MakeTick, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(av, "codecs_available", {"mpeg4"})
    with (
        pytest.raises(InputError, match="--no-video"),
        AnnotatedVideoWriter(tmp_path / "annotated.mp4") as sink,
    ):
        sink.write(make_tick(0.0), picture())
    assert list(tmp_path.iterdir()) == []
