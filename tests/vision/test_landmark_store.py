"""What was detected comes back bit for bit, and every way the file can be wrong is told in words."""

import io
import json
import tracemalloc
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from coach.body.landmarks import LANDMARK_NAMES
from coach.body.pose import Pose, SourceFacts
from coach.errors import InputError
from coach.pipeline import Tick
from coach.vision.landmark_store import LandmarkWriter, load_landmarks

FACTS = SourceFacts("clip.mp4", 640, 480, 30.0, 90, 3.0)


def make_pose(time_s: float, seed: int = 0) -> Pose:
    rng = np.random.default_rng(seed)

    def through_float32(*shape: int) -> NDArray[np.float64]:
        return rng.random(shape, np.float32).astype(np.float64)

    return Pose(time_s, through_float32(33, 2) * 512, through_float32(33, 3), through_float32(33))


def tick(pose: Pose) -> Tick:
    return Tick(pose.time_s, pose, pose, {}, (), (), None)


def write(path: Path, poses: list[Pose]) -> Path:
    with LandmarkWriter(path, lambda: FACTS, "full") as writer:
        for pose in poses:
            writer.write(tick(pose), None)
    return path


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return write(tmp_path / "landmarks.npz", [make_pose(i / 30, i) for i in range(5)])


def rewrite(path: Path, **changes: Any) -> Path:
    """The same file with arrays replaced, or left out where None is given."""
    with np.load(path) as file:
        arrays = {**file, **changes}
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})
    return path


def test_poses_come_back_bit_for_bit(tmp_path: Path) -> None:
    poses = [make_pose(0.1 + i / 3, i) for i in range(7)]
    poses[3] = Pose.missing(poses[3].time_s)
    track = load_landmarks(write(tmp_path / "landmarks.npz", poses))
    assert track.source == FACTS
    assert track.model == "full"
    assert len(track) == 7
    for got, given_pose in zip(track, poses, strict=True):
        assert got.time_s == given_pose.time_s
        assert got.seen == given_pose.seen
        for name in ("image_px", "world_m", "visibility"):
            np.testing.assert_array_equal(getattr(got, name), getattr(given_pose, name))
            assert getattr(got, name).dtype == np.float64


def test_anyone_can_read_the_file_with_numpy_alone(saved: Path) -> None:
    with np.load(saved) as file:
        assert file["schema"] == 1
        assert bool(file["complete"])
        assert file["time_s"].dtype == np.float64
        assert file["image_px"].shape == (5, 33, 2)
        assert file["world_m"].dtype == file["visibility"].dtype == np.float32
        assert tuple(file["landmark_names"]) == LANDMARK_NAMES
        assert json.loads(str(file["source"])) == asdict(FACTS)
        assert json.loads(str(file["units"]))["world_m"] == "m"


def test_the_same_poses_make_the_same_bytes(tmp_path: Path) -> None:
    poses = [make_pose(i / 30, i) for i in range(3)]
    assert write(tmp_path / "a.npz", poses).read_bytes() == write(tmp_path / "b.npz", poses).read_bytes()


def test_facts_are_asked_for_at_the_end(tmp_path: Path) -> None:
    facts = SourceFacts("clip.mp4", 640, 480, 30.0, None, None)
    with LandmarkWriter(tmp_path / "l.npz", lambda: facts, "full") as writer:
        writer.write(tick(make_pose(0.0)), None)
        facts = FACTS
    assert load_landmarks(tmp_path / "l.npz").source == FACTS


def test_an_exception_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), LandmarkWriter(tmp_path / "l.npz", lambda: FACTS, "") as writer:
        writer.write(tick(make_pose(0.0)), None)
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_an_exception_leaves_an_earlier_file_alone(saved: Path) -> None:
    before = saved.read_bytes()
    with pytest.raises(KeyboardInterrupt), LandmarkWriter(saved, lambda: FACTS, "") as writer:
        writer.write(tick(make_pose(0.0)), None)
        raise KeyboardInterrupt
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def test_a_partial_result_can_be_kept_on_request(tmp_path: Path) -> None:
    path = tmp_path / "l.npz"
    with pytest.raises(KeyboardInterrupt), LandmarkWriter(path, lambda: FACTS, "") as writer:
        writer.write(tick(make_pose(0.0)), None)
        writer.close(complete=False)
        raise KeyboardInterrupt
    assert len(load_landmarks(path)) == 1
    assert not load_landmarks(path).complete
    assert list(tmp_path.iterdir()) == [path]


def test_a_finished_run_is_complete(saved: Path) -> None:
    assert load_landmarks(saved).complete


def test_without_a_tick_there_is_no_file(tmp_path: Path) -> None:
    write(tmp_path / "l.npz", [])
    assert list(tmp_path.iterdir()) == []


