"""Screen, camera and voice: what a live session wants."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from coach.doctor.check import Answer, Check, ask

_CAMERA_LIMIT_S = 15.0
_ASK_CAMERA = """
import cv2, json
camera = cv2.VideoCapture(0)
opened = camera.isOpened()
read, image = camera.read() if opened else (False, None)
print(json.dumps({"opened": opened, "size": [image.shape[1], image.shape[0]] if read else None}))
"""


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
