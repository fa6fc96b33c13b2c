"""Imports MediaPipe without the libraries and the parts of itself that it loads and we never use.

Its vision package imports matplotlib.pyplot for drawing helpers, its audio package sounddevice: together
most of the second that `import mediapipe` takes.  Its packages for sound and text take a tenth of one more.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_TASKS = "mediapipe.tasks.python"
UNUSED = (
    *("matplotlib", "matplotlib.pyplot", "sounddevice"),
    *(f"{_TASKS}.{part}" for part in ("audio", "decision", "retrieval", "text")),
)


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
        _forget_parts(sys.modules.get(_TASKS), stand_ins)


def _forget_parts(package: ModuleType | None, stand_ins: dict[str, ModuleType]) -> None:
    """Take the stand-ins out of the package too, which would hand them to who asks it for a part."""
    for name, part in list(vars(package).items()) if package else ():
        if part is stand_ins.get(f"{_TASKS}.{name}", _TASKS):
            delattr(package, name)
