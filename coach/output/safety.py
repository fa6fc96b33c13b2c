"""The first-run screen: what people have to have read once before they are coached."""

from pathlib import Path
from typing import Final

from platformdirs import user_data_path

from coach.output.wording import DISCLAIMER

SAFETY: Final = (
    "Before you start",
    DISCLAIMER,
    "Ask your doctor first after a hip replacement, recent surgery or a fracture, in pregnancy, or with a "
    "known impingement of the hip.",
    "Stop at once at sharp groin pain, pinching, knee pain or numbness.",
    "Never force the movement beyond what is comfortable today.",
    "You can always stop: raise a hand, or press space.",
)


def is_acknowledged(folder: Path | None = None) -> bool:
    """Whether somebody on this account has said that they have read it."""
    return _mark(folder).is_file()


def acknowledge(folder: Path | None = None) -> None:
    """Remember that it was read; where that cannot be written it will simply be shown again."""
    mark = _mark(folder)
    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text("The safety notes were read and accepted.\n", encoding="utf-8")
    except OSError:
        return


def _mark(folder: Path | None) -> Path:
    return (folder or user_data_path("hip-coach", appauthor=False)) / "safety_read.txt"
