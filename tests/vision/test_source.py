"""Every kind of footage that people hand in, and every kind that is none."""

import itertools
import os
import threading
from pathlib import Path

import footage
import numpy as np
import pytest

from coach.body.pose import SourceFacts
from coach.errors import InputError
from coach.pipeline import Frame
from coach.vision.av_decode import AvDecoder
from coach.vision.source import MemorySource, VideoFileSource

SAMPLES = Path(__file__).parents[2] / "sample_videos"


def read_times(path: Path) -> tuple[list[float], VideoFileSource]:
    with VideoFileSource(path) as source:
        return [frame.time_s for frame in source], source


@pytest.mark.parametrize(
    ("name", "codec"),
    [("v.mp4", "libx264"), ("v.mkv", "libx264"), ("v.webm", "libvpx"), ("v.ts", "libx264"), ("v.gif", "gif")],
)
def test_uneven_times_are_the_files_own(tmp_path: Path, name: str, codec: str) -> None:
    truth = footage.uneven_times(60)
    path = footage.write_video(tmp_path / name, footage.make_frames(60), truth, codec=codec)
    times, source = read_times(path)
    np.testing.assert_allclose(times, truth, atol=1e-3)
    assert source.facts.frame_count == 60
    assert source.facts.duration_s == pytest.approx(truth[-1], abs=0.2)
    assert source.warnings == ()


