"""What a check comes to, and the question to a fresh process that many of them are.

Libraries are tried in processes of their own, so that one which crashes, hangs or chats on import is
reported like any other.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

_IMPORT_LIMIT_S = 60.0

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
