"""MediaPipe loads without the libraries that we do not use, and nobody else is harmed."""

import subprocess
import sys

LOAD = """
import sys
from coach.vision.lean_import import without_unused_libraries
with without_unused_libraries():
    import mediapipe
"""


def run(code):
    return subprocess.run([sys.executable, "-c", LOAD + code], capture_output=True, text=True, check=False)


def test_plotting_and_audio_are_not_loaded():
    result = run("print([n for n in sys.modules if n.startswith(('matplotlib', 'sounddevice'))])")
    assert result.stdout.strip() == "[]", result.stderr


def test_mediapipes_own_sound_and_text_are_not_loaded():
    parts = "('mediapipe.tasks.python.audio.', 'mediapipe.tasks.python.text.')"
    result = run(f"print([n for n in sys.modules if n.startswith({parts})])")
    assert result.stdout.strip() == "[]", result.stderr


def test_mediapipes_own_text_can_still_be_imported_afterwards():
    result = run("from mediapipe.tasks.python import text; print(text.TextClassifier.__name__)")
    assert result.stdout.strip() == "TextClassifier", result.stderr


def test_real_plotting_can_still_be_imported_afterwards():
    result = run("import matplotlib.pyplot; print(callable(matplotlib.pyplot.plot))")
    assert result.stdout.strip() == "True", result.stderr


def test_a_library_that_is_loaded_already_stays():
    code = """
import sys
import matplotlib
from coach.vision.lean_import import without_unused_libraries
with without_unused_libraries():
    assert sys.modules["matplotlib"] is matplotlib
assert sys.modules["matplotlib"] is matplotlib
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
