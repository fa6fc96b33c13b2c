"""What works on this machine, and what to install where it does not: `coach doctor`.

Libraries are tried in processes of their own, so that one which crashes, hangs or chats on import is
reported like any other.
"""

import csv
import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from coach.errors import ModelError

_OPENCV = (
    "opencv-python",
    "opencv-contrib-python",
    "opencv-python-headless",
    "opencv-contrib-python-headless",
)
_PYTHON = (3, 11)
_MEDIAPIPE = (1, 2)
_IMPORT_LIMIT_S = 60.0
_CAMERA_LIMIT_S = 15.0
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
_ASK_CAMERA = """
import cv2, json
camera = cv2.VideoCapture(0)
opened = camera.isOpened()
read, image = camera.read() if opened else (False, None)
print(json.dumps({"opened": opened, "size": [image.shape[1], image.shape[0]] if read else None}))
"""

Answer = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at.

    name      a word or two
    ok        whether it works
    sentence  what works, or what is wrong and how to repair it
    needed    whether analysing a video is impossible without it
    """

    name: str
    ok: bool
    sentence: str
    needed: bool = False


def run_checks() -> list[Check]:
    """Look at everything; takes a few seconds, and the camera's light may come on."""
    checks: tuple[Callable[[], Sequence[Check]], ...] = (
        lambda: [check_python()],
        check_opencv,
        lambda: [check_mediapipe(ask(_ASK_MEDIAPIPE))],
        lambda: check_av(ask(_ASK_AV)),
        lambda: [check_model()],
        lambda: [check_camera()],
        lambda: [check_voice()],
        lambda: [check_data_folder()],
    )
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        return [check for found in pool.map(lambda look: look(), checks) for check in found]


def print_report(checks: Sequence[Check]) -> int:
    """Print one line for each check; returns the exit code, 0 unless a video cannot be analysed."""
    width = max((len(check.name) for check in checks), default=0)
    for check in checks:
        mark = "ok  " if check.ok else ("FAIL" if check.needed else "note")
        print(f"{mark}  {check.name:<{width}}  {check.sentence}")
    broken = [check for check in checks if check.needed and not check.ok]
    print()
    if not broken:
        print(f"Videos can be analysed here. {describe_live(checks)}".rstrip())
        return 0
    print(f"Videos cannot be analysed here until this is put right: {', '.join(c.name for c in broken)}.")
    return ModelError.exit_code if all(check.name == "model" for check in broken) else 1


def describe_live(checks: Sequence[Check]) -> str:
    """What a live session is like here, as a sentence; empty when that was not looked at."""
    works = {check.name: check.ok for check in checks}
    if not {"camera", "display", "voice"} <= works.keys():
        return ""
    window = "a window" if works["display"] else "lines of text instead of a window"
    voice = "a voice" if works["voice"] else "no sound"
    if works["camera"]:
        return f"Live sessions work, with {window} and {voice}."
    return f"Live sessions want a camera, or a video file as --camera; they would have {window} and {voice}."


def ask(code: str, limit_s: float = _IMPORT_LIMIT_S) -> Answer:
    """Run a few lines of Python in a fresh process; its answer, or {"error": why there is none}."""
    environment = os.environ | {"OPENCV_LOG_LEVEL": "SILENT", "OPENCV_FFMPEG_LOGLEVEL": "-8"}
    try:
        done = subprocess.run(  # -P: a file called cv2.py in the current folder is not meant
            [sys.executable, "-P", "-c", code],
            capture_output=True,
            timeout=limit_s,
            env=environment,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"no answer within {limit_s:.0f} s"}
    except OSError as error:
        return {"error": f"Python could not be started ({error})"}
    lines = done.stdout.decode(errors="replace").strip().splitlines()
    try:
        answer = json.loads(lines[-1]) if done.returncode == 0 and lines else None
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        return answer
    if done.returncode < 0:
        return {"error": f"it crashed with signal {-done.returncode}"}
    complaints = done.stderr.decode(errors="replace").strip().splitlines()
    return {"error": complaints[-1] if complaints else f"it ended with code {done.returncode}"}


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


def check_display(opencv: Answer, environment: Mapping[str, str], system: str) -> Check:
    """Whether `coach live` can show its window."""
    toolkit = str(opencv.get("window", "unknown"))
    if not toolkit:
        return Check(
            "display",
            False,
            (
                "This OpenCV opens no windows: use --no-display, or put back the one that does: "
                "python -m pip install --force-reinstall opencv-python opencv-contrib-python"
            ),
        )
    unixes = not system.startswith(("win", "darwin"))
    if unixes and not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        return Check(
            "display",
            False,
            ("No screen is set (DISPLAY, WAYLAND_DISPLAY): use --no-display, or start on the desktop."),
        )
    return Check("display", True, "A screen is there for the live window.")


