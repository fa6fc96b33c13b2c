"""Python, and the libraries that read videos, find people and write videos."""

import csv
import importlib.metadata
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

from coach.doctor.check import Answer, Check, ask
from coach.doctor.devices import check_display

_OPENCV = (
    "opencv-python",
    "opencv-contrib-python",
    "opencv-python-headless",
    "opencv-contrib-python-headless",
)
_PYTHON = (3, 11)
_MEDIAPIPE = (1, 2)
_REINSTALL = "python -m pip install --force-reinstall"
_ASK_OPENCV = """
import cv2, json
print(json.dumps({
    "version": cv2.__version__,
    "files": cv2.videoio_registry.hasBackend(cv2.CAP_FFMPEG),
    "window": cv2.currentUIFramework() if hasattr(cv2, "currentUIFramework") else "unknown",
}))
"""
_ASK_MEDIAPIPE = """
import json, mediapipe
from mediapipe.tasks.python import vision
print(json.dumps({"version": mediapipe.__version__, "tasks": hasattr(vision, "PoseLandmarker")}))
"""
_ASK_AV = """
import av, json
found = []
for name in ("libx264", "libopenh264"):
    try:
        av.codec.Codec(name, "w")
        found.append(name)
    except (ValueError, av.error.FFmpegError):
        pass
print(json.dumps({"version": av.__version__, "encoders": found}))
"""


def check_python() -> Check:
    """The interpreter."""
    version = platform.python_version()
    if sys.version_info < _PYTHON:
        return Check("python", False, f"Expected Python 3.11 or newer, got {version}.", needed=True)
    if sys.maxsize < 2**32:
        return Check("python", False, "MediaPipe needs a 64-bit Python, this one has 32.", needed=True)
    return Check("python", True, f"Python {version} on {platform.system()} {platform.machine()}.")


def check_opencv() -> list[Check]:
    """OpenCV, of which several packages can be installed over each other, and the windows it can open."""
    installed = {name: version for name in _OPENCV if (version := installed_version(name))}
    missing = {name: count for name in installed if (count := count_missing_files(name))}
    answer = ask(_ASK_OPENCV)
    return [judge_opencv(installed, missing, answer), check_display(answer, os.environ, sys.platform)]


def installed_version(name: str) -> str | None:
    """The version of an installed package, None when it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def count_missing_files(name: str) -> int:
    """How many of a package's own files are gone, as when a package sharing them was uninstalled."""
    # Read by hand: the library's own list of files leaves out those that are gone, depending on its version.
    distribution = importlib.metadata.distribution(name)
    record = csv.reader((distribution.read_text("RECORD") or "").splitlines())
    files = (row[0] for row in record if row and not row[0].endswith(".pyc"))
    return sum(1 for file in files if not Path(str(distribution.locate_file(file))).exists())


def judge_opencv(installed: Mapping[str, str], missing: Mapping[str, int], answer: Answer) -> Check:
    """Whether the installed packages make one working `cv2`, given what it answered when imported.

    installed  package -> version · missing  package -> number of files gone
    """
    have = _list_packages(installed)
    problem = _opencv_conflict(installed, missing)
    if problem is None and "libGL" in str(answer.get("error")):
        sentence = "A system library is missing; on Debian and Ubuntu: sudo apt install libgl1 libglib2.0-0"
        return Check("opencv", False, sentence, needed=True)
    version = str(answer.get("version", ""))
    if problem is None and "error" in answer:
        problem = f"It cannot be imported ({answer['error']})"
    elif problem is None and _differ(installed, version):
        problem = f"Installed are {have}, but import cv2 finds {version}"
    elif problem is None and not answer.get("files"):
        problem = "It was built without FFmpeg and reads no video files"
    if problem is not None:
        return Check("opencv", False, f"{problem}. Repair: {_opencv_repair(installed)}", needed=True)
    return Check("opencv", True, f"OpenCV {version} ({have or 'not installed by pip'}).")


def _list_packages(installed: Mapping[str, str]) -> str:
    return " and ".join(f"{name} {version}" for name, version in installed.items())


def _opencv_conflict(installed: Mapping[str, str], missing: Mapping[str, int]) -> str | None:
    if len(set(installed.values())) > 1:
        return (
            f"{_list_packages(installed)} are installed over each other; all of them own the folder cv2, so "
            "it is a mixture"
        )
    if missing:
        gone = " and ".join(f"{count} files of {name}" for name, count in missing.items())
        return f"{gone} are missing"
    return None


def _differ(installed: Mapping[str, str], version: str) -> bool:
    """Whether the `cv2` that Python finds is not the one installed; wheels add a fourth number."""
    return any(claimed.split(".")[:3] != version.split(".")[:3] for claimed in installed.values())


def _opencv_repair(installed: Mapping[str, str]) -> str:
    if not installed:
        return "python -m pip install opencv-python opencv-contrib-python"
    newest = max(installed.values(), key=_version_key)
    return (
        f"python -m pip uninstall -y {' '.join(installed)} && python -m pip install --no-deps "
        f"opencv-python=={newest} opencv-contrib-python=={newest}"
    )


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def check_mediapipe() -> Check:
    """The library that runs the pose model."""
    return judge_mediapipe(ask(_ASK_MEDIAPIPE))


def judge_mediapipe(answer: Answer) -> Check:
    """Whether it is there and new enough, given what it answered when imported."""
    if "error" in answer:
        return Check(
            "mediapipe",
            False,
            f"It cannot be imported ({answer['error']}): {_REINSTALL} mediapipe",
            needed=True,
        )
    version = str(answer["version"])
    if _version_key(version)[:2] < _MEDIAPIPE or not answer.get("tasks"):
        return Check(
            "mediapipe",
            False,
            f'Expected 1.2 or newer, got {version}: python -m pip install --upgrade "mediapipe>=1.2"',
            needed=True,
        )
    return Check("mediapipe", True, f"MediaPipe {version}.")


def check_av() -> list[Check]:
    """PyAV: odd videos are read and annotated ones written with it."""
    return judge_av(ask(_ASK_AV))


def judge_av(answer: Answer) -> list[Check]:
    """Whether it is there and can write H.264, given what it answered when imported."""
    if "error" in answer:
        return [
            Check("pyav", False, f"It cannot be imported ({answer['error']}): {_REINSTALL} av", needed=True)
        ]
    encoders = answer.get("encoders")
    have = Check("pyav", True, f"PyAV {answer['version']}.")
    if not isinstance(encoders, list) or not encoders:
        return [
            have,
            Check(
                "codecs",
                False,
                "No H.264 encoder (libx264 or libopenh264), so no annotated video: install PyAV's own "
                "wheel, or use --no-video: " + f"{_REINSTALL} --only-binary av av",
            ),
        ]
    return [have, Check("codecs", True, f"Annotated videos are written as H.264 with {encoders[0]}.")]
