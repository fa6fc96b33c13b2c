"""The OpenSim files, read back by readers that know nothing of the writer."""

from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from bodies import UPRIGHT, Leg, build_pose

from coach.body.landmarks import INDEX, LANDMARK_NAMES
from coach.body.pose import Pose, SourceFacts
from coach.output.opensim import MOT_COLUMNS, MotWriter, TrcWriter

FACTS = SourceFacts("morning.mp4", 1280, 720, 20.0, 20, 1.0)


def read_mot(path):
    """Header keys, column names and numbers, by the letter of OpenSim's format."""
    lines = path.read_text().split("\n")
    end = lines.index("endheader")
    keys = dict(line.split("=", 1) for line in lines[1:end] if "=" in line)
    rows = [[float(cell) for cell in line.split("\t")] for line in lines[end + 2 :] if line]
    return keys, lines[end + 1].split("\t"), np.array(rows)


@pytest.fixture
def written(tmp_path, session_ticks):
    with (
        MotWriter(tmp_path / "angles.mot") as mot,
        TrcWriter(tmp_path / "landmarks.trc", lambda: FACTS) as trc,
    ):
        for tick in session_ticks:
            mot.write(tick)
            trc.write(tick)
    return tmp_path, session_ticks


def test_mot_header_counts_what_follows(written):
    folder, ticks = written
    keys, columns, rows = read_mot(folder / "angles.mot")
    assert keys["version"] == "1"
    assert keys["inDegrees"] == "yes"
    assert (int(keys["nRows"]), int(keys["nColumns"])) == rows.shape == (len(ticks), 9)
    assert tuple(columns) == MOT_COLUMNS
    assert set(columns[1:]) == {
        f"{angle}_{side}"
        for angle in ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle")
        for side in "lr"
    }


def test_mot_angles_are_those_of_the_ticks_with_the_gait_models_signs(written):
    folder, ticks = written
    _, columns, rows = read_mot(folder / "angles.mot")
    values = dict(zip(columns, rows.T, strict=True))
    left = [tick.sides["left"] for tick in ticks]
    np.testing.assert_allclose(values["time"], [tick.time_s for tick in ticks], atol=1e-6)
    np.testing.assert_allclose(values["hip_rotation_l"], [s.rotation.value_deg for s in left], atol=1e-4)
    np.testing.assert_allclose(values["hip_adduction_l"], [s.hip_adduction_deg for s in left], atol=1e-4)
    np.testing.assert_allclose(values["knee_angle_l"], [-s.knee_flexion_deg for s in left], atol=1e-4)
    assert np.isnan(values["hip_rotation_r"]).all()  # withheld, not zero


def test_mot_is_read_by_pyomeca(written):
    pyomeca = pytest.importorskip("pyomeca", reason="pyomeca, an independent reader, is not installed")
    folder, ticks = written
    read = pyomeca.Analogs.from_mot(str(folder / "angles.mot"), pandas_kwargs={"sep": "\t"})
    assert list(read.channel.values) == list(MOT_COLUMNS[1:])
    np.testing.assert_allclose(read.time, [tick.time_s for tick in ticks], atol=1e-6)
    np.testing.assert_allclose(
        read.sel(channel="hip_flexion_l"), [tick.sides["left"].hip_flexion_deg for tick in ticks], atol=1e-4
    )


def test_trc_is_read_by_trc_data_reader(written):
    trc = pytest.importorskip("trc", reason="trc-data-reader, an independent reader, is not installed")
    folder, ticks = written
    read = trc.TRCData()
    read.load(str(folder / "landmarks.trc"))
    assert read["Markers"] == list(LANDMARK_NAMES)
    assert read["NumFrames"] == len(ticks) == len(read["Frame#"])
    assert read["Units"] == "m"
    assert read["DataRate"] == 20.0
    np.testing.assert_allclose(read["Time"], [tick.time_s for tick in ticks], atol=1e-6)


def write_one(path, tick, pose):
    with TrcWriter(path, lambda: FACTS) as sink:
        sink.write(replace(tick, pose=pose))
    lines = path.read_text().split("\n")
    names = [name for name in lines[3].split("\t")[2:] if name]
    cells = [float(cell) for cell in lines[6].split("\t")]
    return dict(zip(names, np.reshape(cells[2:], (-1, 3)), strict=True))


def test_trc_axes_are_forward_up_and_right(tmp_path, make_tick):
    pose = build_pose(0.0, Leg(), Leg(), UPRIGHT)  # sitting upright, facing the camera
    points = write_one(tmp_path / "one.trc", make_tick(0.0), pose)
    assert points["nose"][1] > 0.5  # up
    assert points["left_knee"][0] > 0.3  # in front of the hips
    assert points["right_hip"][2] > 0.05 > -0.05 > points["left_hip"][2]
    lengths = [
        np.linalg.norm(world[INDEX["left_knee"]] - world[INDEX["left_hip"]])
        for world in (pose.world_m, np.array(list(points.values())))
    ]
    assert lengths[0] == pytest.approx(lengths[1], abs=1e-4)


def test_nobody_seen_is_nan_in_every_column(tmp_path, make_tick):
    points = write_one(tmp_path / "none.trc", make_tick(0.0), Pose.missing(0.0))
    assert all(isnan(value) for point in points.values() for value in point)


@pytest.mark.parametrize("kind", [MotWriter, lambda path: TrcWriter(path, lambda: FACTS)])
def test_nothing_remains_of_a_failed_run(tmp_path, make_tick, kind):
    with pytest.raises(RuntimeError), kind(tmp_path / "x.out") as sink:
        sink.write(make_tick(0.0))
        raise RuntimeError
    assert not list(tmp_path.iterdir())
