"""Imports MediaPipe without the plotting and audio libraries that it loads and we never use.

Its vision package imports matplotlib.pyplot for drawing helpers, its audio package sounddevice: together
most of the second that `import mediapipe` takes.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

UNUSED = ("matplotlib", "matplotlib.pyplot", "sounddevice")


@contextmanager
def without_unused_libraries() -> Iterator[None]:
    """Let empty modules stand in for `UNUSED` while MediaPipe is imported; afterwards they are gone.

    Libraries that are loaded already stay as they are, and who imports them later gets the real ones.
    """
    stand_ins = {name: ModuleType(name) for name in UNUSED if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, module in stand_ins.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