def check_mediapipe(answer: Answer) -> Check:
    """The library that runs the pose model."""
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


def check_av(answer: Answer) -> list[Check]:
    """PyAV: odd videos are read and annotated ones written with it."""
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


def check_model() -> Check:
    """The pose model: asked for by variable, in the cache, or still to be fetched."""
    from coach.vision.model_store import (  # noqa: PLC0415
        DEFAULT_MODEL,
        MODEL_VARIABLE,
        PINNED_SHA256,
        describe_models,
        find_model,
    )

    wanted = os.environ.get(MODEL_VARIABLE) or DEFAULT_MODEL
    if wanted not in PINNED_SHA256:
        try:
            model = find_model(wanted, prune=False, progress=False)
        except ModelError as error:
            return Check("model", False, f"{MODEL_VARIABLE} is set. {error}", needed=True)
        return Check("model", True, f"{model.path}, set by {MODEL_VARIABLE}.")
    status = next(s for s in describe_models() if s.name == wanted)
    if status.state == "ready":
        return Check("model", True, f"'{wanted}' is in {status.path.parent} ({status.origin}).")
    state = "is damaged" if status.state == "damaged" else "is not here yet"
    return Check(
        "model", False, f"'{wanted}' {state}; it is fetched when first needed, or now with: coach model fetch"
    )


def check_camera(index: int = 0, limit_s: float = _CAMERA_LIMIT_S) -> Check:
    """Whether the first camera can be opened and gives a picture; needed for live sessions only."""
    if sys.platform.startswith("linux"):
        devices = sorted(Path("/dev").glob("video*"))
        if not devices:
            return Check("camera", False, "No camera is connected (no /dev/video*): recorded videos work.")
        if not any(os.access(device, os.R_OK | os.W_OK) for device in devices):
            return Check(
                "camera",
                False,
                f"{devices[0]} may not be opened: join the group video and log in again.",
            )
    return judge_camera(ask(_ASK_CAMERA.replace("(0)", f"({index})"), limit_s))


def judge_camera(answer: Answer) -> Check:
    """What the attempt to open the camera says."""
    if "error" in answer:
        return Check("camera", False, f"The camera did not open: {answer['error']}.")
    if not answer.get("opened"):
        return Check("camera", False, "No camera was found, or it may not be used: see the privacy settings.")
    size = answer.get("size")
    if not isinstance(size, list):
        return Check("camera", False, "The camera opens but gives no picture: another program may hold it.")
    return Check("camera", True, f"The first camera gives pictures of {size[0]}×{size[1]}.")


def _is_heard(program: str) -> bool:
    """Whether sound comes out, tried with a syllable at volume zero where the program has a volume."""
    from coach.live.state import Say  # noqa: PLC0415
    from coach.output.voice import ProgramMouth  # noqa: PLC0415

    if not program.startswith("espeak"):
        return True
    return ProgramMouth((program, "-a", "0")).speak(Say("a", "guide", 0.0), lambda: False)


def check_voice(
    system: str = sys.platform,
    which: Callable[[str], str | None] = shutil.which,
    has_module: Callable[[str], bool] = lambda name: importlib.util.find_spec(name) is not None,
    is_heard: Callable[[str], bool] = _is_heard,
) -> Check:
    """Something that can speak the cues, and a sound card that it can be heard from."""
    programs = {"darwin": ("say",), "win32": ("powershell", "pwsh")}.get(
        system, ("espeak-ng", "espeak", "spd-say")
    )
    program = next((name for name in programs if which(name)), None)
    if program and not is_heard(program):
        return Check(
            "voice",
            False,
            f"{program} is here but finds no sound card: plug in a loudspeaker or headphones, or switch the "
            "sound on in the system's settings. Until then live sessions are silent.",
        )
    if program:
        return Check("voice", True, f"Cues are spoken with {program}.")
    # pyttsx3 brings no voice of its own on Linux: it needs espeak.
    if system in ("darwin", "win32") and has_module("pyttsx3"):
        return Check("voice", True, "Cues are spoken with pyttsx3.")
    return Check("voice", False, "Nothing here can speak; on Debian and Ubuntu: sudo apt install espeak-ng")


def check_data_folder(folder: Path | None = None) -> Check:
    """Whether the history can be kept; looks without creating the folder."""
    from platformdirs import user_data_path  # noqa: PLC0415

    wanted = folder or user_data_path("hip-coach", appauthor=False)
    existing = next((place for place in (wanted, *wanted.parents) if place.exists()), wanted)
    try:
        with tempfile.TemporaryFile(dir=existing):
            return Check("history", True, f"Sessions can be kept in {wanted}.")
    except OSError as error:
        why = error.strerror or str(error)
        return Check("history", False, f"{wanted} cannot be written ({why}): no history will be kept.")
