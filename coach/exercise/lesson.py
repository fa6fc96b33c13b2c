"""Where what was learnt of each exercise's rotation is kept (see `coach.rotation.learned`)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from coach.rotation.learned import LearnedReading

LEARNED = Path(__file__).parent / "learned"


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learnt of one exercise, by name; read from its file when it is first asked for."""

    name: str

    def __call__(self) -> LearnedReading:
        """The reading."""
        return _load(self.name)


def list_lessons() -> tuple[str, ...]:
    """Names of all exercises of which something was learnt."""
    return tuple(sorted(path.stem for path in LEARNED.glob("*.npz")))


@cache
def _load(name: str) -> LearnedReading:
    with np.load(LEARNED / f"{name}.npz") as stored:
        arrays = {key: stored[key].astype(np.float64) for key in stored}
    fields: dict[str, Any] = {key: value if value.ndim else float(value) for key, value in arrays.items()}
    return LearnedReading(**fields)
