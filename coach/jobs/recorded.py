"""What the jobs on recorded footage share, whatever they make of it."""

from collections.abc import Callable
from pathlib import Path

from coach.errors import NotMeasurableError
from coach.pipeline import PoseDetector
from coach.vision.detector import MediaPipeDetector
from coach.vision.model_store import find_model

LANDMARKS_SUFFIX = ".npz"

Progress = Callable[[float, float | None], None]
"""Told (seconds done, seconds in all or None) as the job goes."""

OpenDetector = Callable[[str | None], PoseDetector]
"""Makes a detector for one source from the model asked for (see `coach.vision.model_store.find_model`)."""


def open_detector(model: str | None) -> PoseDetector:
    """MediaPipe with the model found or fetched."""
    return MediaPipeDetector(find_model(model))


def require_somebody(found_anybody: bool, path: Path) -> None:
    """Raise `NotMeasurableError` where nobody was seen in this footage."""
    if not found_anybody:
        raise NotMeasurableError(
            f"Expected a person in {path.name}, found nobody. "
            "Film the whole body in good light, two to three metres away."
        )