def test_memory_stays_flat(tmp_path: Path) -> None:
    """Twenty thousand poses are 16 MB of file; what is held meanwhile does not depend on that."""
    one = tick(make_pose(0.0))
    tracemalloc.start()
    try:
        with LandmarkWriter(tmp_path / "l.npz", lambda: FACTS, "full") as writer:
            for _ in range(20_000):
                writer.write(one, None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (tmp_path / "l.npz").stat().st_size > 16_000_000
    assert peak < 6_000_000


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(InputError, match="Could not write"):
        LandmarkWriter(tmp_path / "taken" / "l.npz", lambda: FACTS, "")


def test_what_is_not_a_landmarks_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        load_landmarks(tmp_path / "none.npz")
    with pytest.raises(InputError, match="is a folder"):
        load_landmarks(tmp_path)
    for name, content in (("empty.npz", b""), ("text.npz", b"time_s,x\n"), ("half.npz", b"PK\x03\x04zzz")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match="not a landmarks file"):
            load_landmarks(tmp_path / name)


def test_an_archive_of_something_else_lists_what_is_missing(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.npz", "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(InputError) as caught:
        load_landmarks(tmp_path / "other.npz")
    for name in (
        "time_s",
        "image_px",
        "world_m",
        "visibility",
        "schema",
        "source",
        "model",
        "landmark_names",
    ):
        assert f"{name!r} is missing" in str(caught.value)


def test_all_problems_come_together(saved: Path) -> None:
    rewrite(
        saved, world_m=None, image_px=np.zeros((4, 33, 2), np.float32), time_s=np.array([0.0, 1, 1, 2, 3])
    )
    with pytest.raises(InputError) as caught:
        load_landmarks(saved)
    message = str(caught.value)
    assert "'world_m' is missing" in message
    assert "expected 'image_px' to have shape (5, 33, 2), got (4, 33, 2)" in message
    assert "increase strictly, got 1 after 1 in row 2" in message


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"time_s": np.array([0, 1, np.nan, 3, 4])}, "not a number in 1 rows, first in row 2"),
        ({"time_s": np.array([0.0, 1, 3, 2, 4])}, "got 2 after 3 in row 3"),
        ({"time_s": np.arange(5)}, "floating point"),
        ({"time_s": np.zeros((5, 1))}, "expected 'time_s' to have shape"),
        ({"world_m": np.zeros((5, 32, 3))}, r"expected 'world_m' to have shape \(5, 33, 3\)"),
        ({"world_m": np.full((5, 33, 3), np.inf)}, "infinite"),
        ({"visibility": np.full((5, 33), 7.0)}, "within 0..1"),
        ({"visibility": np.full((5, 33), "a")}, "floating point"),
        ({"landmark_names": np.array(["nose"])}, "'landmark_names' are not the 33"),
        ({"schema": np.array(99)}, "schema 99, which a newer coach wrote"),
        ({"schema": np.array(0)}, "expected 'schema' to be 1, got 0"),
        ({"schema": np.array("one")}, "expected 'schema' to be a single value"),
        ({"source": np.array("{")}, "not JSON"),
        ({"source": np.array("[1]")}, "a JSON object, got list"),
        ({"source": np.array("{}")}, "lacks 'fps'"),
        ({"source": np.array(json.dumps(asdict(FACTS) | {"fps": "30"}))}, "'fps' in 'source' to be a"),
        ({"source": np.array(json.dumps(asdict(FACTS) | {"fps": 0}))}, "'fps' in 'source' to be more than 0"),
        ({"source": np.array(json.dumps(asdict(FACTS) | {"fps": float("inf")}))}, "0 or more, got inf"),
        ({"source": np.array(json.dumps(asdict(FACTS) | {"width_px": True}))}, "'width_px'"),
        ({"source": np.array(3.0)}, "expected 'source' to be a single value"),
        (
            {
                "time_s": np.zeros(0),
                "image_px": np.zeros((0, 33, 2)),
                "world_m": np.zeros((0, 33, 3)),
                "visibility": np.zeros((0, 33)),
            },
            "it holds no poses",
        ),
    ],
)
def test_wrong_content_is_told(saved: Path, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        load_landmarks(rewrite(saved, **changes))


class Bomb:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (pytest.fail, ("a pickle in the file was executed",))


def test_pickles_are_refused_unopened(saved: Path) -> None:
    rewrite(saved, model=np.array(Bomb(), dtype=object))
    with pytest.raises(InputError, match="damaged or not a landmarks file"):
        load_landmarks(saved)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_damage_anywhere_is_an_input_error_or_harmless(saved: Path, data: st.DataObject) -> None:
    content = bytearray(saved.read_bytes())
    # Mostly in what matters: the headers of the members and the directory at the end.
    start = data.draw(st.sampled_from([0, max(0, len(content) - 1500)]))
    for _ in range(data.draw(st.integers(1, 4))):
        at = start + data.draw(st.integers(0, min(1500, len(content) - start) - 1))
        content[at] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    damaged = saved.with_name("damaged.npz")
    damaged.write_bytes(content)
    try:
        load_landmarks(damaged)
    except InputError as error:
        assert str(damaged) in str(error)


def test_compressed_archives_are_read_too(saved: Path) -> None:
    with np.load(saved) as file:
        arrays = dict(file)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    saved.write_bytes(buffer.getvalue())
    assert len(load_landmarks(saved)) == 5
