"""Running `coach batch` as people do, watching it, and comparing what it left."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

EXERCISE = "seated-rotation"
ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sample_videos" / "seated_rotation_left.mp4"


def batch_command(*arguments):
    return [sys.executable, "-m", "coach.cli", "batch", *map(str, arguments)]


def run_batch_command(*arguments):
    """`coach batch` run to its end."""
    return subprocess.run(
        batch_command(*arguments), cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )


def start_batch_command(*arguments):
    """`coach batch` in a process group of its own, as a terminal would have it."""
    return subprocess.Popen(
        batch_command(*arguments),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_records(out, count, process):
    """Wait until so many videos are finished; the run must still be under way then."""
    for _ in range(1200):
        if len(list(out.glob("videos/*/batch.json"))) >= count:
            break
        time.sleep(0.05)
    assert process.poll() is None, "the run ended before it could be interrupted"


def read_tree(out):
    """Every result file's content by name; of a record, all but the time that it took."""
    tree = {}
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.name != ".lock":
            content = path.read_bytes()
            if path.name == "batch.json":
                record = json.loads(content)
                record.pop("cpu_s")
                content = json.dumps(record).encode()
            tree[path.relative_to(out).as_posix()] = content
    return tree


def worker_processes(parent):
    """Process ids of a batch's workers (Linux)."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