@pytest.mark.parametrize("fps", [1, 24, 30, 120])
def test_steady_rates(tmp_path: Path, fps: int) -> None:
    truth = footage.steady_times(max(2, fps // 2), fps)
    path = footage.write_video(tmp_path / "v.mp4", footage.make_frames(len(truth)), truth)
    times, source = read_times(path)
    np.testing.assert_allclose(times, truth, atol=1e-4)
    assert source.facts.fps == pytest.approx(fps)
    assert source.facts.duration_s == pytest.approx(len(truth) / fps)


def test_avi_with_reordered_frames_increases_strictly(tmp_path: Path) -> None:
    path = footage.write_video(
        tmp_path / "v.avi", footage.make_frames(30), footage.steady_times(30), codec="mpeg4"
    )
    times, source = read_times(path)
    np.testing.assert_allclose(times, footage.steady_times(30), atol=1e-3)
    assert source.warnings == ()


def test_stream_without_times_uses_its_rate(tmp_path: Path) -> None:
    path = footage.write_video(tmp_path / "v.h264", footage.make_frames(20), footage.steady_times(20))
    times, _ = read_times(path)
    np.testing.assert_allclose(np.diff(times), 1 / 25)  # what players assume when nothing is said


@pytest.mark.parametrize("codec", ["libx264", "libsvtav1"])
@pytest.mark.parametrize(
    ("rotation", "corner"), [(0, (0, 0)), (90, (-1, 0)), (180, (-1, -1)), (-90, (0, -1))]
)
def test_rotated_phone_video_comes_out_upright(
    tmp_path: Path, codec: str, rotation: int, corner: tuple[int, int]
) -> None:
    """The red patch of the stored upper left corner lands where a player shows it."""
    path = footage.write_video(
        tmp_path / "v.mp4", footage.make_frames(5), footage.steady_times(5), rotation=rotation, codec=codec
    )
    with VideoFileSource(path) as source:
        shape = (source.facts.height_px, source.facts.width_px, 3)
        assert shape == ((160, 120, 3) if rotation % 180 else (120, 160, 3))
        for frame in source:
            assert frame.image.shape == shape
            rows = slice(0, 10) if corner[0] == 0 else slice(-10, None)
            columns = slice(0, 10) if corner[1] == 0 else slice(-10, None)
            blue, green, red = frame.image[rows, columns].mean(axis=(0, 1))
            assert red > 200
            assert max(blue, green) < 60


@pytest.mark.parametrize("size", [(641, 479), (63, 35), (3840, 2160)])
def test_unusual_sizes(tmp_path: Path, size: tuple[int, int]) -> None:
    path = footage.write_video(tmp_path / "v.mp4", footage.make_frames(4, *size), footage.steady_times(4))
    times, source = read_times(path)
    assert len(times) == 4
    assert (source.facts.width_px, source.facts.height_px) == size


def test_what_opencv_cannot_decode_is_decoded_all_the_same(tmp_path: Path) -> None:
    truth = footage.uneven_times(20)
    path = footage.write_video(tmp_path / "v.mp4", footage.make_frames(20), truth, codec="libsvtav1")
    times, _ = read_times(path)
    np.testing.assert_allclose(times, truth, atol=1e-4)


def test_both_decoders_see_the_same_pictures(tmp_path: Path) -> None:
    path = footage.write_video(tmp_path / "v.mp4", footage.make_frames(10), footage.steady_times(10))
    decoder = AvDecoder(path)
    into = np.empty((120, 160, 3), np.uint8)
    with VideoFileSource(path) as source:
        for frame in source:
            shot = decoder.read(into)
            assert shot is not None
            assert shot.time_s == pytest.approx(frame.time_s)
            assert np.abs(frame.image.astype(int) - into).mean() < 1.5
    assert decoder.read(into) is None
    decoder.close()


def test_frames_come_from_a_small_pool_and_stay_valid_until_the_next(tmp_path: Path) -> None:
    frames = footage.make_frames(30)
    path = footage.write_video(tmp_path / "v.mp4", frames, footage.steady_times(30))
    buffers = set()
    with VideoFileSource(path) as source:
        for frame, truth in zip(source, frames, strict=True):
            buffers.add(frame.image.ctypes.data)
            before = frame.image.copy()
            threading.Event().wait(0.005)  # time for the thread to overwrite it, if it were to
            assert np.array_equal(frame.image, before)
            assert np.abs(before.astype(int) - truth).mean() < 30
    assert len(buffers) == 3


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv"])
def test_damaged_middle_is_skipped_and_told(tmp_path: Path, name: str) -> None:
    path = footage.write_video(tmp_path / name, footage.make_frames(90), footage.steady_times(90))
    times, source = read_times(footage.damage_middle(path))
    assert 60 < len(times) < 90
    assert times[-1] == pytest.approx(89 / 30, abs=0.01)
    assert np.all(np.diff(times) > 0)
    (told,) = source.warnings
    # Where the noise hits, and so whether the container's reader itself steps over it, is up to the encoder:
    # then the pictures' times alone tell.
    before = int(np.argmax(np.diff(times)))
    skipped_by_container = name == "v.mkv" and f"first after {times[before]:.1f} s" in told
    assert skipped_by_container or "damaged stretch" in told
    assert skipped_by_container or f"{90 - len(times)} of 90 pictures missing" in told
    assert source.facts.frame_count == len(times)
    assert source.facts.fps == 30


def test_damage_that_only_shows_as_a_gap_is_told(tmp_path: Path) -> None:
    path = footage.write_video(
        tmp_path / "v.webm", footage.make_frames(90), footage.steady_times(90), codec="libvpx"
    )
    times, source = read_times(footage.damage_middle(path))
    assert times[-1] == pytest.approx(89 / 30, abs=0.01)
    assert "No pictures for" in source.warnings[0]


@pytest.mark.parametrize(("name", "options"), [("v.mkv", {}), ("v.mp4", {"movflags": "faststart"})])
def test_video_cut_short_is_used_as_far_as_it_goes(
    tmp_path: Path, name: str, options: dict[str, str]
) -> None:
    path = footage.write_video(
        tmp_path / name, footage.make_frames(90), footage.steady_times(90), options=options
    )
    times, source = read_times(footage.truncate(path))
    assert 30 < len(times) < 80
    assert any("cut short" in warning for warning in source.warnings)
    assert source.facts.duration_s == pytest.approx(times[-1] + 1 / 30, abs=0.01)


def test_paused_recording_is_no_damage_when_pauses_are_its_way(tmp_path: Path) -> None:
    truth = [round(i * 0.1 + (i // 4) * 0.9, 2) for i in range(24)]
    _, source = read_times(footage.write_video(tmp_path / "v.gif", footage.make_frames(24), truth))
    assert source.warnings == ()


def make_bad_input(folder: Path, kind: str) -> Path:  # noqa: PLR0911
    frames, times = footage.make_frames(30), footage.steady_times(30)
    path = folder / "v.mp4"
    match kind:
        case "missing":
            return path
        case "folder":
            return folder
        case "empty":
            path.touch()
        case "text" | "text.txt":
            path = folder / ("v.mp4" if kind == "text" else "v.txt")
            path.write_text("This is not a video.\n" * 100, encoding="utf-8")
        case "noise":
            path.write_bytes(np.random.default_rng(0).bytes(20_000))
        case "zeros":
            path.write_bytes(bytes(20_000))
        case "png" | "jpg":
            return footage.write_still(folder / f"v.{kind}")
        case "one frame":
            return footage.write_video(path, frames[:1], [0.0])
        case "audio":
            return footage.write_audio_only(path)
        case "no index":
            return footage.truncate(footage.write_video(path, frames, times))
        case "unknown codec":
            written = footage.write_video(folder / "v.mkv", frames, times)
            written.write_bytes(written.read_bytes().replace(b"V_MPEG4/ISO/AVC", b"V_WHAT4/ISO/AVC"))
            return written
        case "all damaged":
            written = footage.write_video(folder / "v.mp4", frames, times)
            return footage.damage_middle(written, 0.005, 0.88)
    return path


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("missing", "There is no file"),
        ("folder", "is a folder"),
        ("empty", "is empty"),
        ("text", "is text"),
        ("text.txt", "is text"),
        ("noise", "cannot be read as a video"),
        ("zeros", "cannot be read as a video"),
        ("png", "single picture"),
        ("jpg", "single picture"),
        ("one frame", "single picture"),
        ("audio", "sound but no pictures"),
        ("no index", "'moov'"),
        ("unknown codec", "Convert it to H.264"),
        ("all damaged", "v.mp4"),
    ],
)
def test_bad_input_is_refused_in_plain_words_and_silence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], kind: str, says: str
) -> None:
    path = make_bad_input(tmp_path, kind)
    capfd.readouterr()
    with pytest.raises(InputError) as caught:
        VideoFileSource(path)
    message = str(caught.value)
    assert says in message
    assert str(path) in message
    assert "\n" not in message
    assert message.endswith(".")
    assert capfd.readouterr() == ("", "")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode")]


@pytest.mark.skipif(
    os.name == "nt" or (hasattr(os, "geteuid") and os.geteuid() == 0), reason="root reads all"
)
def test_forbidden_file(tmp_path: Path) -> None:
    path = footage.write_video(tmp_path / "v.mp4", footage.make_frames(3), footage.steady_times(3))
    path.chmod(0)
    with pytest.raises(InputError, match=r"Permission denied"):
        VideoFileSource(path)


def test_a_damaged_file_is_read_in_silence(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = footage.write_video(tmp_path / "v.mp4", footage.make_frames(90), footage.steady_times(90))
    footage.damage_middle(path)
    capfd.readouterr()
    read_times(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["clip%03d.mp4", "clip one:é.mp4", "img_001.png"])
def test_odd_file_names(tmp_path: Path, name: str) -> None:
    if os.name == "nt" and ":" in name:
        pytest.skip("no colons there")
    path = footage.write_video(tmp_path / "v.mp4", footage.make_frames(6), footage.steady_times(6))
    times, source = read_times(path.rename(tmp_path / name))
    assert len(times) == 6
    assert source.facts.name == name


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
def test_file_name_that_is_not_unicode(tmp_path: Path) -> None:
    path = footage.write_video(tmp_path / "v.mp4", footage.make_frames(6), footage.steady_times(6))
    try:
        path = path.rename(tmp_path / "v\udcff.mp4")
    except OSError:
        pytest.skip("this file system wants Unicode")
    assert len(read_times(path)[0]) == 6


def test_stopping_early_ends_the_thread_and_keeps_the_claim(tmp_path: Path) -> None:
    path = footage.write_video(tmp_path / "v.mp4", footage.make_frames(30), footage.steady_times(30))
    with VideoFileSource(path) as source:
        for _ in itertools.islice(source, 3):
            pass
    assert source.facts.frame_count == 30
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode")]
    source.close()


def test_interrupt_in_the_consumer_ends_the_thread(tmp_path: Path) -> None:
    path = footage.write_video(tmp_path / "v.mp4", footage.make_frames(30), footage.steady_times(30))
    with pytest.raises(KeyboardInterrupt), VideoFileSource(path) as source:
        for _ in source:
            raise KeyboardInterrupt
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode")]


def test_closing_from_elsewhere_ends_the_frames(tmp_path: Path) -> None:
    path = footage.write_video(tmp_path / "v.mp4", footage.make_frames(30), footage.steady_times(30))
    source = VideoFileSource(path)
    seen = 0
    for _ in source:
        seen += 1
        if seen == 5:
            closer = threading.Thread(target=source.close)
            closer.start()
            closer.join()
    assert seen == 5


def test_second_run_is_refused(tmp_path: Path) -> None:
    path = footage.write_video(tmp_path / "v.mp4", footage.make_frames(5), footage.steady_times(5))
    with VideoFileSource(path) as source:
        list(source)
        with pytest.raises(RuntimeError, match="once"):
            iter(source)


def test_sample_video_keeps_its_promise() -> None:
    path = next(iter(sorted(SAMPLES.glob("*.mp4"))), None)
    if path is None:
        pytest.skip("no sample videos here")
    with VideoFileSource(path) as source:
        claimed = source.facts
        count = sum(1 for _ in source)
        assert claimed.frame_count == count == source.facts.frame_count
        assert source.facts.duration_s == pytest.approx(claimed.duration_s)
        assert source.warnings == ()


def test_pictures_beyond_the_largest_size_are_refused_before_they_are_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = footage.write_video(tmp_path / "large.mp4", footage.make_frames(5), footage.steady_times(5, 10.0))
    VideoFileSource(path).close()
    monkeypatch.setattr("coach.vision.source._LARGEST_PX", 63 * 48)
    with pytest.raises(InputError, match="8K at most"):
        VideoFileSource(path)


def test_memory_source_reuses_its_buffer_like_the_real_ones() -> None:
    images = footage.make_frames(4, 32, 24)
    given = [Frame(i / 10, image) for i, image in enumerate(images)]
    with MemorySource(given, SourceFacts("memory", 32, 24, 10.0)) as source:
        kept = []
        for frame, truth in zip(source, images, strict=True):
            assert np.array_equal(frame.image, truth)
            kept.append(frame.image)
    assert all(image is kept[0] for image in kept)
    assert source.facts.frame_count == 4
    assert source.facts.duration_s == pytest.approx(0.4)
    assert list(source) == []


def test_a_kept_buffer_is_not_written_to_again(tmp_path: Path) -> None:
    path = footage.write_video(tmp_path / "clip.mp4", footage.make_frames(12), footage.steady_times(12, 10))
    with VideoFileSource(path) as source:
        plain = [frame.image.copy() for frame in source]
    with VideoFileSource(path) as source:
        kept = []
        for i, frame in enumerate(source):
            kept.append(frame.image)
            source.keep_last(None if i % 2 else np.empty_like(frame.image))
    assert all(np.array_equal(a, b) for a, b in zip(plain, kept, strict=True))
