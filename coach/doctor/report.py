"""`coach doctor`: every check, a line for each, and what that means for analysing and for live sessions."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from coach.doctor.check import Check
from coach.doctor.devices import check_camera, check_voice
from coach.doctor.files import check_data_folder, check_model
from coach.doctor.libraries import check_av, check_mediapipe, check_opencv, check_python
from coach.errors import ModelError


def run_checks() -> list[Check]:
    """Look at everything; takes a few seconds, and the camera's light may come on."""
    checks: tuple[Callable[[], Sequence[Check]], ...] = (
        lambda: [check_python()],
        check_opencv,
        lambda: [check_mediapipe()],
        check_av,
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
