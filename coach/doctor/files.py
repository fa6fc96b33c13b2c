"""The model file, and the folder that the history is kept in."""

import os
import tempfile
from pathlib import Path

from coach.doctor.check import Check
from coach.errors import ModelError


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
