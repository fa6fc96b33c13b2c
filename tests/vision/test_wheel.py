import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tiny_model import tiny_networks

from coach.errors import ModelError
from coach.vision import wheel
from coach.vision.download import UnreachableError
from coach.vision.wheel import DETECTOR_FILE, LANDMARKS_FILE, fetch_networks


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all pip can get packages from, set the way a user would: in pip's configuration."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def put_wheel(shelf: Path, members: dict[str, bytes], platform: str = "manylinux_2_28_x86_64") -> None:
    info = "mediapipe-0.10.21.dist-info"
    with zipfile.ZipFile(shelf / f"mediapipe-0.10.21-cp311-cp311-{platform}.whl", "w") as archive:
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: mediapipe\nVersion: 0.10.21\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\n")
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture
def expect_tiny_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    for constant, data in zip(("DETECTOR_FILE", "LANDMARKS_FILE"), tiny_networks(), strict=True):
        name = getattr(wheel, constant)[0]
        monkeypatch.setattr(wheel, constant, (name, hashlib.sha256(data).hexdigest()))


@pytest.mark.usefixtures("expect_tiny_networks")
@pytest.mark.parametrize("platform", ["manylinux_2_28_x86_64", "win_amd64", "macosx_11_0_universal2"])
def test_the_networks_come_out_of_any_platforms_wheel(shelf: Path, platform: str) -> None:
    networks = tiny_networks()
    put_wheel(
        shelf, {DETECTOR_FILE[0]: networks.detector, LANDMARKS_FILE[0]: networks.landmarks}, platform=platform
    )
    assert fetch_networks() == networks


def test_networks_other_than_the_pinned_ones_are_refused(shelf: Path) -> None:
    put_wheel(shelf, {DETECTOR_FILE[0]: b"not it", LANDMARKS_FILE[0]: b"nor this"})
    with pytest.raises(ModelError, match=f"expected SHA-256 {DETECTOR_FILE[1]}, got "):
        fetch_networks()


def test_a_wheel_without_networks_is_refused(shelf: Path) -> None:
    put_wheel(shelf, {})
    with pytest.raises(ModelError, match=r"is not the wheel expected"):
        fetch_networks()


def test_a_package_index_without_the_wheel_counts_as_unreachable(shelf: Path) -> None:
    assert not list(shelf.iterdir())
    with pytest.raises(UnreachableError, match=r"pip cannot get mediapipe==0\.10\.21 \(No matching"):
        fetch_networks()


def test_a_python_without_pip_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    python = next((tmp_path / "bare").glob("[bS]*/python*"))
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(UnreachableError, match="pip is not installed in this Python"):
        fetch_networks()
